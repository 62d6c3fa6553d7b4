/** A cell as the workbook has it: `number` is the text of the number as it was written, exact. */
export interface Cell {
  kind: 'text' | 'number';
  text: string;
}

/** A row that has something in it; cells by column, A is 0. */
export interface SheetRow {
  /** As the workbook numbers it, 1 the first. */
  number: number;
  cells: ReadonlyMap<number, Cell>;
}

export interface Sheet {
  name: string;
  rows: SheetRow[];
}

/** What a workbook holds, before anybody knows what it means. */
export interface Workbook {
  /** Whether day numbers count from 1904. */
  from1904: boolean;
  sheets: Sheet[];
}

/** A column as a spreadsheet names it: 0 is A. */
export const columnName = (column: number): string =>
  (column >= 26 ? columnName(Math.floor(column / 26) - 1) : '') + String.fromCharCode(65 + (column % 26));
