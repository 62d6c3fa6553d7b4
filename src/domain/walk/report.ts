import type { DecimalString, IsoDate, Sha256 } from '../types.js';
import type { BrokerCosts } from './costs.js';
import type { TicketDifference } from './difference.js';
import type { EndsEarly } from './worth.js';
import type { WalkOutcome } from './outcome.js';

/** What is said above every report of a walk, for no figure of it says it. */
export const SURVIVORSHIP =
  'The universe is a list of companies that are large today: those that failed or shrank meanwhile are not in it, so ' +
  'what is shown is better than what anybody could have had. A walk never approves a policy.';

/** The policy and universe that a walk was made by. */
export interface WalkedBy {
  /** The file of the policy. */
  file: string;
  policyHash: string;
  universeHash: string;
}

/** The same walk begun on another day, or at other costs. */
export interface Variant {
  name: string;
  from: IsoDate;
  /** As fractions; `annual` is null under one year. */
  change: number;
  annual: number | null;
  deepest: number;
  trades: number;
  /** Sessions without a value. */
  gaps: number;
  /** The last close that has a value: what the return goes to. */
  valuedTo: IsoDate;
}

/** A kill switch that was reset in a walk, and why it was engaged. */
export interface Reset {
  tradingDay: IsoDate;
  reason: string;
}

/**
 * What a walk takes for granted of the kill switch, in words.
 * @param sessions after which it is reset; null: never
 */
export const resetInWords = (sessions: number | null): string =>
  sessions === null
    ? 'nobody resets the kill switch: a drawdown at the limit ends trading'
    : `the kill switch is reset ${sessions} ${sessions === 1 ? 'session' : 'sessions'} after it was engaged, the loss ` +
      'accepted: the peak counts from there';

/** Everything that a report of a walk says. */
export interface WalkReport {
  schema: 1;
  account: string;
  baseCurrency: string;
  cash: DecimalString;
  by: WalkedBy;
  costs: BrokerCosts;
  assumptions: string[];
  outcome: WalkOutcome;
  /** Null where the last session is the one asked for. */
  endsEarly: EndsEarly | null;
  /** What no figure of it says: `SURVIVORSHIP`. */
  warning: string;
  /** Symbols that no price could be read of, with why. */
  unread: { symbol: string; why: string }[];
  /** What a human would have had to do, and did not: each once, with its first day. */
  problems: { tradingDay: IsoDate; problem: string; days: number }[];
  /** Resets of the kill switch in the walk itself, oldest first. */
  resets: Reset[];
  sensitivity: Variant[];
  /** The other policy on the same days; null where none was asked for. */
  against: { by: WalkedBy; outcome: WalkOutcome; resets: Reset[]; differences: TicketDifference[] } | null;
  /**
   * Walks that were made: in this report, each known by what it was asked for with, and others before it as far as the
   * folder or whoever asked says. The same walked again is no other one.
   */
  variants: { inThisReport: number; before: number; keys: Sha256[] };
}
