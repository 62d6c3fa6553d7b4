import { describe, expect, it } from 'vitest';
import { ensureSchedules } from '../../src/activities/schedules.js';
import { slotAt } from '../../src/domain/calendar.js';
import type { Instant, Slot } from '../../src/domain/types.js';
import type { RunReply } from '../../src/workflows/messages.js';
import { assertOneOfEverything, MONDAY, withDesk, type TestDesk } from '../support/day.js';

const STORY_MAX_MS = 120_000;
const WORKFLOW_OF = { '0800': 'morning-run', '1400': 'afternoon-run' } as const;

/** Has the schedule of an account make up for one slot's instant, and waits for the run that it starts. */
async function backfill({ client }: TestDesk, slot: Slot, day: string): Promise<RunReply> {
  const at: Instant = slotAt(day, slot);
  const schedule = client.schedule.getHandle(`run-${slot}/main`);
  const before = (await schedule.describe()).info.numActionsTaken;
  await schedule.backfill({ start: new Date(at), end: new Date(at), overlap: 'ALLOW_ALL' });
  await expect.poll(async () => (await schedule.describe()).info.numActionsTaken, { timeout: 10_000 }).toBe(before + 1);
  return await client.workflow.getHandle(`${WORKFLOW_OF[slot]}/main-${at.replace('.000Z', 'Z')}`).result() as RunReply;
}

describe.concurrent('scheduled runs', { timeout: STORY_MAX_MS }, () => {
  it('a day that schedules make up for is the day: its date from the scheduled time, one ticket, again the same', () => withDesk({}, async (desk, { settings }) => {
    await ensureSchedules(desk.client, settings.taskQueue, desk.policy, 'main');
    expect(await backfill(desk, '0800', MONDAY)).toMatchObject({ tradingDay: MONDAY, outcome: 'PASS' });
    await desk.reconcile(MONDAY);
    const afternoon = await backfill(desk, '1400', MONDAY);
    expect(afternoon).toMatchObject({ tradingDay: MONDAY, outcome: 'TRADE', tickets: [{ kind: 'TRADE', issuedNow: true, issuedAt: slotAt(MONDAY, '1400') }] });
    const again = await backfill(desk, '1400', MONDAY);
    const ticketId = String(afternoon.tickets[0]?.ticketId);
    expect(again.tickets).toMatchObject([{ ticketId, issuedNow: false }]);
    await desk.confirm(ticketId);
    await desk.closed(MONDAY);
    await assertOneOfEverything(desk.db, MONDAY, ticketId, true);
  }));
});
