import { standingEntries, type BookedEntry } from '../../ledger/sums.js';
import { D, type Decimal } from '../../money.js';
import type { CorporateAction, DecimalString, Instant, IsoDate, TicketLine } from '../../types.js';
import type { LedgerAccount } from '../../ledger/entries.js';
import type { StatementEvent } from '../statement.js';

/** A ticket whose fills may be missing. */
export interface TicketOfDay {
  ticketId: string;
  tradingDay: IsoDate;
  isConfirmed: boolean;
  lines: readonly Pick<TicketLine, 'sequence' | 'symbol' | 'side'>[];
}

/** What a statement is held against. */
export interface LedgerFacts {
  /** Whose ledger it is: a command that is told names it, or another account's would be booked. */
  account: string;
  baseCurrency: string;
  /** The whole journal, in booking order. */
  entries: readonly BookedEntry[];
  /**
   * The statement's currency for one of base, of a date or of a few days before it; null where none is stored, for an
   * older one says nothing of that date.
   */
  rateOn(date: IsoDate): DecimalString | null;
  /** Splits and dividends that a source has told of, and that a human let pass. */
  actions: readonly CorporateAction[];
  /** TRADE tickets that book to the ledger, of the days that are compared and of some before them, oldest first. */
  tickets: readonly TicketOfDay[];
  unitsTolerance: DecimalString;
  /** Other statements of the account that count: of what, and until when, each of them tells. */
  others: readonly { from: Instant; until: Instant }[];
  /** Rows that those have of days some days beyond the period, in the statement's currency; no trades. */
  toldBeside: readonly StatementEvent[];
  /** Trades that those tell of some years beyond the period. */
  tradesBeside: readonly StatementEvent[];
}

/** Days that somebody may have dated a movement of cash wrongly by. */
export const MOVEMENT_DAYS = 5;

/**
 * Whether another statement begins or ends between two instants: it tells of one of them alone, or its cash is of
 * between them.
 */
export const isSplitByAnother = (one: Instant, two: Instant, { others }: Pick<LedgerFacts, 'others'>): boolean =>
  others.some(({ from, until }) => (one < from && from <= two) || (one <= until && until < two));

/** Trades of several statements, each once: a first row is told otherwise by the statement that begins with it. */
export const onlyOnce = (trades: readonly StatementEvent[]): StatementEvent[] => [
  ...new Map(trades.map((trade) => [`${trade.positionId} ${trade.kind} ${trade.at}`, trade])).values(),
];

/** What an entry moves of an account, by commodity. */
export const movedBy = ({ postings }: BookedEntry, account: LedgerAccount, commodity: string): Decimal =>
  postings
    .filter((posting) => posting.account === account && posting.commodity === commodity)
    .reduce((sum, { amount }) => sum.plus(amount), D(0));

/** Standing entries that are not of the period: of what no entry of it books, one may be dated beyond it by mistake. */
export function besidePeriod({ entries }: Pick<LedgerFacts, 'entries'>, within: readonly BookedEntry[]): BookedEntry[] {
  const isWithin = new Set(within);
  return standingEntries(entries).filter((entry) => !isWithin.has(entry));
}

/** What is said where an entry beyond the period has the same figures: whoever booked it again might book it twice. */
export const mayBe = ({ entryId, effectiveDate }: BookedEntry): string =>
  `no entry of the period books it, and entry ${entryId} of ${effectiveDate} has the same figures: ` +
  'look at eToro whether that is this one with another date before anything is booked; if so, reverse it, then import again';
