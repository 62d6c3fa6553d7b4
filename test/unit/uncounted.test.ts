import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isSplitIn } from '../../src/domain/ledger/bookings/split.js';
import type { EntryKind } from '../../src/domain/ledger/entries.js';
import { unitsBefore, type BookedEntry } from '../../src/domain/ledger/sums.js';
import { uncountedSplits } from '../../src/domain/ledger/uncounted.js';

const SYMBOLS = ['AAA', 'BBB', 'CCC'] as const;
const symbol = fc.constantFrom(...SYMBOLS);
const date = fc.integer({ min: 1, max: 28 }).map((day) => `2026-03-${String(day).padStart(2, '0')}`);

interface Doing {
  kind: EntryKind;
  symbol: string;
  to: string;
  date: string;
  units: number;
}
const doing = fc.record<Doing>({
  kind: fc.constantFrom<EntryKind>('FILL', 'SPLIT', 'RENAME', 'BASELINE', 'REVERSAL'),
  symbol,
  to: symbol,
  date,
  units: fc.integer({ min: -20, max: 20 }),
});

const unit = (commodity: string, amount: number) => ({
  account: 'Assets:Units' as const,
  commodity,
  amount: String(amount),
});

function entryOf({ kind, symbol: of, to, date: effectiveDate, units }: Doing, index: number): BookedEntry {
  const postings = kind === 'RENAME' ? [unit(of, -units), unit(to, units)] : [unit(of, units)];
  return {
    kind,
    symbol: of,
    effectiveDate,
    postings,
    entryId: index + 2,
    reversesEntryId: kind === 'REVERSAL' ? Math.max(1, index) : null,
  } as BookedEntry;
}

const opening = {
  kind: 'OPENING',
  symbol: null,
  effectiveDate: '2026-03-01',
  postings: [unit('AAA', 10), unit('BBB', 5)],
  entryId: 1,
  reversesEntryId: null,
} as unknown as BookedEntry;

it('finds what a walk through the whole journal finds, for every valuation', () => {
  let found = 0;
  fc.assert(
    fc.property(
      fc.array(doing, { maxLength: 14 }),
      fc.array(fc.record({ symbol, exDate: date }), { maxLength: 5 }),
      date,
      (doings, told, asOfDate) => {
        const entries = [opening, ...doings.map(entryOf)];
        const uncounted = uncountedSplits(entries, told);
        for (const { entryId: lastEntryId } of entries) {
          const then = entries.filter(({ entryId }) => entryId <= lastEntryId);
          const expected = told.find(
            ({ symbol: of, exDate }) =>
              exDate <= asOfDate && !isSplitIn(then, of, exDate) && unitsBefore(then, of, exDate).gt(0),
          );
          if (expected) found += 1;
          expect(uncounted({ asOfDate, lastEntryId })).toBe(expected ?? null);
        }
      },
    ),
    { numRuns: 300, seed: 20170707 },
  );
  expect(found).toBeGreaterThan(100);
});

it('looks at the entries of the shares alone: another symbol’s are not read for each valuation', () => {
  const others = Array.from({ length: 3_000 }, (_, index): BookedEntry => {
    const entry = entryOf({ kind: 'FILL', symbol: 'BBB', to: 'BBB', date: '2026-03-02', units: 1 }, index);
    return entry;
  });
  const told = Array.from({ length: 20 }, (_, index) => ({
    symbol: 'CCC',
    exDate: `2026-03-${String(index + 3).padStart(2, '0')}`,
  }));
  let reads = 0;
  const counted = others.map((entry) =>
    Object.defineProperty({ ...entry }, 'effectiveDate', {
      get: () => {
        reads += 1;
        return entry.effectiveDate;
      },
    }),
  );
  const uncounted = uncountedSplits([opening, ...counted], told);
  for (let last = 1; last <= 70; last += 1) expect(uncounted({ asOfDate: '2026-03-28', lastEntryId: last })).toBeNull();
  expect(reads).toBe(0);
});
