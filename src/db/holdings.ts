import type { Db } from './connect.js';
import type { Row } from './tables.js';

/** Symbols that any account's ledger holds, sorted: they are priced whether or not the universe still enables them. */
export async function heldSymbols(db: Db): Promise<string[]> {
  const rows = await db('postings as p')
    .join('journal_entries as e', 'e.entry_id', 'p.entry_id')
    .where({ 'e.book': 'ledger', 'p.ledger_account': 'Assets:Units' })
    .groupBy('p.commodity', 'e.account')
    .havingRaw('sum(p.amount) > 0')
    .distinct<Pick<Row<'postings'>, 'commodity'>[]>('p.commodity')
    .orderBy('p.commodity');
  return rows.map(({ commodity }) => commodity);
}
