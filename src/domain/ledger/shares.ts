import { cleanRatio } from '../market/ratio.js';
import { D, toText, type Decimal } from '../money.js';
import type { DecimalString, IsoDate } from '../types.js';
import { roundUnits, type EntryKind } from './entries.js';
import { isFlow } from './flows.js';
import type { BookedEntry } from './sums.js';

/** A split that prices show from its ex-date on; `ratio` is new shares for one old share. */
export interface ShareSplit {
  symbol: string;
  exDate: IsoDate;
  ratio: DecimalString;
}

/** What one entry did to the units of one symbol. */
interface UnitMove {
  entryId: number;
  kind: EntryKind;
  /** The kind of what a reversal takes back; null for every other entry. */
  reversedKind: EntryKind | null;
  /** Taken back by a later entry of the same stretch of the journal. */
  reversed: boolean;
  effectiveDate: IsoDate;
  amount: Decimal;
}

/** Units with the splits that stand in them, oldest first, each with what it multiplies by. */
export interface Shares {
  units: Decimal;
  factors: { exDate: IsoDate; factor: Decimal }[];
}

/**
 * Units of a symbol in the shares that prices are in: the journal's, and what the known splits make of them from
 * their ex-dates on, whether they are booked or not. A booked one counts once, and without the journal's rounding to
 * a millionth, which is no loss. A baseline states what the broker shows: splits of before it are in its figure.
 * @param entries the journal up to the entry that counts, in booking order.
 * @param splits those whose ex-dates the prices have passed, one an ex-date, of after the opening.
 */
export function sharesOf(entries: readonly BookedEntry[], symbol: string, splits: readonly ShareSplit[]): Shares {
  const moves = movesOf(entries, symbol);
  const booked = new Map(standingSplits(moves).map((move) => [move.effectiveDate, move]));
  const known = new Map(splits.filter((split) => split.symbol === symbol).map((split) => [split.exDate, split.ratio]));
  const dates = [...new Set([...booked.keys(), ...known.keys()])].toSorted();
  const others = moves.filter((move) => kindOf(move) !== 'SPLIT').toSorted(byEffect);
  const state = { ledger: D(0), exact: D(0), factors: [] as Shares['factors'] };
  for (const exDate of dates) {
    while (others[0] && others[0].effectiveDate < exDate) apply(state, others.shift() as UnitMove);
    split(state, exDate, known.get(exDate), booked.get(exDate), moves);
  }
  for (const move of others) apply(state, move);
  return { units: state.exact, factors: state.factors };
}

/**
 * What of a change of units is neither trade nor split: set right by hand, in the shares that prices are in now. By
 * it a valuation leaves out of the index what nobody earned (docs/RULES.md 2.7).
 * @param afterEntryId the newest entry in the valuation before.
 */
export function unitFlow(
  entries: readonly BookedEntry[],
  symbol: string,
  splits: readonly ShareSplit[],
  afterEntryId: number,
): Decimal {
  const now = sharesOf(entries, symbol, splits);
  // What was booked since was a split already then: a price of today is of the same shares for both.
  const all = now.factors.map(({ exDate, factor }) => ({ symbol, exDate, ratio: toText(factor) }));
  const earlier = entries.filter(({ entryId }) => entryId <= afterEntryId);
  const before = sharesOf(earlier, symbol, all);
  const traded = movesOf(entries, symbol)
    .filter((move) => move.entryId > afterEntryId && kindOf(move) !== 'SPLIT' && !isFlow(move))
    .reduce((sum, move) => sum.plus(move.amount.times(factorAfter(now, move.effectiveDate))), D(0));
  return now.units.minus(before.units).minus(traded);
}

const kindOf = ({ kind, reversedKind }: UnitMove): EntryKind => (kind === 'REVERSAL' ? (reversedKind ?? kind) : kind);

const byEffect = (a: UnitMove, b: UnitMove): number =>
  a.effectiveDate === b.effectiveDate ? a.entryId - b.entryId : a.effectiveDate < b.effectiveDate ? -1 : 1;

/** What shares of a date have become by the splits after it. */
const factorAfter = ({ factors }: Shares, date: IsoDate): Decimal =>
  factors.filter(({ exDate }) => exDate > date).reduce((product, { factor }) => product.times(factor), D(1));

const standingSplits = (moves: readonly UnitMove[]): UnitMove[] =>
  moves.filter(({ kind, reversed }) => kind === 'SPLIT' && !reversed);

function movesOf(entries: readonly BookedEntry[], symbol: string): UnitMove[] {
  const kinds = new Map(entries.map(({ entryId, kind }) => [entryId, kind]));
  const reversed = new Set(entries.map(({ reversesEntryId }) => reversesEntryId));
  return entries.flatMap(({ entryId, kind, reversesEntryId, effectiveDate, postings }) => {
    const amount = postings
      .filter(({ account, commodity }) => account === 'Assets:Units' && commodity === symbol)
      .reduce((sum, posting) => sum.plus(D(posting.amount)), D(0));
    if (amount.isZero()) return [];
    const reversedKind = reversesEntryId === null ? null : (kinds.get(reversesEntryId) ?? null);
    return [{ entryId, kind, reversedKind, reversed: reversed.has(entryId), effectiveDate, amount }];
  });
}

interface Running {
  /** As the journal sums them. */
  ledger: Decimal;
  /** In the shares of the prices. */
  exact: Decimal;
  factors: Shares['factors'];
}

function apply(state: Running, { kind, reversed, amount }: UnitMove): void {
  state.ledger = state.ledger.plus(amount);
  state.exact = kind === 'BASELINE' && !reversed ? state.ledger : state.exact.plus(amount);
}

function split(
  state: Running,
  exDate: IsoDate,
  ratio: DecimalString | undefined,
  booked: UnitMove | undefined,
  moves: readonly UnitMove[],
): void {
  const factor = booked ? bookedFactor(heldAtBooking(moves, booked), booked.amount, ratio) : D(ratio ?? '1');
  if (booked) state.ledger = state.ledger.plus(booked.amount);
  state.exact = state.exact.times(factor);
  state.factors.push({ exDate, factor });
}

/** The units that a split was booked for: what was booked until then of before its ex-date. */
const heldAtBooking = (moves: readonly UnitMove[], { entryId, effectiveDate }: UnitMove): Decimal =>
  moves
    .filter((move) => move.entryId < entryId && move.effectiveDate < effectiveDate)
    .reduce((sum, { amount }) => sum.plus(amount), D(0));

/**
 * The ratio that a booked split was made of: the known or the whole one where it gives the booked units, else what was
 * booked.
 */
function bookedFactor(before: Decimal, amount: Decimal, known: DecimalString | undefined): Decimal {
  if (!before.gt(0)) return D(1);
  const plain = before.plus(amount).div(before);
  const candidates = [...(known === undefined ? [] : [known]), cleanRatio(toText(plain))].map((ratio) => D(ratio));
  return candidates.find((ratio) => roundUnits(before.times(ratio.minus(1))).eq(amount)) ?? plain;
}
