import { expect, it } from 'vitest';
import type { ExecutedLine } from '../../src/db/executed-lines.js';
import type { MarketOfPeriod } from '../../src/reports/performance/facts.js';
import { handsOf } from '../../src/reports/performance/hands.js';

const lineOf = (tradingDay: string, asOfDate: string, referencePrice: string, changed: Partial<ExecutedLine> = {}) =>
  ({
    tradingDay,
    asOfDate,
    ticketId: `ticket of ${tradingDay}`,
    sequence: 1,
    symbol: 'FB',
    side: 'BUY',
    valueBase: '1000',
    lineUnits: null,
    referencePrice,
    currency: 'GBP',
    ticketRate: null,
    status: 'SKIPPED',
    units: null,
    fillPrice: null,
    executedValueBase: null,
    filledAt: null,
    notes: 'price above skip price',
    ...changed,
  }) satisfies ExecutedLine;

/** A share that stands at 150 at the end. */
const market = {
  closeOn: () => '150',
  rateOn: () => '1',
  seriesOf: () => ({ symbol: 'FB', basis: 'raw', currency: 'GBP', closes: [{ date: '2014-03-31', close: '150' }] }),
  currencyOf: () => 'GBP',
  actionsOf: () => [],
  splitsOf: () => [],
  onHold: [],
} as unknown as MarketOfPeriod;

const missedOf = (lines: ExecutedLine[]) =>
  handsOf({ lines, deviations: [], market }, { to: '2014-03-31', withholding: '0', baseCurrency: 'GBP' }).missed.map(
    ({ tradingDay, missed }) => [tradingDay, missed],
  );

it('reckons a line that was left out up to the next line of the share, and the last one to the end', () => {
  expect(missedOf([lineOf('2014-01-29', '2014-01-28', '100')])).toEqual([['2014-01-29', '500']]);
  const first = lineOf('2014-01-29', '2014-01-28', '100', { status: 'FAILED' });
  const second = lineOf('2014-01-30', '2014-01-29', '110');
  const bought = lineOf('2014-01-31', '2014-01-30', '121', {
    status: 'DONE',
    units: '8.264463',
    fillPrice: '121',
    executedValueBase: '1000',
  });
  // Two days were waited, each 10 %: what came after it was had.
  expect(missedOf([first, second, bought])).toEqual([
    ['2014-01-29', '100'],
    ['2014-01-30', '100'],
  ]);
  expect(missedOf([bought, second, first])).toEqual([
    ['2014-01-30', '100'],
    ['2014-01-29', '100'],
  ]);
  // Another share, another side and the same day's ticket say nothing of it.
  const others = [
    lineOf('2014-02-03', '2014-01-31', '90', { symbol: 'KO' }),
    lineOf('2014-02-03', '2014-01-31', '90', { side: 'SELL', valueBase: null, lineUnits: '1' }),
    lineOf('2014-01-29', '2014-01-28', '100', { ticketId: 'another' }),
  ];
  expect(missedOf([lineOf('2014-01-29', '2014-01-28', '100'), ...others])[0]).toEqual(['2014-01-29', '500']);
});
