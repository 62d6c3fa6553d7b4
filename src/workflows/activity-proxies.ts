import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../contract/activities.js';

// Every activity heartbeats by itself (worker/heartbeat.ts), so a dead worker is noticed in seconds whatever the
// time an activity may take. Retries go on for as long as Postgres is away: the day waits rather than fails.
const shared = {
  heartbeatTimeout: '6 seconds',
  retry: { initialInterval: '500 milliseconds', maximumInterval: '15 seconds' },
} as const;

/** Short work on Postgres and small files: idempotent, one transaction each. */
export const quick = proxyActivities<Activities>({ ...shared, startToCloseTimeout: '1 minute' });

/** Fetching from providers, which may be slow and limited. */
export const slow = proxyActivities<Activities>({ ...shared, startToCloseTimeout: '20 minutes' });
