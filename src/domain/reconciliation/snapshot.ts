import { z } from 'zod';
import { dateOf, dayNumber } from '../dates.js';
import { D, toText } from '../money.js';
import { shown } from '../policy/faults.js';
import {
  amountShape,
  dateShape,
  notesShape,
  positiveAmountShape,
  SYMBOL,
  SYMBOL_RULE,
  symbolShape,
  unitsShape,
} from '../shapes.js';
import { escaped } from '../text.js';
import type { DecimalString, IsoDate } from '../types.js';

/** What the operator read off the broker, checked and in canonical text. */
export interface SnapshotInput {
  snapshotDate: IsoDate;
  cash: DecimalString;
  positions: Record<string, DecimalString>;
  notes: string | null;
}

/** A rejection: which field, what stood there, which rule it breaks. */
export interface Problem {
  field: string;
  value: string | null;
  rule: string;
}

/** A snapshot tells the present: one of more than a year ago is a typing error. */
const OLDEST_DAYS = 366;
const POSITIONS_MAX = 500;
/** Characters of a field's name that a problem repeats. */
const FIELD_MAX = 80;

export { SYMBOL, SYMBOL_RULE };
export const amountSchema = amountShape();
export const positiveAmountSchema = positiveAmountShape();
export const unitsSchema = unitsShape();
export const symbolSchema = symbolShape();
export const dateSchema = dateShape();
export const notesSchema = notesShape({ lines: true });

const snapshotSchema = (today: IsoDate) =>
  z.object({
    snapshotDate: dateSchema
      .refine((date) => date <= today, `must not be in the future: today is ${today}`)
      .refine(
        (date) => dayNumber(date) >= dayNumber(today) - OLDEST_DAYS,
        `must not be before ${dateOf(dayNumber(today) - OLDEST_DAYS)}`,
      ),
    cash: amountSchema,
    positions: z.record(z.string(), z.string()).superRefine((positions, context) => {
      const entries = Object.entries(positions);
      if (entries.length > POSITIONS_MAX)
        context.addIssue({ code: 'custom', message: `must be at most ${POSITIONS_MAX} positions` });
      for (const [symbol, units] of entries) checkPosition(symbol, units, context);
    }),
    notes: notesSchema.nullable(),
  });

function checkPosition(symbol: string, units: string, context: z.RefinementCtx): void {
  if (!SYMBOL.test(symbol))
    context.addIssue({ code: 'custom', path: [symbol], message: SYMBOL_RULE, params: { value: symbol } });
  const parsed = unitsSchema.safeParse(units);
  if (!parsed.success)
    context.addIssue({ code: 'custom', path: [symbol], message: parsed.error.issues[0]?.message ?? 'must be units' });
}

/**
 * Parses a snapshot, as the command line, the desk or a signal brings it.
 * @param today UK date of the command: a snapshot cannot be of a later one.
 * @returns every problem at once, so that the operator corrects them in one go.
 */
export function parseSnapshot(input: unknown, today: IsoDate): { snapshot: SnapshotInput } | { problems: Problem[] } {
  const parsed = snapshotSchema(today).safeParse(input);
  // zod leaves this key out without a word; a position must never get lost.
  if (Object.hasOwn(Object(Object(input).positions), '__proto__'))
    return { problems: [{ field: 'positions', value: '"__proto__"', rule: SYMBOL_RULE }] };
  if (!parsed.success) return { problems: problemsOf(parsed.error, input) };
  const { snapshotDate, cash, positions, notes } = parsed.data;
  const canonical = Object.keys(positions)
    .toSorted()
    .map((symbol) => [symbol, toText(D(positions[symbol] ?? '0'))]);
  return {
    snapshot: {
      snapshotDate,
      cash: toText(D(cash)),
      positions: Object.fromEntries(canonical),
      notes: notes === '' ? null : notes,
    },
  };
}

/** The problems of a rejected input, with the values that stood there. */
export function problemsOf(error: z.ZodError, input: unknown): Problem[] {
  return error.issues.map((issue) => {
    const symbolProblem = issue.code === 'custom' && issue.params?.['value'] !== undefined;
    const at = issue.path.reduce<unknown>(
      (part, key) => (part as Record<PropertyKey, unknown> | null | undefined)?.[key],
      input,
    );
    return {
      field: fieldOf(issue.path),
      value: shown(symbolProblem ? issue.params?.['value'] : at),
      rule: issue.message,
    };
  });
}

/** Where a problem stands, as text that can be shown and stored: a key that somebody sent may hold anything. */
const fieldOf = (path: readonly PropertyKey[]): string => escaped(path.join('.')).slice(0, FIELD_MAX) || 'snapshot';

/** `field: value: rule`, one line a problem. */
export const problemText = (problems: readonly Problem[]): string =>
  problems.map(({ field, value, rule }) => `${field}: ${value ?? '(missing)'}: ${rule}`).join('\n');

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
    return earlier ? [{ field: `${field} ${symbol}`, value: shown(flag), rule: 'must be given once' }] : [];
  });
  if (problems.length > 0) return { problems };
  return { positions: Object.fromEntries(pairs.map((pair) => [pair?.[1]?.trim() ?? '', pair?.[2]?.trim() ?? ''])) };
}
