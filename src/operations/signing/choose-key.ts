import { refusal } from '../../domain/errors.js';
import type { KeyLine } from '../../domain/signing/keys.js';
import type { Instant } from '../../domain/types.js';

/**
 * Which of their keys an operator signs with: one that is a file and in force, rather one that lies here.
 * @param lines every line of theirs in operators.keys.
 * @throws OpsError KEY_NOT_HERE where none is in force
 */
export function chooseKey(
  operator: string,
  lines: readonly KeyLine[],
  { now, isHere }: { now: Instant; isHere(publicKey: string): boolean },
): KeyLine {
  const isAhead = (until: Instant) => Date.parse(until) > Date.parse(now);
  const inForce = lines.filter(({ kind, until }) => kind === 'ed25519' && (until === null || isAhead(until)));
  const chosen = inForce.find(({ publicKey }) => isHere(publicKey)) ?? inForce[0];
  if (chosen) return chosen;
  throw refusal('KEY_NOT_HERE', `${operator} has had a key of their own, and none that is a file is in force now`, {
    remedy:
      `sign on the desk with a passkey, or: trading-ops operator key new --operator ${operator}; ` +
      'then: trading-ops operator approve <fingerprint>',
  });
}
