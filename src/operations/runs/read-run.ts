import type { Db } from '../../db/connect.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import { loadRunFacts, type RunFacts } from '../../reports/run/facts.js';
import { checkedId, unknown } from '../files/render/stored.js';

/** Everything that is stored of a run. Refuses with UNKNOWN_ID. */
export const readRun = (db: Db, { runId }: { runId: string }): Promise<Outcome<RunFacts>> =>
  outcomeOf(async () => (await loadRunFacts(db, checkedId('run', runId))) ?? unknown('run', runId));
