import type { Knex } from 'knex';
import type { Instant } from '../domain/types.js';
import type { Db } from './connect.js';

/**
 * Something to be read that may be asked together with others. Its rows travel as JSON, where a decimal would become a
 * float and an instant has another spelling: a query casts `numeric` to text, and its answer gives instants through
 * `instantOf`.
 */
export interface Question<Answer> {
  query: Knex.QueryBuilder | Knex.Raw;
  answer(rows: unknown[]): Answer;
}

/** A question, and what is made of the rows that answer it; it says of what kind they are. */
export const question = <Answer>(
  query: Knex.QueryBuilder | Knex.Raw,
  answer: (rows: never[]) => Answer,
): Question<Answer> => ({ query, answer: answer as (rows: unknown[]) => Answer });

/**
 * Asks in one statement: one round trip, and answers that are all of the same instant.
 * @returns the answers, in the order of the questions.
 */
export async function askTogether<Questions extends readonly Question<unknown>[]>(
  db: Db,
  ...questions: Questions
): Promise<{ [K in keyof Questions]: Questions[K] extends Question<infer Answer> ? Answer : never }> {
  const columns = questions.map((_, index) => `(select coalesce(json_agg(r), '[]') from (?) as r) as q${index}`);
  const asked = db.raw(`select ${columns.join(', ')}`, questions.map(({ query }) => query) as never);
  const [row] = await prepared(db, asked);
  const answers = questions.map(({ answer }, index) => answer(row?.[`q${index}`] ?? []));
  return answers as { [K in keyof Questions]: Questions[K] extends Question<infer Answer> ? Answer : never };
}

/** So many statements get a name; one whose text is another each time would fill the server with plans. */
const NAMED_MAX = 64;
const nameOf = new Map<string, string>();

/**
 * Runs a statement under a name, so that a connection reads it once and plans it a few times: of questions over a dozen
 * tables that takes longer than their answers.
 */
async function prepared(db: Db, statement: Knex.Raw): Promise<Record<string, unknown[]>[]> {
  const { sql, bindings } = statement.toSQL();
  if (!nameOf.has(sql) && nameOf.size < NAMED_MAX) nameOf.set(sql, `asked_${nameOf.size}`);
  const name = nameOf.get(sql);
  const asked = db.raw<{ rows: Record<string, unknown[]>[] }>(sql, bindings as never);
  return (await (name === undefined ? asked : asked.options({ name }))).rows;
}

/** Asks one question alone. */
export async function ask<Answer>(db: Db, one: Question<Answer>): Promise<Answer> {
  const [answer] = await askTogether(db, one);
  return answer as Answer;
}

/** An instant out of JSON as it is spelled everywhere else. */
export const instantOf = (text: string): Instant => new Date(text).toISOString();

/** Rows out of JSON, with what these columns say as instants. */
export const withInstants = <R extends object>(found: R[], ...columns: (keyof R)[]): R[] =>
  found.map((row) => {
    const instants = columns.map((column) => {
      const text = row[column] as string | null;
      return [column, text === null ? null : instantOf(text)];
    });
    return { ...row, ...(Object.fromEntries(instants) as Partial<R>) };
  });

type Bindings = readonly (string | number | boolean | string[] | null)[];

/** Rows as a statement gives them, as a question; `?` takes the bindings in order. */
export const rowsQuestion = <Row>(db: Db, sql: string, bindings: Bindings = []): Question<Row[]> =>
  question<Row[]>(db.raw(sql, bindings as never), (found: Row[]) => found);

/**
 * The same rows, on their way column by column: of thousands that takes half the time of an object each.
 * @param columns all that the statement gives
 */
export function columnsQuestion<Row extends object>(
  db: Db,
  sql: string,
  columns: readonly (keyof Row & string)[],
  bindings: Bindings = [],
): Question<Row[]> {
  const lists = columns.map((column) => `coalesce(json_agg(r."${column}"), '[]') as "${column}"`);
  const query = db.raw(`select ${lists.join(', ')} from (${sql}) as r`, bindings as never);
  return question<Row[]>(query, ([found]: Record<keyof Row, unknown[]>[]) => rowsOfColumns<Row>(found!, columns));
}

/** Rows out of their columns. */
export function rowsOfColumns<Row extends object>(
  found: Readonly<Record<keyof Row, readonly unknown[]>>,
  columns: readonly (keyof Row & string)[],
): Row[] {
  return found[columns[0]!].map((_, index) => {
    const row: Partial<Record<keyof Row, unknown>> = {};
    for (const column of columns) row[column] = found[column][index];
    return row as Row;
  });
}

/** A question whose answer is made of another's. */
export const answeredAs = <Given, Answer>(
  { query, answer }: Question<Given>,
  make: (given: Given) => Answer,
): Question<Answer> => ({ query, answer: (found) => make(answer(found)) });

/** The same rows, asked for alone and as the driver reads them. */
export async function rows<Row>(db: Db, sql: string, bindings: Bindings = []): Promise<Row[]> {
  const result = await db.raw<{ rows: Row[] }>(sql, bindings as never);
  return result.rows;
}
