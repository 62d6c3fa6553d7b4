import { z } from 'zod';
import { faultError } from '../domain/errors.js';
import { comparisonSchema, proposingNothing, type StatementComparison } from '../domain/statement/compare/line.js';
import type { Imported } from '../domain/statement/overlap.js';
import {
  statementEventSchema,
  type EventKind,
  statementSchema,
  type Statement,
  type StatementEvent,
} from '../domain/statement/statement.js';
import type { Instant, IsoDate, Sha256, TicketLine, TicketMaterial } from '../domain/types.js';
import type { Db } from './connect.js';
import { STATEMENT_IN_FORCE } from './in-force.js';
import { instantOf, rows } from './questions.js';
import type { Row } from './tables.js';
import { lockUntilCommit } from './transaction.js';
import { IN_OUR_WORDS } from '../domain/shape-words.js';

/** A statement as it was imported. */
export interface StoredStatement {
  statementId: string;
  account: string;
  fileName: string;
  sha256: Sha256;
  bytes: number;
  /** Where the file is kept, below the data directory. */
  path: string;
  operator: string;
  at: Instant;
  statement: Statement;
}

/** A comparison of a statement with the ledger as it stood. */
export interface StoredComparison {
  comparisonId: string;
  statementId: string;
  operator: string;
  at: Instant;
  comparison: StatementComparison;
}

/** Serialises imports of an account until the transaction ends: those that overlap must agree. */
export const lockStatements = (db: Db, account: string): Promise<void> => lockUntilCommit(db, `statements:${account}`);

/** The same of what is known of one user of the broker, in whichever account; taken after that of the account. */
export const lockUser = (db: Db, userHash: Sha256): Promise<void> => lockUntilCommit(db, `statements-of:${userHash}`);

/** What an account's journal and the statements of it that count are known by: another word once either moved on. */
export async function markOfBooks(db: Db, account: string): Promise<string> {
  const [mark] = await rows<{ mark: string }>(
    db,
    `select concat_ws('/',
       (select coalesce(max(entry_id), 0) from journal_entries where account = ?),
       (select coalesce(max(seq), 0) from statements where account = ?),
       (select coalesce(max(e.seq), 0) from statement_events e join statements s using (statement_id)
         where s.account = ?)) as mark`,
    [account, account, account],
  );
  return mark?.mark ?? '';
}

/** Records a statement. The same file of the account twice breaks statements_file_uniq. */
export async function insertStatement(db: Db, stored: StoredStatement): Promise<void> {
  const { statement } = stored;
  await db('statements').insert({
    statement_id: stored.statementId,
    account: stored.account,
    file_name: stored.fileName,
    sha256: stored.sha256,
    bytes: stored.bytes,
    path: stored.path,
    layout: statement.layout,
    user_hash: statement.userHash,
    period_from: statement.from,
    period_to: statement.to,
    content: JSON.stringify(statement),
    operator: stored.operator,
    at: stored.at,
  });
}

/** Records a comparison. A second one of the same state of the ledger breaks statement_comparisons_ledger_uniq. */
export async function insertComparison(db: Db, stored: StoredComparison): Promise<void> {
  await db('statement_comparisons').insert({
    comparison_id: stored.comparisonId,
    statement_id: stored.statementId,
    status: stored.comparison.status,
    content: JSON.stringify(stored.comparison),
    last_entry_id: stored.comparison.lastEntryId,
    operator: stored.operator,
    at: stored.at,
  });
}

/** What was stored is parsed as it is loaded. @throws OpsError EVIDENCE_UNREADABLE (a fault) */
function parsed<T>(schema: z.ZodType<T>, content: unknown, what: string): T {
  const read = schema.safeParse(content, IN_OUR_WORDS);
  if (read.success) return read.data;
  throw faultError('EVIDENCE_UNREADABLE', `${what}: ${z.prettifyError(read.error)}`, { cause: read.error });
}

const statementOf = (row: Row<'statements'>): StoredStatement => ({
  statementId: row.statement_id,
  account: row.account,
  fileName: row.file_name,
  sha256: row.sha256,
  bytes: row.bytes,
  path: row.path,
  operator: row.operator,
  at: row.at,
  statement: parsed(statementSchema, row.content, `statement ${row.statement_id}`),
});

const comparisonOf = (row: Row<'statement_comparisons'>): StoredComparison => ({
  comparisonId: row.comparison_id,
  statementId: row.statement_id,
  operator: row.operator,
  at: row.at,
  comparison: parsed(comparisonSchema, row.content, `comparison ${row.comparison_id}`),
});

/** The statement with this id, or null. */
export async function findStatement(db: Db, statementId: string): Promise<StoredStatement | null> {
  const row = await db('statements').where({ statement_id: statementId }).first();
  return row ? statementOf(row) : null;
}

/** The comparison with this id, or null. */
export async function findComparison(db: Db, comparisonId: string): Promise<StoredComparison | null> {
  const row = await db('statement_comparisons').where({ comparison_id: comparisonId }).first();
  return row ? comparisonOf(row) : null;
}

/** The comparison of a statement that was made last, or null. */
export async function newestComparison(db: Db, statementId: string): Promise<StoredComparison | null> {
  const row = await db('statement_comparisons').where({ statement_id: statementId }).orderBy('seq', 'desc').first();
  return row ? comparisonOf(row) : null;
}

/** What happened to a statement after it was imported. */
export interface StatementEventStored {
  event: Row<'statement_events'>['event'];
  /** Why it was withdrawn; null where it was imported again. */
  reason: string | null;
  operator: string;
  at: Instant;
}

/** Who withdrew a statement, when and why; null while it counts, for it may have been imported again. */
export async function withdrawalOf(db: Db, statementId: string): Promise<StatementEventStored | null> {
  const newest = await db('statement_events')
    .where({ statement_id: statementId })
    .orderBy('seq', 'desc')
    .first('event', 'reason', 'operator', 'at');
  return newest?.event === 'WITHDRAWN' ? newest : null;
}

/** What came of a statement, and whether it counts: one that was withdrawn proposes nothing any more. */
export async function standingOf(
  db: Db,
  compared: StoredComparison,
): Promise<{ compared: StoredComparison; withdrawn: StatementEventStored | null }> {
  const withdrawn = await withdrawalOf(db, compared.statementId);
  if (withdrawn === null) return { compared, withdrawn };
  return { compared: { ...compared, comparison: proposingNothing(compared.comparison) }, withdrawn };
}

/** Records what happened to a statement, whose account is locked. @returns what the event is known by */
export async function insertStatementEvent(
  db: Db,
  statementId: string,
  { event, reason, operator, at }: StatementEventStored,
): Promise<string> {
  const earlier = await db('statement_events').where({ statement_id: statementId }).select('event_key');
  const eventKey = `${statementId}/${earlier.length + 1}`;
  await db('statement_events').insert({ event_key: eventKey, statement_id: statementId, event, reason, operator, at });
  return eventKey;
}

/** An account that holds statements of a user of the broker, and the first of them. */
export interface UserHolder {
  account: string;
  statementId: string;
}

/** Who holds statements of a user that count: the account that is asked for rather than another; null for nobody. */
export async function holderOfUser(db: Db, account: string, userHash: Sha256): Promise<UserHolder | null> {
  const [found] = await rows<UserHolder>(
    db,
    `select s.account, s.statement_id as "statementId" from statements s
      where s.user_hash = ? and ${STATEMENT_IN_FORCE} order by (s.account = ?) desc, s.seq limit 1`,
    [userHash, account],
  );
  return found ?? null;
}

/** What was imported of an account, and counts, that tells of a time between two instants, or of another user. */
export async function statementsAround(
  db: Db,
  account: string,
  { from, to, userHash }: Pick<Statement, 'from' | 'to' | 'userHash'>,
): Promise<Imported[]> {
  const found = await db('statements as s')
    .where({ account })
    .whereRaw(STATEMENT_IN_FORCE)
    .where(
      (beside) =>
        void beside
          .where('user_hash', '<>', userHash)
          .orWhere((during) => void during.where('period_from', '<=', to).where('period_to', '>=', from)),
    )
    .orderBy('seq');
  return found.map((row) => {
    const { statementId, statement } = statementOf(row);
    return { statementId, statement };
  });
}

/** Until when a statement tells: to the end of its period, or to when it was made. */
const TOLD_UNTIL = `least(s.period_to, (s.content ->> 'createdAt')::timestamptz)`;

/** Of what each statement of an account tells that counts and is in that currency, the one asked about too. */
export async function periodsTold(
  db: Db,
  account: string,
  currency: string,
): Promise<{ from: Instant; until: Instant }[]> {
  const found = await rows<{ from: string; until: string }>(
    db,
    `select s.period_from as "from", ${TOLD_UNTIL} as until from statements s
      where s.account = ? and ${STATEMENT_IN_FORCE} and s.content ->> 'currency' = ? order by s.seq`,
    [account, currency],
  );
  return found.map((each) => ({ from: instantOf(each.from), until: instantOf(each.until) }));
}

/**
 * Rows of so many days before and after a time, of the account's statements that count and are in a currency. What
 * several of them tell is one row, for they agree of a time that they share.
 */
export async function eventsBeside(
  db: Db,
  account: string,
  { from, until, currency }: { from: Instant; until: Instant; currency: string },
  { days, kinds }: { days: number; kinds: readonly EventKind[] },
): Promise<StatementEvent[]> {
  const found = await rows<{ event: unknown }>(
    db,
    `with asked as (select ?::timestamptz as began, ?::timestamptz as ended, make_interval(days => ?) as days),
     told as (
       select e.event, s.seq, e.place, (e.event ->> 'at')::timestamptz as at, asked.*
         from asked, statements s, jsonb_array_elements(s.content -> 'events') with ordinality e (event, place)
        where s.account = ? and s.content ->> 'currency' = ? and ${STATEMENT_IN_FORCE}
          and e.event ->> 'kind' = any(?)
          and s.period_from <= ended + days and s.period_to >= began - days
     ),
     beside as (
       select told.*, row_number() over (partition by seq, at, event - 'row' order by place) as nth from told
        where at between began - days and ended + days and at not between began and ended
     )
     select event from (select distinct on (at, event - 'row', nth) * from beside order by at, event - 'row', nth, seq) b
      order by at, seq, place`,
    [from, until, days, account, currency, [...kinds]],
  );
  return found.map(({ event }) => parsed(statementEventSchema, event, 'event of a statement'));
}

/** What a list says of a statement: all but its rows, with its newest comparison. */
export interface ListedStatement {
  statementId: string;
  comparisonId: string;
  account: string;
  fileName: string;
  layout: string;
  from: Instant;
  to: Instant;
  at: Instant;
  operator: string;
  status: StatementComparison['status'];
  differences: number;
  comparedAt: Instant;
  /** Who withdrew it, where it counts no more. */
  withdrawnBy: string | null;
}

/** The newest statements of an account, or the newest before one of them, newest first. */
export const listStatements = (
  db: Db,
  { account, before = null, limit }: { account: string; before?: string | null; limit: number },
): Promise<ListedStatement[]> =>
  rows<ListedStatement>(
    db,
    `
    select s.statement_id as "statementId", c.comparison_id as "comparisonId", s.account,
           s.file_name as "fileName", s.layout, s.period_from as "from", s.period_to as "to", s.at, s.operator, c.status, c.at as "comparedAt",
           (select count(*)::int from jsonb_array_elements(c.content -> 'lines') as line
             where line ->> 'difference' is not null) as differences,
           case v.event when 'WITHDRAWN' then v.operator end as "withdrawnBy"
      from statements s cross join lateral (
        select * from statement_comparisons where statement_id = s.statement_id order by seq desc limit 1) c
      left join lateral (
        select * from statement_events where statement_id = s.statement_id order by seq desc limit 1) v on true
     where s.account = ? and (?::uuid is null or s.seq < (select seq from statements where statement_id = ?::uuid))
     order by s.seq desc limit ?`,
    [account, before, before, limit],
  );

/** The newest statement of an account that counts; where none does, the newest of all; null where it has none. */
export async function newestStatement(db: Db, account: string): Promise<string | null> {
  const [found] = await rows<{ id: string }>(
    db,
    `select s.statement_id as id from statements s
      where s.account = ? order by (${STATEMENT_IN_FORCE}) desc, s.seq desc limit 1`,
    [account],
  );
  return found?.id ?? null;
}

/** Whole ids of statements and comparisons of an account that begin so. */
export const statementsBeginning = async (db: Db, account: string, begins: string): Promise<string[]> =>
  (
    await rows<{ id: string }>(
      db,
      `select statement_id as id from statements where account = ? and starts_with(statement_id::text, ?) order by seq`,
      [account, begins],
    )
  ).map(({ id }) => id);

/** A ticket whose fills a statement may tell of. */
export interface TradeTicket {
  ticketId: string;
  tradingDay: IsoDate;
  isConfirmed: boolean;
  lines: TicketLine[];
}

/** TRADE tickets of an account's days that book to the ledger, oldest first. */
export async function tradeTickets(
  db: Db,
  { account, from, to }: { account: string; from: IsoDate; to: IsoDate },
): Promise<TradeTicket[]> {
  const found = await rows<Omit<TradeTicket, 'lines'> & { material: TicketMaterial }>(
    db,
    `
    select ticket_id as "ticketId", trading_day as "tradingDay", material,
           exists (select from confirmations c where c.ticket_id = t.ticket_id) as "isConfirmed"
      from live_tickets t
     where account = ? and kind = 'TRADE' and not dry_run and trading_day between ? and ?
     order by trading_day, ticket_id`,
    [account, from, to],
  );
  return found.map(({ material, ...ticket }) => ({ ...ticket, lines: material.lines }));
}
