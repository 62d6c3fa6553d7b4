import type { Db } from './connect.js';
import { ask, question, type Question } from './questions.js';
import type { Row } from './tables.js';

/** Symbols that any account's ledger holds, sorted: they are priced whether or not the universe still enables them. */
export const heldSymbols = (db: Db): Promise<string[]> => ask(db, heldQuestion(db));

/** The same as a question. */
export const heldQuestion = (db: Db): Question<string[]> =>
  question<string[]>(
    db('postings as p')
      .join('journal_entries as e', 'e.entry_id', 'p.entry_id')
      .where({ 'e.book': 'ledger', 'p.ledger_account': 'Assets:Units' })
      .groupBy('p.commodity', 'e.account')
      .havingRaw('sum(p.amount) > 0')
      .distinct('p.commodity')
      .orderBy('p.commodity'),
    (rows: Pick<Row<'postings'>, 'commodity'>[]) => rows.map(({ commodity }) => commodity),
  );
