import type { Knex } from 'knex';
import { bookDividendSchema } from '../../contract/bookings.js';
import { ratesFrom } from '../../db/quotes.js';
import { rateSources } from '../../domain/market/rates.js';
import { planDividend, type DividendMarket } from '../../domain/ledger/bookings/dividend.js';
import { listingCurrency } from '../../domain/policy/universe.js';
import type { Admitted } from '../installation.js';
import { actionsToBook } from './actions-to-book.js';
import { booking, type Booking } from './booking.js';
import { scopeOf } from './event-market.js';

/** A dividend: the stored one, or what the operator read off the broker. */
export const dividendBooking: Booking<typeof bookDividendSchema> = {
  operation: 'book-dividend',
  schema: bookDividendSchema,
  async prepare(db, by, dividend) {
    const market = await marketOf(db, by, dividend);
    const { account, today, isKnown } = scopeOf(by);
    return {
      action: 'dividend.booked',
      detail: dividend,
      plan: (entries) => planDividend(entries, { ...dividend, account, today, isKnown }, market),
    };
  },
};

/** Books a dividend once a symbol, ex-date and type. */
export const bookDividend = booking(dividendBooking);

/** What is stored, as far as the operator did not say it. */
async function marketOf(
  db: Knex,
  by: Admitted,
  {
    symbol,
    exDate,
    net,
    amount,
    fx,
  }: { symbol: string; exDate: string; net: string | null; amount: string | null; fx: string | null },
): Promise<DividendMarket> {
  const {
    account,
    configuration: { policy, universe },
  } = by;
  const rates =
    net === null && fx === null ? await ratesFrom(db, rateSources(policy), account.baseCurrency, exDate) : () => null;
  return {
    known: net === null && amount === null ? await actionsToBook(db, by, symbol, exDate) : { settled: [], holds: [] },
    currency: listingCurrency(universe, symbol),
    rateOf: (currency) => rates(currency, exDate),
  };
}
