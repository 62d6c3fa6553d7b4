import { cleanRatio } from '../../domain/market/ratio.js';
import { parse } from 'csv-parse/sync';
import type { Bar, IsoDate } from '../../domain/types.js';
import { dateOfField, decimalOf, isDate, isPlainDecimal, withoutFloatNoise } from '../numbers.js';
import { FetchError, type PublishedAction } from '../provider.js';
import { refuseOther } from '../identity.js';
import { providerSymbol } from '../symbols.js';
import { detectLayout, refuseOtherThanCsv, type Layout } from './layout.js';

/** What to read, and from which file (for messages). */
export interface ReadWindow {
  /** Null for a file of many symbols, whose rows say of which they are. */
  symbol: string | null;
  file: string;
  from: IsoDate;
  to: IsoDate;
  /** Source and currency that actions of the Alpha Vantage layout are recorded with. */
  source: string;
  currency: string;
}

// No line of daily prices is longer; without the bound a file with no line end would be collected whole.
const LINE_LENGTH_MAX = 10_000;
const PRICES = ['open', 'high', 'low', 'close'] as const;

/**
 * Reads one file of daily bars piece by piece: give it text as it comes, take the bars of the window. Rows outside the
 * window are skipped by their date alone, before any parsing. Throws FetchError at the first row that is not sound.
 */
export class CsvBarReader {
  readonly actions: PublishedAction[] = [];
  layout: Layout | null = null;
  /** Data lines seen, in the window or not. */
  lines = 0;
  readonly #window: ReadWindow;
  #rest = '';
  #lineNumber = 0;
  #headerText = '';
  /** What the rows say they are of, as it was last compared. */
  #said = '';

  constructor(window: ReadWindow) {
    this.#window = window;
  }

  /** Takes more text; returns the bars it completed. */
  push(text: string): Bar[] {
    const whole = this.#rest + text;
    const end = whole.lastIndexOf('\n') + 1;
    this.#rest = whole.slice(end);
    if (this.#rest.length > LINE_LENGTH_MAX) {
      refuseOtherThanCsv(whole, this.#window.file);
      throw this.#bad('BAD_LAYOUT', `line ${this.#lineNumber + 1} is longer than ${LINE_LENGTH_MAX} characters`);
    }
    return this.#take(whole.slice(0, end), true);
  }

  /** Takes what is left after the last line end. Throws EMPTY when the file held no row at all. */
  end(): Bar[] {
    const bars = this.#take(this.#rest, false);
    if (!this.layout) throw this.#bad('EMPTY', 'the file is empty');
    if (this.lines === 0) throw this.#bad('EMPTY', 'nothing but a header line');
    return bars;
  }

  #take(text: string, terminated: boolean): Bar[] {
    const kept: string[] = [];
    const numbers: number[] = [];
    for (const raw of text.split('\n')) {
      this.#lineNumber += 1;
      const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
      if (this.#wanted(line)) {
        kept.push(line);
        numbers.push(this.#lineNumber);
      }
    }
    // The piece after the last line end is not a line yet: it comes again, completed, with the next text.
    this.#lineNumber -= 1;
    return this.#parse(kept, numbers, terminated);
  }

  #wanted(line: string): boolean {
    if (line.trim() === '') return false;
    if (!this.layout) {
      this.#readHeader(line);
      return false;
    }
    if (line === this.#headerText) return false; // some archives repeat the header inside (PROVIDERS data, pystock 2015-04-06)
    this.lines += 1;
    if (this.layout.date !== 0 || line[4] !== '-' || line[7] !== '-') return true;
    const date = line.slice(0, 10);
    return date >= this.#window.from && date <= this.#window.to;
  }

  #readHeader(line: string): void {
    const text = line.replace(/^\uFEFF/, '');
    refuseOtherThanCsv(text, this.#window.file);
    const [header] = csvRows(text);
    this.layout = detectLayout(header ?? [], this.#window.file);
    this.#headerText = text;
  }

  #parse(lines: string[], numbers: number[], terminated: boolean): Bar[] {
    if (lines.length === 0 || !this.layout) return [];
    const bars: Bar[] = [];
    for (let index = 0; index < lines.length; index++) {
      const bar = this.#sound(
        fieldsOf(lines[index] as string),
        numbers[index] ?? 0,
        terminated || index < lines.length - 1,
      );
      if (bar) bars.push(bar);
    }
    return bars;
  }

  /** A row as a bar; one that breaks off in the last, unended line of the file says TRUNCATED instead of its own fault. */
  #sound(row: string[], line: number, terminated: boolean): Bar | null {
    try {
      return this.#bar(row, line, this.layout as Layout);
    } catch (error) {
      if (terminated || !(error instanceof FetchError) || error.code === 'SYMBOL_MISMATCH') throw error;
      throw this.#bad('TRUNCATED', `line ${line} breaks off`);
    }
  }

  #bar(row: string[], line: number, layout: Layout): Bar | null {
    if (row.length !== layout.width)
      throw this.#bad('BAD_LAYOUT', `line ${line} has ${row.length} fields, the header ${layout.width}`);
    const session = row[layout.date];
    if (!isDate(session)) return dateOfField(session, `${this.#window.file}: line ${line}: date`) as never;
    if (session < this.#window.from || session > this.#window.to) return null;
    // Yahoo writes a day it has no data for as a row of nulls: a missing bar, which the quality gate will see.
    if (row[layout.close] === 'null' && PRICES.every((field) => row[layout[field]] === 'null')) return null;
    this.#refuseOther(row, layout, line);
    const bar: Bar = {
      symbol: this.#window.symbol ?? (layout.symbol === undefined ? '' : (row[layout.symbol] ?? '')),
      session,
      open: this.#price(row, layout, layout.open, line, 'open'),
      high: this.#price(row, layout, layout.high, line, 'high'),
      low: this.#price(row, layout, layout.low, line, 'low'),
      close: this.#price(row, layout, layout.close, line, 'close'),
      volume: layout.volume === undefined ? null : this.#figure(row[layout.volume], line, 'volume'),
      adjClose:
        layout.adjClose === undefined ? null : this.#price(row, layout, layout.adjClose, line, 'adjusted close'),
    };
    if (layout.dividend !== undefined || layout.split !== undefined) this.#noteActions(bar, row, layout, line);
    return bar;
  }

  /** A file saved under another symbol's name says so in each row; most files name their symbol nowhere. */
  #refuseOther(row: string[], { symbol, currency, exchange }: Layout, line: number): void {
    const { file, symbol: own, currency: listed } = this.#window;
    if (own === null || (symbol === undefined && currency === undefined && exchange === undefined)) return;
    const at = (column: number | undefined) => (column === undefined ? undefined : row[column]);
    const said = { symbol: at(symbol), currency: at(currency), exchange: at(exchange) };
    // Row after row says the same: what was compared once need not be again.
    const words = `${said.symbol}\t${said.currency}\t${said.exchange}`;
    if (words === this.#said) return;
    const asked = providerSymbol('csv', own);
    refuseOther({ said, symbol: own, asked, currency: listed, where: `${file}: line ${line}` });
    this.#said = words;
  }

  #figure(text: string | undefined, line: number, field: string): string {
    return isPlainDecimal(text) ? text : decimalOf(text, `${this.#window.file}: line ${line}: ${field}`);
  }

  #price(row: string[], layout: Layout, column: number, line: number, field: string): string {
    const price = this.#figure(row[column], line, field);
    return layout.name === 'yahoo' ? withoutFloatNoise(price) : price;
  }

  #noteActions(bar: Bar, row: string[], layout: Layout, line: number): void {
    const { source, currency } = this.#window;
    const common = { symbol: bar.symbol, exDate: bar.session, source, payload: 0 };
    const dividend = layout.dividend === undefined ? '0' : this.#figure(row[layout.dividend], line, 'dividend');
    const split = layout.split === undefined ? '1' : this.#figure(row[layout.split], line, 'split coefficient');
    if (Number(dividend) < 0 || Number(split) <= 0)
      throw this.#bad('BAD_NUMBER', `line ${line}: a dividend of ${dividend} or a split of ${split} cannot be`);
    if (Number(dividend) > 0)
      this.actions.push({ ...common, kind: 'DIVIDEND', value: dividend, published: dividend, currency });
    if (Number(split) !== 1)
      this.actions.push({ ...common, kind: 'SPLIT', value: cleanRatio(split), published: split, currency: null });
  }

  #bad(code: FetchError['code'], what: string): FetchError {
    return new FetchError(code, `${this.#window.file}: ${what}`);
  }
}

// A line without quotes or blanks holds nothing that a CSV parser would see and a cut at the commas would not; it takes a
// fifth of the time, and the time of a large file is spent here.
const fieldsOf = (line: string): string[] => (/[" \t]/.test(line) ? (csvRows(line)[0] ?? []) : line.split(','));

/** Rows of a CSV text without header, fields trimmed, empty lines left out. Throws BAD_LAYOUT on an unclosed quote and the like. */
export function csvRows(text: string): string[][] {
  if (!text.includes('"'))
    return text
      .split(/\r\n|\n|\r/)
      .filter((line) => line.trim() !== '')
      .map((line) => line.split(',').map((field) => field.trim()));
  try {
    return parse(text, { relax_column_count: true, skip_empty_lines: true, trim: true });
  } catch (cause) {
    throw new FetchError('BAD_LAYOUT', `not a CSV: ${(cause as Error).message}`, { cause });
  }
}
