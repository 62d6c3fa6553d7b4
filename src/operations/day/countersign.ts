import type { Knex } from 'knex';
import { appendAudit } from '../../db/audit.js';
import type { StoredConfirmation } from '../../db/confirmations.js';
import { signaturesOf } from '../../db/signatures.js';
import type { StoredTicket } from '../../db/tickets.js';
import { refusal, type OpsError } from '../../domain/errors.js';
import { signaturesNeeded } from '../../domain/policy/policy.js';
import { answerAct } from '../../domain/signing/act.js';
import { bounded } from '../../domain/text.js';
import { ownSignersOf, peopleOf, signersOf, unsigned } from '../../domain/signing/verify.js';
import type { Admitted } from '../installation.js';
import { readKeyring } from '../signing/keyring.js';
import { recordSignature, type Proof } from '../signing/prove.js';
import type { SigningPlace } from '../signing/place.js';

/**
 * The same answer again, by somebody whose signature it does not have yet: stored beside it where the policy wants
 * more than count. Everything else about the answer stays as it is.
 * @throws OpsError OWN_KEY_NEEDED of the machine's key, SIGNATURE_OF_ANOTHER of one that has signed in another name
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
  if (people >= signaturesNeeded(configuration.policy)) return;
  // Where nobody's signature counts, whoever signs is the first.
  if (people > 0 && proof.signed.kind === 'installation') {
    if (signers.includes(operator)) return;
    throw ownKeyNeeded(operator);
  }
  if (ownSignersOf(signatures, act, keyring).includes(operator)) return;
  if (signatures.some(({ key }) => key === proof.signed.key)) throw sameKey(operator, signers);

  const signature = await recordSignature(trx, proof, { fact: 'confirmations', ids: [confirmationId] });
  await appendAudit(trx, {
    at,
    account: ticket.account,
    actor: operator,
    action: 'confirmation.countersigned',
    subject: ticket.ticketId,
    detail: { confirmationId, signers: [...new Set([...signers, operator])], ...signature },
  });
}

const ownKeyNeeded = (operator: string): OpsError =>
  refusal(
    'OWN_KEY_NEEDED',
    `${bounded(operator)} has no key of their own, and a second person signs with one: the key of this machine is in ` +
      'the hand of whoever sits at it',
    { remedy: 'trading-ops operator key new, or a passkey on the desk; then confirm it again' },
  );

const sameKey = (operator: string, signers: readonly string[]): OpsError =>
  unsigned(
    'SIGNATURE_OF_ANOTHER',
    `${bounded(operator)} signed with the key of ${signers.join(', ')}: a second person signs with a key of their own ` +
      '(trading-ops operator key new)',
  );
