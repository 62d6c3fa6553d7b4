import { dayNumber } from '../../dates.js';
import { roundUnits } from '../../ledger/entries.js';
import { replayBook, type BookReport } from '../../ledger/positions.js';
import { isOfCompany } from '../../ledger/sequence.js';
import { standingEntries, sumsOf, unitsTakingPart, type BookedEntry } from '../../ledger/sums.js';
import { D, Decimal, toText } from '../../money.js';
import type { Proposal } from '../../reconciliation/proposal.js';
import type { IsoDate } from '../../types.js';
import type { StatementEvent } from '../statement.js';
import { isForNothing, settlePosition, unorderedOf, unorderedRows } from './baseline.js';
import { mayBe, movedBy, type LedgerFacts } from './facts.js';
import { lineOf, type StatementLine } from './line.js';
import type { Window } from './window.js';

/** Days between an ex-date and the row that the broker writes of it. */
const DAYS_APART = 7;
/** Days within which no company splits twice: an entry of another date is the same split as a rule. */
const OTHER_DAYS = 31;

/** A split as the statement tells it, once a symbol, whatever number of positions it was of. */
export interface Split {
  symbol: string;
  events: StatementEvent[];
  /** New shares for one old share; null where nobody can tell. */
  ratio: Decimal | null;
  published: boolean;
  /** As a source tells it, or an entry; else the date of the row, which comes up to a week later. */
  exDate: IsoDate;
  entry: BookedEntry | null;
}

/** What companies did within the period, by either side. */
export interface Happened {
  splits: readonly Split[];
  /** What else companies did to holdings, which the ledger alone tells. */
  others: readonly BookedEntry[];
  lines: StatementLine[];
  notes: string[];
}

/** Splits against the ledger's. */
export function compareSplits(window: Window, facts: LedgerFacts): Happened {
  const splits = splitsOf(window, facts);
  const told = new Set(splits.map(({ entry }) => entry));
  const over = window.entries.filter((entry) => entry.kind === 'SPLIT' && !told.has(entry));
  const others = window.entries.filter((entry) => isOfCompany(entry.kind) && entry.kind !== 'SPLIT');
  return {
    splits,
    others,
    lines: [...splits.map((split) => splitLine(split, facts.entries, told)), ...over.map(missingInStatement)],
    notes: others.map(
      ({ entryId, description }) =>
        `Entry ${entryId} (${description}) is taken from the ledger: a statement does not tell of it.`,
    ),
  };
}

/** Rows of one split stand together; a second one of the same symbol comes weeks later. */
function splitsOf({ events, entries, carried }: Window, facts: LedgerFacts): Split[] {
  const splits: Split[] = [];
  for (const event of events.filter(({ kind }) => kind === 'SPLIT')) {
    const known = splits.find(
      ({ symbol, events: [first] }) => symbol === event.symbol && isNear(first?.date, event.date),
    );
    if (known) known.events.push(event);
    else splits.push(splitOf(event, facts, [...entries, ...carried], splits));
  }
  return splits;
}

const isNear = (date: string | undefined, other: string, days = DAYS_APART): boolean =>
  date !== undefined && Math.abs(dayNumber(date) - dayNumber(other)) <= days;

function splitOf(
  event: StatementEvent,
  facts: LedgerFacts,
  entries: readonly BookedEntry[],
  others: readonly Split[],
): Split {
  const symbol = event.symbol ?? '';
  const isOf = (each: { kind: string; symbol: string | null }) => each.kind === 'SPLIT' && each.symbol === symbol;
  const taken = new Set(others.map(({ entry }) => entry));
  const entry =
    entries.find((each) => isOf(each) && !taken.has(each) && isNear(each.effectiveDate, event.date)) ?? null;
  const action = facts.actions.find((each) => isOf(each) && isNear(each.exDate, event.date));
  const [first, second] = [D(event.ratio?.first ?? 1), D(event.ratio?.second ?? 1)];
  const stated = first.gt(second) && second.gt(0) ? first.div(second) : null;
  return {
    symbol,
    events: [event],
    ratio: action ? D(action.value) : (stated ?? (entry && bookedRatio(entry, facts.entries))),
    published: action !== undefined,
    exDate: action?.exDate ?? entry?.effectiveDate ?? event.date,
    entry,
  };
}

/** The ratio that an entry was booked with, by the units before it. */
function bookedRatio(entry: BookedEntry, entries: readonly BookedEntry[]): Decimal | null {
  const { before, moved } = unitsOfSplit(entry, entries);
  return before.gt(0) ? before.plus(moved).div(before) : null;
}

/** Whether an entry moved the units that a ratio makes of those before it; so it is where the ledger held none. */
function isBookedAs(entry: BookedEntry, ratio: Decimal, entries: readonly BookedEntry[]): boolean {
  const { before, moved } = unitsOfSplit(entry, entries);
  const due = before.times(ratio);
  const leeway = Decimal.max(due.times(SAME_RATIO), UNITS_ROUNDED);
  return before.lte(0) || before.plus(moved).minus(due).abs().lte(leeway);
}

function unitsOfSplit(entry: BookedEntry, entries: readonly BookedEntry[]): { before: Decimal; moved: Decimal } {
  const symbol = entry.symbol ?? '';
  const before = unitsTakingPart(entries, symbol, entry.effectiveDate, entry);
  return { before, moved: movedBy(entry, 'Assets:Units', symbol) };
}

/** Ratios are written to a few digits, and units to six decimals. */
const SAME_RATIO = '0.0001';
const UNITS_ROUNDED = '0.000001';

function splitLine(
  { symbol, events, ratio, published, exDate, entry }: Split,
  entries: readonly BookedEntry[],
  told: ReadonlySet<BookedEntry | null>,
): StatementLine {
  const [event] = events as [StatementEvent];
  const written = `${event.ratio?.first}:${event.ratio?.second}`;
  const line = lineOf({
    kind: 'SPLIT',
    symbol,
    positionIds: events.flatMap(({ positionId }) => positionId ?? []),
    rows: events.map(({ row }) => row),
    entryIds: entry ? [entry.entryId] : [],
    statement: { date: event.date, units: null, amount: null, tax: null },
    ledger: entry && { date: entry.effectiveDate, units: null, amount: null, tax: null },
    text: `split of ${symbol}, written ${written}, on ${event.date}: as booked`,
  });
  if (ratio !== null && !isWritten(event, ratio))
    return {
      ...line,
      difference: 'RATIO_DIFFERS',
      text:
        `split of ${symbol} on ${event.date}: written ${written}, ` +
        `and a source tells ${toText(ratio)} new for one old`,
    };
  if (entry && ratio !== null && !isBookedAs(entry, ratio, entries))
    return {
      ...line,
      difference: 'RATIO_DIFFERS',
      text:
        `split of ${symbol} on ${event.date}: written ${written}, and entry ${entry.entryId} has another ratio: ` +
        'reverse it, then import again for what is to be booked',
      proposal: { kind: 'REVERSE_ENTRY', entryId: entry.entryId },
    };
  if (entry) return line;
  const other = standingEntries(entries).find(
    (each) =>
      each.kind === 'SPLIT' &&
      each.symbol === symbol &&
      !told.has(each) &&
      isNear(each.effectiveDate, event.date, OTHER_DAYS),
  );
  if (other)
    return {
      ...line,
      difference: 'MISSING_IN_LEDGER',
      text: `split of ${symbol}, written ${written}, on ${event.date}: ${mayBe(other)}`,
    };
  // A split of nothing books nothing: where shares are missing, their own line says so.
  if (unitsTakingPart(entries, symbol, exDate, null).lte(0))
    return { ...line, text: `split of ${symbol}, written ${written}, on ${event.date}: the ledger held none of it` };
  return {
    ...line,
    difference: 'MISSING_IN_LEDGER',
    text:
      `split of ${symbol}, written ${written}, on ${event.date}: no entry books it` +
      (ratio === null ? '; which way round it is, no source tells' : ''),
    proposal: ratio && bookSplit(symbol, exDate, ratio, published),
  };
}

const bookSplit = (symbol: string, exDate: IsoDate, ratio: Decimal, published: boolean): Proposal => ({
  kind: 'BOOK_SPLIT',
  symbol,
  exDate,
  ratio: toText(ratio.toDecimalPlaces(12)),
  published,
});

/** Whether a row says this ratio, whichever way round: of reverse splits nobody has said which side stands first. */
function isWritten({ ratio }: StatementEvent, of: Decimal): boolean {
  const [first, second] = [D(ratio?.first ?? 1), D(ratio?.second ?? 1)];
  if (first.isZero() || second.isZero()) return false;
  const isSame = (written: Decimal) => written.minus(of).abs().lt(of.times(SAME_RATIO));
  return isSame(first.div(second)) || isSame(second.div(first));
}

const missingInStatement = (entry: BookedEntry): StatementLine =>
  lineOf({
    kind: 'SPLIT',
    difference: 'MISSING_IN_STATEMENT',
    symbol: entry.symbol,
    entryIds: [entry.entryId],
    ledger: { date: entry.effectiveDate, units: null, amount: null, tax: null },
    text: `${entry.description}: entry ${entry.entryId} books it, and the broker knows nothing of it`,
    proposal: { kind: 'REVERSE_ENTRY', entryId: entry.entryId },
  });

/**
 * What opens less closes come to against what the ledger holds at the end: what was held before the period is the
 * ledger's word, for a statement does not say it.
 * @param different lines of what happened in which both sides differ
 * @param isCashSame whether the cash at the end is the same on both sides, so that no trade is missing in it
 */
export function comparePositions(
  window: Pick<Window, 'carried' | 'entries' | 'events' | 'to'>,
  { unitsTolerance, entries, baseCurrency, tradesBeside }: LedgerFacts,
  happened: Pick<Happened, 'splits' | 'others'>,
  { different, isCashSame }: { different: readonly StatementLine[]; isCashSame: boolean },
): StatementLine[] {
  const derived = derivedUnits(window, happened);
  const ordered = orderedUnits(window, happened, different);
  const compared = new Set([...window.carried, ...window.entries]);
  const ledger = sumsOf([...compared], 'Assets:Units');
  const symbols = [...new Set([...derived.keys(), ...ledger.keys()])].toSorted();
  let [book, proposed]: [BookReport | null, string | null] = [null, null];
  return symbols.flatMap((symbol) => {
    const [told, booked] = [derived.get(symbol) ?? D(0), ledger.get(symbol) ?? D(0)];
    const unordered = unorderedOf(symbol, different);
    // Bought and sold again it comes to nothing, but for the cash, which is the same too where nothing was gained.
    const isSettled = unordered.length === 0 || (isCashSame && !isForNothing(unordered));
    if (told.isZero() && booked.isZero() && isSettled) return [];
    const side = (units: Decimal) => ({ date: window.to, units: toText(units), amount: null, tax: null });
    const line = lineOf({
      kind: 'POSITION',
      symbol,
      statement: side(told),
      ledger: side(booked),
      text: happened.splits.some((split) => split.symbol === symbol && split.ratio === null)
        ? `${symbol} at the end: nobody can tell which way round its split is, and so how many there are`
        : `${symbol} at the end: what was opened less what was closed is what the ledger holds`,
    });
    if (told.minus(booked).abs().lte(unitsTolerance) && isSettled) return [line];
    const later = standingEntries(entries).filter((entry) => !compared.has(entry));
    const unorderedOn = lastUnordered(symbol, happened, different);
    const off = { symbol, told, ordered: ordered.get(symbol) ?? D(0), booked, unorderedOn, tolerance: unitsTolerance };
    book ??= replayBook(entries, baseCurrency);
    const now = { baseCurrency, ...holdingNow(book, symbol) };
    const isSplitSince = happened.splits.some(
      (split) => split.symbol === symbol && unordered.some(({ statement }) => (statement?.date ?? '') < split.exDate),
    );
    const said = settlePosition({
      ...off,
      ...now,
      different,
      unordered,
      isSplitSince,
      within: window.entries,
      later,
      isOfTrade: (entry) => isOfTradeBeside(entry, symbol, tradesBeside),
    });
    const settled = said.proposal !== null && proposed !== null ? afterOther(said.text, proposed) : said;
    proposed ??= settled.proposal && symbol;
    return [{ ...line, difference: 'POSITION_DIFFERS' as const, ...settled }];
  });
}

/** Whether an entry is the baseline that took in a trade of which another statement tells: of its date and units. */
export const isOfTradeBeside = (entry: BookedEntry, symbol: string, trades: readonly StatementEvent[]): boolean =>
  entry.kind === 'BASELINE' &&
  trades.some(
    (trade) =>
      trade.symbol === symbol &&
      trade.date === entry.effectiveDate &&
      movedBy(entry, 'Assets:Units', symbol).eq(D(trade.units ?? 0).times(trade.kind === 'OPEN' ? 1 : -1)),
  );

/** Each baseline says how much cash there is: that of another symbol is reckoned once the first one is booked. */
const afterOther = (text: string, other: string): Pick<StatementLine, 'text' | 'proposal'> => ({
  text: `${text}; take in ${other} first, then import again for the baseline`,
  proposal: null,
});

/** The ledger's cash as it is now, and what it holds of a symbol cost; null where nobody named that. */
function holdingNow({ cash, positions }: BookReport, symbol: string): { cash: Decimal; cost: Decimal | null } {
  const held = positions.find((each) => each.symbol === symbol);
  return { cash: D(cash), cost: held === undefined ? D(0) : held.cost === null ? null : D(held.cost) };
}

function orderedUnits(
  window: Pick<Window, 'carried' | 'events'>,
  happened: Pick<Happened, 'splits' | 'others'>,
  different: readonly StatementLine[],
): Map<string, Decimal> {
  const rows = unorderedRows(different);
  return derivedUnits({ ...window, events: window.events.filter(({ row }) => !rows.has(row)) }, happened);
}

/** What trades that no ticket ordered come to at the end, by symbol, with the splits since. */
export function unorderedUnits(
  window: Pick<Window, 'carried' | 'events'>,
  happened: Pick<Happened, 'splits' | 'others'>,
  different: readonly StatementLine[],
): Map<string, Decimal> {
  const ordered = orderedUnits(window, happened, different);
  return new Map(
    [...derivedUnits(window, happened)].map(([symbol, units]) => [symbol, units.minus(ordered.get(symbol) ?? 0)]),
  );
}

/** When the last trade happened that no ticket ordered, or the split after it: units of now are those since then. */
function lastUnordered(
  symbol: string,
  { splits }: Pick<Happened, 'splits'>,
  different: readonly StatementLine[],
): IsoDate | null {
  const rows = unorderedRows(different);
  const dates = different.flatMap((line) =>
    line.symbol === symbol && line.statement && line.rows.some((row) => rows.has(row)) ? [line.statement.date] : [],
  );
  if (dates.length === 0) return null;
  const split = splits.filter((each) => each.symbol === symbol).map(({ exDate }) => exDate);
  return [...dates, ...split].toSorted().at(-1) ?? null;
}

/**
 * What moved units, in the order in which it happened: a split before the trades of its ex-date, whenever its row came.
 */
function derivedUnits(
  { carried, events }: Pick<Window, 'carried' | 'events'>,
  { splits, others }: Pick<Happened, 'splits' | 'others'>,
): Map<string, Decimal> {
  const isCarried = new Set(carried);
  const units = new Map<string, Decimal>(sumsOf(carried, 'Assets:Units'));
  const add = (symbol: string, by: Decimal) => units.set(symbol, (units.get(symbol) ?? D(0)).plus(by));
  const multiply = ({ symbol, ratio, entry }: Split) => {
    // What was held before the period may be of after the split already: its row comes days after its ex-date.
    if (ratio !== null && !(entry && isCarried.has(entry)))
      units.set(symbol, roundUnits((units.get(symbol) ?? D(0)).times(ratio)));
  };
  const waiting = [
    ...splits.map((split) => ({ before: split.exDate, isOn: true, act: () => multiply(split) })),
    ...others.map(({ effectiveDate, postings }) => ({
      before: effectiveDate,
      isOn: false,
      act: () => {
        for (const { account, commodity, amount } of postings)
          if (account === 'Assets:Units') add(commodity, D(amount));
      },
    })),
  ].toSorted((a, b) => (a.before < b.before ? -1 : a.before > b.before ? 1 : 0));
  const isDue = (date: IsoDate) => (each: { before: IsoDate; isOn: boolean }) =>
    each.before < date || (each.isOn && each.before === date);
  for (const event of events) {
    for (const due of waiting.filter(isDue(event.date))) {
      waiting.splice(waiting.indexOf(due), 1);
      due.act();
    }
    if (event.symbol !== null && event.units !== null)
      add(event.symbol, event.kind === 'OPEN' ? D(event.units) : D(event.units).neg());
  }
  for (const { act } of waiting) act();
  return units;
}
