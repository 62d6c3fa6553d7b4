import type { Knex } from 'knex';
import { parseInput } from '../../contract/reading.js';
import { readValuesSchema, type ReadValues, type ValueRange } from '../../contract/valuation-looks.js';
import { valuesOfAccount, type ValuationRow } from '../../db/known-values.js';
import { sessionsBetween, type CalendarAdditions } from '../../domain/calendar/calendar.js';
import { monthsBefore } from '../../domain/dates.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import { drawdown } from '../../domain/ledger/equity.js';
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

const MONTHS: Record<Exclude<ValueRange, 'ytd' | 'all'>, number> = { '1m': 1, '3m': 3, '1y': 12 };

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
    const from = beginning(range, all.at(-1)?.asOfDate);
    const first =
      from === null
        ? 0
        : Math.max(
            0,
            all.findLastIndex(({ asOfDate }) => asOfDate <= from),
          );
    const [start, ...rest] = all.slice(first);
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
  let place = 0;
  const values = stored.map((value) => {
    const missing: IsoDate[] = [];
    for (; place < sessions.length && (sessions[place] as IsoDate) <= value.asOfDate; place++)
      if (sessions[place] !== value.asOfDate) missing.push(sessions[place] as IsoDate);
    return { ...value, drawdown: drawdown(value.equityIndex, value.peakIndex), missing };
  });
  madeLast.set(stored, { calendar, values });
  return values;
}

/** Whether money came in or went out, so that equity moved by more than what was earned. */
export const hasFlow = ({ netFlows }: Pick<DailyValue, 'netFlows'>): boolean => /[1-9]/.test(netFlows);

function beginning(range: ValueRange, newest: IsoDate | undefined): IsoDate | null {
  if (newest === undefined || range === 'all') return null;
  return range === 'ytd' ? `${Number(newest.slice(0, 4)) - 1}-12-31` : monthsBefore(newest, MONTHS[range]);
}
