import type { StoredTicket } from '../../db/tickets.js';
import { inSeries } from '../../domain/text.js';

/** What is known of tickets beside what is stored of them, by their ids. */
export interface TicketDoubts {
  /** Those of which no order is to be placed. */
  groundless: ReadonlyMap<string, string>;
  /** Those whose answer does not count; `waits` where all that is wanted is another person's signature. */
  unproved: ReadonlyMap<string, { waits: string[] | null }>;
}

/** The cell of a list that says whether a ticket has its answer. */
export function answeredWord(
  { ticketId, confirmed }: Pick<StoredTicket, 'ticketId' | 'confirmed'>,
  { groundless, unproved }: TicketDoubts,
): string {
  if (!confirmed) return groundless.has(ticketId) ? 'no: TICKET_DIFFERS' : 'no';
  const why = unproved.get(ticketId);
  if (why === undefined) return 'yes';
  return why.waits === null ? 'no: TICKET_UNCONFIRMED' : 'waits for the signature of another person';
}

/** In whose names an answer stands: who gave it, and who else signed it. @param signers with keys of their own */
export const namesOf = (operator: string, signers: readonly string[]): string =>
  inSeries([...new Set([operator, ...signers])], 'and');
