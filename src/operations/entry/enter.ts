import { randomBytes } from 'node:crypto';
import { countWrongTry, keepSession, takeCode } from '../../db/desk-entry.js';
import { inTransaction } from '../../db/transaction.js';
import { isCodeSealed, secretHash, sealedSession, sessionHash } from '../../domain/entry-seals.js';
import { readCode, seenSince, WRONG_TRIES_MAX, type EntryKind } from '../../domain/entry.js';
import { outcomeOf, refusal, usageError, type Outcome } from '../../domain/errors.js';
import type { EntryPlace } from './place.js';

/** A session that has begun; its id is told once, to the browser that was let in. */
export interface BegunSession {
  id: string;
  entry: EntryKind;
}

const REMEDY = { remedy: 'trading-ops desk open' };

/**
 * Lets in by a one-time code: the code is gone, and a session begins whose id nobody has had before.
 * Refuses with ENTRY_CODE_INVALID what is no code, and with ENTRY_CODE_UNKNOWN one that is used, too old, burnt or was
 * never made.
 */
export function enter(
  { db, now, exposure, sealKey }: EntryPlace,
  { code: typed }: { code: string },
): Promise<Outcome<BegunSession>> {
  return outcomeOf(async () => {
    const code = readCode(typed);
    if (code === null)
      // What was typed is not repeated: it may be most of a code.
      throw usageError('ENTRY_CODE_INVALID', 'code: must be the 40 digits and letters a to f of a link', REMEDY);
    const at = now();
    const begun = await inTransaction(db, async (trx) => {
      const key = sealKey();
      const secret = secretHash(key, code.secret);
      const tried = { codeId: code.codeId, secretHash: secret, now: at, triesMax: WRONG_TRIES_MAX };
      const taken = await takeCode(trx, tried);
      if (taken === null || !isCodeSealed(key, taken)) {
        await countWrongTry(trx, code.codeId, WRONG_TRIES_MAX);
        return null;
      }
      // To other machines a code proves nothing: it lets in to make what does.
      const entry: EntryKind = exposure === null ? 'code' : 'enrol';
      const id = randomBytes(32).toString('base64url');
      const { operator, readOnly } = taken;
      const session = sealedSession(key, { idHash: sessionHash(key, id), operator, readOnly, entry, enteredAt: at });
      await keepSession(trx, { ...session, seenAt: at }, seenSince(at));
      return { id, entry };
    });
    if (begun) return begun;
    throw refusal('ENTRY_CODE_UNKNOWN', 'code: it was used, is older than 10 minutes, or was never made', REMEDY);
  });
}
