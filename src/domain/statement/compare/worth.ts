import { dayNumber } from '../../dates.js';
import { D, Decimal, pennies } from '../../money.js';
import type { IsoDate } from '../../types.js';
import type { Figure, Statement, StatementEvent } from '../statement.js';
import { type LedgerFacts } from './facts.js';
import { groupBy } from '../../group.js';

/**
 * An amount in base currency, above zero whichever way it went; estimated where the statement does not say it itself.
 */
export interface Worth {
  amount: Decimal;
  isEstimated: boolean;
  /** How much was estimated of an amount that is in part; the whole of it when left out. */
  estimated?: Decimal;
  /** It was converted, and rounded, row by row; amounts of one currency are exact, whatever number they are. */
  isRounded?: boolean;
}

/**
 * What is to be done where an amount differs that the statement does not say in the account's currency: the entry may
 * be as it should be, and is not taken back on an estimate.
 */
export const readFirst = (baseCurrency: string): string =>
  `which is no word of the broker's: read at eToro what it was in ${baseCurrency} before anything is taken back`;

/** A statement's amounts in base currency. */
export interface Worths {
  ofCash(event: StatementEvent): Worth | null;
  ofFigure(figure: Figure, date: IsoDate): Worth | null;
}

/** What the broker's rate and the hour of the day may make of an amount, beside the day's reference rate. */
const LEEWAY = '0.03';
/** Half a penny: less than that is none. */
const HALF_PENNY = '0.005';

/** Less than that no estimate is off. */
const LEEWAY_MIN = '0.05';

/** What estimating may make of an amount: of what of it was estimated, for the rest is said. */
const leewayOfEstimate = ({ amount, isEstimated, estimated = amount }: Worth): Decimal =>
  isEstimated ? estimated.times(LEEWAY) : D(0);

/** How far two amounts may be apart that say the same, of so many rows. */
function leewayOf(worth: Worth, rows: number): Decimal {
  const { amount, isEstimated, estimated = amount, isRounded } = worth;
  const rounding = D(HALF_PENNY).times(isRounded === true ? rows : 1);
  if (!isEstimated) return rounding;
  return Decimal.max(leewayOfEstimate(worth), LEEWAY_MIN).plus(estimated.eq(amount) ? 0 : rounding);
}

/** How far an amount is from what estimating may make of another. */
export const beyondEstimate = (worth: Worth, amount: Decimal): Decimal =>
  Decimal.max(worth.amount.minus(amount).abs().minus(leewayOfEstimate(worth)), 0);

export const isWithin = (worth: Worth, amount: Decimal, rows = 1): boolean =>
  worth.amount.minus(amount).abs().lte(leewayOf(worth, rows));

/** Several amounts as one. */
export const sumOfWorths = (worths: readonly Worth[]): Worth => ({
  amount: worths.reduce((sum, { amount }) => sum.plus(amount), D(0)),
  isEstimated: worths.some(({ isEstimated }) => isEstimated),
  estimated: worths.reduce(
    (sum, { amount, isEstimated, estimated = amount }) => (isEstimated ? sum.plus(estimated) : sum),
    D(0),
  ),
  isRounded: worths.some(({ isRounded }) => isRounded === true),
});

/**
 * Amounts in base currency: the statement's own where it is in that currency, or displays them in it; else by the
 * stored rate of the date, and where there is none, by what the statement's own displayed amounts of that time come to.
 */
export function worthsOf(statement: Statement, { baseCurrency, rateOn }: LedgerFacts): Worths {
  if (statement.currency === baseCurrency) {
    const own = (amount: string): Worth => ({ amount: pennies(D(amount).abs()), isEstimated: false });
    return { ofCash: ({ cash }) => own(cash), ofFigure: ({ amount }) => own(amount) };
  }
  const implied = impliedRates(statement, baseCurrency);
  const alone = displayedAlone(statement);
  const estimated = (amount: string, date: IsoDate): Worth | null => {
    const rate = rateOn(date) ?? implied(date);
    return rate === null ? null : { amount: pennies(D(amount).abs().div(rate)), isEstimated: true };
  };
  const shown = (amount: string): Worth => ({ amount: D(amount).abs(), isEstimated: false, isRounded: true });
  return {
    ofCash: (event) => {
      const { sent, paid, cash, date } = event;
      if (sent?.currency === baseCurrency) return shown(sent.amount);
      if (paid && paid.net.display !== null) return shown(paid.net.display);
      const display = alone.get(event);
      return display === undefined ? estimated(cash, date) : shown(display);
    },
    ofFigure: ({ amount, display }, date) => (display === null ? estimated(amount, date) : shown(display)),
  };
}

/**
 * The same, but for a first row that is an open where nothing says what it cost: what it says itself is what remains of
 * it since parts were sold, and no balance stands before it. Where it leads from the ledger's cash, that was its cost.
 * @param carried what the ledger had in cash before the first row, base currency
 */
export function withoutUntold({ currency, cash, events }: Statement, worths: Worths, untold: Untold): Worths {
  const [first] = events;
  if (first?.kind !== 'OPEN' || cash.before !== null || cash.after === null) return worths;
  const before = events.reduce((sum, event) => sum.minus(event.cash), D(cash.after));
  if (currency === untold.baseCurrency && pennies(before).eq(pennies(untold.carried))) return worths;
  return { ...worths, ofCash: (event) => (event === first ? null : worths.ofCash(event)) };
}

interface Untold {
  baseCurrency: string;
  carried: Decimal;
}

/** The label of the summary under which a row is counted, whose total is displayed too. */
function labelOf({ type, cash }: StatementEvent): string | null {
  if (/^transfer/i.test(type)) return D(cash).gt(0) ? 'Transfer in' : 'Transfer out';
  if (/^commission$/i.test(type)) return 'Commission';
  return /^sdrt$/i.test(type) ? 'SDRT Charge' : null;
}

/** Rows that are the only one under their label: the displayed total is theirs. */
function displayedAlone({ events, summary }: Statement): Map<StatementEvent, string> {
  const counted = groupBy(events, (event) => labelOf(event) ?? '');
  return new Map(
    [...counted].flatMap(([label, rows]): [StatementEvent, string][] => {
      const display = label === '' ? null : summary[label]?.display;
      const [row] = rows;
      return rows.length === 1 && row && display ? [[row, display]] : [];
    }),
  );
}

/** Smaller amounts say little of a rate: they are rounded to a penny. */
const TELLING = 1;

/** Days around a date whose amounts tell of its rate. */
const OF_THE_TIME_DAYS = 10;

/**
 * The rate in the middle of those that amounts in both currencies come to, of the days around a date where there are
 * any, else of the whole statement; null where there are none.
 */
function impliedRates({ events, summary }: Statement, baseCurrency: string): (date: IsoDate) => Decimal | null {
  const dated = events.flatMap(({ date, sent, amount, closing, paid }) =>
    ratesOf([
      ...(sent?.currency === baseCurrency ? [{ amount, display: sent.amount }] : []),
      ...(closing ? [closing.profit] : []),
      ...(paid ? [paid.net] : []),
    ]).map((rate) => ({ day: dayNumber(date), rate })),
  );
  const summed = ratesOf(
    Object.values(summary).flatMap(({ amount, display }) => (amount === null ? [] : [{ amount, display }])),
  );
  const whole = middleOf([...dated.map(({ rate }) => rate), ...summed]);
  const known = new Map<IsoDate, Decimal | null>();
  return (date) => {
    const rate = known.get(date);
    if (rate !== undefined) return rate;
    const near = dated.filter(({ day }) => Math.abs(day - dayNumber(date)) <= OF_THE_TIME_DAYS);
    const found = middleOf(near.map((each) => each.rate)) ?? whole;
    known.set(date, found);
    return found;
  };
}

const ratesOf = (figures: readonly Figure[]): Decimal[] =>
  figures.flatMap(({ amount, display }) => {
    const base = D(display ?? 0).abs();
    return base.gte(TELLING) && !D(amount).isZero() ? [D(amount).abs().div(base)] : [];
  });

const middleOf = (rates: readonly Decimal[]): Decimal | null =>
  rates.toSorted((a, b) => a.comparedTo(b))[Math.floor(rates.length / 2)] ?? null;
