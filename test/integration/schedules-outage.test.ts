import { Client, Connection, type ScheduleOptions } from '@temporalio/client';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ensureSchedule, ensureSchedules } from '../../src/operations/schedules/ensure.js';
import { londonInstant, slotAt } from '../../src/domain/calendar/calendar.js';
import { resolveAddresses } from '../../src/runtime/addresses.js';
import type { RunReply } from '../../src/contract/runs.js';
import { MONDAY, openSeat, useDemoPolicy } from '../support/day.js';
import { createPrivateStack, type PrivateStack } from '../support/stack.js';
import { startWorkerHere } from '../support/worker-here.js';

const SECOND_MS = 1_000;
/** The least that the server takes for a catch-up window. */
const SHORTEST_CATCHUP_MS = 10 * SECOND_MS;

describe('servers that are away over a slot', { timeout: 180_000 }, () => {
  let stack: PrivateStack;
  beforeAll(async () => {
    stack = await createPrivateStack();
    useDemoPolicy(stack, { clock: 'real' });
  });
  afterAll(() => stack.cleanup());
  /** Registers two schedules of one slot and kills the server before it; on a busy machine that takes more than one try. */
  async function goDownBeforeSlot(leadMs = 12 * SECOND_MS): Promise<Date> {
    const client = await clientOf();
    const slot = new Date(Math.ceil(Date.now() / SECOND_MS) * SECOND_MS + leadMs);
    const wish = (scheduleId: string, catchupWindow: number) => ({
      scheduleId,
      options: testSchedule(scheduleId, slot, catchupWindow),
    });
    expect(await ensureSchedule(client, wish('late', 60 * SECOND_MS))).toMatchObject({ result: 'created' });
    expect(await ensureSchedule(client, wish('gone', SHORTEST_CATCHUP_MS))).toMatchObject({ result: 'created' });
    const known = await Promise.all(
      ['late', 'gone'].map(async (id) => (await client.schedule.getHandle(id).describe()).info.nextActionTimes[0]),
    );
    await stack.killTemporal();
    await client.connection.close();
    // A schedule that the server had not begun to run yet would know of no slot before its return.
    if (Date.now() < slot.getTime() && known.every((next) => next?.getTime() === slot.getTime())) return slot;
    await stack.restart();
    const again = await clientOf();
    for (const id of ['late', 'gone']) await again.schedule.getHandle(id).delete();
    await again.connection.close();
    return goDownBeforeSlot(2 * leadMs);
  }

  const clientOf = async () =>
    new Client({
      connection: await Connection.connect({ address: resolveAddresses(stack.settings).temporalAddress }),
      namespace: stack.settings.temporalNamespace,
    });

  it("Temporal, back within the catch-up window: the run starts late with the slot's own time; after it: missed, counted, no run", async () => {
    const slot = await goDownBeforeSlot();
    await delay(slot.getTime() + SHORTEST_CATCHUP_MS + 2 * SECOND_MS - Date.now());
    await stack.restart();

    const again = await clientOf();
    const infoOf = async (id: string) => (await again.schedule.getHandle(id).describe()).info;
    await vi.waitFor(
      async () =>
        expect([(await infoOf('late')).numActionsTaken, (await infoOf('gone')).numActionsMissedCatchupWindow]).toEqual([
          1, 1,
        ]),
      { timeout: 60_000, interval: 200 },
    );
    const [action] = (await infoOf('late')).recentActions;
    expect(action?.scheduledAt).toEqual(slot);
    expect((action?.takenAt.getTime() ?? 0) - slot.getTime()).toBeGreaterThan(SHORTEST_CATCHUP_MS);
    expect(action?.action.workflow.workflowId).toBe(`late-${slot.toISOString().replace('.000Z', 'Z')}`);
    const { searchAttributes } = await again.workflow.getHandle(action?.action.workflow.workflowId ?? '').describe();
    expect(searchAttributes['TemporalScheduledStartTime']).toEqual([slot]);
    expect(await infoOf('gone')).toMatchObject({ numActionsTaken: 0, recentActions: [] });
    expect(await infoOf('late')).toMatchObject({ numActionsMissedCatchupWindow: 0 });
    await again.connection.close();
  });

  it('Postgres, back after the window: the run that waited for it says WINDOW_PASSED, and there is one ticket', async () => {
    const seat = await openSeat(stack);
    let now = londonInstant(MONDAY, '08:00');
    const worker = await startWorkerHere(stack, { now: () => now });
    try {
      await ensureSchedules(seat.client, stack.settings.taskQueue, seat.policy);
      const fire = async (slot: '0800' | '1400', workflowId: string): Promise<RunReply> => {
        const time = new Date(slotAt(MONDAY, slot));
        const handle = seat.client.workflow.getHandle(`${workflowId}-${time.toISOString().replace('.000Z', 'Z')}`);
        await seat.client.schedule.getHandle(`run-${slot}`).backfill({ start: time, end: time, overlap: 'ALLOW_ALL' });
        await vi.waitFor(() => handle.describe(), { timeout: 15_000, interval: 100 });
        return (await handle.result()) as RunReply;
      };
      expect(await fire('0800', 'morning-run')).toMatchObject({ outcome: 'PASS' });
      expect(await seat.reconcile(MONDAY, { time: '08:00', signedAt: londonInstant(MONDAY, '08:00') })).toMatchObject({
        status: 'PASS',
      });
      await stack.killPostgres();
      now = londonInstant(MONDAY, '14:00');
      const afternoon = fire('1400', 'afternoon-run');
      await vi.waitFor(
        async () => {
          const { raw } = await seat.client.workflow
            .getHandle(`afternoon-run-${slotAt(MONDAY, '1400').replace('.000Z', 'Z')}`)
            .describe();
          expect(raw.pendingActivities?.[0]?.attempt).toBeGreaterThan(1);
        },
        { timeout: 30_000, interval: 200 },
      );
      now = londonInstant(MONDAY, '15:31');
      await stack.restart();
      expect((await afternoon).tickets).toMatchObject([
        { kind: 'NO_TRADE', reasons: [{ code: 'WINDOW_PASSED' }], issuedAt: now },
      ]);
      expect(await seat.db('tickets')).toHaveLength(1);
    } finally {
      await worker.stop();
      await seat.close();
    }
  });
});

/** A schedule of one instant of every day, to the second, that nobody works for. */
function testSchedule(scheduleId: string, at: Date, catchupWindow: number): ScheduleOptions {
  const only = (value: number) => [{ start: value, end: value, step: 1 }];
  return {
    scheduleId,
    policies: { overlap: 'ALLOW_ALL', catchupWindow, pauseOnFailure: false },
    spec: {
      calendars: [{ second: only(at.getUTCSeconds()), minute: only(at.getUTCMinutes()), hour: only(at.getUTCHours()) }],
      timezone: 'UTC',
    },
    action: {
      type: 'startWorkflow',
      workflowType: 'afternoonRun',
      workflowId: scheduleId,
      taskQueue: 'nobody',
      args: [{ operator: 'schedule', accounts: [] }],
    },
  };
}
