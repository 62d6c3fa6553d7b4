import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OpsError } from '../../src/domain/errors.js';
import { readStatement } from '../../src/domain/statement/read.js';
import type { Statement } from '../../src/domain/statement/statement.js';
import { readWorkbook } from '../../src/providers/statement/workbook.js';
import { JANUARY, statementOf, UNIVERSE } from '../support/statement.js';
import { workbookOf, type CellValue } from '../support/workbook.js';

/**
 * Workbooks that somebody or something changed: each is refused with a code, in bounded time, or read as it stands. A
 * reading is right where it says what the unchanged one says, but for the one row that was changed.
 */
const SHEETS = statementOf(JANUARY);
const BYTES = workbookOf(SHEETS);
const NAMES = Object.keys(SHEETS);
const RUNS = 1_000;

const read = async (body: Buffer): Promise<Statement | null> => {
  try {
    return readStatement(await readWorkbook(body), UNIVERSE);
  } catch (error) {
    if (error instanceof OpsError && error.kind === 'usage' && error.code.startsWith('STATEMENT_')) return null;
    throw error;
  }
};

const rowsOf = (name: string): CellValue[][] => SHEETS[name] ?? [];
const withRows = (name: string, rows: CellValue[][]): Buffer => workbookOf({ ...SHEETS, [name]: rows });
const cellOf = fc.oneof(
  fc.constantFrom(
    '-',
    '',
    'N/A',
    'AAA/USD',
    'Open Position',
    '31/01/2026 23:59:59',
    '1e400',
    '0x10',
    '=1+1',
    '__proto__',
  ),
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary-ascii', maxLength: 8 }).map((text) => text.replaceAll(/\p{Cc}/gu, '?')),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }),
  fc.integer({ min: -5000, max: 5000 }),
);
const place = fc
  .constantFrom(...NAMES)
  .chain((name) =>
    fc.record({ name: fc.constant(name), row: fc.nat(rowsOf(name).length - 1), column: fc.nat(30), other: fc.nat(30) }),
  );

/** What was changed, the file of it, and whether it may be read at all, and how. */
interface Mutation {
  body: Buffer;
  /**
   * `same`: read as if nothing was changed; `other`: at most one row of the activity says otherwise; `less`: a row
   * fewer.
   */
  may: 'same' | 'other' | 'less' | 'refused';
}

const flipped = fc
  .array(fc.record({ at: fc.nat(BYTES.length - 1), by: fc.integer({ min: 1, max: 255 }) }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((flips): Mutation => {
    const body = Buffer.from(BYTES);
    for (const { at, by } of flips) body[at] = (body[at] ?? 0) ^ by;
    return { body, may: 'same' };
  });
const cut = fc.record({ from: fc.nat(BYTES.length), length: fc.nat(500) }).map(({ from, length }): Mutation => ({
  body: Buffer.concat([BYTES.subarray(0, from), BYTES.subarray(from + length)]),
  may: 'same',
}));
const changedCell = fc.tuple(place, cellOf).map(([{ name, row, column }, value]): Mutation => ({
  body: withRows(
    name,
    rowsOf(name).map((cells, at) => (at === row ? cells.map((cell, of) => (of === column ? value : cell)) : cells)),
  ),
  may: 'other',
}));
const dropped = place.map(({ name, row }): Mutation => ({
  body: withRows(name, rowsOf(name).toSpliced(row, 1)),
  may: 'less',
}));
const doubled = place.map(({ name, row }): Mutation => ({
  body: withRows(name, rowsOf(name).toSpliced(row, 0, rowsOf(name)[row] ?? [])),
  may: 'other',
}));
const renamed = fc
  .tuple(
    fc.constantFrom(...NAMES),
    fc.string({ minLength: 1, maxLength: 20 }).filter((text) => !/\p{Cc}/u.test(text) && !NAMES.includes(text)),
  )
  .map(([name, to]): Mutation => ({
    body: workbookOf(
      Object.fromEntries(Object.entries(SHEETS).map(([each, rows]) => [each === name ? to : each, rows])),
    ),
    may: 'refused',
  }));
/** Two columns of a sheet change their places, names and all. */
const movedColumns = fc
  .tuple(fc.constantFrom('Account Activity', 'Closed Positions', 'Dividends'), fc.nat(22), fc.nat(22))
  .map(([name, a, b]): Mutation => {
    const width = rowsOf(name)[0]?.length ?? 1;
    const [one, two] = [a % width, b % width];
    const turned = rowsOf(name).map((cells) => {
      const all = Array.from({ length: width }, (_, at) => cells[at] ?? null);
      [all[one], all[two]] = [all[two] ?? null, all[one] ?? null];
      return all;
    });
    return { body: withRows(name, turned), may: 'same' };
  });
/** Names change their places and the figures below do not. */
const movedNames = place.map(({ name, column, other }): Mutation => {
  const [header = [], ...rows] = rowsOf(name);
  const [one, two] = [column % header.length, other % header.length];
  const turned = [...header];
  [turned[one], turned[two]] = [turned[two] ?? null, turned[one] ?? null];
  return { body: withRows(name, [turned, ...rows]), may: 'other' };
});

/** The parts of two statements in which they differ. */
function differing(told: Statement, known: Statement): number {
  const text = (value: unknown) => JSON.stringify(value);
  const [mine, its] = [
    new Set(told.events.map((event) => text({ ...event, row: 0 }))),
    known.events.map((event) => text({ ...event, row: 0 })),
  ];
  return its.filter((event) => !mine.has(event)).length;
}

describe('workbooks that were changed', () => {
  it(`of ${RUNS}, each is refused by a code or read right`, async () => {
    const known = (await read(BYTES)) as Statement;
    let readRight = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(flipped, cut, changedCell, dropped, doubled, renamed, movedColumns, movedNames),
        async ({ body, may }) => {
          const told = await read(body);
          if (told === null) return;
          readRight += 1;
          if (may === 'same') expect(told).toEqual(known);
          if (may === 'refused') expect.unreachable('was read');
          // An open's cost is what the balance says: where the row before it is gone, it has that row's too.
          expect(differing(told, known)).toBeLessThanOrEqual(2);
          expect(told.events.length).toBeGreaterThanOrEqual(known.events.length - (may === 'less' ? 1 : 0));
        },
      ),
      { numRuns: RUNS, seed: 20261128 },
    );
    // Neither everything nor nothing is refused, or the property would say little.
    expect(readRight).toBeGreaterThan(RUNS / 20);
    expect(readRight).toBeLessThan(RUNS);
  }, 120_000);
});
