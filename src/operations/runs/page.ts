import { DAYS_OF_PAGE, pageRunsSchema, type PageRuns } from '../../contract/lists.js';
import { parseInput } from '../../contract/reading.js';
import type { Db } from '../../db/connect.js';
import { runsOfDays, type RunRow } from '../../db/run-results.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import type { IsoDate } from '../../domain/types.js';

/** The runs of one trading day, in the order in which they began. */
export interface RunsOfDay {
  tradingDay: IsoDate;
  runs: RunRow[];
}

/** A page of trading days, newest first. */
export interface RunsPage {
  days: RunsOfDay[];
  /** Before which day the next page begins; null on the last one. */
  older: IsoDate | null;
}

/** The runs of the newest trading days that have any, or of those before one, a page at a time. */
export function pageRuns(db: Db, input: PageRuns): Promise<Outcome<RunsPage>> {
  return outcomeOf(async () => {
    const { before } = parseInput(pageRunsSchema, input);
    // One day more than is shown says whether there is another page.
    const found = await runsOfDays(db, { before, days: DAYS_OF_PAGE + 1 });
    const tradingDays = [...new Set(found.map(({ tradingDay }) => tradingDay))];
    const days = tradingDays
      .slice(0, DAYS_OF_PAGE)
      .map((tradingDay) => ({ tradingDay, runs: found.filter((run) => run.tradingDay === tradingDay) }));
    return { days, older: tradingDays.length > DAYS_OF_PAGE ? (days.at(-1)?.tradingDay ?? null) : null };
  });
}
