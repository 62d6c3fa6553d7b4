import { expect } from 'vitest';

/** Judged by hand on a quiet machine (docs/DEVELOPING.md): beside other tests a command waits for the machine. */
const JUDGED = process.env['BY_THE_CLOCK'] === '1';

/** Holds what was measured against its bound, where time is judged at all. @param ms, limitMs milliseconds */
export function withinMs(ms: number, limitMs: number): void {
  if (JUDGED) expect(ms).toBeLessThan(limitMs);
}
