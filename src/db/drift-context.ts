import type { BookedEntry } from '../domain/ledger/sums.js';
import { actionsAsRuled } from '../domain/ledger/actions.js';
import { D, toText } from '../domain/money.js';
import type { Policy } from '../domain/policy.js';
import type { DriftContext } from '../domain/reconciliation/explain.js';
import type { Account, DecimalString, IsoDate } from '../domain/types.js';
import { listActions, listRulings } from './actions.js';
import type { Db } from './connect.js';
import { unconfirmedTickets } from './tickets.js';

/** Rates of every pair from the base currency up to a date: looked up by date, newest first. */
export async function ratesFrom(db: Db, source: string, baseCurrency: string, to: IsoDate): Promise<DriftContext['fxOn']> {
  const { rows } = (await db.raw(`
    select distinct on (pair, date) pair, date, rate::text as rate from fx_rates
    where source = ? and pair like ? and date <= ? order by pair, date desc, fx_rate_id desc`, [source, `${baseCurrency}%`, to])) as {
    rows: { pair: string; date: IsoDate; rate: string }[];
  };
  return (currency: string, date: IsoDate): DecimalString | null => {
    const found = rows.find((row) => row.pair === `${baseCurrency}${currency}` && row.date <= date);
    return found ? toText(D(found.rate)) : null;
  };
}

/** Everything that may explain drift: known splits and dividends of what is held, rates, and unconfirmed tickets. */
export async function loadDriftContext(
  db: Db, { account, policy, entries, symbols, snapshotDate, flags }: {
    account: Account; policy: Policy; entries: BookedEntry[]; symbols: string[]; snapshotDate: IsoDate; flags: string;
  },
): Promise<DriftContext> {
  const [actions, rulings, fxOn, tickets] = [
    await listActions(db, { source: policy.market_data.provider, symbols, to: snapshotDate }),
    await listRulings(db, symbols),
    await ratesFrom(db, policy.market_data.fx_provider, account.baseCurrency, snapshotDate),
    await unconfirmedTickets(db, account.account),
  ];
  return {
    baseCurrency: account.baseCurrency, snapshotDate, entries, fxOn, flags,
    actions: actionsAsRuled(actions, rulings),
    openTickets: tickets.filter((ticket) => ticket.kind === 'TRADE' && !ticket.dryRun)
      .map(({ ticketId, material }) => ({ ticketId, lines: material.lines, fx: material.fx?.rate ?? '1' })),
    cashTolerance: String(policy.reconciliation.cash_tolerance), unitsTolerance: String(policy.reconciliation.units_tolerance),
  };
}
