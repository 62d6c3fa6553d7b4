import { cpSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sessionsBetween } from '../../../src/domain/calendar/calendar.js';
import { D, Decimal, toText } from '../../../src/domain/money.js';
import type { IsoDate } from '../../../src/domain/types.js';
import { sourceOf, type Change, type Invented } from './case.js';

const HEADER = 'Date,Open,High,Low,Close';
/** Of the straight line, up and down in turn, so that no bar repeats the one before. */
const ZIGZAG = '0.002';
const SPREAD = '0.003';

/** Makes one change of a drop folder. */
export function changeDrop(folder: string, caseFolder: string, change: Change): void {
  const file = join(folder, change.file);
  if (change.text !== undefined) return writeFileSync(file, change.text);
  if (change.remove) return rmSync(file);
  if (change.copy !== undefined) return copyInto(sourceOf(caseFolder, change.copy), folder, change.file);
  if (change.invent) return writeFileSync(file, inventedFile(change.invent));
  const text = readFileSync(file, 'utf8');
  if (change.append !== undefined) return writeFileSync(file, `${text.replace(/\n*$/, '\n')}${change.append.trim()}\n`);
  if (change.adjust) return writeFileSync(file, adjusted(text, change.adjust));
  writeFileSync(file, lineChanged(text, change));
}

/** A folder's files go in whole, under their own names; `file` is then `.`. */
function copyInto(source: string, folder: string, file: string): void {
  const isFolder = statSync(source).isDirectory();
  if (isFolder !== (file === '.')) throw new Error(`${source}: a folder is copied to '.', a file to its name`);
  cpSync(source, join(folder, file), { recursive: true });
}

function lineChanged(text: string, { file, line = '', becomes }: Change): string {
  const lines = text.split('\n');
  const found = lines.filter((each) => each.startsWith(line));
  if (found.length !== 1) throw new Error(`${file}: ${found.length} lines begin with ${line}`);
  return lines.flatMap((each) => (each === found[0] ? (becomes === undefined ? [] : [becomes]) : [each])).join('\n');
}

/** A file of a stock that never was: sessions of the calendar from the first date to the last. */
export function inventedFile({ closes, volumes, adjusted: by, layout, adjClose }: Invented): string {
  const knots = Object.entries(closes).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const [first, last] = [knots[0]?.[0], knots.at(-1)?.[0]];
  if (first === undefined || last === undefined) throw new Error('an invented file needs closes');
  const sessions = sessionsBetween(first, last);
  const given = new Map(knots);
  const prices = sessions.map((session, index) => {
    const told = given.get(session);
    return told === undefined ? between(sessions, knots, session, index) : D(told);
  });
  const rows = sessions.map((session, index) => {
    const close = prices[index] as Decimal;
    const open = prices[index - 1] ?? close;
    // A jump is between two days, never within one.
    const opened = open.div(close).minus(1).abs().gt('0.05') ? close : open;
    const [high, low] = [
      Decimal.max(opened, close).times(D(SPREAD).plus(1)),
      Decimal.min(opened, close).times(D(1).minus(SPREAD)),
    ];
    const cells = [session, ...[opened, high, low, close].map((price) => toText(price.toDecimalPlaces(4)))];
    return volumes ? [...cells, String(1_000_000 + index * 137)] : cells;
  });
  const text = [volumes ? `${HEADER},Volume` : HEADER, ...rows.map((cells) => cells.join(','))].join('\n');
  return `${inLayout(by ? adjusted(text, by) : text, layout, adjClose)}\n`;
}

/** A file of Stooq's columns as another provider lays it out; `adjClose` as it adjusts its closes before a date. */
function inLayout(text: string, layout: Invented['layout'], adjClose: Invented['adjClose']): string {
  if (layout === 'stooq') return text;
  const rows = text
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
  const adjustedOf = ([date = '', , , , close = '']: string[]) =>
    adjClose && date < adjClose.before ? toText(D(close).div(adjClose.by).toDecimalPlaces(4)) : close;
  const newestFirst = rows.toReversed();
  const lines = {
    yahoo: [
      'Date,Open,High,Low,Close,Adj Close,Volume',
      ...rows.map((row) => row.toSpliced(5, 0, adjustedOf(row)).join(',')),
    ],
    'alphavantage-free': ['timestamp,open,high,low,close,volume', ...newestFirst.map((row) => row.join(','))],
    alphavantage: [
      'timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,split_coefficient',
      ...newestFirst.map((row) => [...row.toSpliced(5, 0, adjustedOf(row)), '0.0000', '1.0'].join(',')),
    ],
  };
  return lines[layout].join('\n');
}

function between(sessions: IsoDate[], knots: [string, string][], session: IsoDate, index: number): Decimal {
  const after = knots.findIndex(([date]) => date > session);
  const [[from, low], [to, high]] = [knots[after - 1] as [string, string], knots[after] as [string, string]];
  const [start, end] = [sessions.indexOf(from), sessions.indexOf(to)];
  const share = D(index - start).div(end - start);
  const straight = D(low).plus(D(high).minus(low).times(share));
  return straight.times(D(1).plus(D(ZIGZAG).times(index % 2 === 0 ? 1 : -1)));
}

/** A file of dates and prices whose rows before a date were divided by a factor, as a provider adjusts its history for a split. */
function adjusted(text: string, { by, before }: { by: string; before: string }): string {
  const [header = '', ...lines] = text.split('\n');
  const rows = lines.map((line) => {
    const [date = '', ...cells] = line.split(',');
    if (!/^\d{4}-/.test(date) || date >= before) return line;
    const scaled = cells.map((cell, at) => {
      const figure = D(cell);
      return toText(at < 4 ? figure.div(by).toDecimalPlaces(4) : figure.times(by).toDecimalPlaces(0));
    });
    return [date, ...scaled].join(',');
  });
  return [header, ...rows].join('\n');
}
