import { rateSources } from '../domain/market/rates.js';
import type { BookedEntry } from '../domain/ledger/sums.js';
import type { Policy } from '../domain/policy/policy.js';
import type { DriftContext } from '../domain/reconciliation/drift-context.js';
import { D, toText } from '../domain/money.js';
import { listingCurrency } from '../domain/policy/universe.js';
import type { Account, IsoDate, UniverseRow } from '../domain/types.js';
import type { Db } from './connect.js';
import { knownActionsAtHand } from './known-actions.js';
import { newestQuotes, ratesFrom } from './quotes.js';
import { driftsOf } from './reconciliations.js';
import { unconfirmedTickets } from './tickets.js';

/** Everything that may explain drift: known splits and dividends of what is held, rates, and unconfirmed tickets. */
export async function loadDriftContext(
  db: Db,
  {
    account,
    policy,
    universe,
    entries,
    symbols,
    snapshotDate,
    asOfDate,
  }: {
    account: Account;
    policy: Policy;
    universe: readonly UniverseRow[];
    entries: BookedEntry[];
    symbols: string[];
    snapshotDate: IsoDate;
    asOfDate: IsoDate;
  },
): Promise<DriftContext> {
  const { settled } = await knownActionsAtHand(db, policy, symbols, asOfDate);
  const { baseCurrency } = account;
  const fxOn = await ratesFrom(db, rateSources(policy), baseCurrency, snapshotDate);
  const quotes = await newestQuotes(db, { policy, baseCurrency, symbols, to: asOfDate });
  const tickets = await unconfirmedTickets(db, account.account);
  return {
    baseCurrency,
    snapshotDate,
    ...(await driftsOf(db, account.account)),
    known: universe.map(({ internalSymbol }) => internalSymbol),
    listedIn: (symbol) => listingCurrency(universe, symbol),
    worthOf: (symbol) => {
      const quote = quotes.get(symbol);
      return quote ? toText(D(quote.price).div(D(quote.fx))) : null;
    },
    lastClose: (symbol) => quotes.get(symbol)?.date ?? null,
    asOfDate,
    entries,
    fxOn,
    actions: settled,
    openTickets: tickets
      .filter((ticket) => ticket.kind === 'TRADE' && !ticket.dryRun)
      .map(({ ticketId, material }) => ({ ticketId, lines: material.lines, fx: material.fx?.rate ?? '1' })),
    cashTolerance: String(policy.reconciliation.cash_tolerance),
    unitsTolerance: String(policy.reconciliation.units_tolerance),
  };
}
