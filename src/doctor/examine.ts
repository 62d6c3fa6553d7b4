import { OpsError } from '../domain/errors.js';
import { reason } from '../runtime/parts.js';
import type { Check, Finding, Verdict } from './finding.js';
import { NotKnowable } from './not-knowable.js';
import type { Patient } from './patient.js';

const CHECK_MAX_MS = 8_000;

/**
 * Makes every check at once, each on its own: one that throws or hangs becomes a finding and hides no other.
 * @returns the findings in the order of the checks.
 */
export async function examine(patient: Patient, checks: readonly Check[], maxMs = CHECK_MAX_MS): Promise<Finding[]> {
  const findings = await Promise.all(checks.map((check) => findingsOf(check, patient, maxMs)));
  return findings.flat();
}

async function findingsOf(check: Check, patient: Patient, maxMs: number): Promise<Finding[]> {
  const verdicts = await inTime(check, patient, maxMs).catch(verdictOfError);
  return [verdicts].flat().map(({ of, status, found, remedy }) => ({
    name: of === undefined ? check.name : `${check.name} ${of}`,
    expected: check.expected,
    found: found.replaceAll(/\s+/g, ' ').trim(),
    status,
    remedy: remedy ?? null,
  }));
}

async function inTime(check: Check, patient: Patient, maxMs: number): Promise<Verdict | Verdict[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${maxMs / 1000} s`)), maxMs);
  });
  try {
    return await Promise.race([check.examine(patient), late]);
  } finally {
    clearTimeout(timer);
  }
}

function verdictOfError(error: unknown): Verdict {
  if (error instanceof NotKnowable) return { status: 'warn', found: `not known: ${error.message}` };
  const remedy =
    error instanceof OpsError && error.remedy !== undefined ? error.remedy : 'trading-ops status, and make logs';
  return { status: 'fail', found: `could not be checked: ${reason(error)}`, remedy };
}
