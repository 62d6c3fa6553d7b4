import type { IsoDate } from '../domain/types.js';
import type { Db } from './connect.js';
import { cutoffSql, EVERYTHING, type Cutoff } from './cutoff.js';
import { answeredAs, rowsQuestion, type Question } from './questions.js';
import type { Row } from './tables.js';

/**
 * The newest rate of a pair up to a date, of the first of the sources that has one, as known at the cutoff; null when
 * there is none.
 */
export function knownRate(
  db: Db,
  query: { sources: readonly string[]; pair: string; date: IsoDate; cutoff: Cutoff },
): Question<Pick<Row<'fx_rates'>, 'rate' | 'date'> | null> {
  const { sql, binding } = cutoffSql(query.cutoff);
  return answeredAs(
    rowsQuestion<Pick<Row<'fx_rates'>, 'rate' | 'date'>>(
      db,
      `
    select trim_scale(rate)::text as rate, date from fx_rates
    where source = any(?::text[]) and pair = ? and date <= ? and seq <= coalesce((${sql}), ${EVERYTHING})
    order by date desc, array_position(?::text[], source), fx_rate_id desc limit 1`,
      [[...query.sources], query.pair, query.date, binding, [...query.sources]],
    ),
    ([newest]) => newest ?? null,
  );
}
