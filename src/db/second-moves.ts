import type { SecondMove } from '../domain/decision/facts.js';
import { movesToConfirm } from '../domain/market/confirmed.js';
import type { SymbolHistory } from '../domain/types.js';
import type { Db } from './connect.js';

/**
 * What the second source says of the days on which the first one's closes jump: its two closes, and the split it
 * publishes. Nothing is asked where nothing jumps. A day of which it lacks a close has no row.
 */
export async function secondMoves(
  db: Db,
  source: string,
  histories: readonly SymbolHistory[],
  maxJump: number,
): Promise<SecondMove[]> {
  const wanted = movesToConfirm([...histories], maxJump);
  if (wanted.length === 0) return [];
  const { rows } = await db.raw<{ rows: SecondMove[] }>(
    `
    select w.symbol, w.session::text as session,
           trim_scale(b.close)::text as "closeBefore", trim_scale(a.close)::text as close,
           (select trim_scale(c.value)::text from corporate_actions c
             where c.source = :source and c.symbol = w.symbol and c.kind = 'SPLIT' and c.ex_date = w.session
             order by c.action_id desc limit 1) as split
      from unnest(:symbols::text[], :before::date[], :sessions::date[]) with ordinality
           as w(symbol, before, session, place)
      join bars b on b.source = :source and b.symbol = w.symbol and b.session = w.before
      join bars a on a.source = :source and a.symbol = w.symbol and a.session = w.session
     order by w.place`,
    {
      source,
      symbols: wanted.map(({ symbol }) => symbol),
      before: wanted.map(({ before }) => before),
      sessions: wanted.map(({ session }) => session),
    } as never,
  );
  return rows;
}
