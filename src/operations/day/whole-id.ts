import { ticketsBeginning } from '../../db/tickets.js';
import type { Db } from '../../db/connect.js';
import { refusal, usageError } from '../../domain/errors.js';
import { isBeginningOfId, isUuid } from '../../domain/shapes.js';
import { bounded } from '../../domain/text.js';

const REMEDY = { remedy: 'trading-ops tickets-last' };

/**
 * The whole id of the ticket that is meant by it or by its first eight characters or more.
 * @throws OpsError TICKET_INVALID for what is no id, TICKET_UNKNOWN, ID_AMBIGUOUS naming those it may mean
 */
export async function wholeTicketId(db: Db, asked: string): Promise<string> {
  const begins = asked.toLowerCase();
  if (isUuid(begins)) return begins;
  if (!isBeginningOfId(begins))
    throw usageError(
      'TICKET_INVALID',
      `ticket: ${bounded(asked)}: must be the id of a ticket, a UUID, or at least its first eight characters`,
      REMEDY,
    );
  const found = await ticketsBeginning(db, begins);
  return theOne('ticket', asked, found, () =>
    refusal('TICKET_UNKNOWN', `ticket: ${bounded(asked)}: there is no such ticket`, REMEDY),
  );
}

/** The one id that was found. @throws OpsError ID_AMBIGUOUS where there are several, what `none` makes where there is none */
export function theOne(what: string, asked: string, found: readonly string[], none: () => Error): string {
  const [id, ...others] = found;
  if (id === undefined) throw none();
  if (others.length === 0) return id;
  throw refusal(
    'ID_AMBIGUOUS',
    `${what}: ${bounded(asked)}: ${found.length} begin like that: ${found.slice(0, 5).join(', ')}`,
    {
      remedy: 'give one of them whole',
    },
  );
}
