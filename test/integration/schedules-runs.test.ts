import type { Context } from '@temporalio/activity';
import type { ActivityInterceptors } from '@temporalio/worker';
import { describe, expect, it, vi } from 'vitest';
import { openAccount } from '../../src/db/accounts.js';
import { ensureSchedules } from '../../src/operations/schedules/ensure.js';
import { londonInstant, slotAt } from '../../src/domain/calendar/calendar.js';
import type { Instant, IsoDate, Slot } from '../../src/domain/types.js';
import type { RunReply } from '../../src/contract/runs.js';
import { assertInvariants, assertOneOfEverything, MONDAY, TUESDAY, withSeat, type TestSeat } from '../support/day.js';
import type { Installation } from '../support/stack.js';
import { fingerprint } from '../support/unchanged.js';
import { startWorkerHere } from '../support/worker-here.js';

const STORY_MAX_MS = 180_000;
const WORKFLOW_OF = { '0800': 'morning-run', '1400': 'afternoon-run' } as const;
const MEMORIAL_DAY = '2018-05-28';
const THURSDAY = '2018-05-10';
const REAL = { account: 'main', baseCurrency: 'USD', clock: 'real' } as const;

const runIdAt = (slot: Slot, at: Instant, account?: string) =>
  `${WORKFLOW_OF[slot]}${account === undefined ? '' : `/${account}`}-${at.replace('.000Z', 'Z')}`;

/**
 * Has the server start the run of a slot as its schedule would have done at its time. @returns what waits for its
 * outcome.
 */
async function fire(
  { client }: TestSeat,
  slot: Slot,
  day: IsoDate,
  account?: string,
): Promise<() => Promise<RunReply>> {
  const at = slotAt(day, slot);
  const schedule = client.schedule.getHandle(`run-${slot}${account === undefined ? '' : `/${account}`}`);
  const before = (await schedule.describe()).info.numActionsTaken;
  await schedule.backfill({ start: new Date(at), end: new Date(at), overlap: 'ALLOW_ALL' });
  await vi.waitFor(async () => expect((await schedule.describe()).info.numActionsTaken).toBe(before + 1), {
    timeout: 15_000,
    interval: 50,
  });
  return async () => (await client.workflow.getHandle(runIdAt(slot, at, account)).result()) as RunReply;
}

/** Does something while a worker of a real account runs whose machine's clock stands where the story has it. */
async function withWorkerAt<T>(installation: Installation, at: Instant, action: () => Promise<T>): Promise<T> {
  const worker = await startWorkerHere(installation, { now: () => at });
  try {
    return await action();
  } finally {
    await worker.stop();
  }
}

const runsOf = async ({ db }: TestSeat): Promise<string[]> =>
  (
    await db('runs as r')
      .leftJoin('run_results as o', 'o.run_id', 'r.run_id')
      .orderBy(['r.trading_day', 'r.slot', 'r.recorded_at'])
      .select<{ trading_day: string; slot: string; operator: string; outcome: string | null }[]>(
        'r.trading_day',
        'r.slot',
        'r.operator',
        'o.outcome',
      )
  ).map((row) => Object.values(row).join(' '));
const alertsOf = async ({ db }: TestSeat): Promise<string[]> =>
  (
    await db('alerts')
      .where('code', 'like', 'RUN_%')
      // The watch has a schedule of its own by the real clock, and may come in between.
      .whereNot('code', 'RUN_LATE')
      .orderBy(['raised_at', 'subject'])
      .select<{ code: string; subject: string }[]>('code', 'subject')
  ).map(({ code, subject }) => `${code} ${subject}`);

describe.concurrent('runs that a schedule starts', { timeout: STORY_MAX_MS }, () => {
  it('a simulated day made up for is the day: its date from the scheduled time, one ticket, again the same', () =>
    withSeat({}, async (seat, { settings }) => {
      await ensureSchedules(seat.client, settings.taskQueue, seat.policy, 'main');
      expect(await (await fire(seat, '0800', MONDAY, 'main'))()).toMatchObject({ tradingDay: MONDAY, outcome: 'PASS' });
      await seat.reconcile(MONDAY);
      const afternoon = await (await fire(seat, '1400', MONDAY, 'main'))();
      expect(afternoon).toMatchObject({
        tradingDay: MONDAY,
        outcome: 'TRADE',
        tickets: [{ kind: 'TRADE', issuedNow: true, issuedAt: slotAt(MONDAY, '1400') }],
      });
      const ticketId = String(afternoon.tickets[0]?.ticketId);
      expect((await (await fire(seat, '1400', MONDAY, 'main'))()).tickets).toMatchObject([
        { ticketId, issuedNow: false },
      ]);
      await seat.confirm(ticketId);
      await seat.closed(MONDAY);
      await assertOneOfEverything(seat.db, MONDAY, ticketId, true);

      const week = await seat.cli([
        'schedules',
        'backfill',
        '--from',
        TUESDAY,
        '--to',
        '2018-05-09',
        '--account',
        'main',
        '--json',
      ]);
      expect(week.code, week.stderr).toBe(0);
      const made = JSON.parse(week.stdout) as RunReply[];
      expect(made.map(({ tradingDay, outcome }) => `${tradingDay} ${outcome}`)).toEqual([
        `${TUESDAY} PASS`,
        `${TUESDAY} NO_TRADE`,
        '2018-05-09 PASS',
        '2018-05-09 NO_TRADE',
      ]);
      await assertInvariants(seat.db);
    }));

  it('a schedule and a hand at the same second are one run, whoever is first', () =>
    withSeat({}, async (seat, { settings }) => {
      await ensureSchedules(seat.client, settings.taskQueue, seat.policy, 'main');
      const at = slotAt(MONDAY, '0800');
      const [byHand, bySchedule] = await Promise.all([
        seat.cliApart(['run-0800', '--account', 'main', '--at', at, '--json']),
        fire(seat, '0800', MONDAY, 'main')
          .then((wait) => wait())
          .catch(() => null),
      ]);
      expect(byHand.code, byHand.stderr).toBe(0);
      const { runId } = JSON.parse(byHand.stdout) as RunReply;
      const runs = (await seat
        .db('runs')
        .where({ workflow_id: runIdAt('0800', at, 'main') })
        .pluck('run_id')) as string[];
      expect(runs).toContain(runId);
      if (bySchedule !== null) expect(runs).toContain(bySchedule.runId);
      // The run asks for the day and goes on: it opens in its own time.
      await vi.waitFor(async () => expect(await seat.db('day_events').where({ event: 'OPENED' })).toHaveLength(1), {
        timeout: 30_000,
        interval: 100,
      });
      await assertInvariants(seat.db);
    }));

  it("a worker that was away over the slot and is back within the window: the day is the schedule's, the TRADE is still right", () =>
    withSeat({ clock: 'real', worker: false }, async (seat, installation) => {
      await ensureSchedules(seat.client, installation.settings.taskQueue, seat.policy);
      const morning = await fire(seat, '0800', MONDAY);
      await withWorkerAt(installation, londonInstant(MONDAY, '11:00'), async () => {
        expect(await morning()).toMatchObject({ tradingDay: MONDAY, asOfDate: '2018-05-04', outcome: 'PASS' });
        await seat.reconcile(MONDAY, { signedAt: londonInstant(MONDAY, '11:00') });
      });
      const afternoon = await fire(seat, '1400', MONDAY);
      const reply = await withWorkerAt(installation, londonInstant(MONDAY, '15:29'), afternoon);
      expect(reply).toMatchObject({
        outcome: 'TRADE',
        tickets: [{ kind: 'TRADE', issuedAt: londonInstant(MONDAY, '15:29') }],
      });
      expect(await runsOf(seat)).toEqual([`${MONDAY} 0800 schedule PASS`, `${MONDAY} 1400 schedule TRADE`]);
    }));

  it('a worker that is back after the window: no TRADE; the same later is the same ticket', () =>
    withSeat({ clock: 'real', worker: false }, async (seat, installation) => {
      await ensureSchedules(seat.client, installation.settings.taskQueue, seat.policy);
      await withWorkerAt(installation, londonInstant(MONDAY, '08:00'), async () => {
        await (
          await fire(seat, '0800', MONDAY)
        )();
        await seat.reconcile(MONDAY, { time: '08:00', signedAt: londonInstant(MONDAY, '08:00') });
      });
      const afternoon = await fire(seat, '1400', MONDAY);
      const { outcome, tickets } = await withWorkerAt(installation, londonInstant(MONDAY, '15:31'), afternoon);
      expect([outcome, tickets.map(({ kind, reasons }) => [kind, reasons.map(({ code }) => code)])]).toEqual([
        'NO_TRADE',
        [['NO_TRADE', ['WINDOW_PASSED']]],
      ]);
      // Somebody makes up for it the next morning: its day stands open, so it is told which ticket it has.
      const again = await withWorkerAt(installation, londonInstant(TUESDAY, '07:00'), await fire(seat, '1400', MONDAY));
      expect(again.tickets).toMatchObject([{ ticketId: tickets[0]?.ticketId, issuedNow: false }]);
      expect(await seat.db('tickets')).toHaveLength(1);
    }));

  it('a run that Postgres kept waiting until the window had passed says so: the moment of the decision counts, not that of the start', () =>
    withSeat({ clock: 'real', worker: false }, async (seat, installation) => {
      await ensureSchedules(seat.client, installation.settings.taskQueue, seat.policy);
      await withWorkerAt(installation, londonInstant(MONDAY, '08:00'), async () => {
        await (
          await fire(seat, '0800', MONDAY)
        )();
        await seat.reconcile(MONDAY, { time: '08:00', signedAt: londonInstant(MONDAY, '08:00') });
      });
      let now = londonInstant(MONDAY, '14:00');
      const away = Object.assign(new Error('terminating connection due to administrator command'), { code: '57P01' });
      const interceptor = ({ info }: Context): ActivityInterceptors => ({
        inbound: {
          execute: async (input, next) => {
            if (info.activityType !== 'issueTicket' || info.attempt > 1) return next(input);
            now = londonInstant(MONDAY, '15:31');
            throw away;
          },
        },
      });
      const afternoon = await fire(seat, '1400', MONDAY);
      const worker = await startWorkerHere(installation, { now: () => now, interceptors: [interceptor] });
      const reply = await afternoon().finally(() => worker.stop());
      expect(reply.tickets).toMatchObject([{ kind: 'NO_TRADE', reasons: [{ code: 'WINDOW_PASSED' }] }]);
    }));

  it('three days without a worker: one record and one alert a slot, no ticket, nothing opened; again nothing new', () =>
    withSeat({ clock: 'real', worker: false }, async (seat, installation) => {
      await openAccount(seat.db, REAL, 'demo', londonInstant(MONDAY, '07:00'));
      await ensureSchedules(seat.client, installation.settings.taskQueue, seat.policy);
      const days = [MONDAY, TUESDAY, '2018-05-09'];
      const waiting: (() => Promise<RunReply>)[] = [];
      for (const day of days) for (const slot of ['0800', '1400'] as const) waiting.push(await fire(seat, slot, day));
      await withWorkerAt(installation, londonInstant(THURSDAY, '09:00'), async () => {
        expect((await Promise.all(waiting.map((wait) => wait()))).map(({ outcome }) => outcome)).toEqual(
          Array.from({ length: 6 }, () => 'MISSED'),
        );
        expect(await (await fire(seat, '0800', MONDAY))()).toMatchObject({ outcome: 'MISSED' });
      });
      expect(await runsOf(seat)).toEqual(
        days.flatMap((day) => [`${day} 0800 schedule MISSED`, `${day} 1400 schedule MISSED`]),
      );
      expect(await alertsOf(seat)).toEqual(days.flatMap((day) => [`RUN_MISSED ${day}/0800`, `RUN_MISSED ${day}/1400`]));
      expect([await seat.db('tickets'), await seat.db('day_events')]).toEqual([[], []]);
    }));

  it("what was before a real account was opened is nobody's, whatever a schedule says: nothing is recorded", () =>
    withSeat({ clock: 'real', worker: false }, async (seat, installation) => {
      await ensureSchedules(seat.client, installation.settings.taskQueue, seat.policy);
      const codeOf = async (slot: Slot, day: IsoDate) =>
        (await fire(seat, slot, day))().then(
          ({ outcome }) => outcome,
          (error: { cause?: { cause?: { type?: string } } }) => error.cause?.cause?.type,
        );
      const before = await fingerprint(seat.db);
      await withWorkerAt(installation, londonInstant(THURSDAY, '15:00'), async () => {
        expect(await codeOf('0800', MONDAY)).toBe('ACCOUNT_NOT_OPEN');
        expect(await codeOf('1400', '2018-04-02')).toBe('ACCOUNT_NOT_OPEN');
        expect(await codeOf('1400', '2018-03-30')).toBe('ACCOUNT_NOT_OPEN');
        expect(await fingerprint(seat.db)).toEqual(before);
        // Opened at 10:00, it has no 08:00 slot of that day.
        await openAccount(seat.db, REAL, 'demo', londonInstant(THURSDAY, '10:00'));
        const opened = await fingerprint(seat.db);
        for (const day of [MONDAY, '2018-03-30', THURSDAY])
          expect(await codeOf('0800', day)).toBe('CLAIM_BEFORE_ACCOUNT');
        expect(await fingerprint(seat.db)).toEqual(opened);
      });
    }));

  it("a closed day may be the first that a real account sees: it is opened by the machine's clock", () =>
    withSeat({ clock: 'real', worker: false }, async (seat, installation) => {
      await ensureSchedules(seat.client, installation.settings.taskQueue, seat.policy);
      const now = londonInstant(MEMORIAL_DAY, '09:17');
      await withWorkerAt(installation, now, async () => {
        expect(await (await fire(seat, '0800', MEMORIAL_DAY))()).toMatchObject({ outcome: 'CLOSED' });
      });
      expect(await seat.db('audit_log').where({ action: 'account.opened', subject: 'main' }).pluck('at')).toEqual([
        now,
      ]);
      expect(await runsOf(seat)).toEqual([`${MEMORIAL_DAY} 0800 schedule CLOSED`]);
    }));

  it('a closed day is said to be closed: nothing fetched, nothing opened, no ticket, no alert', () =>
    withSeat({ clock: 'real', worker: false }, async (seat, installation) => {
      await ensureSchedules(seat.client, installation.settings.taskQueue, seat.policy);
      const replies = await withWorkerAt(installation, londonInstant(MEMORIAL_DAY, '14:00'), async () => [
        await (await fire(seat, '0800', MEMORIAL_DAY))(),
        await (await fire(seat, '1400', MEMORIAL_DAY))(),
      ]);
      expect(replies.map(({ outcome, summary, tickets }) => [outcome, summary, tickets])).toEqual(
        [0, 1].map(() => [
          'CLOSED',
          `New York is closed on ${MEMORIAL_DAY}: nothing was done and no day was opened; the next session is 2018-05-29`,
          [],
        ]),
      );
      expect(replies[1]?.files.some((file) => file.endsWith('run_summary.md'))).toBe(true);
      expect([
        await seat.db('fetch_results'),
        await seat.db('day_events'),
        await seat.db('tickets'),
        await alertsOf(seat),
      ]).toEqual([[], [], [], []]);
      const details = await seat.client.workflow.getHandle(runIdAt('1400', slotAt(MEMORIAL_DAY, '1400'))).describe();
      expect(details.searchAttributes).toMatchObject({ TradingDay: [MEMORIAL_DAY], Outcome: ['CLOSED'] });
      expect(await details.staticSummary()).toBe('1400 run asked for by schedule');
    }));

  it('a real account has no runs of the future', () =>
    withSeat({ clock: 'real', worker: false }, async (seat, installation) => {
      await ensureSchedules(seat.client, installation.settings.taskQueue, seat.policy);
      const wait = await fire(seat, '1400', MONDAY);
      await withWorkerAt(installation, londonInstant(MONDAY, '07:00'), async () => {
        await expect(wait()).rejects.toMatchObject({ cause: { cause: { type: 'AT_IN_FUTURE' } } });
      });
      expect(await seat.db('runs')).toEqual([]);
    }));
});
