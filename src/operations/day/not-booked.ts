import { confirmationInForce } from '../../db/confirmations.js';
import type { Db } from '../../db/connect.js';
import { isUuid } from '../../domain/shapes.js';
import type { KeptMessage } from './kept-messages.js';

/**
 * Those of an account's messages that are not booked yet: a worker that ends after it has booked an answer, and before
 * it has said so, leaves it at the day as if it waited.
 */
export async function notBooked(db: Db, kept: readonly KeptMessage[]): Promise<KeptMessage[]> {
  const booked = await Promise.all(
    kept.map(async ({ name, ticketId, contentHash, operator }) => {
      if (name !== 'confirm' || ticketId === null || !isUuid(ticketId)) return false;
      const stands = await confirmationInForce(db, ticketId);
      // The same by another person is the second signature.
      return stands !== null && stands.contentHash === contentHash && stands.operator === operator;
    }),
  );
  return kept.filter((_, place) => !booked[place]);
}
