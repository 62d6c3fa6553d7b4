import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { WORKFLOWS } from '../../src/contract/workflows.js';
import { openAccount } from '../../src/db/accounts.js';
import { withSeat, type TestSeat } from '../support/day.js';
import type { Installation } from '../support/stack.js';
import { fingerprint } from '../support/unchanged.js';

const DAY_MS = 86_400_000;
const SCHEDULED_AT = defineSearchAttributeKey('TemporalScheduledStartTime', SearchAttributeType.DATETIME);
const later = (ms: number): string => new Date(Date.now() + ms).toISOString();

/** Starts a workflow as a client would that knows no rule, and says with which code it ended. */
async function startByHand(
  { client }: TestSeat,
  { settings }: Installation,
  workflow: string,
  ...args: unknown[]
): Promise<string> {
  const started = client.workflow.execute(workflow, {
    workflowId: `by-hand/${randomUUID()}`,
    taskQueue: settings.taskQueue,
    args,
  });
  return started.then(
    () => 'done',
    (error: { cause?: { type?: string; cause?: { type?: string } } }) =>
      error.cause?.cause?.type ?? error.cause?.type ?? String(error),
  );
}

describe('whoever starts a run or a watch by hand', { timeout: 120_000 }, () => {
  it("cannot do it in another day's name on a real account, nor as a schedule, nor with anything but its shape; nothing is stored", () =>
    withSeat({ clock: 'real' }, async (seat, installation) => {
      await openAccount(seat.db, { account: 'main', baseCurrency: 'USD', clock: 'real' }, 'demo', later(-10 * DAY_MS));
      // What was missed by now is recorded: nothing that follows has a reason to write.
      expect(await startByHand(seat, installation, WORKFLOWS.watch, { accounts: ['main'] })).toBe('done');
      expect((await seat.db('runs')).length).toBeGreaterThan(5);
      const before = await fingerprint(seat.db);
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
      expect(await fingerprint(seat.db)).toEqual(before);
      // In today's name it goes through, stamped by the machine that books.
      const claimed = later(-60_000);
      expect(await startByHand(seat, installation, WORKFLOWS.opsRun, run({ at: claimed }))).toBe('done');
      const [stored] = await seat.db('runs').where({ slot: 'ops' }).select<{ at: string }[]>('at');
      expect(Date.parse(stored?.at ?? '')).toBeGreaterThan(Date.parse(claimed) + 50_000);
    }));

  it('is no schedule by saying so: a forged time records nothing of the future, nor of before the account', () =>
    withSeat({ clock: 'real' }, async (seat, installation) => {
      await openAccount(seat.db, { account: 'main', baseCurrency: 'USD', clock: 'real' }, 'demo', later(-3 * DAY_MS));
      expect(await startByHand(seat, installation, WORKFLOWS.watch, { accounts: ['main'] })).toBe('done');
      const before = await fingerprint(seat.db);
      const forged = (workflow: string, at: string, operator = 'schedule') =>
        seat.client.workflow
          .execute(workflow, {
            workflowId: `by-hand/${randomUUID()}`,
            taskQueue: installation.settings.taskQueue,
            args: [{ operator, accounts: ['main'] }],
            typedSearchAttributes: [{ key: SCHEDULED_AT, value: new Date(at) }],
          })
          .then(
            () => 'done',
            (error: { cause?: { cause?: { type?: string } } }) => error.cause?.cause?.type ?? String(error),
          );
      for (const workflow of [WORKFLOWS.morningRun, WORKFLOWS.afternoonRun]) {
        expect(await forged(workflow, later(365 * DAY_MS))).toBe('AT_IN_FUTURE');
        for (const day of ['2014-05-06', '2014-05-26', '2014-05-10'])
          expect(await forged(workflow, `${day}T07:00:00Z`)).toBe('CLAIM_BEFORE_ACCOUNT');
        expect(await forged(workflow, later(-DAY_MS), 'mallory')).toBe('OPERATOR_UNKNOWN');
      }
      expect(await forged(WORKFLOWS.opsRun, later(0))).toBe('OPERATOR_UNKNOWN');
      expect(await fingerprint(seat.db)).toEqual(before);
    }));
});
