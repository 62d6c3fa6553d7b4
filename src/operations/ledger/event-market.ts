import type { Knex } from 'knex';
import { storedHistories } from '../../db/market-facts.js';
import { ratesFrom } from '../../db/quotes.js';
import { asOfDate, tradingDayOf } from '../../domain/calendar/calendar.js';
import type { ListingRate } from '../../domain/ledger/bookings/proceeds.js';
import { firstValuesIn, type FirstValues } from '../../domain/ledger/bookings/stock-merger.js';
import { rateSources } from '../../domain/market/rates.js';
import { D, toText } from '../../domain/money.js';
import { listingCurrency } from '../../domain/policy/universe.js';
import type { Account, Bar, IsoDate } from '../../domain/types.js';
import type { Admitted } from '../installation.js';

/**
 * The account, its dates, and which symbols anybody can price: what every booking of a company's doing is decided
 * by.
 */
export function scopeOf({ account, at, configuration: { policy, universe } }: Admitted): {
  account: Account;
  today: IsoDate;
  asOfDate: IsoDate;
  isKnown(symbol: string): boolean;
  isBenchmark(symbol: string): boolean;
} {
  const today = tradingDayOf(at);
  const known = new Set(universe.map(({ internalSymbol }) => internalSymbol));
  const benchmarks = new Set(
    universe.flatMap(({ kind, internalSymbol }) => (kind === 'benchmark' ? internalSymbol : [])),
  );
  return {
    account,
    today,
    asOfDate: asOfDate(today, policy.calendar),
    isKnown: (symbol) => known.has(symbol),
    isBenchmark: (symbol) => benchmarks.has(symbol),
  };
}

/**
 * The listing's currency, and its stored rate of a date or before: looked up where an amount a share is to be
 * converted.
 */
export async function rateFor(
  db: Knex,
  { account, configuration: { policy, universe } }: Admitted,
  { symbol, date, amount, fx }: { symbol: string; date: IsoDate; amount: string | null; fx: string | null },
): Promise<ListingRate> {
  const currency = listingCurrency(universe, symbol);
  if (amount === null || fx !== null) return { currency, fx: null };
  const rates = await ratesFrom(db, rateSources(policy), account.baseCurrency, date);
  return { currency, fx: rates(currency, date) };
}

/** Whether a close of that date is stored. */
export async function hasClose(db: Knex, by: Admitted, symbol: string, date: IsoDate): Promise<boolean> {
  const [bars] = await barsOf(db, by, [symbol], { from: date, to: date });
  return bars !== undefined && bars.length > 0;
}

/**
 * What a share of each is worth in base currency at the first session from the date on that has a close of both, up
 * to the as-of date; null where there is none. Without `from` only the new shares are looked at.
 */
export async function firstValues(
  db: Knex,
  by: Admitted,
  { from, to, date }: { from?: string; to: string; date: IsoDate },
): Promise<FirstValues | null> {
  const {
    account,
    configuration: { policy, universe },
  } = by;
  const until = scopeOf(by).asOfDate;
  if (date > until) return null;
  const [news = [], olds = []] = await barsOf(db, by, from === undefined ? [to] : [to, from], {
    from: date,
    to: until,
  });
  const rates = await ratesFrom(db, rateSources(policy), account.baseCurrency, until);
  return firstValuesIn({ news, olds: from === undefined ? null : olds }, ({ symbol, session, close }) => {
    const fx = rates(listingCurrency(universe, symbol), session);
    return fx === null ? null : toText(D(close).div(D(fx)));
  });
}

async function barsOf(
  db: Knex,
  { configuration: { policy } }: Admitted,
  symbols: string[],
  window: { from: IsoDate; to: IsoDate },
): Promise<Bar[][]> {
  const { histories } = await storedHistories(db, { source: policy.market_data.provider, symbols, ...window });
  return histories.map(({ bars }) => bars);
}
