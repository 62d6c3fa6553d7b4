import { answersInForce } from '../../db/signed-facts.js';
import { signaturesNeeded, type Policy } from '../../domain/policy/policy.js';
import { unproved, type Unproved } from '../../domain/signing/facts.js';
import type { Gatehouse } from '../installation.js';
import { readKeyring } from '../signing/keyring.js';

/** An answer that does not count, in whose name it was given, and why. */
export interface UnprovedAnswer extends Unproved {
  operator: string;
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
  const [answers, keyring] = [await answersInForce(where.db, ticketIds), await readKeyring(where)];
  return new Map(
    answers.flatMap((answer): [string, UnprovedAnswer][] => {
      const why = unproved(answer, keyring, signaturesNeeded(policy));
      return why === null ? [] : [[answer.ticketId, { operator: answer.operator, ...why }]];
    }),
  );
}
