import type { DayView } from '../../domain/day/state.js';
import type { Policy } from '../../domain/policy/policy.js';
import { outcomeOf, resultOrThrow, type Outcome } from '../../domain/errors.js';
import type { Account, Instant } from '../../domain/types.js';
import { nextOfDay, nextOfGroundless, nextOfOlder } from '../../reports/catalogue/next.js';
import { isBookedSince } from '../../domain/reconciliation/outdated.js';
import { nextReconcile } from '../../reports/commands.js';
import { comparedUpTo } from '../../db/reconciliations.js';
import type { Gatehouse } from '../installation.js';
import { nextRun } from './next-run.js';
import { liveTicket, type StoredTicket } from '../../db/tickets.js';
import { olderTicket, type OlderTicket } from './older-ticket.js';
import { showDay, type DayLook } from './show.js';
import { groundlessWhy } from './verify-tickets.js';

/** Where a day stands, and what is done next. */
export interface NextStep {
  view: DayView;
  /** The ticket that the day has as it is stored. */
  ticket: StoredTicket | undefined;
  /** Why no order of its ticket is to be placed, for it was not decided on what is stored; null where it was. */
  groundless: string | null;
  /** The entry that was booked after the day's reconciliation, which counts no longer; null where none was. */
  bookedSince: number | null;
  /** The ticket of an earlier day that comes before everything; null where there is none. */
  older: OlderTicket | null;
  next: string;
}

/**
 * Where the day that is asked for stands, the newest that was opened when none is named, and what is typed next: the
 * same through whatever door. Refuses as `showDay`.
 */
export function nextStep(
  look: DayLook & Gatehouse,
  {
    account,
    tradingDay,
    at,
    policy,
  }: { account: Account; tradingDay?: string | undefined; at: Instant; policy: Policy },
): Promise<Outcome<NextStep>> {
  return outcomeOf(async () => {
    const { view, instead } = resultOrThrow(
      await showDay(look, { account: account.account, tradingDay, at, calendar: policy.calendar }),
    );
    // Also while the day's workflow knows of none: it is the ticket of the day to everybody who reads what is stored.
    const ticket = await liveTicket(look.db, account.account, view.tradingDay);
    const older = isTradeOpen(view)
      ? null
      : await olderTicket(look, { account: account.account, tradingDay: view.tradingDay, policy });
    const stands = { view, ticket, groundless: null, bookedSince: null, older };
    if (instead !== null) return { ...stands, next: older === null ? instead : nextOfOlder(older.ticketId) };
    const groundless = ticket ? await groundlessWhy(look.db, ticket) : null;
    if (ticket && groundless !== null) return { ...stands, groundless, next: nextOfGroundless(ticket.ticketId) };
    const bookedSince = view.state === 'reconciled' ? await bookedAfter(look.db, account.account) : null;
    if (older !== null) return { ...stands, bookedSince, next: nextOfOlder(older.ticketId) };
    if (bookedSince !== null) return { ...stands, bookedSince, next: nextReconcile(account) };
    const waitsFor = await nextRun(look.db, { account: account.account, tradingDay: view.tradingDay, at }, policy);
    return { ...stands, next: nextOfDay(view, waitsFor, account) };
  });
}

/** Orders that were issued have a window, and passed the gate that asks for what is older. */
const isTradeOpen = ({ state, ticket }: DayView): boolean => state === 'ticketed' && ticket?.kind === 'TRADE';

/** What the 14:00 gate will refuse: a booking after the figures were compared, until they are compared again. */
async function bookedAfter(db: DayLook['db'], account: string): Promise<number | null> {
  const { ledger, compared } = await comparedUpTo(db, account);
  return isBookedSince(ledger, compared) ? ledger : null;
}
