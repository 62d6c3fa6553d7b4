import { csvRow, type CsvCell } from '../../domain/csv.js';

/** Rows as a CSV file that runs nothing in a spreadsheet. @param rows the heads first; null is an empty cell */
export const csvText = (rows: readonly (readonly CsvCell[])[]): string =>
  rows.map((row) => `${csvRow(row)}\r\n`).join('');
