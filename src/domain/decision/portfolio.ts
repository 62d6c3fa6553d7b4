import type { DecisionFacts } from './facts.js';
import { valueOf, type Quote } from '../ledger/valuation.js';
import { D, type Decimal } from '../money.js';
import { byText } from '../order.js';

/** One position at the as-of close: units held, and their value in base currency, pennies. */
export interface Holding {
  symbol: string;
  units: Decimal;
  value: Decimal;
}

/** What the account is worth at the as-of close, base currency. Holdings by symbol, none of zero units. */
export interface Portfolio {
  cash: Decimal;
  holdings: Holding[];
  value: Decimal;
}

/** What of a decision's facts says what something is worth. */
export type PricingFacts = Pick<DecisionFacts, 'account' | 'universe' | 'market' | 'asOfDate'>;

/**
 * Quotes at the as-of close, by symbol. A symbol has none when its newest bar is of another session, when the universe
 * does not say its currency, or when there is no rate of the as-of date between the currencies: nothing is ever invented.
 * @param wanted the symbols that are looked at
 */
export function quotesAt(facts: PricingFacts, wanted: ReadonlySet<string>): Map<string, Quote> {
  const currencies = new Map(facts.universe.map((row) => [row.internalSymbol, row.listingCurrency]));
  const quotes = new Map<string, Quote>();
  for (const { symbol, bars } of facts.market.histories) {
    if (!wanted.has(symbol)) continue;
    const bar = bars.at(-1);
    const currency = currencies.get(symbol);
    const fx = currency === undefined ? null : rateTo(currency, facts);
    if (bar?.session === facts.asOfDate && D(bar.close).gt(0) && currency !== undefined && fx !== null) {
      quotes.set(symbol, { price: bar.close, currency, fx, date: bar.session });
    }
  }
  return quotes;
}

/** Listing currency for one unit of base (GBPUSD: dollars a pound); `1` when they are one, null without a rate. */
export function rateTo(
  currency: string,
  { account, market: { fx }, asOfDate }: Omit<PricingFacts, 'universe'>,
): string | null {
  if (currency === account.baseCurrency) return '1';
  return fx?.pair === `${account.baseCurrency}${currency}` && fx.date === asOfDate && D(fx.rate).gt(0) ? fx.rate : null;
}

/** Symbols of which the ledger holds units, by symbol. */
export const heldSymbols = ({ units }: DecisionFacts['ledger']): string[] =>
  Object.keys(units)
    .filter((symbol) => !D(units[symbol] ?? '0').isZero())
    .toSorted(byText);

/** Values cash and units at the quotes; the symbols that have none instead, when a held symbol cannot be valued. */
export function valuePortfolio(
  ledger: DecisionFacts['ledger'],
  quotes: ReadonlyMap<string, Quote>,
): { portfolio: Portfolio } | { unpriced: string[] } {
  const held = heldSymbols(ledger);
  const unpriced = held.filter((symbol) => !quotes.has(symbol));
  if (unpriced.length > 0) return { unpriced };
  const holdings = held.flatMap((symbol) => {
    const [units, quote] = [ledger.units[symbol], quotes.get(symbol)];
    return quote && units !== undefined ? [{ symbol, units: D(units), value: valueOf(units, quote) }] : [];
  });
  const cash = D(ledger.cash);
  return { portfolio: { cash, holdings, value: holdings.reduce((sum, { value }) => sum.plus(value), cash) } };
}
