import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { asOfDate, executionWindow, tradingDayOf } from '../../src/domain/calendar/calendar.js';
import { dateOf, dayNumber, weekdayOf } from '../../src/domain/dates.js';
import { OpsError } from '../../src/domain/errors.js';
import { defaultSchedules } from '../../src/domain/policy/schedules.js';
import { parsePolicy } from '../../src/domain/policy/policy.js';
import { comingRuns, schedulesOf, slotInstant, type ComingRun } from '../../src/domain/day/schedule-times.js';
import { whyIdle } from '../../src/domain/day/scheduled-start.js';
import { isOnlyLater } from '../../src/domain/decision/ticket.js';
import type { TicketMaterial } from '../../src/domain/types.js';

const published = readFileSync(new URL('fixtures/nyse-closures-2012-2026.csv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(','));
/**
 * The exchange's own list, of years with every kind of closure: storms and mourning, a Saturday's holiday, no holiday
 * made up for.
 */
const FIRST_DAY = '2017-12-01';
const listed = (kind: string) =>
  published.filter(([date = '', what]) => what === kind && date >= FIRST_DAY).map(([date = '']) => date);
const from = (date: string, count: number) => comingRuns(defaultSchedules, `${date}T00:00:00Z`, count);
const clocks = ({ london, newYork }: ComingRun) => `${london} = ${newYork.slice(11)}`;

describe('coming runs', () => {
  it('in the weeks of March when only New York has moved its clocks', () => {
    const runs = from('2026-03-06', 36);
    expect(runs.filter(({ slot }) => slot === '0800').map(({ at }) => at)).toEqual([
      '2026-03-06T08:00:00.000Z',
      ...['09', '10', '11', '12', '13', '16', '17', '18', '19', '20', '23', '24', '25', '26', '27'].map(
        (day) => `2026-03-${day}T08:00:00.000Z`,
      ),
      '2026-03-30T07:00:00.000Z',
      '2026-03-31T07:00:00.000Z',
    ]);
    expect([runs[1], runs[3], runs.at(-3)].map((run) => run && clocks(run))).toEqual([
      '2026-03-06 14:00 = 09:00',
      '2026-03-09 14:00 = 10:00',
      '2026-03-30 14:00 = 09:00',
    ]);
    expect(
      runs
        .filter(({ hoursApart }) => hoursApart === 4)
        .map(({ tradingDay }) => tradingDay)
        .filter((day, index, all) => all.indexOf(day) === index),
    ).toEqual(
      ['09', '10', '11', '12', '13', '16', '17', '18', '19', '20', '23', '24', '25', '26', '27'].map(
        (day) => `2026-03-${day}`,
      ),
    );
    expect(runs[3]?.window).toEqual({ opensAt: '2026-03-09T13:35:00.000Z', closesAt: '2026-03-09T14:30:00.000Z' });
  });

  it('in the week of October when only London has moved its clocks', () => {
    const runs = from('2026-10-23', 16);
    expect(
      runs.filter(({ slot }) => slot === '1400').map((run) => `${run.at} ${clocks(run)} ${run.hoursApart ?? ''}`),
    ).toEqual([
      '2026-10-23T13:00:00.000Z 2026-10-23 14:00 = 09:00 ',
      ...['26', '27', '28', '29', '30'].map((day) => `2026-10-${day}T14:00:00.000Z 2026-10-${day} 14:00 = 10:00 4`),
      '2026-11-02T14:00:00.000Z 2026-11-02 14:00 = 09:00 ',
      '2026-11-03T14:00:00.000Z 2026-11-03 14:00 = 09:00 ',
    ]);
  });

  it(
    'marks each closed weekday and each early close that the exchange published for nine years, and nothing else',
    { timeout: 60_000 },
    () => {
      const weekdays = Array.from(
        { length: dayNumber('2026-12-31') - dayNumber(FIRST_DAY) + 1 },
        (_, i) => dayNumber(FIRST_DAY) + i,
      ).filter((day) => weekdayOf(day) <= 5);
      const runs = comingRuns(defaultSchedules, `${FIRST_DAY}T00:00:00Z`, weekdays.length * 2);
      expect([listed('closed').length, listed('early_close_13:00').length]).toEqual([88, 20]);
      for (const slot of ['0800', '1400']) {
        const mine = runs.filter((run) => run.slot === slot);
        expect(mine.map(({ tradingDay }) => dayNumber(tradingDay))).toEqual(weekdays);
        expect(mine.filter(({ market }) => market === 'closed').map(({ tradingDay }) => tradingDay)).toEqual(
          listed('closed'),
        );
        expect(mine.filter(({ market }) => market === 'closes early').map(({ tradingDay }) => tradingDay)).toEqual(
          listed('early_close_13:00'),
        );
        expect(
          mine
            .filter(({ window, closesAt }) => window === null || closesAt === null)
            .map(({ tradingDay }) => tradingDay),
        ).toEqual(listed('closed'));
      }
    },
  );

  it('marks what the policy adds', () => {
    const [added] = comingRuns(defaultSchedules, '2026-11-23T00:00:00Z', 1, {
      extra_closures: ['2026-11-23'],
      extra_early_closes: [],
    });
    expect(added).toMatchObject({ tradingDay: '2026-11-23', market: 'closed', window: null });
  });

  it("are strictly after the instant, in order, and always of a UK weekday at the policy's time", () => {
    const anyInstant = fc
      .integer({ min: Date.parse('2000-01-03'), max: Date.parse('2099-12-01') })
      .map((time) => new Date(time).toISOString());
    fc.assert(
      fc.property(anyInstant, (after) => {
        const runs = comingRuns(defaultSchedules, after, 4);
        expect(runs).toHaveLength(4);
        expect(
          [after, ...runs.map(({ at }) => at)].every(
            (at, index, all) => index === 0 || at > (all[index - 1] as string),
          ),
        ).toBe(true);
        for (const { at, slot, tradingDay, london } of runs) {
          expect([tradingDay, london]).toEqual([
            tradingDayOf(at),
            `${tradingDay} ${slot === '0800' ? '08:00' : '14:00'}`,
          ]);
          expect(weekdayOf(dayNumber(tradingDay))).toBeLessThanOrEqual(5);
        }
      }),
    );
    expect(comingRuns(defaultSchedules, '2026-11-23T08:00:00Z', 1)).toMatchObject([
      { slot: '1400', at: '2026-11-23T14:00:00.000Z' },
    ]);
    expect(comingRuns(defaultSchedules, '2026-11-20T14:00:00Z', 1)).toMatchObject([
      { slot: '0800', at: '2026-11-23T08:00:00.000Z' },
    ]);
  });

  it('follow times and zone of the policy, and the defaults of a policy that was stored without them', () => {
    const dublin = { ...defaultSchedules, morning: '07:30', zone: 'Europe/Dublin' };
    expect(comingRuns(dublin, '2026-07-01T00:00:00Z', 1)).toMatchObject([
      { at: '2026-07-01T06:30:00.000Z', london: '2026-07-01 07:30', newYork: '2026-07-01 02:30' },
    ]);
    expect(slotInstant(schedulesOf({}), '2026-07-01', '1400')).toBe('2026-07-01T13:00:00.000Z');
  });
});

describe("the policy's schedules", () => {
  const head =
    'version: 1\naccounts: { main: { base_currency: GBP } }\noperators: [ada]\nmarket_data: { provider: csv }\nschedules:\n';
  const refusalOf = (section: string): string => {
    try {
      parsePolicy(head + section, 'policy.yml');
      return 'accepted';
    } catch (error) {
      if (error instanceof OpsError && error.kind === 'usage') return error.message;
      throw error;
    }
  };

  it.each([
    [
      '  morning: 25:00',
      'policy.yml:6: schedules.morning: "25:00": must be a time of day HH:MM in the schedules\' zone',
    ],
    ['  morning: 8', 'policy.yml:6: schedules.morning: 8: must be text'],
    [
      '  morning: "0 8 * * 1-5"',
      'policy.yml:6: schedules.morning: "0 8 * * 1-5": must be a time of day HH:MM in the schedules\' zone',
    ],
    [
      '  zone: Europe/Londn',
      'policy.yml:6: schedules.zone: "Europe/Londn": must be a time zone of the IANA database, such as Europe/London',
    ],
    [
      '  zone: europe/london',
      'policy.yml:6: schedules.zone: "europe/london": must be a time zone of the IANA database, such as Europe/London',
    ],
    [
      '  zone: "+01:00"',
      'policy.yml:6: schedules.zone: "+01:00": must be a time zone of the IANA database, such as Europe/London',
    ],
    [
      '  zone: Asia/Tokyo',
      'policy.yml:6: schedules.zone: "Asia/Tokyo": must be a zone where 08:00 is of the same date as in London, for that date is the trading day',
    ],
    ['  afternoon: "08:00"', 'policy.yml:6: schedules.afternoon: "08:00": must be later than schedules.morning, 08:00'],
    [
      '  afternoon: 15:30',
      'policy.yml:6: schedules.afternoon: "15:30": must be before the execution window ends, 15:30 UK time: later every ticket is NO_TRADE',
    ],
    [
      '  morning_catchup_minutes: 361',
      'policy.yml:6: schedules.morning_catchup_minutes: 361: must end by schedules.afternoon: at most 360',
    ],
    ['  afternoon_catchup_minutes: 0', 'policy.yml:6: schedules.afternoon_catchup_minutes: 0: must be at least 1'],
    [
      '  mornin: "08:00"',
      'policy.yml:6: schedules.mornin: "08:00": is not a key of the policy; did you mean "morning"?',
    ],
  ])('refuse %s with file, line, key, value and rule', (section, message) => {
    expect(refusalOf(section)).toBe(message);
  });

  it.each(['  zone: UTC', '  morning: 07:00\n  afternoon: 13:30', '  afternoon_catchup_minutes: 30'])(
    'accept %s',
    (section) => {
      expect(refusalOf(section)).toBe('accepted');
    },
  );
});

describe('a scheduled run that begins late', () => {
  const policy = { calendar: { extra_closures: [], extra_early_closes: [] } };
  const outcome = (slot: '0800' | '1400', tradingDay: string, now: string, isDayOpen = false) =>
    whyIdle({ slot, tradingDay, now, isDayOpen }, policy)?.outcome ?? 'GOES ON';

  it('08:00 goes on until 14:00 of its day', () => {
    expect(
      ['08:00:00Z', '13:59:59Z', '14:00:00Z', '23:00:00Z'].map((time) =>
        outcome('0800', '2026-11-23', `2026-11-23T${time}`),
      ),
    ).toEqual(['GOES ON', 'GOES ON', 'MISSED', 'MISSED']);
    expect(outcome('0800', '2026-11-23', '2026-11-26T08:00:00Z')).toBe('MISSED');
    expect(outcome('0800', '2026-07-01', '2026-07-01T12:59:59Z')).toBe('GOES ON');
    expect(outcome('0800', '2026-07-01', '2026-07-01T13:00:00Z')).toBe('MISSED');
  });

  it('14:00 goes on all day, for the gate knows the window; afterwards only where a day stands open', () => {
    expect(
      ['14:00:00Z', '15:31:00Z', '23:59:59Z'].map((time) => outcome('1400', '2026-11-23', `2026-11-23T${time}`)),
    ).toEqual(['GOES ON', 'GOES ON', 'GOES ON']);
    expect([
      outcome('1400', '2026-11-23', '2026-11-24T00:00:00Z'),
      outcome('1400', '2026-11-23', '2026-11-24T00:00:00Z', true),
    ]).toEqual(['MISSED', 'GOES ON']);
    // Midnight of London, not of Greenwich.
    expect([
      outcome('1400', '2026-07-01', '2026-07-01T22:59:59Z'),
      outcome('1400', '2026-07-01', '2026-07-01T23:00:00Z'),
    ]).toEqual(['GOES ON', 'MISSED']);
  });

  it('says a closed day is closed, however late', () => {
    expect(
      whyIdle({ slot: '1400', tradingDay: '2026-11-26', now: '2026-11-26T14:00:00Z', isDayOpen: false }, policy),
    ).toEqual({
      outcome: 'CLOSED',
      summary:
        'New York is closed on 2026-11-26: nothing was done and no day was opened; the next session is 2026-11-27',
    });
    expect(outcome('0800', '2026-12-25', '2027-01-05T08:00:00Z')).toBe('CLOSED');
  });

  it("uses yesterday's close whenever it begins: the day is the schedule's, not the clock's", () => {
    const day = tradingDayOf(slotInstant(defaultSchedules, '2026-11-24', '0800'));
    expect([day, asOfDate(day), executionWindow(day)?.closesAt]).toEqual([
      '2026-11-24',
      '2026-11-23',
      '2026-11-24T15:30:00.000Z',
    ]);
    expect(dateOf(dayNumber(day) - 1)).toBe('2026-11-23');
  });
});

describe('a ticket asked for again when the window has passed', () => {
  const material = (reasons: string[], kind: 'TRADE' | 'NO_TRADE' = 'NO_TRADE') =>
    ({
      kind,
      reasons: reasons.map((code) => ({ gate: 'calendar', code, subject: null })),
      policyHash: 'a',
      supersedes: null,
    }) as unknown as TicketMaterial;

  it('is the same when nothing but the time has changed', () => {
    expect(isOnlyLater(material(['TRADING_OFF']), material(['TRADING_OFF', 'WINDOW_PASSED']))).toBe(true);
    expect(isOnlyLater(material(['TRADING_OFF']), material(['WINDOW_PASSED']))).toBe(false);
    expect(
      isOnlyLater(material(['TRADING_OFF']), { ...material(['TRADING_OFF', 'WINDOW_PASSED']), policyHash: 'b' }),
    ).toBe(false);
    expect(isOnlyLater(material([], 'TRADE'), material(['WINDOW_PASSED']))).toBe(false);
  });
});
