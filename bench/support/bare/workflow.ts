import { proxyActivities } from '@temporalio/workflow';

// The same time-outs and retries as src/workflows/activity-proxies.ts: nothing but the work differs.
const { nothing } = proxyActivities<{ nothing(): Promise<null> }>({
  heartbeatTimeout: '6 seconds',
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '500 milliseconds', maximumInterval: '15 seconds' },
});

/** Runs as many activities as the shape says, those of one group side by side and the groups one after another. */
export async function bare(shape: number[]): Promise<void> {
  for (const width of shape) await Promise.all(Array.from({ length: width }, () => nothing()));
}
