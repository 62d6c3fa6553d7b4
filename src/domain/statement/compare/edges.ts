import { londonInstant, tradingDayOf } from '../../calendar/calendar.js';
import { dateOf, dayNumber } from '../../dates.js';
import type { EntryKind } from '../../ledger/entries.js';
import { isOfCompany } from '../../ledger/sequence.js';
import type { BookedEntry } from '../../ledger/sums.js';
import type { Instant, IsoDate } from '../../types.js';
import { byText } from '../../order.js';
import type { StatementLine } from './line.js';

/*
 * A statement is of days in UTC, and the ledger of days in London: in summer a statement begins and ends an hour into
 * a day of the ledger, and one that was made before its period ended breaks off within a day. What is booked on such a
 * day may be told by the statement, or by the one before or after it.
 */

/** What a statement tells of, as the ledger dates it. */
export interface Period {
  from: Instant;
  /** The period's end, or when the statement was made. */
  until: Instant;
  /** London dates of both, which the statement may tell of in part only. */
  first: IsoDate;
  last: IsoDate;
  startsWhole: boolean;
  endsWhole: boolean;
}

/** Where an entry lies whose row may be outside of the period. */
export interface Edge {
  side: 'START' | 'END';
  /** Its own day is told of in part only; else the broker's row may be dated some days from it. */
  isPart: boolean;
  /** Its day is not of the period at all. */
  isBeyond: boolean;
}

const SECOND_MS = 1000;
const secondsFrom = (instant: Instant, seconds: number): Instant =>
  new Date(Date.parse(instant) + seconds * SECOND_MS).toISOString();

export function periodOf(from: Instant, until: Instant): Period {
  const [first, last] = [tradingDayOf(from), tradingDayOf(until)];
  return {
    from,
    until,
    first,
    last,
    startsWhole: tradingDayOf(secondsFrom(from, -1)) < first,
    endsWhole: tradingDayOf(secondsFrom(until, 1)) > last,
  };
}

/** Days that the broker's row may be dated from an entry that is as it should be. */
const ROW_DAYS: Partial<Record<EntryKind, number>> = { DIVIDEND: 1, RETURN_OF_CAPITAL: 1, SPLIT: 7 };
/** The most of them. */
export const ROW_DAYS_MAX = Math.max(...Object.values(ROW_DAYS));

/** How many days the broker's row of an entry of this kind may be dated from it, either way. */
export const rowDaysOf = (kind: EntryKind): number => ROW_DAYS[kind] ?? 0;

/** Whether a row of the period may tell of an entry; what companies do, and baselines, are of whole days. */
export function isOfPeriod({ kind, effectiveDate }: BookedEntry, { first, last, until }: Period): boolean {
  if (kind === 'BASELINE' || (isOfCompany(kind) && kind !== 'SPLIT'))
    return effectiveDate >= first && effectiveDate <= until.slice(0, 10);
  const [day, leeway] = [dayNumber(effectiveDate), rowDaysOf(kind)];
  return day + leeway >= dayNumber(first) && day - leeway <= dayNumber(last);
}

/** Where the row of an entry may be outside of the period; null where it would be within. */
export function edgeOf(
  { kind, effectiveDate }: BookedEntry,
  { first, last, startsWhole, endsWhole }: Period,
): Edge | null {
  if (kind === 'BASELINE' || (isOfCompany(kind) && kind !== 'SPLIT')) return null;
  const [day, leeway] = [dayNumber(effectiveDate), rowDaysOf(kind)];
  const isBeyond = effectiveDate < first || effectiveDate > last;
  if (day - leeway < dayNumber(first) + (startsWhole ? 0 : 1))
    return { side: 'START', isPart: !startsWhole && effectiveDate === first, isBeyond };
  if (day + leeway > dayNumber(last) - (endsWhole ? 0 : 1))
    return { side: 'END', isPart: !endsWhole && effectiveDate === last, isBeyond };
  return null;
}

/** What other statements tell, from before the period and from after it: an entry answers the earlier one first. */
export interface Around<T> {
  before: readonly T[];
  after: readonly T[];
}

/** @param told by other statements, none of it within the period */
export function aroundPeriod<T>(
  told: readonly T[],
  atOf: (one: T) => Instant,
  { from }: Pick<Period, 'from'>,
): Around<T> {
  return { before: told.filter((one) => atOf(one) < from), after: told.filter((one) => atOf(one) >= from) };
}

/** What a statement tells of: from when until when. */
export interface Span {
  from: Instant;
  until: Instant;
}

/** Whether statements tell of every second on which the row of an entry may be. */
export function isToldWhole({ kind, effectiveDate }: BookedEntry, spans: readonly Span[]): boolean {
  const [day, leeway] = [dayNumber(effectiveDate), rowDaysOf(kind)];
  const startOf = (number: number) => londonInstant(dateOf(number), '00:00');
  const end = secondsFrom(startOf(day + leeway + 1), -1);
  let until = secondsFrom(startOf(day - leeway), -1);
  for (const next of spans.toSorted((a, b) => byText(a.from, b.from)))
    if (next.from <= secondsFrom(until, 1) && next.until > until) until = next.until;
  return until >= end;
}

interface AtEdges {
  edges: ReadonlyMap<BookedEntry, Edge>;
  period: Period;
  /** What this statement and the others that are known tell of. */
  spans: readonly Span[];
  /** Entries that a row of another statement tells of. */
  toldBeside: ReadonlySet<BookedEntry>;
}

/**
 * What is left of lines whose entries lie at an edge: of what no row tells there nobody knows whether the broker does,
 * and what a row tells otherwise may be something else. Neither leads to a booking or a reversal, until the statement
 * beside tells of the rest of those days: then nothing is left to be known.
 * @returns the lines, and what is outside of the period in a sentence each
 */
export function settleEdges(
  lines: readonly StatementLine[],
  { edges, period, spans, toldBeside }: AtEdges,
): { lines: StatementLine[]; notes: string[] } {
  const outside = [...edges].flatMap(([entry, edge]): Outside[] =>
    edge.isPart && toldBeside.has(entry) ? [{ entry, edge, who: 'another statement tells of it' }] : [],
  );
  const found = new Map([...edges].map(([entry, edge]) => [entry.entryId, { entry, edge }]));
  const settled = lines.flatMap((line): StatementLine[] => {
    const at = line.entryIds.flatMap((entryId) => found.get(entryId) ?? []);
    const [first] = at;
    if (first === undefined || line.difference === null) return [line];
    if (line.difference === 'MISSING_IN_STATEMENT' && toldBeside.has(first.entry)) return [];
    const isKnown = isToldWhole(first.entry, spans);
    if (line.difference !== 'MISSING_IN_STATEMENT') return [isKnown ? line : doubted(line, at, period)];
    if (!first.edge.isPart && first.edge.isBeyond) return [];
    if (isKnown) return [line];
    if (!first.edge.isPart) return [awaited(line, first.edge)];
    outside.push({ ...first, who: 'no row tells of it' });
    return [];
  });
  const notes = outside.toSorted((a, b) => a.entry.entryId - b.entry.entryId).map((each) => outsideText(each, period));
  return { lines: settled, notes };
}

/** An entry of a day of the period that is not of the period, and who tells of it. */
interface Outside {
  entry: BookedEntry;
  edge: Edge;
  who: string;
}

const outsideText = ({ entry, edge, who }: Outside, period: Period): string =>
  `Entry ${entry.entryId} (${entry.description}, ${entry.effectiveDate}) is outside of the period: ${who}, and the ` +
  `statement ${wordsOf(edge, period)}.`;

const wordsOf = ({ side }: Edge, { from, until }: Period): string =>
  side === 'START'
    ? `begins at ${utc(from)}, after that day began in London`
    : `ends at ${utc(until)}, before that day ended in London`;

const utc = (instant: Instant): string => `${instant.slice(0, 10)} ${instant.slice(11, 19)} UTC`;

/** A row of the same day says otherwise: it may be of this entry, or of another that is not booked. */
function doubted(
  line: StatementLine,
  at: readonly { entry: BookedEntry; edge: Edge }[],
  period: Period,
): StatementLine {
  const part = at.find(({ edge }) => edge.isPart);
  if (part === undefined) return line;
  const { entry, edge } = part;
  const [what = ''] = line.text.split(': ');
  const other = OTHER[line.difference ?? ''] ?? 'other figures';
  return {
    ...line,
    proposal: null,
    text:
      `${what}: entry ${entry.entryId} of ${entry.effectiveDate} has ${other}, ` +
      `or is outside of the period, for the statement ${wordsOf(edge, period)}: look at eToro which it is`,
  };
}

const OTHER: Readonly<Record<string, string>> = {
  UNITS_DIFFER: 'other units',
  AMOUNT_DIFFERS: 'another amount',
  TAX_DIFFERS: 'another withholding tax',
  DATE_DIFFERS: 'another date',
};

/** No row is within the period, and the broker's may be dated some days from the entry. */
const awaited = (line: StatementLine, { side }: Edge): StatementLine => ({
  ...line,
  proposal: null,
  text: `${line.text} within the period; its row may be in the statement ${
    side === 'START' ? 'before' : 'after'
  } this one, so that nothing is to be reversed yet`,
});
