import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  executionWindow,
  isSession,
  londonInstant,
  sessionsBetween,
  slotAt,
} from '../../src/domain/calendar/calendar.js';
import { dateOf, dayNumber } from '../../src/domain/dates.js';
import { alertsOfSlot, endOfAlert } from '../../src/domain/alerts/slots.js';
import {
  isPastWindow,
  slotStandings,
  slotWindow,
  withoutSettled,
  type SlotFacts,
  type SlotRun,
} from '../../src/domain/day/slots.js';
import type { Slot } from '../../src/domain/types.js';

const MONDAY = '2018-05-07';
const policy = { calendar: { extra_closures: [], extra_early_closes: [] } };
const uk = (time: string, day = MONDAY) => londonInstant(day, time);
const run = (changes: Partial<SlotRun> = {}): SlotRun => ({
  runId: 'r1',
  slot: '1400',
  tradingDay: MONDAY,
  beganAt: uk('14:00'),
  outcome: null,
  dead: false,
  failure: null,
  ...changes,
});
const facts = (now: string, changes: Partial<SlotFacts> = {}): SlotFacts => ({
  account: 'main',
  openedAt: uk('07:00'),
  policy,
  runs: [],
  tickets: [],
  now,
  ...changes,
});
/** What the 14:00 slot of the Monday became. */
const afternoon = (now: string, changes: Partial<SlotFacts> = {}) =>
  slotStandings(facts(now, changes)).find(({ slot, tradingDay }) => slot === '1400' && tradingDay === MONDAY);

describe('what a slot became', () => {
  it.each([
    ['nothing yet, before its time', '13:59', [], undefined],
    ['due', '14:00', [], { state: 'UNDER_WAY', recorded: false, outcome: null }],
    ['due, within the five minutes', '14:04', [], { state: 'UNDER_WAY' }],
    ['late', '14:05', [], { state: 'LATE', outcome: null }],
    ['late to the end of the execution window', '15:30', [], { state: 'LATE' }],
    ['missed after it', '15:31', [], { state: 'MISSED', outcome: 'MISSED', recorded: false, runId: null }],
    ['missed and recorded', '16:00', [run({ outcome: 'MISSED' })], { state: 'MISSED', recorded: true, runId: 'r1' }],
    ['under way', '14:30', [run()], { state: 'UNDER_WAY', runId: 'r1' }],
    [
      'under way past its window, while Temporal runs it',
      '15:40',
      [run({ beganAt: uk('15:20') })],
      { state: 'UNDER_WAY' },
    ],
    ['stopped without a result for an hour', '15:00', [run()], { state: 'STOPPED', outcome: null }],
    [
      'stopped, as Temporal says',
      '14:10',
      [run({ dead: true, failure: 'disk full' })],
      { state: 'STOPPED', failure: 'disk full' },
    ],
    [
      'stopped before it was recorded',
      '14:10',
      [run({ runId: null, dead: true, failure: 'POLICY_INVALID' })],
      { state: 'STOPPED', runId: null },
    ],
    [
      'missed, because it stopped',
      '15:31',
      [run({ dead: true, failure: 'disk full' })],
      { state: 'MISSED', outcome: 'MISSED', recorded: false, runId: 'r1', failure: 'disk full' },
    ],
    [
      'late, while its run waits for a worker',
      '14:10',
      [run({ runId: null })],
      { state: 'LATE', runId: null, beganAt: null },
    ],
    [
      'for its waiting run to say, when the window is over',
      '17:00',
      [run({ runId: null })],
      { state: 'UNDER_WAY', outcome: null },
    ],
    [
      'under way again after it stopped',
      '14:20',
      [run({ dead: true }), run({ runId: 'r2', beganAt: uk('14:15') })],
      { state: 'UNDER_WAY', runId: 'r2' },
    ],
    ['done', '14:10', [run({ outcome: 'NO_TRADE' })], { state: 'DONE', outcome: 'NO_TRADE', recorded: true }],
    [
      'done by the newest of its runs',
      '14:40',
      [run({ outcome: 'NO_TRADE' }), run({ runId: 'r2', beganAt: uk('14:30'), outcome: 'TRADE' })],
      { state: 'DONE', outcome: 'TRADE', runId: 'r2' },
    ],
    [
      'done after all, by a run after the record that it was missed',
      '16:00',
      [run({ outcome: 'MISSED' }), run({ runId: 'r2', beganAt: uk('15:50'), outcome: 'NO_TRADE' })],
      { state: 'DONE', outcome: 'NO_TRADE', runId: 'r2' },
    ],
  ])('%s', (_what, time, runs, expected) => {
    const standing = afternoon(uk(time), { runs });
    if (expected === undefined) expect(standing).toBeUndefined();
    else expect(standing).toMatchObject(expected);
  });

  it('a run that stopped after its ticket was issued ends as the ticket says', () => {
    const tickets = [{ tradingDay: MONDAY, kind: 'TRADE' as const }];
    expect(afternoon(uk('14:10'), { tickets, runs: [run({ dead: true })] })).toMatchObject({
      state: 'DONE',
      outcome: 'TRADE',
      recorded: false,
      runId: 'r1',
    });
  });

  it('an 08:00 run makes sense until 14:00, a 14:00 run to the last second of the window, also in the weeks when the clocks differ', () => {
    expect(
      [uk('13:59'), uk('14:00')].map((at) => isPastWindow({ tradingDay: MONDAY, slot: '0800' }, at, policy)),
    ).toEqual([false, true]);
    const march = '2018-03-12';
    expect(slotWindow(march, '1400', policy)).toEqual({
      dueAt: '2018-03-12T14:00:00.000Z',
      endsAt: '2018-03-12T14:30:00.000Z',
    });
    expect(
      ['14:30', '14:31'].map((time) => isPastWindow({ tradingDay: march, slot: '1400' }, uk(time, march), policy)),
    ).toEqual([false, true]);
    expect(slotWindow('2018-05-28', '0800', policy), 'Memorial Day').toBeNull();
  });

  it("slots before the account was opened were nobody's", () => {
    const slots = slotStandings(facts(uk('16:00'), { openedAt: uk('08:00:01'.slice(0, 5)) })).map(({ slot }) => slot);
    expect(slots).toEqual(['0800', '1400']);
    expect(slotStandings(facts(uk('16:00'), { openedAt: uk('08:01') })).map(({ slot }) => slot)).toEqual(['1400']);
  });
});

describe('what a human must see of it', () => {
  const only = (now: string, runs: SlotRun[]) =>
    slotStandings(facts(now, { runs })).filter(({ slot }) => slot === '1400');
  it('late, stopped, missed, and late and done as news of the day', () => {
    const codes = (now: string, ...runs: SlotRun[]) =>
      only(now, runs)
        .slice(0, 1)
        .flatMap((slot) => alertsOfSlot(slot, now));
    expect(codes(uk('14:04'))).toEqual([]);
    expect(codes(uk('14:10'))).toEqual(['RUN_LATE']);
    expect(codes(uk('14:10'), run({ dead: true }))).toEqual(['RUN_STOPPED']);
    expect(codes(uk('15:31'))).toEqual(['RUN_MISSED']);
    expect(codes(uk('15:31'), run({ dead: true, failure: 'disk full' }))).toEqual(['RUN_STOPPED', 'RUN_MISSED']);
    const late = run({ beganAt: uk('14:40'), outcome: 'NO_TRADE' });
    expect(codes(uk('14:50'), late)).toEqual(['RUN_LATE']);
    expect(codes(uk('14:00', '2018-05-08'), late)).toEqual([]);
    expect(codes(uk('14:50'), run({ outcome: 'NO_TRADE' }))).toEqual([]);
  });

  it('is over when the slot has its outcome; a miss when a later run of the slot came to a result', () => {
    const [late] = only(uk('14:10'), []);
    const [done] = only(uk('14:20'), [run({ outcome: 'TRADE' })]);
    const after = only(uk('16:00', '2018-05-08'), [
      run({ outcome: 'MISSED' }),
      run({ runId: 'r2', tradingDay: '2018-05-08', beganAt: uk('14:00', '2018-05-08'), outcome: 'NO_TRADE' }),
    ]);
    if (!late || !done || !after[0]) throw new Error('the slots are there');
    expect(endOfAlert('RUN_LATE', late, [late])).toBeNull();
    expect(endOfAlert('RUN_LATE', done, [done])).toBe(done);
    expect(endOfAlert('RUN_LATE', after[0], after)).toBe(after[0]);
    expect(endOfAlert('RUN_MISSED', after[0], after)).toBe(after[1]);
    expect(endOfAlert('RUN_MISSED', after[0], after.slice(0, 1))).toBeNull();
  });
});

describe('whatever is stored', { timeout: 60_000 }, () => {
  const FIRST = dayNumber('2018-01-01');
  const SPAN = 30;
  const day = fc.integer({ min: 0, max: SPAN }).map((offset) => dateOf(FIRST + offset));
  const instant = fc
    .tuple(day, fc.integer({ min: 0, max: 1439 }))
    .map(([date, minute]) =>
      londonInstant(
        date,
        `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`,
      ),
    );
  const anyRun = fc.record({
    runId: fc.option(fc.uuid(), { freq: 4 }),
    slot: fc.constantFrom<Slot>('0800', '1400'),
    tradingDay: day,
    beganAt: instant,
    outcome: fc.constantFrom('PASS', 'FAIL', 'TRADE', 'NO_TRADE', 'MISSED', null),
    dead: fc.boolean(),
    failure: fc.constantFrom('disk full', null),
  });
  // What is not recorded has no result.
  const someRun = anyRun.map((one) => (one.runId === null ? { ...one, outcome: null } : one));
  const someFacts = fc.record({
    account: fc.constant('main'),
    openedAt: instant,
    now: instant,
    runs: fc.array(someRun, { maxLength: 30 }),
    policy: fc.record({
      calendar: fc.record({ extra_closures: fc.array(day, { maxLength: 3 }), extra_early_closes: fc.constant([]) }),
    }),
    tickets: fc.uniqueArray(
      fc.record({ tradingDay: day, kind: fc.constantFrom('TRADE' as const, 'NO_TRADE' as const) }),
      { selector: ({ tradingDay }) => tradingDay, maxLength: 10 },
    ),
  });

  it('each slot that was due stands there once, in order, and only slots of sessions', () => {
    fc.assert(
      fc.property(someFacts, (stored) => {
        const standings = slotStandings(stored);
        const due = sessionsBetween(
          stored.openedAt.slice(0, 10),
          dateOf(dayNumber(stored.now.slice(0, 10)) + 1),
          stored.policy.calendar,
        )
          .flatMap((tradingDay) => (['0800', '1400'] as const).map((slot) => ({ tradingDay, slot })))
          .filter(
            ({ tradingDay, slot }) =>
              slotAt(tradingDay, slot) >= stored.openedAt && slotAt(tradingDay, slot) <= stored.now,
          );
        expect(standings.map(({ tradingDay, slot }) => ({ tradingDay, slot }))).toEqual(due);
        expect(standings.every(({ tradingDay }) => isSession(tradingDay, stored.policy.calendar))).toBe(true);
      }),
    );
  });

  it('after its window a slot has an outcome, unless Temporal still runs it; before, it is never missed unless so recorded', () => {
    fc.assert(
      fc.property(someFacts, (stored) => {
        for (const standing of slotStandings(stored)) {
          const own = stored.runs.filter(
            ({ tradingDay, slot }) => tradingDay === standing.tradingDay && slot === standing.slot,
          );
          const over = isPastWindow(standing, stored.now, stored.policy);
          if (standing.outcome === null)
            expect(!over || own.some(({ outcome, dead }) => outcome === null && !dead)).toBe(true);
          if (standing.state === 'MISSED' && !over) expect(own.some(({ outcome }) => outcome === 'MISSED')).toBe(true);
          expect(standing.outcome !== null).toBe(standing.state === 'DONE' || standing.state === 'MISSED');
        }
      }),
    );
  });

  it('records settle it: once each unrecorded outcome is stored, nothing is left to record, and no outcome changes', () => {
    fc.assert(
      fc.property(someFacts, (stored) => {
        const standings = slotStandings(stored);
        const recorded = standings.filter(({ recorded: done, outcome }) => !done && outcome !== null);
        const runs = [
          ...stored.runs.map((one) => ({
            ...one,
            outcome:
              one.outcome ?? recorded.find(({ runId }) => runId !== null && runId === one.runId)?.outcome ?? null,
          })),
          ...recorded
            .filter(({ runId }) => runId === null)
            .map(({ tradingDay, slot, dueAt }): SlotRun => ({
              runId: `${tradingDay}/${slot}`,
              tradingDay,
              slot,
              beganAt: dueAt,
              outcome: 'MISSED',
              dead: false,
              failure: null,
            })),
        ];
        const again = slotStandings({ ...stored, runs });
        expect(again.filter(({ recorded: done, outcome }) => !done && outcome !== null)).toEqual([]);
        expect(again.map(({ outcome }) => outcome)).toEqual(standings.map(({ outcome }) => outcome));
      }),
    );
  });

  it('leaving out what was settled long ago leaves out nothing that is open, and nothing of the last month', () => {
    const late = fc.record({ stored: someFacts, days: fc.integer({ min: 0, max: 60 }) }).map(({ stored, days }) => ({
      ...stored,
      now: new Date(Date.parse(stored.now) + days * 86_400_000).toISOString(),
    }));
    fc.assert(
      fc.property(late, (stored) => {
        const all = slotStandings(stored);
        const kept = slotStandings(withoutSettled(stored));
        expect(all.slice(all.length - kept.length)).toEqual(kept);
        const dropped = all.slice(0, all.length - kept.length);
        expect(dropped.filter(({ state, recorded }) => !recorded || (state !== 'DONE' && state !== 'MISSED'))).toEqual(
          [],
        );
        expect(dropped.filter(({ dueAt }) => Date.parse(stored.now) - Date.parse(dueAt) < 30 * 86_400_000)).toEqual([]);
      }),
    );
  });

  it('a missed slot stays while a run that came late has no result, however long ago it was', () => {
    const tradingDay = '2018-01-08';
    const run = { slot: '1400' as const, tradingDay, beganAt: '2018-01-08T20:00:00.000Z', dead: false, failure: null };
    const stored = (runs: SlotRun[]): SlotFacts => ({
      account: 'main',
      openedAt: '2018-01-08T12:00:00.000Z',
      now: '2018-06-08T00:00:00.000Z',
      runs,
      policy,
      tickets: [],
    });
    const missed = { ...run, runId: 'a', outcome: 'MISSED' };
    expect(withoutSettled(stored([missed])).openedAt).not.toBe('2018-01-08T12:00:00.000Z');
    expect(withoutSettled(stored([missed, { ...run, runId: 'b', outcome: null }])).openedAt).toBe(
      '2018-01-08T12:00:00.000Z',
    );
  });

  it('a 14:00 slot is over when its ticket could no longer be executed, and an 08:00 slot when the 14:00 slot begins', () => {
    fc.assert(
      fc.property(day, instant, (tradingDay, at) => {
        const window = executionWindow(tradingDay);
        expect(isPastWindow({ tradingDay, slot: '1400' }, at, policy)).toBe(window !== null && at > window.closesAt);
        expect(isPastWindow({ tradingDay, slot: '0800' }, at, policy)).toBe(
          window !== null && at >= slotAt(tradingDay, '1400'),
        );
      }),
    );
  });
});
