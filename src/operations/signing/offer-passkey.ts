import { randomBytes } from 'node:crypto';
import { readPasskeyOffer, type PasskeyOffer } from '../../contract/passkeys.js';
import { wellFormed } from '../../contract/reading.js';
import { keepPasskey, passkeysMade, takeAnswer, type StoredPasskey } from '../../db/desk-passkeys.js';
import { inTransaction } from '../../db/transaction.js';
import { outcomeOf, usageError, type Outcome } from '../../domain/errors.js';
import { sha256 } from '../../domain/hash.js';
import { isOfferedYet, offeredSince } from '../../domain/signing/asking.js';
import { fingerprintOf, type KeyLine } from '../../domain/signing/keys.js';
import { relyingParty } from '../../domain/signing/passkey-host.js';
import { readRegistration } from '../../domain/signing/passkey.js';
import type { Instant } from '../../domain/types.js';
import { operatorOf } from '../installation.js';
import { readConfiguration } from '../runs/configuration.js';
import { ask, overdue, questionAsked, type AskingPlace, type PasskeyAsker } from './ask-passkey.js';
import { readKeyring } from './keyring.js';
import { sealedPasskey } from './list-passkeys.js';
import { keyLines } from './operator-keys.js';

/** What a browser is asked when somebody wants a passkey. */
export interface PasskeyWanted {
  /** 32 bytes in lower-case hex. */
  challenge: string;
  /** Those of this operator for this host that count yet: an authenticator makes no second one. */
  known: string[];
  /** The name that it will belong to. */
  name: string;
  /**
   * What an authenticator knows the operator of this installation by, in hex: a new passkey of theirs takes the place
   * of an older one, and the id itself says nothing of a person.
   */
  user: string;
}

/** Asks for a new passkey. */
export async function wantPasskey(place: AskingPlace, asker: PasskeyAsker): Promise<PasskeyWanted> {
  const challenge = randomBytes(32).toString('hex');
  await ask(place, { challenge, purpose: 'enrol', asker });
  const [made, { own, lines }] = await Promise.all([passkeysMade(place.db), readKeyring(place)]);
  const theirs = made.filter(({ operator, host }) => operator === asker.operator && host === asker.host);
  return {
    challenge,
    known: theirs.filter((passkey) => countsYet(passkey, lines, place.now())).map(({ credentialId }) => credentialId),
    name: relyingParty(asker.host),
    user: sha256(`${own.installation}/${asker.operator}`),
  };
}

/** Whether a passkey signs, or may still be approved: one that ended is no reason not to make another. */
function countsYet({ publicKey, madeAt }: StoredPasskey, lines: readonly KeyLine[], at: Instant): boolean {
  const line = lines.find((each) => each.publicKey === publicKey);
  if (line) return line.until === null || Date.parse(line.until) > Date.parse(at);
  return isOfferedYet(madeAt, at);
}

/** A passkey that waits to be approved, with what a person compares of it. */
export interface OfferedPasskey {
  fingerprint: string;
  operator: string;
  host: string;
}

/**
 * Keeps a passkey that was made in a browser: it signs nothing before somebody approves its fingerprint at the
 * terminal, within a day. Refuses with PASSKEY_INVALID what is none, or was not asked of this host; with CHALLENGE_OVER
 * what was not asked of this session a moment ago; with OPERATOR_UNKNOWN whom the policy does not name.
 */
export function offerPasskey(
  place: AskingPlace,
  asker: PasskeyAsker,
  offer: Record<keyof PasskeyOffer, unknown>,
): Promise<Outcome<OfferedPasskey>> {
  return outcomeOf(async () => {
    const { label, challenge, registration } = wellFormed(readPasskeyOffer(offer));
    const operator = operatorOf(await readConfiguration(place.configDir), asker);
    const { host } = asker;
    const read = readRegistration(registration, { challenge: new Uint8Array(Buffer.from(challenge, 'hex')), host });
    if ('fault' in read)
      throw usageError(
        'PASSKEY_INVALID',
        `registration: what the browser sent is no passkey of this page: ${read.fault}`,
        {
          remedy: 'nothing was kept: make it again',
        },
      );
    const lines = await keyLines(place.configDir);
    const at = place.now();
    await inTransaction(place.db, async (trx) => {
      const asked = await questionAsked({ ...place, db: trx }, { challenge, purpose: 'enrol', asker }, at);
      if (asked === null || !(await takeAnswer(trx, asked, sha256(registration)))) throw overdue();
      const passkey = sealedPasskey(place.sealKey(), { ...read.passkey, operator, host, label, madeAt: at });
      await keepPasskey(trx, passkey, { since: offeredSince(at), approved: lines.map(({ publicKey }) => publicKey) });
    });
    return { fingerprint: fingerprintOf(read.passkey.publicKey), operator, host };
  });
}
