import type { Db } from '../../db/connect.js';
import { askTogether } from '../../db/questions.js';
import { fetchesOfRunQuestion, type FetchRow } from '../../db/fetch-results.js';
import { gatesQuestion, type GateRow } from '../../db/gates.js';
import { runRowQuestion, type RunRow } from '../../db/run-results.js';

/** Everything the data-quality report of a run says. */
export interface QualityFacts {
  run: RunRow;
  gates: GateRow[];
  fetches: FetchRow[];
}

/** What the data-quality report of a run says; undefined for an unknown run. */
export async function loadQualityFacts(db: Db, runId: string): Promise<QualityFacts | undefined> {
  const [run, gates, fetches] = await askTogether(
    db,
    runRowQuestion(db, runId),
    gatesQuestion(db, runId),
    fetchesOfRunQuestion(db, runId),
  );
  return run && { run, gates, fetches };
}
