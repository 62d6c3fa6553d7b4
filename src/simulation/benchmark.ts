import type { BenchmarkOfWalk } from '../domain/walk/benchmark.js';
import type { IsoDate, UniverseRow } from '../domain/types.js';
import type { BrokerMarket } from './broker.js';

/** The first benchmark of the universe, with what really happened to it on these dates; null where none was read. */
export function benchmarkIn(
  market: BrokerMarket,
  universe: readonly UniverseRow[],
  dates: readonly IsoDate[],
): BenchmarkOfWalk | null {
  const symbol = universe.find(({ kind }) => kind === 'benchmark')?.internalSymbol;
  const basis = symbol === undefined ? null : market.basisOf(symbol);
  if (symbol === undefined || basis === null) return null;
  const closes = dates.flatMap((date) => {
    const close = market.closeOf(symbol, date);
    return close === null ? [] : [{ date, close }];
  });
  // Of every session, with a bar or without: what happened on a day without one counts on the next that has.
  const actions = dates.flatMap((date) => market.actionsOn(date).filter((action) => action.symbol === symbol));
  return { symbol, closes, actions, basis, paysDividends: market.paysDividends(symbol, dates.at(-1) ?? '') };
}
