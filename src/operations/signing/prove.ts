import type { Knex } from 'knex';
import type { Asker } from '../../contract/asker.js';
import { read, wellFormed } from '../../contract/reading.js';
import type { Db } from '../../db/connect.js';
import { newSignature, signatureOfNonce, type SignedFact, type StoredSignature } from '../../db/signatures.js';
import type { Alert } from '../../contract/alerts.js';
import { OpsError } from '../../domain/errors.js';
import { isSignatureCode, signedShape, type Act, type Signed } from '../../domain/signing/attestation.js';
import { attestationHash, faultOfSignature, signatureHash, unsigned } from '../../domain/signing/verify.js';
import { bounded } from '../../domain/text.js';
import type { Instant, Sha256 } from '../../domain/types.js';
import { aboutWhatIsStored, raiseAlert } from '../alerts/raise.js';
import { readKeyring } from './keyring.js';
import type { SigningPlace } from './place.js';

/*
 * Nobody acts in another's name: whatever a person asks for is held against their signature before anything is stored,
 * and what it led to is stored with it, in one transaction.
 */

/** A signature that counts for what is asked for. */
export interface Proof {
  signed: Signed;
  /**
   * The same statement where it is stored already: whatever is asked for was done before, and gets its first answer.
   */
  earlier: StoredSignature | null;
  /** What was signed, where what it leads to does not say it itself. */
  content: object | null;
}

/** What somebody is told of what was asked for. */
export type Said = Pick<Act, 'purpose' | 'account'> & Partial<Act>;

/**
 * Holds what a message carried against all but its content, before anything else is looked at: what nobody signed is
 * not read on. Whoever signs in this process is asked later, for what has been read.
 * @throws OpsError SIGNATURE_MISSING, SIGNATURE_INVALID, SIGNATURE_OF_ANOTHER, SIGNING_KEY_MISSING, KEYS_INVALID
 */
export async function expectSigned(place: SigningPlace, asker: Asker, said: Said): Promise<void> {
  if (asker.sign !== undefined) return;
  await toldOfForgery(place, { asker, said }, async () => {
    // Whether an answer amends is known when it is read.
    const act: Partial<Act> = said.purpose === 'confirm' ? { ...said, purpose: undefined } : said;
    const claim = { operator: asker.operator, act, at: place.now() };
    const fault = faultOfSignature(signedOf(asker), claim, await readKeyring(place));
    if (fault) throw fault;
  });
}

/**
 * The signature of what is asked for: that of the message, or one that whoever asks makes now.
 * @throws OpsError SIGNATURE_MISSING, SIGNATURE_INVALID, SIGNATURE_OF_ANOTHER, SIGNATURE_REPLAYED, SIGNING_KEY_MISSING,
 * KEYS_INVALID
 */
export const prove = (place: SigningPlace, asker: Asker, act: Act, content: object | null): Promise<Proof> =>
  toldOfForgery(place, { asker, said: act }, () => proveWithin(place, asker, act, content));

/** The same within a transaction that is under way: whoever leads it tells of forgeries when it is over. */
export async function proveWithin(
  place: SigningPlace,
  asker: Asker,
  act: Act,
  content: object | null = null,
): Promise<Proof> {
  const { operator } = asker;
  const signed = asker.sign === undefined ? signedOf(asker) : await asker.sign(operator, act);
  const [keyring, earlier] = await Promise.all([
    readKeyring(place),
    signed && signatureOfNonce(place.db, signed.attestation.nonce),
  ]);
  if (!signed || !earlier) {
    const fault = faultOfSignature(signed, { operator, act, at: place.now() }, keyring);
    if (fault) throw fault;
    return { signed: signed as Signed, earlier, content };
  }
  const isSame = earlier.attestationHash === attestationHash(signed.attestation);
  if (!isSame || faultOfSignature({ ...earlier.signed, ...signed }, { operator, act }, keyring))
    throw usedBefore(earlier);
  return { signed, earlier, content };
}

/**
 * Refuses what has led to something before, where it would lead to another thing now.
 * @throws OpsError SIGNATURE_REPLAYED
 */
export function refuseReplayed({ earlier }: Proof): void {
  if (earlier !== null) throw usedBefore(earlier);
}

const usedBefore = ({ fact, ids }: StoredSignature): OpsError =>
  replayed(`its statement was used before, for ${fact} ${ids.join(', ')}`);

/** The signature that a message carried, read; null where it carried none. @throws OpsError SIGNATURE_INVALID */
export function signedOf({ signature }: Pick<Asker, 'signature'>): Signed | null {
  if (signature === undefined || signature === null) return null;
  return wellFormed(
    read(signedShape(), signature, {
      whole: 'signature',
      code: 'SIGNATURE_INVALID',
      remedy: 'nothing was stored: ask again with the command, which signs what it sends',
    }),
  );
}

export const replayed = (why: string): OpsError => unsigned('SIGNATURE_REPLAYED', why);

/**
 * Stores a signature beside what it led to, in the transaction that stores that.
 * @returns what the audit record says of it.
 * @throws OpsError SIGNATURE_REPLAYED
 */
export async function recordSignature(
  trx: Knex.Transaction,
  { signed, content }: Proof,
  fact: SignedFact,
): Promise<{ signature: Sha256 }> {
  const inserted = await signatureInsert(trx, { signed, content }, fact);
  if (inserted.length === 0) throw replayed('its statement was used a moment ago');
  return { signature: signatureHash(signed) };
}

/** The insert of a signature, to be made together with what it is of. */
export const signatureInsert = (db: Db, { signed, content }: Pick<Proof, 'signed' | 'content'>, fact: SignedFact) =>
  newSignature(db, { signed, attestationHash: attestationHash(signed.attestation), ...fact }, content);

/** What somebody is told of. */
interface Told {
  asker: Asker;
  said: Said;
  /** Of a message: what its refusal is known by, as a day tells it too. */
  subject?: string;
}

/**
 * Does something that a forgery stops; where it does, a person is told. Of signatures once for a purpose, an account
 * and a day, whoever tries how often; of a name that signs no more, or of another time than now, once a message.
 */
export async function toldOfForgery<T>(
  { db, now }: Pick<SigningPlace, 'db' | 'now'>,
  told: Told,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const alert = error instanceof OpsError && alertOf(error, told, now());
    if (alert) await raiseAlert(db, await aboutWhatIsStored(db, alert));
    throw error;
  }
}

/** A message that carries a whole signature is an operator's, or was one's: it is refused for these all the same. */
const OF_NAME_AND_TIME = /^(OPERATOR_UNKNOWN|CLAIM_\w+)$/;

function alertOf({ code, message }: OpsError, { asker, said, subject }: Told, at: Instant): Alert | null {
  const { purpose, account, tradingDay = null } = said;
  const what = `A ${purpose} in the name of ${bounded(asker.operator)}`;
  const about = { account, tradingDay, at, evidence: { code, door: asker.door } };
  const why = `was refused, and nothing was stored: ${code}: ${message}`;
  if (isSignatureCode(code))
    return {
      ...about,
      code: 'SIGNATURE_REFUSED',
      subject: [purpose, account ?? 'installation', ...(tradingDay === null ? [] : [tradingDay])].join(' '),
      message: `${what} ${why}`,
    };
  if (subject === undefined || asker.signature === undefined || !OF_NAME_AND_TIME.test(code)) return null;
  return { ...about, code: 'MESSAGE_REFUSED', subject, message: `${what} ${why}` };
}
