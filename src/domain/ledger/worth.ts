import { D, toText, type Decimal } from '../money.js';
import type { DecimalString, IsoDate, LedgerState } from '../types.js';
import type { Flows } from './flows.js';
import { sharesOf, unitFlow, type ShareSplit } from './shares.js';
import type { BookedEntry } from './sums.js';
import { valueOf, type Quote } from './valuation.js';

/** What of a ledger its value is made of. */
export interface BooksToValue {
  base: string;
  ledger: LedgerState;
  /** The newest entry in the valuation before; null at the first. */
  previous: { lastEntryId: number } | null;
  /** Since the previous valuation. */
  flows: Flows;
  /** What must have a price of the day: what is held. */
  held: string[];
  /** What was set right and is held no more: the price it was last worth something at will do. */
  gone: string[];
  /** Splits that the prices of the as-of date show. Empty for nearly every account. */
  splits: ShareSplit[];
  /** Up to the ledger's last entry; empty where no split stands in it, and the sums say all. */
  entries: readonly BookedEntry[];
}

/** Quotes of what ledgers need in one base currency. */
export interface Quotes {
  /** Of the as-of date. */
  today: ReadonlyMap<string, Quote>;
  /** The newest up to it, for what is held no more and has none. */
  last: ReadonlyMap<string, Quote>;
  /** By symbol without a quote of the day: the pair whose rate is what it lacks. */
  lacking: ReadonlyMap<string, string>;
}

export const NO_QUOTES: Quotes = { today: new Map(), last: new Map(), lacking: new Map() };

/** What a ledger is worth, base currency. */
export interface Worth {
  positionsValue: DecimalString;
  equity: DecimalString;
  /** Deposits less withdrawals since the previous valuation, and what was set right. */
  netFlows: DecimalString;
  /** Rate of the first listing currency that is not the base currency. */
  fxRate: DecimalString | null;
}

/** The worth of a ledger at these quotes, in the shares that they are in; or which symbols or pairs have no quote. */
export function worthOf(books: BooksToValue, { today, last, lacking }: Quotes): Worth | { missing: string[] } {
  const { base, ledger, flows, held, gone } = books;
  const quoteOf = (symbol: string): Quote | undefined =>
    today.get(symbol) ?? (gone.includes(symbol) ? last.get(symbol) : undefined);
  const symbols = [...held, ...gone];
  const without = symbols.filter((symbol) => quoteOf(symbol) === undefined);
  if (without.length > 0)
    return { missing: [...new Set(without.map((symbol) => lacking.get(symbol) ?? symbol))].toSorted() };
  const total = (units: Record<string, DecimalString | Decimal>): Decimal =>
    Object.entries(units).reduce((sum, [symbol, count]) => sum.plus(valueOf(count, quoteOf(symbol) as Quote)), D(0));
  const pricedIn = (symbol: string): IsoDate | undefined => splitsIn(quoteOf(symbol));
  const positions = total(unitsOf(books, pricedIn));
  return {
    positionsValue: toText(positions),
    equity: toText(D(ledger.cash).plus(positions)),
    netFlows: toText(D(flows.cash).plus(total(flowUnitsOf(books, pricedIn)))),
    fxRate: symbols.map(quoteOf).find((quote) => quote?.currency !== base)?.fx ?? null,
  };
}

/** The last date whose splits a price shows. */
const splitsIn = (quote: Quote | undefined): IsoDate | undefined => quote && (quote.splitsTo ?? quote.date);

type PricedIn = (symbol: string) => IsoDate | undefined;

/** Units held by symbol, in the shares that their prices are in. */
const unitsOf = ({ ledger, splits, entries }: BooksToValue, pricedIn: PricedIn): Record<string, Decimal | string> =>
  Object.fromEntries(
    Object.entries(ledger.units).map(([symbol, units]) => [
      symbol,
      entries.length === 0 ? units : sharesOf(entries, symbol, splits, pricedIn(symbol)).units,
    ]),
  );

/** Units that were set right since the previous valuation, in the same shares; of a former name under the present one. */
function flowUnitsOf(
  { flows, previous, splits, entries, held, gone }: BooksToValue,
  pricedIn: PricedIn,
): Record<string, Decimal | string> {
  if (entries.length === 0 || previous === null) return flows.units;
  const { lastEntryId: afterEntryId } = previous;
  const moved = (symbol: string) => unitFlow(entries, symbol, splits, { afterEntryId, pricedIn: pricedIn(symbol) });
  return Object.fromEntries([...held, ...gone].map((symbol) => [symbol, moved(symbol)]));
}
