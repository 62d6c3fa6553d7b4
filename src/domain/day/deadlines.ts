import type { Instant, IsoDate } from '../types.js';

/** A live ticket that nobody has confirmed, and the deadlines of its day. */
export interface OpenTicket {
  ticketId: string;
  tradingDay: IsoDate;
  kind: 'TRADE' | 'NO_TRADE';
  issuedAt: Instant;
  remindAt: readonly Instant[];
  escalateAt: Instant;
}

export interface PassedDeadline {
  ticketId: string;
  tradingDay: IsoDate;
  kind: 'TRADE' | 'NO_TRADE';
  code: 'CONFIRMATION_DUE' | 'CONFIRMATION_OVERDUE';
  dueAt: Instant;
}

/** The deadlines that open tickets are past, oldest first: those that fell after the ticket was issued. */
export function passedDeadlines(tickets: readonly OpenTicket[], now: Instant): PassedDeadline[] {
  return tickets
    .flatMap(({ ticketId, tradingDay, kind, issuedAt, remindAt, escalateAt }) =>
      [...remindAt, escalateAt]
        .filter((dueAt) => Date.parse(dueAt) > Date.parse(issuedAt) && Date.parse(dueAt) <= Date.parse(now))
        .map((dueAt) => ({
          ticketId,
          tradingDay,
          kind,
          code: dueAt === escalateAt ? ('CONFIRMATION_OVERDUE' as const) : ('CONFIRMATION_DUE' as const),
          dueAt,
        })),
    )
    .toSorted((one, other) => Date.parse(one.dueAt) - Date.parse(other.dueAt));
}
