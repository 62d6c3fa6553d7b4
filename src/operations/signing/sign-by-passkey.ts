import { randomBytes } from 'node:crypto';
import { isAsked, takeAnswer } from '../../db/desk-passkeys.js';
import { refusal } from '../../domain/errors.js';
import { canonicalJson, sha256 } from '../../domain/hash.js';
import { readAttestation, stated, type Act, type Attestation, type Signed } from '../../domain/signing/attestation.js';
import type { KeyLine } from '../../domain/signing/keys.js';
import { attestationHash, faultOfSignature, unsigned } from '../../domain/signing/verify.js';
import { ask, overdue, sessionHash, type PasskeyAsker } from './ask-passkey.js';
import { readKeyring } from './keyring.js';
import type { SigningPlace } from './place.js';
import { toldOfForgery } from './prove.js';
import { signsByKeys } from './signs-by.js';

/*
 * A passkey signs in two steps: what was reviewed is stated and asked, and the answer comes with what is sent. The
 * statement travels in the page, and nothing of it need be kept but its hash.
 */

/**
 * States what somebody has reviewed, for their passkey to sign within five minutes.
 * @returns the statement as canonical JSON.
 */
export async function askToSign(place: SigningPlace, asker: PasskeyAsker, act: Act): Promise<string> {
  const { installation } = (await readKeyring(place)).own;
  const nonce = randomBytes(16).toString('hex');
  const attestation = stated(act, { installation, operator: asker.operator, nonce, at: place.now() });
  await ask(place, asker, { challenge: attestationHash(attestation), purpose: 'sign' });
  return canonicalJson(attestation);
}

/** What a page sends along: the statement that was reviewed, and the answer of the passkey to it. */
export interface Answered {
  attestation: string;
  assertion: string;
}

/**
 * The signature that a passkey gave to what is asked for now. The same answer again is the same signature; another to
 * the same statement is none.
 * @throws OpsError PASSKEY_MISSING, CHALLENGE_OVER, REVIEW_STALE, SIGNATURE_MISSING, SIGNATURE_INVALID,
 *   SIGNATURE_OF_ANOTHER
 */
export async function signedByPasskey(
  place: SigningPlace,
  asker: PasskeyAsker,
  act: Act,
  { attestation: text, assertion }: Answered,
): Promise<Signed> {
  const attestation = readAttestation(text);
  if (attestation === null) throw overdue();
  const asked = { challenge: attestationHash(attestation), purpose: 'sign', sessionHash: sessionHash(asker) } as const;
  const at = place.now();
  if (!(await isAsked(place.db, asked, at))) throw overdue();
  refuseUnlessReviewed(attestation, act);
  const told = { asker: { operator: asker.operator, door: 'desk', claimedAt: null }, said: act } as const;
  const signed = await toldOfForgery(place, told, () => verified(place, asker, act, { attestation, assertion }));
  if (await takeAnswer(place.db, { ...asked, answerHash: sha256(assertion) }, at)) return signed;
  throw overdue();
}

/** What was reviewed may have been overtaken: nobody signs what they have not seen. */
function refuseUnlessReviewed(attestation: Attestation, act: Act): void {
  const { installation, operator, nonce, at } = attestation;
  if (canonicalJson(stated(act, { installation, operator, nonce, at })) === canonicalJson(attestation)) return;
  throw refusal('REVIEW_STALE', 'what is asked for now is not what was reviewed: something has changed since', {
    remedy: 'nothing was stored: review it again',
  });
}

/** The signature under whichever passkey of theirs gave it. */
async function verified(
  place: SigningPlace,
  { operator, host }: PasskeyAsker,
  act: Act,
  { attestation, assertion }: { attestation: Attestation; assertion: string },
): Promise<Signed> {
  const [keyring, at] = [await readKeyring(place), place.now()];
  const by = signsByKeys(keyring, { operator, host }, at);
  if (assertion === '') throw unsigned('SIGNATURE_MISSING', `no passkey of ${operator} signed the ${act.purpose}`);
  const signedBy = ({ publicKey: key }: Pick<KeyLine, 'publicKey'>): Signed => ({
    attestation,
    kind: 'passkey',
    key,
    signature: assertion,
  });
  const tried = (by.by === 'passkey' ? by.keys : []).map((line) => {
    const signed = signedBy(line);
    return { signed, fault: faultOfSignature(signed, { operator, act, at }, keyring) };
  });
  const found = tried.find(({ fault }) => fault === null);
  if (found) return found.signed;
  if (tried[0]?.fault) throw tried[0].fault;
  throw refusal('PASSKEY_MISSING', `${operator} has a key of their own, and no passkey of ${host} is in force`, {
    remedy: 'sign at the terminal, or make a passkey of this address: /settings/passkey',
  });
}
