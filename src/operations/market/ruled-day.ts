import { listActions } from '../../db/actions.js';
import type { Db } from '../../db/connect.js';
import { moveOn, rateMoveOn } from '../../db/jumps.js';
import { asOfDate, tradingDayOf } from '../../domain/calendar/calendar.js';
import { usageError } from '../../domain/errors.js';
import type { RuledDay } from '../../domain/market/ruling.js';
import { pairsWanted } from '../../domain/market/wanted.js';
import type { Admitted } from '../installation.js';

/** Nobody has prices from before: around an older date there is nothing to look for, and Postgres knows no year 0. */
export const EARLIEST = '1900-01-01';

/** What is stored of a date of a symbol, or of a pair of currencies, to be ruled on. @throws OpsError SYMBOL_UNKNOWN */
export async function ruledDay(
  db: Db,
  { at, configuration: { policy, universe } }: Pick<Admitted, 'at' | 'configuration'>,
  { symbol, exDate }: { symbol: string; exDate: string },
): Promise<RuledDay & { isRate: boolean }> {
  const isPair = pairsWanted(policy, universe, Object.keys(policy.accounts)).includes(symbol);
  if (!isPair && !universe.some(({ internalSymbol }) => internalSymbol === symbol)) {
    throw usageError('SYMBOL_UNKNOWN', `symbol: ${symbol}: is not in the universe`, {
      remedy: 'trading-ops actions list --on-hold',
    });
  }
  const published = await listActions(db, {
    source: policy.market_data.provider,
    symbols: [symbol],
    from: exDate,
    to: exDate,
  });
  const today = tradingDayOf(at);
  const known = asOfDate(today, policy.calendar);
  if (exDate < EARLIEST) return { published, jump: null, today, isRate: isPair };
  const jump = isPair
    ? await rateMoveOn(db, policy, { pair: symbol, date: exDate, asOfDate: known })
    : await moveOn(db, policy, { symbol, session: exDate, asOfDate: known });
  return { published, jump, today, isRate: isPair };
}
