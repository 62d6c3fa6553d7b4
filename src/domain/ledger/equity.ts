import { nextIndex, type IndexState } from './valuation.js';
import { D, Decimal, toText } from '../money.js';
import type { DecimalString } from '../types.js';

/** Where the account stands against its best: 1 is its first valuation; drawdown 0 to 1, a fraction of the peak. */
export interface EquityIndex {
  index: DecimalString;
  peak: DecimalString;
  drawdown: DecimalString;
}

/**
 * The equity index after one more valuation. Equity and flows in base currency; flows are deposits less withdrawals since
 * the previous valuation. Formula and source: `nextIndex`. Equity below zero counts as zero, for an index cannot fall
 * further; after an equity of zero the index stands still, for nothing can be earned on nothing.
 */
export function nextEquityIndex(previous: IndexState | null, equity: DecimalString, netFlows: DecimalString): EquityIndex {
  const { equityIndex, peakIndex } = nextIndex(previous, equity, netFlows);
  const index = Decimal.max(D(equityIndex), 0);
  return { index: toText(index), peak: peakIndex, drawdown: drawdown(toText(index), peakIndex) };
}

/** `1 − index / peak`, 10 decimals, never below 0; 0 when there is no peak to fall from. */
export function drawdown(index: DecimalString, peak: DecimalString): DecimalString {
  if (!D(peak).gt(0)) return '0';
  return toText(Decimal.max(D(1).minus(D(index).div(D(peak))), 0).toDecimalPlaces(10));
}
