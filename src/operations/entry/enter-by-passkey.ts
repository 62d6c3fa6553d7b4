import { randomBytes } from 'node:crypto';
import { end, keepSession } from '../../db/desk-entry.js';
import { inTransaction } from '../../db/transaction.js';
import { sealedSession, sessionHash } from '../../domain/entry-seals.js';
import { seenSince } from '../../domain/entry.js';
import { outcomeOf, refusal, type Outcome } from '../../domain/errors.js';
import { entryChallenge, isEntryChallenge } from '../../domain/signing/entry-challenge.js';
import { relyingParty } from '../../domain/signing/passkey-host.js';
import { faultOfAnswer } from '../../domain/signing/passkey.js';
import { readConfiguration } from '../runs/configuration.js';
import { overdue, type AskingPlace } from '../signing/ask-passkey.js';
import { readKeyring } from '../signing/keyring.js';
import type { BegunSession } from './enter.js';

/** What a browser is asked when somebody wants to be let in: 32 bytes in hex, and the name that passkeys belong to. */
export const wantEntry = (
  { now, sealKey }: Pick<AskingPlace, 'now' | 'sealKey'>,
  host: string,
): { challenge: string; name: string } => ({
  challenge: entryChallenge(sealKey(), { at: now(), nonce: randomBytes(10).toString('hex'), host }),
  name: relyingParty(host),
});

/**
 * Lets in by a passkey of the host that is in force, in the name of whoever it belongs to: the session proves who it is
 * of. Refuses with PASSKEY_REFUSED an answer that counts for nobody of the policy; with CHALLENGE_OVER one that comes
 * too late or twice.
 */
export function enterByPasskey(
  place: AskingPlace,
  { host, challenge, assertion }: { host: string; challenge: string; assertion: string },
): Promise<Outcome<BegunSession>> {
  return outcomeOf(async () => {
    const [{ lines }, { policy }] = await Promise.all([readKeyring(place), readConfiguration(place.configDir)]);
    const at = place.now();
    const asked = { challenge: new Uint8Array(Buffer.from(challenge, 'hex')), host };
    const line = lines.find(
      ({ kind, publicKey, until, operator, ...of }) =>
        kind === 'passkey' &&
        of.host === host &&
        (until === null || Date.parse(until) > Date.parse(at)) &&
        policy.operators.includes(operator) &&
        faultOfAnswer(assertion, { ...asked, publicKey }) === null,
    );
    if (line === undefined)
      throw refusal('PASSKEY_REFUSED', 'the passkey is of nobody who may sign here, or did not answer what was asked', {
        remedy: 'choose the passkey of this address; a new one: trading-ops desk open',
      });
    const id = randomBytes(32).toString('base64url');
    await inTransaction(place.db, async (trx) => {
      // Let in once: the same answer again is another's.
      if (!isEntryChallenge(place.sealKey(), challenge, { at, host }) || !(await end(trx, challenge, at)))
        throw overdue();
      const who = { operator: line.operator, readOnly: false, entry: 'passkey', enteredAt: at } as const;
      const key = place.sealKey();
      const session = sealedSession(key, { idHash: sessionHash(key, id), ...who });
      await keepSession(trx, { ...session, seenAt: at }, seenSince(at));
    });
    return { id, entry: 'passkey' as const };
  });
}
