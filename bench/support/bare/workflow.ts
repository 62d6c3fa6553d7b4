import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import { waitingQueue } from '../../../src/contract/workflows.js';

/** A workflow of no-op activities that an activity starts. */
export interface BareDay {
  workflowId: string;
  shape: readonly number[];
  /** Whether the activity waits for its end. */
  isAwaited: boolean;
}

/** A run of ours without its work: activities of its own, a day for each account, activities of its own again. */
export interface BareRun {
  before: readonly number[];
  days: { count: number; prefix: string; shape: readonly number[]; isAwaited: boolean };
  after: readonly number[];
}

// The same time-outs and retries as src/workflows/activity-proxies.ts: nothing but the work differs.
const { nothing, startDay } = proxyActivities<{ nothing(): Promise<null>; startDay(day: BareDay): Promise<null> }>({
  heartbeatTimeout: '6 seconds',
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '500 milliseconds', maximumInterval: '15 seconds' },
});

/** Runs as many activities as the shape says, those of one group side by side and the groups one after another. */
export async function bare(shape: readonly number[]): Promise<void> {
  for (const width of shape) await Promise.all(Array.from({ length: width }, () => nothing()));
}

/** The days are all prompted at once, by as many activities side by side as ours: those that wait have their own queue. */
export async function bareRun({ before, days, after }: BareRun): Promise<void> {
  await bare(before);
  const { taskQueue } = workflowInfo();
  const { count, prefix, shape, isAwaited } = days;
  const options = { taskQueue: isAwaited ? waitingQueue(taskQueue) : taskQueue };
  await Promise.all(
    Array.from({ length: count }, (_, index) =>
      startDay.executeWithOptions(options, [{ workflowId: `${prefix}/${index}`, shape, isAwaited }]),
    ),
  );
  await bare(after);
}
