import type { Bar } from '../types.js';

// Yahoo's prices carry float32 noise, 6 parts in 100 million: a close that far above its high is no fault.
const FLOAT_NOISE = 1e-7;

/** What is wrong with one bar in itself, in words; null when nothing is. */
export function faultOf(bar: Bar): string | null {
  const [open, high, low, close] = [Number(bar.open), Number(bar.high), Number(bar.low), Number(bar.close)];
  const volume = Number(bar.volume ?? 0);
  if (![open, high, low, close, volume].every(Number.isFinite)) return 'a figure is no number';
  if (Math.min(open, high, low, close) <= 0) return 'a price is not above zero';
  if (volume < 0) return 'the volume is below zero';
  if (high < low) return `high ${bar.high} is below low ${bar.low}`;
  const [ceiling, floor] = [high * (1 + FLOAT_NOISE), low * (1 - FLOAT_NOISE)];
  if (open > ceiling || open < floor) return `open ${bar.open} is outside ${bar.low} to ${bar.high}`;
  if (close > ceiling || close < floor) return `close ${bar.close} is outside ${bar.low} to ${bar.high}`;
  return null;
}

/** Whether two bars have the same four prices and the same volume. */
export const hasSameFigures = (a: Bar, b: Bar): boolean =>
  a.open === b.open && a.high === b.high && a.low === b.low && a.close === b.close && a.volume === b.volume;
