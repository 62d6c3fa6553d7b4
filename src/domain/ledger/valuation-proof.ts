import { D, Decimal, pennies } from '../money.js';
import type { DecimalString, IsoDate } from '../types.js';
import { nextEquityIndex, peakSinceReset } from './equity.js';
import type { Worth } from './worth.js';

/** A valuation as it is stored, with what it has to come out of. */
export interface ValuationTold {
  cash: DecimalString;
  positionsValue: DecimalString;
  equity: DecimalString;
  netFlows: DecimalString;
  equityIndex: DecimalString;
  peakIndex: DecimalString;
  /** Cash of the ledger up to the newest entry that it includes. */
  cashThen: DecimalString;
  /** What it went on from: the newest of an earlier as-of date that was there before it; null for the first. */
  previous: {
    equity: DecimalString;
    equityIndex: DecimalString;
    peakIndex: DecimalString;
    /** Whether the kill switch was reset while it was the newest that was valued. */
    resetSince: boolean;
    /** Whether it was reset at any time between the first of that date and this one. */
    isResetAround: boolean;
  } | null;
  /** Whether it takes the place of an earlier one of its date, and whether the kill switch was reset after that. */
  restated: boolean;
  resetAfter: boolean;
  asOfDate: IsoDate;
  /** As-of date of its run, and whether it came after that was over. */
  asOfOfRun: IsoDate;
  isLate: boolean;
  /** Newest ledger entry in it; in the one that it went on from, 0: it is the first; in those of its date before it. */
  lastEntryId: number;
  previousEntryId: number;
  entriesBefore: readonly number[];
}

/** Equity and flows are stored to the penny, and the index is reckoned before they are rounded. */
const ROUNDED = '0.02';
/** The index has ten decimals. */
const DECIMALS = '0.000000001';
/** A restated one goes on from what moved by less than is restated, too (docs/RULES.md 2.7, `SETTLES_WITHIN`). */
const SETTLED = '0.0002';

/**
 * Why a stored valuation cannot have been reckoned from the ledger's cash and the one before it, in words; null where
 * it can. What the positions were worth is `faultOfWorth`'s.
 */
export function faultOfValuation(told: ValuationTold): string | null {
  const { cash, positionsValue, equity, cashThen, equityIndex, peakIndex } = told;
  if (!pennies(D(cashThen)).eq(D(cash))) return `cash ${cash}, and the ledger had ${pennies(D(cashThen)).toFixed(2)}`;
  if (D(cash).plus(positionsValue).minus(equity).abs().gt(ROUNDED))
    return `equity ${equity}, and cash and positions are ${D(cash).plus(positionsValue).toFixed(2)}`;
  const { index, peaks } = expected(told);
  const isOff = (stored: DecimalString, reckoned: DecimalString) =>
    D(stored).minus(reckoned).abs().gt(leewayOf(told, reckoned));
  if (isOff(equityIndex, index)) return `equity index ${equityIndex}, and it comes to ${index}`;
  if (peaks.every((each) => isOff(peakIndex, each))) return `peak ${peakIndex}, and it comes to ${peaks[0]}`;
  return null;
}

/**
 * Why a valuation cannot stand where it stands, in words; null where it can: each run values at its own as-of date,
 * before it is over, everything that is booked; what is restated stands on the entries of what it takes the place of.
 */
export function faultOfPlace(told: ValuationTold): string | null {
  const { isLate, restated, asOfDate, asOfOfRun, lastEntryId, previousEntryId, entriesBefore } = told;
  if (isLate) return 'it was written after its run was over';
  if (restated)
    return entriesBefore.includes(lastEntryId) ? null : `it restates none that has entry ${lastEntryId} as its newest`;
  if (asOfDate !== asOfOfRun) return `its run is of ${asOfOfRun}`;
  const before = Math.max(previousEntryId, ...entriesBefore);
  return lastEntryId < before ? `entry ${lastEntryId} is its newest, and one before it had ${before} already` : null;
}

/** What it came to. Flows are null where something was set right to nothing: at which price, nobody knows later. */
export type WorthThen = Pick<Worth, 'positionsValue'> & { netFlows: DecimalString | null };

/**
 * Why a stored valuation is not what its ledger was worth, in words; null where it is.
 * @param candidates what it may have come to, by the closes and rates that were known when it was recorded; none where
 *   a holding had none.
 */
export function faultOfWorth(told: ValuationTold, candidates: readonly WorthThen[]): string | null {
  const { positionsValue, netFlows, equity, restated } = told;
  const leeway = restated ? D(equity).abs().times(SETTLED).plus(ROUNDED) : D(ROUNDED);
  const isNear = (a: DecimalString, b: DecimalString) => D(a).minus(D(b)).abs().lte(leeway);
  const [worth] = candidates;
  if (worth === undefined) return `positions ${positionsValue}, and a holding had no close or rate of that date`;
  if (!candidates.some((each) => isNear(each.positionsValue, positionsValue)))
    return `positions ${positionsValue}, and the holdings come to ${D(worth.positionsValue).toFixed(2)}`;
  if (!candidates.some((each) => each.netFlows === null || isNear(each.netFlows, netFlows)))
    return `flows ${netFlows}, and the ledger's are ${D(worth.netFlows ?? '0').toFixed(2)}`;
  return null;
}

/**
 * The index, and where the peak may be. It begins anew with a reset, which counts for the date that was newest then;
 * earlier versions looked at the order of the rows alone, so that both are right where a reset is among them.
 */
function expected({ previous, equity, netFlows, equityIndex, resetAfter }: ValuationTold) {
  const after = (wasReset: boolean) =>
    nextEquityIndex(previous && { ...previous, peakIndex: peakSinceReset(previous, wasReset) }, equity, netFlows);
  const wasReset = previous?.resetSince ?? false;
  const { index, peak } = after(wasReset);
  const others = previous?.isResetAround ? [after(!wasReset).peak] : [];
  return { index, peaks: [peak, ...others, ...(resetAfter ? [equityIndex] : [])] };
}

/** By how much a figure that comes to this may be another: a part of it, for with the equity the index is small. */
function leewayOf(told: ValuationTold, reckoned: DecimalString): Decimal {
  const settled = told.restated || told.previous === null ? D(reckoned).abs().times(SETTLED) : D(0);
  return roundedOf(told, reckoned).plus(settled).plus(DECIMALS);
}

/** What pennies make of it: they are a part of the equity that it went on from. */
function roundedOf({ previous }: ValuationTold, reckoned: DecimalString): Decimal {
  const base = D(previous?.equity ?? 1);
  const of = Decimal.max(D(previous?.equityIndex ?? 1), D(reckoned).abs());
  return base.gt(0) ? of.times(ROUNDED).div(base) : D(0);
}

/** So often a value that settled may have been gone on from in all: at the beginning, at the end, and once more. */
const SETTLED_TIMES = 3;

/**
 * Why the valuations that count of one account cannot all be as they are, in words; null where they can. Each may be a
 * little off, in both directions; all of them together, always in one, hide a fall that none of them hides.
 * @param told one of each as-of date, without those that have a fault by themselves
 */
export function faultOfDrift(told: readonly ValuationTold[]): string | null {
  const parts = told.flatMap((each) => {
    const { index, peaks } = expected(each);
    if (!D(index).gt(0)) return [];
    const off = (stored: DecimalString, reckoned: DecimalString) => D(stored).minus(reckoned).div(reckoned);
    const peak = peaks.map((one) => off(each.peakIndex, one)).toSorted((a, b) => a.abs().comparedTo(b.abs()))[0]!;
    const leeway = roundedOf(each, index).plus(DECIMALS).div(index);
    return [{ index: off(each.equityIndex, index), peak, leeway }];
  });
  const total = (of: (part: (typeof parts)[number]) => Decimal) =>
    parts.reduce((sum, part) => sum.plus(of(part)), D(0));
  const leeway = total((part) => part.leeway).plus(D(SETTLED).times(SETTLED_TIMES));
  const [index, peak] = [total((part) => part.index), total((part) => part.peak)];
  if (index.abs().gt(leeway)) return `equity indices that are off by ${index.toFixed(6)} in all, each by a little`;
  return peak.abs().gt(leeway) ? `peaks that are off by ${peak.toFixed(6)} in all, each by a little` : null;
}
