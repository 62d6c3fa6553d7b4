import { dateOf, dayNumber } from '../dates.js';
import { isSplitIn } from '../ledger/bookings/split.js';
import { dividendAmounts, roundUnits } from '../ledger/entries.js';
import { bookedUnder, dividendKey } from '../ledger/keys.js';
import { sharesOf } from '../ledger/shares.js';
import { openingDate, unitsBefore, type BookedEntry } from '../ledger/sums.js';
import { D, pennies, toText, type Decimal } from '../money.js';
import type { CorporateAction, DecimalString, IsoDate } from '../types.js';
import { usualWithholding, type UsualWithholding } from './usual-withholding.js';

/** A dividend that may have arrived without being booked; amounts in base currency. */
export interface DividendCandidate {
  action: CorporateAction;
  units: Decimal;
  /** Of the action, or of the listing where it says none. */
  currency: string;
  /** `currency` for one of base on the ex-date: what booking it takes. */
  fx: DecimalString;
  /** At that rate, pennies. */
  gross: Decimal;
  net: Decimal;
  /**
   * The same at the highest and at the lowest rate that the broker may have had; reckoned when it is asked for.
   * @param loose whether by a day's move more than the stored rates say.
   */
  bounds(loose: boolean): { least: Amounts; most: Amounts };
  /** Fraction of the gross that is usually withheld: what was, the last times that the symbol paid. */
  withholding: DecimalString;
  /** Ex-date before the ledger was opened, or long ago: its cash has probably been paid before. */
  old: boolean;
}

export interface Amounts {
  gross: Decimal;
  net: Decimal;
}

export interface DividendContext {
  baseCurrency: string;
  snapshotDate: IsoDate;
  entries: readonly BookedEntry[];
  actions: readonly CorporateAction[];
  /** Listing currency for one of base on a date: the newest rate up to it; null when there is none. */
  fxOn(currency: string, date: IsoDate): DecimalString | null;
  /** Date of the newest snapshot whose cash was the ledger's: what drifts was paid since. Null where there is none. */
  agreedOn: IsoDate | null;
  /** The currency that a symbol is listed in. */
  listedIn(symbol: string): string;
}

/** Dividends are paid up to some weeks after the ex-date; older ones are not offered. */
const DIVIDEND_DAYS = 100;
/** Nine in ten are paid within so many days of the ex-date. */
const USUAL_DAYS = 60;
/** Days before the ex-date whose rates show how far one moves from a day to the next. */
const RATE_DAYS = 7;

/** Dividends that have gone ex, of units that were held, and that nobody has booked; newest first. */
export function dividendCandidates(context: DividendContext): DividendCandidate[] {
  const { snapshotDate, entries } = context;
  const earliest = addDays(snapshotDate, -DIVIDEND_DAYS);
  const known = {
    rates: rateSeries(earliest, context),
    withheld: usualWithholding(entries),
    splits: context.actions.filter(({ kind }) => kind === 'SPLIT'),
  };
  return context.actions
    .filter((action) => action.kind === 'DIVIDEND' && action.exDate <= snapshotDate && action.exDate >= earliest)
    .filter(
      ({ symbol, exDate, dividendType }) =>
        bookedUnder(entries, dividendKey(symbol, exDate, dividendType)) === undefined,
    )
    .toSorted((a, b) => (a.exDate === b.exDate ? (a.symbol < b.symbol ? -1 : 1) : a.exDate < b.exDate ? 1 : -1))
    .flatMap((action) => candidateOf(action, context, known));
}

function candidateOf(
  action: CorporateAction,
  context: DividendContext,
  { rates, withheld, splits }: { rates: RateSeries; withheld: UsualWithholding; splits: readonly CorporateAction[] },
): DividendCandidate[] {
  const { entries, fxOn, listedIn, snapshotDate } = context;
  const { symbol, exDate, value, dividendType } = action;
  const units = unitsOn(symbol, exDate, { entries, splits });
  const currency = action.currency ?? listedIn(symbol);
  const fx = currency === context.baseCurrency ? '1' : fxOn(currency, exDate);
  if (!units.gt(0) || fx === null) return [];
  const withholding = dividendType === 'return_of_capital' ? '0' : withheld(symbol);
  const at = (rate: DecimalString): Amounts =>
    dividendAmounts({ units: toText(units), amount: value, fx: rate, withholding });
  const known = new Map<boolean, { least: Amounts; most: Amounts }>();
  const bounds = (loose: boolean) => {
    const before = known.get(loose);
    if (before) return before;
    const { lowest, highest } = ratesAround(rates(currency), context, { exDate, fx, loose });
    const found = { least: at(highest), most: at(lowest) };
    known.set(loose, found);
    return found;
  };
  const { gross, net } = at(fx);
  const old = exDate <= (openingDate(entries) ?? '') || exDate < addDays(snapshotDate, -USUAL_DAYS);
  return gross.gt(0) ? [{ action, units, currency, fx, gross, net, bounds, withholding, old }] : [];
}

/** What arrives of amounts when so much is withheld; null: what is usual of the dividend. */
export const arrivedOf = (amounts: Amounts, withholding: DecimalString | null): Decimal =>
  withholding === null ? amounts.net : amounts.gross.minus(pennies(amounts.gross.times(D(withholding))));

interface DatedRate {
  date: IsoDate;
  rate: Decimal;
}
/** The rates of a currency day by day, ascending. */
type RateSeries = (currency: string) => readonly DatedRate[];

/** From some days before a date to the snapshot's; each currency is looked up once. */
function rateSeries(from: IsoDate, { baseCurrency, fxOn, snapshotDate }: DividendContext): RateSeries {
  const known = new Map<string, readonly DatedRate[]>();
  const reckoned = (currency: string): DatedRate[] => {
    const found: DatedRate[] = [];
    if (currency === baseCurrency) return found;
    for (let date = addDays(from, -RATE_DAYS); date <= snapshotDate; date = addDays(date, 1)) {
      const rate = fxOn(currency, date);
      if (rate !== null) found.push({ date, rate: D(rate) });
    }
    return found;
  };
  return (currency) => {
    const found = known.get(currency) ?? reckoned(currency);
    known.set(currency, found);
    return found;
  };
}

/** Units that a dividend was paid on, in the shares of its ex-date: splits that went ex before it, booked or not. */
function unitsOn(
  symbol: string,
  exDate: IsoDate,
  { entries, splits: known }: { entries: readonly BookedEntry[]; splits: readonly CorporateAction[] },
): Decimal {
  const pending = known.filter(
    (action) =>
      action.symbol === symbol &&
      action.exDate < exDate &&
      action.exDate > (openingDate(entries) ?? '') &&
      !isSplitIn(entries, symbol, action.exDate),
  );
  const before = unitsBefore(entries, symbol, exDate);
  if (pending.length === 0 || before.isZero()) return before;
  const splits = pending.map((action) => ({ symbol, exDate: action.exDate, ratio: action.value }));
  const earned = entries.filter(({ effectiveDate }) => effectiveDate < exDate);
  return roundUnits(sharesOf(earned, symbol, splits).units);
}

/**
 * Between which rates the broker may have paid: the lowest and the highest stored one from the ex-date, or from when
 * the cash agreed last, to the snapshot. Loosely each is moved on by the largest change from one day to the next around
 * then, for a broker's rate is of another hour than a published one, and today's is published tomorrow.
 */
function ratesAround(
  series: readonly DatedRate[],
  { agreedOn }: DividendContext,
  { exDate, fx, loose }: { exDate: IsoDate; fx: DecimalString; loose: boolean },
): { lowest: DecimalString; highest: DecimalString } {
  if (series.length === 0) return { lowest: fx, highest: fx };
  const paidFrom = agreedOn !== null && agreedOn > exDate ? agreedOn : exDate;
  const from = addDays(exDate, -RATE_DAYS);
  const rates = series.filter(({ date }) => date >= from);
  const since = rates.filter(({ date }) => date >= paidFrom).map(({ rate }) => rate);
  if (since.length === 0) since.push(D(fx));
  const lowest = since.reduce((least, rate) => (rate.lt(least) ? rate : least));
  const highest = since.reduce((most, rate) => (rate.gt(most) ? rate : most));
  if (!loose) return { lowest: toText(lowest), highest: toText(highest) };
  const move = rates
    .slice(1)
    .map(({ rate }, index) =>
      rate
        .div(rates[index]?.rate ?? rate)
        .minus(1)
        .abs(),
    )
    .reduce((largest, one) => (one.gt(largest) ? one : largest), D(0));
  // A rate that doubled overnight and more is a slip, and a fall as large would leave nothing to divide by.
  const fallen = move.lt(1) ? lowest.times(D(1).minus(move)) : lowest.div(move.plus(1));
  return { lowest: toText(fallen), highest: toText(highest.times(move.plus(1))) };
}

const addDays = (date: IsoDate, days: number): IsoDate => dateOf(dayNumber(date) + days);
