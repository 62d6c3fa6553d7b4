import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openingEntry, type EntryDraft } from '../../src/domain/ledger/entries.js';
import { compare } from '../../src/domain/reconciliation/compare.js';
import type { DriftContext } from '../../src/domain/reconciliation/drift-context.js';
import { explainDrift } from '../../src/domain/reconciliation/explain.js';
import { nextProposal } from '../../src/domain/reconciliation/proposal.js';
import { nearSymbols, oneDigitOff, slipOf } from '../../src/domain/reconciliation/slips.js';
import type { CorporateAction } from '../../src/domain/types.js';
import { commandOf } from '../../src/reports/commands.js';
import { nextOfDrift } from '../../src/reports/catalogue/next.js';
import { explanationLines } from '../../src/reports/reconciliation/lines.js';
import { booked } from './ledger.fixture.js';

const KNOWN = ['AAPL', 'BRK.B', 'CCL', 'FB', 'GOOG', 'GOOGL', 'KO', 'META', 'MSFT', 'TSLA'];
const AT = '2020-03-06T08:00:00.000Z';
const MAIN = { account: 'main', clock: 'real' } as const;

/** What is said of these holdings when the broker shows those; a unit of anything is worth 100. */
function said(
  held: Record<string, string>,
  shown: Record<string, string>,
  { cash = '1000', ...context }: Partial<DriftContext> & { cash?: string } = {},
) {
  const date = '2020-01-02';
  const opening = openingEntry({ date, baseCurrency: 'GBP', cash: '1000', positions: held }) as EntryDraft;
  const universe = KNOWN.map((internalSymbol) => ({ internalSymbol }));
  const tolerances = { cash_tolerance: 5, units_tolerance: 0.0001 };
  const lines = compare({ cash, positions: shown }, { cash: '1000', units: held }, tolerances, universe);
  return explainDrift(lines, {
    baseCurrency: 'GBP',
    snapshotDate: '2020-03-06',
    asOfDate: '2020-03-05',
    entries: booked([opening]),
    actions: [],
    fxOn: () => '1.3',
    agreedOn: null,
    listedIn: () => 'USD',
    known: KNOWN,
    worthOf: () => '100',
    openTickets: [],
    cashTolerance: '5',
    unitsTolerance: '0.0001',
    ...context,
  });
}
const short = (found: ReturnType<typeof said>): string[] =>
  found.map(({ kind, subject, way }) => `${way ? `${way.number}/${way.of} ` : ''}${kind} ${subject ?? ''}`.trim());

describe('a figure that was typed wrongly', () => {
  test.each([
    ['25.645', '26.545', 'two digits are swapped'],
    ['12', '21', 'two digits are swapped'],
    ['1243.56', '1234.56', 'two digits are swapped'],
    ['265.45', '26.545', 'the decimal point is in another place'],
    ['2500', '25', 'the decimal point is in another place'],
    ['26.45', '26.545', 'a digit is missing'],
    ['26.5545', '26.545', 'a digit is there twice'],
    ['26.545', '26.545', null],
    ['100', '10', null],
    ['26.546', '26.545', null],
    ['0', '26.545', null],
    ['65.245', '26.545', null],
  ])('%s for %s: %s', (read, meant, slip) => {
    expect(slipOf(read, meant)).toBe(slip);
  });

  test('one digit that differs is told where enough others agree', () => {
    expect(oneDigitOff('26.546', '26.545')).toBe('one digit differs');
    expect([oneDigitOff('15', '10'), oneDigitOff('26.646', '26.545')]).toEqual([null, null]);
  });

  test('any two neighbours that differ, swapped, are told whatever the figure', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100_000, max: 999_999_999 }), fc.nat(8), (number, at) => {
        const digits = String(number);
        fc.pre(at + 1 < digits.length && digits[at] !== digits[at + 1] && !(at === 0 && digits[1] === '0'));
        const swapped = `${digits.slice(0, at)}${digits[at + 1]}${digits[at]}${digits.slice(at + 2)}`;
        const point = (text: string) => `${text.slice(0, -3)}.${text.slice(-3)}`;
        expect(slipOf(point(swapped), point(digits))).toBe('two digits are swapped');
        expect(slipOf(point(digits), point(swapped))).toBe('two digits are swapped');
      }),
    );
  });

  test('is to be read again: that is the next step, and no baseline is proposed', () => {
    const found = said({ CCL: '26.545' }, { CCL: '25.645' });
    expect(found).toEqual([
      {
        kind: 'SLIP',
        subject: 'CCL',
        cash: '0',
        text: 'read CCL again: 25.645 was given and the ledger has 26.545: two digits are swapped?',
        proposal: {
          kind: 'READ_AGAIN',
          symbols: ['CCL'],
          likely: { symbol: 'CCL', figure: '26.545' },
          snapshotDate: '2020-03-06',
        },
      },
    ]);
    expect(nextOfDrift(found, MAIN, AT)).toBe(
      'read eToro again, then: trading-ops reconcile-daily --snapshot-date 2020-03-06 --cash <cash> ' +
        '--position CCL=<units> --position <SYMBOL>=<units> --notes "read again" --account main',
    );
  });

  test('whatever differs, a baseline is never proposed', () => {
    const units = fc.integer({ min: 0, max: 30_000 }).map((each) => (each / 1000).toString());
    fc.assert(
      fc.property(units, units, units, units, (a, b, c, d) => {
        const found = said({ CCL: a, KO: b }, { CCL: c, KO: d });
        expect(found.some(({ proposal }) => proposal?.kind === 'SET_BASELINE')).toBe(false);
      }),
    );
  });

  test('ten times as much may be a split as well: both are shown', () => {
    expect(short(said({ KO: '25' }, { KO: '250' }, { asOfDate: '2020-03-06' }))).toEqual([
      '1/2 SLIP KO',
      '2/2 SPLIT KO',
    ]);
  });
});

describe('a symbol that was typed wrongly', () => {
  test.each([
    ['TSLQ', ['TSLA']],
    ['TSAL', ['TSLA']],
    ['GOGL', ['GOOGL']],
    ['BRKB', ['BRK.B']],
    ['KOO', ['KO']],
    ['KP', []],
    ['X', []],
    ['NFLX', []],
  ])('%s: %j', (typed, near) => {
    expect(nearSymbols(typed, KNOWN)).toEqual(near);
  });

  test('stands for the position that is missing beside it', () => {
    const found = said({ TSLA: '5', KO: '1' }, { TSLQ: '5', KO: '1' });
    expect(found).toMatchObject([
      {
        kind: 'SLIP',
        text: 'read eToro again: TSLQ 5 was given, and TSLA, of which the ledger has 5, was not: was TSLA meant?',
        proposal: { kind: 'READ_AGAIN', symbols: ['TSLQ', 'TSLA'], likely: { symbol: 'TSLA', figure: '5' } },
      },
    ]);
    expect(short(said({ TSLA: '5' }, { TSLQ: '4.5' }))).toEqual(['SLIP TSLQ']);
  });

  test('of which nothing is missing is one of the universe', () => {
    expect(said({ KO: '1' }, { KO: '1', TSLQ: '5' })).toMatchObject([
      {
        kind: 'SLIP',
        text: 'read eToro again: TSLQ (5) is not in the universe: was TSLA meant?',
        proposal: { kind: 'READ_AGAIN', likely: { symbol: 'TSLA', figure: '5' } },
      },
    ]);
  });

  test('where the universe has it too may be a rename as well', () => {
    expect(short(said({ GOOG: '5' }, { GOOGL: '5' }))).toEqual(['1/2 SLIP GOOGL', '2/2 RENAME GOOG']);
  });
});

describe('positions that were not given', () => {
  test('all of them: one sentence', () => {
    const found = said({ KO: '1', MSFT: '2', TSLA: '3' }, {});
    expect(found).toMatchObject([
      {
        kind: 'SLIP',
        subject: null,
        text: 'read eToro again: no positions were given at all, and the ledger has 3 (KO 1, MSFT 2, TSLA 3): were they left out?',
        proposal: { kind: 'READ_AGAIN', symbols: ['KO', 'MSFT', 'TSLA'], likely: null },
      },
    ]);
    expect(nextProposal(found)?.kind).toBe('READ_AGAIN');
  });

  test('one of them, before what else differs', () => {
    const found = said({ KO: '1', MSFT: '2' }, { MSFT: '2' }, { cash: '990.37' });
    expect(short(found)).toEqual(['SLIP KO', '1/2 FEE', '2/2 WITHDRAWAL']);
    expect(found[0]).toMatchObject({
      text: 'read eToro again: KO was not given, and the ledger has KO 1: forgotten?',
      proposal: { likely: { symbol: 'KO', figure: '1' } },
    });
  });
});

describe('what a company did', () => {
  test('as many units under another name that has a price: a rename', () => {
    expect(said({ FB: '7', KO: '1' }, { META: '7', KO: '1' })).toMatchObject([
      { kind: 'RENAME', proposal: { kind: 'BOOK_RENAME', symbol: 'FB', to: 'META', date: '2020-03-06' } },
    ]);
    expect(short(said({ FB: '7' }, { META: '4' }))).toEqual(['SLIP FB', 'UNEXPLAINED META']);
  });

  test('a position gone and about its worth in cash: bought out, or forgotten and something else', () => {
    const found = said({ FB: '7', KO: '1' }, { KO: '1' }, { cash: '1761.23' });
    expect(short(found)).toEqual(['1/2 CASH_MERGER FB', '2/2 SLIP FB']);
    expect(found[0]).toMatchObject({
      cash: '761.23',
      proposal: { kind: 'BOOK_CASH_MERGER', symbol: 'FB', date: '2020-03-06', net: '761.23' },
    });
    expect(short(said({ FB: '7', KO: '1' }, { KO: '1' }, { cash: '1910.01' }))).toEqual(['SLIP FB', '1/1 DEPOSIT']);
    expect(short(said({ FB: '7', KO: '1' }, { KO: '1' }, { cash: '1489.99' }))).toEqual(['SLIP FB', '1/1 DEPOSIT']);
  });

  const worths = (of: Record<string, string>) => ({ worthOf: (symbol: string) => of[symbol] ?? null });

  test('shares that came for a position that is gone and are worth about as much: a merger, with the cash that came', () => {
    const worth = worths({ FB: '100', META: '150', KO: '50' });
    const found = said({ FB: '7', KO: '1' }, { META: '3.5', KO: '1' }, { cash: '1150', ...worth });
    expect(short(found)).toEqual(['1/2 STOCK_MERGER FB', '2/2 SLIP FB']);
    expect(found[0]).toMatchObject({
      cash: '150.00',
      proposal: { symbol: 'FB', to: 'META', ratio: '0.5', net: '150.00', date: '2020-03-05' },
    });
    const [merger] = found.map(({ proposal }) => proposal);
    expect(merger && commandOf(merger, MAIN, AT)).toBe(
      'trading-ops ledger stock-merger --symbol FB --to META --ratio 0.5 --date 2020-03-05 --net 150.00 --account main',
    );
    // Of another holding there are more than before; no cash came.
    expect(said({ FB: '7', KO: '1' }, { KO: '15' }, worth)[0]).toMatchObject({
      kind: 'STOCK_MERGER',
      cash: '0',
      proposal: { symbol: 'FB', to: 'KO', ratio: '2', net: null },
    });
    expect(nextProposal(found)?.kind).toBe('READ_AGAIN');
  });

  test('shares that are worth a third less or more than what is gone are no merger, nor are those nobody can value', () => {
    const kinds = (units: string, of: Record<string, string>) =>
      short(said({ FB: '7' }, { META: units }, worths(of)))[0];
    expect(kinds('4.9', { FB: '100', META: '100' })).toBe('1/2 STOCK_MERGER FB');
    expect(kinds('9.1', { FB: '100', META: '100' })).toBe('1/2 STOCK_MERGER FB');
    expect(kinds('4.89', { FB: '100', META: '100' })).toBe('SLIP FB');
    expect(kinds('9.11', { FB: '100', META: '100' })).toBe('SLIP FB');
    expect(kinds('3.5', { FB: '100' })).toBe('SLIP FB');
  });

  test('terms of a merger that are no simple ones are given as they came', () => {
    expect(said({ FB: '7' }, { META: '6.543219' }, worths({ FB: '100', META: '100' }))[0]).toMatchObject({
      proposal: { ratio: '0.9347455714' },
    });
  });

  test('shares that came beside holdings, in a simple proportion to one that is worth more: spun off', () => {
    const worth = worths({ MSFT: '200', KO: '50', META: '90' });
    const found = said({ MSFT: '26.545', KO: '3.1' }, { MSFT: '26.545', KO: '3.1', META: '8.848333' }, worth);
    expect(short(found)).toEqual(['1/2 SPIN_OFF MSFT', '2/2 UNEXPLAINED META']);
    expect(found[0]).toMatchObject({
      text: '8.848333 META came, 1/3 for each of 26.545 MSFT: spun off from it, if eToro says so',
      proposal: { kind: 'BOOK_SPIN_OFF', symbol: 'MSFT', to: 'META', ratio: '1/3', date: '2020-03-05' },
    });
    expect(nextProposal(found)?.kind).toBe('READ_AGAIN');
    // Of several holdings each is shown; of one that is worth less than what came it is not.
    expect(short(said({ MSFT: '10', KO: '20' }, { MSFT: '10', KO: '20', META: '5' }, worth))).toEqual([
      '1/3 SPIN_OFF MSFT',
      '2/3 SPIN_OFF KO',
      '3/3 UNEXPLAINED META',
    ]);
    expect(short(said({ KO: '10' }, { KO: '10', META: '7' }, worth))).toEqual(['UNEXPLAINED META']);
    expect(short(said({ MSFT: '26.545' }, { MSFT: '26.545', META: '8.8513' }, worth))).toEqual(['UNEXPLAINED META']);
  });

  test('a position that is gone and whose prices have ended: forgotten, or delisted for what came', () => {
    const ended = { lastClose: (symbol: string) => (symbol === 'FB' ? '2020-02-26' : '2020-03-05') };
    const nothing = said({ FB: '7', KO: '1' }, { KO: '1' }, ended);
    expect(short(nothing)).toEqual(['1/2 SLIP FB', '2/2 DELISTING FB']);
    expect(nothing[1]?.proposal).toEqual({ kind: 'BOOK_DELISTING', symbol: 'FB', date: '2020-03-06', net: null });
    const some = said({ FB: '7', KO: '1' }, { KO: '1' }, { ...ended, cash: '1012.34' });
    expect(short(some)).toEqual(['1/2 SLIP FB', '2/2 DELISTING FB']);
    expect(some[1]).toMatchObject({ cash: '12.34', proposal: { net: '12.34' } });
    expect(nextProposal(some)?.kind).toBe('READ_AGAIN');
    expect(short(said({ FB: '7', KO: '1' }, { FB: '7' }, ended))).toEqual(['SLIP KO']);
    const lately = { lastClose: () => '2020-02-27' };
    expect(short(said({ FB: '7', KO: '1' }, { KO: '1' }, lately))).toEqual(['SLIP FB']);
  });

  test('a fraction of a share gone and about its worth in cash, alone or after a reverse split', () => {
    expect(said({ KO: '1.25' }, { KO: '1' }, { cash: '1024.10' })).toMatchObject([
      {
        kind: 'CASH_IN_LIEU',
        cash: '24.10',
        proposal: { kind: 'BOOK_CASH_IN_LIEU', symbol: 'KO', units: '0.25', net: '24.10', date: '2020-03-06' },
      },
    ]);
    const reverse: CorporateAction = {
      symbol: 'KO',
      exDate: '2020-03-03',
      kind: 'SPLIT',
      value: '0.125',
      currency: null,
      source: 'csv',
    };
    expect(short(said({ KO: '10' }, { KO: '1' }, { cash: '1024.10', actions: [reverse] }))).toEqual([
      'SPLIT KO',
      'CASH_IN_LIEU KO',
    ]);
    // A quarter of a share at four times its price is something else.
    expect(short(said({ KO: '1.25' }, { KO: '1' }, { cash: '1100' }))).toEqual(['UNEXPLAINED KO', 'DEPOSIT']);
  });

  test('a dividend that says no currency is in that of the listing', () => {
    const ruled: CorporateAction = {
      symbol: 'KO',
      exDate: '2020-03-03',
      kind: 'DIVIDEND',
      value: '20',
      currency: null,
      source: 'ruling',
    };
    // 90 × 20 USD / 1.3, less 15 %.
    expect(said({ KO: '90' }, { KO: '90' }, { cash: '2176.93', actions: [ruled] })).toMatchObject([
      {
        kind: 'DIVIDEND',
        cash: '1176.93',
        text: 'dividend of KO, ex-date 2020-03-03, not booked: 90 × 20 USD / 1.3 less 15 % US withholding = 1176.93 GBP',
        proposal: { kind: 'BOOK_DIVIDEND', currency: 'USD', fx: '1.3' },
      },
    ]);
  });

  test('a regular and a special dividend of one ex-date, each with its type, and a return of capital without withholding', () => {
    const paid = (dividendType: CorporateAction['dividendType'], value: string): CorporateAction => ({
      symbol: 'KO',
      exDate: '2020-03-03',
      kind: 'DIVIDEND',
      value,
      currency: 'GBP',
      source: 'csv',
      ...(dividendType && { dividendType }),
    });
    // 100 × 0.305 and 100 × 1, less 15 % each.
    const found = said(
      { KO: '100' },
      { KO: '100' },
      { cash: '1110.92', actions: [paid(undefined, '0.305'), paid('special', '1')] },
    );
    expect(found.map(({ proposal }) => proposal)).toMatchObject([
      { amount: '0.305' },
      { amount: '1', dividendType: 'special' },
    ]);
    expect(
      said({ KO: '100' }, { KO: '100' }, { cash: '1037.31', actions: [paid('return_of_capital', '0.3731')] }),
    ).toMatchObject([{ cash: '37.31', proposal: { dividendType: 'return_of_capital', withholding: '0' } }]);
  });
});

describe('several ways', () => {
  test('are numbered for whoever reads them, and none is typed next', () => {
    const found = said({ KO: '1' }, { KO: '1' }, { cash: '990.37' });
    expect(explanationLines(found, MAIN, AT)).toEqual([
      "2 ways fit the cash; eToro's history tells which it was:",
      'Way 1 (not certain): a fee of 9.63 GBP that was not booked would explain the shortfall of cash; it counts in performance, a transfer does not',
      '  trading-ops ledger fee --amount 9.63 --date 2020-03-06 --account main',
      'Way 2 (not certain): a withdrawal of 9.63 GBP that was not booked would explain the shortfall of cash',
      '  trading-ops cash withdraw --amount 9.63 --date 2020-03-06 --account main',
    ]);
    expect(nextOfDrift(found, MAIN, AT)).toBe(
      "look in eToro's history which of the ways it was, book that one, and reconcile again",
    );
    expect(nextOfDrift([], MAIN, AT)).toBe('find out what differs, book it, and reconcile again');
    const certain = said({ KO: '1' }, { KO: '1' }, { cash: '1500' });
    expect(nextOfDrift(certain, MAIN, AT)).toBe(
      commandOf({ kind: 'BOOK_DEPOSIT', amount: '500.00', date: '2020-03-06' }, MAIN, AT),
    );
  });
});
