import type { MarketFacts } from '../decision/facts.js';
import type { Bar, IsoDate } from '../types.js';

/**
 * Jumps that a second source clears: its closes of the same two sessions moved alike, and it publishes no split for
 * the day. Moves are compared and not closes, for the two may adjust their past differently; each close may be off by
 * the limit, so the moves by twice that.
 * @param limit how far two sources' closes may be apart, as a fraction.
 */
export function confirmedMoves(
  { histories, secondCloses }: MarketFacts,
  limit: number,
): { symbol: string; exDate: IsoDate }[] {
  const moves = secondCloses?.moves ?? [];
  if (moves.length === 0) return [];
  const series = new Map(histories.map(({ symbol, bars }) => [symbol, bars]));
  return moves.flatMap(({ symbol, session, closeBefore, close, split }) => {
    const own = moveAt(series.get(symbol) ?? [], session);
    const other = Number(close) / Number(closeBefore);
    return split === null && own !== null && Math.abs(own / other - 1) <= 2 * limit
      ? [{ symbol, exDate: session }]
      : [];
  });
}

function moveAt(bars: readonly Bar[], session: IsoDate): number | null {
  const at = bars.findIndex((bar) => bar.session === session);
  const [before, after] = [bars[at - 1], bars[at]];
  return before && after ? Number(after.close) / Number(before.close) : null;
}

/** Sessions on which a close moved so far from the one before that the second source is asked about it. */
export function movesToConfirm(
  histories: MarketFacts['histories'],
  maxJump: number,
): { symbol: string; before: IsoDate; session: IsoDate }[] {
  // A dividend may carry a move over the limit that the closes alone do not reach.
  const limit = maxJump * 0.9;
  return histories.flatMap(({ symbol, bars }) =>
    bars.flatMap((bar, index) => {
      const previous = bars[index - 1];
      const move = previous ? Number(bar.close) / Number(previous.close) - 1 : 0;
      return previous && Math.abs(move) > limit ? [{ symbol, before: previous.session, session: bar.session }] : [];
    }),
  );
}
