import { Client, Connection } from '@temporalio/client';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ensureSchedules } from '../../src/operations/schedules/ensure.js';
import { parsePolicy, type Policy } from '../../src/domain/policy/policy.js';
import { comingRuns, schedulesOf } from '../../src/domain/day/schedule-times.js';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { pauseSchedules, resumeSchedules } from '../../src/operations/schedules/pause.js';
import { removeSchedules } from '../../src/operations/schedules/remove.js';
import { useDemoPolicy, withSeat, type TestSeat } from '../support/day.js';
import { createTestNamespace } from '../support/temporal.js';
import { startWorkerHere } from '../support/worker-here.js';

const shipped = parsePolicy(readFileSync(join(repositoryRoot, 'config', 'policy.yml'), 'utf8'), 'policy.yml');
const withSchedules = (schedules: Partial<Policy['schedules']>): Policy => ({
  ...shipped,
  schedules: { ...shipped.schedules, ...schedules },
});
const DAY_S = 86_400;

describe('schedules on the server', { timeout: 60_000 }, () => {
  let client: Client;
  beforeAll(async () => {
    const { address, namespace } = await createTestNamespace();
    client = new Client({ connection: await Connection.connect({ address }), namespace });
  });
  afterAll(() => client.connection.close());
  const results = async (policy: Policy) =>
    (await ensureSchedules(client, 'nobody', policy))
      .filter(({ scheduleId }) => scheduleId.startsWith('run-'))
      .map(({ result }) => result);
  const updates = async () => (await client.schedule.getHandle('run-1400').describe()).info.lastUpdatedAt;

  it('are created once, also by four at once, left alone when nothing differs, and changed when the policy does', async () => {
    const created = await Promise.all(Array.from({ length: 4 }, () => results(shipped)));
    expect(created.flat().filter((result) => result === 'created')).toHaveLength(2);
    expect(created.flat().filter((result) => result === 'changed')).toEqual([]);
    const before = await updates();
    expect(await results(shipped)).toEqual(['unchanged', 'unchanged']);
    expect(await updates()).toEqual(before);
    expect(await results(withSchedules({ afternoon: '14:05' }))).toEqual(['unchanged', 'changed']);
    expect(await client.schedule.getHandle('run-1400').describe()).toMatchObject({
      policies: { overlap: 'ALLOW_ALL', catchupWindow: 90 * 60_000, pauseOnFailure: false },
      spec: { timezone: 'Europe/London', calendars: [{ hour: [{ start: 14 }], minute: [{ start: 5 }] }] },
      action: {
        workflowType: 'afternoonRun',
        workflowId: 'afternoon-run',
        staticSummary: '1400 run asked for by schedule',
        args: [{ operator: 'schedule', accounts: [] }],
      },
    });
    expect(await results(shipped)).toEqual(['unchanged', 'changed']);
  });

  it('keep a pause and its note when they are changed; what somebody changed elsewhere is put back', async () => {
    const handle = client.schedule.getHandle('run-0800');
    await handle.pause('away until Monday');
    expect(await results(withSchedules({ morning: '07:45' }))).toEqual(['changed', 'unchanged']);
    expect((await handle.describe()).state).toMatchObject({ paused: true, note: 'away until Monday' });
    await handle.update(({ action, policies, state }) => ({
      spec: { calendars: [{ hour: 8 }], timezone: 'UTC', jitter: 60_000 },
      action: action as never,
      policies: { ...policies, overlap: 'SKIP' },
      state,
    }));
    expect(await results(shipped)).toEqual(['changed', 'unchanged']);
    expect(await handle.describe()).toMatchObject({
      spec: { timezone: 'Europe/London' },
      policies: { overlap: 'ALLOW_ALL' },
      state: { paused: true, note: 'away until Monday' },
    });
    expect((await handle.describe()).spec.jitter ?? 0).toBe(0);
    await handle.unpause('back');
    expect((await handle.describe()).state.paused).toBe(false);
  });

  it("fire when the pure calendar says: the next times, and every time of two years by the server's own zone data", async () => {
    await results(shipped);
    const coming = comingRuns(schedulesOf(shipped), new Date().toISOString(), 20, shipped.calendar);
    const [first, last] = [Date.parse('2026-01-01T00:00:00Z'), Date.parse('2028-01-01T00:00:00Z')];
    const years = comingRuns(schedulesOf(shipped), new Date(first - 1).toISOString(), 1_100).filter(
      ({ at }) => Date.parse(at) <= last,
    );
    for (const slot of ['0800', '1400'] as const) {
      const { info } = await client.schedule.getHandle(`run-${slot}`).describe();
      expect(info.nextActionTimes.map((time) => time.toISOString())).toEqual(
        coming.filter((run) => run.slot === slot).map(({ at }) => at),
      );
      const matching: string[] = [];
      for (let from = first; from < last; from += 100 * DAY_S * 1_000) {
        const { startTime } = await client.workflowService.listScheduleMatchingTimes({
          namespace: client.options.namespace,
          scheduleId: `run-${slot}`,
          startTime: seconds(from),
          endTime: seconds(Math.min(from + 100 * DAY_S * 1_000, last) - 1_000),
        });
        matching.push(...startTime.map((time) => new Date(Number(time.seconds) * 1_000).toISOString()));
      }
      expect(matching).toEqual(years.filter((run) => run.slot === slot).map(({ at }) => at));
      expect(matching.length).toBeGreaterThan(520);
    }
  });
});

const seconds = (time: number) => ({ seconds: Math.floor(time / 1_000) as never });

describe.concurrent('the worker and the command', { timeout: 120_000 }, () => {
  const stateOf = async ({ client }: TestSeat) => (await client.schedule.getHandle('run-1400').describe()).state;

  it('a worker registers them when it starts; a pause by the command survives its restart, also with a changed policy', () =>
    withSeat({ clock: 'real', worker: false }, async (seat, installation) => {
      const first = await startWorkerHere(installation);
      expect(await stateOf(seat)).toMatchObject({ paused: false });
      const paused = await seat.cli(['schedules', 'pause', '--reason', 'at the sea']);
      expect(paused).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^run-0800: paused: at the sea \(demo, .* UK\)\nrun-1400: paused: /),
      });
      await first.stop();
      writeFileSync(
        join(installation.configDir, 'policy.yml'),
        `${readFileSync(join(installation.configDir, 'policy.yml'), 'utf8')}schedules: { afternoon: '14:10' }\n`,
      );
      const second = await startWorkerHere(installation);
      await second.stop();
      expect(await stateOf(seat)).toMatchObject({ paused: true, note: expect.stringContaining('at the sea (demo') });
      expect((await seat.client.schedule.getHandle('run-1400').describe()).spec.calendars).toMatchObject([
        { minute: [{ start: 10 }] },
      ]);
      const shown = await seat.cli(['schedules', 'show']);
      expect(shown.stdout).toMatch(/run-1400 │ PAUSED/);
      expect(await seat.cli(['schedules'])).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^run-0800: unchanged\nrun-1400: unchanged\n/),
      });
      expect(await seat.cli(['schedules', 'unpause', '0800', '1400', '--reason', 'home again'])).toMatchObject({
        code: 0,
      });
      expect(await stateOf(seat)).toMatchObject({ paused: false });
      expect(
        await seat
          .db('audit_log')
          .where('action', 'like', 'schedule.%')
          .orderBy('seq')
          .select('action', 'subject', 'actor'),
      ).toEqual([
        { action: 'schedule.paused', subject: 'run-0800', actor: 'demo' },
        { action: 'schedule.paused', subject: 'run-1400', actor: 'demo' },
        { action: 'schedule.unpaused', subject: 'run-0800', actor: 'demo' },
        { action: 'schedule.unpaused', subject: 'run-1400', actor: 'demo' },
      ]);
    }));

  it('a policy of simulated accounts registers nothing, unless one is named for a rehearsal', () =>
    withSeat({ worker: true }, async (seat) => {
      expect(await schedulesOn(seat)).toEqual([]);
      expect(await seat.cli(['schedules'])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('Nothing is registered: no account of the policy has clock: real.'),
      });
      expect(await seat.cli(['schedules', 'apply', '--account', 'main'])).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^run-0800\/main: created\nrun-1400\/main: created\n/),
      });
      expect((await seat.client.schedule.getHandle('run-0800/main').describe()).action).toMatchObject({
        workflowId: 'morning-run/main',
        args: [{ accounts: ['main'] }],
      });
      expect(await seat.cli(['schedules', 'remove', '--account', 'main'])).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^run-0800\/main: removed\nrun-1400\/main: removed\n/),
      });
      await vi.waitFor(async () => expect(await schedulesOn(seat)).toEqual([]), { timeout: 10_000 });
    }));

  it('show gives the next ten runs on both sides of the ocean, in the weeks when the clocks differ too', () =>
    withSeat({ worker: false }, async (seat) => {
      const show = async (at: string) =>
        JSON.parse((await seat.cli(['schedules', 'show', '--at', at, '--json'])).stdout) as {
          zone: string;
          next: { london: string; newYork: string; market: string; hoursApart: number | null }[];
        };
      const march = await show('2026-03-06T12:00:00Z');
      expect(march.next).toHaveLength(10);
      expect(march.next.slice(0, 2)).toMatchObject([
        { london: '2026-03-06 14:00', newYork: '2026-03-06 09:00', hoursApart: null },
        { london: '2026-03-09 08:00', newYork: '2026-03-09 04:00', hoursApart: 4 },
      ]);
      const thanksgiving = await seat.cli(['schedules', 'show', '--at', '2026-11-25T16:00:00Z']);
      expect(thanksgiving.stdout).toMatch(/Thu 2026-11-26 14:00 │ 09:00 +│ 1400 │ CLOSED/);
      expect(thanksgiving.stdout).toMatch(
        /Fri 2026-11-27 14:00 │ 09:00 +│ 1400 │ EARLY CLOSE at 18:00 UK; window 14:35 to 15:30/,
      );
      const october = await seat.cli(['schedules', 'show', '--at', '2026-10-26T09:00:00Z']);
      expect(october.stdout).toMatch(/Mon 2026-10-26 14:00 │ 10:00 +│ 1400 │ window 13:35 to 14:30; 4 hours apart/);
    }));

  it('wrong times, names, days and reasons are refused and change nothing', () =>
    withSeat({ clock: 'real', worker: false }, async (seat, installation) => {
      const { stdout } = await seat.cli(['schedules', '--json']);
      expect(JSON.parse(stdout)).toContainEqual({ scheduleId: 'run-1400', result: 'created' });
      const before = await seat.client.schedule.getHandle('run-1400').describe();
      const refusals: [string[], number, string][] = [
        [['schedules', 'pause', '--reason', ' '], 64, 'ARGUMENT_INVALID: reason: " ": must say why'],
        [
          ['schedules', 'pause', 'lunch', '--reason', 'x'],
          64,
          'SCHEDULE_UNKNOWN: schedule: lunch: must be one of run-0800, run-1400,',
        ],
        [
          ['schedules', 'pause', '--reason', 'x', '--operator', 'mallory'],
          64,
          'OPERATOR_UNKNOWN: operator: mallory: must be one of demo',
        ],
        [['schedules', 'trigger', '1400'], 69, 'WORKER_DOWN: '],
        [
          ['schedules', 'backfill', '--from', '2026-02-30'],
          64,
          'DATE_INVALID: from: 2026-02-30: must be a date YYYY-MM-DD',
        ],
        [
          ['schedules', 'backfill', '--from', '2026-02-03', '--to', '2026-02-02'],
          64,
          'DATE_INVALID: to: 2026-02-02: must not be before --from',
        ],
        [
          ['schedules', 'backfill', '--from', '2026-02-03', '--slot', '0900'],
          64,
          'ARGUMENT_INVALID: slot: 0900: must be 0800 or 1400',
        ],
        [['schedules', 'backfill', '--from', '2099-02-03'], 64, 'AT_IN_FUTURE: to: 2099-02-03: '],
        [['schedules', 'show', '--at', '2026-03-06T12:00:00Z'], 64, 'CLOCK_IS_REAL: '],
        [['schedules', 'remove'], 2, 'SCHEDULES_WANTED: '],
        [['schedules', 'apply', '--account', 'none'], 64, 'ACCOUNT_UNKNOWN: '],
      ];
      for (const [words, code, text] of refusals)
        expect(await seat.cli(words), words.join(' ')).toMatchObject({ code, stderr: expect.stringContaining(text) });
      const place = {
        ...installation,
        db: seat.db,
        client: seat.client,
        now: () => new Date().toISOString(),
        taskQueue: installation.settings.taskQueue,
      };
      const asks = (operator: string) => ({ operator, door: 'direct' as const, claimedAt: null, sign: seat.sign });
      const paused = { account: null, schedules: [], reason: 'x' };
      for (const turn of [pauseSchedules, resumeSchedules]) {
        for (const reason of [' ', 'a\0b', 'all \u202Ewell', 'x'.repeat(501)])
          expect(await turn(place, asks('demo'), { ...paused, reason })).toMatchObject({
            refusal: { code: 'ARGUMENT_INVALID' },
          });
        expect(await turn(place, asks('demo'), { ...paused, schedules: ['lunch'] })).toMatchObject({
          refusal: { code: 'SCHEDULE_UNKNOWN' },
        });
        expect(await turn(place, asks('mallory'), paused)).toMatchObject({ refusal: { code: 'OPERATOR_UNKNOWN' } });
      }
      expect(await removeSchedules(place, asks('demo'), {})).toMatchObject({ refusal: { code: 'SCHEDULES_WANTED' } });
      const policyFile = join(installation.configDir, 'policy.yml');
      const good = readFileSync(policyFile, 'utf8');
      writeFileSync(policyFile, `${good}schedules:\n  afternoon: '07:00'\n  zone: Europe/Lodnon\n`);
      const refused = await seat.cli(['schedules']);
      expect(refused.code).toBe(64);
      expect(refused.stderr).toContain(
        `policy.yml:${good.split('\n').length + 2}: schedules.zone: "Europe/Lodnon": must be a time zone of the IANA database`,
      );
      // A worker starts all the same, for open days need it, and leaves the schedules as they are.
      await (await startWorkerHere(installation)).stop();
      const { spec, state, info } = await seat.client.schedule.getHandle('run-1400').describe();
      expect([spec, state, info.lastUpdatedAt]).toEqual([before.spec, before.state, before.info.lastUpdatedAt]);
      useDemoPolicy(installation, { clock: 'simulated' });
      expect(await seat.cli(['schedules', 'show'])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('not as in the policy'),
      });
      expect(await seat.cli(['schedules', 'remove'])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('run-1400: removed'),
      });
      expect(await seat.cli(['schedules', 'pause', '--reason', 'x'])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('SCHEDULE_MISSING: run-0800'),
      });
    }));
});

async function schedulesOn({ client }: TestSeat): Promise<string[]> {
  const ids: string[] = [];
  for await (const { scheduleId } of client.schedule.list()) ids.push(scheduleId);
  return ids.toSorted();
}
