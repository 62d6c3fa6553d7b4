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
    remedy: `trading-ops operator key new --operator ${operator}; then: trading-ops operator approve <fingerprint>`,
  });
}

/**
 * Refuses to sign with the installation's key for somebody who has, or has had, a key of their own.
 * @throws OpsError KEY_IS_PERSONAL
 */
export function refuseOwnKey(operator: string, lines: readonly KeyLine[]): void {
  if (!lines.some((line) => line.operator === operator)) return;
  throw refusal('KEY_IS_PERSONAL', `${operator} signs with a key of their own, which is not on the desk`, {
    remedy: 'type the command at the end of the page: it asks for the passphrase of the key',
  });
}
