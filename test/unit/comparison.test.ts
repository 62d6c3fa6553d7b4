import { describe, expect, it } from 'vitest';
import { comparisonBlocks } from '../../src/reports/day/comparison.js';
import type { DayFacts } from '../../src/reports/day/facts.js';
import { dayFacts } from './artifacts.fixture.js';

const DATES = ['2020-03-12', '2020-03-13', '2020-03-16', '2020-03-17', '2020-03-18', '2020-03-19'];

/** An account at rest beside a benchmark whose dollars fall from 100 to 97 while the pound falls, too. */
const facts = (rateSeries: DayFacts['rateSeries'], currency = 'USD'): DayFacts =>
  dayFacts({
    equity: DATES.map((asOfDate) => ({ asOfDate, equity: '1000', equityIndex: '1' }) as DayFacts['equity'][number]),
    prices: [
      {
        symbol: 'SPY',
        currency,
        points: DATES.map((session, index) => {
          const close = index === 5 ? '97' : '100';
          return { session, close, adjusted: close };
        }),
      },
    ],
    rateSeries,
  });

const rows = (given: DayFacts): string[][] => {
  const block = comparisonBlocks(given).find((each) => each.kind === 'table');
  return block?.kind === 'table' ? block.rows.map((row) => row.map(String)) : [];
};

describe('the benchmark in the currency of the account', () => {
  it('turns its sign with the rate: 97 dollars at 1.10 are more pounds than 100 at 1.25', () => {
    const rates = DATES.map((date, index) => ({ pair: 'GBPUSD', date, rate: index === 5 ? '1.1' : '1.25' }));
    expect(rows(facts(rates))[1]).toEqual(['SPY (PRICE INDEX)', '+10.23 %', 'n/a', 'n/a']);
  });

  it('takes the newest rate up to a session where that has none', () => {
    const rates = [
      { pair: 'GBPUSD', date: '2020-03-11', rate: '1.25' },
      { pair: 'GBPUSD', date: '2020-03-18', rate: '1.1' },
    ];
    expect(rows(facts(rates))[1]?.[1]).toBe('+10.23 %');
  });

  it('says n/a where no rate is known, and takes none of another pair', () => {
    const rates = DATES.map((date) => ({ pair: 'EURUSD', date, rate: '1.25' }));
    expect(rows(facts(rates))[1]?.[1]).toBe('n/a');
    const late = [{ pair: 'GBPUSD', date: '2020-03-13', rate: '1.25' }];
    expect(rows(facts(late))[1]?.[1]).toBe('n/a');
  });

  it('leaves a benchmark in the own currency as it is', () => {
    expect(rows(facts([], 'GBP'))[1]?.[1]).toBe('−3.00 %');
  });
});
