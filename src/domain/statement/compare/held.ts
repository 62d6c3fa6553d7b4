import { roundUnits } from '../../ledger/entries.js';
import { isOfCompany } from '../../ledger/sequence.js';
import { standingEntries, sumsOf, unitsTakingPart, type BookedEntry } from '../../ledger/sums.js';
import { D, toText, type Decimal } from '../../money.js';
import type { Proposal } from '../../reconciliation/proposal.js';
import type { IsoDate } from '../../types.js';
import type { StatementEvent } from '../statement.js';
import { unorderedOf, unorderedRows } from './baseline.js';
import { mayBe, movedBy, onlyOnce, type LedgerFacts } from './facts.js';
import { lineOf, type StatementLine } from './line.js';
import { isBookedAs, isNear, isWritten, splitsOf, statedRatio, type Split } from './split-rows.js';
import type { Window } from './window.js';

/** Days within which no company splits twice: an entry of another date is the same split as a rule. */
const OTHER_DAYS = 31;

/** What companies did within the period, by either side. */
export interface Happened {
  splits: readonly Split[];
  /** What else companies did to holdings, which the ledger alone tells. */
  others: readonly BookedEntry[];
  lines: StatementLine[];
  notes: string[];
}

/** What is said of an entry of which a statement has no row whatever it was. */
export const takenFromLedger = ({ entryId, description }: BookedEntry): string =>
  `Entry ${entryId} (${description}) is taken from the ledger: a statement does not tell of it.`;

/** The way round of a split that is written with the smaller number first is what the ledger says, and nobody else. */
function wayNote({ events: [row], entry, published, ratio, symbol }: Split): string[] {
  if (row === undefined || entry === null || ratio === null || published || statedRatio(row) !== null) return [];
  const written = `${row.ratio?.first}:${row.ratio?.second}`;
  return [
    `Split of ${symbol}, written ${written}: which way round it is, no source tells; entry ${entry.entryId} has ` +
      `${toText(ratio.toDecimalPlaces(6))} new shares for one old share: look at eToro that as many are there.`,
  ];
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
    notes: [...others.map(takenFromLedger), ...splits.flatMap(wayNote)],
  };
}

function splitLine(
  { symbol, events, ratio, published, exDate, entry, rival }: Split,
  entries: readonly BookedEntry[],
  told: ReadonlySet<BookedEntry | null>,
): StatementLine {
  const [event] = events as [StatementEvent];
  const written = writtenOf(event);
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
  if (rival)
    return {
      ...line,
      difference: 'RATIO_DIFFERS',
      text:
        `split of ${symbol} on ${event.date}: written ${written}, and ${writtenOf(rival.event)} on ` +
        `${rival.event.date}: ${rival.isApart ? APART : OF_ONE_DATE}`,
    };
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
      isNear(each.effectiveDate, event.date, OTHER_DAYS) &&
      (ratio === null || isBookedAs(each, ratio, entries)),
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

/** What is said of splits that cannot both be as they are told. */
const APART =
  'a position that was held through both has a row of one of them alone, so that nobody can tell what became of it: ' +
  'look at eToro';
const OF_ONE_DATE =
  'one split of a date can be booked: look at eToro for the ex-date of each, and book both, the earlier one first';

const writtenOf = ({ ratio }: StatementEvent): string => `${ratio?.first}:${ratio?.second}`;

const bookSplit = (symbol: string, exDate: IsoDate, ratio: Decimal, published: boolean): Proposal => ({
  kind: 'BOOK_SPLIT',
  symbol,
  exDate,
  ratio: toText(ratio.toDecimalPlaces(12)),
  published,
});

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
 * Splits that are to be booked, as they are said where they wait: a split moves what the ledger holds before it, so
 * that what was traded before it without a ticket comes first, whichever statement tells of that.
 * @param happened lines of what happened
 * @param within standing entries of the period: a baseline of before the split that took in no trade is named
 */
export function splitsWaiting(
  lines: readonly StatementLine[],
  happened: readonly StatementLine[],
  within: readonly BookedEntry[],
  facts: LedgerFacts,
): Map<StatementLine, StatementLine> {
  const named = new Set(happened.flatMap(({ entryIds }) => entryIds));
  return new Map(
    lines.flatMap((line): [StatementLine, StatementLine][] => {
      if (line.proposal?.kind !== 'BOOK_SPLIT') return [];
      const { symbol, exDate } = line.proposal;
      const isOwn = unorderedOf(symbol, happened).some(({ statement }) => (statement?.date ?? '') < exDate);
      if (!isOwn && !isTradeMissing(symbol, exDate, named, facts)) return [];
      const why = isOwn
        ? 'take in first what was traded before it, then import again'
        : 'another statement tells what was traded before it, and the ledger does not have that: set it right first';
      const strays = within
        .filter(({ kind, entryId }) => kind === 'BASELINE' && !named.has(entryId))
        .filter((entry) => entry.effectiveDate < exDate && !movedBy(entry, 'Assets:Units', symbol).isZero())
        .map(({ entryId, description }) => `; entry ${entryId} (${description}) set it, and took in no trade`);
      return [[line, { ...line, proposal: null, text: `${line.text}; ${why}${strays.join('')}` }]];
    }),
  );
}

/**
 * Whether trades of other statements from before a date come to other units than the entries of their time.
 * @param named entries that rows of this statement tell of
 */
function isTradeMissing(
  symbol: string,
  date: IsoDate,
  named: ReadonlySet<number>,
  { entries, others, tradesBeside, unitsTolerance }: LedgerFacts,
): boolean {
  const opened = entries[0]?.effectiveDate ?? '';
  const trades = tradesBeside.filter((trade) => trade.symbol === symbol && trade.date < date && trade.date > opened);
  const told = onlyOnce(trades).reduce(
    (sum, trade) => sum.plus(D(trade.units ?? 0).times(trade.kind === 'OPEN' ? 1 : -1)),
    D(0),
  );
  const booked = standingEntries(entries)
    .filter(
      ({ entryId, kind, effectiveDate: on }) =>
        !isOfCompany(kind) &&
        !named.has(entryId) &&
        on > opened &&
        on < date &&
        others.some(({ from, until }) => from.slice(0, 10) <= on && on <= until.slice(0, 10)),
    )
    .reduce((sum, entry) => sum.plus(movedBy(entry, 'Assets:Units', symbol)), D(0));
  return told.minus(booked).abs().gt(unitsTolerance);
}

/** What is held at the end without trades that no ticket ordered, by symbol, with the splits since. */
export function orderedUnits(
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

/** What an entry moved of a symbol, as units of the end: those moved before a split are more, or less, since. */
export const inUnitsOfEnd =
  ({ splits }: Pick<Happened, 'splits'>) =>
  (entry: BookedEntry, symbol: string): Decimal =>
    splits
      .filter((split) => split.symbol === symbol && entry.effectiveDate < split.exDate)
      .reduce((units, { ratio }) => units.times(ratio ?? 1), movedBy(entry, 'Assets:Units', symbol));

/**
 * What moved units, in the order in which it happened: a split before the trades of its ex-date, whenever its row came.
 */
export function derivedUnits(
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
