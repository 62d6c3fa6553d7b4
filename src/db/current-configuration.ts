import type { Policy } from '../domain/policy/policy.js';
import type { Sha256, UniverseRow } from '../domain/types.js';
import type { Db } from './connect.js';
import { loadPolicy, loadUniverse } from './configurations.js';

/** What the newest run pinned, by its hashes; null before the first run. */
export async function newestPinned(db: Db): Promise<{ policyHash: Sha256; universeHash: Sha256 } | null> {
  const run = await db('runs').orderBy('seq', 'desc').first('policy_hash', 'universe_hash');
  return run ? { policyHash: run.policy_hash, universeHash: run.universe_hash } : null;
}

/** Policy and universe in force: those of the newest run, which checked and pinned them. Null before the first run. */
export async function currentConfiguration(
  db: Db,
): Promise<{ policy: Policy; policyHash: Sha256; universe: UniverseRow[]; universeHash: Sha256 } | null> {
  const pinned = await newestPinned(db);
  if (!pinned) return null;
  const { policyHash, universeHash } = pinned;
  const [policy, universe] = await Promise.all([loadPolicy(db, policyHash), loadUniverse(db, universeHash)]);
  return { policy, policyHash, universe, universeHash };
}
