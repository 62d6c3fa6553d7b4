import type { Policy } from '../domain/policy/policy.js';
import type { ExecutedStatus } from '../domain/confirmation/shape.js';
import type { Account, DecimalString, Instant, IsoDate, Reason, Side, TicketMaterial, UniverseRow } from '../domain/types.js';
import type { Db } from '../db/connect.js';
import { EVERYTHING, loadEquity, loadPrices, type Cutoff, type EquityPoint, type PriceSeries } from './market.js';
import { loadPolicy, loadUniverse } from '../db/configurations.js';

/** What artifacts are made from: each loader reads everything one artifact says, in a few set-based queries. */

export interface RunRow {
  runId: string; slot: '0800' | '1400' | 'ops'; tradingDay: IsoDate; asOfDate: IsoDate; at: Instant; workflowId: string;
  operator: string; policyHash: string; universeHash: string; outcome: string | null; summary: string | null;
}

export interface GateRow {
  account: string | null; gate: string; status: 'PASS' | 'FAIL'; reasons: Reason[]; evidence: Reason['evidence'];
}

export interface FetchRow {
  provider: string; kind: 'eod' | 'fx'; symbol: string; status: 'OK' | 'FAILED'; code: string | null; message: string | null;
  rowsRead: number; rowsNew: number; rowsRevised: number; lastSession: IsoDate | null;
  findings: { code: string; session: IsoDate; message: string }[];
}

export interface ValuationRow {
  account: string; baseCurrency: string; asOfDate: IsoDate; cash: DecimalString; positionsValue: DecimalString; equity: DecimalString;
  netFlows: DecimalString; equityIndex: DecimalString; peakIndex: DecimalString; fxRate: DecimalString | null;
}

export interface TicketRow {
  ticketId: string; account: string; baseCurrency: string; clock: 'real' | 'simulated'; tradingDay: IsoDate; asOfDate: IsoDate;
  kind: 'TRADE' | 'NO_TRADE'; dryRun: boolean; materialHash: string; material: TicketMaterial; reasons: (Reason & { gate?: string })[];
  runId: string; issuedAt: Instant; windowOpensAt: Instant | null; windowClosesAt: Instant | null; supersedes: string | null;
}

export interface FillRow {
  sequence: number; symbol: string; side: Side; executedStatus: ExecutedStatus; units: DecimalString | null;
  fillPrice: DecimalString | null; executedValueBase: DecimalString | null; filledAt: Instant | null; notes: string | null;
}

const RUN = `select r.run_id as "runId", r.slot, r.trading_day as "tradingDay", r.as_of_date as "asOfDate", r.at, r.workflow_id as "workflowId",
  r.operator, r.policy_hash as "policyHash", r.universe_hash as "universeHash", o.outcome, o.summary
  from runs r left join run_results o using (run_id)`;

const TICKET = `select t.ticket_id as "ticketId", t.account, a.base_currency as "baseCurrency", a.clock, t.trading_day as "tradingDay",
  t.as_of_date as "asOfDate", t.kind, t.dry_run as "dryRun", t.material_hash as "materialHash", t.material, t.reasons, t.run_id as "runId",
  t.issued_at as "issuedAt", t.window_opens_at as "windowOpensAt", t.window_closes_at as "windowClosesAt",
  t.supersedes_ticket_id as "supersedes"
  from tickets t join accounts a using (account)`;

const VALUATION = `v.account, a.base_currency as "baseCurrency", v.as_of_date as "asOfDate", v.cash::text, v.positions_value::text as "positionsValue",
  v.equity::text, v.net_flows::text as "netFlows", v.equity_index::text as "equityIndex", v.peak_index::text as "peakIndex", v.fx_rate::text as "fxRate"`;

/** Rows of a query; `?` takes the bindings in order. */
export async function rows<Row>(db: Db, sql: string, bindings: readonly (string | number | boolean | string[])[] = []): Promise<Row[]> {
  const result = (await db.raw(sql, bindings as never)) as { rows: Row[] };
  return result.rows;
}

export const findRunRow = async (db: Db, runId: string) => (await rows<RunRow>(db, `${RUN} where r.run_id = ?`, [runId]))[0];
export const findTicketRow = async (db: Db, ticketId: string) => (await rows<TicketRow>(db, `${TICKET} where t.ticket_id = ?`, [ticketId]))[0];

/** Gates as the run recorded them; `account` null gives all accounts', a name that account's and the shared ones. */
export const loadGates = (db: Db, runId: string, account: string | null = null) => rows<GateRow>(db, `
  select account, gate, status, reasons, evidence from gate_results
  where run_id = ? and (?::text is null or account is null or account = ?) order by gate_result_id`,
  [runId, account as string, account as string]);

export const loadFetches = (db: Db, runId: string) => rows<FetchRow>(db, `
  select provider, kind, symbol, status, code, message, rows_read as "rowsRead", rows_new as "rowsNew", rows_revised as "rowsRevised",
    last_session as "lastSession", findings from fetch_results where run_id = ? order by kind, provider, symbol`, [runId]);

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

/** Everything the run summary and the data-quality report of a run say; undefined for an unknown run. */
export async function loadRunFacts(db: Db, runId: string): Promise<RunFacts | undefined> {
  const run = await findRunRow(db, runId);
  if (!run) return undefined;
  const policy = await loadPolicy(db, run.policyHash);
  const cutoff: Cutoff = { kind: 'run', runId };
  const tickets = run.slot === '1400' ? await loadRunTickets(db, run) : [];
  const symbols = [...new Set(tickets.flatMap(({ material }) => material.lines.map(({ symbol }) => symbol)))];
  const [steps, gates, fetches, valuations, equity, prices] = await Promise.all([
    rows<RunFacts['steps'][number]>(db, 'select step, status, summary from run_steps where run_id = ? order by seq', [runId]),
    loadGates(db, runId),
    loadFetches(db, runId),
    rows<ValuationRow>(db, `select ${VALUATION} from valuations v join accounts a using (account) where v.run_id = ? order by v.account`, [runId]),
    loadEquity(db, { account: null, asOfDate: run.asOfDate, cutoff }),
    loadPrices(db, { source: policy.market_data.provider, symbols, asOfDate: run.asOfDate, cutoff }),
  ]);
  const accounts = Object.entries(policy.accounts).map(([account, { base_currency, clock }]) => ({ account, baseCurrency: base_currency, clock }));
  return { run, steps, gates, fetches, valuations, tickets, equity, prices, accounts };
}

/** The tickets a 14:00 run gave: issued by it, or found standing when it asked. */
const loadRunTickets = (db: Db, run: RunRow) => rows<TicketRow>(db, `
  ${TICKET} where t.ticket_id in (
    select distinct on (n.account) n.ticket_id from tickets n
     where n.trading_day = ? and n.seq <= coalesce((select seq from run_results where run_id = ?), ${EVERYTHING})
       and exists (select from gate_results g where g.run_id = ? and g.account = n.account)
     order by n.account, n.seq desc)
  order by t.account`, [run.tradingDay, run.runId, run.runId]);

export interface TicketFacts {
  ticket: TicketRow;
  gates: GateRow[];
  /** Split-adjusted closes of the ticket's symbols, from the facts pinned to the ticket. */
  prices: PriceSeries[];
  policy: Policy;
  universe: UniverseRow[];
}

/** Everything a ticket says; undefined for an unknown one. Only facts that never change after it was issued. */
export async function loadTicketFacts(db: Db, ticketId: string): Promise<TicketFacts | undefined> {
  const ticket = await findTicketRow(db, ticketId);
  if (!ticket) return undefined;
  const policy = await loadPolicy(db, ticket.material.policyHash);
  const [gates, universe, prices] = await Promise.all([
    loadGates(db, ticket.runId, ticket.account),
    loadUniverse(db, ticket.material.universeHash),
    loadPrices(db, {
      source: policy.market_data.provider, symbols: ticket.material.lines.map(({ symbol }) => symbol),
      asOfDate: ticket.asOfDate, cutoff: { kind: 'ticket', ticketId },
    }),
  ]);
  return { ticket, gates, prices, policy, universe };
}

export interface AlertRow {
  alertId: string; account: string | null; tradingDay: IsoDate | null; code: string; subject: string; message: string; remedy: string; evidence: object; raisedAt: Instant;
}

export const findAlertRow = async (db: Db, alertId: string): Promise<AlertRow | undefined> => (await rows<AlertRow>(db, `
  select alert_id as "alertId", account, trading_day as "tradingDay", code, subject, message, remedy, evidence, raised_at as "raisedAt" from alerts where alert_id = ?`, [alertId]))[0];

/** Id of the newest ticket, of any account, that was decided on an as-of date's prices. */
export const newestTicketOf = async (db: Db, asOfDate: IsoDate): Promise<string | undefined> => (await rows<{ id: string }>(db,
  'select ticket_id as id from tickets where as_of_date = ? order by seq desc limit 1', [asOfDate]))[0]?.id;

export { RUN, TICKET, VALUATION };
