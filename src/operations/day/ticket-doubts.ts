import type { StoredTicket } from '../../db/tickets.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { TicketDoubts } from '../../reports/ticket/answered.js';
import type { Gatehouse } from '../installation.js';
import { unprovedAnswers } from './unproved-answers.js';
import { groundlessAmong } from './verify-tickets.js';

/**
 * What keeps tickets of a list from being what they are stored as: orders that nobody is to place, answers that do not
 * count.
 * @throws OpsError SIGNING_KEY_MISSING, KEYS_INVALID
 */
export async function doubtsAmong(
  where: Gatehouse,
  tickets: readonly Pick<StoredTicket, 'ticketId' | 'kind' | 'confirmed'>[],
  policy: Policy,
): Promise<TicketDoubts> {
  const answered = tickets.filter(({ confirmed }) => confirmed).map(({ ticketId }) => ticketId);
  return {
    groundless: await groundlessAmong(where.db, tickets),
    unproved: await unprovedAnswers(where, answered, policy),
  };
}
