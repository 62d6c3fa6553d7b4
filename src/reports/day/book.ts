import type { DayFacts } from './facts.js';
import type { PriceSeries } from '../../db/known-prices.js';
import { unbookedSplits } from '../../domain/ledger/bookings/split.js';
import { replayBook } from '../../domain/ledger/positions.js';
import { sharesOf, type ShareSplit } from '../../domain/ledger/shares.js';
import type { BookedEntry } from '../../domain/ledger/sums.js';
import { valueBook, type Quote, type UnitsAt, type ValuedBook } from '../../domain/ledger/valuation.js';
import { cleanRatio } from '../../domain/market/ratio.js';
import { D, toText } from '../../domain/money.js';

type Rates = DayFacts['rates'];

/** Splits of the ledger's holdings that prices show and nobody booked, but for those that wait for a ruling. */
export function splitsCounted({ ledger, splits, gates }: Pick<DayFacts, 'ledger' | 'splits' | 'gates'>): ShareSplit[] {
  const onHold = gates
    .flatMap(({ reasons }) => reasons)
    .filter(({ code }) => code === 'ACTION_NEEDS_REVIEW')
    .map(({ subject, evidence }) => `${subject} ${String(evidence['exDate'])}`);
  return unbookedSplits(ledger, splits)
    .filter(({ symbol, exDate }) => !onHold.includes(`${symbol} ${exDate}`))
    .map(({ symbol, exDate, value }) => ({ symbol, exDate, ratio: cleanRatio(value) }));
}

/**
 * A book at the close of the as-of date: positions with cost, value and profit, all in base currency.
 * @param splits nobody booked: they move no value.
 */
export function valuedBook(entries: BookedEntry[], facts: DayFacts, splits: readonly ShareSplit[] = []): ValuedBook {
  const base = facts.account.baseCurrency;
  const opening = quotes(facts.openingPrices, facts.openingRates, base);
  const report = replayBook(entries, base, (symbol) => {
    const quote = opening.get(symbol);
    return quote ? toText(D(quote.price).div(D(quote.fx))) : null;
  });
  const unitsAt: UnitsAt = (symbol, { date }) => sharesOf(entries, symbol, splits, date).units;
  return valueBook(report, quotes(facts.prices, facts.rates, base), splits.length === 0 ? undefined : unitsAt);
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
