import { signedRun } from '../support/signing.js';
import type { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptors } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openAccount } from '../../src/db/accounts.js';
import { connect } from '../../src/db/connect.js';
import { ensureSchedules } from '../../src/operations/schedules/ensure.js';
import { ledgerState } from '../../src/db/journal.js';
import { slotStandings } from '../../src/domain/day/slots.js';
import { londonInstant } from '../../src/domain/calendar/calendar.js';
import type { RunInput, WatchInput, WatchReply } from '../../src/contract/runs.js';
import { WORKFLOWS } from '../../src/contract/workflows.js';
import { assertInvariants, driveDay, MONDAY, TUESDAY, withSeat, type TestSeat } from '../support/day.js';
import { startFaultyWorker } from '../support/kill-points.js';
import { startWorkerProcess, type Installation } from '../support/stack.js';
import { fingerprint } from '../support/unchanged.js';
import { startWorkerHere } from '../support/worker-here.js';

const ACCOUNT = { account: 'main', baseCurrency: 'USD', clock: 'simulated' } as const;
const WEDNESDAY = '2018-05-09';
const THURSDAY = '2018-05-10';
const LONG_MS = 120_000;
const DAY_MS = 86_400_000;

async function watchAt(seat: TestSeat, { settings }: Installation, day: string, time: string): Promise<WatchReply> {
  const input: WatchInput = { at: londonInstant(day, time), accounts: ['main'] };
  return (await seat.client.workflow.execute(WORKFLOWS.watch, {
    workflowId: `watch/${randomUUID()}`,
    taskQueue: settings.taskQueue,
    args: [input],
  })) as WatchReply;
}

/** Monday is stored as open: the run asks for it and ends, and a watch closes no day that is not stored yet. */
const opened = (seat: TestSeat) => seat.viewWhen(MONDAY, ({ openedAt }) => openedAt !== null);

const runsOf = async (seat: TestSeat): Promise<string[]> => {
  const rows = await seat
    .db('runs as r')
    .leftJoin('run_results as o', 'o.run_id', 'r.run_id')
    .orderBy(['r.trading_day', 'r.slot', 'r.recorded_at'])
    .select<{ trading_day: string; slot: string; operator: string; outcome: string | null }[]>(
      'r.trading_day',
      'r.slot',
      'r.operator',
      'o.outcome',
    );
  return rows.map((row) => `${row.trading_day} ${row.slot} ${row.operator} ${row.outcome}`);
};

/**
 * Alerts in the order of their instants: `RUN_LATE 2018-05-07/0800`, with what became of them; but for the news of a
 * TRADE.
 */
async function alertsOf(seat: TestSeat): Promise<string[]> {
  const rows = await seat
    .db('alerts as a')
    .whereNot({ code: 'TICKET_TRADE' })
    .orderBy(['a.raised_at', 'a.code'])
    .select<{ code: string; subject: string; over: boolean }[]>(
      'a.code',
      'a.subject',
      seat.db.raw(`exists (select from alert_events e where e.alert_id = a.alert_id and e.kind = 'RECOVERED') as over`),
    );
  return rows.map(({ code, subject, over }) => `${code} ${subject}${over ? ' recovered' : ''}`);
}

describe('every slot is accounted for', { timeout: LONG_MS }, () => {
  it('three days down end with one record and one alert a slot, however often and by how many it is watched', async () => {
    await withSeat({}, async (seat, installation) => {
      await driveDay(seat, MONDAY);
      expect(await watchAt(seat, installation, MONDAY, '21:00')).toMatchObject({
        missed: [],
        late: [],
        stopped: [],
        overdue: [],
      });

      const watches = await Promise.all([0, 1, 2].map(() => watchAt(seat, installation, THURSDAY, '21:00')));
      const days = [TUESDAY, WEDNESDAY, THURSDAY];
      for (const { missed } of watches)
        expect(days.flatMap((day) => [`main ${day} 0800`, `main ${day} 1400`])).toEqual(expect.arrayContaining(missed));
      const records = days.flatMap((day) => [`${day} 0800 watch MISSED`, `${day} 1400 watch MISSED`]);
      expect(await runsOf(seat)).toEqual([`${MONDAY} 0800 demo PASS`, `${MONDAY} 1400 demo TRADE`, ...records]);
      expect(await alertsOf(seat)).toEqual(days.flatMap((day) => [`RUN_MISSED ${day}/0800`, `RUN_MISSED ${day}/1400`]));
      const audited = await seat.db('audit_log').where({ action: 'slot.missed' }).orderBy('subject').pluck('subject');
      expect(audited).toEqual(days.flatMap((day) => [`${day}/0800`, `${day}/1400`]));
      const [evidence] = (await seat.db('run_results').where({ outcome: 'MISSED' }).pluck('detail')) as object[];
      expect(evidence).toMatchObject({ foundAt: londonInstant(THURSDAY, '21:00'), beganAt: null, failure: null });
      expect((await seat.cli(['runs-last', '--limit', '1'])).stdout).toMatch(
        /MISSED.*never began; a late one made sense until/s,
      );

      const rows = await fingerprint(seat.db);
      expect(await seat.cli(['watch', '--at', londonInstant(THURSDAY, '22:00')])).toEqual({
        code: 0,
        stdout: expect.stringMatching(/^Every slot of main is accounted for\.\n+Next: .*runs-last$/),
        stderr: '',
      });
      expect(await fingerprint(seat.db)).toEqual(rows);
      await assertInvariants(seat.db);
    });
  });

  it('runs run again: what was missed recovers when a later run of the same slot has ended', async () => {
    await withSeat({}, async (seat, installation) => {
      await seat.run('0800', MONDAY);
      await watchAt(seat, installation, TUESDAY, '14:02');
      expect(await alertsOf(seat)).toEqual([`RUN_MISSED ${MONDAY}/1400`, `RUN_MISSED ${TUESDAY}/0800`]);
      await seat.run('1400', TUESDAY, { time: '14:03' });
      await seat.run('0800', WEDNESDAY);
      await watchAt(seat, installation, WEDNESDAY, '09:00');
      expect((await alertsOf(seat)).slice(0, 2)).toEqual([
        `RUN_MISSED ${MONDAY}/1400 recovered`,
        `RUN_MISSED ${TUESDAY}/0800 recovered`,
      ]);
    });
  });

  it('late is said while a run may still be run by hand, and is over when that has ended', async () => {
    await withSeat({}, async (seat, installation) => {
      await seat.run('0800', MONDAY, { time: '07:30' });
      expect(await watchAt(seat, installation, MONDAY, '14:10')).toMatchObject({
        late: [`main ${MONDAY} 1400`],
        missed: [],
      });
      await watchAt(seat, installation, MONDAY, '14:20');
      expect(await alertsOf(seat)).toEqual([`RUN_LATE ${MONDAY}/1400`]);
      await seat.issue(MONDAY, { time: '14:40' });
      expect(await watchAt(seat, installation, MONDAY, '15:10')).toMatchObject({ late: [], missed: [] });
      expect(await alertsOf(seat)).toEqual([`RUN_LATE ${MONDAY}/1400 recovered`]);
    });
  });

  it('a run that began late between two watches is told once, and that it is over', async () => {
    await withSeat({}, async (seat, installation) => {
      await seat.run('0800', MONDAY, { time: '07:30' });
      await seat.issue(MONDAY, { time: '14:40' });
      for (const time of ['15:10', '15:12']) await watchAt(seat, installation, MONDAY, time);
      expect(await alertsOf(seat)).toEqual([`RUN_LATE ${MONDAY}/1400 recovered`]);
      expect(await seat.db('alerts').pluck('message')).toEqual([
        `The 14:00 run of ${MONDAY} began 40 minutes late, at 14:40 UK time.`,
      ]);
    });
  });

  it('a run that stopped midway is told at once, and gets its result when its window is over', async () => {
    await withSeat({ worker: false }, async (seat, installation) => {
      const asked = { at: londonInstant(MONDAY, '08:00'), operator: 'demo', accounts: ['main'] };
      const input: RunInput = await signedRun(seat.sign, '0800', asked);
      const dying = startFaultyWorker(installation, { step: 'morningRun/fetchPrices#2', point: 'before' });
      const run = await seat.client.workflow.start(WORKFLOWS.morningRun, {
        workflowId: 'morning-run-2018-05-07T07:00:00Z',
        taskQueue: installation.settings.taskQueue,
        args: [input],
      });
      await dying.ended;
      await run.terminate('ended by hand');
      await startWorkerProcess(installation);
      expect((await watchAt(seat, installation, MONDAY, '08:10')).stopped).toEqual([`main ${MONDAY} 0800`]);
      expect(await runsOf(seat)).toEqual([`${MONDAY} 0800 demo null`]);
      expect(await seat.db('alerts').pluck('message')).toEqual([`The 08:00 run of ${MONDAY} stopped: ended by hand.`]);

      expect((await watchAt(seat, installation, MONDAY, '14:00')).missed).toEqual([`main ${MONDAY} 0800`]);
      expect(await runsOf(seat)).toEqual([`${MONDAY} 0800 demo MISSED`]);
      expect(await seat.db('run_results').pluck('summary')).toEqual([
        `the 08:00 run of ${MONDAY} stopped: ended by hand; a late one made sense until 14:00 UK time`,
      ]);
      expect(await alertsOf(seat)).toEqual([`RUN_STOPPED ${MONDAY}/0800 recovered`, `RUN_MISSED ${MONDAY}/0800`]);
    });
  });

  it('a run that fails before it is recorded is told with its reason; its slot is missed when its window is over, and the day waits no more', async () => {
    await withSeat({}, async (seat, installation) => {
      await seat.run('0800', MONDAY, { time: '07:30' });
      await opened(seat);
      const policy = join(installation.configDir, 'policy.yml');
      writeFileSync(policy, 'version: 2\n');
      await expect(seat.run('1400', MONDAY)).rejects.toThrow(/failed/i);
      expect((await watchAt(seat, installation, MONDAY, '14:10')).stopped).toEqual([`main ${MONDAY} 1400`]);
      expect(await seat.db('alerts').where({ code: 'RUN_STOPPED' }).pluck('message')).toEqual([
        expect.stringMatching(/^The 14:00 run of 2018-05-07 stopped: .*policy\.yml:1: version: 2/s),
      ]);
      expect((await watchAt(seat, installation, MONDAY, '15:40')).missed).toEqual([`main ${MONDAY} 1400`]);
      expect(await runsOf(seat)).toEqual([`${MONDAY} 0800 demo PASS`, `${MONDAY} 1400 watch MISSED`]);
      expect(await seat.closed(MONDAY)).toMatchObject({ state: 'closed', outcome: 'MISSED', ticket: null });
      expect(await alertsOf(seat)).toEqual([`RUN_STOPPED ${MONDAY}/1400 recovered`, `RUN_MISSED ${MONDAY}/1400`]);
      await assertInvariants(seat.db);
    });
  });

  /** What RUN_STOPPED says of a run whose first step failed so. */
  async function toldOfFailure(failure: ApplicationFailure): Promise<string[]> {
    let told: string[] = [];
    await withSeat({ worker: false }, async (seat, installation) => {
      await openAccount(seat.db, ACCOUNT, 'demo', londonInstant(MONDAY, '07:00'));
      const failing = (context: Context): ActivityInterceptors => ({
        inbound: {
          execute: (input, next) => (context.info.activityType === 'beginRun' ? Promise.reject(failure) : next(input)),
        },
      });
      const worker = await startWorkerHere(installation, { interceptors: [failing] });
      try {
        await expect(seat.run('0800', MONDAY)).rejects.toThrow(/failed/i);
        expect((await watchAt(seat, installation, MONDAY, '08:10')).stopped).toEqual([`main ${MONDAY} 0800`]);
        told = await seat.db('alerts').where({ code: 'RUN_STOPPED' }).pluck('message');
        const [alert] = await seat.db('alerts').where({ code: 'RUN_STOPPED' });
        expect(JSON.stringify(alert)).not.toMatch(/secret|insert into/);
      } finally {
        await worker.stop();
      }
    });
    return told;
  }
  const STATEMENT = 'insert into "tickets" ("notes") values (secret) - value too long';
  const AS_THE_DATABASE = Object.assign(new Error(STATEMENT), { severity: 'ERROR', code: '22001' });
  const failed = (message: string, cause?: Error) =>
    ApplicationFailure.create({ message, type: 'FAULT', nonRetryable: true, ...(cause && { cause }) });
  const stoppedBy = (why: string) => [`The 08:00 run of ${MONDAY} stopped: ${why}.`];

  it('a run that the database stopped is told in words about a connection, never in those of a statement', async () => {
    const words = 'password authentication failed for user "trading_ops"';
    expect(await toldOfFailure(failed(words, AS_THE_DATABASE))).toEqual(stoppedBy(words));
    // As histories of earlier versions have it.
    expect(await toldOfFailure(failed(STATEMENT))).toEqual(
      stoppedBy('the database refused a statement; the log says which'),
    );
  });

  it('a run that meets a statement which the database refuses is told by the code of it', async () => {
    await withSeat({}, async (seat, installation) => {
      await openAccount(seat.db, ACCOUNT, 'demo', londonInstant(MONDAY, '07:00'));
      const owner = connect(installation.env['DATABASE_OWNER_URL'] ?? '', 1);
      try {
        await owner.raw('alter table runs rename column operator to elsewhere');
        await expect(seat.run('0800', MONDAY)).rejects.toThrow(/failed/i);
      } finally {
        await owner.raw('alter table runs rename column elsewhere to operator');
        await owner.destroy();
      }
      await watchAt(seat, installation, MONDAY, '08:10');
      expect(await seat.db('alerts').where({ code: 'RUN_STOPPED' }).pluck('message')).toEqual(
        stoppedBy('the database refused a statement (42703); the log says which'),
      );
    });
  });

  it('a run by hand after its slot was missed is a record of its own; its ticket trades nothing and waits for its confirmation', async () => {
    await withSeat({}, async (seat, installation) => {
      await seat.run('0800', MONDAY, { time: '07:30' });
      await opened(seat);
      await watchAt(seat, installation, MONDAY, '16:00');
      await seat.closed(MONDAY);
      const ticket = await seat.issue(MONDAY, { time: '16:30' });
      expect(ticket).toMatchObject({
        kind: 'NO_TRADE',
        reasons: expect.arrayContaining([expect.objectContaining({ code: 'WINDOW_PASSED' })]),
      });
      expect(await seat.viewWhen(MONDAY, ({ state }) => state === 'ticketed')).toMatchObject({ state: 'ticketed' });
      await watchAt(seat, installation, MONDAY, '16:40');
      expect(await runsOf(seat)).toEqual([
        `${MONDAY} 0800 demo PASS`,
        `${MONDAY} 1400 watch MISSED`,
        `${MONDAY} 1400 demo NO_TRADE`,
      ]);
      await watchAt(seat, installation, MONDAY, '20:10');
      expect(await alertsOf(seat)).toEqual([
        `RUN_MISSED ${MONDAY}/1400 recovered`,
        `CONFIRMATION_OVERDUE ${ticket.ticketId} at ${londonInstant(MONDAY, '20:00')}`,
      ]);
      expect(await seat.confirm(ticket.ticketId, { time: '20:30' })).toMatchObject({ status: 'ACKNOWLEDGED' });
      expect(await seat.closed(MONDAY)).toMatchObject({
        state: 'closed',
        outcome: expect.stringContaining('WINDOW_PASSED'),
      });
      await assertInvariants(seat.db);
      await watchAt(seat, installation, MONDAY, '20:40');
      expect((await alertsOf(seat))[1]).toMatch(/^CONFIRMATION_OVERDUE .* recovered$/);
    });
  });

  it("a ticket past its deadlines is told by the watch where the day's own timer did not, and once", async () => {
    await withSeat({}, async (seat, installation) => {
      await seat.run('0800', MONDAY);
      const { ticketId } = await seat.issue(MONDAY);
      expect((await watchAt(seat, installation, MONDAY, '16:10')).overdue).toEqual([
        `main ${MONDAY}: ticket ${ticketId}`,
      ]);
      await seat.signal(MONDAY, 'tick', { at: londonInstant(MONDAY, '20:30') });
      await seat.viewWhen(MONDAY, ({ announced }) => announced.length === 2);
      await watchAt(seat, installation, MONDAY, '20:40');
      const due = [
        `CONFIRMATION_DUE ${ticketId} at ${londonInstant(MONDAY, '16:00')}`,
        `CONFIRMATION_OVERDUE ${ticketId} at ${londonInstant(MONDAY, '20:00')}`,
      ];
      expect(await alertsOf(seat)).toEqual(due);
      await seat.confirm(ticketId, { time: '21:00' });
      await seat.closed(MONDAY);
      await watchAt(seat, installation, MONDAY, '21:40');
      expect(await alertsOf(seat)).toEqual(due.map((alert) => `${alert} recovered`));
    });
  });

  it('a worker that starts watches at once: on a real clock nobody waits for the hour', async () => {
    await withSeat({ worker: false, clock: 'real' }, async (seat, installation) => {
      const openedAt = new Date(Date.now() - 10 * DAY_MS).toISOString();
      await openAccount(seat.db, { account: 'main', baseCurrency: 'USD', clock: 'real' }, 'demo', openedAt);
      const began = new Date().toISOString();
      await startWorkerProcess(installation);
      const due = slotStandings({
        account: 'main',
        openedAt,
        policy: seat.policy,
        runs: [],
        tickets: [],
        now: began,
      }).filter(({ state }) => state === 'MISSED');
      expect(due.length).toBeGreaterThan(8);
      await expect
        .poll(() => runsOf(seat), { timeout: 30_000 })
        .toEqual(due.map(({ tradingDay, slot }) => `${tradingDay} ${slot} watch MISSED`));
    });
  });

  it('a schedule that is paused or gone is told until it is well again', async () => {
    await withSeat({ clock: 'real' }, async (seat, { settings }) => {
      await openAccount(
        seat.db,
        { account: 'main', baseCurrency: 'USD', clock: 'real' },
        'demo',
        new Date().toISOString(),
      );
      // Once in the policy, and no more: nobody misses its runs.
      await openAccount(
        seat.db,
        { account: 'old', baseCurrency: 'USD', clock: 'real' },
        'demo',
        new Date(Date.now() - 10 * DAY_MS).toISOString(),
      );
      const watch = (): Promise<unknown> =>
        seat.client.workflow.execute(WORKFLOWS.watch, {
          workflowId: `watch/${randomUUID()}`,
          taskQueue: settings.taskQueue,
          args: [{ accounts: [] }],
        });
      await watch();
      expect(await alertsOf(seat)).toEqual([]);
      const [morning, afternoon] = ['run-0800', 'run-1400'].map((id) => seat.client.schedule.getHandle(id));
      await morning?.pause('on holiday');
      await afternoon?.delete();
      await Promise.all([watch(), watch()]);
      await watch();
      expect((await alertsOf(seat)).toSorted()).toEqual(['SCHEDULE_MISSING run-1400', 'SCHEDULE_PAUSED run-0800']);
      expect(await seat.db('alerts').where({ code: 'SCHEDULE_PAUSED' }).pluck('message')).toEqual([
        'Schedule run-0800 is paused: it starts nothing. Note: on holiday.',
      ]);
      await morning?.unpause();
      await ensureSchedules(seat.client, settings.taskQueue, seat.policy);
      await watch();
      expect((await alertsOf(seat)).toSorted()).toEqual([
        'SCHEDULE_MISSING run-1400 recovered',
        'SCHEDULE_PAUSED run-0800 recovered',
      ]);
    });
  });

  it('a run that waits in Temporal for a worker is not missed: it says itself what became of it', async () => {
    await withSeat({}, async (seat, installation) => {
      await seat.run('0800', MONDAY, { time: '07:30' });
      const asked = { at: londonInstant(MONDAY, '14:00'), operator: 'demo', accounts: ['main'] };
      const input: RunInput = await signedRun(seat.sign, '1400', asked);
      const run = await seat.client.workflow.start(WORKFLOWS.afternoonRun, {
        workflowId: 'afternoon-run-2018-05-07T13:00:00Z',
        taskQueue: 'nobody-serves-this',
        args: [input],
      });
      // The list of workflows is told a little later than the workflow is started.
      await expect
        .poll(async () => (await watchAt(seat, installation, MONDAY, '14:10')).late, { timeout: 20_000 })
        .toEqual([`main ${MONDAY} 1400`]);
      expect(await watchAt(seat, installation, MONDAY, '16:00')).toMatchObject({ missed: [], stopped: [] });
      await run.terminate('nobody came');
      await expect
        .poll(async () => (await watchAt(seat, installation, MONDAY, '16:10')).missed, { timeout: 20_000 })
        .toEqual([`main ${MONDAY} 1400`]);
      expect(await runsOf(seat)).toEqual([`${MONDAY} 0800 demo PASS`, `${MONDAY} 1400 watch MISSED`]);
    });
  });

  it('a day may be reconciled before its first run', async () => {
    await withSeat({}, async (seat) => {
      await driveDay(seat, MONDAY);
      const { units, cash } = await bookOf(seat);
      expect(await seat.reconcile(TUESDAY, { cash, positions: units })).toMatchObject({ status: 'PASS' });
      expect(await seat.view(TUESDAY)).toMatchObject({ state: 'reconciled' });
      expect(await seat.issue(TUESDAY)).toMatchObject({
        kind: 'NO_TRADE',
        reasons: expect.arrayContaining([expect.objectContaining({ code: 'DATA_STALE' })]),
      });
    });
  });
});

async function bookOf(seat: TestSeat): Promise<{ cash: string; units: Record<string, string> }> {
  const { cash, units } = await ledgerState(seat.db, 'main');
  return { cash, units };
}
