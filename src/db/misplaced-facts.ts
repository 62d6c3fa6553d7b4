import type { Db } from './connect.js';
import type { FactBreak } from './fact-break.js';
import { hasSignatures } from './signatures.js';

/*
 * An insert by whoever owns the tables leaves digests like any other. When it was made they tell all the same, for the
 * audit log has each in its place.
 */

/** Which audit records have which digests; of a transaction that was sealed more than once, each has those so far. */
const SEALED = `
  sealed as (
    select a.seq, (e ->> 0)::bigint as digest_id, e ->> 1 as fact
      from audit_log a cross join lateral jsonb_array_elements(a.detail -> 'digests') e
     where a.action = 'facts.recorded')`;

/** Tables whose rows are recorded with those of another; the child's key begins with the parent's. */
const CHILDREN: readonly [child: string, parent: string][] = [
  ['postings', 'journal_entries'],
  ['snapshot_positions', 'snapshots'],
  ['ticket_lines', 'tickets'],
  ['ticket_facts', 'tickets'],
  ['fills', 'confirmations'],
];

const LATE_CHILDREN = `
  with ${SEALED},
  keyed as (
    select s.seq, d.fact, k.key from fact_digests d join sealed s using (digest_id)
     cross join lateral unnest(d.keys) as k(key) where d.fact = any(cast(:facts as text[]))),
  children as (
    select c.fact, c.key, bool_or(p.key is not null) as together
      from keyed c
      join unnest(cast(:children as text[]), cast(:parents as text[])) as of(child, parent) on of.child = c.fact
      left join keyed p on p.seq = c.seq and p.fact = of.parent and p.key = split_part(c.key, '/', 1)
     group by c.fact, c.key)
  select fact, key, 'was added to what had been recorded before' as problem
    from children where not together limit 1000`;

/** Rows of children that were recorded apart from their parents, which no insert of the program does. */
const lateChildren = (db: Db): Promise<FactBreak[]> =>
  named(db, LATE_CHILDREN, {
    facts: [...new Set(CHILDREN.flat())],
    children: CHILDREN.map(([child]) => child),
    parents: CHILDREN.map(([, parent]) => parent),
  });

/** Facts that are signed, and which of their rows say that they are from before there were signatures. */
const BEFORE: Record<string, [key: string, isBefore: string]> = {
  confirmations: ['confirmation_id::text', 'f.seq <= since.seq'],
  reconciliations: ['reconciliation_id::text', 'f.seq <= since.seq'],
  journal_entries: ['entry_id::text', 'f.entry_id <= since.entry_id'],
  action_rulings: ['ruling_id::text', 'f.ruling_id <= since.ruling_id'],
  kill_switch_events: ['event_id::text', 'f.seq <= since.seq'],
  alert_events: ['event_key', 'f.seq <= since.seq'],
  runs: ['run_id::text', 'f.seq <= since.seq'],
};

const DATED_BACK = `
  with ${SEALED},
  since as (select min(seq) as seq, min(entry_id) as entry_id, min(ruling_id) as ruling_id from signing_since),
  begun as (select min(seq) as seq from sealed where fact = 'signing_since'),
  old as (${Object.entries(BEFORE)
    .map(
      ([fact, [key, isBefore]]) => `select '${fact}' as fact, f.${key} as key from ${fact} f, since where ${isBefore}`,
    )
    .join(' union all ')}),
  recorded as (
    select d.fact, k.key, min(s.seq) as seq from fact_digests d join sealed s using (digest_id)
     cross join lateral unnest(d.keys) as k(key) where d.fact in (select fact from old) group by d.fact, k.key)
  select fact, key, 'has a number from before there were signatures, and was recorded later' as problem
    from old join recorded using (fact, key), begun where recorded.seq > begun.seq limit 1000`;

/** Facts that pass for older than signatures by their number, and were recorded since. */
const datedBack = async (db: Db): Promise<FactBreak[]> => ((await hasSignatures(db)) ? named(db, DATED_BACK, {}) : []);

/** Facts that were recorded at another time than they say. Empty when all are in their places. */
export const misplacedFacts = async (db: Db): Promise<FactBreak[]> => [
  ...(await lateChildren(db)),
  ...(await datedBack(db)),
];

const named = async (db: Db, sql: string, bindings: Record<string, unknown>): Promise<FactBreak[]> =>
  (await db.raw<{ rows: FactBreak[] }>(sql, bindings as never)).rows;
