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
 * How a column travels: figures, dates and names of ours as they are spelled in SQL, numbers and instants too, and as
 * JSON what a person may have written.
 */
export type ColumnKind = 'text' | 'number' | 'instant' | 'free';

/** All columns that a statement gives, by the names of the row. */
export type Columns<Row> = { readonly [Column in keyof Row & string]: ColumnKind };

/** Nothing that travels as text has one in it; where a forged row has, its column is longer than the others. */
const CUT_AT = ';';

/** An instant as `toISOString` writes it. */
const ISO = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;

/** The columns of the rows `r`, each as one list: of thousands that takes a quarter of the time of an object each. */
export const columnLists = <Row extends object>(columns: Columns<Row>): string =>
  Object.entries<ColumnKind>(columns)
    .map(([column, kind]) => `${listOf(`r."${column}"`, kind)} as "${column}"`)
    .join(', ');

function listOf(column: string, kind: ColumnKind): string {
  if (kind === 'free') return `coalesce(json_agg(${column}), '[]')`;
  const text = kind === 'instant' ? `to_char(${column} at time zone 'UTC', ${ISO})` : `cast(${column} as text)`;
  return `string_agg(coalesce(${text}, ''), '${CUT_AT}')`;
}

/** What `columnLists` gives: a text, or a list of what is free; null where there is no row. */
export type ColumnLists<Row> = Record<keyof Row & string, string | readonly unknown[] | null>;

/** Columns as lists of one length. */
export type Lists<Row> = { readonly [Column in keyof Row & string]: readonly Row[Column][] };

/** Columns out of what `columnLists` gives. @throws Error where they are not of one length: then a row was forged */
export function listsOfColumns<Row extends object>(found: ColumnLists<Row>, columns: Columns<Row>): Lists<Row> {
  const lists = Object.entries<ColumnKind>(columns).map(
    ([name, kind]) => [name, valuesOf(found[name as keyof Row & string], kind)] as const,
  );
  if (new Set(lists.map(([, list]) => list.length)).size > 1)
    throw new Error(`of one length must be: ${lists.map(([name, list]) => `${name} ${list.length}`).join(', ')}`);
  return Object.fromEntries(lists) as unknown as Lists<Row>;
}

function valuesOf(list: string | readonly unknown[] | null, kind: ColumnKind): readonly unknown[] {
  if (list === null) return [];
  if (typeof list !== 'string') return list;
  const read = kind === 'number' ? Number : (value: string) => value;
  return list.split(CUT_AT).map((value) => (value === '' ? null : read(value)));
}

/**
 * The same rows, on their way column by column.
 * @param columns all that the statement gives
 * @param rowAt of the columns a row: as a literal, for rows of which the engine knows the shape are made ten times
 * faster
 */
export const columnsQuestion = <Row extends object>(
  db: Db,
  { sql, bindings = [], columns }: { sql: string; bindings?: Bindings; columns: Columns<Row> },
  rowAt: (lists: Lists<Row>, index: number) => Row,
): Question<Row[]> =>
  question<Row[]>(
    db.raw(`select ${columnLists(columns)} from (${sql}) as r`, bindings as never),
    ([found]: ColumnLists<Row>[]) => {
      const lists = listsOfColumns(found!, columns);
      const [any] = Object.values<readonly unknown[]>(lists);
      return any!.map((_, index) => rowAt(lists, index));
    },
  );

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
