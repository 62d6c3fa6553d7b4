import type { DayFacts } from './facts.js';
import type { PriceSeries } from '../../db/known-prices.js';
import { replayBook } from '../../domain/ledger/positions.js';
import type { BookedEntry } from '../../domain/ledger/sums.js';
import { valueBook, type Quote, type ValuedBook } from '../../domain/ledger/valuation.js';
import { D, toText } from '../../domain/money.js';

type Rates = DayFacts['rates'];

/** A book at the close of the as-of date: positions with cost, value and profit, all in base currency. */
export function valuedBook(entries: BookedEntry[], facts: DayFacts): ValuedBook {
  const base = facts.account.baseCurrency;
  const opening = quotes(facts.openingPrices, facts.openingRates, base);
  const report = replayBook(entries, base, (symbol) => {
    const quote = opening.get(symbol);
    return quote ? toText(D(quote.price).div(D(quote.fx))) : null;
  });
  return valueBook(report, quotes(facts.prices, facts.rates, base));
}

/** The newest close of each symbol with what converts it; a symbol without price or rate has none. */
function quotes(prices: PriceSeries[], rates: Rates, base: string): Map<string, Quote> {
  return new Map(
    prices.flatMap(({ symbol, currency, points }): [string, Quote][] => {
      const last = points.at(-1);
      const fx = currency === base ? '1' : rates[currency]?.rate;
      return last && fx ? [[symbol, { price: last.close, currency, fx, date: last.session }]] : [];
    }),
  );
}
