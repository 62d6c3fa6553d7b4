import { dateOf, isInstant, isIsoDate } from '../dates.js';
import { Decimal, decimalOf, toText } from '../money.js';
import type { DecimalString, Instant, IsoDate } from '../types.js';
import { columnName, type Cell } from './sheet.js';
import { refusedStatement } from './refusals.js';

/** A cell with where it stands, which every refusal of it names. */
export interface Placed {
  cell: Cell | null;
  where: string;
  from1904: boolean;
}

export const placeOf = (sheet: string, column: number, row: number): string => `${sheet}!${columnName(column)}${row}`;

/** How the broker writes that there is nothing. */
const ABSENT = /^(-|–|n\/a)?$/i;

/** The text of a cell on one line, without spaces around it; null where it says that there is nothing. */
export function textOf({ cell }: Placed): string | null {
  const text = cell?.text.replaceAll(/\s+/g, ' ').trim() ?? '';
  return ABSENT.test(text) ? null : text;
}

/** Digits that a spreadsheet program keeps of a number: what it writes beyond them is noise of its arithmetic. */
const DIGITS_KEPT = 15;
/** A number as text: plain, or with commas between thousands; in brackets where it is below zero. */
const NUMBER = /^-?(\d+|[1-9]\d{0,2}(,\d{3})+)(\.\d+)?$/;
/** One comma before three digits: thousands here, and thousandths where decimals have a comma. Nothing tells which. */
const EITHER = /^-?\d{1,3},\d{3}$/;
const LARGEST = '1e12';

/** The exact number of a cell; null where it says that there is nothing. @throws OpsError STATEMENT_VALUE */
export function numberOf(placed: Placed): Decimal | null {
  const text = textOf(placed);
  if (text === null || placed.cell === null) return null;
  const plain = unbracketed(text);
  const read = placed.cell.kind === 'number' ? written(text) : typed(plain);
  if (read && read.abs().lt(LARGEST) && read.decimalPlaces() <= DECIMALS_MAX) return read;
  const rule = EITHER.test(plain)
    ? 'may be thousands or thousandths: must be a number whose comma can mean one thing only, such as 1234.56'
    : 'must be a number, such as 1234.56';
  throw refusedStatement('STATEMENT_VALUE', placed.where, text, rule);
}
const DECIMALS_MAX = 20;

const unbracketed = (text: string): string => text.replace(/^\((.+)\)$/, '-$1');

function written(text: string): Decimal | null {
  if (!/^-?\d{1,40}(\.\d{1,40})?(e[+-]?\d{1,3})?$/i.test(text)) return null;
  return exact(text)?.toSignificantDigits(DIGITS_KEPT) ?? null;
}

const typed = (plain: string): Decimal | null =>
  NUMBER.test(plain) && !EITHER.test(plain) ? exact(plain.replaceAll(',', '')) : null;

/** Null for what no amount can be: so large that it is no decimal, or so small that nothing would be left of it. */
function exact(text: string): Decimal | null {
  const read = decimalOf(text);
  return read?.isZero() && /^-?[0.]*[1-9]/.test(text) ? null : read;
}

/** A number that must be there, as text. @throws OpsError STATEMENT_VALUE */
export const amountOf = (placed: Placed): DecimalString => toText(numberOf(placed) ?? missing(placed));

/** A text that must be there. @throws OpsError STATEMENT_VALUE */
export const wordsOf = (placed: Placed): string => textOf(placed) ?? missing(placed);

function missing({ where, cell }: Placed): never {
  throw refusedStatement('STATEMENT_VALUE', where, cell?.text ?? 'nothing', 'must not be empty');
}

/**
 * The instant of a cell, which the broker writes in UTC as `31/01/2026 05:50:54`; a program that saved the file
 * again may have made a day number of it. @throws OpsError STATEMENT_VALUE
 */
export function instantOf(placed: Placed): Instant {
  const text = wordsOf(placed);
  const [, day, month, year, time] = /^(\d\d)\/(\d\d)\/(\d{4}) (\d\d:\d\d:\d\d)$/.exec(text) ?? [];
  const instant = placed.cell?.kind === 'number' ? ofDayNumber(placed) : `${year}-${month}-${day}T${time}.000Z`;
  if (instant !== null && isInstant(instant)) return instant;
  throw refusedStatement('STATEMENT_VALUE', placed.where, text, 'must be a time, such as 31/01/2026 05:50:54');
}

/** The date of a cell, written as `31/01/2026`. @throws OpsError STATEMENT_VALUE */
export function dateIn(placed: Placed): IsoDate {
  const text = wordsOf(placed);
  const [, day, month, year] = /^(\d\d)\/(\d\d)\/(\d{4})( 00:00:00)?$/.exec(text) ?? [];
  const date = placed.cell?.kind === 'number' ? (ofDayNumber(placed)?.slice(0, 10) ?? '') : `${year}-${month}-${day}`;
  if (isIsoDate(date)) return date;
  throw refusedStatement('STATEMENT_VALUE', placed.where, text, 'must be a date, such as 31/01/2026');
}

const SECONDS_OF_DAY = 86_400;
/**
 * Days from 1970 back to where spreadsheets begin to count; 1900 had no 29 February, so what lies before March is
 * none.
 */
const EPOCH = { in1900: 25_569, in1904: 24_107 };
const FIRST_DAY = 61;
const LAST_DAY = 2_958_465;

/** ECMA-376 part 1, 18.17.4.1: days and their fractions, to the second. */
function ofDayNumber({ cell, from1904 }: Placed): Instant | null {
  const days = written(cell?.text ?? '');
  if (days === null || days.lt(FIRST_DAY) || days.gt(LAST_DAY)) return null;
  const seconds = days
    .minus(from1904 ? EPOCH.in1904 : EPOCH.in1900)
    .times(SECONDS_OF_DAY)
    .toDecimalPlaces(0, Decimal.ROUND_HALF_EVEN);
  const day = seconds.div(SECONDS_OF_DAY).floor();
  const rest = seconds.minus(day.times(SECONDS_OF_DAY)).toNumber();
  const part = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${dateOf(day.toNumber())}T${part(rest / 3600)}:${part((rest % 3600) / 60)}:${part(rest % 60)}.000Z`;
}
