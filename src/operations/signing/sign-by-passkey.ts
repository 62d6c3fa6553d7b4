import { randomBytes } from 'node:crypto';
import { takeAnswer } from '../../db/desk-passkeys.js';
import { refusal } from '../../domain/errors.js';
import { canonicalJson, sha256 } from '../../domain/hash.js';
import { readAttestation, stated, type Act, type Attestation, type Signed } from '../../domain/signing/attestation.js';
import { relyingParty } from '../../domain/signing/passkey-host.js';
import { attestationHash, faultOfSignature, unsigned } from '../../domain/signing/verify.js';
import { ask, overdue, questionAsked, type AskingPlace, type PasskeyAsker } from './ask-passkey.js';
import { readKeyring } from './keyring.js';
import { toldOfForgery } from './prove.js';
import { signsByKeys } from './signs-by.js';

/*
 * A passkey signs in two steps: what was reviewed is stated and asked, and the answer comes with what is sent. The
 * statement travels in the page, and nothing of it need be kept but its hash.
 */

/** What a passkey is asked to sign. */
export interface ToBeSigned {
  /** The statement as canonical JSON: its SHA-256 is the challenge. */
  attestation: string;
  /** The name that the passkey belongs to. */
  name: string;
  /** What the statement is known by: the beginning of its SHA-256. */
  fingerprint: string;
}

/** States what somebody has reviewed, for their passkey to sign within five minutes. */
export async function askToSign(place: AskingPlace, asker: PasskeyAsker, act: Act): Promise<ToBeSigned> {
  const { installation } = (await readKeyring(place)).own;
  const nonce = randomBytes(16).toString('hex');
  const attestation = stated(act, { installation, operator: asker.operator, nonce, at: place.now() });
  const challenge = attestationHash(attestation);
  await ask(place, { challenge, purpose: 'sign', asker });
  return {
    attestation: canonicalJson(attestation),
    name: relyingParty(asker.host),
    fingerprint: challenge.slice(0, 8),
  };
}

/** What a page sends along: the statement that was reviewed, and the answer of the passkey to it. */
export interface Answered {
  attestation: string;
  assertion: string;
}

/**
 * The signature that a passkey gave to what is asked for now. The same answer again is the same signature; another to
 * the same statement is none.
 * @throws OpsError KEY_IS_PERSONAL, CHALLENGE_OVER, REVIEW_STALE, SIGNATURE_MISSING, SIGNATURE_INVALID,
 *   SIGNATURE_OF_ANOTHER
 */
export async function signedByPasskey(
  place: AskingPlace,
  asker: PasskeyAsker,
  act: Act,
  { attestation: text, assertion }: Answered,
): Promise<Signed> {
  const keyring = await readKeyring(place);
  const by = signsByKeys(keyring, asker, place.now());
  if (by.by !== 'passkey' || text === '') throw keyIsPersonal(asker);
  const attestation = readAttestation(text);
  if (attestation === null) throw overdue();
  const at = place.now();
  const asked = await questionAsked(place, { challenge: attestationHash(attestation), purpose: 'sign', asker }, at);
  if (asked === null) throw overdue();
  refuseUnlessReviewed(attestation, act);
  const told = { asker: { operator: asker.operator, door: 'desk', claimedAt: null }, said: act } as const;
  const signed = await toldOfForgery(place, told, async () => {
    if (assertion === '')
      throw unsigned('SIGNATURE_MISSING', `no passkey of ${asker.operator} signed the ${act.purpose}`);
    const claim = { operator: asker.operator, act, at };
    const tried = by.keys.map(({ publicKey }) => signedWith(publicKey, { attestation, assertion }));
    const found = tried.find((one) => faultOfSignature(one, claim, keyring) === null);
    if (found) return found;
    throw tried.map((one) => faultOfSignature(one, claim, keyring)).find((fault) => fault !== null) ?? overdue();
  });
  if (await takeAnswer(place.db, asked, sha256(assertion))) return signed;
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

const signedWith = (key: string, said: { attestation: Attestation; assertion: string }): Signed => ({
  attestation: said.attestation,
  kind: 'passkey',
  key,
  signature: said.assertion,
});

const keyIsPersonal = ({ operator, host }: PasskeyAsker) =>
  refusal('KEY_IS_PERSONAL', `${operator} signs with a key of their own, and this page asks no passkey of ${host}`, {
    remedy: 'type the command at the end of the page, or make a passkey of this address: /settings/passkey',
  });
