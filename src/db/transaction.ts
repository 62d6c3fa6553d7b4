import type { Knex } from 'knex';
import type { Db } from './connect.js';

/**
 * Runs `work` in one transaction, all of it or nothing. READ COMMITTED, so that whoever waited for a lock sees what the
 * other one wrote (the audit chain needs that). Deferred rules are checked before it returns: by the commit, or within
 * another transaction, which commits later, by a statement of their own.
 */
export function inTransaction<T>(db: Db, work: (transaction: Knex.Transaction) => Promise<T>): Promise<T> {
  return db.transaction(
    async (transaction) => {
      const result = await work(transaction);
      if (db.isTransaction) await transaction.raw('set constraints all immediate');
      return result;
    },
    { isolationLevel: 'read committed' },
  );
}

/** Runs `work` on one consistent view of the database, which it cannot change: everything it reads is of the same instant. */
export function inView<T>(db: Db, work: (transaction: Knex.Transaction) => Promise<T>): Promise<T> {
  return db.transaction(work, { isolationLevel: 'repeatable read', readOnly: true });
}

/**
 * Makes several inserts in one statement: all or nothing, as in a transaction, at the price of one round trip. None of
 * them sees what the others write, but foreign keys between them hold, for these are checked at the statement's end.
 * @returns what the first of them returns.
 */
export async function together<Row = unknown>(
  db: Db,
  ...inserts: readonly (Knex.QueryBuilder | Knex.Raw | null)[]
): Promise<Row[]> {
  const all = inserts.filter((insert) => insert !== null);
  if (all.length === 0) return [];
  const named = all
    .slice(1)
    .map((_, index) => `part_${index} as (?)`)
    .join(', ');
  const statement = `${named === '' ? '' : `with ${named} `}?`;
  const { rows } = await db.raw<{ rows: Row[] }>(statement, [...all.slice(1), ...all.slice(0, 1)] as never);
  return rows;
}

/** The name of the constraint that a database error reports, or undefined: what a refusal is translated from. */
export function brokenConstraint(error: unknown): string | undefined {
  const { constraint } = (error ?? {}) as { constraint?: unknown };
  return typeof constraint === 'string' ? constraint : undefined;
}

/** Holds a named lock until the transaction ends. */
export async function lockUntilCommit(db: Db, name: string): Promise<void> {
  await db.raw('select pg_advisory_xact_lock(hashtextextended(?, 0))', [name]);
}

/**
 * Asks at once on a pool; one after another within a transaction, whose one connection takes one query at a time.
 * @returns the answers, in the order of the questions.
 */
export async function sideBySide<Questions extends readonly (() => Promise<unknown>)[]>(
  db: Db,
  ...questions: Questions
): Promise<{ [K in keyof Questions]: Awaited<ReturnType<Questions[K]>> }> {
  const answers: unknown[] = [];
  if (!db.isTransaction) answers.push(...(await Promise.all(questions.map((ask) => ask()))));
  else for (const ask of questions) answers.push(await ask());
  return answers as { [K in keyof Questions]: Awaited<ReturnType<Questions[K]>> };
}
