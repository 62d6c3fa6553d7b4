import type { Patient } from './patient.js';

/** fail: a person must act. warn: worth knowing, or not knowable at the moment. ok: as expected. */
export type Status = 'ok' | 'warn' | 'fail';

/** One line of the doctor's report. */
export interface Finding {
  name: string;
  expected: string;
  found: string;
  status: Status;
  /** What to type or do; null when nothing is to be done. */
  remedy: string | null;
}

/** What a check says; `of` tells the findings of one check apart (an account, a file). */
export interface Verdict {
  status: Status;
  found: string;
  remedy?: string;
  of?: string;
}

/** One question about the installation. It may throw: then it counts as failed, and the others go on. */
export interface Check {
  name: string;
  expected: string;
  examine(patient: Patient): Promise<Verdict | Verdict[]>;
}

export const ok = (found: string): Verdict => ({ status: 'ok', found });
export const warn = (found: string, remedy?: string): Verdict => ({
  status: 'warn',
  found,
  ...(remedy !== undefined && { remedy }),
});
export const fail = (found: string, remedy: string): Verdict => ({ status: 'fail', found, remedy });
