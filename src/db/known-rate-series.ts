import type { DecimalString, IsoDate } from '../domain/types.js';
import type { Db } from './connect.js';
import { cutoffSql, EVERYTHING, type Cutoff } from './cutoff.js';
import { rowsQuestion, type Question } from './questions.js';

/** One date of a pair's rate: units of the second currency for one of the first. */
export interface RatePoint {
  pair: string;
  date: IsoDate;
  rate: DecimalString;
}

/**
 * Rates of pairs from one date to another as known at the cutoff, oldest first: of each date the newest word of the
 * first of the sources that has one.
 */
export function rateSeriesKnown(
  db: Db,
  query: { sources: readonly string[]; pairs: readonly string[]; from: IsoDate; to: IsoDate; cutoff: Cutoff },
): Question<RatePoint[]> {
  const { sql, binding } = cutoffSql(query.cutoff);
  return rowsQuestion(
    db,
    `
    select distinct on (pair, date) pair, date, trim_scale(rate)::text as rate from fx_rates
    where source = any(?::text[]) and pair = any(?::text[]) and date between ? and ? and seq <= coalesce((${sql}), ${EVERYTHING})
    order by pair, date, array_position(?::text[], source), fx_rate_id desc`,
    [[...query.sources], [...query.pairs], query.from, query.to, binding, [...query.sources]],
  );
}
