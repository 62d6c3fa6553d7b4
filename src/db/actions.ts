import type { Knex } from 'knex';
import type { PublishedAction } from '../providers/provider.js';
import type { ActionRuling, CorporateAction, Instant, IsoDate, Sha256 } from '../domain/types.js';
import type { Db } from './connect.js';
import { ask, instantOf, question, type Question } from './questions.js';

/**
 * Records actions as published; one that is known with the same value changes nothing. Returns how many were new.
 * A drop folder tells hundreds every morning, nearly all of them known: they travel as one parameter a column, and
 * what is known is left out before it is inserted.
 */
export function insertActions(
  db: Db,
  actions: (PublishedAction & { payloadSha256: Sha256; retrievedAt: Instant })[],
): Knex.Raw | null {
  if (actions.length === 0) return null;
  const column = <T>(of: (action: (typeof actions)[number]) => T): T[] => actions.map(of);
  return db.raw(
    `
    insert into corporate_actions
      (source, symbol, ex_date, kind, value, published, currency, payload_sha256, retrieved_at)
    select source, symbol, ex_date, kind, value, published, currency, payload_sha256, retrieved_at
      from unnest(?::text[], ?::text[], ?::date[], ?::text[], ?::numeric[], ?::text[], ?::text[], ?::text[],
                  ?::timestamptz[]) with ordinality as told
           (source, symbol, ex_date, kind, value, published, currency, payload_sha256, retrieved_at, place)
     where not exists (select from corporate_actions known
       where (known.source, known.symbol, known.ex_date, known.kind, known.value)
           = (told.source, told.symbol, told.ex_date, told.kind, told.value))
     order by place
    on conflict (source, symbol, ex_date, kind, value) do nothing returning action_id`,
    [
      column(({ source }) => source),
      column(({ symbol }) => symbol),
      column(({ exDate }) => exDate),
      column(({ kind }) => kind),
      column(({ value }) => value),
      column(({ published }) => published),
      column(({ currency }) => currency),
      column(({ payloadSha256 }) => payloadSha256),
      column(({ retrievedAt }) => retrievedAt),
    ] as never,
  );
}

export interface ActionQuery {
  /** One source; all when left out. */
  source?: string;
  symbols?: string[];
  from?: IsoDate;
  to?: IsoDate;
}

/** The newest word on each action: one row a source, symbol, ex-date and kind, oldest ex-date first. */
export const listActions = (db: Db, query: ActionQuery): Promise<CorporateAction[]> =>
  ask(db, actionsQuestion(db, query));

/** The same as a question. */
export const actionsQuestion = (db: Db, { source, symbols, from, to }: ActionQuery): Question<CorporateAction[]> =>
  question<CorporateAction[]>(
    db.raw(
      `
    select distinct on (ex_date, symbol, kind, source)
           symbol, ex_date as "exDate", kind, trim_scale(value)::text as value, currency, source
      from corporate_actions
     where (cast(:source as text) is null or source = :source) and (cast(:symbols as text[]) is null or symbol = any(:symbols))
       and ex_date between cast(coalesce(:from, '-infinity') as date) and cast(coalesce(:to, 'infinity') as date)
     order by ex_date, symbol, kind, source, action_id desc`,
      { source: source ?? null, symbols: symbols ?? null, from: from ?? null, to: to ?? null } as never,
    ),
    (rows: CorporateAction[]) => rows,
  );

type StoredRuling = ActionRuling & { reason: string; operator: string; ruledAt: Instant };

/** The newest ruling on each action. */
export const listRulings = (db: Db, symbols?: string[]): Promise<StoredRuling[]> =>
  ask(db, rulingsQuestion(db, symbols));

/** The same as a question. */
export const rulingsQuestion = (db: Db, symbols?: string[]): Question<StoredRuling[]> =>
  question<StoredRuling[]>(
    db.raw(
      `
    select distinct on (symbol, ex_date, kind)
           symbol, ex_date as "exDate", kind, ruling, trim_scale(value)::text as value, reason, operator, ruled_at as "ruledAt"
      from action_rulings
     where (cast(:symbols as text[]) is null or symbol = any(:symbols))
     order by symbol, ex_date, kind, ruling_id desc`,
      { symbols: symbols ?? null } as never,
    ),
    (rows: StoredRuling[]) => rows.map((row) => ({ ...row, ruledAt: instantOf(row.ruledAt) })),
  );

/** Records what a human decided about an action. Call it in a transaction, with its audit record. */
export async function insertRuling(
  db: Db,
  ruling: ActionRuling & { reason: string; operator: string; ruledAt: Instant },
): Promise<void> {
  await db('action_rulings').insert({
    symbol: ruling.symbol,
    ex_date: ruling.exDate,
    kind: ruling.kind,
    ruling: ruling.ruling,
    value: ruling.value,
    reason: ruling.reason,
    operator: ruling.operator,
    ruled_at: ruling.ruledAt,
  });
}
