import { reason } from '../decision/gates/result.js';
import type { FetchOutcome } from '../decision/facts.js';
import type { Bar, IsoDate, Reason } from '../types.js';

// What is judged here is whether figures that may each be true are of the day and the instrument they stand for.

/** A stock that turns over so much on a usual day, in its own currency, trades on every session of the exchange. */
const LARGE_TURNOVER = 1_000_000;
/** Share of the look-back's bars that must have volume before a bar without any is no quiet day. */
const TRADES_DAILY = 0.9;
/** So many bars show how a stock trades. */
const BARS_THAT_SHOW = 3;

/**
 * Whether the newest bar only fills a gap: volume 0 and all four prices the last close, of a stock that is traded on
 * every session. A thinly traded stock has such days, and a source without volumes (null, or 0 in every bar, as earlier
 * versions stored it) cannot be told by them.
 */
export function isFiller(bars: readonly Bar[]): boolean {
  const [newest, last] = [bars.at(-1), bars.at(-2)];
  if (!newest || !last || newest.volume === null || Number(newest.volume) !== 0) return false;
  const flat = [newest.open, newest.high, newest.low, newest.close].every(
    (price) => Number(price) === Number(last.close),
  );
  if (!flat) return false;
  const before = bars.slice(0, -1);
  const traded = before.filter(({ volume }) => Number(volume ?? 0) > 0);
  if (traded.length < BARS_THAT_SHOW || traded.length < before.length * TRADES_DAILY) return false;
  const turnovers = traded.map(({ close, volume }) => Number(close) * Number(volume)).toSorted((a, b) => a - b);
  return (turnovers[Math.floor(turnovers.length / 2)] ?? 0) >= LARGE_TURNOVER;
}

/** `BAR_FILLER`: the bar of the as-of date is no price of that day. */
export function fillerBars(symbol: string, bars: readonly Bar[]): Reason[] {
  const newest = bars.at(-1);
  if (!newest || !isFiller(bars)) return [];
  const { session, close } = newest;
  const message =
    `${symbol}: the bar of ${session} has no volume and only the last close, ${close}: ` +
    'the source filled a gap, it is no price of that day';
  return [
    reason('BAR_FILLER', symbol, message, { session: newest.session, close: newest.close, volume: newest.volume }),
  ];
}

/** Largest difference of the moves that an ordinary dividend, the provider's rounding and its method make. */
const MAX_ADJUSTMENT_DIFFERENCE = 0.03;

/** A session on which the provider's adjusted close moves by an action that it did not tell. */
export interface AdjustmentOff {
  bar: Bar;
  previous: Bar;
  /** Moves as ratios: of the provider's adjusted closes, and of the computed ones. */
  given: number;
  computed: number;
}

/**
 * Where the provider's adjusted close moves neither as its close does nor as the close adjusted by what is known. Where
 * it moves as the close does, the provider has only not adjusted yet (docs/RULES.md 6.3).
 * @param adjusted computed closes, one for each bar.
 * @param settled dates that a human has ruled on, or is to rule on anyway.
 */
export function adjustmentsOff(
  bars: readonly Bar[],
  adjusted: readonly number[],
  settled: ReadonlySet<IsoDate>,
  limit = MAX_ADJUSTMENT_DIFFERENCE,
): AdjustmentOff[] {
  const found: AdjustmentOff[] = [];
  for (let i = 1; i < bars.length; i++) {
    const bar = bars[i] as Bar;
    const previous = bars[i - 1];
    if (!previous || bar.adjClose === null || previous.adjClose === null || settled.has(bar.session)) continue;
    const given = Number(bar.adjClose) / Number(previous.adjClose);
    const raw = Number(bar.close) / Number(previous.close);
    const computed = (adjusted[i] ?? Number.NaN) / (adjusted[i - 1] ?? Number.NaN);
    const isOff = (other: number) => Math.abs(given / other - 1) > limit;
    if (isOff(raw) && isOff(computed)) found.push({ bar, previous, given, computed });
  }
  return found;
}

/** `ADJUSTMENT_UNEXPLAINED`: the newest such session, with the number of them; parameters as of `adjustmentsOff`. */
export function unexplainedAdjustments(
  symbol: string,
  bars: readonly Bar[],
  adjusted: readonly number[],
  settled: ReadonlySet<IsoDate>,
  limit = MAX_ADJUSTMENT_DIFFERENCE,
): Reason[] {
  const found = adjustmentsOff(bars, adjusted, settled, limit);
  const newest = found.at(-1);
  if (!newest) return [];
  const { bar, previous, given, computed } = newest;
  const others = found.length === 1 ? '' : ` (and ${found.length - 1} more)`;
  const moves = `the close moves ${percent(computed)} and the provider's adjusted close ${percent(given)}`;
  const message = `${symbol}: on ${bar.session} ${moves}, and no known split or dividend explains it${others}`;
  return [
    reason('ADJUSTMENT_UNEXPLAINED', symbol, message, {
      session: bar.session,
      closeBefore: previous.close,
      close: bar.close,
      adjCloseBefore: previous.adjClose,
      adjClose: bar.adjClose,
      limit,
      bars: found.length,
    }),
  ];
}

/**
 * `SYMBOL_MISMATCH`, `HISTORY_RESTATED`: the newest answer was refused whole, and the bar that is due is not there for
 * that reason. Where it is there, of an earlier answer, what is stored is sound in itself.
 */
export function refusedAnswers(
  symbol: string,
  newest: IsoDate | undefined,
  due: IsoDate,
  fetched?: FetchOutcome,
): Reason[] {
  if (newest === due || fetched?.status !== 'FAILED') return [];
  const { code, message } = fetched;
  if (code !== 'SYMBOL_MISMATCH' && code !== 'HISTORY_RESTATED') return [];
  return [reason(code, symbol, `${symbol}: ${message ?? code}`, { due, newest: newest ?? null })];
}

const percent = (ratio: number): string => `${ratio >= 1 ? '+' : ''}${((ratio - 1) * 100).toFixed(1)} %`;
