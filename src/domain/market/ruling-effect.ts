import { sharesOf, type ShareSplit } from '../ledger/shares.js';
import { unitsBefore, type BookedEntry } from '../ledger/sums.js';
import { D, toText } from '../money.js';
import type { ActionRuling, Bar, CorporateAction, DecimalString, IsoDate, PriceBasis } from '../types.js';
import { effectiveActions } from './actions.js';
import { adjustedCloses } from './adjusted.js';

/** What is known of a symbol around a date that somebody rules on. */
export interface RuledAround {
  symbol: string;
  exDate: IsoDate;
  /** The bars around the date, oldest first, and what their provider has put into the closes. */
  bars: readonly Bar[];
  basis: PriceBasis;
  /** What was published of the symbol in their time. */
  actions: readonly CorporateAction[];
  /** The newest ruling on each of these, oldest first. */
  rulings: readonly ActionRuling[];
  /** The ledgers that may be concerned. */
  ledgers: readonly { account: string; entries: readonly BookedEntry[] }[];
}

/** What history and holdings are under a ruling. */
export interface RulingEffect {
  /** A close for each bar, in the shares and money of the newest; null where an action leaves nothing. */
  adjusted: (number | null)[];
  holdings: HoldingUnder[];
}

/** Of each account that held the symbol at the close before the date, or holds it. */
export interface HoldingUnder {
  account: string;
  /** At the close before the date. */
  before: DecimalString;
  /** From the date on, in the shares that the closes are in, whether a split is booked or not. */
  from: DecimalString;
  /** What cash dividends of the date come to before tax, in the currency of the listing. */
  cash: DecimalString;
}

/**
 * What a ruling does to history and holdings: by the rules by which scores are adjusted and units are counted.
 * @param ruling null for what is ruled now, or was only published
 */
export function rulingEffect(around: RuledAround, ruling: ActionRuling | null): RulingEffect {
  const { symbol, exDate, bars, basis, actions, ledgers } = around;
  const rulings = ruling === null ? around.rulings : [...around.rulings, ruling];
  const effective = effectiveActions(actions, rulings).filter((action) => action.symbol === symbol);
  const ofDay = effective.filter((action) => action.exDate === exDate);
  const splits = ofDay
    .filter(({ kind }) => kind === 'SPLIT')
    .map(({ value }): ShareSplit => ({ symbol, exDate, ratio: value }));
  const paid = ofDay.filter(({ kind }) => kind === 'DIVIDEND').reduce((sum, { value }) => sum.plus(D(value)), D(0));
  const holdings = ledgers.map(({ account, entries }): HoldingUnder => {
    const before = unitsBefore(entries, symbol, exDate);
    const { units } = sharesOf(entries, symbol, splits);
    return {
      account,
      before: toText(before),
      from: toText(units),
      cash: toText(before.times(paid).toDecimalPlaces(2)),
    };
  });
  return {
    adjusted: adjustedCloses(bars, effective, basis).map((close) => (Number.isFinite(close) ? close : null)),
    holdings: holdings.filter(({ before, from }) => !D(before).isZero() || !D(from).isZero()),
  };
}
