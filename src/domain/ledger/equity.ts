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
 * further; after an equity of zero the index stands still, for nothing can be earned on nothing; from an index of 0 it
 * begins again at 1.
 */
export function nextEquityIndex(
  previous: IndexState | null,
  equity: DecimalString,
  netFlows: DecimalString,
): EquityIndex {
  const { equityIndex, peakIndex } = nextIndex(previous, equity, netFlows);
  const index = Decimal.max(D(equityIndex), 0);
  return { index: toText(index), peak: peakIndex, drawdown: drawdown(toText(index), peakIndex) };
}

/**
 * How far an account stands below its peak: `1 − index / peak`, a fraction of 0 to 1 with 10 decimals. The one place
 * where it is reckoned,
 * for valuation, gate and reports. Where the peak is 0 there is nothing left to measure a loss against: that counts
 * as the whole, 1, so
 * that it stops trading instead of allowing it.
 */
export function drawdown(index: DecimalString, peak: DecimalString): DecimalString {
  if (!D(peak).gt(0)) return '1';
  return toText(Decimal.max(D(1).minus(D(index).div(D(peak))), 0).toDecimalPlaces(10));
}

/** The same where it stands at its peak: what was lost before is accepted. */
export const risenFrom = ({ index }: EquityIndex): EquityIndex => ({
  index,
  peak: index,
  drawdown: drawdown(index, index),
});

/** Whether a drawdown has reached the limit of the policy; exactly at the limit it has. */
export const reachesLimit = (fallen: DecimalString, limit: number): boolean => D(fallen).gte(limit);

/**
 * The peak that a drawdown is measured from: the highest index so far, or, where the kill switch was reset since that
 * valuation, the index
 * at which it stood. A reset accepts the loss (docs/RULES.md 2.7).
 */
export const peakSinceReset = (
  { equityIndex, peakIndex }: Pick<IndexState, 'equityIndex' | 'peakIndex'>,
  wasResetSince: boolean,
): DecimalString => (wasResetSince ? equityIndex : peakIndex);
