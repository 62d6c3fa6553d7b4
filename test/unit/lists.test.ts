import fc from 'fast-check';
import { expect, it } from 'vitest';
import { groupBy } from '../../src/domain/group.js';
import { standingEntries, type BookedEntry } from '../../src/domain/ledger/sums.js';
import { between, countWhile, lastUpTo } from '../../src/domain/sorted.js';

const texts = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 12 });
const itself = (text: string) => text;

it('groups members by a key, both in the order in which they came', () => {
  const members = ['b1', 'a1', 'b2', 'c1', 'a2'];
  expect([...groupBy(members, ([letter]) => letter)]).toEqual([
    ['b', ['b1', 'b2']],
    ['a', ['a1', 'a2']],
    ['c', ['c1']],
  ]);
  expect(groupBy([], itself).size).toBe(0);
});

it('finds places in an ascending list as a look at each member does', () => {
  fc.assert(
    fc.property(
      texts,
      fc.constantFrom('a', 'b', 'c', 'd', 'e', '', 'z'),
      fc.constantFrom('a', 'c', 'z'),
      (any, one, other) => {
        const list = any.toSorted();
        expect(lastUpTo(list, one, itself)).toBe(list.findLastIndex((text) => text <= one));
        expect(countWhile(list, (text) => text < one)).toBe(list.filter((text) => text < one).length);
        expect(between(list, one, other, itself)).toEqual(list.filter((text) => text >= one && text <= other));
      },
    ),
  );
});

it('puts what still stands in the order of dates, whatever the order of booking, also where a journal grows', () => {
  const dates = fc.array(fc.constantFrom('2026-01-02', '2026-01-05', '2026-01-06', '2026-01-07'), { maxLength: 30 });
  fc.assert(
    fc.property(dates, fc.nat(30), (booked, at) => {
      const journal = booked.map((effectiveDate, index) => entryOf(index + 1, effectiveDate));
      standingEntries(journal.slice(0, at));
      const expected = journal.toSorted(
        (a, b) => a.effectiveDate.localeCompare(b.effectiveDate) || a.entryId - b.entryId,
      );
      expect(standingEntries(journal)).toEqual(expected);
    }),
  );
});

const entryOf = (entryId: number, effectiveDate: string) =>
  ({ entryId, effectiveDate, kind: 'FILL', postings: [], reversesEntryId: null }) as unknown as BookedEntry;
