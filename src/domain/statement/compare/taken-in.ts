import { dayNumber } from '../../dates.js';
import type { BookedEntry } from '../../ledger/sums.js';
import { D, type Decimal } from '../../money.js';
import { groupBy } from '../../group.js';
import { causeOf } from './baseline.js';
import { movedBy, MOVEMENT_DAYS } from './facts.js';
import type { StatementLine } from './line.js';

/*
 * A trade that no ticket ordered is taken in by a baseline, which has neither its amount nor always its date: what
 * tells that it was is the units, which are those that such trades of the symbol came to. Of some of them alone it is
 * the date of one and its units.
 */

export interface Baselines {
  /** Standing entries of the period, and those from after it that no other statement's trade explains. */
  within: readonly BookedEntry[];
  later: readonly BookedEntry[];
  /** What was set of the cash with a baseline; null where nobody can tell. */
  cashOf(entry: BookedEntry): Decimal | null;
  /** What a baseline moved of a symbol, in units of the end. */
  unitsOf(entry: BookedEntry, symbol: string): Decimal;
}

/**
 * Lines of which those are settled, or name an entry of later, whose trades a baseline took in: first the one of the
 * very date and units of a trade, of several that with its amount; then what the rest of a symbol came to, unless its
 * cash is another than what they cost.
 * @param cameOf what the trades without a ticket of such lines came to at the end, by symbol
 */
export function takeIn(
  lines: readonly StatementLine[],
  cameOf: (lines: readonly StatementLine[]) => ReadonlyMap<string, Decimal>,
  { within, later, cashOf, unitsOf }: Baselines,
): StatementLine[] {
  const free = new Set(within.filter(({ kind }) => kind === 'BASELINE'));
  const isPaid = paidBy(lines, cashOf);
  const singly = ofTheirDay(
    ofTheirDay(lines, free, (entry, line) => cashOf(entry) !== null && isPaid([entry], [line])),
    free,
    (entry, line) => isPaid([entry], [line]),
  );
  const came = cameOf(singly);
  const rest = groupBy(
    singly.filter((line) => causeOf(line) === 'UNORDERED'),
    ({ symbol }) => symbol ?? '',
  );
  return singly.map((line) => {
    const symbol = line.symbol ?? '';
    const units = came.get(symbol);
    if (causeOf(line) !== 'UNORDERED' || units === undefined) return line;
    const isTheirs = (entries: readonly BookedEntry[]) => isPaid(entries, rest.get(symbol) ?? []);
    const moved = (entry: BookedEntry) => unitsOf(entry, symbol);
    const own = movingAsMany(setSince(rest.get(symbol) ?? [], free), { units, moved, isTheirs });
    if (own.length > 0) return takenIn(line, own);
    const others = movingAsMany(later, { units, moved, isTheirs });
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

/**
 * What may have taken in trades: set days before any of them happened it took in others, of which the statement before
 * may tell.
 */
function setSince(trades: readonly StatementLine[], entries: Iterable<BookedEntry>): BookedEntry[] {
  const days = trades.flatMap(({ statement }) => (statement === null ? [] : dayNumber(statement.date)));
  const since = Math.min(...days) - MOVEMENT_DAYS;
  return [...entries].filter(({ effectiveDate }) => dayNumber(effectiveDate) >= since);
}

/** Lines of which those are settled that a baseline of their very date and units took in, each its own. */
const ofTheirDay = (
  lines: readonly StatementLine[],
  free: Set<BookedEntry>,
  isFit: (entry: BookedEntry, line: StatementLine) => boolean,
): StatementLine[] =>
  lines.map((line) => {
    if (causeOf(line) !== 'UNORDERED') return line;
    const own = [...free].find((entry) => isOfItsDay(entry, line) && isFit(entry, line));
    if (own === undefined) return line;
    free.delete(own);
    return takenIn(line, [own]);
  });

/** What the broker's rate may make of an amount that the statement does not say. */
const ESTIMATED = '0.03';

/**
 * Tells whether baselines set as much of the cash as trades cost, for all that is known: fees that nobody booked may be
 * within.
 */
function paidBy(lines: readonly StatementLine[], cashOf: Baselines['cashOf']) {
  const fees = lines
    .filter(({ kind, difference }) => kind === 'FEE' && difference === 'MISSING_IN_LEDGER')
    .reduce((sum, { statement }) => sum.plus(statement?.amount ?? 0), D('0.005'));
  return (entries: readonly BookedEntry[], trades: readonly StatementLine[]): boolean => {
    const set = entries.map(cashOf);
    if (set.includes(null) || trades.some(({ statement }) => !statement?.amount)) return true;
    const moved = set.reduce<Decimal>((sum, cash) => sum.plus(cash ?? 0), D(0));
    const amounts = trades.map(({ kind, statement }) => D(statement?.amount ?? 0).times(kind === 'OPEN' ? -1 : 1));
    const paid = amounts.reduce((sum, amount) => sum.plus(amount), D(0));
    const estimated = trades.some(({ isEstimated }) => isEstimated) ? ESTIMATED : 0;
    const leeway = amounts.reduce((sum, amount) => sum.plus(amount.abs().times(estimated)), fees);
    return paid.minus(moved).abs().lte(leeway);
  };
}

/**
 * What was set of the cash with a baseline of units: it is booked just before, with the same words. Null where nothing
 * was, or the units of others with it.
 */
export function cashOfBaselines(entries: readonly BookedEntry[], baseCurrency: string): Baselines['cashOf'] {
  const placeOf = new Map(entries.map((entry, index) => [entry.entryId, index]));
  return (entry) => {
    const place = placeOf.get(entry.entryId) ?? 0;
    const isWith = (other: BookedEntry | undefined): other is BookedEntry =>
      other?.kind === 'BASELINE' &&
      other.effectiveDate === entry.effectiveDate &&
      other.description === entry.description;
    const [before, after] = [entries[place - 1], entries[place + 1]];
    if (!isWith(before) || before.symbol !== null || (isWith(after) && after.symbol !== null)) return null;
    return movedBy(before, 'Assets:Cash', baseCurrency);
  };
}

const whatOf = ({ text }: StatementLine): string => text.split(': ')[0] ?? '';

const takenIn = (line: StatementLine, own: readonly BookedEntry[]): StatementLine => ({
  ...line,
  difference: null,
  entryIds: own.map(({ entryId }) => entryId),
  text: `${whatOf(line)}: no ticket ordered it, and ${wordsOf(own)} took it in`,
});

/** Whether it is a baseline of the very date and units of a trade. */
function isOfItsDay(entry: BookedEntry, { kind, symbol, statement }: StatementLine): boolean {
  const units = D(statement?.units ?? 0).times(kind === 'OPEN' ? 1 : -1);
  return (
    entry.kind === 'BASELINE' &&
    entry.effectiveDate === statement?.date &&
    movedBy(entry, 'Assets:Units', symbol ?? '').eq(units)
  );
}

/** Whether a line is of a trade that a baseline took in. */
export const isTakenIn = ({ kind, difference, statement, ledger }: StatementLine): boolean =>
  (kind === 'OPEN' || kind === 'CLOSE') && difference === null && statement !== null && ledger === null;

interface Rest {
  units: Decimal;
  moved(entry: BookedEntry): Decimal;
  isTheirs(entries: readonly BookedEntry[]): boolean;
}

/** The one baseline that moved so many units, or all together. */
function movingAsMany(entries: readonly BookedEntry[], { units, moved, isTheirs }: Rest): BookedEntry[] {
  const baselines = entries.filter((entry) => entry.kind === 'BASELINE' && !moved(entry).isZero());
  const alone = baselines.find((entry) => moved(entry).eq(units) && isTheirs([entry]));
  if (alone) return [alone];
  const [first, ...rest] = baselines;
  if (first === undefined) return [];
  const all = rest.reduce((sum, entry) => sum.plus(moved(entry)), moved(first));
  return all.eq(units) && isTheirs(baselines) ? baselines : [];
}

const wordsOf = (entries: readonly BookedEntry[]): string =>
  entries
    .map(({ entryId, description, effectiveDate }) => `entry ${entryId} (${description}, ${effectiveDate})`)
    .join(' with ');
