import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addSessions,
  asOfDate,
  executionWindow,
  isEarlyClose,
  isRebalanceDay,
  isSession,
  londonTime,
  nextSession,
  previousSession,
  sessionCloseAt,
  sessionsBetween,
  slotAt,
  tradingDayOf,
} from '../../src/domain/calendar/calendar.js';
import { dateOf, dayNumber, isIsoDate, weekdayOf } from '../../src/domain/dates.js';

const published = readFileSync(new URL('fixtures/nyse-closures-2012-2026.csv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(','));
const listed = (kind: string) => published.filter((row) => row[1] === kind).map((row) => row[0] as string);
const sandP500 = readFileSync(new URL('../../node_modules/vega-datasets/data/sp500-2000.csv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.slice(0, 10));

const everyDay = (from: string, to: string) =>
  Array.from({ length: dayNumber(to) - dayNumber(from) + 1 }, (_, i) => dateOf(dayNumber(from) + i));
const rebalanceDays = (from: string, to: string) =>
  sessionsBetween(from, to).filter((date) => isRebalanceDay(date, 'weekly'));
const anyDate = fc.integer({ min: dayNumber('2000-01-03'), max: dayNumber('2099-12-31') }).map(dateOf);

describe('sessions', () => {
  it('closes on the 143 published days of 2012 to 2026 and on no other weekday', () => {
    const weekdays = everyDay('2012-01-01', '2026-12-31').filter((date) => weekdayOf(dayNumber(date)) <= 5);
    expect(weekdays.filter((date) => !isSession(date))).toEqual(listed('closed'));
    expect(listed('closed')).toHaveLength(143);
  });

  it('closes early on the 34 published days and on no other', () => {
    expect(everyDay('2012-01-01', '2026-12-31').filter((date) => isEarlyClose(date))).toEqual(
      listed('early_close_13:00'),
    );
    expect(listed('early_close_13:00')).toHaveLength(34);
  });

  it('closed early on Friday 5 July, not on Wednesday 3 July, until 2012', () => {
    expect(['2002-07-03', '2002-07-05', '2013-07-03', '2013-07-05'].map((date) => isEarlyClose(date))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it('agrees with every day on which the S&P 500 was computed from 2000 to 2020', () => {
    expect(sessionsBetween('2000-01-03', '2020-04-17')).toEqual(sandP500);
  });

  it('counts the sessions of each year', () => {
    const counts = [2012, 2013, 2017, 2020, 2024, 2025].map(
      (year) => sessionsBetween(`${year}-01-01`, `${year}-12-31`).length,
    );
    expect(counts).toEqual([250, 252, 251, 253, 252, 250]);
  });

  it('moves Independence Day, Juneteenth and Christmas off weekends, but not New Year from a Saturday', () => {
    expect(['2026-07-03', '2027-06-18', '2021-12-24', '2023-01-02'].filter((date) => isSession(date))).toEqual([]);
    expect(['2021-12-31', '2021-06-18', '2027-12-31'].filter((date) => !isSession(date))).toEqual([]);
  });

  it('knows leap days', () => {
    expect(isSession('2024-02-29')).toBe(true);
    expect(nextSession('2024-02-28')).toBe('2024-02-29');
    expect(previousSession('2025-03-03')).toBe('2025-02-28');
    expect(() => isSession('2025-02-29')).toThrow(/not a date/);
  });

  it('crosses year ends', () => {
    expect(previousSession('2026-01-02')).toBe('2025-12-31');
    expect(nextSession('2021-12-31')).toBe('2022-01-03');
    expect(asOfDate('2017-01-03')).toBe('2016-12-30');
  });

  it('takes closures and early closes announced later as data', () => {
    const added = { extra_closures: ['2026-11-24'], extra_early_closes: ['2026-11-25'] };
    expect(isSession('2026-11-24', added)).toBe(false);
    expect(asOfDate('2026-11-25', added)).toBe('2026-11-23');
    expect(isEarlyClose('2026-11-25', added)).toBe(true);
    expect(executionWindow('2026-11-24', added)).toBeNull();
    expect(isSession('2026-11-24')).toBe(true);
  });

  it('knows which session is due: Friday on a Monday, and on the Tuesday after a closed Monday', () => {
    expect(asOfDate('2024-05-20')).toBe('2024-05-17');
    expect(asOfDate('2024-05-28')).toBe('2024-05-24');
    // A UK bank holiday is an ordinary session.
    expect(asOfDate('2024-08-27')).toBe('2024-08-26');
  });

  it('steps back and forth consistently, and addSessions counts what sessionsBetween lists', () => {
    fc.assert(
      fc.property(anyDate, fc.integer({ min: 1, max: 70 }), (date, n) => {
        const next = nextSession(date);
        expect(isSession(next) && next > date).toBe(true);
        expect(previousSession(dateOf(dayNumber(next) + 1))).toBe(next);
        expect(sessionsBetween(next, addSessions(date, n))).toHaveLength(n);
        expect(addSessions(addSessions(next, n), -n)).toBe(next);
      }),
      { numRuns: 200 },
    );
  });
});

describe('UK and US clocks', () => {
  const gapWeeks: [string, string][] = [
    ['2024-03-10', '2024-03-30'],
    ['2024-10-27', '2024-11-02'],
    ['2025-03-09', '2025-03-29'],
    ['2025-10-26', '2025-11-01'],
    ['2026-03-08', '2026-03-28'],
    ['2026-10-25', '2026-10-31'],
    ['2027-03-14', '2027-03-27'],
    ['2027-10-31', '2027-11-06'],
    ['2028-03-12', '2028-03-25'],
    ['2028-10-29', '2028-11-04'],
  ];
  const inGap = (date: string) => gapWeeks.some(([from, to]) => date >= from && date <= to);

  it('opens the window at 14:35 UK, and at 13:35 in the weeks when the clocks differ, from 2024 to 2028', () => {
    for (const date of sessionsBetween('2024-01-01', '2028-12-31')) {
      const window = executionWindow(date);
      const uk = window && [londonTime(window.opensAt), londonTime(window.closesAt)];
      expect([date, uk]).toEqual([date, inGap(date) ? ['13:35', '14:30'] : ['14:35', '15:30']]);
    }
  });

  it('gives instants in UTC', () => {
    expect(executionWindow('2026-03-09')).toEqual({
      opensAt: '2026-03-09T13:35:00.000Z',
      closesAt: '2026-03-09T14:30:00.000Z',
    });
    expect(executionWindow('2026-07-04')).toBeNull();
  });

  it('closes at 16:00 New York, at 13:00 (18:00 UK) on early closes', () => {
    expect(sessionCloseAt('2024-07-02')).toBe('2024-07-02T20:00:00.000Z');
    expect(sessionCloseAt('2024-01-02')).toBe('2024-01-02T21:00:00.000Z');
    for (const date of listed('early_close_13:00')) expect(londonTime(sessionCloseAt(date))).toBe('18:00');
    expect(() => sessionCloseAt('2024-07-04')).toThrow(/not a session/);
  });

  it('takes the trading day from the UK clock', () => {
    expect(tradingDayOf('2024-06-30T23:30:00Z')).toBe('2024-07-01');
    expect(tradingDayOf('2024-12-31T23:30:00-05:00')).toBe('2025-01-01');
    expect(() => tradingDayOf('2024-06-30T23:30:00')).toThrow(/offset/);
    expect(() => tradingDayOf('2024-06-30')).toThrow(/offset/);
    expect(() => tradingDayOf('2024-02-30T10:00:00Z')).toThrow(/offset/);
  });

  it('finds the slots on the days the UK clock changes', () => {
    expect([slotAt('2024-03-30', '0800'), slotAt('2024-03-31', '0800')]).toEqual([
      '2024-03-30T08:00:00.000Z',
      '2024-03-31T07:00:00.000Z',
    ]);
    expect([slotAt('2024-10-26', '1400'), slotAt('2024-10-27', '1400')]).toEqual([
      '2024-10-26T13:00:00.000Z',
      '2024-10-27T14:00:00.000Z',
    ]);
  });

  it('has every session over before 08:00 UK of the next trading day', () => {
    for (const date of sessionsBetween('2024-01-01', '2024-12-31')) {
      expect(sessionCloseAt(asOfDate(date)) < slotAt(date, '0800')).toBe(true);
    }
  });
});

describe('rebalance days', () => {
  it('is Monday, or the first session of a week whose Monday is closed', () => {
    expect(rebalanceDays('2024-05-20', '2024-05-24')).toEqual(['2024-05-20']);
    expect(rebalanceDays('2024-05-27', '2024-05-31')).toEqual(['2024-05-28']);
    // Sandy closed Monday and Tuesday.
    expect(rebalanceDays('2012-10-29', '2012-11-02')).toEqual(['2012-10-31']);
  });

  it('has exactly one in every week with a session', () => {
    const mondays = new Set(
      sessionsBetween('2012-01-02', '2026-12-31').map((date) => dayNumber(date) - weekdayOf(dayNumber(date))),
    );
    expect(rebalanceDays('2012-01-02', '2026-12-31')).toHaveLength(mondays.size);
  });

  it('is every session when daily, and never a closed day', () => {
    expect(isRebalanceDay('2024-05-22', 'daily')).toBe(true);
    expect(isRebalanceDay('2024-05-27', 'daily')).toBe(false);
    expect(isRebalanceDay('2024-05-27', 'weekly')).toBe(false);
  });
});

describe('dates', () => {
  it('accepts only days that exist', () => {
    expect(['2024-02-29', '2000-02-29'].every(isIsoDate)).toBe(true);
    expect(
      ['2023-02-29', '1900-02-29', '2024-13-01', '2024-00-10', '2024-04-31', '2024-1-1', '20240101', ''].some(
        isIsoDate,
      ),
    ).toBe(false);
  });
});
