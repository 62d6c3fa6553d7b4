import type { SignedFactTable } from '../domain/signing/facts.js';
import type { Db } from './connect.js';
import { CONFIRMATION_IN_FORCE } from './in-force.js';
import { rows } from './questions.js';
import { OF_ITS_STATEMENT } from './signatures.js';

/** Rows of a table that people ask for; those from before there were signatures are left out. */
interface Wanted {
  id: string;
  /** Whom it names: one of those who signed it, whoever else did. */
  operator: string;
  /** The account that it must have been signed for; null for any. */
  account: string;
  from: string;
  /**
   * What is in force of them: what nobody signed and somebody has put right since trades nothing. Null where trading
   * rests on none of them.
   */
  inForce: string | null;
}

/** Which rows are looked at, by the column that says of which account they are. */
type OfAccount = (column: string) => string;

/** The fills of a confirmation as rows; content of another shape holds none. */
const FILLS = `jsonb_array_elements(
  case jsonb_typeof(c.content -> 'fills') when 'array' then c.content -> 'fills' else '[]' end) as f`;

/** A decimal of a fill. Whoever can write rows can write any text there: it is no amount, and stops nobody from looking. */
const decimal = (field: string): string =>
  `case when f ->> '${field}' ~ '^[0-9]{1,18}([.][0-9]{1,12}){0,1}$' then (f ->> '${field}')::numeric end`;

/**
 * What confirmations say that their fills moved, held against what the entries of fills hold: accounts and keys of
 * those that differ. Each side is a set with a row a fill, for a year has four thousand: looked at one by one they took
 * most of the afternoon's run. A fill moves units of its symbol and cash, and nothing else that is owned.
 */
const fillsNotAsSaid = (of: OfAccount): string => `
  with fills as (
    select x.account, base_currency, confirmation_id, 'fill:' || confirmation_id || ':' || (f ->> 'sequence') as key,
           f ->> 'internalSymbol' as symbol, ${decimal('units')} as units, ${decimal('executedValueBase')} as value,
           case f ->> 'side' when 'BUY' then 1 else -1 end as sign
      from tickets x join accounts using (account) join confirmations c using (ticket_id) cross join lateral ${FILLS}
     where ${of('x.account')} and f ->> 'executedStatus' in ('DONE', 'PARTIAL')),
  sides as (
    select 1 as side, account, key, confirmation_id, 2 as owned, symbol, units * sign as units,
           base_currency as currency, -value * sign as cash from fills
    union all
    select -1, b.account, b.idempotency_key, b.confirmation_id, count(p.entry_id),
           min(p.commodity) filter (where p.ledger_account = 'Assets:Units'),
           sum(p.amount) filter (where p.ledger_account = 'Assets:Units'),
           min(p.commodity) filter (where p.ledger_account = 'Assets:Cash'),
           sum(p.amount) filter (where p.ledger_account = 'Assets:Cash')
      from journal_entries b left join postings p on p.entry_id = b.entry_id and p.ledger_account like 'Assets:%'
     where b.kind = 'FILL' and b.book = 'ledger' and ${of('b.account')} group by b.entry_id)
  select account, key from sides
   group by account, key, confirmation_id, owned, symbol, units, currency, cash having sum(side) <> 0`;

/** A fill of a confirmation that is not in force, which no gate looks at, stands only where it is reversed. */
const FILL_OUTLIVES = `e.confirmation_id in (select amends_confirmation_id from confirmations)
  and not exists (select from journal_entries v where v.reverses_entry_id = e.entry_id)`;

/** A reversal takes back what an amended confirmation booked, and all of it. */
const REVERSED_BY_AMENDMENT = `exists (
  select from confirmations c join tickets x on x.ticket_id = c.ticket_id and x.account = e.account
    join journal_entries a on a.entry_id = e.reverses_entry_id and a.confirmation_id = c.amends_confirmation_id
   where c.confirmation_id = e.confirmation_id) and not exists (
  select from postings p where p.entry_id in (e.entry_id, e.reverses_entry_id)
   group by p.ledger_account, p.commodity having sum(p.amount) <> 0)`;

/** The opening by a snapshot is the reconciliation's, and holds nothing but what the snapshot says. */
const OPENED_BY_SNAPSHOT = `exists (
  select from reconciliations r join snapshots s using (snapshot_id)
   where r.account = e.account and r.opened_ledger and e.idempotency_key = 'opening:' || r.command_id and not exists (
     select commodity, amount from postings p where p.entry_id = e.entry_id and p.ledger_account like 'Assets:%'
     except all (
       select symbol, units from snapshot_positions l where l.snapshot_id = s.snapshot_id
       union all select base_currency, s.cash from accounts a where a.account = s.account)))`;

/**
 * From which fact on signatures are wanted: all of them, where nobody wrote it down. Of several rows the first counts:
 * one that was added later excuses nothing.
 */
export const SINCE = `(select coalesce(min(seq), 0) as seq, coalesce(min(entry_id), 0) as entry_id,
  coalesce(min(ruling_id), 0) as ruling_id from signing_since)`;

/**
 * That the audit log had a fact before it had the place from which on signatures are wanted. A number says nothing by
 * itself: whoever owns the tables can give a new row an old one.
 * @param key the row's primary key, in words.
 */
const isFromBefore = (table: SignedFactTable, key: string): string => `${key} in (
  select unnest(d.keys) from fact_digests d where d.fact = '${table}'
     and d.digest_id < (select min(digest_id) from fact_digests where fact = 'signing_since'))`;

/**
 * That a fact is of the time in which signatures are wanted: by its number, or because the audit log had it no earlier.
 * @param number a number of the row, held against that column of `since`.
 * @param key the row's primary key, in words.
 */
export const isOfSignedTime = (
  table: SignedFactTable,
  [number, column]: readonly [number: string, column: 'seq' | 'entry_id' | 'ruling_id'],
  key: string,
): string => `(${number} > since.${column} or not ${isFromBefore(table, key)})`;

/**
 * Entries that somebody signs for themselves. Fills, and what an amendment takes back, are the confirmation's: whoever
 * signed that signed them; so is the opening by a snapshot the reconciliation's.
 */
export const entriesAsked = (of: OfAccount): string => `e.book = 'ledger'
  and ${isOfSignedTime('journal_entries', ['e.entry_id', 'entry_id'], 'e.entry_id::text')}
  and case e.kind
    when 'FILL' then (e.account, e.idempotency_key) in (${fillsNotAsSaid(of)}) or ${FILL_OUTLIVES}
    when 'REVERSAL' then not (${REVERSED_BY_AMENDMENT})
    when 'OPENING' then not ${OPENED_BY_SNAPSHOT} else true end`;

/** An entry until it is reversed: whoever reverses it signs. */
export const ENTRIES_IN_FORCE = `not exists (select from journal_entries v where v.reverses_entry_id = e.entry_id)`;

/** The newest ruling on each thing counts. */
export const RULINGS_IN_FORCE = `not exists (select from action_rulings n where n.ruling_id > r.ruling_id
  and n.symbol = r.symbol and n.ex_date = r.ex_date and n.kind = r.kind and n.dividend_type = r.dividend_type)`;

/** Rulings that must be signed. */
export const RULINGS_ASKED = isOfSignedTime('action_rulings', ['r.ruling_id', 'ruling_id'], 'r.ruling_id::text');

/** Resets that must be signed. */
export const RESETS_ASKED = `k.event = 'RESET'
  and ${isOfSignedTime('kill_switch_events', ['k.seq', 'seq'], 'k.event_id::text')}`;

/** The newest event of each latch counts. */
export const RESETS_IN_FORCE = `not exists (
  select from kill_switch_events n where n.account = k.account and n.event_id > k.event_id)`;

const WANTED: Partial<Record<SignedFactTable, Wanted>> = {
  confirmations: {
    id: 'c.confirmation_id::text',
    operator: 'c.operator',
    account: 't.account',
    from: `confirmations c join tickets t using (ticket_id)
      where ${isOfSignedTime('confirmations', ['greatest(c.seq, t.seq)', 'seq'], 'c.confirmation_id::text')}`,
    inForce: CONFIRMATION_IN_FORCE,
  },
  reconciliations: {
    id: 'r.reconciliation_id::text',
    operator: 'r.operator',
    account: 'r.account',
    from: `reconciliations r
      where ${isOfSignedTime('reconciliations', ['r.seq', 'seq'], 'r.reconciliation_id::text')}`,
    inForce: 'not exists (select from reconciliations n where n.account = r.account and n.seq > r.seq)',
  },
  journal_entries: {
    id: 'e.entry_id::text',
    operator: 'e.operator',
    account: 'e.account',
    from: `journal_entries e where ${entriesAsked(() => 'true')}`,
    inForce: ENTRIES_IN_FORCE,
  },
  action_rulings: {
    id: 'r.ruling_id::text',
    operator: 'r.operator',
    account: 'null',
    from: `action_rulings r where ${RULINGS_ASKED}`,
    inForce: RULINGS_IN_FORCE,
  },
  kill_switch_events: {
    id: 'k.idempotency_key',
    operator: 'k.operator',
    account: 'k.account',
    from: `kill_switch_events k where ${RESETS_ASKED}`,
    inForce: RESETS_IN_FORCE,
  },
  alert_events: {
    id: 'a.event_key',
    operator: 'a.operator',
    account: 'null',
    from: `alert_events a where a.kind = 'ACKNOWLEDGED'
      and ${isOfSignedTime('alert_events', ['a.seq', 'seq'], 'a.event_key')}`,
    inForce: null,
  },
  runs: {
    id: 'r.run_id::text',
    operator: 'r.operator',
    account: 'null',
    from: `runs r where r.operator not in ('schedule', 'watch')
      and ${isOfSignedTime('runs', ['r.seq', 'seq'], 'r.run_id::text')}`,
    inForce: null,
  },
  statement_events: {
    id: 'v.event_key',
    operator: 'v.operator',
    account: 's.account',
    from: `statement_events v join statements s using (statement_id) where v.event = 'WITHDRAWN'`,
    inForce: null,
  },
};

/**
 * Facts that whoever they name must have signed and has not, the first so many of each table.
 * @param which all that were ever stored, or those alone that trading rests on now.
 */
export async function unsignedFacts(
  db: Db,
  most: number,
  which: 'all' | 'in force' = 'all',
): Promise<{ fact: SignedFactTable; id: string }[]> {
  const found: { fact: SignedFactTable; id: string }[] = [];
  for (const [fact, { id, operator, account, from, inForce }] of Object.entries(WANTED) as [
    SignedFactTable,
    Wanted,
  ][]) {
    // A restored database of an earlier version may not have such a table yet.
    if (which === 'in force' && inForce === null) continue;
    const ids = await rows<{ id: string }>(
      db,
      `select wanted.id from ${SINCE} since
        cross join lateral (select ${id} as id, ${operator} as operator, ${account} as account
          from ${from}${which === 'all' ? '' : ` and ${inForce}`}) as wanted
        where not exists (
          select from signatures g where g.fact = ? and g.fact_ids @> array[wanted.id] and ${OF_ITS_STATEMENT}
             and g.attestation ->> 'operator' = wanted.operator
             and (wanted.account is null or g.attestation ->> 'account' = wanted.account)) limit ?`,
      [fact, most],
    );
    found.push(...ids.map((row) => ({ fact, id: row.id })));
  }
  return found;
}
