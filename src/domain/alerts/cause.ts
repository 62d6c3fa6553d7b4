import { contentHash } from '../hash.js';
import type { Reason } from '../types.js';

/** Longest cause that is written out; a longer one is cut and told apart by its hash. */
const WRITTEN_MAX = 160;

/**
 * What an alert about failed checks is of: its codes, each with the symbols it was found of, whatever the day and in
 * whatever order they were found. The same text on a later day is the same cause.
 */
export function causeOf(reasons: readonly Pick<Reason, 'code' | 'subject'>[]): string {
  const codes = [...new Set(reasons.map(({ code }) => code))].toSorted();
  const said = codes.map((code) => {
    const subjects = reasons.filter((reason) => reason.code === code).map(({ subject }) => subject ?? '');
    const symbols = [...new Set(subjects)].filter((subject) => subject !== '' && !isDate(subject)).toSorted();
    return symbols.length === 0 ? code : `${code} ${symbols.join(' ')}`;
  });
  const whole = said.join(', ');
  return whole.length <= WRITTEN_MAX ? whole : `${whole.slice(0, WRITTEN_MAX)}… ${contentHash(said).slice(0, 8)}`;
}

/** The date that a check is about moves with the days, and the cause stays. */
const isDate = (subject: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(subject);
