import { dayNumber } from '../../dates.js';
import type { BookedEntry } from '../../ledger/sums.js';
import { D, type Decimal } from '../../money.js';
import { groupBy } from '../../group.js';
import { causeOf } from './baseline.js';
import { movedBy, MOVEMENT_DAYS } from './facts.js';
import type { StatementLine } from './line.js';
import { costsOf, isPaid, type SetTogether } from './paid.js';

/*
 * A trade that no ticket ordered is taken in by a baseline, which has neither its amount nor always its date: what
 * tells that it was is the units, which are those that such trades of the symbol came to. Of some of them alone it is
 * the date of one and its units.
 */

export interface Baselines {
  /** Standing entries of the period, and those from after it that no other statement's trade explains. */
  within: readonly BookedEntry[];
  later: readonly BookedEntry[];
  /** What was set together with a baseline. */
  setWith(entry: BookedEntry): SetTogether | null;
  /** What a baseline moved of a symbol, in units of the end. */
  unitsOf(entry: BookedEntry, symbol: string): Decimal;
}

type CameOf = (lines: readonly StatementLine[]) => ReadonlyMap<string, Decimal>;

/**
 * Lines of which those are settled, or name an entry of later, whose trades a baseline took in: first the one of the
 * very date and units of a trade, of several that with its amount; then what the rest of a symbol came to. None of
 * another cash than what they cost: those are named too.
 * @param cameOf what the trades without a ticket of such lines came to at the end, by symbol
 */
export function takeIn(lines: readonly StatementLine[], cameOf: CameOf, baselines: Baselines): StatementLine[] {
  const paying = payingOf(lines, baselines);
  const free = new Set(baselines.within.filter(({ kind }) => kind === 'BASELINE'));
  // What nothing says the cost of would take what is another's: it takes what those leave that say it.
  const fits: IsFit[] = [
    (entry, line) => paying.isAlone(entry) && isSaid(line),
    (entry) => paying.isAlone(entry),
    () => true,
  ];
  const singly = fits.reduce(
    (left, isFit) => ofTheirDay(left, free, (entry, line) => isFit(entry, line) && paying.isPaid([entry], [line])),
    [...lines],
  );
  const taken = theRest(singly, [...free], { cameOf, paying, baselines });
  const settled = paying.withoutUnpaid(taken, lines);
  const names = new Set(settled.filter(isTakenIn).flatMap(({ entryIds }) => entryIds));
  const strays = baselines.within.filter(({ kind, entryId }) => kind === 'BASELINE' && !names.has(entryId));
  return named(settled, strays, { cameOf, paying, baselines });
}

type IsFit = (entry: BookedEntry, line: StatementLine) => boolean;

const isSaid = ({ statement }: StatementLine): boolean => Boolean(statement?.amount);

interface Scope {
  cameOf: CameOf;
  paying: Paying;
  baselines: Baselines;
}

/** Trades without a ticket that nothing took in yet, by symbol. */
const leftOf = (lines: readonly StatementLine[]) =>
  groupBy(
    lines.filter((line) => causeOf(line) === 'UNORDERED'),
    ({ symbol }) => symbol ?? '',
  );

/** Lines of which those are settled that baselines of a symbol took in together. */
function theRest(
  lines: readonly StatementLine[],
  free: readonly BookedEntry[],
  { cameOf, paying, baselines: { unitsOf } }: Scope,
): StatementLine[] {
  const [left, came] = [leftOf(lines), cameOf(lines)];
  const own = new Map(
    [...left].map(([symbol, trades]) => {
      const isTheirs = (entries: readonly BookedEntry[]) => paying.isPaid(entries, trades);
      const rest = { units: came.get(symbol) ?? D(0), moved: (entry: BookedEntry) => unitsOf(entry, symbol), isTheirs };
      return [symbol, movingAsMany(setSince(trades, free), rest)];
    }),
  );
  return lines.map((line) => {
    const entries = causeOf(line) === 'UNORDERED' ? (own.get(line.symbol ?? '') ?? []) : [];
    return entries.length > 0 ? takenIn(line, entries) : line;
  });
}

/** Lines that nothing took in, with the baselines that moved as many units: for other cash, or after the period. */
function named(
  lines: readonly StatementLine[],
  strays: readonly BookedEntry[],
  { cameOf, paying, baselines: { later, unitsOf } }: Scope,
): StatementLine[] {
  const [left, came] = [leftOf(lines), cameOf(lines)];
  return lines.map((line) => {
    const symbol = line.symbol ?? '';
    const units = came.get(symbol);
    if (causeOf(line) !== 'UNORDERED' || units === undefined) return line;
    const trades = left.get(symbol) ?? [];
    const rest = { units, moved: (entry: BookedEntry) => unitsOf(entry, symbol) };
    const ofDay = strays.find((entry) => isOfItsDay(entry, line));
    const unpaid = ofDay ? [ofDay] : movingAsMany(setSince(trades, strays), { ...rest, isTheirs: () => true });
    const words = paying.wordsOf(unpaid, ofDay ? [line] : trades);
    if (words !== null)
      return {
        ...line,
        text:
          `${whatOf(line)}: no ticket ordered it, and ${wordsOf(unpaid)} moved as many units ${words}: reverse it ` +
          'with what it set of the cash, then import again and take it in whole',
      };
    const isTheirs = (entries: readonly BookedEntry[]) => paying.isPaid(entries, trades);
    const others = movingAsMany(later, { ...rest, isTheirs });
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
const ofTheirDay = (lines: readonly StatementLine[], free: Set<BookedEntry>, isFit: IsFit): StatementLine[] =>
  lines.map((line) => {
    if (causeOf(line) !== 'UNORDERED') return line;
    const own = [...free].find((entry) => isOfItsDay(entry, line) && isFit(entry, line));
    if (own === undefined) return line;
    free.delete(own);
    return takenIn(line, [own]);
  });

/** What baselines set of the cash, against what the trades cost that they may have taken in. */
interface Paying {
  /** Whether what was set with a baseline was set for its units alone. */
  isAlone(entry: BookedEntry): boolean;
  /** Whether trades cost what was set; so it may be of what was set for other symbols too. */
  isPaid(entries: readonly BookedEntry[], trades: readonly StatementLine[]): boolean;
  /** Lines as they were of which baselines of several symbols did not set what all of them cost. */
  withoutUnpaid(taken: readonly StatementLine[], lines: readonly StatementLine[]): StatementLine[];
  /** What was set, and what it cost, in words; null of no entries. */
  wordsOf(entries: readonly BookedEntry[], trades: readonly StatementLine[]): string | null;
}

function payingOf(lines: readonly StatementLine[], { within, setWith }: Baselines): Paying {
  const fees = lines
    .filter(({ kind, difference }) => kind === 'FEE' && difference === 'MISSING_IN_LEDGER')
    .reduce((sum, { statement }) => sum.plus(statement?.amount ?? 0), D(0));
  const setsOf = (entries: readonly BookedEntry[]) => [...new Set(entries.flatMap((entry) => setWith(entry) ?? []))];
  const cashOf = (entries: readonly BookedEntry[]) => setsOf(entries).reduce((sum, { cash }) => sum.plus(cash), D(0));
  const areAll = (entries: readonly BookedEntry[]) =>
    setsOf(entries).every(({ units }) => units.every((entry) => entries.includes(entry)));
  const entryOf = new Map(within.map((entry) => [entry.entryId, entry]));
  const entriesOf = ({ entryIds }: StatementLine) => entryIds.flatMap((entryId) => entryOf.get(entryId) ?? []);
  const isUnpaid = (line: StatementLine, taken: readonly StatementLine[]) => {
    const sets = new Set(setsOf(entriesOf(line)));
    const together = taken.filter((each) => isTakenIn(each) && setsOf(entriesOf(each)).some((set) => sets.has(set)));
    const entries = together.flatMap(entriesOf);
    return areAll(entries) ? !isPaid(costsOf(together, fees), cashOf(entries)) : cashOf(entries).isZero();
  };
  return {
    isAlone: (entry) => areAll([entry]),
    isPaid: (entries, trades) => !areAll(entries) || isPaid(costsOf(trades, fees), cashOf(entries)),
    withoutUnpaid: (taken, before) =>
      taken.map((line, index) =>
        isTakenIn(line) && !areAll(entriesOf(line)) && isUnpaid(line, taken) ? (before[index] ?? line) : line,
      ),
    wordsOf: (entries, trades) => {
      if (entries.length === 0) return null;
      const set = cashOf(entries).toFixed(2);
      if (!areAll(entries))
        return `with others, and what was set of the cash with all of them, ${set}, is not what they cost`;
      const { cost, isEstimated } = costsOf(trades, fees);
      if (cost === null) return `and set the cash by ${set}, where somebody paid for them`;
      const about = `${isEstimated ? '~' : ''}${cost.abs().toFixed(2)}`;
      return `and set the cash by ${set}, where ${about} was ${cost.lt(0) ? 'received' : 'paid'}`;
    },
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
