import { CsvError, parse } from 'csv-parse/sync';
import { HARD_SPACES } from './written-figure.js';

/** A line of a table: where it stands, and what it says of which name; `rule` where it says neither. */
export type NamedFigure = { line: number; name: string; figure: string } | { line: number; text: string; rule: string };

/** What a table consists of. */
export interface TableLines {
  lines: NamedFigure[];
  /** Columns of the header that nobody reads, such as a price. */
  columnsLeft: string[];
}

/** Headings of the column that names a position, and of the one with its units, in small letters. */
const NAMES = ['symbol', 'position', 'ticker', 'instrument', 'asset', 'stock', 'market', 'name', 'etoro_search_name'];
const UNITS = ['units', 'shares', 'quantity', 'qty'];

/** How the fields of a line are told apart. */
type Separator = ',' | ';' | '\t' | 'wide' | 'space';

interface Header {
  separator: Separator;
  titles: string[];
  name: number;
  units: number;
}

/** A name with every run of spaces, of whatever kind, as one. */
export const tidy = (name: string): string => name.replaceAll(HARD_SPACES, ' ').replaceAll(/\s+/g, ' ').trim();

/**
 * Takes a text apart into lines of a name and a figure: with a header the columns that it names, without one two
 * columns. Empty lines and repeated headers say nothing and are passed over.
 * @param isKnown whether a name is one of ours: where a line may be cut in two ways, it tells which was meant.
 */
export function linesOfTable(text: string, isKnown: (name: string) => boolean): TableLines {
  const written = text.split('\n').flatMap((line, index) => (tidy(line) === '' ? [] : [{ line, number: index + 1 }]));
  const first = written[0];
  const header = first === undefined ? null : headerOf(first.line);
  if (header === null) {
    const lines = written.map(({ line, number }) => twoColumns(line, number, isKnown));
    return { lines, columnsLeft: [] };
  }
  const isHeader = (line: string) => tidy(line) === tidy(first?.line ?? '');
  const rows = written.filter(({ line }) => !isHeader(line));
  return {
    lines: rows.map(({ line, number }) => columnsOf(line, number, header)),
    columnsLeft: header.titles.filter((_, column) => column !== header.name && column !== header.units),
  };
}

function headerOf(line: string): Header | null {
  for (const separator of ['\t', ';', ',', 'wide', 'space'] as const) {
    const titles = (fieldsOf(line, separator) ?? []).map((title) => tidy(title));
    const small = titles.map((title) => title.toLowerCase());
    const name = small.findIndex((title) => NAMES.includes(title));
    const units = small.findIndex((title) => UNITS.includes(title));
    if (name >= 0 && units >= 0) return { separator, titles, name, units };
  }
  return null;
}

function columnsOf(line: string, number: number, { separator, titles, name, units }: Header): NamedFigure {
  const fields = fieldsOf(line, separator);
  if (fields === null) return { line: number, text: line, rule: 'must be a row of a CSV: a quote is not closed' };
  const twice = titles.find((title, index) => titles.indexOf(title) < index && title !== '');
  if (twice !== undefined) return { line: number, text: twice, rule: 'must be one column of the header' };
  // A name of several words is several fields where a space is all that parts them.
  const more = fields.length - titles.length;
  const whole =
    separator === 'space' && name === 0 && more > 0
      ? [fields.slice(0, more + 1).join(' '), ...fields.slice(more + 1)]
      : fields;
  if (whole.length !== titles.length)
    return { line: number, text: line, rule: `must have ${titles.length} fields, as the header has` };
  return { line: number, name: tidy(whole[name] ?? ''), figure: whole[units] ?? '' };
}

/** Without a header: the name and its figure, parted by a tab, a semicolon, a comma or spaces. */
function twoColumns(line: string, number: number, isKnown: (name: string) => boolean): NamedFigure {
  const cuts = (['\t', ';', ',', 'last'] as const).flatMap((separator) => {
    const fields = separator === 'last' ? lastFigure(line) : fieldsOf(line, separator);
    const [name = '', figure = ''] = fields ?? [];
    return fields?.length === 2 && tidy(name) !== '' ? [{ line: number, name: tidy(name), figure }] : [];
  });
  const cut = cuts.find(({ name }) => isKnown(name)) ?? cuts[0];
  if (cut) return cut;
  return {
    line: number,
    text: line,
    rule: 'must be a name and a figure; more columns need a header with symbol and units, a comma in a cell quotes',
  };
}

/** A name of any words, and the figure at the end of the line; hard spaces within a figure belong to it. */
function lastFigure(line: string): string[] | null {
  const [, name, figure] =
    /^\s*(\S.*?)[\s\u202F]+([£$€]?[-+\u2212]?\d[\d.,\u00A0\u202F\u2007\u2009]*)\s*$/.exec(line) ?? [];
  return name === undefined || figure === undefined ? null : [name, figure];
}

function fieldsOf(line: string, separator: Separator): string[] | null {
  if (separator === 'wide') return line.trim().split(/ {2,}/);
  if (separator === 'space') return line.trim().split(/ +/);
  if (!line.includes('"')) return line.split(separator);
  try {
    const [row = []] = parse(line, { delimiter: separator, relax_column_count: true }) as string[][];
    return row;
  } catch (error) {
    if (error instanceof CsvError) return null;
    throw error;
  }
}
