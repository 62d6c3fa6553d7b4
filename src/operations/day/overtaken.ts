import type { Asker } from '../../contract/asker.js';
import { confirmationAmending } from '../../db/confirmations.js';
import type { Db } from '../../db/connect.js';
import { signaturesOf } from '../../db/signatures.js';
import type { AnswerSaid } from '../../domain/signing/act.js';
import { signedWhileInForce } from '../../domain/signing/verify.js';
import { signedOf } from '../signing/prove.js';

/**
 * The confirmation that a message's statement amends, where that was in force when it was signed and somebody else has
 * amended it since: two people corrected one answer in the same moment, and neither forged anything. Whether the
 * signature holds is not looked at here.
 * @param said what the message would say now
 * @returns null where the statement amends what is in force, or no one could have signed it of what was
 * @throws OpsError SIGNATURE_INVALID where it has not the shape of one
 */
export async function amendedMeanwhile(db: Db, asker: Asker, { ticket, amends }: AnswerSaid): Promise<string | null> {
  const signed = asker.sign === undefined ? signedOf(asker) : null;
  const meant = signed?.attestation.amends ?? null;
  if (signed === null || meant === null || amends === null || meant === amends) return null;
  const after = await confirmationAmending(db, ticket.ticketId, meant);
  if (after === null) return null;
  return signedWhileInForce(signed, await signaturesOf(db, 'confirmations', after)) ? meant : null;
}
