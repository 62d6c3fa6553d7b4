import type { Db } from '../../db/connect.js';
import { newestRuns } from '../../db/run-results.js';
import { loadQualityFacts, type QualityFacts } from '../../reports/quality/facts.js';

/** So many runs are looked through for one that judged prices: each day has no more than a few. */
const LOOKED_THROUGH = 50;

/** What the newest run that judged prices found; null before there is one. */
export async function newestQuality(db: Db): Promise<QualityFacts | null> {
  const runs = await newestRuns(db, LOOKED_THROUGH);
  const judged = runs.find(({ slot, outcome }) => slot !== '1400' && outcome !== null && outcome !== 'MISSED');
  return judged ? ((await loadQualityFacts(db, judged.runId)) ?? null) : null;
}
