import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { CHECKS } from '../../src/doctor/checks.js';
import { examine } from '../../src/doctor/examine.js';
import { openPatient } from '../../src/doctor/patient.js';
import type { Settings } from '../../src/runtime/settings.js';
import type { Installation } from './stack.js';

/** What a test has a check see: other settings, another environment, another time. */
interface Choices {
  settings?: Partial<Settings>;
  env?: NodeJS.ProcessEnv;
  now?: () => Date;
}

/** The findings of one check, as `status: found`. */
export async function asked(
  installation: Installation,
  name: string,
  { settings, env, now }: Choices = {},
): Promise<string[]> {
  const patient = openPatient({ ...installation.settings, ...settings }, { PATH: process.env['PATH'], ...env }, now);
  try {
    const checks = CHECKS.filter((check) => check.name === name);
    expect(checks).toHaveLength(1);
    const findings = await examine(patient, checks);
    for (const { status, remedy } of findings) expect(status !== 'fail' || (remedy ?? '') !== '').toBe(true);
    return findings.map(({ status, found }) => `${status}: ${found}`);
  } finally {
    await patient.close();
  }
}

/** One finding, which must begin like this. */
export async function says(
  installation: Installation,
  name: string,
  start: string | RegExp,
  choices: Choices = {},
): Promise<void> {
  const said = await asked(installation, name, choices);
  expect(said[0]).toMatch(
    typeof start === 'string' ? new RegExp(`^${start.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}`) : start,
  );
  expect(said).toHaveLength(1);
}

/** A database that is not there. */
export const NOWHERE = 'postgres://trading_ops_app:x@127.0.0.1:1/none';
/** A clock that is ahead, or behind. */
export const laterBy = (ms: number) => () => new Date(Date.now() + ms);

/** The smallest sound policy of a household on the real clock. */
export const POLICY_TEXT =
  'version: 1\naccounts: { main: { base_currency: GBP, clock: real } }\noperators: [ann]\nmarket_data: { provider: csv }\n';

export const writePolicy = (installation: Installation, text: string): void =>
  writeFileSync(path.join(installation.configDir, 'policy.yml'), text);
