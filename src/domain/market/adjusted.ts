import type { Bar, CorporateAction, IsoDate, PriceBasis } from '../types.js';

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
  const adjusted = closesOf(bars);
  const due = pending(bars, actions, basis);
  let [factor, left] = [1, due.length];
  for (let i = adjusted.length - 1; i >= 0; i--) {
    const close = adjusted[i] as number;
    // Where no action is left and none was met, the closes are what they are.
    if (left === 0 && factor === 1) break;
    adjusted[i] = close * factor;
    const previous = bars[i - 1]?.session;
    const session = bars[i]?.session as IsoDate;
    if (previous === undefined) continue;
    const from = left;
    while (left > 0 && (due[left - 1] as CorporateAction).exDate > previous) left -= 1;
    if (left === from) continue;
    const ofDay = due.slice(left, from).filter(({ exDate }) => exDate <= session);
    if (ofDay.length > 0) factor *= factorOf(ofDay.toReversed(), adjusted[i - 1] ?? Number.NaN);
  }
  return adjusted;
}

/** Closes as numbers, of a copy that may be changed. */
function closesOf(bars: readonly Bar[]): number[] {
  const closes: number[] = [];
  for (let i = 0; i < bars.length; i++) closes[i] = Number((bars[i] as Bar).close);
  return closes;
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
