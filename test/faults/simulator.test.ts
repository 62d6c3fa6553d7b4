import { describe, expect, it } from 'vitest';
import { runFaults, textOf } from '../../tools/faults/run.js';

/**
 * Asked for by `FAULTS_DAYS` (200 are three minutes); `FAULTS_SEED` chooses others, `make faults` plays thousands
 * (docs/FAULTS.md).
 */
const DAYS = Number(process.env['FAULTS_DAYS'] ?? 0);
const SEED = Number(process.env['FAULTS_SEED'] ?? 2014);
const MAX_MS = 900_000 + DAYS * 10_000;

describe('days while things fail', () => {
  it(
    `${DAYS || 200} of them, seed ${SEED}: after each everything holds`,
    async ({ skip }) => {
      if (DAYS === 0) skip('takes minutes, and has not yet ended once with all that it plays: FAULTS_DAYS=200 runs it');
      const told: string[] = [];
      const { days, found, outcomes, kinds } = await runFaults({
        seed: SEED,
        days: DAYS,
        jobs: 2,
        shrinks: false,
        otherVersion: false,
        failFast: true,
        file: null,
        say: (line) => void told.push(line),
      });
      expect(found.map(textOf).join('\n'), told.join('\n')).toBe('');
      expect(days).toBe(DAYS);
      // A run in which nothing is ever traded, or in which little fails, would show nothing.
      expect(outcomes['TRADE'] ?? 0).toBeGreaterThan(DAYS / 4);
      expect(Object.keys(kinds).length).toBeGreaterThan(12);
    },
    MAX_MS,
  );
});
