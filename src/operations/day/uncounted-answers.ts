import { auditHead, stateWord } from '../../db/audit.js';
import { keptWhile } from '../../db/kept-while.js';
import { ask } from '../../db/questions.js';
import { answeredQuestion, signatureFacts } from '../../db/signed-facts.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import { contentHash } from '../../domain/hash.js';
import { signaturesNeeded, type Policy } from '../../domain/policy/policy.js';
import type { IsoDate } from '../../domain/types.js';
import type { Gatehouse } from '../installation.js';
import { readKeyring } from '../signing/keyring.js';
import { whyUnproved, type UnprovedAnswer } from './unproved-answers.js';

/** A ticket of another day whose answer does not count, and why. */
export interface UncountedAnswer {
  ticketId: string;
  tradingDay: IsoDate;
  why: UnprovedAnswer;
}

/**
 * Tickets of an account's other days whose answers do not count, oldest first: what the gate of this day will name
 * `TICKET_UNCONFIRMED` although somebody seems to have answered. Looked at anew whenever a fact was stored or a key
 * is another.
 * @returns a refusal while the key files cannot be read (SIGNING_KEY_MISSING, KEYS_INVALID)
 */
export const uncountedAnswers = (
  where: Gatehouse,
  { account, tradingDay, policy }: { account: string; tradingDay: IsoDate; policy: Policy },
): Promise<Outcome<UncountedAnswer[]>> =>
  outcomeOf(async () => {
    const { db } = where;
    const [head, keyring, needed] = [await auditHead(db), await readKeyring(where), signaturesNeeded(policy)];
    const key = ['uncounted', account, tradingDay, contentHash(keyring), needed].join('/');
    return keptWhile(db, { key, word: stateWord(head) }, async () => {
      const answered = await ask(db, answeredQuestion(db, account, tradingDay));
      const parts = { snapshot: null, answered, asked: [] };
      const { confirmations } = await signatureFacts(db, { account, keyring, needed, snapshot: null }, parts);
      return confirmations
        .flatMap((answer): UncountedAnswer[] => {
          const why = whyUnproved(answer, keyring, needed);
          return why === null ? [] : [{ ticketId: answer.ticketId, tradingDay: answer.tradingDay, why }];
        })
        .toReversed();
    });
  });
