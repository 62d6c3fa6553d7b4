import type { Db } from '../../db/connect.js';
import { loadFetches, type FetchRow } from '../facts-fetches.js';
import { loadGates, type GateRow } from '../facts-gates.js';
import { findRunRow, type RunRow } from '../facts-runs.js';

/** Everything the data-quality report of a run says. */
export interface QualityFacts {
  run: RunRow;
  gates: GateRow[];
  fetches: FetchRow[];
}

/** What the data-quality report of a run says; undefined for an unknown run. */
export async function loadQualityFacts(db: Db, runId: string): Promise<QualityFacts | undefined> {
  const run = await findRunRow(db, runId);
  if (!run) return undefined;
  const [gates, fetches] = await Promise.all([loadGates(db, runId), loadFetches(db, runId)]);
  return { run, gates, fetches };
}
