import type { EntryDraft } from '../../domain/ledger/entries.js';
import { table, type Block } from '../../reports/render/document.js';

/** What an entry moves, a line each, as the journal has it. */
export const postingsTable = ({ postings }: Pick<EntryDraft, 'postings'>): Block =>
  table(
    ['Account', 'Amount#', 'Of'],
    postings.map(({ account, amount, commodity }) => [account, amount, commodity]),
  );
