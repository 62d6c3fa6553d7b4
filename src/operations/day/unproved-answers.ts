import { answersInForce } from '../../db/signed-facts.js';
import { signaturesNeeded, type Policy } from '../../domain/policy/policy.js';
import { unproved, type SignedRow, type Unproved } from '../../domain/signing/facts.js';
import type { Keyring } from '../../domain/signing/keys.js';
import { ownSignersOf, signersOf } from '../../domain/signing/verify.js';
import type { Gatehouse } from '../installation.js';
import { readKeyring } from '../signing/keyring.js';

/** An answer that does not count, in whose name it was given, and why. */
export interface UnprovedAnswer extends Unproved {
  operator: string;
  /**
   * Who has signed it with a key of their own, where it only waits for another person to sign too; null where no
   * signature of whoever gave it holds.
   */
  waits: string[] | null;
  /** Who has signed it with the machine's key alone, which is nobody's own: of several people that is none. */
  keyless: string[];
}

/** An answer in force, judged: why it does not count, null where it does; and who signed it with a key of their own. */
export interface JudgedAnswer {
  why: UnprovedAnswer | null;
  signers: string[];
}

/**
 * The answers in force of these tickets, by the tickets' ids; those that nobody has answered are not among them.
 * @throws OpsError SIGNING_KEY_MISSING, KEYS_INVALID
 */
export async function judgedAnswers(
  where: Gatehouse,
  ticketIds: readonly string[],
  policy: Policy,
): Promise<Map<string, JudgedAnswer>> {
  if (ticketIds.length === 0) return new Map();
  const [answers, keyring] = [await answersInForce(where.db, ticketIds), await readKeyring(where)];
  const needed = signaturesNeeded(policy);
  return new Map(
    answers.map((answer): [string, JudgedAnswer] => {
      const signers = ownSignersOf(answer.signatures, answer.act, keyring);
      return [answer.ticketId, { why: whyUnproved(answer, keyring, needed), signers }];
    }),
  );
}

/**
 * Which of these tickets have an answer that does not count, for no signature of it holds or not as many people have
 * signed as the policy wants, and why: to the gate of the day after they are unconfirmed.
 * @returns by the tickets' ids; those that nobody has answered are not among them
 * @throws OpsError SIGNING_KEY_MISSING, KEYS_INVALID
 */
export async function unprovedAnswers(
  where: Gatehouse,
  ticketIds: readonly string[],
  policy: Policy,
): Promise<Map<string, UnprovedAnswer>> {
  const judged = await judgedAnswers(where, ticketIds, policy);
  return new Map([...judged].flatMap(([id, { why }]): [string, UnprovedAnswer][] => (why === null ? [] : [[id, why]])));
}

/** Why an answer does not count; null of one that does. @param needed how many people must have signed it */
export function whyUnproved(answer: SignedRow, keyring: Keyring, needed: number): UnprovedAnswer | null {
  const why = unproved(answer, keyring, needed);
  if (why === null) return null;
  const { operator, signatures, act } = answer;
  const [signers, own] = [signersOf(signatures, act, keyring), ownSignersOf(signatures, act, keyring)];
  const keyless = needed === 1 ? [] : signers.filter((name) => !own.includes(name));
  return { operator, waits: signers.includes(operator) ? own : null, keyless, ...why };
}
