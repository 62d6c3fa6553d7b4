import { describe, test } from 'vitest';
import { readCorpus } from '../support/corpus/case.js';
import { playCase } from '../support/corpus/play.js';

// Reports from the field, a folder each (test/corpus/README.md): what a day's data did, and what must come of it.
describe('the corpus', { timeout: 120_000 }, () => {
  for (const played of readCorpus()) {
    const needs = played.missing.length === 0 ? '' : ` (needs ../${played.missing.join(', ../')})`;
    test.skipIf(needs !== '')(`${played.case}: ${played.title}${needs}`, () => playCase(played));
  }
});
