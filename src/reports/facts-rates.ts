import type { DecimalString, IsoDate } from '../domain/types.js';
import type { Db } from '../db/connect.js';
import { cutoffSql, EVERYTHING, type Cutoff } from './facts-cutoff.js';

/** The newest rate of a pair up to a date, as known at the cutoff; null when there is none. */
export async function loadRate(
  db: Db,
  query: { source: string; pair: string; date: IsoDate; cutoff: Cutoff },
): Promise<{ rate: DecimalString; date: IsoDate } | null> {
  const { sql, binding } = cutoffSql(query.cutoff);
  const { rows } = (await db.raw(
    `
    select trim_scale(rate)::text as rate, date from fx_rates
    where source = ? and pair = ? and date <= ? and seq <= coalesce((${sql}), ${EVERYTHING})
    order by date desc, fx_rate_id desc limit 1`,
    [query.source, query.pair, query.date, binding],
  )) as { rows: { rate: string; date: IsoDate }[] };
  return rows[0] ?? null;
}
