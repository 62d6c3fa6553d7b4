import { reason } from '../decision/gates/result.js';
import type { Bar, IsoDate, Reason } from '../types.js';
import { faultOf, hasSameFigures } from './figures.js';

/** `BAR_INVALID`: the newest bar that cannot be true, or is dated on a day without session, with the number of them. */
export function invalidBars(symbol: string, bars: readonly Bar[], sessions: ReadonlySet<IsoDate>): Reason[] {
  const faults: { bar: Bar; fault: string }[] = [];
  for (const bar of bars) {
    const fault = faultOf(bar) ?? (sessions.has(bar.session) ? null : 'the NYSE was closed on that day');
    if (fault !== null) faults.push({ bar, fault });
  }
  const newest = faults.at(-1);
  if (!newest) return [];
  const {
    bar: { session, open, high, low, close, volume },
    fault,
  } = newest;
  return [
    reason('BAR_INVALID', symbol, `${symbol}: the bar of ${session} cannot be true: ${fault}${others(faults.length)}`, {
      session,
      open,
      high,
      low,
      close,
      volume,
      bars: faults.length,
    }),
  ];
}

/** `BAR_REPEATED`: so many bars in a row with the same five figures are one answer given again, not trading. */
export function repeatedBars(symbol: string, bars: readonly Bar[], maxRepeated: number): Reason[] {
  let run = 1;
  let found: { session: IsoDate; run: number } | null = null;
  for (let i = 1; i < bars.length; i++) {
    const bar = bars[i];
    const previous = bars[i - 1];
    run = bar && previous && hasSameFigures(bar, previous) ? run + 1 : 1;
    if (bar && run >= maxRepeated) found = { session: bar.session, run };
  }
  if (!found) return [];
  return [
    reason(
      'BAR_REPEATED',
      symbol,
      `${symbol}: ${found.run} bars in a row up to ${found.session} are the same to the last figure`,
      { session: found.session, bars: found.run, limit: maxRepeated },
    ),
  ];
}

/**
 * `DATA_MISSING`: sessions between the first and the last bar that have none; a score would span too long a time.
 * @param bars ascending by session, as are the sessions.
 */
export function holes(symbol: string, bars: readonly Bar[], sessions: readonly IsoDate[]): Reason[] {
  const [first, last] = [bars[0]?.session, bars.at(-1)?.session];
  if (first === undefined || last === undefined) return [];
  let at = 0;
  const missing = sessions.filter((session) => {
    if (session <= first || session >= last) return false;
    while ((bars[at] as Bar).session < session) at += 1;
    return (bars[at] as Bar).session !== session;
  });
  if (missing.length === 0) return [];
  const message = `${symbol}: no bar of ${missing.at(-1)}${others(missing.length)}, though there are bars before and after; only the whole history brings it`;
  return [reason('DATA_MISSING', symbol, message, { newestMissing: missing.at(-1) ?? null, missing: missing.length })];
}

/** `DUPLICATE_BAR`: a date that came twice, in the provider's answer or in the history itself. */
export function duplicateBars(
  symbol: string,
  bars: readonly Bar[],
  findings: readonly { code: string; session: IsoDate; message: string }[],
): Reason[] {
  const twice = bars
    .filter((bar, i) => bars[i - 1]?.session === bar.session)
    .map(({ session }) => ({ session, message: 'two bars are stored' }));
  const told = findings.filter(({ code }) => code === 'DUPLICATE_BAR');
  const newest = [...told, ...twice].toSorted((a, b) => (a.session < b.session ? -1 : 1)).at(-1);
  if (!newest) return [];
  return [
    reason(
      'DUPLICATE_BAR',
      symbol,
      `${symbol}: ${newest.session} came twice with different figures: ${newest.message}`,
      { session: newest.session, duplicates: told.length + twice.length },
    ),
  ];
}

/** `PRICE_JUMP_UNEXPLAINED`: closes that move further than the limit after all known actions are taken out. */
export function unexplainedJumps(
  symbol: string,
  bars: readonly Bar[],
  adjusted: readonly number[],
  maxJump: number,
  settledDates: ReadonlySet<IsoDate>,
): Reason[] {
  const found: Reason[] = [];
  for (let i = 1; i < bars.length; i++) {
    const bar = bars[i] as Bar;
    const previous = bars[i - 1];
    const move = (adjusted[i] ?? Number.NaN) / (adjusted[i - 1] ?? Number.NaN) - 1;
    if (!previous || !(Math.abs(move) > maxJump) || settledDates.has(bar.session)) continue;
    const percent = `${move > 0 ? '+' : ''}${(move * 100).toFixed(1)} %`;
    const message = `${symbol}: close ${previous.close} to ${bar.close} on ${bar.session} (${percent}) with no split or dividend that explains it`;
    found.push(
      reason('PRICE_JUMP_UNEXPLAINED', symbol, message, {
        session: bar.session,
        closeBefore: previous.close,
        close: bar.close,
        move: Math.round(move * 1e6) / 1e6,
        limit: maxJump,
      }),
    );
  }
  return found;
}

/**
 * `ADJ_CLOSE_MISSING`: an action leaves no factor to adjust by, or the provider adjusts its closes but not the newest.
 */
export function missingAdjusted(symbol: string, bars: readonly Bar[], adjusted: readonly number[]): Reason[] {
  const at = adjusted.findLastIndex((close) => !Number.isFinite(close));
  const undefinedAt = at === -1 ? undefined : bars[at];
  if (undefinedAt && faultOf(undefinedAt) === null) {
    return [
      reason(
        'ADJ_CLOSE_MISSING',
        symbol,
        `${symbol}: closes up to ${undefinedAt.session} cannot be adjusted: an action after it is as large as the price`,
        { session: undefinedAt.session },
      ),
    ];
  }
  const newest = bars.at(-1);
  if (!newest || newest.adjClose !== null) return [];
  let given = 0;
  for (const { adjClose } of bars) if (adjClose !== null) given += 1;
  if (given === 0) return [];
  return [
    reason(
      'ADJ_CLOSE_MISSING',
      symbol,
      `${symbol}: the provider adjusts its closes, but not that of ${newest.session}`,
      { session: newest.session, given },
    ),
  ];
}

const others = (count: number): string => (count === 1 ? '' : ` (and ${count - 1} more)`);
