import type { Knex } from 'knex';
import { appendAudit } from '../../db/audit.js';
import type { StoredConfirmation } from '../../db/confirmations.js';
import { signaturesOf } from '../../db/signatures.js';
import type { StoredTicket } from '../../db/tickets.js';
import type { OpsError } from '../../domain/errors.js';
import { signaturesNeeded } from '../../domain/policy/policy.js';
import { answerAct } from '../../domain/signing/act.js';
import { bounded } from '../../domain/text.js';
import { peopleOf, signersOf, unsigned } from '../../domain/signing/verify.js';
import type { Admitted } from '../installation.js';
import { readKeyring } from '../signing/keyring.js';
import { recordSignature, type Proof } from '../signing/prove.js';
import type { SigningPlace } from '../signing/place.js';

/**
 * The same answer again, by somebody whose signature it does not have yet: stored beside it where the policy wants
 * more than count. Everything else about the answer stays as it is.
 * @throws OpsError SIGNATURE_OF_ANOTHER where its key has signed already, in another name
 */
export async function countersign(
  trx: Knex.Transaction,
  place: SigningPlace,
  {
    ticket,
    inForce,
    admitted,
    proof,
  }: { ticket: StoredTicket; inForce: StoredConfirmation; admitted: Admitted; proof: Proof },
): Promise<void> {
  const { confirmationId, contentHash: hash, amends } = inForce;
  const act = answerAct({ ticket, hash, amends });
  const signatures = await signaturesOf(trx, 'confirmations', confirmationId);
  const keyring = await readKeyring(place);
  const signers = signersOf(signatures, act, keyring);
  const people = peopleOf(signatures, act, keyring);
  const { operator, at, configuration } = admitted;
  if (people >= signaturesNeeded(configuration.policy) || signers.includes(operator)) return;
  if (peopleOf([...signatures, proof.signed], act, keyring) === people) throw sameKey(operator, signers);

  const signature = await recordSignature(trx, proof, { fact: 'confirmations', ids: [confirmationId] });
  await appendAudit(trx, {
    at,
    account: ticket.account,
    actor: operator,
    action: 'confirmation.countersigned',
    subject: ticket.ticketId,
    detail: { confirmationId, signers: [...signers, operator], ...signature },
  });
}

const sameKey = (operator: string, signers: readonly string[]): OpsError =>
  unsigned(
    'SIGNATURE_OF_ANOTHER',
    `${bounded(operator)} signed with the key of ${signers.join(', ')}: a second person signs with a key of their own ` +
      '(trading-ops operator key new)',
  );
