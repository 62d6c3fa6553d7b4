import { refusal } from '../../errors.js';
import { standingEntries, type BookedEntry } from '../../ledger/sums.js';
import type { IsoDate } from '../../types.js';
import { toldUntil } from '../overlap.js';
import type { Statement, StatementEvent } from '../statement.js';
import { edgeBaselines } from './edge-baselines.js';
import { edgeOf, isOfPeriod, periodOf, type Edge, type Period } from './edges.js';
import type { LedgerFacts } from './facts.js';
import { rowsBefore } from './opening-rows.js';
import type { Worths } from './worth.js';

/** What of both sides is compared. */
export interface Window {
  /** Dates that the statement is of, both included. */
  from: IsoDate;
  to: IsoDate;
  /** What of the ledger's days that is. */
  period: Period;
  /** Rows of the statement since the ledger was opened. */
  events: StatementEvent[];
  /** How many rows are from before. */
  before: number;
  /** What nobody can tell of those. */
  notes: string[];
  /** Standing entries that were in the ledger before the first row that is compared. */
  carried: BookedEntry[];
  /** Standing entries that a row of the period may tell of. */
  entries: BookedEntry[];
  /** Those of them whose row may be outside of it. */
  edges: ReadonlyMap<BookedEntry, Edge>;
}

/**
 * The period that both sides know: from the statement's start, or from when the ledger was opened in it, to its end
 * or to when it was made.
 * @throws OpsError STATEMENT_BEFORE_LEDGER
 */
export function windowOf(statement: Statement, facts: LedgerFacts, worths: Worths): Window {
  const standing = standingEntries(facts.entries);
  const opening = openingOf(standing);
  const until = toldUntil(statement);
  const [start, to] = [statement.from.slice(0, 10), until.slice(0, 10)];
  const openedOn = opening[0]?.effectiveDate ?? start;
  if (openedOn > to)
    throw refusal('STATEMENT_BEFORE_LEDGER', `the statement ends on ${to}, and the ledger was opened on ${openedOn}`, {
      remedy: 'nothing was stored; import a statement of a later period',
    });
  const from = openedOn > start ? openedOn : start;
  const isOpening = new Set(opening);
  const sinceOpening = standing.filter((entry) => !isOpening.has(entry));
  const own = openedOn < start ? [] : opening;
  const { count: before, notes } = rowsBefore(statement, own, { ...facts, sinceOpening }, worths);
  const period = periodOf(statement.from, until);
  // What was booked since the opening is from after it, whichever hour that was.
  const known = openedOn >= start && opening.length > 0 ? { ...period, first: from, startsWhole: true } : period;
  const baselines = edgeBaselines(sinceOpening, statement.events, known, facts);
  const isOf = (entry: BookedEntry) =>
    baselines.own.has(entry) || (!baselines.elsewhere.has(entry) && isOfPeriod(entry, known));
  const entries = sinceOpening.filter((entry) => entry.effectiveDate >= openedOn && isOf(entry));
  const isEarlier = (entry: BookedEntry) =>
    entry.effectiveDate < from || (entry.effectiveDate === known.first && baselines.elsewhere.has(entry));
  return {
    from,
    to,
    period: known,
    before,
    notes,
    events: statement.events.slice(before),
    carried: standing.filter((entry) => isOpening.has(entry) || isEarlier(entry)),
    entries,
    edges: new Map(
      entries.flatMap((entry): [BookedEntry, Edge][] => {
        const edge = edgeOf(entry, known);
        return edge === null ? [] : [[entry, edge]];
      }),
    ),
  };
}

/**
 * What the ledger had before the rows that were compared, and what of it they came to, once it is known which entries
 * at the edges they tell of: the others of the first day were before, and those of the last are after.
 */
export function settledWindow(window: Window, told: ReadonlySet<number>): Pick<Window, 'carried' | 'entries'> {
  const { carried, edges } = window;
  const isCarried = new Set(carried);
  const isUntold = (entry: BookedEntry, side: Edge['side']) =>
    edges.get(entry)?.side === side && !told.has(entry.entryId);
  const isOfBefore = (entry: BookedEntry) => edges.get(entry)?.isPart === true || entry.kind === 'SPLIT';
  const earlier = window.entries.filter(
    (entry) => !isCarried.has(entry) && isUntold(entry, 'START') && isOfBefore(entry),
  );
  const isEarlier = new Set(earlier);
  return {
    carried: [...carried, ...earlier],
    entries: window.entries.filter(
      (entry) => !isCarried.has(entry) && !isEarlier.has(entry) && !isUntold(entry, 'END'),
    ),
  };
}

/** The entries that opened the ledger: its OPENING, or the baselines that it begins with. */
function openingOf(standing: readonly BookedEntry[]): BookedEntry[] {
  const opening = standing.find(({ kind }) => kind === 'OPENING');
  if (opening) return [opening];
  const [first] = standing.toSorted((a, b) => a.entryId - b.entryId);
  if (first?.kind !== 'BASELINE') return [];
  return standing.filter(({ kind, effectiveDate }) => kind === 'BASELINE' && effectiveDate === first.effectiveDate);
}
