import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { worthAtClose } from '../../src/domain/walk/worth.js';
import { D } from '../../src/domain/money.js';
import type { CorporateAction, TicketLine } from '../../src/domain/types.js';
import {
  beginSession,
  execute,
  openBook,
  snapshot,
  without,
  type BrokerBook,
  type BrokerMarket,
} from '../../src/simulation/broker.js';

/** Opens and closes of Alpha Vantage's raw series (eod-demo of the shared test data); rates of the ECB. */
const PRICES: Record<string, { open: string; close: string }> = {
  'AAPL 2014-06-06': { open: '649.9', close: '645.57' },
  'AAPL 2014-06-09': { open: '92.7', close: '93.7' },
  'KO 2014-06-09': { open: '40.85', close: '40.91' },
};
const RATES = [
  { date: '2014-06-06', rate: '1.682536' },
  { date: '2014-06-09', rate: '1.680311' },
];
const ACTIONS: CorporateAction[] = [
  { symbol: 'AAPL', exDate: '2014-06-09', kind: 'SPLIT', value: '7', currency: null, source: 'csv' },
  { symbol: 'KO', exDate: '2014-06-12', kind: 'DIVIDEND', value: '0.305', currency: 'USD', source: 'csv' },
];

const market: BrokerMarket = {
  openOf: (symbol, session) => PRICES[`${symbol} ${session}`]?.open ?? null,
  closeOf: (symbol, session) => PRICES[`${symbol} ${session}`]?.close ?? null,
  actionsOn: (exDate) => ACTIONS.filter((action) => action.exDate === exDate),
  paysDividends: () => false,
  rateOn: (date) => RATES.findLast((rate) => rate.date <= date)?.rate ?? null,
  rateAt: (date) => RATES.find((rate) => rate.date === date)?.rate ?? null,
  lastCloseOf: () => null,
  pair: 'GBPUSD',
  basisOf: () => 'raw',
  pricedTo: '2014-06-09',
};

const book = (cash: string, units: Record<string, string>): BrokerBook => ({
  cash: D(cash),
  units: new Map(Object.entries(units).map(([symbol, amount]) => [symbol, D(amount)])),
});

const line = (overrides: Partial<TicketLine>): TicketLine => ({
  sequence: 1,
  symbol: 'AAPL',
  etoroSearchName: 'AAPL',
  side: 'BUY',
  orderType: 'MARKET',
  valueBase: '500.00',
  units: null,
  referencePrice: '92.2',
  referenceCurrency: 'USD',
  skipPrice: '93.00',
  ...overrides,
});

const trade = (on: BrokerBook, ...lines: TicketLine[]) =>
  execute(on, market, { tradingDay: '2014-06-09', lines }, '2014-06-09T13:36:00.000Z');

describe('the simulated broker', () => {
  test('a BUY costs its value and brings units at the open, cut to six decimals', () => {
    const { book: after, fills } = trade(openBook('1000'), line({}));
    // 500.00 × 1.680311 / 92.70 = 9.063166…
    expect(fills).toEqual([
      {
        sequence: 1,
        internalSymbol: 'AAPL',
        side: 'BUY',
        executedStatus: 'DONE',
        units: '9.063166',
        fillPrice: '92.7',
        executedValueBase: '500.00',
        filledAt: '2014-06-09T13:36:00.000Z',
        notes: null,
      },
    ]);
    expect(snapshot(after)).toEqual({ cash: '500.00', positions: { AAPL: '9.063166' } });
  });

  test('a SELL brings its worth cut to the penny, and a position sold whole is gone', () => {
    const { book: after, fills } = trade(
      book('0', { AAPL: '3.5' }),
      line({ side: 'SELL', valueBase: null, units: '3.500000', skipPrice: '92.00' }),
    );
    // 3.5 × 92.70 / 1.680311 = 193.08…
    expect(fills[0]).toMatchObject({ executedStatus: 'DONE', executedValueBase: '193.08' });
    expect(snapshot(after)).toEqual({ cash: '193.08', positions: {} });
  });

  test('lines beyond their skip price, unpaid, not held or unknown are left, and say why', () => {
    const before = book('400', { KO: '1' });
    const { book: after, fills } = trade(
      before,
      line({ sequence: 1, skipPrice: '92.69' }),
      line({ sequence: 2, side: 'SELL', symbol: 'KO', valueBase: null, units: '1.000000', skipPrice: '40.86' }),
      line({ sequence: 3, side: 'SELL', symbol: 'KO', valueBase: null, units: '1.000001', skipPrice: '40.00' }),
      line({ sequence: 4, valueBase: '400.01' }),
      line({ sequence: 5, symbol: 'XYZ' }),
    );
    expect(fills.map(({ executedStatus, notes }) => `${executedStatus} ${notes}`)).toEqual([
      'SKIPPED price above skip price',
      'SKIPPED price below skip price',
      'FAILED not held',
      'FAILED not enough cash',
      'FAILED not found',
    ]);
    expect(after).toEqual(before);
  });

  test('a split multiplies what was held at the close before, and is told on the statement', () => {
    const { book: after, statement } = beginSession(book('10', { AAPL: '1.234567' }), market, '2014-06-09');
    expect(snapshot(after)).toEqual({ cash: '10.00', positions: { AAPL: '8.641969' } });
    expect(statement).toMatchObject([{ kind: 'SPLIT', symbol: 'AAPL', exDate: '2014-06-09' }]);
    expect(snapshot(without(after, statement))).toEqual({ cash: '10.00', positions: { AAPL: '1.234567' } });
  });

  test('a dividend is paid less 15 % withholding, at the newest rate up to the ex-date', () => {
    // 100 × 0.305 / 1.680311 = 18.151…: gross 18.15, tax 2.72 (2.7225), net 15.43.
    const { book: after, statement } = beginSession(book('0', { KO: '100', AAPL: '1' }), market, '2014-06-12');
    expect(snapshot(after)).toEqual({ cash: '15.43', positions: { AAPL: '1', KO: '100' } });
    expect(statement).toHaveLength(1);
  });

  test('nobody who holds nothing is paid anything', () => {
    expect(beginSession(openBook('5'), market, '2014-06-12')).toEqual({ book: openBook('5'), statement: [] });
  });

  test('equity is cash plus positions at the close, in pennies', () => {
    expect(worthAtClose(book('100', { AAPL: '10' }), market, '2014-06-06').equity).toBe('3936.89');
  });

  test('whatever the lines, cash and units never go below zero, and the fills account for every change', () => {
    const lines = fc.array(
      fc.record({
        symbol: fc.constantFrom('AAPL', 'KO', 'XYZ'),
        side: fc.constantFrom('BUY' as const, 'SELL' as const),
        amount: fc.integer({ min: 1, max: 90_000 }),
        skip: fc.integer({ min: 30, max: 110 }),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(lines, (drawn) => {
        const before = book('1500.55', { AAPL: '2.5', KO: '7.123456' });
        const { book: after, fills } = trade(
          before,
          ...drawn.map(({ symbol, side, amount, skip }, index) =>
            line({
              sequence: index + 1,
              symbol,
              side,
              skipPrice: String(skip),
              valueBase: side === 'BUY' ? D(amount).div(100).toFixed(2) : null,
              units: side === 'SELL' ? D(amount).div(10_000).toFixed(6) : null,
            }),
          ),
        );
        expect(after.cash.gte(0)).toBe(true);
        for (const units of after.units.values()) expect(units.gt(0)).toBe(true);
        const cash = fills.reduce(
          (sum, { side, executedValueBase }) => sum.plus(D(executedValueBase ?? '0').times(side === 'BUY' ? -1 : 1)),
          before.cash,
        );
        expect(after.cash.toFixed(2)).toBe(cash.toFixed(2));
        expect(fills.map(({ sequence }) => sequence)).toEqual(drawn.map((_, index) => index + 1));
      }),
    );
  });
});
