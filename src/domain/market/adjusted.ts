import { firstFrom } from '../sorted.js';
import type { Bar, CorporateAction, PriceBasis } from '../types.js';
import { readWindow } from './windows.js';

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
export function adjustedCloses(
  bars: readonly Bar[],
  actions: readonly CorporateAction[],
  basis: PriceBasis,
): readonly number[] {
  const { closes } = readWindow(bars);
  const days = exDays(bars, pending(bars, actions, basis));
  if (days.length === 0) return closes;
  const adjusted = [...closes];
  let factor = 1;
  for (const [index, { at, ofDay }] of days.entries()) {
    factor *= factorOf(ofDay, closes[at - 1] ?? Number.NaN);
    for (let i = at - 1; i >= (days[index + 1]?.at ?? 0); i--) adjusted[i] = (closes[i] as number) * factor;
  }
  return adjusted;
}

/**
 * The bars that actions first show in, the newest first, each with its actions, the latest first. What shows in no
 * bar, or in the first, changes none of the closes before it.
 */
function exDays(bars: readonly Bar[], due: readonly CorporateAction[]): { at: number; ofDay: CorporateAction[] }[] {
  const days: { at: number; ofDay: CorporateAction[] }[] = [];
  for (const action of due.toReversed()) {
    const at = firstFrom(bars, action.exDate, ({ session }) => session);
    if (at === 0 || at === bars.length) continue;
    const newest = days.at(-1);
    if (newest?.at === at) newest.ofDay.push(action);
    else days.push({ at, ofDay: [action] });
  }
  return days;
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
