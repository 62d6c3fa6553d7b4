import type { Decision, DecimalString, IsoDate } from '../../domain/types.js';
import type { BrokerMarket, Execute } from '../broker.js';
import type { PlannedRuling } from '../rulings.js';
import { simulateDays, type SimulatedDay } from '../run.js';
import type { Archive } from './archive.js';
import { MemoryDesk, type IssuedTicket, type Rules } from './desk.js';
import { Feed } from './feed.js';
import { handsOn, standingOf } from './system.js';

/** What a walk is made of: the past and future of the market, the rules, the broker, and the days. */
export interface WalkOf {
  archive: Archive;
  rules: Rules;
  /** What the broker sees of the market: it alone trades at a day's own open. */
  market: BrokerMarket;
  /** How the broker fills a ticket; left out: at the opening price, at no cost. */
  fill?: Execute;
  cash: DecimalString;
  /** Sessions after which the kill switch is reset; left out or null: nobody resets it. */
  resetAfter?: number | null;
  rulings: readonly PlannedRuling[];
  from: IsoDate;
  to: IsoDate;
  onDay?(day: SimulatedDay): void;
  /** Told of every decision, with all that it was made of. */
  onDecision?(ticket: IssuedTicket, decision: Decision): void;
}

/** What a walk came to: its days, and the ticket of each. */
export interface Walked {
  days: SimulatedDay[];
  tickets: readonly IssuedTicket[];
  desk: MemoryDesk;
}

/**
 * Walks the sessions of a time past by the rules alone: the same steps, rules and simulated people as `simulate`, on
 * facts in memory. The day's rules are handed what was delivered up to its as-of date and have no way to the archive.
 * @throws OpsError at the first day on which ledger and broker differ, a fault that names it
 */
export async function walk({
  archive,
  rules,
  market,
  rulings,
  onDay = () => undefined,
  onDecision = () => undefined,
  resetAfter = null,
  ...rest
}: WalkOf): Promise<Walked> {
  const desk = new MemoryDesk(rules);
  const feed = new Feed(archive, rules.policy);
  const days = await simulateDays({
    ...rest,
    hands: handsOn(desk, feed, { onDecision, resetAfter }),
    standing: standingOf(desk),
    market,
    policy: rules.policy,
    account: rules.account.account,
    universe: rules.universe.map(({ internalSymbol }) => internalSymbol),
    rulings,
    onDay,
  });
  return { days, tickets: desk.tickets, desk };
}
