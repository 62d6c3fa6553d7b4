import { describe, expect, it } from 'vitest';
import { runFaults, textOf } from '../../tools/faults/run.js';

/** `FAULTS_DAYS` and `FAULTS_SEED` choose others; `make faults` plays thousands (docs/FAULTS.md). */
const DAYS = Number(process.env['FAULTS_DAYS'] ?? 60);
const SEED = Number(process.env['FAULTS_SEED'] ?? 2014);
const MAX_MS = 300_000 + DAYS * 5_000;

describe('days while things fail', () => {
  it(
    `${DAYS} of them, seed ${SEED}: after each everything holds`,
    async () => {
      const told: string[] = [];
      const { days, found, outcomes, kinds } = await runFaults({
        seed: SEED,
        days: DAYS,
        // Days wait for what comes back: two jobs would leave the machine idle.
        jobs: 3,
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
