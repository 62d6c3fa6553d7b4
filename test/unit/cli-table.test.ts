import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sideBySide, tableLines, wrapped } from '../../src/cli/kit/table.js';

describe('a table in the terminal', () => {
  it('is no wider than it may be, whatever its cells say, and loses nothing of them', () => {
    const cell = fc.string({ unit: fc.constantFrom(...'abcXYZ09 .-_/'), maxLength: 140 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, cell, cell), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 40, max: 140 }),
        (rows, width) => {
          const lines = tableLines(['one', 'two', 'three', 'four'], rows, { width, box: 'never' });
          for (const line of tableLines(['one', 'two', 'three', 'four'], rows, { width, box: 'always' }))
            expect(line.length).toBeLessThanOrEqual(width);
          for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
          const letters = (text: string) => text.replaceAll(/\s/g, '').split('').toSorted().join('');
          expect(letters(lines.join('').replace(/^.*?four/, ''))).toBe(letters(rows.flat().join('')));
        },
      ),
      {
        numRuns: 60,
        // A cell that begins with a space and fills its column: the library cut its last letter.
        examples: [
          [
            [
              ['', '', '', 'aaaaaaaa'],
              ['', 'aaaaaaaaaa', 'aaaaaaaaaa', ''],
              [' aaaaaaaaa', '', '', ''],
            ],
            40,
          ],
        ],
      },
    );
  });

  it('stays as it is where it fits, figures to the right', () => {
    expect(
      tableLines(
        ['symbol', 'units'],
        [
          ['AAPL', '1.5'],
          ['KO', '12'],
        ],
        { right: [1], box: 'never' },
      ),
    ).toEqual(['symbol units', 'AAPL     1.5', 'KO        12']);
  });

  it('stands in a box where that fits', () => {
    const lines = tableLines(['symbol', 'units'], [['AAPL', '1.5']], { right: [1], width: 19 });
    expect(lines[3]).toBe('│ AAPL   │   1.5 │');
    const rows = (cell: string) =>
      tableLines(
        ['a', 'b'],
        [
          [cell, '1'],
          ['y', '2'],
        ],
        { box: 'always', width: 20 },
      );
    expect(rows('x').filter((line) => line.startsWith('├'))).toHaveLength(1);
    expect(rows('several words in a cell').filter((line) => line.startsWith('├'))).toHaveLength(2);
    expect(Math.max(...lines.map(({ length }) => length))).toBe(18);
    expect(tableLines(['symbol', 'units'], [['AAPL', '1.5']], { right: [1], width: 17 })[1]).toBe('AAPL     1.5');
  });

  it('text is broken between words', () => {
    expect(wrapped('one two three four', { width: 9, indent: '  ' })).toEqual(['one two', '  three', '  four']);
    expect(wrapped('  one two three', { width: 9, indent: '    ' })).toEqual(['  one two', '    three']);
    expect(wrapped('oneandtwoandthree four', { width: 9 })).toEqual(['oneandtwoandthree', 'four']);
    expect(wrapped('')).toEqual(['']);
  });

  it('figures stand side by side as long as they fit', () => {
    expect(sideBySide(['Cash 1', 'Positions 2', 'Equity 3'], 20)).toEqual(['Cash 1   Positions 2', 'Equity 3']);
  });
});
