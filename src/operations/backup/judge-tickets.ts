import type { TicketProblems } from '../day/verify-tickets.js';

/** Tickets that were recomputed in a restored database. */
export interface JudgedTickets {
  verified: number;
  /** Those that differ as they did before, a line each: that is no fault of the restore. */
  differing: string[];
  /** Those that the restore would have changed, a line each. */
  problems: string[];
}

const LINES_A_TICKET = 3;

/**
 * Which tickets a restore is to blame for: those that do not come out of their own facts, and those that differ
 * otherwise than before. A bar that was restated differs from the ticket's on both sides.
 * @param before what differed in the prior database; null where it cannot tell, and only what is broken counts.
 */
export function judgeTickets(
  { tickets, problems }: { tickets: number; problems: ReadonlyMap<string, TicketProblems> },
  before: ReadonlyMap<string, TicketProblems> | null,
): JudgedTickets {
  const isWrong = ([id, { broken, moved }]: [string, TicketProblems]) =>
    broken.length > 0 || (before !== null && before.get(id)?.moved.join('\n') !== moved.join('\n'));
  const line = ([id, { broken, moved }]: [string, TicketProblems]) =>
    `ticket ${id}: ${[...broken, ...moved].slice(0, LINES_A_TICKET).join('; ')}`;
  const all = [...problems];
  return {
    verified: tickets,
    differing: all.filter((entry) => !isWrong(entry)).map(line),
    problems: all.filter(isWrong).map(line),
  };
}
