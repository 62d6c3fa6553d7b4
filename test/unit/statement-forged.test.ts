import fc from 'fast-check';
import { describe, it } from 'vitest';
import { followForged, FORGERIES, forgeries } from './statement-forged.fixture.js';

const numRuns = Number(process.env['STORIES'] ?? 12);
const seed = Number(process.env['SEED'] ?? 2016);
const MS_EACH = 2_000;

describe('books that were forged', () => {
  it.each(FORGERIES)(
    '%s: differ, and come right',
    async (forgery) => {
      const told = fc.asyncProperty(forgeries, (forged) => followForged(forgery, forged));
      await fc.assert(told, { numRuns, seed });
    },
    60_000 + numRuns * MS_EACH,
  );
});
