import type { IsoDate } from '../types.js';
import type { EntryDraft, EntryKind } from './entries.js';
import { grownIndex } from './grown.js';

/** As far as a booked entry tells when it took effect, and on what. */
interface Placed extends EntryDraft {
  entryId: number;
  reversesEntryId: number | null;
}

/** What a company did to a holding, of a date; several of one date happened in the order in which they are booked. */
export const OF_COMPANY: readonly EntryKind[] = [
  'SPLIT',
  'RENAME',
  'CASH_MERGER',
  'STOCK_MERGER',
  'SPIN_OFF',
  'CASH_IN_LIEU',
  'DELISTING',
];

/** Whether an entry says what a company did to shares, and so to all that were held before it. */
export const isOfCompany = (kind: EntryKind): boolean => OF_COMPANY.includes(kind);

/**
 * Whether an entry changed the units that a company's doing is about: of an earlier date; or of the same one where it
 * is the opening or another doing that was booked before. What was bought on the day itself is of after it.
 */
export const actsBefore = (
  entry: Pick<Placed, 'entryId' | 'kind' | 'effectiveDate'>,
  doing: { effectiveDate: IsoDate; entryId: number },
): boolean =>
  entry.effectiveDate < doing.effectiveDate ||
  (entry.effectiveDate === doing.effectiveDate &&
    (isOfCompany(entry.kind) || entry.kind === 'OPENING') &&
    entry.entryId < doing.entryId);

/** The renames that stand, in booking order. */
const standingRenames: (entries: readonly Placed[]) => readonly Placed[] = grownIndex<Placed, Placed[]>(
  () => [],
  (renames, entry) => {
    if (entry.kind === 'RENAME') renames.push(entry);
  },
);

/**
 * What a ledger's shares of a symbol were called before, as its own renames say, with the date of each, newest first.
 */
export function formerOf(entries: readonly Placed[], symbol: string): { symbol: string; until: IsoDate }[] {
  const found: { symbol: string; until: IsoDate; entryId: number }[] = [];
  let last = { symbol, until: '9999-12-31', entryId: Infinity };
  const renames = standingRenames(entries);
  for (let next = renamedTo(renames, last); next !== undefined; next = renamedTo(renames, last)) {
    last = { symbol: next.symbol ?? '', until: next.effectiveDate, entryId: next.entryId };
    found.push(last);
  }
  return found.map(({ symbol: name, until }) => ({ symbol: name, until }));
}

/** The newest rename into a name, of before it was called otherwise: a circle of names ends. */
const renamedTo = (
  renames: readonly Placed[],
  { symbol, until, entryId }: { symbol: string; until: IsoDate; entryId: number },
): Placed | undefined =>
  renames.findLast(
    (entry) =>
      actsBefore(entry, { effectiveDate: until, entryId }) &&
      entry.postings.some(
        ({ commodity, amount }) => commodity === symbol && commodity !== entry.symbol && !amount.startsWith('-'),
      ),
  );

/** Whether an entry was reckoned from what is booked of its own date too: figures that were set right by hand are. */
export const hasItsDateIn = ({ kind }: Pick<Placed, 'kind'>): boolean => kind === 'BASELINE';

/**
 * A standing entry that was reckoned from the units of a symbol as they were on a later date: another doing of a
 * company, or figures that were set right by hand. What changes those units before it can no longer be booked, nor
 * taken back, without making it wrong.
 * @param orOn of that date too: for what was booked after an entry of the date.
 */
export function reckonedAfter<Entry extends Placed>(
  entries: readonly Entry[],
  symbols: readonly string[],
  { date, orOn = false }: { date: IsoDate; orOn?: boolean },
): Entry | undefined {
  const reversed = new Set(entries.map(({ reversesEntryId }) => reversesEntryId));
  return entries.find(
    (entry) =>
      !reversed.has(entry.entryId) &&
      (orOn || hasItsDateIn(entry) ? entry.effectiveDate >= date : entry.effectiveDate > date) &&
      symbols.some((symbol) => isReckonedFrom(entry, symbol)),
  );
}

function isReckonedFrom({ kind, symbol: of, postings }: Placed, symbol: string): boolean {
  const moves = postings.some(({ account, commodity }) => account === 'Assets:Units' && commodity === symbol);
  if (kind === 'BASELINE' || kind === 'RENAME') return moves;
  return isOfCompany(kind) && of === symbol;
}
