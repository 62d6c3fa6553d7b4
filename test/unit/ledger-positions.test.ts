import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  baselineCashEntry,
  baselinePositionEntry,
  depositEntry,
  dividendAmounts,
  dividendEntry,
  feeEntry,
  fillEntry,
  interestEntry,
  openingEntry,
  reversalEntry,
  splitEntry,
  withdrawalEntry,
  type EntryDraft,
} from '../../src/domain/ledger/entries.js';
import { bookedUnder, dividendKey, nextKey } from '../../src/domain/ledger/keys.js';
import { incomeTotals, poolTotals, replayBook } from '../../src/domain/ledger/positions.js';
import { ledgerSums } from '../../src/domain/ledger/sums.js';
import { nextIndex, valueBook, type Quote } from '../../src/domain/ledger/valuation.js';
import { D, toText } from '../../src/domain/money.js';
import { booked } from './ledger.fixture.js';

const baseCurrency = 'GBP';
const buy = (date: string, units: string, value: string) =>
  fillEntry({ date, baseCurrency, symbol: 'AAPL', side: 'BUY', units, value });
const sell = (date: string, units: string, value: string) =>
  fillEntry({ date, baseCurrency, symbol: 'AAPL', side: 'SELL', units, value });
const opening = (positions: Record<string, string>) =>
  openingEntry({ date: '2014-06-02', baseCurrency, cash: '10000', positions }) as EntryDraft;
const aapl = (drafts: Parameters<typeof booked>[0], price?: string) =>
  replayBook(booked(drafts), baseCurrency, () => price ?? null).positions.find(({ symbol }) => symbol === 'AAPL');

describe('pooled cost', () => {
  // HMRC's way (CG51560, figures of our own): 1000 for £4000, 500 for £2100, 700 sold for £3360 take out 700/1500 of £6100.
  test('a sale takes its share of the pool out, and realises the rest', () => {
    const position = aapl([
      opening({}),
      buy('2014-06-03', '1000', '4000'),
      buy('2014-06-04', '500', '2100'),
      sell('2014-06-05', '700', '3360'),
    ]);
    expect(position).toMatchObject({ units: '800', cost: '3253.33', realised: '513.33', averageCost: '4.066662' });
  });

  test('a split changes units and average cost, never the cost', () => {
    const split = splitEntry({ exDate: '2014-06-09', symbol: 'AAPL', units: '10', ratio: '7' }) as EntryDraft;
    expect(aapl([opening({}), buy('2014-06-03', '10', '3780'), split])).toMatchObject({
      units: '70',
      cost: '3780',
      averageCost: '54',
    });
  });

  test('a split booked late still counts before the fills that came after its ex-date', () => {
    const split = splitEntry({ exDate: '2014-06-09', symbol: 'AAPL', units: '10', ratio: '7' }) as EntryDraft;
    expect(aapl([opening({}), buy('2014-06-03', '10', '700'), sell('2014-06-10', '7', '100'), split])).toMatchObject({
      units: '63',
      cost: '630',
      realised: '30',
    });
  });

  test('an opening without a price has no known cost, nor have sales from it', () => {
    expect(aapl([opening({ AAPL: '10' })])).toMatchObject({ cost: null, averageCost: null, realised: '0' });
    expect(aapl([opening({ AAPL: '10' }), sell('2014-06-05', '4', '900')])).toMatchObject({
      units: '6',
      cost: null,
      realised: null,
    });
  });

  test('an opening counts at its value on the date, until a baseline says what it cost', () => {
    expect(aapl([opening({ AAPL: '10' })], '375.5')).toMatchObject({ cost: '3755', namedCost: '0' });
    const named = baselinePositionEntry({
      date: '2014-06-03',
      baseCurrency,
      symbol: 'AAPL',
      units: '0',
      cost: '2000',
      description: 'bought in 2010',
    });
    expect(aapl([opening({ AAPL: '10' }), named], '375.5')).toMatchObject({ cost: '2000', namedCost: '2000' });
    expect(aapl([opening({ AAPL: '10' }), named, sell('2014-06-05', '5', '1500')])).toMatchObject({
      units: '5',
      cost: '1000',
      realised: '500',
    });
  });

  test('a baseline that takes units away takes their cost along and realises nothing', () => {
    const away = baselinePositionEntry({
      date: '2014-06-04',
      baseCurrency,
      symbol: 'AAPL',
      units: '-5',
      cost: null,
      description: 'typed twice',
    });
    expect(aapl([opening({}), buy('2014-06-03', '10', '1000'), away])).toMatchObject({
      units: '5',
      cost: '500',
      realised: '0',
    });
  });

  test('an emptied pool starts afresh', () => {
    expect(
      aapl([opening({ AAPL: '10' }), sell('2014-06-03', '10', '900'), buy('2014-06-04', '2', '180')]),
    ).toMatchObject({ units: '2', cost: '180' });
  });

  test('what was sold before it was bought has no cost to take out, and leaves none behind', () => {
    const order = [opening({}), sell('2014-06-03', '5', '450'), buy('2014-06-04', '3', '240')];
    expect(aapl([...order, sell('2014-06-05', '1', '100')])).toMatchObject({ units: '-3', realised: '550' });
    expect(aapl([...order, buy('2014-06-05', '2', '160')])).toMatchObject({ units: '0', cost: '0', namedCost: '0' });
  });

  test('what was reversed counts for nothing, neither as cost nor as profit', () => {
    const mistake = buy('2014-06-03', '100', '9999');
    const drafts = [
      opening({}),
      mistake,
      { ...reversalEntry(mistake, 'amended'), reverses: 2 },
      buy('2014-06-03', '10', '999.9'),
    ];
    expect(aapl(drafts)).toMatchObject({ units: '10', cost: '999.9', realised: '0' });
  });
});

describe('the book as a whole', () => {
  test('tells dividends gross and taxed, fees, deposits and withdrawals apart', () => {
    const amounts = dividendAmounts({ units: '70', amount: '0.47', fx: '1.6845' });
    const drafts = [
      opening({}),
      depositEntry({ date: '2014-06-03', baseCurrency, amount: '500' }),
      withdrawalEntry({ date: '2014-06-04', baseCurrency, amount: '120.5' }),
      feeEntry({ date: '2014-06-04', baseCurrency, amount: '5' }),
      dividendEntry({ date: '2014-08-14', exDate: '2014-08-07', baseCurrency, symbol: 'AAPL', amounts }),
    ];
    expect(replayBook(booked(drafts), baseCurrency)).toMatchObject({
      deposits: '500',
      withdrawals: '120.5',
      fees: '5',
      dividendsGross: '19.53',
      withholdingTax: '2.93',
      cash: '10391.1',
    });
  });

  test('cash and units of the replay are the sums of the journal, whatever was booked', () => {
    const any = fc.oneof(
      fc
        .integer({ min: 1, max: 1_000_000 })
        .map((pence) => depositEntry({ date: '2014-06-03', baseCurrency, amount: toText(D(pence).div(100)) })),
      fc
        .tuple(fc.integer({ min: 1, max: 9_999_999 }), fc.integer({ min: 1, max: 1_000_000 }), fc.boolean())
        .map(([units, pence, isBuy]) =>
          (isBuy ? buy : sell)('2014-06-04', toText(D(units).div(1_000_000)), toText(D(pence).div(100))),
        ),
      fc
        .integer({ min: -100_000, max: 100_000 })
        .filter((pence) => pence !== 0)
        .map((pence) =>
          baselineCashEntry({ date: '2014-06-05', baseCurrency, delta: toText(D(pence).div(100)), description: 'x' }),
        ),
    );
    fc.assert(
      fc.property(fc.array(any, { maxLength: 20 }), (drafts) => {
        const entries = booked([opening({ AAPL: '100' }), ...drafts]);
        const report = replayBook(entries, baseCurrency, () => '90');
        const sums = ledgerSums(entries, baseCurrency);
        expect(report.cash).toBe(sums.cash);
        expect(report.positions.find(({ symbol }) => symbol === 'AAPL')?.units).toBe(sums.units['AAPL'] ?? '0');
      }),
    );
  });

  test('realised and unrealised together are what came out, and is still there, less what went in', () => {
    const fill = fc.record({
      units: fc.integer({ min: 1, max: 1_000 }),
      pence: fc.integer({ min: 1, max: 1_000_000 }),
      side: fc.constantFrom(buy, sell),
    });
    fc.assert(
      fc.property(fc.array(fill, { maxLength: 20 }), (fills) => {
        const entries = booked([
          opening({}),
          buy('2014-06-03', '100000', '500000'),
          ...fills.map(({ units, pence, side }) => side('2014-06-04', String(units), toText(D(pence).div(100)))),
        ]);
        const quote: Quote = { price: '92.93', currency: 'USD', fx: '1.704055', date: '2014-06-30' };
        const valued = valueBook(replayBook(entries, baseCurrency), new Map([['AAPL', quote]]));
        const gained = D(valued.realised ?? 'x').plus(D(valued.unrealised ?? 'x'));
        expect(toText(gained)).toBe(toText(D(valued.equity ?? 'x').minus(10_000)));
      }),
    );
  });

  test('a held symbol without a price leaves value and equity unknown, not wrong', () => {
    const valued = valueBook(
      replayBook(booked([opening({ AAPL: '10', KO: '5' })]), baseCurrency),
      new Map([['KO', { price: '42.36', currency: 'USD', fx: '1.704055', date: '2014-06-30' }]]),
    );
    expect(valued).toMatchObject({ positionsValue: null, equity: null, unrealised: null });
    expect(valued.positions.find(({ symbol }) => symbol === 'KO')?.value).toBe('124.29');
  });

  test('what is no longer held is worth nothing, and needs no price', () => {
    const entries = booked([opening({}), buy('2014-06-03', '10', '1000'), sell('2014-06-04', '10', '1100')]);
    const valued = valueBook(replayBook(entries, baseCurrency), new Map());
    expect(valued).toMatchObject({ positionsValue: '0', equity: '10100', unrealised: '0', realised: '100' });
    expect(valued.positions).toMatchObject([{ symbol: 'AAPL', units: '0', value: '0', unrealised: '0' }]);
  });
});

describe('the equity index', () => {
  test('paying money in is no profit, and taking it out no drawdown', () => {
    const first = nextIndex(null, '10000', '10000');
    expect(first).toEqual({ equityIndex: '1', peakIndex: '1' });
    expect(nextIndex({ equity: '10000', ...first }, '15000', '5000').equityIndex).toBe('1');
    expect(nextIndex({ equity: '10000', ...first }, '4000', '-6000').equityIndex).toBe('1');
    expect(nextIndex({ equity: '10000', ...first }, '8000', '0')).toEqual({ equityIndex: '0.8', peakIndex: '1' });
  });
});

describe('totals at the ends of dates', () => {
  const dividend = (date: string, units: string) =>
    dividendEntry({
      date,
      exDate: date,
      baseCurrency,
      symbol: 'AAPL',
      amounts: dividendAmounts({ units, amount: '3.29', fx: '1.68' }),
    });
  const entries = booked([
    opening({ KO: '20', AAPL: '3' }),
    buy('2014-06-03', '10', '3780.11'),
    dividend('2014-06-05', '13'),
    sell('2014-06-10', '4', '1600.03'),
    feeEntry({ date: '2014-06-12', baseCurrency, amount: '5.01' }),
    // Booked last but one, and of before the sale.
    buy('2014-06-09', '1', '400.07'),
    interestEntry({ date: '2014-06-20', baseCurrency, amount: '2.02' }),
    sell('2014-06-20', '2', '700'),
    dividend('2014-06-21', '7'),
    { ...reversalEntry(dividend('2014-06-21', '7'), 'wrong'), reverses: 9 },
    feeEntry({ date: '2014-07-01', baseCurrency, amount: '0.5' }),
    dividend('2014-07-02', '8'),
  ]);
  const priced = (symbol: string) => (symbol === 'AAPL' ? '377.5' : '24.3');
  const dates = ['2014-06-01', '2014-06-02', '2014-06-05', '2014-06-09', '2014-06-20', '2014-06-30', '2014-07-02'];
  const booksOf = (price: (symbol: string) => string | null) =>
    dates.map((date) =>
      replayBook(
        entries.filter(({ effectiveDate }) => effectiveDate <= date),
        baseCurrency,
        price,
      ),
    );

  test('are those of the book up to each of them, whatever order it was booked in', () => {
    expect(incomeTotals(entries, baseCurrency, dates)).toEqual(
      booksOf(priced).map(({ dividendsGross, withholdingTax, interest, fees }) => ({
        dividendsGross,
        withholdingTax,
        interest,
        fees,
      })),
    );
    const costs = booksOf(priced).map(({ realised, positions }) => ({
      realised,
      cost: toText(positions.reduce((sum, { cost }) => sum.plus(D(cost!)), D(0))),
    }));
    expect(poolTotals(entries, baseCurrency, dates, priced)).toEqual(costs);
    expect(new Set(costs.map(({ cost }) => cost)).size).toBe(5);
    expect(incomeTotals(entries, baseCurrency, dates).at(-1)).toEqual({
      dividendsGross: '41.13',
      withholdingTax: '6.17',
      interest: '2.02',
      fees: '5.51',
    });
  });

  test('are not told where the cost of what was opened with is not', () => {
    expect(poolTotals(entries, baseCurrency, dates).map(({ realised, cost }) => [realised, cost])).toEqual([
      ['0', '0'],
      ['0', null],
      ['0', null],
      ['0', null],
      [null, null],
      [null, null],
      [null, null],
    ]);
  });
});

describe('keys', () => {
  const dividend = dividendEntry({
    date: '2014-06-20',
    exDate: '2014-06-12',
    baseCurrency,
    symbol: 'KO',
    amounts: dividendAmounts({ units: '20', amount: '0.305', fx: '1.68' }),
  });
  const key = dividendKey('KO', '2014-06-12');
  test('a booking is found under its key until it is reversed; then the key is free with a counter', () => {
    expect(bookedUnder(booked([{ ...dividend, key }]), key)?.entryId).toBe(1);
    const reversed = booked([
      { ...dividend, key },
      { ...reversalEntry(dividend, 'wrong'), reverses: 1 },
    ]);
    expect(bookedUnder(reversed, key)).toBeUndefined();
    expect([nextKey([], key), nextKey(reversed, key)]).toEqual([key, `${key}#2`]);
    expect(bookedUnder(booked([{ ...dividend, key: `${key}#2` }]), key)?.entryId).toBe(1);
  });
});
