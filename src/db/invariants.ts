import type { Db } from './connect.js';
import { CONFIRMATION_IN_FORCE } from './in-force.js';

/** Something that must never be, and is: what it is about (a day, a ticket, a commodity), and the problem in words. */
export interface Broken {
  subject: string;
  problem: string;
}

const broken = async (db: Db, sql: string, bindings: Record<string, unknown> = {}): Promise<Broken[]> => {
  const found = await db.raw<{ rows: Broken[] }>(sql, bindings as never);
  return found.rows;
};

/** What may be held, and by how much a fill may pass what its ticket said. */
export interface SurpriseLimits {
  symbols: readonly string[];
  unitsOver: string;
  /** Fraction of the line's size. */
  over: string;
}

const IN_FORCE = `
  in_force as (select c.* from confirmations c where ${CONFIRMATION_IN_FORCE}),
  accepted as (
    select t.account, f.* from fills f join in_force c using (confirmation_id)
      join tickets t on t.ticket_id = c.ticket_id
    where f.executed_status in ('DONE', 'PARTIAL') and not t.dry_run)`;

const ONE_TICKET = `
  select account || ' ' || trading_day as subject, count(*) || ' live tickets' as problem
    from live_tickets group by account, trading_day having count(*) > 1
  union all
  select e.account || ' ' || e.trading_day, 'closed without a ticket' from day_events e
   where e.event = 'CLOSED'
     and not exists (select from live_tickets t where t.account = e.account and t.trading_day = e.trading_day)
     and not exists (select from runs r join run_results o using (run_id)
                      where r.trading_day = e.trading_day and r.slot = '1400' and e.account = any(r.accounts) and o.outcome = 'MISSED')`;

/** I1: a day has one live ticket, and no closed day is without one unless its 14:00 run was missed. */
export const daysWithoutOneTicket = (db: Db): Promise<Broken[]> => broken(db, ONE_TICKET);

const GATES_PASSED = `
  select t.account || ' ' || t.ticket_id as subject,
      'TRADE with ' || g.passed || ' of ' || :required || ' gates passed, ' || g.others || ' failed or of another date' as problem
    from tickets t cross join lateral (
      select count(distinct gate)
               filter (where status = 'PASS' and as_of_date = t.as_of_date and gate = any(:gates)) as passed,
             coalesce(bool_or(gate = 'books'), false) as books,
             count(*) filter (where status <> 'PASS' or as_of_date <> t.as_of_date) as others
        from gate_results where run_id = t.run_id and (account is null or account = t.account)) g
   where t.kind = 'TRADE' and (g.others > 0 or case when g.passed >= :required then false
     else g.books or g.passed < :required - 1
       or exists (select from ticket_facts f where f.ticket_id = t.ticket_id and f.facts -> 'books' is not null) end)`;

/**
 * I2: behind every TRADE stands a PASS of every gate, of that run and as-of date, and nothing but PASSes. A ticket whose facts were
 * pinned before the gate `books` existed needs none of that one.
 */
export const tradesWithoutGates = (db: Db, gates: readonly string[]): Promise<Broken[]> =>
  broken(db, GATES_PASSED, { required: gates.length, gates: [...gates] });

const SUMS_AGREE = `
  with ${IN_FORCE},
  entries as (
    select e.*, coalesce(r.kind, e.kind) as origin
      from journal_entries e left join journal_entries r on r.entry_id = e.reverses_entry_id where e.book = 'ledger'),
  assets as (
    select e.account, e.origin, p.commodity, p.amount from entries e join postings p using (entry_id)
    where p.ledger_account in ('Assets:Cash', 'Assets:Units')),
  expected as (
    select account, commodity, amount from assets where origin <> 'FILL'
    union all select account, symbol, case side when 'BUY' then units else -units end from accepted
    union all select a.account, base_currency, case side when 'BUY' then -executed_value_base else executed_value_base end
      from accepted a join accounts using (account)),
  sums as (
    select account, commodity, sum(booked) as booked, sum(told) as told from (
      select account, commodity, amount as booked, 0 as told from assets
      union all select account, commodity, 0, amount from expected) both_sides group by 1, 2)
  select account || ' ' || commodity as subject, 'the ledger says ' || booked || ', opening, movements and fills say ' || told as problem
    from sums where booked <> told`;

/** I3: cash and units are the opening, the movements and the accepted fills, to the last digit. */
export const sumsThatDiffer = (db: Db): Promise<Broken[]> => broken(db, SUMS_AGREE);

const CONFIRMED_ONCE = `
  with ${IN_FORCE},
  booked as (
    select e.confirmation_id, count(*) as entries, count(r.entry_id) as reversed
      from journal_entries e left join journal_entries r on r.reverses_entry_id = e.entry_id
     where e.kind = 'FILL' group by 1),
  reported as (select confirmation_id, count(*) as fills from fills where executed_status in ('DONE', 'PARTIAL') group by 1)
  select 'ticket ' || ticket_id as subject, count(*) || ' confirmations in force' as problem
    from in_force group by ticket_id having count(*) > 1
  union all
  select distinct 'ticket ' || ticket_id, 'confirmed, and no confirmation of it is in force' from confirmations
   where ticket_id not in (select ticket_id from in_force)
  union all
  select 'confirmation ' || c.confirmation_id,
      coalesce(r.fills, 0) || ' executed fills, ' || coalesce(b.entries, 0) || ' entries, ' || coalesce(b.reversed, 0) || ' of them reversed'
    from confirmations c left join booked b using (confirmation_id) left join reported r using (confirmation_id)
   where coalesce(b.entries, 0) <> coalesce(r.fills, 0)
      or coalesce(b.reversed, 0) <> case
        when exists (select from in_force f where f.confirmation_id = c.confirmation_id) then 0 else coalesce(b.entries, 0) end`;

/** I5: one confirmation in force a ticket, booked once, and what an amendment replaced is reversed. */
export const answersBookedWrong = (db: Db): Promise<Broken[]> => broken(db, CONFIRMED_ONCE);

const MISSED_TOLD = `
  with missed as (
    select account, r.trading_day, r.slot from runs r join run_results o using (run_id)
      cross join unnest(r.accounts) as account where o.outcome = 'MISSED')
  select account || ' ' || trading_day || ' ' || slot as subject, 'MISSED without an alert' as problem from missed m
   where not exists (select from alerts a where a.account = m.account and a.code = 'RUN_MISSED'
     and a.subject = m.trading_day || '/' || m.slot)
  union all
  select account || ' ' || trading_day || ' ' || slot, count(*) || ' records of MISSED'
    from missed group by account, trading_day, slot having count(*) > 1`;

/** I6: a slot that was missed has an alert, and is recorded as missed once. */
export const missedUntold = (db: Db): Promise<Broken[]> => broken(db, MISSED_TOLD);

/*
 * What an answer books is booked together: an amendment first takes back what it sets right, and what was sold or went
 * since is gone until it is booked anew.
 */
const NO_SURPRISES = `
  with ${IN_FORCE},
  running as (
    select e.account, e.book, p.commodity, sum(p.amount) over booked as units,
        e.confirmation_id is null or lead(e.confirmation_id) over booked is distinct from e.confirmation_id as is_whole
      from journal_entries e join postings p using (entry_id) where p.ledger_account = 'Assets:Units'
    window booked as (partition by e.account, e.book, p.commodity order by e.entry_id, p.line_no))
  select account || ' ' || commodity as subject, min(units) || ' units in the ' || book as problem
    from running where is_whole group by account, book, commodity having min(units) < 0
  union all
  select account || ' ' || commodity, 'is not in the universe' from running group by account, commodity having commodity <> all(:symbols)
  union all
  select 'ticket ' || t.ticket_id || ' line ' || f.sequence,
      'filled ' || f.side || ' ' || f.units || ' ' || f.symbol || ' for ' || f.executed_value_base
    from fills f join in_force c using (confirmation_id) join tickets t on t.ticket_id = c.ticket_id
    left join ticket_lines l on l.ticket_id = t.ticket_id and l.sequence = f.sequence
   where f.executed_status in ('DONE', 'PARTIAL') and (l.symbol is distinct from f.symbol or l.side is distinct from f.side
      or ((f.units > l.units * (1 + cast(:over as numeric)) + cast(:unitsOver as numeric)
          or f.executed_value_base > l.value_base * (1 + cast(:over as numeric)))
        and not coalesce(c.content -> 'deviations', '[]')
          @> jsonb_build_array(jsonb_build_object('sequence', f.sequence, 'kind', 'size'))))`;

/** I7: never short, never more than the ticket said unless the operator owns it, never a symbol nobody knows. */
export const surprisesIn = (db: Db, limits: SurpriseLimits): Promise<Broken[]> =>
  broken(db, NO_SURPRISES, { ...limits, symbols: [...limits.symbols] });

/**
 * Symbols that may be held: of every universe there ever was, and those that a company made of others by what an
 * operator booked.
 */
export const symbolsEverKnown = async (db: Db): Promise<string[]> => {
  const { rows } = await db.raw<{ rows: { symbol: string }[] }>(`
    select row ->> 'internalSymbol' as symbol from config_versions
     cross join lateral jsonb_array_elements(content) as row where kind = 'universe'
    union select p.commodity from postings p join journal_entries e using (entry_id)
     where e.kind in ('RENAME', 'STOCK_MERGER', 'SPIN_OFF') and p.ledger_account = 'Assets:Units'`);
  return rows.map(({ symbol }) => symbol);
};
