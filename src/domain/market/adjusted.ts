import type { Bar, CorporateAction, PriceBasis } from '../types.js';

/**
 * Closes adjusted backwards for splits and dividends, one for each bar, oldest first, in the shares and money of the
 * newest bar. CRSP's method: before an ex-date every close is multiplied by `1 / ratio` for a split and by
 * `1 - dividend / previous close` for a dividend; when both fall on one day the dividend is per new share.
 *
 * Scores are no money, so floats are right here. `NaN` stands for every close before an action that has no factor (a
 * dividend as large as the price, a ratio of nothing).
 * @param bars one symbol's bars, ascending by session.
 * @param actions as `effectiveActions` gives them; other symbols' are passed over.
 * @param basis what the provider has already put into its closes: `raw` nothing, `split` splits, `split+dividend` both.
 */
export function adjustedCloses(bars: readonly Bar[], actions: readonly CorporateAction[], basis: PriceBasis): number[] {
  const closes = bars.map((bar) => Number(bar.close));
  const due = pending(bars, actions, basis);
  const adjusted = Array.from<number>({ length: closes.length });
  let factor = 1;
  for (let i = closes.length - 1; i >= 0; i--) {
    adjusted[i] = (closes[i] ?? Number.NaN) * factor;
    const previous = bars[i - 1]?.session;
    const session = bars[i]?.session;
    if (previous === undefined || session === undefined) continue;
    const ofDay: CorporateAction[] = [];
    for (let next = due.at(-1); next && next.exDate > previous; next = due.at(-1)) {
      due.pop();
      if (next.exDate <= session) ofDay.push(next);
    }
    if (ofDay.length > 0) factor *= factorOf(ofDay, closes[i - 1] ?? Number.NaN);
  }
  return adjusted;
}

/** Actions that the closes do not contain yet, ascending by ex-date. */
function pending(bars: readonly Bar[], actions: readonly CorporateAction[], basis: PriceBasis): CorporateAction[] {
  if (basis === 'split+dividend') return [];
  const symbol = bars[0]?.symbol;
  return actions
    .filter((action) => action.symbol === symbol && (basis === 'raw' || action.kind === 'DIVIDEND'))
    .toSorted((a, b) => (a.exDate < b.exDate ? -1 : a.exDate > b.exDate ? 1 : 0));
}

/** What the closes before an ex-date are multiplied by. */
function factorOf(actions: readonly CorporateAction[], previousClose: number): number {
  let ratio = 1;
  let dividend = 0;
  for (const { kind, value } of actions) {
    if (kind === 'SPLIT') ratio *= Number(value);
    else dividend += Number(value);
  }
  const factor = 1 / ratio - dividend / previousClose;
  return factor > 0 && Number.isFinite(factor) ? factor : Number.NaN;
}
