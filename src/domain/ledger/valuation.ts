import { D, pennies, toText, type Decimal } from '../money.js';
import type { DecimalString, IsoDate } from '../types.js';
import type { BookReport, OpeningPrice, Position } from './positions.js';

/**
 * A close in listing currency with what converts it: `fx` in listing currency per unit of base, 1 when they are one.
 */
export interface Quote {
  price: DecimalString;
  currency: string;
  fx: DecimalString;
  date: IsoDate;
  /** The last date whose splits the price shows; left out: its own. A source that restates shows later ones too. */
  splitsTo?: IsoDate;
}

/** Beyond this place a value is the noise of a division: thirds of a share are worth what the whole was. */
const NOISE_FROM_PLACE = 18;

/** Value of units at a quote, base currency, pennies half to even. */
export const valueOf = (units: DecimalString | Decimal, quote: Pick<Quote, 'price' | 'fx'> & Partial<Quote>): Decimal =>
  pennies(D(units).times(D(quote.price)).div(D(quote.fx)).toDecimalPlaces(NOISE_FROM_PLACE));

/**
 * The value of a unit on the opening's date: what an opening position is taken to have cost until a baseline says it.
 */
export const openingPriceFrom =
  (quotes: ReadonlyMap<string, Quote>): OpeningPrice =>
  (symbol) => {
    const quote = quotes.get(symbol);
    return quote ? toText(D(quote.price).div(D(quote.fx))) : null;
  };

export interface ValuedPosition extends Position {
  quote: Quote | null;
  value: DecimalString | null;
  unrealised: DecimalString | null;
}

export interface ValuedBook extends Omit<BookReport, 'positions'> {
  positions: ValuedPosition[];
  /** Base currency; null while a held symbol has no price. */
  positionsValue: DecimalString | null;
  equity: DecimalString | null;
  unrealised: DecimalString | null;
}

/**
 * Units of a symbol in the shares that its quote is in, where these are not the ledger's: of a split that nobody
 * booked.
 */
export type UnitsAt = (symbol: string, quote: Quote) => Decimal;

/** A report with values: unrealised = value − pooled cost, unknown where price or cost is. */
export function valueBook(report: BookReport, quotes: ReadonlyMap<string, Quote>, unitsAt?: UnitsAt): ValuedBook {
  const positions = report.positions.map((position) =>
    valuePosition(position, quotes.get(position.symbol) ?? null, unitsAt),
  );
  const held = positions.filter((position) => !D(position.units).isZero());
  const positionsValue = total(held.map((position) => position.value));
  return {
    ...report,
    positions,
    positionsValue,
    equity: positionsValue === null ? null : toText(D(report.cash).plus(D(positionsValue))),
    unrealised: total(held.map((position) => position.unrealised)),
  };
}

function valuePosition(position: Position, quote: Quote | null, unitsAt?: UnitsAt): ValuedPosition {
  const units = (at: Quote) => unitsAt?.(position.symbol, at) ?? position.units;
  const value = D(position.units).isZero() ? D(0) : quote && valueOf(units(quote), quote);
  const unrealised = value === null || position.cost === null ? null : toText(value.minus(D(position.cost)));
  return { ...position, quote, value: value === null ? null : toText(value), unrealised };
}

const total = (values: (DecimalString | null)[]): DecimalString | null =>
  values.includes(null) ? null : toText(values.reduce((sum, value) => sum.plus(D(value ?? '0')), D(0)));

/** What the next valuation continues from. */
export interface IndexState {
  equity: DecimalString;
  equityIndex: DecimalString;
  peakIndex: DecimalString;
}

/**
 * Continues the equity index: growth with deposits and withdrawals taken out, so that paying in money is no profit and
 * taking it out no drawdown. index = previous × (equity − flows) / previous equity (the time-weighted return of one
 * period with flows at its end; GIPS 2020, calculation methodology); 1 at the first valuation. After an equity of zero
 * it stands still, for nothing can be earned on nothing. After a whole loss, an index of 0, which nothing can be
 * multiplied back from, it begins again at 1 with the first valuation above zero, and its peak with it
 * (docs/RULES.md 2.7).
 */
export function nextIndex(
  previous: IndexState | null,
  equity: DecimalString,
  netFlows: DecimalString,
): { equityIndex: DecimalString; peakIndex: DecimalString } {
  const isLost = previous !== null && D(previous.equityIndex).isZero();
  if (previous === null || (isLost && D(equity).gt(0))) return { equityIndex: '1', peakIndex: '1' };
  const base = D(previous.equity);
  const growth = base.gt(0) ? D(equity).minus(D(netFlows)).div(base) : D(1);
  const index = D(previous.equityIndex).times(growth).toDecimalPlaces(10);
  const peak = index.gt(D(previous.peakIndex)) ? index : D(previous.peakIndex);
  return { equityIndex: toText(index), peakIndex: toText(peak) };
}
