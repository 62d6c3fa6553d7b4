import type { ErrorKind } from './errors.js';

/** So often a fault is tried again before whoever asked is told: by then it is no hiccup. */
const FAULT_ATTEMPTS_MAX = 5;

/**
 * Whether trying again is over. A refusal or bad input is final; a service that is away is waited for without end;
 * a fault is tried a few times and then told, so that nobody waits for what will never come.
 * @param isAway whether the error came of a service that is away, whatever kind it has.
 */
export function isFinal(kind: ErrorKind, { isAway, attempt }: { isAway: boolean; attempt: number }): boolean {
  if (kind === 'usage' || kind === 'refused') return true;
  return kind !== 'unreachable' && !isAway && attempt >= FAULT_ATTEMPTS_MAX;
}
