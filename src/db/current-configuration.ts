import type { Policy } from '../domain/policy/policy.js';
import type { Sha256, UniverseRow } from '../domain/types.js';
import type { Db } from './connect.js';
import { loadPolicy, loadUniverse } from './configurations.js';

/** Policy and universe in force: those of the newest run, which checked and pinned them. Null before the first run. */
export async function currentConfiguration(
  db: Db,
): Promise<{ policy: Policy; policyHash: Sha256; universe: UniverseRow[]; universeHash: Sha256 } | null> {
  const run = await db('runs')
    .orderBy('seq', 'desc')
    .first<{ policy_hash: string; universe_hash: string } | undefined>('policy_hash', 'universe_hash');
  if (!run) return null;
  const [policy, universe] = await Promise.all([loadPolicy(db, run.policy_hash), loadUniverse(db, run.universe_hash)]);
  return { policy, policyHash: run.policy_hash, universe, universeHash: run.universe_hash };
}
