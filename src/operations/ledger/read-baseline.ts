import type { Knex } from 'knex';
import { journal } from '../../db/journal.js';
import type { BookedEntry } from '../../domain/ledger/sums.js';

/** The opening of a ledger and every correction of it, oldest first; none while it is not open. */
export async function readBaseline(db: Knex, account: string): Promise<BookedEntry[]> {
  return (await journal(db, account)).filter(({ kind }) => kind === 'OPENING' || kind === 'BASELINE');
}
