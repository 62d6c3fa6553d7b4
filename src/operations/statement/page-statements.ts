import { parseInput } from '../../contract/reading.js';
import { pageStatementsSchema, STATEMENTS_OF_PAGE, type PageStatements } from '../../contract/statements.js';
import type { Db } from '../../db/connect.js';
import { listStatements, type ListedStatement } from '../../db/statements.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';

/** A page of an account's statements, newest first. */
export interface StatementsPage {
  statements: ListedStatement[];
  /** Before which statement the next page begins; null on the last one. */
  older: string | null;
}

/** The statements that were imported last, or those before one of them, a page at a time. */
export function pageStatements(db: Db, input: PageStatements): Promise<Outcome<StatementsPage>> {
  return outcomeOf(async () => {
    const asked = parseInput(pageStatementsSchema, input);
    // One more than is shown says whether there is another page.
    const found = await listStatements(db, { ...asked, limit: STATEMENTS_OF_PAGE + 1 });
    const statements = found.slice(0, STATEMENTS_OF_PAGE);
    return {
      statements,
      older: found.length > STATEMENTS_OF_PAGE ? (statements.at(-1)?.statementId ?? null) : null,
    };
  });
}
