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
 * Appends what differs from the newest word on its date: a date that was unknown is new, any other is restated, also
 * one that returns to an earlier value.
 * @returns how many dates are new and how many were restated.
 */
export async function insertRates(db: Db, batch: FxBatch): Promise<{ rowsNew: number; rowsRevised: number }> {
  const { rows } = await db.raw<{ rows: { rowsNew: number; rowsRevised: number }[] }>(
    `
    with given as (
      select g.date, g.rate, known.rate as known
        from unnest(cast(:dates as date[]), cast(:rates as numeric[])) as g(date, rate) left join lateral (
          select rate from fx_rates f where f.source = :source and f.pair = :pair and f.date = g.date
           order by fx_rate_id desc limit 1) known on true),
    added as (
      insert into fx_rates (source, pair, date, rate, payload_sha256, retrieved_at)
      select :source, :pair, date, rate, :sha, :retrievedAt from given where rate is distinct from known order by date
      returning date)
    select (count(*) filter (where known is null))::int as "rowsNew", (count(known))::int as "rowsRevised"
      from added join given using (date)`,
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

/**
 * The newest word on a pair's rate of exactly this date, of the first of the sources that has one; null when none has:
 * a rate is never invented.
 */
export const rateQuestion = (
  db: Db,
  sources: readonly string[],
  pair: string,
  date: IsoDate,
): Question<FxRate | null> =>
  question<FxRate | null>(
    db.raw(
      `
    select pair, date, trim_scale(rate)::text as rate, source from fx_rates
     where source = any(cast(:sources as text[])) and pair = :pair and date = :date
     order by array_position(cast(:sources as text[]), source), fx_rate_id desc limit 1`,
      { sources, pair, date } as never,
    ),
    ([rate]: FxRate[]) => rate ?? null,
  );

/** The newest word of a source on each date of a window, oldest first. */
export const rateSeriesQuestion = (
  db: Db,
  { source, pair, from, to }: { source: string; pair: string; from: IsoDate; to: IsoDate },
): Question<{ date: IsoDate; rate: DecimalString }[]> =>
  question<{ date: IsoDate; rate: DecimalString }[]>(
    db.raw(
      `
    select distinct on (date) date, trim_scale(rate)::text as rate from fx_rates
     where source = ? and pair = ? and date between ? and ? order by date, fx_rate_id desc`,
      [source, pair, from, to],
    ),
    (rows: { date: IsoDate; rate: DecimalString }[]) => rows,
  );

/**
 * Rates of a pair on each date of a window that has one, oldest first: of the first of the sources that has one, its
 * newest word.
 */
export const ratesOfWindow = (
  db: Db,
  { sources, pair, from, to }: { sources: readonly string[]; pair: string; from: IsoDate; to: IsoDate },
): Question<{ date: IsoDate; rate: DecimalString }[]> =>
  question<{ date: IsoDate; rate: DecimalString }[]>(
    db.raw(
      `
    select distinct on (date) date, trim_scale(rate)::text as rate from fx_rates
     where source = any(cast(:sources as text[])) and pair = :pair and date between :from and :to
     order by date, array_position(cast(:sources as text[]), source), fx_rate_id desc`,
      { sources, pair, from, to } as never,
    ),
    (rows: { date: IsoDate; rate: DecimalString }[]) => rows,
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
