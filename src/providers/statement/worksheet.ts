import { refusedStatement } from '../../domain/statement/refusals.js';
import { columnName, type Cell, type SheetRow } from '../../domain/statement/sheet.js';
import type { Part } from './archive.js';
import { readMarkup, type Element, type Reader } from './markup.js';

const SPREADSHEET = [
  'http://schemas.openxmlformats.org/spreadsheetml/2006/main',
  'http://purl.oclc.org/ooxml/spreadsheetml/main',
];
/** Whether an element is one of the format's own: prefixes differ from writer to writer. */
export const isSpreadsheet = (namespace: string): boolean => SPREADSHEET.includes(namespace);

/** What a spreadsheet program lets a cell hold. */
const CELL_MAX = 32_767;
/** A row has a position id, a date and units of its own. */
const STRINGS_MAX = 200_000;
/**
 * Rows of a sheet that say something: ten years of five orders on each day. What they take of memory until a longer
 * one is refused is less than what the program itself takes.
 */
const ROWS_MAX = 30_000;
const COLUMNS_MAX = 256;

/** The texts that cells refer to by their number. @throws OpsError of `readMarkup`, STATEMENT_TOO_LARGE */
export async function readStrings(part: Part): Promise<string[]> {
  const strings: string[] = [];
  const text = new TextReader();
  await readMarkup(part, {
    open: (element) => text.open(element),
    text: (said) => text.take(said, part.name),
    close: (name, namespace) => {
      text.close(name);
      if (name !== 'si' || !isSpreadsheet(namespace)) return;
      strings.push(text.whole());
      if (strings.length > STRINGS_MAX)
        throw refusedStatement('STATEMENT_TOO_LARGE', part.name, null, `must hold at most ${STRINGS_MAX} texts`);
    },
  });
  return strings;
}

/** Puts a text together of its runs; what is only how it is pronounced (`rPh`) is left out. */
class TextReader {
  private pieces: string[] = [];
  private length = 0;
  private isText = false;
  private aside = 0;

  open({ name, namespace }: Element): void {
    if (!isSpreadsheet(namespace)) return;
    if (name === 'rPh') this.aside += 1;
    this.isText = name === 't' && this.aside === 0;
  }

  take(said: string, where: string): void {
    if (!this.isText) return;
    this.length += said.length;
    if (this.length > CELL_MAX)
      throw refusedStatement('STATEMENT_TOO_LARGE', where, null, `a text must have at most ${CELL_MAX} characters`);
    this.pieces.push(said);
  }

  close(name: string): void {
    if (name === 'rPh') this.aside -= 1;
    this.isText = false;
  }

  whole(): string {
    if (this.pieces.length === 0) return '';
    const text = this.pieces.join('');
    this.pieces = [];
    this.length = 0;
    // ECMA-376 part 1, 22.9.2.19: characters that markup cannot hold stand as _x000A_.
    return text.replaceAll(/_x([\dA-Fa-f]{4})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  }
}

/**
 * The rows of a sheet that say something: a program that saved the file again may have added a million that do not.
 * @param name of the sheet, for refusals @throws OpsError of `readMarkup`, STATEMENT_HOSTILE, STATEMENT_VALUE
 */
export async function readSheet(part: Part, name: string, shared: readonly string[]): Promise<SheetRow[]> {
  const reader = new SheetReader(name, shared);
  await readMarkup(part, reader);
  return reader.rows;
}

interface OpenCell {
  column: number;
  type: string;
  value: string;
}

class SheetReader implements Reader {
  readonly rows: SheetRow[] = [];
  private readonly inline = new TextReader();
  private cells = new Map<number, Cell>();
  private row = 0;
  private cell: OpenCell | null = null;
  private isValue = false;

  constructor(
    private readonly sheet: string,
    private readonly shared: readonly string[],
  ) {}

  open(element: Element): void {
    const { name, namespace } = element;
    if (!isSpreadsheet(namespace)) return;
    if (/^(f|formula[12]?|ddeLink)$/.test(name))
      throw refusedStatement('STATEMENT_HOSTILE', this.where(), null, 'holds a formula: a statement has none');
    if (name === 'row') this.openRow(element);
    else if (name === 'c') this.openCell(element);
    else if (this.cell && name === 'v') this.isValue = true;
    else if (this.cell) this.inline.open(element);
  }

  text(said: string): void {
    if (!this.cell) return;
    if (!this.isValue) return this.inline.take(said, this.where());
    this.cell.value += said;
    if (this.cell.value.length > CELL_MAX)
      throw refusedStatement('STATEMENT_TOO_LARGE', this.where(), null, `must have at most ${CELL_MAX} characters`);
  }

  close(name: string, namespace: string): void {
    if (!isSpreadsheet(namespace)) return;
    if (this.cell) this.inline.close(name);
    if (name === 'v') this.isValue = false;
    if (name === 'c') this.closeCell();
    if (name === 'row') this.closeRow();
  }

  private openRow(element: Element): void {
    const said = element.attribute('r');
    const number = said === null ? this.row + 1 : Number(said);
    if (!Number.isInteger(number) || number <= this.row || number > 1_048_576)
      throw this.refused(`row ${said ?? ''}: must come after row ${this.row}`);
    this.row = number;
    this.cells = new Map();
  }

  private closeRow(): void {
    if (this.cells.size === 0) return;
    this.rows.push({ number: this.row, cells: this.cells });
    if (this.rows.length > ROWS_MAX)
      throw refusedStatement('STATEMENT_TOO_LARGE', `sheet ${this.sheet}`, null, `must have at most ${ROWS_MAX} rows`);
  }

  private openCell(element: Element): void {
    const said = element.attribute('r');
    const next = Math.max(-1, ...this.cells.keys()) + 1;
    const column = said === null ? next : columnOf(said, this.row);
    if (column === null || column < next) throw this.refused(`cell ${said ?? ''}: is not where it says`);
    this.cell = { column, type: element.attribute('t') ?? 'n', value: '' };
  }

  private closeCell(): void {
    if (!this.cell) return;
    const { column, type, value } = this.cell;
    const cell = this.cellOf(type, value, this.inline.whole());
    this.cell = null;
    if (cell === null) return;
    if (column >= COLUMNS_MAX)
      throw refusedStatement(
        'STATEMENT_TOO_LARGE',
        `sheet ${this.sheet}`,
        null,
        `must have ${COLUMNS_MAX} columns or less`,
      );
    this.cells.set(column, cell);
  }

  private cellOf(type: string, value: string, inline: string): Cell | null {
    switch (type) {
      case 'n':
        return value.trim() === '' ? null : { kind: 'number', text: value.trim() };
      case 's': {
        const text = /^\d{1,7}$/.test(value) ? this.shared[Number(value)] : undefined;
        if (text === undefined) throw this.refused(`shared text ${value}: is not in the workbook`);
        return this.textCell(text);
      }
      case 'str':
        return this.textCell(value);
      case 'inlineStr':
        return this.textCell(inline);
      default:
        throw this.refused(`a cell of type ${type}: must be a text or a number`);
    }
  }

  /** Text that no row could be stored with is refused: markup cannot hold it, `_x0000_` and `_xD800_` can. */
  private textCell(text: string): Cell | null {
    if (text.includes('\0') || /\p{Cs}/u.test(text)) throw this.refused('a text: holds what is no character');
    return text.trim() === '' ? null : { kind: 'text', text };
  }

  private where(): string {
    return `${this.sheet}!${this.cell ? columnName(this.cell.column) : 'row '}${this.row}`;
  }

  private refused(rule: string) {
    return refusedStatement('STATEMENT_VALUE', this.where(), null, rule);
  }
}

/** The column of a reference such as `AB12`, which must be of this row; null for another text. */
function columnOf(reference: string, row: number): number | null {
  const [, letters = '', digits] = /^([A-Z]{1,3})(\d{1,7})$/.exec(reference) ?? [];
  if (Number(digits) !== row) return null;
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}
