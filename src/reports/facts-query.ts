import type { Db } from '../db/connect.js';
import { question, type Question } from '../db/questions.js';

type Bindings = readonly (string | number | boolean | string[])[];

/** The same as a question that is asked together with others. */
export const rowsQuestion = <Row>(db: Db, sql: string, bindings: Bindings = []): Question<Row[]> =>
  question<Row[]>(db.raw(sql, bindings as never), (found: Row[]) => found);

/** Rows of a query; `?` takes the bindings in order. */
export async function rows<Row>(db: Db, sql: string, bindings: Bindings = []): Promise<Row[]> {
  const result = (await db.raw(sql, bindings as never)) as { rows: Row[] };
  return result.rows;
}
