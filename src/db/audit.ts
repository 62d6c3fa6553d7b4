import type { Instant, Sha256 } from '../domain/types.js';
import type { Db } from './connect.js';
import type { FactBreak } from './fact-break.js';
import { misplacedFacts } from './misplaced-facts.js';
import { answeredAs, ask, rows, rowsQuestion, type Question } from './questions.js';

export interface AuditRecord {
  at: Instant;
  account: string | null;
  /** Operator, or `system`. */
  actor: string;
  /** What was done, `noun.verb`. */
  action: string;
  /** To what: an id or a name. */
  subject: string;
  detail: object;
}

/**
 * Appends to the hash chain. Last in its transaction, please: the chain's lock is held to the end of it, and everybody
 * else's record waits.
 */
export async function appendAudit(db: Db, record: AuditRecord): Promise<void> {
  await db('audit_log').insert({ ...record, detail: JSON.stringify(record.detail) });
}

/** Records that break the chain: missing, out of order or altered. Empty for an intact log. */
export async function auditBreaks(db: Db): Promise<{ seq: number; problem: string }[]> {
  return await db
    .select<{ seq: number; problem: string }[]>('seq', 'problem')
    .from(db.raw('audit_chain_breaks()'))
    .orderBy('seq');
}

/** Tables of facts that are there, and those that the log has digests of and that are not. */
const FACT_TABLES = `
  select relname::text as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
     and relname not like 'knex%' and relname not in ('audit_log', 'fact_digests')`;
const FACT_NAMES = `${FACT_TABLES} union select fact from fact_digests`;

/**
 * Facts that were changed, added or removed behind the back of the audit log: what stands is digested anew and
 * compared with the digests that every insert left, table by table, and when it was recorded with when it says. Empty
 * when every fact is as it was recorded. Of one table at most 1,000 are told.
 */
export const factBreaks = async (db: Db): Promise<FactBreak[]> => [
  ...(await rows<FactBreak>(db, 'select fact, key, problem from fact_breaks() order by fact, key')),
  ...(await misplacedFacts(db)),
];

/**
 * The same without the bars, which are most of a database: in a hundredth of the time.
 */
export async function factBreaksButBars(db: Db): Promise<FactBreak[]> {
  const tables = await rows<{ name: string }>(
    db,
    `select name from (${FACT_NAMES}) as facts where name <> 'bars' order by name`,
  );
  const breaks: FactBreak[] = [];
  for (const { name } of tables)
    breaks.push(...(await rows<FactBreak>(db, 'select fact, key, problem from fact_breaks(?)', [name])));
  // What is wrong with the digests themselves is said of each table: once is enough.
  const apart = [...new Map(breaks.map((broken) => [`${broken.fact} ${broken.key}`, broken])).values()];
  return [...apart, ...(await misplacedFacts(db))];
}

/** Whether the schema has digests of facts: a backup of an earlier version has none. */
export const hasDigests = async (db: Db): Promise<boolean> =>
  (await rows<{ has: boolean }>(db, `select to_regproc('fact_breaks') is not null as has`))[0]?.has ?? false;

/**
 * Whether facts were recorded before an instant, by the clock of Postgres, that a log of so many records does not
 * have: a backup with that log is older than the instant in its name. @returns the number of the first such record;
 * null for none.
 */
export async function recordedMeanwhile(db: Db, records: number, before: Instant): Promise<number | null> {
  const row = await db('audit_log')
    .where('seq', '>', records)
    .where({ action: 'facts.recorded' })
    .where('at', '<', before)
    .orderBy('seq')
    .first('seq');
  return row?.seq ?? null;
}

/** How many rows stand in how many tables of facts, and how many of them were stored before there were digests. */
export async function provedFacts(db: Db): Promise<{ rows: number; tables: number; before: number }> {
  const tables = await rows<{ name: string }>(db, `select quote_ident(name) as name from (${FACT_TABLES}) as facts`);
  const counts = tables.map(({ name }) => `select count(*)::float8 as rows from public.${name}`).join(' union all ');
  const counted = tables.length === 0 ? [] : await rows<{ rows: number }>(db, counts);
  const [found] = await rows<{ before: number }>(
    db,
    `
      select coalesce(sum(n::int), 0)::float8 as before
        from audit_log cross join lateral jsonb_each_text(detail -> 'rows') as r(t, n)
       where action = 'facts.baseline'`,
  );
  return {
    rows: counted.reduce((sum, table) => sum + table.rows, 0),
    tables: counted.filter((table) => table.rows > 0).length,
    before: found?.before ?? 0,
  };
}

/** The newest record; null for an empty log. Kept elsewhere (a backup's sidecar), its hash shows a log cut short. */
export const auditHead = (db: Db): Promise<AuditHead | null> => ask(db, auditHeadQuestion(db));

export type AuditHead = Pick<StoredAuditRecord, 'seq' | 'hash'>;

/** The same as a question. */
export const auditHeadQuestion = (db: Db): Question<AuditHead | null> =>
  answeredAs(
    rowsQuestion<AuditHead>(db, 'select seq, hash from audit_log order by seq desc limit 1'),
    ([head]) => head ?? null,
  );

/** What stands for the state of all facts: every insert of one is a record of the log in the same transaction. */
export const stateWord = (head: AuditHead | null): string => `${head?.seq} ${head?.hash}`;

/**
 * The record of a confirmation; null for none. Looked for from the newest on: it is asked for when it was just
 * written.
 */
export async function recordOfConfirmation(
  db: Db,
  confirmationId: string,
): Promise<{ seq: number; hash: string } | null> {
  const found = await db('audit_log')
    .whereRaw(`detail ->> 'confirmationId' = ?`, [confirmationId])
    .orderBy('seq', 'desc')
    .first('seq', 'hash');
  return found ?? null;
}

/** A record as it stands in the log. */
export interface StoredAuditRecord extends AuditRecord {
  seq: number;
  prevHash: Sha256;
  hash: Sha256;
}

const RECORD = `select seq, at, account, actor, action, subject, detail, prev_hash as "prevHash", hash from audit_log`;

/** So many records, newest first: the newest, or those before one; where asked, whose action and subject begin so. */
export const auditRecords = (
  db: Db,
  wanted: { before: number | null; kind: string | null; subject: string | null; limit: number },
): Promise<StoredAuditRecord[]> =>
  rows<StoredAuditRecord>(
    db,
    `${RECORD} where seq < coalesce(?::bigint, 9223372036854775807)
        and starts_with(action, coalesce(?, '')) and starts_with(subject, coalesce(?, ''))
      order by seq desc limit ?`,
    [wanted.before, wanted.kind, wanted.subject, wanted.limit],
  );

/** The record of that number; null where there is none. */
export async function auditRecord(db: Db, seq: number): Promise<StoredAuditRecord | null> {
  const [record] = await rows<StoredAuditRecord>(db, `${RECORD} where seq = ?`, [seq]);
  return record ?? null;
}

/** Whether a record has the hash of its content, and the one before it is the one it names. */
export async function follows(db: Db, seq: number): Promise<boolean> {
  const [record] = await rows<{ sound: boolean }>(
    db,
    `
      select a.hash = audit_hash(a.seq, a.at, a.account, a.actor, a.action, a.subject, a.detail, a.prev_hash)
             and a.prev_hash = coalesce(
               (select b.hash from audit_log b where b.seq = a.seq - 1), repeat('0', 64)) as sound
        from audit_log a where a.seq = ?`,
    [seq],
  );
  return record?.sound ?? false;
}

/** Hashes of records, by their number; of those that are there. */
export async function auditHashesOf(db: Db, seqs: readonly number[]): Promise<Map<number, Sha256>> {
  // One binding, however many there are: a statement takes 65,535, and heads are kept for years.
  const asked = `{${seqs.join(',')}}`;
  const found = await rows<{ seq: number; hash: Sha256 }>(
    db,
    'select seq, hash from audit_log where seq = any(?::bigint[])',
    [asked],
  );
  return new Map(found.map(({ seq, hash }) => [seq, hash]));
}

/** When the database went back to an earlier backup, and how many records that one's log has. */
export const timesWentBack = (db: Db): Promise<{ records: number; at: Instant }[]> =>
  rows(
    db,
    `
      select coalesce((proof -> 'expected' -> 'audit' ->> 'records')::float8, 0) as records, finished_at as at
        from restore_proofs where kind = 'FRESH' and passed order by seq`,
  );

/** The hash of a record; null where there is none of that number. */
export async function auditHashOf(db: Db, seq: number): Promise<Sha256 | null> {
  const record = await db('audit_log').where({ seq }).first('hash');
  return record?.hash ?? null;
}
