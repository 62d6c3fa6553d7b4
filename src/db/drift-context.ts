import { rateSources } from '../domain/market/rates.js';
import type { BookedEntry } from '../domain/ledger/sums.js';
import type { Policy } from '../domain/policy/policy.js';
import { driftContextOf, type DriftContext } from '../domain/reconciliation/drift-context.js';
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
  return driftContextOf({
    baseCurrency,
    snapshotDate,
    asOfDate,
    entries,
    fxOn,
    actions: settled,
    ...(await driftsOf(db, account.account)),
    policy,
    universe,
    quotes,
    unconfirmed: await unconfirmedTickets(db, account.account),
  });
}
