import { confirmationAmending } from '../../db/confirmations.js';
import type { Db } from '../../db/connect.js';
import { signaturesOf } from '../../db/signatures.js';
import type { AnswerSaid } from '../../domain/signing/act.js';
import type { Signed } from '../../domain/signing/attestation.js';
import { signedWhileInForce } from '../../domain/signing/verify.js';

/**
 * The confirmation that a message's statement amends, where that was in force when it was signed and somebody else has
 * amended it since: two people corrected one answer in the same moment, and neither forged anything. Whether the
 * signature holds is not looked at here.
 * @param said what the message would say now
 * @param signed that statement; null where the message carried none
 * @returns null where the statement amends what is in force, or no one could have signed it of what was
 */
export async function amendedMeanwhile(
  db: Db,
  signed: Signed | null,
  { ticket, amends }: AnswerSaid,
): Promise<string | null> {
  const meant = signed?.attestation.amends ?? null;
  if (signed === null || meant === null || amends === null || meant === amends) return null;
  const after = await confirmationAmending(db, ticket.ticketId, meant);
  if (after === null) return null;
  return signedWhileInForce(signed, await signaturesOf(db, 'confirmations', after)) ? meant : null;
}
