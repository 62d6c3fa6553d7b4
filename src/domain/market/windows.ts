import type { Bar } from '../types.js';
import { faultOf, hasSameFigures } from './figures.js';

/** What is read of a window of bars, oldest first. */
export interface Read {
  /** Closes as numbers, one for each bar. */
  readonly closes: readonly number[];
  /** Where it is set every bar can be true in itself; where not, one of these or of shortly before cannot. */
  readonly isSound: boolean;
  /** No more bars in a row have the same figures; there may be fewer. */
  readonly mostRepeated: number;
}

interface Window extends Read {
  bars: readonly Bar[];
  closes: number[];
  isSound: boolean;
  mostRepeated: number;
  /** Bars at the end that have the same figures. */
  repeated: number;
}

/** Windows by their last bar: nobody changes a bar. */
const windows = new WeakMap<Bar, Window>();

/**
 * Reads a window. A day's is that of the day before moved on by a bar, and what was read of that is not read again;
 * they are compared bar by bar, so that only the same bars are told the same.
 */
export function readWindow(bars: readonly Bar[]): Read {
  const last = bars.at(-1);
  const known = last && windows.get(last);
  if (known && known.bars.length === bars.length && isWithin(known.bars, 0, bars, bars.length)) return known;
  const window = movedOn(bars) ?? readAnew(bars);
  if (last) windows.set(last, window);
  return window;
}

/** The window that ended with the bar before, with one more; null where there is none, or it had other bars. */
function movedOn(bars: readonly Bar[]): Window | null {
  const [before, last] = [bars.at(-2), bars.at(-1)];
  const known = before && windows.get(before);
  if (!known || !last) return null;
  const from = known.bars.length - (bars.length - 1);
  if (from < 0 || !isWithin(known.bars, from, bars, bars.length - 1)) return null;
  // What it was gone on from is done with.
  windows.delete(before);
  const window = { ...known, bars, closes: known.closes.slice(from) };
  add(window, last, before);
  return window;
}

function readAnew(bars: readonly Bar[]): Window {
  const window = { bars, closes: [], isSound: true, mostRepeated: 0, repeated: 0 };
  for (const [index, bar] of bars.entries()) add(window, bar, bars[index - 1]);
  return window;
}

function add(window: Window, bar: Bar, before: Bar | undefined): void {
  window.closes.push(Number(bar.close));
  window.isSound &&= faultOf(bar) === null;
  window.repeated = before && hasSameFigures(bar, before) ? window.repeated + 1 : 1;
  window.mostRepeated = Math.max(window.mostRepeated, window.repeated);
}

/** Whether the first bars of a window are those of another from a place on. */
function isWithin(known: readonly Bar[], from: number, bars: readonly Bar[], count: number): boolean {
  for (let i = 0; i < count; i++) if (known[from + i] !== bars[i]) return false;
  return true;
}
