import { signedRun } from '../support/signing.js';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { WORKFLOWS } from '../../src/contract/workflows.js';
import { openAccount } from '../../src/db/accounts.js';
import { listAlerts } from '../../src/db/alerts.js';
import { beginRun } from '../../src/operations/runs/begin.js';
import { ensureSchedules } from '../../src/operations/schedules/ensure.js';
import { startedBy } from '../../src/operations/schedules/started.js';
import { withSeat, type TestSeat } from '../support/day.js';
import type { Installation } from '../support/stack.js';
import { fingerprint } from '../support/unchanged.js';

const DAY_MS = 86_400_000;
const SCHEDULED_AT = defineSearchAttributeKey('TemporalScheduledStartTime', SearchAttributeType.DATETIME);
const SCHEDULED_BY = defineSearchAttributeKey('TemporalScheduledById', SearchAttributeType.KEYWORD);
const later = (ms: number): string => new Date(Date.now() + ms).toISOString();

/** Starts a workflow as a client would that knows no rule, and says with which code it ended. */
const startByHand = (
  { client }: TestSeat,
  { settings }: Installation,
  workflow: string,
  ...args: unknown[]
): Promise<string> =>
  endOf(
    client.workflow.execute(workflow, {
      workflowId: `by-hand/${randomUUID()}`,
      taskQueue: settings.taskQueue,
      args,
    }),
  );

/** Everything but what people are told of refusals, and its records. */
const facts = async ({ db }: TestSeat) => ({
  ...(await fingerprint(db)),
  alerts: '',
  audit_log: '',
  fact_digests: '',
});

/** What people were told was refused. */
const told = async ({ db }: TestSeat): Promise<string[]> =>
  (await listAlerts(db)).flatMap(({ code, subject }) => (code === 'MESSAGE_REFUSED' ? [subject] : [])).toSorted();

/** With which code a workflow ended. */
const endOf = (ended: Promise<unknown>): Promise<string> =>
  ended.then(
    () => 'done',
    (error: { cause?: { type?: string; cause?: { type?: string } } }) =>
      error.cause?.cause?.type ?? error.cause?.type ?? String(error),
  );

describe('whoever starts a run or a watch by hand', { timeout: 120_000 }, () => {
  it("cannot do it in another day's name on a real account, nor as a schedule, nor with anything but its shape; nothing is stored", () =>
    withSeat({ clock: 'real' }, async (seat, installation) => {
      await openAccount(seat.db, { account: 'main', baseCurrency: 'USD', clock: 'real' }, 'demo', later(-10 * DAY_MS));
      // What was missed by now is recorded: nothing that follows has a reason to write.
      expect(await startByHand(seat, installation, WORKFLOWS.watch, { accounts: ['main'] })).toBe('done');
      expect((await seat.db('runs')).length).toBeGreaterThan(5);
      const before = await facts(seat);
      const run = (changes: object) => ({ at: later(0), operator: 'demo', accounts: ['main'], ...changes });
      const refusals: [string, unknown, string][] = [
        [WORKFLOWS.watch, { at: later(900 * DAY_MS), accounts: ['main'] }, 'CLAIM_IN_FUTURE'],
        [WORKFLOWS.watch, { at: later(-2 * DAY_MS), accounts: ['main'] }, 'CLAIM_NOT_TODAY'],
        [WORKFLOWS.watch, { accounts: 'main' }, 'MESSAGE_INVALID'],
        [WORKFLOWS.watch, null, 'MESSAGE_INVALID'],
        ...[WORKFLOWS.morningRun, WORKFLOWS.afternoonRun, WORKFLOWS.opsRun].flatMap(
          (workflow): [string, unknown, string][] => [
            [workflow, run({ at: later(365 * DAY_MS) }), 'CLAIM_IN_FUTURE'],
            [workflow, run({ at: later(-7 * DAY_MS) }), 'CLAIM_NOT_TODAY'],
            [workflow, run({ operator: 'schedule' }), 'OPERATOR_UNKNOWN'],
            [workflow, run({ operator: 'mallory' }), 'OPERATOR_UNKNOWN'],
            [workflow, run({ accounts: ['other'] }), 'ACCOUNT_UNKNOWN'],
            [workflow, run({ accounts: ['main', 'main'] }), 'MESSAGE_INVALID'],
            [workflow, run({ at: 'soon' }), 'MESSAGE_INVALID'],
            [workflow, run({ dryRun: 'yes' }), 'MESSAGE_INVALID'],
            [workflow, { operator: 'demo', accounts: ['main'] }, 'AT_MISSING'],
            [workflow, null, 'AT_MISSING'],
            [workflow, 'now', 'AT_MISSING'],
          ],
        ),
      ];
      const answers = await Promise.all(
        refusals.map(([workflow, input]) => startByHand(seat, installation, workflow, input)),
      );
      expect(answers.map((code, index) => `${JSON.stringify(refusals[index]?.slice(0, 2))}: ${code}`)).toEqual(
        refusals.map(([workflow, input, code]) => `${JSON.stringify([workflow, input])}: ${code}`),
      );
      expect(await facts(seat)).toEqual(before);
      // Once a slot, whoever tries how often.
      expect(await told(seat)).toEqual(['run 0800', 'run 1400', 'run ops']);
      // In today's name it goes through, stamped by the machine that books.
      const claimed = later(-60_000);
      const signed = await signedRun(seat.sign, 'ops', run({ at: claimed }));
      expect(await startByHand(seat, installation, WORKFLOWS.opsRun, run({ at: claimed }))).toBe('SIGNATURE_MISSING');
      expect(await startByHand(seat, installation, WORKFLOWS.opsRun, signed)).toBe('done');
      const [stored] = await seat.db('runs').where({ slot: 'ops' }).select<{ at: string }[]>('at');
      expect(Date.parse(stored?.at ?? '')).toBeGreaterThan(Date.parse(claimed) + 50_000);
    }));

  it('is no schedule by saying so: attributes that a client sets decide nothing, and a run is whoever signs it', () =>
    withSeat({ clock: 'real' }, async (seat, installation) => {
      await openAccount(seat.db, { account: 'main', baseCurrency: 'USD', clock: 'real' }, 'demo', later(-3 * DAY_MS));
      expect(await startByHand(seat, installation, WORKFLOWS.watch, { accounts: ['main'] })).toBe('done');
      await ensureSchedules(seat.client, installation.settings.taskQueue, seat.policy);
      const before = await facts(seat);
      const forged = (workflow: string, at: string, operator: string) =>
        endOf(
          seat.client.workflow.execute(workflow, {
            workflowId: `by-hand/${randomUUID()}`,
            taskQueue: installation.settings.taskQueue,
            args: [{ operator, accounts: [] }],
            typedSearchAttributes: [
              { key: SCHEDULED_AT, value: new Date(at) },
              { key: SCHEDULED_BY, value: workflow === WORKFLOWS.morningRun ? 'run-0800' : 'run-1400' },
            ],
          }),
        );
      const forgeries = [WORKFLOWS.morningRun, WORKFLOWS.afternoonRun].flatMap(
        (workflow): [string, string, string, string][] => [
          [workflow, later(0), 'schedule', 'OPERATOR_UNKNOWN'],
          [workflow, later(-DAY_MS), 'schedule', 'OPERATOR_UNKNOWN'],
          [workflow, '2014-05-06T07:00:00Z', 'schedule', 'OPERATOR_UNKNOWN'],
          [workflow, later(-DAY_MS), 'mallory', 'OPERATOR_UNKNOWN'],
          [workflow, later(365 * DAY_MS), 'demo', 'CLAIM_IN_FUTURE'],
          [workflow, later(-2 * DAY_MS), 'demo', 'CLAIM_NOT_TODAY'],
        ],
      );
      const answers = await Promise.all(forgeries.map(([workflow, at, operator]) => forged(workflow, at, operator)));
      expect(answers.map((code, index) => `${forgeries[index]?.slice(0, 3).join(' ')}: ${code}`)).toEqual(
        forgeries.map(([workflow, at, operator, code]) => `${workflow} ${at} ${operator}: ${code}`),
      );
      expect(await forged(WORKFLOWS.opsRun, later(0), 'schedule')).toBe('OPERATOR_UNKNOWN');
      expect(await facts(seat)).toEqual(before);
      expect(await told(seat)).toEqual(['run 0800', 'run 1400', 'run ops']);
    }));

  it('may have a schedule make up for any day: nothing is recorded of the future, nor of before the account', () =>
    withSeat({ clock: 'real' }, async (seat, installation) => {
      const { settings, dataDir } = installation;
      await openAccount(seat.db, { account: 'main', baseCurrency: 'USD', clock: 'real' }, 'demo', later(-3 * DAY_MS));
      expect(await startByHand(seat, installation, WORKFLOWS.watch, { accounts: ['main'] })).toBe('done');
      await ensureSchedules(seat.client, settings.taskQueue, seat.policy);
      const before = await facts(seat);
      for (const [slot, time] of [
        ['0800', '07:00'],
        ['1400', '13:00'],
      ] as const)
        for (const day of ['2014-05-06', '2014-05-26']) {
          const at = new Date(`${day}T${time}:00Z`);
          const handle = seat.client.schedule.getHandle(`run-${slot}`);
          const act = () => handle.backfill({ start: at, end: at, overlap: 'ALLOW_ALL' });
          const { workflowId, runId } = await startedBy(handle, act, at);
          expect(await endOf(seat.client.workflow.getHandle(workflowId, runId).result())).toBe('CLAIM_BEFORE_ACCOUNT');
        }
      // As it would be where a server's clock is ahead: the schedule is real, its instant still to come.
      const place = { db: seat.db, dataDir, configDir: installation.configDir, now: () => later(0) };
      const run = { operator: 'schedule', accounts: [], runId: randomUUID(), workflowId: 'morning-run-ahead' };
      const ahead = { ...run, slot: '0800', at: later(365 * DAY_MS), scheduled: true } as const;
      await expect(beginRun({ ...place, isScheduled: () => Promise.resolve(true) }, ahead)).rejects.toMatchObject({
        code: 'AT_IN_FUTURE',
      });
      await expect(beginRun(place, ahead)).rejects.toMatchObject({ code: 'OPERATOR_UNKNOWN' });
      expect(await facts(seat)).toEqual(before);
      // What the schedule was made to do nobody said.
      expect(await told(seat)).toEqual([]);
    }));
});
