import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvRow, textOfCell } from '../../src/domain/csv.js';
import { csvText } from '../../src/reports/render/csv.js';

/** Whether a spreadsheet would run a cell; a quote that was left over before it does not keep it from that. */
const runs = (cell: string): boolean =>
  /^[\s"]*[=+\-@＝＋－＠]|^[\t\r]/.test(cell) && !/^-?\d+(\.\d+)?$/.test(cell.trim());

/** A number and a comma begin no formula where cells are parted by something else: there the comma is a decimal's. */
const beginsAsNumber = (cell: string): boolean => /^-?\d+(\.\d+)?,/.test(cell);

/** Cells of a file as a strict reader has them, and as one has them that parts by something else and knows no quotes. */
const cellsOf = (csv: string): string[] => (parse(csv, { relax_column_count: true }) as string[][]).flat();
const splitBy = (csv: string, separator: RegExp): string[] => csv.split(separator);

const begins = fc.constantFrom('=', '+', '-', '@', '"=', '" @', "'=", "''+", '\t', '\r', '\n=', ' =', '＝', '');
const inner = fc.constantFrom('', ';=1', ';"=1', '\t-x', '\n@x', '; =2', 'a,=1', '","=1');
const text = fc.tuple(begins, fc.string({ maxLength: 12 }), inner).map((parts) => parts.join(''));

describe('a cell of a CSV file', () => {
  it.each([
    ['=HYPERLINK("http://evil.test","x")', `'=HYPERLINK("http://evil.test","x")`],
    ['+1', "'+1"],
    ['-x', "'-x"],
    ['-1+cmd', "'-1+cmd"],
    ['@cmd', "'@cmd"],
    ['\t=1', "'\t'=1"],
    ['\rx', "'\rx"],
    ['"=1+1', `'"=1+1`],
    ['  =1', "'  =1"],
    ['＝1+1', "'＝1+1"],
    ['fell;=1+1', "fell;'=1+1"],
    ['a - b', 'a - b'],
    ['a=b', 'a=b'],
    ["it's", "it's"],
  ])('%j is written as %j, and read as it was', (written, cell) => {
    expect(cellsOf(csvText([['x'], [written]]))).toEqual(['x', cell]);
    expect(textOfCell(cell)).toBe(written);
  });

  it('of any text runs nothing, whatever a spreadsheet parts cells by, and nothing of it is lost', () =>
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), (cells) => {
        const csv = csvText([cells]);
        const found = cellsOf(csv);
        expect(found.filter(runs)).toEqual([]);
        expect(found.map(textOfCell)).toEqual(cells);
        const parted = splitBy(csvRow(cells), /[;\t\r\n]/);
        expect(parted.filter((cell) => runs(cell) && !beginsAsNumber(cell))).toEqual([]);
      }),
      { examples: [[['-0', '=']], [['-12.5', '=1', '-x']]] },
    ));

  it('that is a number stays one, without an exponent; what is no number is empty', () => {
    expect(csvRow([-12.5, 0, 1e-7, -3.2e-9, 1e21, '-0.25', '12.50'])).toBe(
      '-12.5,0,0.0000001,-0.0000000032,1000000000000000000000,-0.25,12.50',
    );
    expect(csvRow([null, Number.NaN, Infinity, -0])).toBe(',,,0');
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }), (value) => {
        const cell = csvRow([value]);
        expect(cell).toMatch(/^-?\d+(\.\d+)?$/);
        expect(Number(cell)).toBe(Math.abs(value) < 1e-100 ? 0 : value);
      }),
    );
  });
});
