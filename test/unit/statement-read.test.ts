import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { OpsError } from '../../src/domain/errors.js';
import { readStatement } from '../../src/domain/statement/read.js';
import type { Statement } from '../../src/domain/statement/statement.js';
import { STATEMENT_BYTES_MAX } from '../../src/domain/text.js';
import { readWorkbook } from '../../src/providers/statement/workbook.js';
import { JANUARY, opened, statementOf, UNIVERSE } from '../support/statement.js';
import { partsOf, withPart, workbookOf, zipOf, type CellValue, type Sheets } from '../support/workbook.js';

const read = async (body: Buffer): Promise<Statement> => readStatement(await readWorkbook(body), UNIVERSE);
const refusalOf = async (body: Buffer): Promise<string> => {
  try {
    await read(body);
    return 'read';
  } catch (error) {
    if (error instanceof OpsError && error.kind === 'usage') return `${error.code} ${error.message}`;
    throw error;
  }
};
const january = () => statementOf(JANUARY);
/** January with a cell of a sheet changed; rows and columns as an array counts. */
const changed = (sheet: string, row: number, column: number, value: CellValue): Buffer =>
  workbookOf({
    ...january(),
    [sheet]: (january()[sheet] ?? []).map((cells, at) =>
      at === row ? cells.map((cell, place) => (place === column ? value : cell)) : cells,
    ),
  });
const headed = (sheet: string, from: string, to: string | null): Buffer => {
  const rows = january()[sheet] ?? [];
  const at = (rows[0] ?? []).indexOf(from);
  const of = (cells: CellValue[]) => (to === null ? cells.filter((_, place) => place !== at) : cells);
  const [header = [], ...rest] = rows;
  const named = header.map((cell) => (cell === from ? to : cell));
  return workbookOf({ ...january(), [sheet]: [of(named), ...rest.map(of)] });
};

describe('reading the broker’s statement', () => {
  it('tells each row by position id, in UTC and London dates, with what the balance changed by', async () => {
    const statement = await read(workbookOf(january()));
    expect(statement).toMatchObject({
      layout: '2025-11 with Holdings',
      currency: 'USD',
      display: 'GBP',
      from: '2026-01-01T00:00:00.000Z',
      to: '2026-01-31T23:59:59.000Z',
      cash: { before: '0', after: '1242.45' },
      unused: ['Financial Summary', 'Holdings'],
    });
    expect(statement.events.map(({ kind, positionId, units, cash }) => [kind, positionId, units, cash])).toEqual([
      ['DEPOSIT', null, null, '2500'],
      // Its amount fell to 600 when a part was closed; what it cost is what the balance says.
      ['OPEN', '9000000001', '10', '-1000'],
      ['FEE', '9000000001', null, '-1'],
      ['OPEN', '9000000002', '4.123457', '-500'],
      ['DIVIDEND', '9000000001', null, '2.55'],
      ['CLOSE', '9000000101', '4', '440'],
      ['SPLIT', '9000000001', null, '0'],
      ['WITHDRAWAL', null, null, '-200'],
      ['INTEREST', null, null, '0.9'],
    ]);
    expect(statement.events[4]?.paid).toEqual({
      net: { amount: '2.55', display: '1.9' },
      tax: { amount: '0.45', display: '0.34' },
      rate: '0.15',
    });
  });

  it('is of the London date of an instant, which in summer is the next day’s for an hour', async () => {
    const said = { from: '01/07/2026 00:00:00', to: '31/07/2026 23:59:59', created: '01/08/2026 09:00:00' };
    const late = [{ at: '31/07/2026 23:30:00', type: 'Interest Payment', amount: 1 }];
    const { events } = await read(workbookOf(statementOf(late, said)));
    expect(events[0]).toMatchObject({ at: '2026-07-31T23:30:00.000Z', date: '2026-08-01' });
  });

  it.each(['x:', '', 'main:'])('is the same whatever stands before the elements: %j', async (prefix) => {
    expect(await read(workbookOf(january(), prefix))).toEqual(await read(workbookOf(january())));
  });

  it('finds columns by their names, in whatever order they stand', async () => {
    const turned = Object.fromEntries(
      Object.entries(january()).map(([name, rows]) => {
        const width = Math.max(...rows.map(({ length }) => length));
        const whole = rows.map((cells) => Array.from({ length: width }, (_, at) => cells[at] ?? null).toReversed());
        return [name, name === 'Account Summary' ? rows : whole];
      }),
    );
    expect(await read(workbookOf(turned))).toEqual(await read(workbookOf(january())));
  });

  it.each([
    ['2024-01', 'Closed Positions', 'Long / Short'],
    ['2024-07', 'Closed Positions', 'FX rate at open (USD)'],
  ])('knows the layout of %s by the columns that it lacks', async (label, _, column) => {
    const older: Sheets = {};
    for (const [name, rows] of Object.entries(january())) {
      if (name === 'Holdings') continue;
      const gone = [column, 'Net dividends', 'FX rate at open (USD)', 'Stop loss rate', 'ISIN'];
      const [header = []] = rows;
      const at = header.flatMap((cell, place) => (gone.includes(String(cell)) ? [place] : []));
      older[name] = rows
        .map((cells) => cells.filter((_, place) => !at.includes(place)))
        .map((cells) => cells.map((cell) => (cell === 'Units / Contracts' ? 'Units' : cell)));
    }
    expect((await read(workbookOf(older))).layout).toBe(label);
  });

  it('reads numbers exactly: text with commas, brackets, noise of another program’s arithmetic, day numbers', async () => {
    const interest = 9;
    expect((await read(changed('Account Activity', interest, 3, '0.90'))).events[8]?.amount).toBe('0.9');
    expect((await read(changed('Account Activity', 8, 3, '(200.00)'))).events[7]?.amount).toBe('-200');
    expect((await read(changed('Account Activity', 1, 7, '2,500.00'))).cash.after).toBe('1242.45');
    expect((await read(changed('Account Activity', interest, 3, 0.8999999999999999))).events[8]?.amount).toBe('0.9');
    expect((await read(changed('Account Activity', interest, 0, 46053.24368055556))).events[8]?.at).toBe(
      '2026-01-31T05:50:54.000Z',
    );
  });

  it('takes the rates of a close for near what was paid, and pence by the rate of exchange', async () => {
    expect((await read(changed('Closed Positions', 1, 14, 50))).events[5]?.closing?.openRate).toBe('50');
    const pence = workbookOf({
      ...january(),
      'Closed Positions': (january()['Closed Positions'] ?? []).map((cells, at) =>
        at === 0 ? cells : cells.with(12, '0.0136').with(14, 7_353),
      ),
    });
    expect((await read(pence)).events[5]?.closing?.invested).toBe('400');
  });

  it('counts a part that has no open of its own, and cash that a withdrawal took and gave back', async () => {
    const rows = [
      { at: '05/01/2026 14:05:00', type: 'Deposit', details: '100.00 USD CreditCard', amount: 100 },
      { at: '06/01/2026 14:05:00', type: 'Withdraw Request', amount: -50 },
      { at: '07/01/2026 14:05:00', type: 'Withdraw Request Cancelled', amount: 50 },
    ];
    expect((await read(workbookOf(statementOf(rows)))).events.map(({ kind, cash }) => [kind, cash])).toEqual([
      ['DEPOSIT', '100'],
      ['WITHDRAWAL', '-50'],
      ['WITHDRAWAL', '50'],
    ]);
  });
});

describe('what is not known is refused by its name', () => {
  const row = (type: string, more: object = {}) =>
    workbookOf(statementOf([...JANUARY, { at: '31/01/2026 12:00:00', type, amount: 1, ...more }]));
  it.each<[string, Buffer, string]>([
    ['a sheet', workbookOf({ ...january(), Extras: [['x']] }), 'STATEMENT_LAYOUT sheet: Extras'],
    ['a missing sheet', workbookOf(without('Dividends')), 'STATEMENT_LAYOUT sheet: Dividends: is missing'],
    [
      'a layout before 2022',
      workbookOf({ ...january(), 'Transactions Report': [['x']] }),
      'STATEMENT_LAYOUT sheet: Transactions Report',
    ],
    ['a language', workbookOf({ 'Activité du compte': [['Date']] }), 'STATEMENT_LANGUAGE sheet: Activité du compte'],
    [
      'a language in plain letters',
      workbookOf({ Accountactiviteit: [['Datum']] }),
      'STATEMENT_LANGUAGE sheet: Accountactiviteit',
    ],
    ['a column', headed('Account Activity', 'NWA', 'Bonus'), 'STATEMENT_LAYOUT Account Activity!K1: Bonus'],
    [
      'a missing column',
      headed('Account Activity', 'Units / Contracts', null),
      'STATEMENT_LAYOUT sheet Account Activity: units',
    ],
    ['a column twice', headed('Account Activity', 'NWA', 'Date'), 'STATEMENT_LAYOUT Account Activity!K1: Date'],
    ['a type', row('Referral Bonus'), 'STATEMENT_TYPE Account Activity!B11: Referral Bonus'],
    ['copy trading', row('Start Copy'), 'STATEMENT_TYPE Account Activity!B11: Start Copy: is copy trading'],
    ['crypto', row('Staking'), 'STATEMENT_TYPE Account Activity!B11: Staking: is of crypto'],
    ['a kind of asset', changed('Account Activity', 2, 9, 'CFD'), 'STATEMENT_TYPE Account Activity!J3: CFD'],
    ['leverage', changed('Closed Positions', 1, 7, '5'), 'STATEMENT_TYPE Closed Positions!H2: 5: is leverage'],
    ['a short position', changed('Closed Positions', 1, 2, 'Short'), 'STATEMENT_TYPE Closed Positions!C2: Short'],
    [
      'a copied position',
      changed('Closed Positions', 1, 19, 'somebody'),
      'STATEMENT_TYPE Closed Positions!T2: somebody',
    ],
    [
      'an instrument',
      changed('Account Activity', 2, 2, 'ZZZ/USD'),
      'STATEMENT_INSTRUMENT Account Activity!C3: ZZZ/USD',
    ],
    [
      'another listing',
      changed('Account Activity', 2, 2, 'AAA/EUR'),
      'STATEMENT_INSTRUMENT Account Activity!C3: AAA/EUR',
    ],
    ['a currency', workbookOf(statementOf(JANUARY, { currency: 'GBP' })), 'STATEMENT_CURRENCY Account Summary!B5: GBP'],
    [
      'another display',
      workbookOf(statementOf(JANUARY, { currency: 'USD/EUR' })),
      'STATEMENT_CURRENCY column: Profit(GBP)',
    ],
    [
      'a summary of another display',
      changed('Account Summary', 8, 2, 'Total (EUR)'),
      'STATEMENT_CURRENCY Account Summary!C9: Total (EUR): must be in GBP, as the summary says',
    ],
    [
      'a summary of another currency',
      changed('Account Summary', 8, 1, 'Total (EUR)'),
      'STATEMENT_CURRENCY Account Summary!B9: Total (EUR): must be in USD, as the summary says',
    ],
    ['euros', workbookOf(statementOf(JANUARY, { currency: 'EUR' })), 'STATEMENT_CURRENCY Account Summary!B5: EUR'],
    [
      'units whose comma may be either',
      changed('Account Activity', 4, 4, '0,123'),
      'STATEMENT_VALUE Account Activity!E5: 0,123: may be thousands or thousandths',
    ],
    ['a split to nothing', changed('Account Activity', 7, 2, 'AAA/USD 2:0'), 'STATEMENT_VALUE Account Activity!C8'],
    [
      'a period before there was a broker',
      workbookOf(statementOf([], { from: '01/01/0001 00:00:00', to: '31/12/0040 23:59:59' })),
      'STATEMENT_VALUE Account Summary!B7: 0001-01-01T00:00:00.000Z: must not be before 1970-01-01',
    ],
    [
      'what is no character',
      changed('Account Summary', 13, 0, 'Transfer _x0000_ in'),
      'STATEMENT_VALUE Account Summary!A14: a text: holds what is no character',
    ],
    [
      'half a character',
      changed('Account Summary', 13, 0, 'Transfer _xD800_ in'),
      'STATEMENT_VALUE Account Summary!A14: a text: holds what is no character',
    ],
    ['a number', changed('Account Activity', 1, 3, '2.500,00'), 'STATEMENT_VALUE Account Activity!D2: 2.500,00'],
    [
      'a time',
      changed('Account Activity', 1, 0, '2026-01-05 14:05'),
      'STATEMENT_VALUE Account Activity!A2: 2026-01-05 14:05',
    ],
    [
      'a day that is none',
      changed('Account Activity', 1, 0, '31/02/2026 10:00:00'),
      'STATEMENT_VALUE Account Activity!A2',
    ],
    ['units', changed('Account Activity', 2, 4, '0'), 'STATEMENT_VALUE Account Activity!E3: 0'],
    [
      'a period of parts of days',
      workbookOf(statementOf(JANUARY, { from: '01/01/2026 10:00:00' })),
      'STATEMENT_VALUE Account Summary!B7',
    ],
  ])('%s', async (_, body, expected) => {
    expect(await refusalOf(body)).toContain(expected);
  });

  it('says what to do about it, which for an instrument is no other file', async () => {
    const remedyOf = (body: Buffer) => read(body).catch((error: OpsError) => error.remedy);
    const again = /download the statement from eToro again/;
    expect(await remedyOf(changed('Account Activity', 2, 2, 'ZZZ/USD'))).toMatch(
      /^nothing was stored; .*universe\.csv/,
    );
    const others = [
      changed('Account Activity', 2, 2, 'ZZZ/USD'),
      workbookOf(statementOf(JANUARY, { currency: 'GBP' })),
      row('Referral Bonus'),
      workbookOf({ ...january(), Extras: [['x']] }),
      workbookOf({ 'Activité du compte': [['Date']] }),
    ];
    for (const other of others) {
      expect(await remedyOf(other)).toMatch(/^nothing was stored; /);
      expect(await remedyOf(other)).not.toMatch(again);
    }
    expect(await remedyOf(changed('Account Activity', 1, 3, '2.500,00'))).toMatch(again);
  });

  it('each number cell that no money can be, wherever it stands', async () => {
    const parts = partsOf(january());
    const numbers = /<x:c r="[A-Z]+\d+"><x:v>[^<]*<\/x:v>/g;
    const told = new Map<string, number>();
    for (const { name, body } of parts.filter((each) => each.name.startsWith('xl/worksheets/')))
      for (const { index, 0: cell } of body.toString().matchAll(numbers)) {
        const huge = cell.replace(/<x:v>.*/, '<x:v>1e400</x:v>');
        const changedPart = withPart(
          parts,
          name,
          (text) => text.slice(0, index) + huge + text.slice(index + cell.length),
        );
        const [code = ''] = (await refusalOf(zipOf(changedPart))).split(' ');
        told.set(code, (told.get(code) ?? 0) + 1);
      }
    // Columns that nobody reads, and sheets that are not used, may say what they like.
    expect([...told.keys()].toSorted()).toEqual(['STATEMENT_VALUE', 'read']);
    expect(told.get('STATEMENT_VALUE')).toBeGreaterThan(50);
  });

  function without(name: string): Sheets {
    return Object.fromEntries(Object.entries(january()).filter(([sheet]) => sheet !== name));
  }
});

describe('a statement that disagrees with itself is refused', () => {
  const without = (sheet: string, row: number) =>
    workbookOf({ ...january(), [sheet]: (january()[sheet] ?? []).filter((_, at) => at !== row) });
  it.each<[string, Buffer, string]>([
    ['a row is missing', without('Account Activity', 8), 'realized equity must be'],
    ['the last row is missing', without('Account Activity', 9), 'Ending Realized Equity'],
    ['a close is missing in its sheet', without('Closed Positions', 1), 'must be closed in the sheet'],
    ['a close is missing in the activity', without('Account Activity', 6), 'the activity does not tell of it'],
    ['a dividend is missing in its sheet', without('Dividends', 1), 'has no dividend of 2.55'],
    ['a balance was changed', changed('Account Activity', 5, 7, 1001.6), 'the balance changes by'],
    ['a tax was changed', changed('Dividends', 1, 9, 0.5), 'must be 0.15 of net and tax'],
    [
      'units at the rate are of another scale',
      changed('Closed Positions', 1, 14, 0.1),
      'one of them is of another scale',
    ],
    ['a profit was changed', changed('Closed Positions', 1, 10, 41), 'must be cost and profit'],
    ['the summary has another sum', changed('Account Summary', 10, 1, 2400), 'Deposits: 2400: the rows'],
    [
      'a row is out of time',
      changed('Account Activity', 1, 0, '06/01/2026 14:05:00'),
      'must not be before the row above',
    ],
    [
      'a row is outside the period',
      changed('Account Activity', 9, 0, '01/02/2026 05:50:54'),
      'must be within the period',
    ],
    [
      'it was made before its period',
      workbookOf(statementOf([], { created: '31/12/2025 23:59:59' })),
      'Account Summary!B6: 2025-12-31T23:59:59.000Z: must not be before the period',
    ],
    [
      'a row is of after it was made',
      workbookOf(statementOf(JANUARY, { created: '31/01/2026 05:50:53' })),
      'Account Activity!A10: 2026-01-31T05:50:54.000Z: must not be after the statement was made',
    ],
    [
      'a position is opened twice',
      workbookOf(statementOf([...JANUARY, opened('31/01/2026 14:00:00', 'BBB', '9000000002', '1', 1)])),
      'is opened or closed twice',
    ],
  ])('%s', async (_, body, expected) => {
    expect(await refusalOf(body)).toMatch(
      new RegExp(`^STATEMENT_INCONSISTENT .*${expected.replaceAll(/[.*()]/g, '.')}`),
    );
  });
});

/** Letters that pack badly. */
function noise(length: number): string {
  let state = 1;
  return Array.from({ length }, () => String.fromCharCode(97 + ((state = (state * 48_271) % 2_147_483_647) % 26))).join(
    '',
  );
}

/** Numbers that differ, so that they pack as those of a statement do, each between two tags. */
const counted = (count: number, open: string, close: string): string =>
  Array.from({ length: count }, (_, at) => `${open}${(at * 48_271) % 1_000_003}${close}`).join('');

describe('a hostile file is refused before anything is made of it', () => {
  const parts = () => partsOf(january());
  const more = (name: string, body = '<x/>') => zipOf([...parts(), { name, body: Buffer.from(body) }]);
  const many = Array.from({ length: 1_000 }, (_, at) => ({
    name: `xl/theme/theme${at}.xml`,
    body: Buffer.from('<x/>'),
  }));
  const big = Buffer.alloc(5 * 1024 * 1024, 'a');
  it.each<[string, Buffer, string]>([
    ['no ZIP', Buffer.from('PK and nothing else, for long enough'), 'STATEMENT_NOT_A_WORKBOOK'],
    ['nothing', Buffer.alloc(0), 'STATEMENT_NOT_A_WORKBOOK'],
    [
      'a password',
      Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(100)]),
      'STATEMENT_NOT_A_WORKBOOK file: has a password',
    ],
    ['too large', Buffer.alloc(STATEMENT_BYTES_MAX + 1), 'STATEMENT_TOO_LARGE'],
    ['cut short', workbookOf(january()).subarray(0, 5_000), 'STATEMENT_NOT_A_WORKBOOK'],
    ['another document', zipOf([{ name: 'word/document.xml', body: Buffer.from('<x/>') }]), 'STATEMENT_NOT_A_WORKBOOK'],
    [
      'an encrypted part',
      zipOf(parts().map((each, at) => (at === 3 ? { ...each, flags: 1 } : each))),
      'STATEMENT_HOSTILE',
    ],
    [
      'another packing',
      zipOf(parts().map((each, at) => (at === 3 ? { ...each, method: 14 } : each))),
      'STATEMENT_HOSTILE',
    ],
    ['macros', more('xl/vbaProject.bin'), 'STATEMENT_HOSTILE part: xl/vbaProject.bin: macros'],
    ['links to other files', more('xl/externalLinks/externalLink1.xml'), 'links to other files'],
    ['embedded objects', more('xl/embeddings/oleObject1.bin'), 'embedded objects'],
    ['a nested archive', more('xl/media/more.zip'), 'is of no kind that a statement has'],
    ['a part twice', more('XL/workbook.xml'), 'is there twice'],
    ['a way out', more('../outside.xml'), 'STATEMENT_NOT_A_WORKBOOK'],
    ['an absolute name', more('/etc/outside.xml'), 'STATEMENT_NOT_A_WORKBOOK'],
    ['a name with backslashes', more('xl\\outside.xml'), 'STATEMENT_NOT_A_WORKBOOK'],
    [
      'more rows than anybody has',
      zipOf(
        withPart(parts(), 'xl/worksheets/sheet3.xml', (text) =>
          text.replace(
            '</x:sheetData>',
            `${counted(30_000, '<x:row><x:c><x:v>', '</x:v></x:c></x:row>')}</x:sheetData>`,
          ),
        ),
      ),
      'STATEMENT_TOO_LARGE sheet Account Activity: must have at most 30000 rows',
    ],
    [
      'more texts than those have',
      zipOf(
        withPart(parts(), 'xl/sharedStrings.xml', (text) =>
          text.replace('</x:sst>', `${counted(200_000, '<x:si><x:t>', '</x:t></x:si>')}</x:sst>`),
        ),
      ),
      'STATEMENT_TOO_LARGE xl/sharedStrings.xml: must hold at most 200000 texts',
    ],
    ['a thousand parts', zipOf([...parts(), ...many]), 'STATEMENT_TOO_LARGE parts of the archive'],
    [
      'a part that packs too well',
      more('xl/theme/theme1.xml', big.toString()),
      'STATEMENT_TOO_LARGE file: unpacks to 200 times',
    ],
    [
      'a part that is larger than it says',
      zipOf([...parts(), { name: 'xl/theme/theme1.xml', body: big, says: 100 }]),
      'STATEMENT_NOT_A_WORKBOOK',
    ],
    [
      'a DOCTYPE in the workbook',
      zipOf(withPart(parts(), 'xl/workbook.xml', (text) => text.replace('?>', '?><!DOCTYPE x [<!ENTITY a "b">]>'))),
      'declares a DOCTYPE',
    ],
    ['a DOCTYPE in a part that nobody reads', more('xl/theme/theme1.xml', '<!DOCTYPE x><x/>'), 'declares a DOCTYPE'],
    [
      'an entity',
      zipOf(withPart(parts(), 'xl/sharedStrings.xml', (text) => text.replace('Deposit', '&xxe;'))),
      'is no well-formed markup',
    ],
    [
      'a formula',
      zipOf(
        withPart(parts(), 'xl/worksheets/sheet3.xml', (text) => text.replace('<x:v>2500', '<x:f>1+1</x:f><x:v>2500')),
      ),
      'Account Activity!D2: holds a formula',
    ],
    [
      'a link out of the workbook',
      zipOf(
        withPart(parts(), 'xl/_rels/workbook.xml.rels', (text) =>
          text.replace('Target=', 'TargetMode="External" Target='),
        ),
      ),
      'leads out of the workbook',
    ],
    [
      'macros by their content type',
      zipOf(withPart(parts(), '[Content_Types].xml', (text) => text.replace('sheet.main', 'sheet.macroEnabled.main'))),
      'STATEMENT_HOSTILE [Content_Types].xml',
    ],
    ['markup that nests without end', more('xl/theme/theme1.xml', '<a>'.repeat(100)), 'nests deeper'],
    ['a text without end', more('xl/theme/theme1.xml', `<a>${noise(1_200_000)}</a>`), 'without an end'],
    [
      'a cell where another is',
      zipOf(withPart(parts(), 'xl/worksheets/sheet3.xml', (text) => text.replace('r="B2"', 'r="A2"'))),
      'STATEMENT_VALUE',
    ],
    [
      'a shared text that is not there',
      zipOf(
        withPart(parts(), 'xl/worksheets/sheet3.xml', (text) => text.replace(/t="s"><x:v>\d+/, 't="s"><x:v>99999')),
      ),
      'STATEMENT_VALUE',
    ],
    [
      'a cell that is an error',
      zipOf(withPart(parts(), 'xl/worksheets/sheet3.xml', (text) => text.replace('t="s"', 't="e"'))),
      'a cell of type e',
    ],
  ])('%s', async (_, body, expected) => {
    expect(await refusalOf(body)).toContain(expected);
  });

  it('reads on where another program has added rows by the hundred thousand', async () => {
    const filler = Array.from({ length: 200_000 }, (_, at) => `<x:row r="${at + 100}"/>`).join('');
    const body = zipOf(
      withPart(partsOf(january()), 'xl/worksheets/sheet3.xml', (text) =>
        text.replace('</x:sheetData>', `${filler}</x:sheetData>`),
      ),
    );
    expect(await read(body)).toEqual(await read(workbookOf(january())));
  });
});

const SHARED = path.resolve(import.meta.dirname, '../../../shared/data/etoro-statement');
describe.runIf(existsSync(SHARED))('the workbooks of the shared archive', () => {
  const file = (name: string) => readFileSync(path.join(SHARED, name));
  it('the same with and without prefixes, equal to what the tests write', async () => {
    const statement = await read(file('en-2026-usd-gbp.xlsx'));
    expect(await read(file('en-2026-no-prefix.xlsx'))).toEqual(statement);
    expect((await read(workbookOf(january()))).events).toEqual(statement.events);
  });

  it.each([
    ['en-2021-transactions-report.xlsx', 'STATEMENT_LAYOUT sheet: Transactions Report'],
    ['fr-2026.xlsx', 'STATEMENT_LANGUAGE'],
    ['hostile-doctype.xlsx', 'STATEMENT_HOSTILE part xl/workbook.xml: declares a DOCTYPE'],
    ['hostile-formula.xlsx', 'STATEMENT_HOSTILE Account Activity!D2: holds a formula'],
    ['hostile-bomb-300mb.xlsx', 'STATEMENT_TOO_LARGE'],
  ])('%s is refused', async (name, expected) => {
    expect(await refusalOf(file(name))).toContain(expected);
  });
});
