import type { Knex } from 'knex';
import { peakSinceReset } from '../domain/ledger/equity.js';
import { flowsOf, type FlowEntry } from '../domain/ledger/flows.js';
import { D, toText } from '../domain/money.js';
import type { DecimalString, IsoDate } from '../domain/types.js';
import type { Db } from './connect.js';

export interface Valuation {
  account: string;
  asOfDate: IsoDate;
  runId: string;
  cash: DecimalString;
  positionsValue: DecimalString;
  equity: DecimalString;
  /** Deposits less withdrawals since the previous valuation, baselines included. */
  netFlows: DecimalString;
  equityIndex: DecimalString;
  /** Highest index so far. */
  peakIndex: DecimalString;
  fxRate: DecimalString | null;
  /** Newest ledger entry in it. */
  lastEntryId: number;
}

/** Records a valuation; the first of an account, as-of date and run stands. @returns whether it was recorded now. */
export async function insertValuation(db: Db, valuation: Valuation): Promise<boolean> {
  return ((await newValuation(db, valuation)) as unknown[]).length > 0;
}

/** The insert of a valuation, to be made together with its step. */
export const newValuation = (db: Db, valuation: Valuation): Knex.QueryBuilder =>
  db('valuations')
    .insert({
      account: valuation.account,
      as_of_date: valuation.asOfDate,
      run_id: valuation.runId,
      cash: valuation.cash,
      positions_value: valuation.positionsValue,
      equity: valuation.equity,
      net_flows: valuation.netFlows,
      equity_index: valuation.equityIndex,
      peak_index: valuation.peakIndex,
      fx_rate: valuation.fxRate,
      last_entry_id: valuation.lastEntryId,
    })
    .onConflict(['account', 'as_of_date', 'run_id'])
    .ignore()
    .returning('run_id');

interface ValuationRow {
  as_of_date: IsoDate;
  equity: string;
  equity_index: string;
  peak_index: string;
  reset_since: boolean;
  last_entry_id: number;
}

const text = (value: string) => toText(D(value));

const RESET_SINCE = `
  exists (select from kill_switch_events k where k.account = valuations.account and k.event = 'RESET' and k.seq > valuations.seq) as reset_since`;

/**
 * The valuation the equity index continues from: the one recorded last of the newest as-of date up to `upTo`; or null.
 * Its peak counts from the newest reset of the kill switch.
 * @param before leaves out valuations of this as-of date and later, for a run that values the same close again.
 */
export async function latestValuation(
  db: Db,
  account: string,
  upTo: IsoDate,
  before?: IsoDate,
): Promise<Pick<Valuation, 'asOfDate' | 'equity' | 'equityIndex' | 'peakIndex' | 'lastEntryId'> | null> {
  const query = db('valuations').where({ account }).where('as_of_date', '<=', upTo);
  if (before !== undefined) void query.where('as_of_date', '<', before);
  const row = await query
    .orderBy([
      { column: 'as_of_date', order: 'desc' },
      { column: 'seq', order: 'desc' },
    ])
    .first<ValuationRow | undefined>(
      'as_of_date',
      'equity',
      'equity_index',
      'peak_index',
      db.raw(RESET_SINCE),
      'last_entry_id',
    );
  if (!row) return null;
  const index = { equityIndex: text(row.equity_index), peakIndex: text(row.peak_index) };
  return {
    asOfDate: row.as_of_date,
    equity: text(row.equity),
    ...index,
    peakIndex: peakSinceReset(index, row.reset_since),
    lastEntryId: row.last_entry_id,
  };
}

const FLOW_ENTRIES = `
  select e.kind, reversed.kind as "reversedKind", (
    select jsonb_agg(jsonb_build_object('account', p.ledger_account, 'commodity', p.commodity, 'amount', p.amount::text) order by p.line_no)
      from postings p where p.entry_id = e.entry_id) as postings
  from journal_entries e left join journal_entries reversed on reversed.entry_id = e.reverses_entry_id
  where e.account = ? and e.book = 'ledger' and e.entry_id > ? and e.entry_id <= ? order by e.entry_id`;

/**
 * What came in and went out without being profit or loss, between two entries of the ledger (the first excluded): cash
 * in base currency, and units by symbol that a baseline set right, to be valued by the caller.
 */
export async function flowsBetween(
  db: Db,
  account: string,
  afterEntryId: number,
  throughEntryId: number,
): Promise<{ cash: DecimalString; units: Record<string, DecimalString> }> {
  const { rows } = await db.raw<{ rows: FlowEntry[] }>(FLOW_ENTRIES, [account, afterEntryId, throughEntryId]);
  return flowsOf(rows);
}
