import type { PublishedAction } from '../providers/provider.js';
import { typedDividends } from '../domain/market/dividend-types.js';
import type { ActionRuling, CorporateAction, DividendType, Instant, IsoDate, Sha256 } from '../domain/types.js';
import type { Db } from './connect.js';
import { ask, instantOf, question, type Question } from './questions.js';

/** An action as an answer told it. */
export type ToldAction = PublishedAction & { payloadSha256: Sha256; retrievedAt: Instant };

/** An action date that the newest answer tells otherwise than the one before it. */
export interface RestatedAction {
  symbol: string;
  exDate: IsoDate;
  kind: CorporateAction['kind'];
  /** Figures told before, and now. */
  before: string;
  now: string;
}

/**
 * Records actions as published. What an answer tells of a symbol, ex-date and kind is one word, of one action or of
 * several; where it is not what the newest answer before it said, it is recorded whole and counts from now on, also
 * when it returns to what was said earlier. A drop folder tells hundreds every morning, nearly all of them known: they
 * travel as one parameter a column.
 * @returns the dates that were restated, without those that are new.
 */
export async function insertActions(db: Db, actions: readonly ToldAction[]): Promise<RestatedAction[]> {
  if (actions.length === 0) return [];
  const column = <T>(of: (action: ToldAction) => T): T[] => actions.map(of);
  const { rows } = await db.raw<{ rows: RestatedAction[] }>(
    `
    with given as (
      select * from unnest(?::text[], ?::text[], ?::date[], ?::text[], ?::numeric[], ?::text[], ?::text[], ?::text[],
                           ?::text[], ?::timestamptz[]) with ordinality as g
             (source, symbol, ex_date, kind, value, published, currency, dividend_type, payload_sha256, retrieved_at, place)),
    told as (select distinct on (source, symbol, ex_date, kind, value, currency, dividend_type) * from given
              order by source, symbol, ex_date, kind, value, currency, dividend_type, place),
    word as (
      select source, symbol, ex_date, kind,
             string_agg(concat_ws(' ', trim_scale(value), currency, dividend_type), ', '
               order by value, currency, dividend_type) as now
        from told group by 1, 2, 3, 4),
    changed as (
      select word.*, known.before from word left join lateral (
        select string_agg(concat_ws(' ', trim_scale(c.value), c.currency, c.dividend_type), ', '
                 order by c.value, c.currency, c.dividend_type) as before
          from (select action_id, answer from corporate_actions a
                 where (a.source, a.symbol, a.ex_date, a.kind) = (word.source, word.symbol, word.ex_date, word.kind)
                 order by action_id desc limit 1) newest
          join corporate_actions c on (c.source, c.symbol, c.ex_date, c.kind) = (word.source, word.symbol, word.ex_date,
            word.kind)
           and (c.action_id = newest.action_id or c.answer = newest.answer)) known on true
       where word.now is distinct from known.before),
    mark as materialized (select nextval('facts_seq') as answer),
    added as (
      insert into corporate_actions (source, symbol, ex_date, kind, value, published, currency,
        dividend_type, payload_sha256, retrieved_at, answer)
      select source, symbol, ex_date, kind, value, published, currency, dividend_type, payload_sha256, retrieved_at,
             mark.answer
        from told join changed using (source, symbol, ex_date, kind) cross join mark order by place)
    select symbol, ex_date as "exDate", kind, before, now from changed where before is not null order by symbol,
      ex_date, kind`,
    [
      column(({ source }) => source),
      column(({ symbol }) => symbol),
      column(({ exDate }) => exDate),
      column(({ kind }) => kind),
      column(({ value }) => value),
      column(({ published }) => published),
      column(({ currency }) => currency),
      column(({ dividendType }) => dividendType ?? null),
      column(({ payloadSha256 }) => payloadSha256),
      column(({ retrievedAt }) => retrievedAt),
    ] as never,
  );
  return rows;
}

export interface ActionQuery {
  /** One source; all when left out. */
  source?: string;
  symbols?: string[];
  from?: IsoDate;
  to?: IsoDate;
}

/**
 * The newest answer on each source, symbol, ex-date and kind: every action that it told, oldest ex-date first, several
 * dividends of one date each with its type.
 */
export const listActions = (db: Db, query: ActionQuery): Promise<CorporateAction[]> =>
  ask(db, actionsQuestion(db, query));

/** The same as a question. */
export const actionsQuestion = (db: Db, { source, symbols, from, to }: ActionQuery): Question<CorporateAction[]> =>
  question<CorporateAction[]>(
    db.raw(
      `
    select symbol, ex_date as "exDate", kind, trim_scale(value)::text as value, currency, source,
           dividend_type as "dividendType"
      from (select *, first_value(action_id) over newest as newest_id, first_value(answer) over newest as newest_answer
              from corporate_actions
             where (cast(:source as text) is null or source = :source) and (cast(:symbols as text[]) is null or symbol =
               any(:symbols))
               and ex_date between cast(coalesce(:from, '-infinity') as date) and cast(coalesce(:to, 'infinity') as
                 date)
            window newest as (partition by ex_date, symbol, kind, source order by action_id desc)) as told
     where action_id = newest_id or answer = newest_answer
     order by ex_date, symbol, kind, source, action_id`,
      { source: source ?? null, symbols: symbols ?? null, from: from ?? null, to: to ?? null } as never,
    ),
    (rows: (Omit<CorporateAction, 'dividendType'> & { dividendType: DividendType | null })[]) =>
      typedDividends(rows.map(({ dividendType, ...row }) => ({ ...row, ...(dividendType && { dividendType }) }))),
  );

/** Which of these have any dividend that a source tells, with an ex-date before then. */
export const payersQuestion = (
  db: Db,
  { source, symbols, before }: { source: string; symbols: readonly string[]; before: IsoDate },
): Question<string[]> =>
  question<string[]>(
    db.raw(
      `select distinct symbol from corporate_actions
        where kind = 'DIVIDEND' and source = ? and symbol = any(?) and ex_date < ?::date`,
      [source, symbols, before] as never,
    ),
    (rows: { symbol: string }[]) => rows.map(({ symbol }) => symbol),
  );

export type StoredRuling = ActionRuling & { reason: string; operator: string; ruledAt: Instant };

/** The newest ruling on each action. */
export const listRulings = (db: Db, symbols?: string[]): Promise<StoredRuling[]> =>
  ask(db, rulingsQuestion(db, symbols));

/** The same as a question. */
export const rulingsQuestion = (db: Db, symbols?: string[]): Question<StoredRuling[]> =>
  question<StoredRuling[]>(
    db.raw(
      `
    select distinct on (symbol, ex_date, kind, dividend_type)
           symbol, ex_date as "exDate", kind, dividend_type as "dividendType", ruling, trim_scale(value)::text as value, reason, operator, ruled_at as "ruledAt"
      from action_rulings
     where (cast(:symbols as text[]) is null or symbol = any(:symbols))
     order by symbol, ex_date, kind, dividend_type, ruling_id desc`,
      { symbols: symbols ?? null } as never,
    ),
    rulingsRead,
  );

const rulingsRead = (rows: (StoredRuling & { dividendType: DividendType })[]): StoredRuling[] =>
  rows.map(({ dividendType, ...row }) => ({
    ...row,
    ...(dividendType !== 'regular' && { dividendType }),
    ruledAt: instantOf(row.ruledAt),
  }));

/** Everything that was ruled on a date of a symbol, oldest first. */
export const rulingsOnDay = (db: Db, symbol: string, exDate: IsoDate): Promise<StoredRuling[]> =>
  ask(
    db,
    question<StoredRuling[]>(
      db.raw(
        `
    select symbol, ex_date as "exDate", kind, dividend_type as "dividendType", ruling, trim_scale(value)::text as value,
           reason, operator, ruled_at as "ruledAt"
      from action_rulings where symbol = :symbol and ex_date = :exDate order by ruling_id`,
        { symbol, exDate } as never,
      ),
      rulingsRead,
    ),
  );

/** Records what a human decided about an action. Call it in a transaction, with its audit record. */
export async function insertRuling(
  db: Db,
  ruling: ActionRuling & { reason: string; operator: string; ruledAt: Instant },
): Promise<{ rulingId: string }> {
  const ruled = db('action_rulings').insert({
    symbol: ruling.symbol,
    ex_date: ruling.exDate,
    kind: ruling.kind,
    dividend_type: ruling.dividendType ?? 'regular',
    ruling: ruling.ruling,
    value: ruling.value,
    reason: ruling.reason,
    operator: ruling.operator,
    ruled_at: ruling.ruledAt,
  });
  const [row] = await ruled.returning('ruling_id');
  return { rulingId: String(row?.ruling_id) };
}
