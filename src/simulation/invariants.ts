import type { Knex } from 'knex';
import { inView } from '../db/transaction.js';
import { auditBreaks, auditHead } from '../db/audit.js';
import { liveTickets, openedAccounts, slotRuns } from '../db/slots.js';
import { tradingDayOf } from '../domain/calendar/calendar.js';
import { BUY_VALUE_TOLERANCE, SELL_UNITS_TOLERANCE } from '../domain/confirmation/checks.js';
import { isPastWindow, slotStandings, type SlotPolicy } from '../domain/day/slots.js';
import type { GateName, Instant } from '../domain/types.js';

/** What must never be broken, whatever fails when (docs/RULES.md 8). */
export type InvariantName = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7';

export interface Violation {
  invariant: InvariantName;
  /** Account and what it is about: a day, a ticket, a commodity, an audit record. */
  subject: string;
  problem: string;
}

export interface AuditHead {
  seq: number;
  hash: string;
}

/** Every gate that a TRADE ticket needs a PASS of. */
const REQUIRED: readonly GateName[] = [
  'calendar',
  'data_quality',
  'reconciliation',
  'confirmation',
  'books',
  'universe',
  'ledger',
  'kill_switch',
  'cadence',
  'risk',
  'trading_mode',
  'sizing',
];

interface Row {
  subject: string;
  problem: string;
}

const IN_FORCE = `
  in_force as (select c.* from confirmations c where not exists (select from confirmations n where n.amends_confirmation_id = c.confirmation_id)),
  accepted as (
    select t.account, f.* from fills f join in_force c using (confirmation_id) join tickets t on t.ticket_id = c.ticket_id
    where f.executed_status in ('DONE', 'PARTIAL') and not t.dry_run)`;

/** I1: a day has one live ticket, and no closed day is without one unless its 14:00 run was missed. */
const ONE_TICKET = `
  select account || ' ' || trading_day as subject, count(*) || ' live tickets' as problem
    from live_tickets group by account, trading_day having count(*) > 1
  union all
  select e.account || ' ' || e.trading_day, 'closed without a ticket' from day_events e
   where e.event = 'CLOSED' and not exists (select from live_tickets t where t.account = e.account and t.trading_day = e.trading_day)
     and not exists (select from runs r join run_results o using (run_id)
                      where r.trading_day = e.trading_day and r.slot = '1400' and e.account = any(r.accounts) and o.outcome = 'MISSED')`;

/**
 * I2: behind every TRADE stands a PASS of every gate, of that run and as-of date, and nothing but PASSes. A ticket whose facts were
 * pinned before the gate `books` existed needs none of that one.
 */
const GATES_PASSED = `
  select t.account || ' ' || t.ticket_id as subject, 'TRADE with ' || g.passed || ' of ' || :required || ' gates passed, ' || g.others || ' failed or of another date' as problem
    from tickets t cross join lateral (
      select count(distinct gate) filter (where status = 'PASS' and as_of_date = t.as_of_date and gate = any(:gates)) as passed,
             coalesce(bool_or(gate = 'books'), false) as books,
             count(*) filter (where status <> 'PASS' or as_of_date <> t.as_of_date) as others
        from gate_results where run_id = t.run_id and (account is null or account = t.account)) g
   where t.kind = 'TRADE' and (g.others > 0 or case when g.passed >= :required then false
     else g.books or g.passed < :required - 1 or exists (select from ticket_facts f where f.ticket_id = t.ticket_id and f.facts -> 'books' is not null) end)`;

/** I3: cash and units are the opening, the movements and the accepted fills, to the last digit. */
const SUMS_AGREE = `
  with ${IN_FORCE},
  entries as (
    select e.*, coalesce(r.kind, e.kind) as origin from journal_entries e left join journal_entries r on r.entry_id = e.reverses_entry_id where e.book = 'ledger'),
  assets as (
    select e.account, e.origin, p.commodity, p.amount from entries e join postings p using (entry_id)
    where p.ledger_account in ('Assets:Cash', 'Assets:Units')),
  expected as (
    select account, commodity, amount from assets where origin <> 'FILL'
    union all select account, symbol, case side when 'BUY' then units else -units end from accepted
    union all select a.account, base_currency, case side when 'BUY' then -executed_value_base else executed_value_base end from accepted a join accounts using (account)),
  sums as (
    select account, commodity, sum(booked) as booked, sum(told) as told from (
      select account, commodity, amount as booked, 0 as told from assets
      union all select account, commodity, 0, amount from expected) both_sides group by 1, 2)
  select account || ' ' || commodity as subject, 'the ledger says ' || booked || ', opening, movements and fills say ' || told as problem
    from sums where booked <> told`;

/** I5: one confirmation in force a ticket, booked once, and what an amendment replaced is reversed. */
const CONFIRMED_ONCE = `
  with ${IN_FORCE},
  booked as (
    select e.confirmation_id, count(*) as entries, count(r.entry_id) as reversed
      from journal_entries e left join journal_entries r on r.reverses_entry_id = e.entry_id
     where e.kind = 'FILL' group by 1),
  reported as (select confirmation_id, count(*) as fills from fills where executed_status in ('DONE', 'PARTIAL') group by 1)
  select 'ticket ' || ticket_id as subject, count(*) || ' confirmations in force' as problem from in_force group by ticket_id having count(*) > 1
  union all
  select 'confirmation ' || c.confirmation_id, coalesce(r.fills, 0) || ' executed fills, ' || coalesce(b.entries, 0) || ' entries, ' || coalesce(b.reversed, 0) || ' of them reversed'
    from confirmations c left join booked b using (confirmation_id) left join reported r using (confirmation_id)
   where coalesce(b.entries, 0) <> coalesce(r.fills, 0)
      or coalesce(b.reversed, 0) <> case when exists (select from in_force f where f.confirmation_id = c.confirmation_id) then 0 else coalesce(b.entries, 0) end`;

/** I6: a slot that was missed has an alert, and is recorded as missed once. */
const MISSED_TOLD = `
  with missed as (
    select account, r.trading_day, r.slot from runs r join run_results o using (run_id) cross join unnest(r.accounts) as account where o.outcome = 'MISSED')
  select account || ' ' || trading_day || ' ' || slot as subject, 'MISSED without an alert' as problem from missed m
   where not exists (select from alerts a where a.account = m.account and a.code = 'RUN_MISSED' and a.subject = m.trading_day || '/' || m.slot)
  union all
  select account || ' ' || trading_day || ' ' || slot, count(*) || ' records of MISSED' from missed group by account, trading_day, slot having count(*) > 1`;

/** I6: every slot whose window is over has an outcome. */
async function slotsSettled(db: Knex, { account, policy, now }: SlotScope): Promise<Violation[]> {
  const opened = (await openedAccounts(db)).find((known) => known.account === account);
  if (!opened) return [];
  const from = tradingDayOf(opened.openedAt);
  const [stored, tickets] = [await slotRuns(db, opened, from), await liveTickets(db, account, from)];
  const runs = stored.map((run) => ({ ...run, dead: false, failure: null }));
  return slotStandings({ account, openedAt: opened.openedAt, policy, runs, tickets, now })
    .filter((slot) => isPastWindow(slot, now, policy) && (slot.outcome === null || !slot.recorded))
    .map(({ tradingDay, slot, state }) => ({
      subject: `${account} ${tradingDay} ${slot}`,
      problem: `is ${state} after its window, without a record of its outcome`,
    }))
    .map(named('I6'));
}

/** I7: never short, never more than the ticket said, never a symbol nobody knows. */
const NO_SURPRISES = `
  with ${IN_FORCE},
  running as (
    select e.account, e.book, e.entry_id, p.commodity, sum(p.amount) over (partition by e.account, e.book, p.commodity order by e.entry_id, p.line_no) as units
      from journal_entries e join postings p using (entry_id) where p.ledger_account = 'Assets:Units')
  select account || ' ' || commodity as subject, min(units) || ' units in the ' || book as problem from running group by account, book, commodity having min(units) < 0
  union all
  select account || ' ' || commodity, 'is not in the universe' from running group by account, commodity having commodity <> all(:symbols)
  union all
  select 'ticket ' || t.ticket_id || ' line ' || f.sequence, 'filled ' || f.side || ' ' || f.units || ' ' || f.symbol || ' for ' || f.executed_value_base
    from fills f join in_force c using (confirmation_id) join tickets t on t.ticket_id = c.ticket_id
    left join ticket_lines l on l.ticket_id = t.ticket_id and l.sequence = f.sequence
   where f.executed_status in ('DONE', 'PARTIAL') and (l.symbol is distinct from f.symbol or l.side is distinct from f.side
      or f.units > l.units + cast(:unitsOver as numeric)
      or f.executed_value_base > l.value_base + greatest(l.value_base * cast(:valueOverFraction as numeric), cast(:valueOver as numeric)))`;

/** I4: records are only ever added, and each carries the hash of the one before. */
async function auditIntact(db: Knex, known: AuditHead | null): Promise<Violation[]> {
  const breaks = await auditBreaks(db);
  const kept =
    known === null
      ? undefined
      : await db('audit_log').where({ seq: known.seq }).first<{ hash: string } | undefined>('hash');
  const lost =
    known !== null && kept?.hash !== known.hash
      ? [{ subject: `audit record ${known.seq}`, problem: 'is not the record that was there' }]
      : [];
  return [...breaks.map(({ seq, problem }) => ({ subject: `audit record ${seq}`, problem })), ...lost].map(named('I4'));
}

const named =
  (invariant: InvariantName) =>
  ({ subject, problem }: Row): Violation => ({ invariant, subject, problem });

async function ask(
  db: Knex,
  invariant: InvariantName,
  sql: string,
  bindings: Record<string, unknown> = {},
): Promise<Violation[]> {
  const { rows } = (await db.raw(sql, bindings as never)) as { rows: Row[] };
  return rows.map(named(invariant));
}

export interface InvariantScope {
  /** Symbols that may be held. */
  universe: readonly string[];
  /** The newest audit record at an earlier check, to see that it is still there; null the first time. */
  known: AuditHead | null;
  /** Where runs are scheduled: every slot of the account must have an outcome once its window is over. */
  slots?: SlotScope;
}

export interface SlotScope {
  account: string;
  policy: SlotPolicy;
  /** By the account's clock. */
  now: Instant;
}

/** Everything that is broken in the database now; empty when all invariants hold. Reads only. Call it in a transaction. */
export async function violationsIn(trx: Knex, { universe, known, slots }: InvariantScope): Promise<Violation[]> {
  return [
    ...(await ask(trx, 'I1', ONE_TICKET)),
    ...(await ask(trx, 'I2', GATES_PASSED, { required: REQUIRED.length, gates: [...REQUIRED] })),
    ...(await ask(trx, 'I3', SUMS_AGREE)),
    ...(await auditIntact(trx, known)),
    ...(await ask(trx, 'I5', CONFIRMED_ONCE)),
    ...(await ask(trx, 'I6', MISSED_TOLD)),
    ...(slots ? await slotsSettled(trx, slots) : []),
    ...(await ask(trx, 'I7', NO_SURPRISES, {
      symbols: [...universe],
      unitsOver: SELL_UNITS_TOLERANCE,
      valueOver: BUY_VALUE_TOLERANCE.amount,
      valueOverFraction: BUY_VALUE_TOLERANCE.fraction,
    })),
  ];
}

/** Checks every invariant in one consistent view; also says which audit record is the newest now, for the next check. */
export async function brokenInvariants(
  db: Knex,
  scope: InvariantScope,
): Promise<{ violations: Violation[]; head: AuditHead | null }> {
  return inView(db, async (trx) => ({ violations: await violationsIn(trx, scope), head: await auditHead(trx) }));
}
