import { usageError } from '../errors.js';
import { problemsOf, problemText, type Problem } from '../problems.js';
import { fillsShape } from '../shapes.js';
import { checkFill, EXECUTED_FIELDS, SELL_UNITS_TOLERANCE } from './checks.js';
import { isFillsCsv, itemsOfCsv } from './fills-csv.js';
import { fillSchema, WRITTEN, type Fill } from './shape.js';
import type { FillsTicket } from './ticket.js';
import { D, toText } from '../money.js';
import { readJson } from '../strict-json.js';
import { FILE_BYTES_MAX, shown } from '../text.js';
import type { z } from 'zod';
import type { Instant, TicketLine } from '../types.js';
import { IN_OUR_WORDS } from '../shape-words.js';

/** The fills of a whole confirmation, by sequence; or everything that is wrong with it. */
export type FillsRead = { fills: Fill[] } | { problems: Problem[] };

/**
 * Reads and checks a confirmation's fills against their ticket: the text of a file, JSON or CSV, or the value it says
 * (a list, or an object with a list `fills`). Every line of the ticket once, each with what its status asks for, and
 * nothing that cannot be.
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
  throw invalid(read.problems);
}

const invalid = (problems: readonly Problem[]) =>
  usageError('FILLS_INVALID', problemText(problems), {
    remedy: 'Nothing was booked. Correct the fills and confirm again.',
  });

/** The items that the text of a file says, whatever they are. @throws OpsError FILLS_INVALID */
export function fillsOfText(text: string): unknown[] {
  const read = listOf(text);
  if ('list' in read) return read.list;
  throw invalid(read.problems);
}

/** The items of a confirmation: those of a text, JSON or CSV, or a value's. */
function listOf(input: unknown): { list: unknown[] } | { problems: Problem[] } {
  const read = typeof input === 'string' ? valueOfText(input) : { value: input };
  if ('problems' in read) return read;
  const said = Array.isArray(read.value) ? read.value : fillsOf(read.value);
  const list = fillsShape<unknown>().safeParse(said, IN_OUR_WORDS);
  return list.success ? { list: list.data } : { problems: problemsOf(list.error, said, 'fills') };
}

function valueOfText(text: string): { value: unknown } | { problems: Problem[] } {
  if (text.length <= FILE_BYTES_MAX && isFillsCsv(text)) {
    const csv = itemsOfCsv(text);
    return 'problems' in csv ? csv : { value: csv.items };
  }
  const json = readJson(text, FILE_BYTES_MAX);
  return 'rule' in json ? refused('fills', text, json.rule) : json;
}

const fillsOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'fills' in value ? value.fills : value;

const refused = (field: string, value: unknown, rule: string): { problems: Problem[] } => ({
  problems: [{ field, value: shown(value), rule }],
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

/** Reads one fill and holds it against its ticket line, as `readFills` does with all of them. @param at now */
export function readFill(item: unknown, ticket: FillsTicket, at: Instant): { fill: Fill } | { problems: Problem[] } {
  const { fills, problems } = shapesOf([item]);
  const [read] = fills;
  if (!read) return { problems };
  const line = ticket.lines.find(({ sequence }) => sequence === read.fill.sequence);
  const wrong = line ? checkFill(read.fill, read.field, { line, ticket, at }) : coverage([item], []);
  return wrong.length > 0 ? { problems: wrong } : { fill: read.fill };
}

/** Fills that have the right shape, and what is wrong with those that have not. */
function shapesOf(list: readonly unknown[]): { fills: { fill: Fill; field: string }[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const fills: { fill: Fill; field: string }[] = [];
  const unsaid: Problem[] = [];
  list.forEach((value, index) => {
    const field = `fills[${index}]`;
    const read = fillSchema.safeParse(value, IN_OUR_WORDS);
    if (read.success) fills.push({ fill: read.data, field });
    else problems.push(...read.error.issues.map((issue) => problemOf(issue, field, value)));
    unsaid.push(...unsaidOf(value, field));
  });
  // First what became of each line: the rest follows from that.
  return { fills, problems: [...problems, ...unsaid] };
}

/** What is missing beside the status of a fill that says none: whoever left it empty is told of all at once. */
function unsaidOf(item: unknown, field: string): Problem[] {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return [];
  if ((valueOf(item, 'executedStatus') ?? '') !== '') return [];
  return EXECUTED_FIELDS.filter((key) => (valueOf(item, key) ?? null) === null).map((key) => ({
    field: `${field}.${WRITTEN[key]}`,
    value: null,
    rule: 'must be given unless executed_status is SKIPPED or FAILED',
  }));
}

/** What an item says under our name of a field, or under that of the file. */
const valueOf = (item: object, key: keyof Fill): unknown =>
  (item as Record<string, unknown>)[key] ?? (item as Record<string, unknown>)[WRITTEN[key]];

/** The fills as they are stored and hashed: by sequence, a SELL of the whole line with the line's own units. */
function canonical(fills: readonly Fill[], { lines }: FillsTicket): Fill[] {
  const asked = new Map(lines.map((line) => [line.sequence, line.units]));
  return fills
    .map((fill) => ({ ...fill, units: unitsOf(fill, asked.get(fill.sequence) ?? null) }))
    .toSorted((a, b) => a.sequence - b.sequence);
}

/**
 * The fills in canonical form when each has its shape, whatever the rules say of them; else null. What was accepted
 * once is known by it.
 */
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
function coverage(list: readonly unknown[], lines: readonly TicketLine[]): Problem[] {
  const sequences = list.map((item) =>
    typeof item === 'object' && item !== null && 'sequence' in item ? item.sequence : undefined,
  );
  const known = new Set<unknown>(lines.map((line) => line.sequence));
  const strange = sequences.flatMap((sequence, index): Problem[] => {
    const field = `fills[${index}].sequence`;
    if (typeof sequence !== 'number') return [];
    if (!known.has(sequence))
      return [{ field, value: shown(sequence), rule: `must be a line of the ticket, 1 to ${lines.length}` }];
    return sequences.indexOf(sequence) < index
      ? [{ field, value: shown(sequence), rule: 'must be given once: the line is reported already' }]
      : [];
  });
  const missing = lines
    .filter((line) => !sequences.includes(line.sequence))
    .map(({ sequence, side, symbol }): Problem => ({
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

function problemOf(issue: z.core.$ZodIssue, field: string, item: unknown): Problem {
  if (issue.code === 'unrecognized_keys') return { field, value: shown(issue.keys), rule: issue.message };
  const key = issue.path[0];
  if (key === undefined) return { field, value: shown(item), rule: issue.message };
  return {
    field: `${field}.${WRITTEN[key as keyof Fill]}`,
    value: shown(valueOf(item as object, key as keyof Fill)) ?? 'nothing',
    rule: issue.message,
  };
}
