import type { Knex } from 'knex';
import { parseInput } from '../../contract/reading.js';
import {
  listStatementsSchema,
  readStatementSchema,
  type ListStatements,
  type ReadStatement,
} from '../../contract/statements.js';
import {
  findStatement,
  listStatements,
  newestComparison,
  newestStatement,
  standingOf,
  statementsBeginning,
  type ListedStatement,
  type StatementEventStored,
  type StoredComparison,
  type StoredStatement,
} from '../../db/statements.js';
import { outcomeOf, usageError, type Outcome } from '../../domain/errors.js';
import { isBeginningOfId } from '../../domain/shapes.js';
import { bounded } from '../../domain/text.js';
import { ofAccount } from '../../reports/commands.js';
import { theOne } from '../day/whole-id.js';

/** The newest statements of an account with what came of each, newest first. */
export const lastStatements = (db: Knex, input: ListStatements): Promise<Outcome<ListedStatement[]>> =>
  outcomeOf(async () => {
    const { account, limit } = parseInput(listStatementsSchema, input);
    return listStatements(db, { account, limit });
  });

/** A statement with what came of it last, and who took it back where it counts no more. */
export interface ReadImported {
  stored: StoredStatement;
  comparison: StoredComparison;
  withdrawn: StatementEventStored | null;
}

/** A statement with what came of it last; the newest that counts, where none is named; null where it has none. */
export const readImported = (db: Knex, input: ReadStatement): Promise<Outcome<ReadImported | null>> =>
  outcomeOf(async () => {
    const { account, statement } = parseInput(readStatementSchema, input);
    const id = statement === null ? await newestStatement(db, account) : await wholeStatementId(db, account, statement);
    if (id === null) return null;
    const [stored, comparison] = [await findStatement(db, id), await newestComparison(db, id)];
    if (stored === null || comparison === null) return null;
    const { compared, withdrawn } = await standingOf(db, comparison);
    return { stored, comparison: compared, withdrawn };
  });

/**
 * The whole id of a statement of an account, by it or by its first eight characters or more.
 * @throws OpsError STATEMENT_UNKNOWN, ID_AMBIGUOUS
 */
export async function wholeStatementId(db: Knex, account: string, asked: string): Promise<string> {
  const begins = asked.toLowerCase();
  const found = isBeginningOfId(begins) || begins.length === 36 ? await statementsBeginning(db, account, begins) : [];
  return theOne('statement', asked, found, () =>
    usageError('STATEMENT_UNKNOWN', `statement: ${bounded(asked)}: there is no such statement of ${account}`, {
      remedy: ofAccount('trading-ops statement list', account),
    }),
  );
}
