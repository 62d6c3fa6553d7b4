import type { IssueReply } from './day-messages.js';

/** The server takes messages of 2 MB at most; so many tickets, and so many reasons of each, stay well below it. */
const TICKETS_MAX = 50;
const REASONS_MAX = 40;

/**
 * What a run's reply says of its tickets: the first fifty, and how many there are where that is more. Every code of a
 * ticket is told, but
 * not every subject of it. All of them are stored, and `tickets-last` lists them.
 */
export function boundedTickets(tickets: readonly IssueReply[]): { tickets: IssueReply[]; ticketsInAll?: number } {
  const told = tickets.slice(0, TICKETS_MAX).map((ticket) => ({ ...ticket, reasons: boundedReasons(ticket.reasons) }));
  return { tickets: told, ...(tickets.length > TICKETS_MAX && { ticketsInAll: tickets.length }) };
}

function boundedReasons(reasons: IssueReply['reasons']): IssueReply['reasons'] {
  if (reasons.length <= REASONS_MAX) return reasons;
  const codes = new Set<string>();
  const first = reasons.filter(({ code }) => !codes.has(code) && codes.add(code));
  const others = reasons.filter((reason) => !first.includes(reason)).slice(0, Math.max(0, REASONS_MAX - first.length));
  const kept = new Set([...first, ...others]);
  return reasons.filter((reason) => kept.has(reason));
}
