import { D, toText } from '../../money.js';
import type { IsoDate, LedgerState } from '../../types.js';
import { baselineCashEntry, baselinePositionEntry, openingEntry, type EntryDraft } from '../entries.js';

export interface PaperAlignment {
  draft: EntryDraft;
  /** What it sets: `opening`, `cash` or a symbol; part of the key it is booked under. */
  what: string;
}

/**
 * Plans to set the paper book to the ledger, by an opening or by baselines of what differs: a dry-run ticket was decided on
 * the ledger, so its fills are tried out on what the ledger holds. Without this a paper sale repeated a week later would sell
 * what the paper book no longer has.
 */
export function planPaperAlignment(
  ledger: Pick<LedgerState, 'cash' | 'units'>,
  paper: LedgerState,
  { baseCurrency, date }: { baseCurrency: string; date: IsoDate },
): PaperAlignment[] {
  const description = 'Paper book set to the ledger before a dry run';
  if (paper.lastEntryId === null) {
    const draft = openingEntry({ date, baseCurrency, cash: ledger.cash, positions: ledger.units, description });
    return draft ? [{ draft, what: 'opening' }] : [];
  }
  const delta = toText(D(ledger.cash).minus(D(paper.cash)));
  const symbols = [...new Set([...Object.keys(ledger.units), ...Object.keys(paper.units)])].toSorted();
  return [
    { draft: baselineCashEntry({ date, baseCurrency, delta, description }), what: 'cash' },
    ...symbols.map((symbol) => {
      const units = toText(D(ledger.units[symbol] ?? '0').minus(D(paper.units[symbol] ?? '0')));
      return {
        draft: baselinePositionEntry({ date, baseCurrency, symbol, units, cost: null, description }),
        what: symbol,
      };
    }),
  ].filter(({ draft }) => draft.postings.length > 0);
}
