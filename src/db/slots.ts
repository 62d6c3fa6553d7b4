import type { SlotRun } from '../domain/day/slots.js';
import type { Account, Instant, IsoDate, Slot } from '../domain/types.js';
import type { Db } from './connect.js';
import type { CamelRow, Row } from './tables.js';

/** Of a run under way null. */
type Result<Column extends 'outcome' | 'summary'> = { [C in Column]: Row<'run_results'>[C] | null };

export interface OpenedAccount extends Account {
  /** By the account's own clock, which may be simulated. */
  openedAt: Instant;
}

/** Every account with the instant of its opening. */
export async function openedAccounts(db: Db): Promise<OpenedAccount[]> {
  const rows = await db('accounts as a')
    .orderBy('a.account')
    .select<Row<'accounts'>[]>(
      'a.account',
      'a.base_currency',
      'a.clock',
      db.raw(
        `coalesce((select min(at) from audit_log l where l.action = 'account.opened' and l.subject = a.account), a.opened_at) as opened_at`,
      ),
    );
  return rows.map((row) => ({
    account: row.account,
    baseCurrency: row.base_currency,
    clock: row.clock,
    openedAt: row.opened_at,
  }));
}

export interface StoredSlotRun extends Omit<SlotRun, 'dead' | 'failure' | 'runId'> {
  runId: string;
  workflowId: string;
}

/** Runs of the account's slots from a trading day on, with their outcome. */
export async function slotRuns(db: Db, { account, clock }: Account, from: IsoDate): Promise<StoredSlotRun[]> {
  const rows = await db('runs as r')
    .leftJoin('run_results as o', 'o.run_id', 'r.run_id')
    .whereIn('r.slot', ['0800', '1400'])
    .where('r.trading_day', '>=', from)
    .where((mine) => void mine.whereRaw('? = any(r.accounts)', [account]).orWhereRaw(`r.accounts = '{}'`))
    .orderBy('r.seq')
    .select<
      (Pick<Row<'runs'>, 'run_id' | 'trading_day' | 'at' | 'recorded_at' | 'workflow_id'> &
        Result<'outcome'> & { slot: Slot })[]
    >('r.run_id', 'r.slot', 'r.trading_day', 'r.at', 'r.recorded_at', 'r.workflow_id', 'o.outcome');
  return rows.map((row) => ({
    runId: row.run_id,
    slot: row.slot,
    tradingDay: row.trading_day,
    workflowId: row.workflow_id,
    outcome: row.outcome,
    // On a real clock a run is recorded when it begins; its `at` may be the time it was scheduled for.
    beganAt: clock === 'real' ? row.recorded_at : row.at,
  }));
}

export interface LiveTicket extends CamelRow<
  'live_tickets',
  'ticket_id' | 'trading_day' | 'kind' | 'issued_at' | 'policy_hash'
> {
  confirmed: boolean;
}

/** The live ticket of each day of the account from a trading day on. */
export async function liveTickets(db: Db, account: string, from: IsoDate): Promise<LiveTicket[]> {
  const rows = await db('live_tickets as t').where({ account }).where('trading_day', '>=', from).select<
    (Pick<Row<'live_tickets'>, 'ticket_id' | 'trading_day' | 'kind' | 'issued_at' | 'policy_hash'> & {
      confirmed: boolean;
    })[]
  >('ticket_id', 'trading_day', 'kind', 'issued_at', 'policy_hash', db.raw('exists (select from confirmations c where c.ticket_id = t.ticket_id) as confirmed'));
  return rows.map((row) => ({
    ticketId: row.ticket_id,
    tradingDay: row.trading_day,
    kind: row.kind,
    issuedAt: row.issued_at,
    policyHash: row.policy_hash,
    confirmed: row.confirmed,
  }));
}

/** Whether anything is stored of the account's slot. */
export async function slotHasRun(
  db: Db,
  account: string,
  { tradingDay, slot }: { tradingDay: IsoDate; slot: Slot },
): Promise<boolean> {
  const row = await db('runs')
    .where({ trading_day: tradingDay, slot })
    .where((mine) => void mine.whereRaw('? = any(accounts)', [account]).orWhereRaw(`accounts = '{}'`))
    .first('run_id');
  return row !== undefined;
}

export interface SlotAlert {
  code: string;
  subject: string;
  recovered: boolean;
}

/** The newest alert of each condition of these codes, and whether it is over. */
export async function alertsOf(db: Db, account: string | null, codes: readonly string[]): Promise<SlotAlert[]> {
  const { rows } = await db.raw<{ rows: SlotAlert[] }>(
    `
    select distinct on (code, subject) code, subject,
      exists (select from alert_events event where event.alert_id = alert.alert_id and event.kind = 'RECOVERED') as recovered
      from alerts alert where account is not distinct from :account and code = any(:codes) order by code, subject, seq desc`,
    { account, codes: [...codes] } as never,
  );
  return rows;
}

/** The run that a slot of the account has: one that came to something before one that was missed, the newest first. */
export async function newestRunOfSlot(
  db: Db,
  account: string,
  { tradingDay, slot }: { tradingDay: IsoDate; slot: Slot },
): Promise<{ runId: string; at: Instant; outcome: string | null; summary: string | null } | undefined> {
  const row = await db('runs as r')
    .leftJoin('run_results as o', 'o.run_id', 'r.run_id')
    .where({ 'r.trading_day': tradingDay, 'r.slot': slot })
    .where((mine) => void mine.whereRaw('? = any(r.accounts)', [account]).orWhereRaw(`r.accounts = '{}'`))
    .orderByRaw(`(o.outcome = 'MISSED') nulls first, r.seq desc`)
    .first<(Pick<Row<'runs'>, 'run_id' | 'at'> & Result<'outcome' | 'summary'>) | undefined>(
      'r.run_id',
      'r.at',
      'o.outcome',
      'o.summary',
    );
  return row && { runId: row.run_id, at: row.at, outcome: row.outcome, summary: row.summary };
}
