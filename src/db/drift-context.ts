import { rateSources } from '../domain/market/rates.js';
import type { BookedEntry } from '../domain/ledger/sums.js';
import type { Policy } from '../domain/policy/policy.js';
import type { DriftContext } from '../domain/reconciliation/explain.js';
import type { Account, IsoDate } from '../domain/types.js';
import type { Db } from './connect.js';
import { knownActions } from './known-actions.js';
import { ratesFrom } from './quotes.js';
import { unconfirmedTickets } from './tickets.js';

/** Everything that may explain drift: known splits and dividends of what is held, rates, and unconfirmed tickets. */
export async function loadDriftContext(
  db: Db,
  {
    account,
    policy,
    entries,
    symbols,
    snapshotDate,
    asOfDate,
  }: {
    account: Account;
    policy: Policy;
    entries: BookedEntry[];
    symbols: string[];
    snapshotDate: IsoDate;
    asOfDate: IsoDate;
  },
): Promise<DriftContext> {
  const { settled } = await knownActions(db, policy, symbols, asOfDate);
  const fxOn = await ratesFrom(db, rateSources(policy), account.baseCurrency, snapshotDate);
  const tickets = await unconfirmedTickets(db, account.account);
  return {
    baseCurrency: account.baseCurrency,
    snapshotDate,
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
