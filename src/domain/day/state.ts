import type { Instant, IsoDate } from '../types.js';

/** Where a trading day stands. Each state is reached by a stored fact, so it can be recalled from the database. */
export type DayState = 'open' | 'reconciled' | 'ticketed' | 'confirmed' | 'closed';

export interface DayTicket {
  ticketId: string;
  kind: 'TRADE' | 'NO_TRADE';
  dryRun: boolean;
  /** Reason codes; empty for a TRADE. */
  codes: string[];
  issuedAt: Instant;
  windowClosesAt: Instant | null;
}

/** What is stored of a day: enough to open its workflow again at the step where it stood. */
export interface StoredDay {
  openedAt: Instant | null;
  reconciliation: { status: 'PASS' | 'FAIL'; at: Instant; codes: string[] } | null;
  ticket: DayTicket | null;
  confirmation: { confirmationId: string; operator: string; at: Instant } | null;
  closedAt: Instant | null;
}

/** The whole state of a day, as the query `day` returns it. */
export interface DayView extends StoredDay {
  account: string;
  tradingDay: IsoDate;
  state: DayState;
  waitingFor: string;
  outcome: string | null;
  /** Deadlines that have been announced. */
  announced: Instant[];
  /** Messages that were refused, newest last. */
  rejected: { message: string; why: string; at: Instant }[];
}

/** The state that follows from what is stored. */
export function dayState(day: StoredDay): DayState {
  // A day whose 14:00 run was missed is closed without a ticket; a late run may still issue one, and then it is owed an answer.
  if (day.closedAt && (day.confirmation || !day.ticket)) return 'closed';
  if (day.confirmation) return 'confirmed';
  if (day.ticket) return 'ticketed';
  return day.reconciliation?.status === 'PASS' ? 'reconciled' : 'open';
}

/** One line an operator understands: `NO_TRADE: NOT_REBALANCE_DAY`, `MISSED` for a day closed without a ticket. Null before. */
export function dayOutcome(day: StoredDay): string | null {
  if (!day.ticket) return day.closedAt ? 'MISSED' : null;
  const { kind, dryRun, codes } = day.ticket;
  return kind === 'TRADE' ? (dryRun ? 'TRADE (dry run)' : 'TRADE') : `NO_TRADE: ${[...new Set(codes)].join(', ')}`;
}

/** What the day waits for, in words. `london` turns an instant into UK time `HH:MM`. */
export function waitingFor(day: StoredDay, london: (instant: Instant) => string): string {
  switch (dayState(day)) {
    case 'open':
      return day.reconciliation
        ? 'a reconciliation that passes; the last one failed'
        : 'reconciliation with the broker';
    case 'reconciled':
      return '14:00, the ticket';
    case 'ticketed': {
      const ticket = day.ticket as DayTicket;
      const window =
        ticket.windowClosesAt && ticket.kind === 'TRADE' ? `, window closes ${london(ticket.windowClosesAt)}` : '';
      return `confirmation of ticket ${ticket.ticketId}, since ${london(ticket.issuedAt)}${window}`;
    }
    case 'confirmed':
      return 'close-out';
    case 'closed':
      return 'nothing';
  }
}

/**
 * The next deadline that has not been announced, or null. Deadlines count only while a ticket waits for its
 * confirmation, and only those that fall after it was issued.
 */
export function nextDeadline(day: StoredDay, deadlines: Instant[], announced: Instant[]): Instant | null {
  if (dayState(day) !== 'ticketed') return null;
  const issuedAt = (day.ticket as DayTicket).issuedAt;
  const open = deadlines.filter((deadline) => deadline > issuedAt && !announced.includes(deadline));
  return open.toSorted()[0] ?? null;
}

/** What an alert of a deadline is about: each deadline of a ticket is an alert of its own, whoever finds it passed. */
export const deadlineSubject = (ticketId: string, due: Instant): string => `${ticketId} at ${due}`;
