import type { DecimalString, FxRate, Instant, IsoDate, Sha256 } from '../domain/types.js';
import type { Db } from './connect.js';
import { question, rows, type Question } from './questions.js';

export interface FxBatch {
  source: string;
  pair: string;
  rates: { date: IsoDate; rate: DecimalString }[];
  payloadSha256: Sha256;
  retrievedAt: Instant;
}

/**
 * Appends rates that are new; a date whose rate differs from the newest one stored is a revision.
 * @returns how many dates are new and how many were restated.
 */
export async function insertRates(db: Db, batch: FxBatch): Promise<{ rowsNew: number; rowsRevised: number }> {
  const { rows } = await db.raw<{ rows: { rowsNew: number; rowsRevised: number }[] }>(
    `
    with given as (select * from unnest(cast(:dates as date[]), cast(:rates as numeric[])) as g(date, rate)),
    known as (select distinct date from fx_rates where source = :source and pair = :pair and date = any(cast(:dates as date[]))),
    added as (
      insert into fx_rates (source, pair, date, rate, payload_sha256, retrieved_at)
      select :source, :pair, date, rate, :sha, :retrievedAt from given
      on conflict (source, pair, date, rate) do nothing returning date)
    select (count(*) filter (where known.date is null))::int as "rowsNew", (count(known.date))::int as "rowsRevised"
      from added left join known using (date)`,
    {
      source: batch.source,
      pair: batch.pair,
      sha: batch.payloadSha256,
      retrievedAt: batch.retrievedAt,
      dates: batch.rates.map(({ date }) => date),
      rates: batch.rates.map(({ rate }) => rate),
    } as never,
  );
  return rows[0] ?? { rowsNew: 0, rowsRevised: 0 };
}

/** The newest word of a source on a pair's rate of exactly this date; null when it has none: a rate is never invented. */
export const rateQuestion = (db: Db, source: string, pair: string, date: IsoDate): Question<FxRate | null> =>
  question<FxRate | null>(
    db.raw(
      `
    select pair, date, trim_scale(rate)::text as rate, source from fx_rates
     where source = ? and pair = ? and date = ? order by fx_rate_id desc limit 1`,
      [source, pair, date],
    ),
    ([rate]: FxRate[]) => rate ?? null,
  );

/** Newest date up to `to` that a source has a rate for. */
export async function newestRateDate(db: Db, source: string, pair: string, to: IsoDate): Promise<IsoDate | null> {
  const [newest] = await rows<{ date: IsoDate | null }>(
    db,
    'select max(date) as date from fx_rates where source = ? and pair = ? and date <= ?',
    [source, pair, to],
  );
  return newest?.date ?? null;
}
