import { refusal, refused, type Outcome } from '../../errors.js';
import type { DecimalString, IsoDate } from '../../types.js';
import { openingEntry, type EntryDraft } from '../entries.js';

export interface OpeningCommand {
  date: IsoDate;
  baseCurrency: string;
  /** Base currency; units by symbol. */
  cash: DecimalString;
  positions: Record<string, DecimalString>;
  /** What the journal says of it; that it is from the snapshot of its date when left out. */
  description?: string;
}

/** Plans the one entry that opens a book, with what a snapshot or a baseline shows; refused when that is nothing. */
export function planOpening(command: OpeningCommand): Outcome<EntryDraft> {
  const draft = openingEntry(command);
  if (draft) return { ok: true, result: draft };
  return refused(
    refusal(
      'BASELINE_EMPTY',
      'the ledger is empty: a baseline opens it with cash above 0 or a position, and this one has neither',
      { remedy: 'name what there was once the first deposit had arrived, with --cash and --date' },
    ),
  );
}
