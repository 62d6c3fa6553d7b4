import { describe, expect, test } from 'vitest';
import {
  baselineCashEntry,
  baselinePositionEntry,
  depositEntry,
  dividendEntry,
  dividendFromNet,
  feeEntry,
  fillEntry,
  openingEntry,
  reversalEntry,
  splitEntry,
  withdrawalEntry,
  type EntryDraft,
} from '../../src/domain/ledger/entries.js';
import { nextKey } from '../../src/domain/ledger/keys.js';
import { replayBook } from '../../src/domain/ledger/positions.js';
import {
  imbalances,
  ledgerSums,
  openingDate,
  standingEntries,
  sumsOf,
  unitsBefore,
} from '../../src/domain/ledger/sums.js';
import { nextIndex } from '../../src/domain/ledger/valuation.js';
import { D, toText } from '../../src/domain/money.js';
import { booked, deposit } from './ledger.fixture.js';

const on = (date: string) => ({ date, baseCurrency: 'GBP' });
const opening = openingEntry({ ...on('2014-05-01'), cash: '1000', positions: { MSFT: '5', AAPL: '10' } }) as EntryDraft;

describe('entries', () => {
  test.each<[string, () => unknown, string]>([
    ['a deposit', () => depositEntry({ ...on('2014-06-10'), amount: '0' }), 'amount: 0: must be above 0'],
    ['a withdrawal', () => withdrawalEntry({ ...on('2014-06-10'), amount: '-1' }), 'amount: -1: must be above 0'],
    ['a fee', () => feeEntry({ ...on('2014-06-10'), amount: '0' }), 'amount: 0: must be above 0'],
    ['a net dividend', () => dividendFromNet('0'), 'net: 0: must be above 0'],
    [
      'a split',
      () => splitEntry({ exDate: '2014-06-10', symbol: 'KO', units: '1', ratio: '0' }),
      'ratio: 0: must be above 0',
    ],
    [
      'a dividend of less than a penny',
      () =>
        dividendEntry({
          ...on('2014-06-10'),
          exDate: '2014-06-10',
          symbol: 'KO',
          amounts: { gross: D(0), tax: D(0), net: D(0) },
        }),
      'dividend of KO: 0: must be at least a penny',
    ],
  ])('%s of nothing is named by field and value', (_what, make, message) => {
    expect(make).toThrow(new RangeError(message));
  });

  test('are of whole pennies, half to even', () => {
    const cash = (entry: EntryDraft) => entry.postings.find(({ commodity }) => commodity === 'GBP')?.amount;
    expect(['10.125', '10.135'].map((amount) => cash(depositEntry({ ...on('2014-06-10'), amount })))).toEqual([
      '10.12',
      '10.14',
    ]);
    expect(cash(withdrawalEntry({ ...on('2014-06-10'), amount: '10.125' }))).toBe('10.12');
    expect(cash(feeEntry({ ...on('2014-06-10'), amount: '10.125' }))).toBe('10.12');
    expect(cash(baselineCashEntry({ ...on('2014-06-10'), delta: '-10.125', description: 'x' }))).toBe('-10.12');
    expect(
      cash(baselinePositionEntry({ ...on('2014-06-10'), symbol: 'KO', units: '1', cost: '10.125', description: 'x' })),
    ).toBe('10.12');
    expect(Object.values(dividendFromNet('10.125')).map(toText)).toEqual(['11.91', '1.79', '10.12']);
  });

  test('of baselines and fees say what they are of', () => {
    expect(
      baselinePositionEntry({ ...on('2014-06-10'), symbol: 'KO', units: '-2', cost: '40', description: 'as seen' }),
    ).toEqual({
      kind: 'BASELINE',
      effectiveDate: '2014-06-10',
      description: 'as seen',
      symbol: 'KO',
      postings: [
        { account: 'Assets:Units', commodity: 'KO', amount: '-2' },
        { account: 'Equity:Opening', commodity: 'KO', amount: '2' },
        { account: 'Equity:Trading', commodity: 'GBP', amount: '40' },
        { account: 'Equity:Opening', commodity: 'GBP', amount: '-40' },
      ],
    });
    expect(feeEntry({ ...on('2014-06-10'), amount: '1' })).toMatchObject({
      kind: 'FEE',
      symbol: null,
      description: 'Fee',
    });
    expect(
      dividendEntry({
        ...on('2014-06-10'),
        exDate: '2014-06-01',
        symbol: 'KO',
        amounts: dividendFromNet('1'),
        notes: 'late',
      }).description,
    ).toBe('Dividend of KO, ex-date 2014-06-01: late');
  });
});

describe('sums', () => {
  test('are by commodity, by name, without what comes to nothing', () => {
    const entries = [
      opening,
      baselinePositionEntry({ ...on('2014-06-10'), symbol: 'KO', units: '3', cost: null, description: 'x' }),
      baselinePositionEntry({ ...on('2014-06-10'), symbol: 'AAPL', units: '-10', cost: null, description: 'x' }),
    ];
    expect([...sumsOf(entries, 'Assets:Units')].map(([symbol, sum]) => `${symbol} ${toText(sum)}`)).toEqual([
      'KO 3',
      'MSFT 5',
    ]);
    expect(Object.keys(ledgerSums([opening], 'GBP').units)).toEqual(['AAPL', 'MSFT']);
    expect(ledgerSums([], 'GBP')).toEqual({ cash: '0', units: {} });
    expect(ledgerSums([opening], 'USD').cash).toBe('0');
  });

  test('tell what an entry is off by, by commodity', () => {
    expect(imbalances(opening)).toEqual({});
    expect(
      imbalances({
        ...opening,
        postings: [
          { account: 'Assets:Cash', commodity: 'GBP', amount: '10' },
          { account: 'Equity:Opening', commodity: 'GBP', amount: '-9.5' },
          { account: 'Assets:Units', commodity: 'KO', amount: '1' },
          { account: 'Equity:Opening', commodity: 'KO', amount: '-1' },
          { account: 'Assets:Units', commodity: 'AAPL', amount: '-2' },
        ],
      }),
    ).toEqual({ GBP: '0.5', AAPL: '-2' });
  });

  test('stand by the date they took effect, those of one date as they were booked', () => {
    const taken = deposit('2014-06-01', '9');
    const entries = booked([
      deposit('2014-06-02', '1'),
      deposit('2014-06-01', '2'),
      taken,
      deposit('2014-06-01', '3'),
      { ...reversalEntry(taken, 'x'), reverses: 3 },
      deposit('2014-05-31', '4'),
    ]);
    expect(standingEntries(entries).map(({ entryId }) => entryId)).toEqual([6, 2, 4, 1]);
    expect(standingEntries(entries.toReversed()).map(({ entryId }) => entryId)).toEqual([6, 2, 4, 1]);
  });

  test("before an ex-date are those of the day before; of one up to the opening, the opening's", () => {
    const bought = fillEntry({ ...on('2014-06-10'), symbol: 'AAPL', side: 'BUY', units: '3', value: '30' });
    const same = baselinePositionEntry({
      ...on('2014-05-01'),
      symbol: 'AAPL',
      units: '1',
      cost: null,
      description: 'x',
    });
    const entries = booked([opening, bought, same]);
    const units = (exDate: string, symbol = 'AAPL') => toText(unitsBefore(entries, symbol, exDate));
    expect([
      units('2014-04-01'),
      units('2014-05-01'),
      units('2014-05-02'),
      units('2014-06-10'),
      units('2014-06-11'),
      units('2014-06-11', 'KO'),
    ]).toEqual(['10', '10', '11', '11', '14', '0']);
    expect(toText(unitsBefore([], 'KO', '2014-06-11'))).toBe('0');
    expect([openingDate(entries), openingDate([])]).toEqual(['2014-05-01', null]);
  });

  test('keys that were used get the next number', () => {
    const entries = booked([
      { ...opening, key: 'a' },
      { ...opening, key: 'a#2' },
    ]);
    expect([nextKey(entries, 'a'), nextKey(entries, 'b'), nextKey(entries.slice(0, 1), 'a')]).toEqual([
      'a#3',
      'b',
      'a#2',
    ]);
  });
});

describe('positions', () => {
  const of = (drafts: EntryDraft[], prices: Record<string, string> = {}) =>
    replayBook(booked(drafts), 'GBP', (symbol) => prices[symbol] ?? null);

  test('come by name, each with its dividends and the tax on them, gross', () => {
    const paid = (symbol: string, net: string) =>
      dividendEntry({ ...on('2014-06-20'), exDate: '2014-06-12', symbol, amounts: dividendFromNet(net) });
    const report = of([
      opening,
      paid('MSFT', '85'),
      paid('MSFT', '8.5'),
      paid('AAPL', '17'),
      feeEntry({ ...on('2014-06-20'), amount: '2' }),
    ]);
    expect(
      report.positions.map(({ symbol, dividendsGross, withholdingTax }) => [symbol, dividendsGross, withholdingTax]),
    ).toEqual([
      ['AAPL', '20', '3'],
      ['MSFT', '110', '16.5'],
    ]);
    expect([report.dividendsGross, report.withholdingTax, report.fees]).toEqual(['130', '19.5', '2']);
  });

  test('that were emptied start afresh, in cost and in named cost', () => {
    const trade = (side: 'BUY' | 'SELL', units: string, value: string) =>
      fillEntry({ ...on('2014-06-10'), symbol: 'KO', side, units, value });
    const report = of([trade('BUY', '3', '100'), trade('SELL', '3', '120'), trade('BUY', '2', '50')]);
    expect(report.positions).toEqual([
      {
        symbol: 'KO',
        units: '2',
        cost: '50',
        averageCost: '25',
        namedCost: '50',
        realised: '20',
        dividendsGross: '0',
        withholdingTax: '0',
      },
    ]);
  });

  test('keep their cost through a split, and an unknown one through a baseline of nothing', () => {
    const split = splitEntry({ exDate: '2014-06-09', symbol: 'AAPL', units: '10', ratio: '7' }) as EntryDraft;
    expect(of([opening, split], { AAPL: '9', MSFT: '1' }).positions[0]).toMatchObject({
      symbol: 'AAPL',
      units: '70',
      cost: '90',
      averageCost: '1.285714',
    });
    const looked = baselinePositionEntry({
      ...on('2014-06-10'),
      symbol: 'AAPL',
      units: '1',
      cost: null,
      description: 'x',
    });
    expect(of([opening, looked]).positions[0]).toMatchObject({
      units: '11',
      cost: null,
      namedCost: '0',
      averageCost: null,
    });
  });

  test('of less than a unit have a cost like any other, and come by name in whatever order they were bought', () => {
    const trade = (symbol: string, side: 'BUY' | 'SELL', units: string, value: string) =>
      fillEntry({ ...on('2014-06-10'), symbol, side, units, value });
    expect(
      of([
        trade('KO', 'BUY', '0.5', '50'),
        trade('KO', 'SELL', '0.25', '30'),
        trade('AAPL', 'BUY', '1', '9'),
        trade('JPM', 'BUY', '1', '9'),
      ]).positions.map(({ symbol, units, cost, realised }) => [symbol, units, cost, realised]),
    ).toEqual([
      ['AAPL', '1', '9', '0'],
      ['JPM', '1', '9', '0'],
      ['KO', '0.25', '25', '5'],
    ]);
  });

  test('that are corrected downwards give up their share of the cost, and realise nothing', () => {
    const buy = fillEntry({ ...on('2014-06-10'), symbol: 'KO', side: 'BUY', units: '4', value: '100' });
    const fewer = baselinePositionEntry({
      ...on('2014-06-11'),
      symbol: 'KO',
      units: '-1',
      cost: null,
      description: 'x',
    });
    expect(of([buy, fewer]).positions[0]).toMatchObject({ units: '3', cost: '75', namedCost: '75', realised: '0' });
  });
});

describe('the equity index', () => {
  const state = { equity: '300', equityIndex: '1', peakIndex: '1' };

  test('has ten decimals, and starts at 1, or goes on where it was after an equity of nothing', () => {
    expect(nextIndex(null, '5', '5')).toEqual({ equityIndex: '1', peakIndex: '1' });
    expect(nextIndex(state, '100', '0')).toEqual({ equityIndex: '0.3333333333', peakIndex: '1' });
    expect(nextIndex({ ...state, equityIndex: '0.5', equity: '0' }, '100', '0')).toEqual({
      equityIndex: '0.5',
      peakIndex: '1',
    });
    expect(nextIndex({ ...state, equity: '0.5' }, '1', '0')).toEqual({ equityIndex: '2', peakIndex: '2' });
    expect(nextIndex(state, '400', '100')).toEqual({ equityIndex: '1', peakIndex: '1' });
  });
});
