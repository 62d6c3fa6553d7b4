import { signedRun } from '../support/signing.js';
import { randomUUID } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import type { RunPlan } from '../../src/contract/runs.js';
import { londonInstant } from '../../src/domain/calendar/calendar.js';
import { MONDAY, withSeat } from '../support/day.js';
import { startForger } from '../support/forger.js';
import { fingerprint } from '../support/unchanged.js';

describe('a run that a workflow of somebody else begins on our worker', { timeout: 120_000 }, () => {
  it("is refused in another workflow's name, as another slot, and with the id of another run; nothing is stored", () =>
    withSeat({}, async (seat, installation) => {
      const { runId: ours } = await seat.run('0800', MONDAY);
      const forger = await startForger(installation);
      const begin = async (
        workflow: string,
        changes: Record<string, unknown>,
        workflowId = `forged/${randomUUID()}`,
      ) => {
        const input = await signedRun(seat.sign, '0800', {
          runId: randomUUID(),
          slot: '0800',
          at: londonInstant(MONDAY, '08:30'),
          operator: 'demo',
          accounts: ['main'],
          scheduled: false,
          ...changes,
        });
        const args = [{ taskQueue: installation.settings.taskQueue, input }];
        return seat.client.workflow.execute(workflow, { workflowId, taskQueue: forger.taskQueue, args });
      };
      const refused = (message: unknown) => ({
        cause: { cause: { type: 'MESSAGE_INVALID', nonRetryable: true, message } },
      });
      try {
        await vi.waitFor(async () => expect(await seat.db('day_events')).toHaveLength(1), { timeout: 20_000 });
        const before = await fingerprint(seat.db);
        const theirs = 'morning-run-2018-05-07T07:00:00Z';
        await expect(begin('morningRun', { workflowId: theirs }, 'forged/a')).rejects.toMatchObject(
          refused(`workflowId: ${theirs}: must be of who asks: forged/a`),
        );
        await expect(begin('morningRun', { workflowId: '\u202Eforged' }, 'forged/b')).rejects.toMatchObject(
          refused(expect.stringMatching(/^workflowId: [^\u202E]+: must be of who asks: forged\/b$/)),
        );
        await expect(begin('morningRun', { slot: '1400' })).rejects.toMatchObject(
          refused('slot: 1400: must be what a morningRun runs'),
        );
        await expect(begin('somethingElse', {})).rejects.toMatchObject(
          refused('slot: 0800: must be what a somethingElse runs'),
        );
        await expect(begin('morningRun', { runId: ours })).rejects.toMatchObject(
          refused(`runId: ${ours}: must be a new one: it is the run of ${theirs}`),
        );
        expect(await fingerprint(seat.db)).toEqual(before);
        // What is said of itself truly is a run like any that is started by hand.
        const plan = (await begin('morningRun', {}, 'forged/honest')) as RunPlan;
        expect(await seat.db('runs').where({ run_id: plan.runId }).pluck('workflow_id')).toEqual(['forged/honest']);
      } finally {
        await forger.stop();
      }
    }));
});
