import { CsvError, parse } from 'csv-parse/sync';
import { z } from 'zod';
import { usageError } from '../errors.js';
import { shown } from '../text.js';
import { didYouMean, faultLines, type Fault } from './faults.js';
import { symbolShape } from '../shapes.js';
import type { UniverseRow } from '../types.js';
import { IN_OUR_WORDS } from '../shape-words.js';

const flag = z.enum(['true', 'false'], 'must be true or false').transform((text) => text === 'true');
const blankIsNull = (text: string) => (text === '' ? null : text);

const rowSchema = z
  .strictObject({
    internal_symbol: symbolShape(),
    etoro_search_name: z.string().min(1, 'must be the exact text that finds the instrument on eToro').max(80),
    name: z.string().min(1, 'must be the name of the company or index').max(120),
    kind: z.enum(['stock', 'etf', 'cfd', 'benchmark'], 'must be stock, etf, cfd or benchmark'),
    listing_currency: z.string().regex(/^[A-Z]{3}$/, 'must be three capital letters: USD'),
    tradable: flag,
    verified_on: z.literal('').or(z.iso.date()).transform(blankIsNull),
    verified_by: z.string().max(80).transform(blankIsNull),
    enabled: z
      .enum(['true', 'false', ''], 'must be true or false')
      .default('true')
      .transform((text) => text !== 'false'),
  })
  .superRefine((row, context) => {
    if (row.tradable && row.kind !== 'stock') {
      context.addIssue({
        code: 'custom',
        path: ['tradable'],
        message: `must be false: kind ${row.kind} is never tradable here, only stock is`,
      });
    }
    if ((row.verified_on === null) !== (row.verified_by === null)) {
      context.addIssue({
        code: 'custom',
        path: [row.verified_on === null ? 'verified_on' : 'verified_by'],
        message: 'must be given, for the other half of the verification is',
      });
    }
  });

/** What a symbol is listed in; USD where no row says it, for every market of ours quotes in it. */
export const listingCurrency = (universe: readonly UniverseRow[], symbol: string): string =>
  universe.find(({ internalSymbol }) => internalSymbol === symbol)?.listingCurrency ?? 'USD';

type Row = z.infer<typeof rowSchema>;
interface Line {
  line: number;
  cells: Record<string, string>;
}

const columns = Object.keys(rowSchema.shape);
const optionalColumns = ['enabled'];

/**
 * Reads universe.csv, in the order of the file. Lines that start with # are remarks. Refuses with exit code 64 and every
 * fault at once, one `file:line: column: value: rule` each: unknown, missing or repeated columns, wrong cells, a symbol
 * or a search name that stands twice.
 */
export function parseUniverse(text: string, fileName: string): UniverseRow[] {
  const lines = readLines(text, fileName);
  if (lines.length === 0)
    throw refused(fileName, [{ line: 1, key: '', value: '', rule: 'must name at least one symbol below its header' }]);
  const faults: Fault[] = [];
  const rows: { line: number; row: Row }[] = [];
  for (const { line, cells } of lines) {
    const result = rowSchema.safeParse(cells, IN_OUR_WORDS);
    if (result.success) rows.push({ line, row: result.data });
    else faults.push(...result.error.issues.map((issue) => cellFault(line, cells, issue)));
  }
  faults.push(...repeated(lines, 'internal_symbol'), ...repeated(lines, 'etoro_search_name'));
  if (faults.length > 0) throw refused(fileName, faults);
  return rows.map(({ row }) => universeRow(row));
}

const universeRow = (row: Row): UniverseRow => ({
  internalSymbol: row.internal_symbol,
  etoroSearchName: row.etoro_search_name,
  name: row.name,
  kind: row.kind,
  listingCurrency: row.listing_currency,
  tradable: row.tradable,
  enabled: row.enabled,
  verifiedOn: row.verified_on,
  verifiedBy: row.verified_by,
});

const refused = (fileName: string, faults: Fault[]) =>
  usageError('UNIVERSE_INVALID', faultLines(fileName, faults), {
    remedy: `mend the lines above; the columns are ${columns.join(',')} (${optionalColumns.join(', ')} may be left out)`,
  });

function cellFault(line: number, cells: Record<string, string>, issue: z.core.$ZodIssue): Fault {
  const key = String(issue.path[0] ?? '');
  return { line, key, value: shown(cells[key]), rule: issue.message };
}

/** Every later row whose cell says, in whatever case, what an earlier one says. */
function repeated(lines: readonly Line[], column: string): Fault[] {
  const firstLine = new Map<string, number>();
  return lines.flatMap(({ line, cells }) => {
    const cell = cells[column]?.toUpperCase() ?? '';
    const first = firstLine.get(cell);
    if (first === undefined) firstLine.set(cell, line);
    return first === undefined || cell === ''
      ? []
      : [{ line, key: column, value: shown(cells[column]), rule: `stands already on line ${first}` }];
  });
}

function readLines(text: string, fileName: string): Line[] {
  try {
    const records: { record: Record<string, string>; info: { lines: number } }[] = parse(text, {
      bom: true,
      comment: '#',
      comment_no_infix: true,
      info: true,
      skip_empty_lines: true,
      trim: true,
      columns: (header: string[]) => checkedHeader(header, text, fileName),
    });
    return records.map(({ record, info }) => ({ line: info.lines, cells: record }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === 'number' ? error.lines : 1;
    throw refused(fileName, [{ line, key: 'CSV', value: '', rule: error.message }]);
  }
}

function checkedHeader(header: string[], text: string, fileName: string): string[] {
  const line = text.split(/\r\n|\n|\r/).findIndex((row) => row.trim() !== '' && !row.startsWith('#')) + 1;
  const unknown = header
    .filter((name) => !columns.includes(name))
    .map((name) => ({
      line,
      key: name,
      value: '',
      rule: `is not a column of the universe${didYouMean(name, columns)}`,
    }));
  const twice = header
    .filter((name, i) => header.indexOf(name) < i)
    .map((name) => ({ line, key: name, value: '', rule: 'stands twice in the header' }));
  const missing = columns
    .filter((name) => !optionalColumns.includes(name) && !header.includes(name))
    .map((name) => ({ line, key: name, value: null, rule: 'is required as a column' }));
  const faults = [...unknown, ...twice, ...missing];
  if (faults.length > 0) throw refused(fileName, faults);
  return header;
}
