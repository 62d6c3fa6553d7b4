import type { DecimalString, Instant, IsoDate } from '../domain/types.js';
import type { Db } from './connect.js';
import { question, type Question } from './questions.js';

/** A close as it was known, with the last date whose splits it shows. */
export interface KnownClose {
  close: DecimalString;
  splitsTo: IsoDate;
}

/**
 * Closes of a date by symbol as they stood at a place in the order of all facts; what came later is as it came. An
 * adjusted close is in the shares of the newest session that its series had `until` an instant.
 */
export const closesKnown = (
  db: Db,
  asked: { source: string; symbols: readonly string[]; date: IsoDate; seq: number; until: Instant },
): Question<Map<string, KnownClose>> =>
  question<Map<string, KnownClose>>(
    db.raw(
      `select b.symbol, trim_scale(coalesce(cast(v.prior ->> 'close' as numeric), b.close))::text as close,
              case when coalesce(v.prior ->> 'basis', b.basis) = 'raw' then b.session else (
                select max(n.session) from bars n left join lateral (
                  select min(cast(r.prior ->> 'recorded_at' as timestamptz)) as at from bar_revisions r
                   where r.source = n.source and r.symbol = n.symbol and r.session = n.session) first on true
                 where n.source = b.source and n.symbol = b.symbol and n.session >= b.session
                   and (n.session = b.session or coalesce(first.at, n.recorded_at) <= cast(:until as timestamptz))
              ) end as "splitsTo"
         from bars b left join lateral (
           select prior from bar_revisions r
            where r.source = b.source and r.symbol = b.symbol and r.session = b.session and r.seq > :seq
            order by r.seq limit 1) v on true
        where b.source = :source and b.symbol = any(cast(:symbols as text[])) and b.session = :date`,
      { ...asked } as never,
    ),
    (rows: (KnownClose & { symbol: string })[]) => new Map(rows.map(({ symbol, ...close }) => [symbol, close])),
  );

/** Rates of a date by pair, of the first of the sources that had one, as known at a place in the order of all facts. */
export const ratesKnown = (
  db: Db,
  asked: { sources: readonly string[]; pairs: readonly string[]; date: IsoDate; seq: number },
): Question<Map<string, DecimalString>> =>
  question<Map<string, DecimalString>>(
    db.raw(
      `select distinct on (pair) pair, trim_scale(rate)::text as rate from fx_rates
        where source = any(cast(:sources as text[])) and pair = any(cast(:pairs as text[])) and date = :date
          and seq <= :seq
        order by pair, array_position(cast(:sources as text[]), source), fx_rate_id desc`,
      { ...asked } as never,
    ),
    (rows: { pair: string; rate: DecimalString }[]) => new Map(rows.map(({ pair, rate }) => [pair, rate])),
  );

/**
 * Whether a split of these symbols was published, ruled on or booked after a place in the order of all facts. Published
 * by the source that counts, with an ex-date that is looked back to: no other is ever counted in what was valued then.
 */
export const splitsToldSince = (
  db: Db,
  asked: {
    account: string;
    symbols: readonly string[];
    seq: number;
    lastEntryId: number;
    source: string;
    from: IsoDate;
  },
): Question<boolean> =>
  question<boolean>(
    db.raw(
      `select exists (
           select from corporate_actions
            where source = :source and kind = 'SPLIT' and ex_date >= :from
              and symbol = any(cast(:symbols as text[])) and seq > :seq)
         or exists (
           select from action_rulings where symbol = any(cast(:symbols as text[]))
              and recorded_at > (select recorded_at from valuations where seq = :seq))
         or exists (
           select from journal_entries where account = :account and book = 'ledger' and entry_id > :lastEntryId
              and kind in ('SPLIT', 'REVERSAL')) as told`,
      { ...asked } as never,
    ),
    ([found]: { told: boolean }[]) => found?.told ?? false,
  );
