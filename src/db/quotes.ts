import type { Quote } from '../domain/ledger/valuation.js';
import { D, toText } from '../domain/money.js';
import { rateSources } from '../domain/market/rates.js';
import type { Policy } from '../domain/policy/policy.js';
import type { DecimalString, IsoDate } from '../domain/types.js';
import type { Db } from './connect.js';
import { answeredAs, ask, askTogether, rowsQuestion, type Question } from './questions.js';
import type { Row } from './tables.js';

/** Listing currency for one of base on a date: the newest rate up to it, or null; also where that is too old. */
export type RateLookup = (currency: string, date: IsoDate, notBefore?: IsoDate) => DecimalString | null;

/**
 * Rates from the base currency into every other, up to a date: of each date the first source's that has one, its
 * newest.
 */
export const ratesFrom = (db: Db, sources: readonly string[], baseCurrency: string, to: IsoDate): Promise<RateLookup> =>
  ask(db, ratesQuestion(db, sources, baseCurrency, to));

function ratesQuestion(db: Db, sources: readonly string[], baseCurrency: string, to: IsoDate): Question<RateLookup> {
  const asked = rowsQuestion<Pick<Row<'fx_rates'>, 'pair' | 'date' | 'rate'>>(
    db,
    `
    select distinct on (date, pair) pair, date, rate::text as rate from fx_rates
    where source = any(?::text[]) and starts_with(pair, ?) and date <= ?
    order by date desc, pair, array_position(?::text[], source), fx_rate_id desc`,
    [[...sources], baseCurrency, to, [...sources]],
  );
  return answeredAs(asked, (found) => (currency, date, notBefore) => {
    if (currency === baseCurrency) return '1';
    const rate = found.find((row) => row.pair === `${baseCurrency}${currency}` && row.date <= date);
    return rate && (notBefore === undefined || rate.date >= notBefore) ? toText(D(rate.rate)) : null;
  });
}

/**
 * The newest close of each symbol up to a date with the rate of its session, for people to look at: each quote says of
 * which date it is. What is decided on uses quotes of exactly the as-of date instead.
 */
export async function newestQuotes(
  db: Db,
  { policy, baseCurrency, symbols, to }: { policy: Policy; baseCurrency: string; symbols: string[]; to: IsoDate },
): Promise<Map<string, Quote>> {
  const [closes, fxOn] = await askTogether(
    db,
    rowsQuestion<Pick<Row<'bars'>, 'symbol' | 'session' | 'close' | 'currency'>>(
      db,
      `
    select s.symbol, b.session, b.close::text as close, b.currency from unnest(?::text[]) as s(symbol) cross join lateral (
      select * from bars where source = ? and bars.symbol = s.symbol and session <= ? order by session desc limit 1) b`,
      [symbols, policy.market_data.provider, to],
    ),
    ratesQuestion(db, rateSources(policy), baseCurrency, to),
  );
  return new Map(
    closes.flatMap(({ symbol, session, close, currency }): [string, Quote][] => {
      const fx = fxOn(currency, session);
      return fx === null ? [] : [[symbol, { price: toText(D(close)), currency, fx, date: session }]];
    }),
  );
}
