import * as fc from 'fast-check';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { fillsOfText } from '../../src/domain/confirmation/fill.js';
import { FILL_COLUMNS, fillsCsv, itemsOfCsv } from '../../src/domain/confirmation/fills-csv.js';
import { fillSchema, writtenFill } from '../../src/domain/confirmation/shape.js';
import { OpsError } from '../../src/domain/errors.js';
import { FILE_BYTES_MAX, isPlainText } from '../../src/domain/text.js';

const item = {
  sequence: 1,
  internal_symbol: 'AAPL',
  side: 'BUY',
  executed_status: 'PARTIAL',
  units: '2.5',
  fill_price: '100.10',
  executed_value_base: '250.25',
  filled_at: '2014-07-01T15:41:00+01:00',
  notes: 'half, the rest "later"',
};
const HEADER = FILL_COLUMNS.join(',');
const row = (changes: Partial<Record<keyof typeof item, string>> = {}) =>
  Object.values({ ...item, notes: 'half', ...changes }).join(',');

/** What a text is refused with. */
function refusal(text: string): string {
  try {
    return `it was read: ${JSON.stringify(fillsOfText(text))}`;
  } catch (error) {
    if (!(error instanceof OpsError)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

describe('a fills file as CSV', () => {
  it('has the columns of the JSON file, and says what it says', () => {
    expect(fillsCsv([item])).toBe(
      `${HEADER}\n1,AAPL,BUY,PARTIAL,2.5,100.10,250.25,2014-07-01T15:41:00+01:00,"half, the rest ""later"""\n`,
    );
    expect(fillsOfText(fillsCsv([item]))).toEqual([item]);
    expect(fillsOfText(JSON.stringify([item]))).toEqual([item]);
    // What was reported, written again to be corrected, says the same.
    const fill = fillSchema.parse(item);
    expect(fillSchema.parse(writtenFill(fill))).toEqual(fill);
    expect(Object.keys(writtenFill(fill))).toEqual([...FILL_COLUMNS]);
  });

  it.each([
    ['Windows and a byte order mark', `\uFEFF${HEADER}\r\n${row()}\r\n`],
    ['semicolons', `${HEADER}\n${row()}\n`.replaceAll(',', ';')],
    ['tabs', `${HEADER}\n${row()}\n`.replaceAll(',', '\t')],
    [
      'other columns first, capital letters, empty rows',
      `NOTES,${HEADER.replace(',notes', '')}\n\n,,,,,,,,\nhalf,${row().replace(/,half$/, '')}\n`,
    ],
    ['quotes around everything', `${HEADER}\n${row()}`.replaceAll(/[^,\n]+/g, '"$&"')],
  ])('is read as spreadsheets write it: %s', (_, text) => {
    expect(fillsOfText(text)).toEqual([{ ...item, notes: 'half' }]);
  });

  it('an empty cell is nothing', () => {
    expect(fillsOfText(`${HEADER}\n2,KO,SELL,SKIPPED,,,,,gone\n`)).toEqual([
      {
        ...item,
        sequence: 2,
        internal_symbol: 'KO',
        side: 'SELL',
        executed_status: 'SKIPPED',
        units: null,
        fill_price: null,
        executed_value_base: null,
        filled_at: null,
        notes: 'gone',
      },
    ]);
  });

  it.each([
    [`${HEADER},price\n${row()},1`, /FILLS_INVALID: fills header: "price": is no column of a fills file/],
    [`${HEADER},units\n${row()},1`, /fills header: "units": must be given once/],
    [`${HEADER.replace(',notes', '')}\n`, /fills header: "notes": is missing as a column/],
    [`${HEADER}\n${row()},more\n`, /fills line 2: .*: must have 9 cells, as the header/],
    [`${HEADER}\n${row()}\n"AAPL\n`, /fills line \d+: .*: must be CSV/],
    [`${HEADER}\n${`${row()}\n`.repeat(1_001)}`, /fills: 1001: must have at most 1000 items/],
    [`${HEADER}\n${'x'.repeat(FILE_BYTES_MAX)}`, /must be at most 262144 bytes/],
    ['symbol,units\nAAPL,1', /FILLS_INVALID: fills: .*: must be JSON/],
  ])('%# is refused by line and rule', (text, said) => {
    expect(refusal(text)).toMatch(said);
  });
});

describe('no spreadsheet runs a cell', () => {
  const notes = fc.string({ maxLength: 40 }).filter((text) => isPlainText(text, { lines: false }));
  const begins = fc.constantFrom('=', '+', '-', '@', "'=", "''-", '');
  const cells = (text: string) => parse(text, { relax_column_count: true })[1] as string[];

  it('whatever a note begins with, and it is read as it was written', () => {
    fc.assert(
      fc.property(begins, notes, (begin, rest) => {
        const text = `${begin}${rest}`.trim();
        const csv = fillsCsv([{ ...item, notes: text }]);
        const cell = cells(csv).at(-1) ?? '';
        expect(/^[=+@\t\r]/.test(cell) || (cell.startsWith('-') && !/^-\d+(\.\d+)?$/.test(cell))).toBe(false);
        expect(itemsOfCsv(csv)).toEqual({ items: [{ ...item, notes: text === '' ? null : text }] });
      }),
    );
  });

  it('a negative number stays one', () => {
    expect(cells(fillsCsv([{ ...item, units: '-5.25' }]))[4]).toBe('-5.25');
    expect(cells(fillsCsv([{ ...item, notes: "=1+1|'cmd'" }])).at(-1)).toBe("'=1+1|'cmd'");
  });

  it('and whatever the text is, it is read or refused', () => {
    const pieces = fc.constantFrom(HEADER, 'sequence', ',', ';', '\n', '"', '1', 'AAPL', "'", '=', '\t', '{', '[');
    const text = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 30 }).map((list) => list.join('')),
    );
    fc.assert(
      fc.property(text, (written) => {
        expect(refusal(written)).toMatch(/^(it was read|FILLS_INVALID): /);
      }),
    );
  });
});
