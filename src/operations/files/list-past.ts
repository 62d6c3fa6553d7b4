import type { Policy } from '../../domain/policy/policy.js';
import type { Instant } from '../../domain/types.js';
import type { Press } from './render/stored.js';
import { findPastFiles, retentionDay, type Retention } from './retention.js';

/** The rendered files that are past their time by the policy; nothing is touched. */
export const listPast = async ({ db, dataDir }: Press, policy: Policy, at: Instant): Promise<Retention> =>
  findPastFiles(db, dataDir, policy.artifacts.keep_days, await retentionDay(db, at));
