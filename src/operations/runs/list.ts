import { listRunsSchema, type ListRuns } from '../../contract/lists.js';
import { parseInput } from '../../contract/reading.js';
import type { Db } from '../../db/connect.js';
import { newestRuns, type RunRow } from '../../db/run-results.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';

/** The newest runs, newest first, and how they ended. */
export function listRuns(db: Db, input: ListRuns): Promise<Outcome<RunRow[]>> {
  return outcomeOf(() => newestRuns(db, parseInput(listRunsSchema, input).limit));
}
