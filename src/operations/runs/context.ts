import type { Knex } from 'knex';
import { loadPolicy, loadUniverse } from '../../db/configurations.js';
import { findRun, type Run } from '../../db/runs.js';
import { refusal } from '../../domain/errors.js';
import { keepNewest } from '../../domain/keep.js';
import { bounded } from '../../domain/text.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { UniverseRow } from '../../domain/types.js';

/** Everything pinned by a run: its row, and the policy and universe it was begun with. */
export interface RunContext {
  run: Run;
  policy: Policy;
  universe: UniverseRow[];
}

/** Contexts that a worker remembers: those of the runs under way, and a few before. */
const CONTEXTS_MAX = 16;
const contextsOf = new WeakMap<Knex, Map<string, RunContext>>();

/**
 * The run and its pinned configuration: an edit of policy.yml after the run began does not reach it. Neither ever
 * changes once stored, so the activities of one run read them once.
 */
export const loadRunContext = (db: Knex, runId: string): Promise<RunContext> =>
  contextOf(db, runId, () => findRun(db, runId));

/** The same of a run that was read or recorded just now. */
export const contextOfRun = (db: Knex, run: Run): Promise<RunContext> => contextOf(db, run.runId, async () => run);

async function contextOf(db: Knex, runId: string, find: () => Promise<Run | undefined>): Promise<RunContext> {
  const known = contextsOf.get(db) ?? new Map<string, RunContext>();
  contextsOf.set(db, known);
  const context = known.get(runId) ?? (await readRunContext(db, runId, await find()));
  keepNewest(known, runId, context, CONTEXTS_MAX);
  return context;
}

async function readRunContext(db: Knex, runId: string, run: Run | undefined): Promise<RunContext> {
  if (!run) throw refusal('RUN_UNKNOWN', `run ${bounded(runId)} is not stored`, { remedy: 'make runs-last' });
  const [policy, universe] = await Promise.all([loadPolicy(db, run.policyHash), loadUniverse(db, run.universeHash)]);
  return { run, policy, universe };
}
