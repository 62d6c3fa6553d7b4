import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { D, toText } from '../../src/domain/money.js';
import { problemText } from '../../src/domain/problems.js';
import { figuresOfTable, readTable, type KnownNames } from '../../src/domain/reconciliation/pasted-table.js';
import { FILE_BYTES_MAX } from '../../src/domain/text.js';
import { readFigure } from '../../src/domain/reconciliation/written-figure.js';
import { tableLines } from '../../src/reports/reconciliation/table-lines.js';

const row = (internalSymbol: string, etoroSearchName = internalSymbol, name = `${internalSymbol} plc`) => ({
  internalSymbol,
  etoroSearchName,
  name,
});
const known: KnownNames = {
  universe: [
    row('AAPL', 'Apple'),
    row('KO', 'Coca-Cola Company'),
    row('MSFT'),
    row('BRK.B', 'Berkshire Hathaway, B'),
    row('MMM', '3M'),
  ],
  held: ['OLD'],
  baseCurrency: 'GBP',
};

/** The figures that a text gives, or what it is refused with. */
function read(text: string, cash?: string, names: KnownNames = known): unknown {
  const outcome = readTable(text, names);
  const figures = 'problems' in outcome ? outcome : figuresOfTable(outcome.table, cash);
  return 'problems' in figures ? problemText(figures.problems) : figures;
}
const figures = { cash: '1000.50', positions: { AAPL: '10', KO: '2.5' } };

it('a company’s name counts where it is no symbol and no search name, and of two of one name neither', () => {
  const universe = [row('GOOG', 'Google', 'Alphabet'), row('GOOGL', 'GOOGL', 'Alphabet'), row('X', 'X', 'Google')];
  const names = { ...known, universe };
  expect(read('Google,1\ncash,1', undefined, names)).toMatchObject({ positions: { GOOG: '1' } });
  expect(read('Alphabet,1\ncash,1', undefined, names)).toContain('may be GOOG or GOOGL: must be the symbol of one');
});

describe('a table of positions is read', () => {
  it.each([
    ['a CSV with a header', 'symbol,units\nAAPL,10\nKO,2.5\ncash,1000.50\n'],
    ['another heading, other order', 'units,position\n10,AAPL\n2.5,KO\n1000.50,Cash\n'],
    ['Windows: byte order mark and line ends', '\uFEFFsymbol,units\r\nAAPL,10\r\nKO,2.5\r\ncash,1000.50\r\n'],
    ['empty lines and a header again', '\n\nsymbol,units\nAAPL,10\n\n  \nsymbol,units\nKO,2.5\ncash,1000.50\n\n'],
    ['semicolons, as a European Excel writes them', 'symbol;units\nAAPL;10\nKO;2.5\ncash;1000.50'],
    ['quotes and thousands', 'symbol,units\nAAPL,10\n"KO","2.5"\ncash,"1,000.50"'],
    ['no header', 'AAPL,10\nKO,2.5\ncash,1000.50'],
    ['the names of the companies', 'AAPL PLC,10\nKo plc,2.5\ncash,1000.50'],
    ['spaces, the names of the search', 'Apple 10\nCoca-Cola Company   2.5\nAvailable cash £1,000.50'],
    ['no-break spaces', 'Apple\u00A010\nCoca-Cola\u00A0Company 2.5\ncash\u00A0GBP\t1\u00A0000.50'],
    ['narrow no-break spaces between thousands', 'AAPL 10\nKO 2.5\ncash (GBP) 1\u202F000.50'],
    ['a small symbol', 'aapl,10\nko,2.5\ncash,1000.50'],
    [
      'a table of a page, by tabs, with columns nobody needs',
      'Asset\tUnits\tOpen\tValue\nApple\t10\t170.20\t£1,400.00\n' +
        'Coca-Cola Company\t2.5\t61.00\t£120.10\ncash\t1000.50\t\t',
    ],
    [
      'the same by spaces, a name of two words',
      'Asset Units Open Value\nApple 10 170.20 1400.00\nCoca-Cola Company 2.5 61.00 120.10\ncash 1000.50 - -',
    ],
    [
      'the same in columns of spaces',
      'Asset              Units   Avg. open\nApple              10      170.20\n' +
        'Coca-Cola Company  2.5     61.00\ncash               1000.50   -',
    ],
  ])('%s', (_, text) => {
    expect(read(text)).toEqual(figures);
  });

  it('of one symbol on several lines adds up, and says so; 0 is not held', () => {
    const outcome = readTable('AAPL 1.5\nApple 0.25\nKO 0\ncash 5', known);
    if ('problems' in outcome) throw new Error('it was refused');
    expect(figuresOfTable(outcome.table, undefined)).toEqual({ cash: '5', positions: { AAPL: '1.75' } });
    expect(tableLines(outcome.table)).toEqual([
      'Read 1 position and the cash, 5.',
      'AAPL: 1.5 + 0.25 = 1.75, added up of lines 1, 2.',
      'Not held, as the table says: KO.',
    ]);
  });

  it('names the columns that it leaves', () => {
    const outcome = readTable('Asset\tUnits\tOpen\nApple\t10\t1\ncash\t1\t', known);
    expect('table' in outcome && tableLines(outcome.table)).toContain('Columns that were not read: Open.');
  });

  it('of a holding that the universe has no more, and of names that hold a comma or begin with a digit', () => {
    expect(read('OLD 1\n"Berkshire Hathaway, B",2\n3M 7\ncash,1')).toEqual({
      cash: '1',
      positions: { OLD: '1', 'BRK.B': '2', MMM: '7' },
    });
    expect(read('Berkshire Hathaway, B 2\ncash 1')).toEqual({ cash: '1', positions: { 'BRK.B': '2' } });
  });

  it('of a symbol called CASH asks which is meant', () => {
    const names = { ...known, universe: [...known.universe, row('CASH')] };
    expect(read('cash 1000', undefined, names)).toBe('file line 1: "cash 1000": may be the cash or the symbol CASH');
  });
});

describe('the cash', () => {
  it('may stand beside the file, and in both where both say the same', () => {
    expect(read('AAPL 10\nKO 2.5', '1000.50')).toEqual(figures);
    expect(read('AAPL 10\nKO 2.5\ncash 1000.5', '1000.50')).toEqual(figures);
  });

  it.each([
    ['AAPL 10', undefined, /^cash: \(missing\): must stand in a line `cash`, or be given by --cash$/],
    ['AAPL 10\ncash 1000.51', '1000.50', /^cash: "1000\.50": must be that of line 2 of the file, 1000\.51$/],
    ['cash 1\ncash 1', undefined, /^file line 2: "cash 1": must be given once: line 1 says the cash already$/],
    ['cash USD 1', undefined, /must be in the currency of the account, GBP/],
    ['cash $1', undefined, /must be in the currency of the account, GBP/],
    ['cash 1.005', undefined, /at most 2 decimals/],
    ['cash -5', undefined, /without signs/],
  ])('%j with %s is refused', (text, cash, said) => {
    expect(read(text, cash)).toMatch(said);
  });
});

describe('what cannot be taken refuses the whole, each line by its name', () => {
  it.each([
    ['NOBODY 1\ncash 1', /^file line 1: "NOBODY 1": must be a symbol or etoro_search_name/],
    ['AAPL 1.234,56\ncash 1', /^file line 1: "AAPL 1\.234,56": may be read in more than one way/],
    ['AAPL 1,234\ncash 1', /^file line 1: "AAPL 1,234": may be read in more than one way/],
    ['AAPL,"1,234"\ncash,1', /may be read in more than one way/],
    ['AAPL 1 234\ncash 1', /"AAPL 1 234": must be a symbol/],
    ['AAPL,1,234.56\ncash,1', /must be a name and a figure; .* a comma in a cell quotes/],
    ['AAPL -1\ncash 1', /without signs/],
    ['AAPL 1.1234567\ncash 1', /at most 6 decimals/],
    ['AAPL 1234567890\ncash 1', /at most 6 decimals/],
    ['AAPL 1e5\ncash 1', /must be a name and a figure/],
    ['AAPL\ncash 1', /must be a name and a figure/],
    ['symbol,units\nAAPL,ten\ncash,1', /must be units of 0 or more/],
    ['symbol,units\nAAPL,\ncash,1', /nothing stands there/],
    ['symbol,units\nAAPL,1,2\ncash,1', /must have 2 fields, as the header has/],
    ['symbol,units\n"AAPL,1\ncash,1', /a quote is not closed/],
    ['symbol,units,units\nAAPL,1,2\ncash,1,1', /"units": must be one column of the header/],
    ['', /^file: \(missing\): must name the positions/],
    [' \n\uFEFF', /must name the positions|must be a name/],
    ['AAPL 1\u0000\ncash 1', /^file line 1: .*: must be plain text/],
    ['cash 1\nAAPL\u202E 1', /^file line 2: .*202e.*: must be plain text/],
    ['AAPL 1\u20282', /must be plain text/],
    ['x\n'.repeat(1_001), /^file: 1001 lines: must have at most 1000 lines/],
    [`AAPL 1\nAAPL ${' 1'.repeat(500)}`, /^file line 2: .*: must be a line of at most 1000 characters/],
    ['x'.repeat(FILE_BYTES_MAX + 1), /must be at most 262144 bytes/],
    ['£'.repeat(FILE_BYTES_MAX / 2 + 1), /must be at most 262144 bytes/],
  ])('%j', (text, said) => {
    expect(read(text)).toMatch(said);
  });

  it('two names of one text are asked about', () => {
    const names = { ...known, universe: [row('AAA', 'BBB'), row('BBB', 'Other')] };
    expect(read('BBB 1\ncash 1', undefined, names)).toMatch(/may be AAA or BBB: must be the symbol of one/);
  });

  it('every line that is wrong is named', () => {
    expect(read('NOBODY 1\nAAPL 1,234\nKO 1')).toBe(
      'file line 1: "NOBODY 1": must be a symbol or etoro_search_name of universe.csv, or of a position held\n' +
        'file line 2: "AAPL 1,234": may be read in more than one way: ' +
        'must be plain, such as 1234.56, with a point before decimals',
    );
  });
});

describe('whatever the text is', () => {
  const pieces = fc.constantFrom(
    'AAPL',
    'Apple',
    'cash',
    ',',
    ';',
    '\t',
    ' ',
    '\n',
    '"',
    '1',
    '.5',
    '1,234.5',
    '\u00A0',
    'symbol',
    'units',
    'x',
    '0',
    '-',
    '\r',
    '£',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 60 }).map((list) => list.join('')),
  );

  it('never throws, and no line is lost', () => {
    fc.assert(
      fc.property(text, (written) => {
        const outcome = readTable(written, known);
        if ('problems' in outcome) {
          expect(outcome.problems).not.toEqual([]);
          return;
        }
        const { cash, found, unknown, ambiguous } = outcome.table;
        const told = [
          cash === null ? [] : [cash.line],
          ...found.map(({ lines }) => lines.map(({ line }) => line)),
          unknown.map(({ line }) => line),
          ambiguous.map(({ line }) => line),
        ].flat();
        const lines = written.replace(/^\uFEFF/, '').split(/\r\n?|\n/);
        const said = lines.flatMap((line, index) =>
          /[^\s\u202F\u2007\u2009\u00A0\uFEFF]/.test(line) ? [index + 1] : [],
        );
        const headers = said.filter((line) => !told.includes(line)).map((line) => lines[line - 1] ?? '');
        expect(headers.filter((line) => !/symbol/.test(line) || !/units/.test(line))).toEqual([]);
        expect(told.toSorted((a, b) => a - b)).toEqual([...new Set(told)].toSorted((a, b) => a - b));
        const problems = figuresOfTable(outcome.table, undefined);
        if (unknown.length + ambiguous.length > 0) expect(problems).toHaveProperty('problems');
      }),
      { numRuns: 2_000 },
    );
  });

  it('the sum of a symbol is that of its lines, however they are written', () => {
    const amount = fc.integer({ min: 1, max: 999_999_999 }).map((millionths) => toText(D(millionths).div(1_000_000)));
    const separator = fc.constantFrom(',', '\t', ' ', '  ', ';', '\u00A0');
    const line = fc.record({
      name: fc.constantFrom('AAPL', 'Apple', 'apple', 'KO', 'Coca-Cola Company'),
      amount,
      separator,
    });
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 20 }), (lines) => {
        const written = lines.map((each) => `${each.name}${each.separator}${each.amount}`).join('\n');
        const sum = (symbol: string, names: string[]) => {
          const own = lines.filter(({ name }) => names.includes(name));
          return own.length === 0 ? {} : { [symbol]: toText(own.reduce((all, each) => all.plus(each.amount), D(0))) };
        };
        expect(read(written, '1')).toEqual({
          cash: '1',
          positions: { ...sum('AAPL', ['AAPL', 'Apple', 'apple']), ...sum('KO', ['KO', 'Coca-Cola Company']) },
        });
      }),
    );
  });

  it('a figure with proper thousands is the figure', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999_999 }), fc.integer({ min: 0, max: 99 }), (whole, cents) => {
        const decimals = String(cents).padStart(2, '0');
        expect(readFigure(`${whole.toLocaleString('en-GB')}.${decimals}`, 'no')).toEqual({
          figure: `${whole}.${decimals}`,
        });
        const german = `${whole.toLocaleString('de-DE')},${decimals}`;
        expect(readFigure(german, 'no')).toHaveProperty('rule');
      }),
    );
  });
});
