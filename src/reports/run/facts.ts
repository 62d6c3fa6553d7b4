import type { Account } from '../../domain/types.js';
import type { Db } from '../../db/connect.js';
import { askTogether } from '../../db/questions.js';
import { loadPolicy } from '../../db/configurations.js';
import { EVERYTHING, type Cutoff } from '../facts-cutoff.js';
import { fetchesQuestion, type FetchRow } from '../facts-fetches.js';
import { gatesQuestion, type GateRow } from '../facts-gates.js';
import { pricesQuestion, type PriceSeries } from '../facts-prices.js';
import { rows, rowsQuestion } from '../facts-query.js';
import { findRunRow, type RunRow } from '../facts-runs.js';
import { TICKET, type TicketRow } from '../facts-tickets.js';
import { equityQuestion, VALUATION, type EquityPoint, type ValuationRow } from '../facts-values.js';

export interface RunFacts {
  run: RunRow;
  steps: { step: string; status: string; summary: string }[];
  gates: GateRow[];
  fetches: FetchRow[];
  valuations: ValuationRow[];
  tickets: TicketRow[];
  /** Equity of every account up to the as-of date, oldest first. */
  equity: EquityPoint[];
  /** Closes of the symbols of this run's tickets, split-adjusted to the as-of date. */
  prices: PriceSeries[];
  /** Accounts of the run's policy. */
  accounts: Account[];
}

/** Everything the summary of a run says; undefined for an unknown run. */
export async function loadRunFacts(db: Db, runId: string): Promise<RunFacts | undefined> {
  const run = await findRunRow(db, runId);
  if (!run) return undefined;
  const policy = await loadPolicy(db, run.policyHash);
  const cutoff: Cutoff = { kind: 'run', runId };
  const tickets = run.slot === '1400' ? await loadRunTickets(db, run) : [];
  const symbols = [...new Set(tickets.flatMap(({ material }) => material.lines.map(({ symbol }) => symbol)))];
  const steps = 'select step, status, summary from run_steps where run_id = ? order by seq';
  const [done, gates, fetches, valuations, equity, prices] = await askTogether(
    db,
    rowsQuestion<RunFacts['steps'][number]>(db, steps, [runId]),
    gatesQuestion(db, runId),
    fetchesQuestion(db, runId),
    rowsQuestion<ValuationRow>(
      db,
      `select ${VALUATION} from valuations v join accounts a using (account) where v.run_id = ? order by v.account`,
      [runId],
    ),
    equityQuestion(db, { account: null, asOfDate: run.asOfDate, cutoff }),
    pricesQuestion(db, { source: policy.market_data.provider, symbols, asOfDate: run.asOfDate, cutoff }),
  );
  const accounts = Object.entries(policy.accounts).map(([account, { base_currency, clock }]) => ({
    account,
    baseCurrency: base_currency,
    clock,
  }));
  return { run, steps: done, gates, fetches, valuations, tickets, equity, prices, accounts };
}

/** The tickets a 14:00 run gave: issued by it, or found standing when it asked. */
const loadRunTickets = (db: Db, run: RunRow) =>
  rows<TicketRow>(
    db,
    `
  ${TICKET} where t.ticket_id in (
    select distinct on (n.account) n.ticket_id from tickets n
     where n.trading_day = ? and n.seq <= coalesce((select seq from run_results where run_id = ?), ${EVERYTHING})
       and exists (select from gate_results g where g.run_id = ? and g.account = n.account)
     order by n.account, n.seq desc)
  order by t.account`,
    [run.tradingDay, run.runId, run.runId],
  );
