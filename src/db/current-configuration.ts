import type { Policy } from '../domain/policy/policy.js';
import type { Sha256, UniverseRow } from '../domain/types.js';
import type { Db } from './connect.js';
import { loadPolicy, loadUniverse } from './configurations.js';
import { ask, question, type Question } from './questions.js';

/** Policy and universe by their hashes. */
export interface Pinned {
  policyHash: Sha256;
  universeHash: Sha256;
}

/** What the newest run pinned, by its hashes; null before the first run. */
export const newestPinned = (db: Db): Promise<Pinned | null> => ask(db, newestPinnedQuestion(db));

/** The same as a question. */
export const newestPinnedQuestion = (db: Db): Question<Pinned | null> =>
  question<Pinned | null>(
    db('runs').orderBy('seq', 'desc').limit(1).select({ policyHash: 'policy_hash', universeHash: 'universe_hash' }),
    ([pinned]: Pinned[]) => pinned ?? null,
  );

/** A policy and a universe, by the hashes that stand for them. */
export interface PinnedConfiguration extends Pinned {
  policy: Policy;
  universe: UniverseRow[];
}

/** Policy and universe in force: those of the newest run, which checked and pinned them. Null before the first run. */
export async function currentConfiguration(db: Db): Promise<PinnedConfiguration | null> {
  const pinned = await newestPinned(db);
  return pinned && loadPinned(db, pinned);
}

/** What these hashes stand for. */
export async function loadPinned(db: Db, pinned: Pinned): Promise<PinnedConfiguration> {
  const [policy, universe] = await Promise.all([
    loadPolicy(db, pinned.policyHash),
    loadUniverse(db, pinned.universeHash),
  ]);
  return { policy, policyHash: pinned.policyHash, universe, universeHash: pinned.universeHash };
}
