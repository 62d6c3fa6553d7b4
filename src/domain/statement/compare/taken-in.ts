import type { BookedEntry } from '../../ledger/sums.js';
import { D, type Decimal } from '../../money.js';
import { causeOf } from './baseline.js';
import { movedBy } from './facts.js';
import type { StatementLine } from './line.js';

/*
 * A trade that no ticket ordered is taken in by a baseline, which has neither its amount nor always its date: what
 * tells that it was is the units, which are those that such trades of the symbol came to. Of some of them alone it is
 * the date of one and its units.
 */

export interface Baselines {
  /** Standing entries of the period, and those from after it. */
  within: readonly BookedEntry[];
  later: readonly BookedEntry[];
}

/**
 * Lines of which those are settled, or name an entry of later, whose trades a baseline took in: first the one of the
 * very date and units of a trade, then what the rest of a symbol came to.
 * @param cameOf what the trades without a ticket of such lines came to at the end, by symbol
 */
export function takeIn(
  lines: readonly StatementLine[],
  cameOf: (lines: readonly StatementLine[]) => ReadonlyMap<string, Decimal>,
  { within, later }: Baselines,
): StatementLine[] {
  const free = new Set(within);
  const singly = lines.map((line) => {
    const own = causeOf(line) === 'UNORDERED' ? ofItsDay(free, line) : [];
    for (const each of own) free.delete(each);
    return own.length > 0 ? takenIn(line, own) : line;
  });
  const came = cameOf(singly);
  return singly.map((line) => {
    const symbol = line.symbol ?? '';
    const units = came.get(symbol);
    if (causeOf(line) !== 'UNORDERED' || units === undefined) return line;
    const own = movingAsMany([...free], symbol, units);
    if (own.length > 0) return takenIn(line, own);
    const others = movingAsMany(later, symbol, units);
    if (others.length === 0) return line;
    return {
      ...line,
      text:
        `${whatOf(line)}: no ticket ordered it, and ${wordsOf(others)} moved as many units after the period: if that ` +
        'took it in, reverse it with what it set of the cash, then import again and take it in with --date that of the ' +
        'trade',
    };
  });
}

const whatOf = ({ text }: StatementLine): string => text.split(': ')[0] ?? '';

const takenIn = (line: StatementLine, own: readonly BookedEntry[]): StatementLine => ({
  ...line,
  difference: null,
  entryIds: own.map(({ entryId }) => entryId),
  text: `${whatOf(line)}: no ticket ordered it, and ${wordsOf(own)} took it in`,
});

/** The baseline of the very date and units of a trade. */
function ofItsDay(entries: Iterable<BookedEntry>, { kind, symbol, statement }: StatementLine): BookedEntry[] {
  const units = D(statement?.units ?? 0).times(kind === 'OPEN' ? 1 : -1);
  const found = [...entries].find(
    (entry) =>
      entry.kind === 'BASELINE' &&
      entry.effectiveDate === statement?.date &&
      movedBy(entry, 'Assets:Units', symbol ?? '').eq(units),
  );
  return found ? [found] : [];
}

/** Whether a line is of a trade that a baseline took in. */
export const isTakenIn = ({ kind, difference, statement, ledger }: StatementLine): boolean =>
  (kind === 'OPEN' || kind === 'CLOSE') && difference === null && statement !== null && ledger === null;

/** The one baseline that moved so many units, or all together. */
function movingAsMany(entries: readonly BookedEntry[], symbol: string, units: Decimal): BookedEntry[] {
  const moved = (entry: BookedEntry) => movedBy(entry, 'Assets:Units', symbol);
  const baselines = entries.filter((entry) => entry.kind === 'BASELINE' && !moved(entry).isZero());
  const alone = baselines.find((entry) => moved(entry).eq(units));
  if (alone) return [alone];
  const [first, ...rest] = baselines;
  if (first === undefined) return [];
  return rest.reduce((sum, entry) => sum.plus(moved(entry)), moved(first)).eq(units) ? baselines : [];
}

const wordsOf = (entries: readonly BookedEntry[]): string =>
  entries
    .map(({ entryId, description, effectiveDate }) => `entry ${entryId} (${description}, ${effectiveDate})`)
    .join(' with ');
