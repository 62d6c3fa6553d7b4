import type { Asker } from '../../contract/asker.js';
import { bookDividendSchema, type BookDividend } from '../../contract/bookings.js';
import { parseInput } from '../../contract/reading.js';
import { ratesFrom } from '../../db/quotes.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import { rateSources } from '../../domain/market/rates.js';
import { planDividend, type DividendMarket } from '../../domain/ledger/bookings/dividend.js';
import { listingCurrency } from '../../domain/policy/universe.js';
import { admitToBooks } from '../accounts/admit.js';
import type { Admitted, Installation } from '../installation.js';
import { bookPlanned, type Booked } from './book-planned.js';
import { actionsToBook } from './actions-to-book.js';
import { scopeOf } from './event-market.js';

/**
 * Books a dividend once a symbol, ex-date and type: from the stored action, or from what the operator read off the
 * broker.
 */
export function bookDividend(installation: Installation, asker: Asker, input: BookDividend): Promise<Outcome<Booked>> {
  return outcomeOf(async () => {
    const { account, ...dividend } = parseInput(bookDividendSchema, input);
    const by = await admitToBooks(installation, asker, {
      purpose: 'booking',
      account,
      content: { operation: 'book-dividend', ...dividend },
    });
    const market = await marketOf(installation, by, dividend);
    const { account: owner, today, isKnown } = scopeOf(by);
    const command = { ...dividend, account: owner, today, isKnown };
    return bookPlanned(installation.db, by, { action: 'dividend.booked', detail: dividend }, (entries) =>
      planDividend(entries, command, market),
    );
  });
}

/** What is stored, as far as the operator did not say it. */
async function marketOf(
  { db }: Installation,
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
