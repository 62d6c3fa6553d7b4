import { z } from 'zod';
import { usageError } from '../errors.js';
import { checkFill, SELL_UNITS_TOLERANCE, type FillInput, type FillProblem, type FillsTicket } from './checks.js';
import { D, toText } from '../money.js';
import { readJson } from '../strict-json.js';
import type { Fill, Instant, TicketLine } from '../types.js';

/** A ticket has at most some hundred lines of some 300 bytes. */
const MAX_BYTES = 262_144;
const MAX_FILLS = 1_000;
const MAX_LISTED = 50;
const MAX_NOTES = 1_000;
/** Characters of a wrong value that a message repeats. */
const MAX_SHOWN = 80;
/** Above anything a household trades, below what the database can hold: a figure beyond it is a slip of the keyboard. */
const MAX_AMOUNT = D(1_000_000_000);

const plain = (decimals: number) => {
  const rule = `must be a plain number above 0 with at most ${decimals} decimals, such as 12.5: no sign, comma, space or exponent`;
  const pattern = new RegExp(`^(0|[1-9]\\d{0,40})(\\.\\d{1,${decimals}})?$`);
  return z.union([z.string(), z.number()], { error: rule })
    .transform(String)
    .refine((text) => pattern.test(text) && D(text).gt(0), { error: rule, abort: true })
    .refine((text) => D(text).lte(MAX_AMOUNT), { error: `must be at most ${toText(MAX_AMOUNT)}`, abort: true })
    .transform((text) => toText(D(text)))
    .nullish().transform((text) => text ?? null);
};

const notes = z.string({ error: 'must be text' }).trim()
  .max(MAX_NOTES, { error: `must have at most ${MAX_NOTES} characters` })
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, { error: 'must be plain text on one line' })
  .nullish().transform((text) => text || null);

const instantRule = 'must be a time with offset, such as 2026-11-23T14:41:00+00:00';
const instant = z.union([z.iso.datetime({ offset: true }), z.iso.datetime({ offset: true, precision: -1 })], { error: instantRule });

/** One item of a confirmation, as the operator writes it (PRODUCT.md section 3). */
const itemSchema = z.strictObject({
  sequence: z.number({ error: 'must be a line number' }).int({ error: 'must be a whole number' }).min(1, { error: 'must be 1 or more' }),
  internal_symbol: z.string({ error: 'must be the symbol of the line' }),
  side: z.enum(['BUY', 'SELL'], { error: 'must be BUY or SELL' }),
  executed_status: z.enum(['DONE', 'SKIPPED', 'FAILED', 'PARTIAL'], { error: 'must be DONE, SKIPPED, FAILED or PARTIAL' }),
  units: plain(6),
  fill_price: plain(6),
  executed_value_base: plain(2),
  filled_at: instant.transform((text) => new Date(text).toISOString())
    .nullish().transform((at) => at ?? null),
  notes,
}, { error: (issue) => (issue.code === 'unrecognized_keys' ? 'must be a field of a fill; see the ticket for their names' : 'must be an object, one a ticket line') });

/** The fills of a whole confirmation, by sequence; or everything that is wrong with it. */
export type FillsRead = { fills: Fill[] } | { problems: FillProblem[] };

/**
 * Reads and checks a confirmation's fills against their ticket: a JSON text, or the value it says (a list, or an object
 * with a list `fills`). Every line of the ticket once, each with what its status asks for, within the line's size.
 * @param at now: no fill is later.
 */
export function readFills(input: unknown, ticket: FillsTicket, at: Instant): FillsRead {
  if (ticket.kind !== 'TRADE') return refused('ticket', ticket.kind, 'has no lines to fill: acknowledge it with make confirm');
  const read = typeof input === 'string' ? readJson(input, MAX_BYTES) : { value: input };
  if ('rule' in read) return refused('fills', String(input).slice(0, MAX_SHOWN), read.rule);
  const list = Array.isArray(read.value) ? read.value : fillsOf(read.value);
  if (!Array.isArray(list)) return refused('fills', list, 'must be a list of fills, or an object with a list "fills"');
  if (list.length > MAX_FILLS) return refused('fills', list.length, `must have at most ${MAX_FILLS} items`);
  return checkList(list, ticket, at);
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

const fillsOf = (value: unknown): unknown =>
  (typeof value === 'object' && value !== null && 'fills' in value ? value.fills : value);

const refused = (field: string, value: unknown, rule: string): FillsRead => ({ problems: [{ field, value: shortened(value), rule }] });

function checkList(list: readonly unknown[], ticket: FillsTicket, at: Instant): FillsRead {
  const problems: FillProblem[] = [];
  const items: FillInput[] = [];
  list.forEach((value, index) => {
    const read = itemSchema.safeParse(value);
    if (read.success) items.push({ ...read.data, field: `fills[${index}]` });
    else problems.push(...read.error.issues.map((issue) => problemOf(issue, `fills[${index}]`, value)));
  });
  problems.push(...coverage(list, ticket.lines));
  const lines = new Map(ticket.lines.map((line) => [line.sequence, line]));
  for (const item of items) {
    const line = lines.get(item.sequence);
    if (line) problems.push(...checkFill(item, line, ticket, at));
  }
  if (problems.length > 0) return { problems };
  return { fills: items.map((item) => fillOf(item, lines.get(item.sequence))).toSorted((a, b) => a.sequence - b.sequence) };
}

/** Every line of the ticket exactly once, nothing else; also of items that are wrong in another field. */
function coverage(list: readonly unknown[], lines: readonly TicketLine[]): FillProblem[] {
  const sequences = list.map((item) => (typeof item === 'object' && item !== null && 'sequence' in item ? item.sequence : undefined));
  const known = new Set<unknown>(lines.map((line) => line.sequence));
  const strange = sequences.flatMap((sequence, index): FillProblem[] => {
    const field = `fills[${index}].sequence`;
    if (typeof sequence !== 'number') return [];
    if (!known.has(sequence)) return [{ field, value: shortened(sequence), rule: `must be a line of the ticket, 1 to ${lines.length}` }];
    return sequences.indexOf(sequence) < index ? [{ field, value: shortened(sequence), rule: 'must be given once: the line is reported already' }] : [];
  });
  const missing = lines.filter((line) => !sequences.includes(line.sequence)).map(({ sequence, side, symbol }): FillProblem =>
    ({ field: 'fills', value: `line ${sequence}, ${side} ${symbol}`, rule: 'is not reported: every line of the ticket must be, SKIPPED when it was not traded' }));
  return [...strange, ...missing];
}

function fillOf(item: FillInput, line: TicketLine | undefined): Fill {
  return {
    sequence: item.sequence, internalSymbol: item.internal_symbol, side: item.side, executedStatus: item.executed_status,
    units: unitsOf(item, line?.units ?? null), fillPrice: item.fill_price, executedValueBase: item.executed_value_base,
    filledAt: item.filled_at, notes: item.notes,
  };
}

function unitsOf({ units, executed_status }: FillInput, asked: string | null): string | null {
  if (units === null || asked === null) return units;
  const beyond = D(units).minus(D(asked));
  const same = beyond.abs().lte(D(SELL_UNITS_TOLERANCE)) && (executed_status === 'DONE' || beyond.gt(0));
  return same ? toText(D(asked)) : units;
}

function problemOf(issue: z.core.$ZodIssue, field: string, item: unknown): FillProblem {
  if (issue.code === 'unrecognized_keys') return { field, value: shortened(issue.keys), rule: issue.message };
  const key = issue.path[0];
  if (key === undefined) return { field, value: shortened(item), rule: issue.message };
  const value = (item as Record<PropertyKey, unknown>)[key];
  return { field: `${field}.${String(key)}`, value: value === undefined ? 'nothing' : shortened(value), rule: issue.message };
}

/** A value as the operator wrote it, cut where it is long. */
function shortened(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 3)}...` : text;
}
