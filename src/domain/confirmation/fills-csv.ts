import { CsvError, parse } from 'csv-parse/sync';
import { csvRow, textOfCell, type CsvCell } from '../csv.js';
import type { Problem } from '../problems.js';
import { FILLS_MAX } from '../shapes.js';
import { shown } from '../text.js';
import { WRITTEN } from './shape.js';

/** The columns of a fills file as CSV, in their order: the names of the JSON file (docs/RULES.md 1.4). */
export const FILL_COLUMNS: readonly string[] = Object.values(WRITTEN);

/** A fills file as CSV: the items of a template or of an answer, a row each, by the columns' names. */
export const fillsCsv = (items: readonly Record<string, CsvCell>[]): string =>
  [csvRow(FILL_COLUMNS), ...items.map((item) => csvRow(FILL_COLUMNS.map((column) => item[column] ?? null))), ''].join(
    '\n',
  );

/** Whether a text is a fills file as CSV: its first line names the column of the line's number. */
export const isFillsCsv = (text: string): boolean => {
  const line = /^\uFEFF?\s*([^\n\r]*)/.exec(text.slice(0, HEADER_LENGTH_MAX))?.[1] ?? '';
  return titlesOf(line).includes('sequence') && !/[[{]/.test(line);
};

/** Characters of a header; a file without line ends is not looked through. */
const HEADER_LENGTH_MAX = 1_000;

/**
 * The items that a fills file as CSV says, whatever they are: their rules are those of the JSON file. Commas,
 * semicolons or tabs part the cells, as spreadsheets write them; an empty cell is nothing.
 */
export function itemsOfCsv(text: string): { items: Record<string, unknown>[] } | { problems: Problem[] } {
  const rows = rowsOf(text);
  if ('problems' in rows) return rows;
  const [header, ...others] = rows.rows;
  const titles = (header?.cells ?? []).map((title) => title.trim().toLowerCase());
  const problems = headerProblems(titles);
  if (problems.length > 0) return { problems };
  const filled = others.filter(({ cells }) => cells.some((each) => each.trim() !== ''));
  if (filled.length > FILLS_MAX)
    return {
      problems: [{ field: 'fills', value: String(filled.length), rule: `must have at most ${FILLS_MAX} items` }],
    };
  const ragged = filled.flatMap(({ cells, line }): Problem[] =>
    cells.length === titles.length
      ? []
      : [{ field: `fills line ${line}`, value: shown(cells), rule: `must have ${titles.length} cells, as the header` }],
  );
  if (ragged.length > 0) return { problems: ragged };
  return {
    items: filled.map(({ cells }) =>
      Object.fromEntries(titles.map((title, index) => [title, valueOf(title, cells[index] ?? '')])),
    ),
  };
}

function valueOf(title: string, written: string): string | number | null {
  const plain = textOfCell(written.trim());
  if (plain === '') return null;
  return title === 'sequence' && /^\d{1,9}$/.test(plain) ? Number(plain) : plain;
}

const titlesOf = (line: string): string[] =>
  line.split(separatorOf(line)).map((title) => title.replaceAll(/^[\s"]+|[\s"]+$/g, '').toLowerCase());

const separatorOf = (line: string): string => ['\t', ';'].find((each) => line.includes(each)) ?? ',';

interface Row {
  line: number;
  cells: string[];
}

function rowsOf(text: string): { rows: Row[] } | { problems: Problem[] } {
  const first = /^\uFEFF?\s*([^\n\r]*)/.exec(text)?.[1] ?? '';
  try {
    const rows = parse(text, {
      bom: true,
      delimiter: separatorOf(first),
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
    }) as unknown as { record: string[]; info: { lines: number } }[];
    return { rows: rows.map(({ record, info }) => ({ line: info.lines, cells: record })) };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === 'number' ? error.lines : 1;
    return { problems: [{ field: `fills line ${line}`, value: null, rule: `must be CSV: ${error.message}` }] };
  }
}

function headerProblems(titles: readonly string[]): Problem[] {
  const of = (column: string, rule: string): Problem => ({ field: 'fills header', value: shown(column), rule });
  return [
    ...titles
      .filter((title) => !FILL_COLUMNS.includes(title))
      .map((title) => of(title, 'is no column of a fills file')),
    ...titles.filter((title, index) => titles.indexOf(title) < index).map((title) => of(title, 'must be given once')),
    ...FILL_COLUMNS.filter((column) => !titles.includes(column)).map((column) => of(column, 'is missing as a column')),
  ];
}
