import type { Knex } from 'knex';
import { parseInput } from '../../contract/reading.js';
import { readValuesSchema, type ReadValues, type ValueRange } from '../../contract/valuation-looks.js';
import { valuesOfAccount, type ValuationRow } from '../../db/known-values.js';
import { sessionsBetween, type CalendarAdditions } from '../../domain/calendar/calendar.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import { drawdown } from '../../domain/ledger/equity.js';
import { missingSessions, rangeBegins } from '../../domain/performance/period.js';
import type { DecimalString, IsoDate } from '../../domain/types.js';

/** What an account was worth at a close, as it was valued last. */
export interface DailyValue extends ValuationRow {
  /** How far the index stands below its peak, 0 to 1. The account's start counts as a peak. */
  drawdown: DecimalString;
  /** Sessions before it that nobody valued, since the value before. */
  missing: IsoDate[];
}

/** Values of an account, oldest first. */
export interface ReadValuesResult {
  range: ValueRange;
  values: readonly DailyValue[];
}

/**
 * The values of an account's closes over a range that ends at the newest of them and begins with the last one before
 * it, from which it is measured. A session that was not valued is named and never filled in.
 */
export function readValues(
  db: Knex,
  { account, calendar }: { account: string; calendar: CalendarAdditions },
  input: ReadValues,
): Promise<Outcome<ReadValuesResult>> {
  return outcomeOf(async () => {
    const { range } = parseInput(readValuesSchema, input);
    const all = dailyValues(await valuesOfAccount(db, account), calendar);
    const newest = all.at(-1)?.asOfDate;
    const from = newest === undefined ? null : rangeBegins(range, newest);
    const first = from === null ? 0 : all.findLastIndex(({ asOfDate }) => asOfDate <= from);
    const [start, ...rest] = all.slice(Math.max(0, first));
    // Before the first that is shown nothing is drawn that could have a gap.
    return { range, values: start === undefined ? [] : [{ ...start, missing: [] }, ...rest] };
  });
}

/** What was made of a list of values last: the list at hand is another one as soon as anything is valued. */
const madeLast = new WeakMap<readonly ValuationRow[], { calendar: CalendarAdditions; values: DailyValue[] }>();

function dailyValues(stored: readonly ValuationRow[], calendar: CalendarAdditions): readonly DailyValue[] {
  const last = madeLast.get(stored);
  if (last?.calendar === calendar) return last.values;
  if (stored.length === 0) return [];
  const sessions = sessionsBetween(stored[0]?.asOfDate ?? '', stored.at(-1)?.asOfDate ?? '', calendar);
  const missing = missingSessions(
    stored.map(({ asOfDate }) => asOfDate),
    sessions,
  );
  const values = stored.map((value, place) => ({
    ...value,
    drawdown: drawdown(value.equityIndex, value.peakIndex),
    missing: missing[place] ?? [],
  }));
  madeLast.set(stored, { calendar, values });
  return values;
}

/** Whether money came in or went out, so that equity moved by more than what was earned. */
export const hasFlow = ({ netFlows }: Pick<DailyValue, 'netFlows'>): boolean => /[1-9]/.test(netFlows);
