import { toText, D } from './money.js';

/** What a cell may be; null, and a number that is none or that no decimal has, are empty. */
export type CsvCell = string | number | null;

/** Plain numbers run nothing, also negative ones. */
const NUMBER = /^-?\d+(\.\d+)?$/;
/** What a spreadsheet may begin a formula with, in both widths, whatever blanks and quotes stand before it. */
const FORMULA = String.raw`[\s"']*[=+\-@＝＋－＠]`;
/**
 * Where a cell would begin that a spreadsheet runs: at the start of the text, and behind what some spreadsheets part
 * cells by. A text that begins with a tab or a line's end is kept from moving into another cell too.
 */
const RUNS = new RegExp(`(?<=^|[;\\t\\r\\n])(?=${FORMULA})|^(?='*[\\t\\r\\n])`, 'g');
/** The same with the apostrophe that says that it is text. */
const KEPT = new RegExp(`(?<=^|[;\\t\\r\\n])'(?=${FORMULA})|^'(?='*[\\t\\r\\n])`, 'g');

/** Text as it stands in a cell that no spreadsheet runs: an apostrophe before whatever it would run. */
const kept = (text: string): string => (NUMBER.test(text) ? text : text.replaceAll(RUNS, `'`));

/** What was written into a cell by `csvRow`, as it was before. */
export const textOfCell = (text: string): string => text.replaceAll(KEPT, '');

/** A number without an exponent, as spreadsheets of all languages read it; of the sizes that decimals have. */
const numeral = (value: number): string => (Math.abs(value) < 1e100 ? toText(D(value)) : '');

const textOf = (cell: CsvCell): string => (cell === null ? '' : typeof cell === 'string' ? kept(cell) : numeral(cell));

const quoted = (text: string): string => (/[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** A row of a CSV file (RFC 4180) without its line end, in which no cell is a formula. */
export const csvRow = (cells: readonly CsvCell[]): string => cells.map((cell) => quoted(textOf(cell))).join(',');
