import { usageError } from '../errors.js';
import { checkFill, SELL_UNITS_TOLERANCE, type FillProblem, type FillsTicket } from './checks.js';
import { fillSchema, WRITTEN, type Fill } from './shape.js';
import { D, toText } from '../money.js';
import { readJson } from '../strict-json.js';
import { escaped } from '../text.js';
import type { z } from 'zod';
import type { Instant, TicketLine } from '../types.js';

/** A ticket has at most some hundred lines of some 300 bytes. */
const MAX_BYTES = 262_144;
const MAX_FILLS = 1_000;
const MAX_LISTED = 50;
/** Characters of a wrong value that a message repeats. */
const MAX_SHOWN = 80;
/** The fills of a whole confirmation, by sequence; or everything that is wrong with it. */
export type FillsRead = { fills: Fill[] } | { problems: FillProblem[] };

/**
 * Reads and checks a confirmation's fills against their ticket: a JSON text, or the value it says (a list, or an object
 * with a list `fills`). Every line of the ticket once, each with what its status asks for, within the line's size.
 * @param at now: no fill is later.
 */
export function readFills(input: unknown, ticket: FillsTicket, at: Instant): FillsRead {
  if (ticket.kind !== 'TRADE')
    return refused('ticket', ticket.kind, 'has no lines to fill: acknowledge it with make confirm');
  const read = listOf(input);
  return 'problems' in read ? read : checkList(read.list, ticket, at);
}

/** As `readFills`; throws a usage error that lists every problem, each with field, value and rule. */
export function parseFills(input: unknown, ticket: FillsTicket, at: Instant): Fill[] {
  const read = readFills(input, ticket, at);
  if ('fills' in read) return read.fills;
  const listed = read.problems.slice(0, MAX_LISTED).map(({ field, value, rule }) => `${field}: ${value}: ${rule}`);
  const more = read.problems.length - listed.length;
  throw usageError('FILLS_INVALID', [...listed, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'), {
    remedy: 'Nothing was booked. Correct the fills and confirm again.',
  });
}

/** The items of a confirmation: a JSON text's, or a value's. */
function listOf(input: unknown): { list: unknown[] } | { problems: FillProblem[] } {
  const read = typeof input === 'string' ? readJson(input, MAX_BYTES) : { value: input };
  if ('rule' in read) return refused('fills', input, read.rule);
  const list = Array.isArray(read.value) ? read.value : fillsOf(read.value);
  if (!Array.isArray(list)) return refused('fills', list, 'must be a list of fills, or an object with a list "fills"');
  if (list.length > MAX_FILLS) return refused('fills', list.length, `must have at most ${MAX_FILLS} items`);
  return { list };
}

const fillsOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'fills' in value ? value.fills : value;

const refused = (field: string, value: unknown, rule: string): { problems: FillProblem[] } => ({
  problems: [{ field, value: shortened(value), rule }],
});

function checkList(list: readonly unknown[], ticket: FillsTicket, at: Instant): FillsRead {
  const { fills, problems } = shapesOf(list);
  problems.push(...coverage(list, ticket.lines));
  const lines = new Map(ticket.lines.map((line) => [line.sequence, line]));
  for (const { fill, field } of fills) {
    const line = lines.get(fill.sequence);
    if (line) problems.push(...checkFill(fill, field, { line, ticket, at }));
  }
  if (problems.length > 0) return { problems };
  return {
    fills: canonical(
      fills.map(({ fill }) => fill),
      ticket,
    ),
  };
}

/** Fills that have the right shape, and what is wrong with those that have not. */
function shapesOf(list: readonly unknown[]): { fills: { fill: Fill; field: string }[]; problems: FillProblem[] } {
  const problems: FillProblem[] = [];
  const fills: { fill: Fill; field: string }[] = [];
  list.forEach((value, index) => {
    const field = `fills[${index}]`;
    const read = fillSchema.safeParse(value);
    if (read.success) fills.push({ fill: read.data, field });
    else problems.push(...read.error.issues.map((issue) => problemOf(issue, field, value)));
  });
  return { fills, problems };
}

/** The fills as they are stored and hashed: by sequence, a SELL of the whole line with the line's own units. */
function canonical(fills: readonly Fill[], { lines }: FillsTicket): Fill[] {
  const asked = new Map(lines.map((line) => [line.sequence, line.units]));
  return fills
    .map((fill) => ({ ...fill, units: unitsOf(fill, asked.get(fill.sequence) ?? null) }))
    .toSorted((a, b) => a.sequence - b.sequence);
}

/** The fills in canonical form when each has its shape, whatever the rules say of them; else null. What was accepted once is known by it. */
export function shapeOfFills(input: unknown, ticket: FillsTicket): Fill[] | null {
  const read = listOf(input);
  if ('problems' in read) return null;
  const { fills, problems } = shapesOf(read.list);
  return problems.length > 0
    ? null
    : canonical(
        fills.map(({ fill }) => fill),
        ticket,
      );
}

/** Every line of the ticket exactly once, nothing else; also of items that are wrong in another field. */
function coverage(list: readonly unknown[], lines: readonly TicketLine[]): FillProblem[] {
  const sequences = list.map((item) =>
    typeof item === 'object' && item !== null && 'sequence' in item ? item.sequence : undefined,
  );
  const known = new Set<unknown>(lines.map((line) => line.sequence));
  const strange = sequences.flatMap((sequence, index): FillProblem[] => {
    const field = `fills[${index}].sequence`;
    if (typeof sequence !== 'number') return [];
    if (!known.has(sequence))
      return [{ field, value: shortened(sequence), rule: `must be a line of the ticket, 1 to ${lines.length}` }];
    return sequences.indexOf(sequence) < index
      ? [{ field, value: shortened(sequence), rule: 'must be given once: the line is reported already' }]
      : [];
  });
  const missing = lines
    .filter((line) => !sequences.includes(line.sequence))
    .map(({ sequence, side, symbol }): FillProblem => ({
      field: 'fills',
      value: `line ${sequence}, ${side} ${symbol}`,
      rule: 'is not reported: every line of the ticket must be, SKIPPED when it was not traded',
    }));
  return [...strange, ...missing];
}

function unitsOf({ units, executedStatus }: Fill, asked: string | null): string | null {
  if (units === null || asked === null) return units;
  const beyond = D(units).minus(D(asked));
  const same = beyond.abs().lte(D(SELL_UNITS_TOLERANCE)) && (executedStatus === 'DONE' || beyond.gt(0));
  return same ? toText(D(asked)) : units;
}

function problemOf(issue: z.core.$ZodIssue, field: string, item: unknown): FillProblem {
  if (issue.code === 'unrecognized_keys') return { field, value: shortened(issue.keys), rule: issue.message };
  const key = issue.path[0];
  if (key === undefined) return { field, value: shortened(item), rule: issue.message };
  const written = WRITTEN[key as keyof Fill];
  const value = (item as Record<PropertyKey, unknown>)[key] ?? (item as Record<PropertyKey, unknown>)[written];
  return {
    field: `${field}.${written}`,
    value: value === undefined ? 'nothing' : shortened(value),
    rule: issue.message,
  };
}

/** A value as the operator wrote it, cut where it is long. */
function shortened(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return escaped(text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 3)}...` : text);
}
