import { z } from 'zod';
import { dateOf, dayNumber } from '../dates.js';
import { D, toText } from '../money.js';
import { problemsOf, type Problem } from '../problems.js';
import { amountShape, bySymbolShape, dateShape, notesShape, unitsShape } from '../shapes.js';
import { bounded, shown } from '../text.js';
import type { DecimalString, IsoDate } from '../types.js';
import { IN_OUR_WORDS } from '../shape-words.js';

/** What the operator read off the broker, checked and in canonical text. */
export interface SnapshotInput {
  snapshotDate: IsoDate;
  cash: DecimalString;
  positions: Record<string, DecimalString>;
  notes: string | null;
}

/** A snapshot tells the present: one of more than a year ago is a typing error. */
const OLDEST_DAYS = 366;

/** What a snapshot consists of, whoever brings it through which door; made anew, as every shape is. */
export const snapshotShapes = () => ({
  snapshotDate: dateShape(),
  cash: amountShape(),
  positions: bySymbolShape(unitsShape()),
  notes: notesShape({ lines: true }).nullable(),
});

/**
 * Parses a snapshot, as the command line, the desk or a signal brings it.
 * @param today UK date of the command: a snapshot cannot be of a later one.
 * @returns every problem at once, so that the operator corrects them in one go.
 */
export function parseSnapshot(input: unknown, today: IsoDate): { snapshot: SnapshotInput } | { problems: Problem[] } {
  const parsed = z.object(snapshotShapes()).safeParse(input, IN_OUR_WORDS);
  if (!parsed.success) return { problems: problemsOf(parsed.error, input, 'snapshot') };
  const { snapshotDate, cash, positions, notes } = parsed.data;
  const problems = dateProblems(snapshotDate, today);
  if (problems.length > 0) return { problems };
  return { snapshot: canonicalSnapshot({ snapshotDate, cash, positions, notes }) };
}

/** The same figures in the one text that they have: what is stored, hashed and signed. */
export function canonicalSnapshot({ snapshotDate, cash, positions, notes }: SnapshotInput): SnapshotInput {
  const canonical = Object.keys(positions)
    .toSorted()
    .map((symbol) => [symbol, toText(D(positions[symbol] ?? '0'))]);
  return {
    snapshotDate,
    cash: toText(D(cash)),
    positions: Object.fromEntries(canonical),
    notes: notes === '' ? null : notes,
  };
}

function dateProblems(date: IsoDate, today: IsoDate): Problem[] {
  const oldest = dateOf(dayNumber(today) - OLDEST_DAYS);
  const rule =
    date > today
      ? `must not be in the future: today is ${today}`
      : date < oldest
        ? `must not be before ${oldest}`
        : null;
  return rule === null ? [] : [{ field: 'snapshot-date', value: shown(date), rule }];
}

/**
 * Positions as typed on the command line, `SYMBOL=UNITS` each.
 * @returns the problems of those that are not of that form or name a symbol twice.
 */
export function positionsFromFlags(
  flags: readonly string[],
  field = 'position',
): { positions: Record<string, string> } | { problems: Problem[] } {
  const pairs = flags.map((flag) => /^([^=]+)=([^=]*)$/.exec(flag));
  const problems = flags.flatMap((flag, index): Problem[] => {
    const symbol = pairs[index]?.[1]?.trim();
    if (symbol === undefined) return [{ field, value: shown(flag), rule: 'must be SYMBOL=UNITS, such as AAPL=10' }];
    const earlier = pairs.slice(0, index).some((pair) => pair?.[1]?.trim() === symbol);
    return earlier ? [{ field: `${field} ${bounded(symbol)}`, value: shown(flag), rule: 'must be given once' }] : [];
  });
  if (problems.length > 0) return { problems };
  return { positions: Object.fromEntries(pairs.map((pair) => [pair?.[1]?.trim() ?? '', pair?.[2]?.trim() ?? ''])) };
}
