import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../contract/activities.js';
import { readPingSlotInput, type PingSlotInput } from '../contract/runs.js';
import { startedWith } from './started.js';

// A monitor expects its call within minutes; later it has noticed already.
const { ping } = proxyActivities<Activities>({
  heartbeatTimeout: '6 seconds',
  startToCloseTimeout: '150 seconds',
  scheduleToCloseTimeout: '15 minutes',
  retry: { initialInterval: '2 seconds', maximumInterval: '1 minute' },
});

/** Tells a monitor that a slot ran. A workflow of its own: the run does not wait for it, and never fails by it. */
export async function pingSlot(sent: PingSlotInput): Promise<string> {
  const { runId } = startedWith(readPingSlotInput(sent));
  return ping.executeWithOptions({ summary: 'Tell the monitor that the slot ran' }, [{ runId }]);
}
