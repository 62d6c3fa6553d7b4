import type { DecimalString, IsoDate, PriceBasis } from '../types.js';

/** As much of a bar as tells whether two answers say the same. */
export interface OverlapBar {
  session: IsoDate;
  close: DecimalString;
  adjClose: DecimalString | null;
}

/** What is stored of a symbol's last sessions, oldest first. */
export type StoredBar = OverlapBar & { basis: PriceBasis };

// The spacing of 32-bit floats, and a little: a provider's noise is no restatement (docs/RULES.md 6.6).
const FLOAT_NOISE = 1e-6;

/**
 * Whether an answer says otherwise of the sessions it shares with what is stored, so that the sessions before them may
 * have been restated too: another close, another adjusted close, another basis. The newest stored session is left out:
 * it is provisional, and corrected alone.
 */
export function saysOtherwise(
  stored: readonly StoredBar[],
  offered: readonly OverlapBar[],
  basis: PriceBasis,
): boolean {
  const bySession = new Map(offered.map((bar) => [bar.session, bar]));
  return stored.slice(0, -1).some((before) => {
    const now = bySession.get(before.session);
    if (!now) return false;
    return before.basis !== basis || differs(before.close, now.close) || differs(before.adjClose, now.adjClose);
  });
}

const differs = (a: DecimalString | null, b: DecimalString | null): boolean =>
  a === null || b === null ? a !== b : !(Math.abs(Number(b) / Number(a) - 1) <= FLOAT_NOISE);

/** So many moves show whether two series are of one instrument. */
const MOVES_THAT_SHOW = 5;
/**
 * Restated or not, a series keeps its moves from day to day, but for the day of a split or dividend; two sources of one
 * share are within this fraction on most days, and two shares are not.
 */
const MOVES_AGREE = 0.0025;

/**
 * Whether an answer is of another instrument than what is stored: on most of the days that both have, the closes move
 * otherwise. A file that somebody saved under a wrong name seldom says of itself what it is.
 */
export function isOfAnother(stored: readonly StoredBar[], offered: readonly OverlapBar[]): boolean {
  const now = new Map(offered.map(({ session, close }) => [session, Number(close)]));
  const shared = stored.filter(({ session }) => now.has(session));
  const apart = shared.slice(1).map((bar, index) => {
    const before = shared[index] as StoredBar;
    const offeredMove = Number(now.get(bar.session)) / Number(now.get(before.session));
    return Math.abs((offeredMove * Number(before.close)) / Number(bar.close) - 1);
  });
  const middle = apart.toSorted((a, b) => a - b)[Math.floor(apart.length / 2)];
  return apart.length >= MOVES_THAT_SHOW && middle !== undefined && middle > MOVES_AGREE;
}

/** Whether an answer has the very closes that are stored of these sessions. */
export function hasClosesOf(stored: readonly StoredBar[], offered: readonly OverlapBar[]): boolean {
  const now = new Map(offered.map(({ session, close }) => [session, close]));
  const shared = stored.filter(({ session }) => now.has(session));
  return (
    shared.length > MOVES_THAT_SHOW && shared.every(({ session, close }) => !differs(close, now.get(session) ?? null))
  );
}

/**
 * What would be left standing beside an answer that was given whole: stored bars before its first one, of another basis
 * or of prices that differ by a factor. Null when nothing is left, or what is left fits.
 * @param from first session that anybody looks at.
 * @param limit the closes of one source may differ by this fraction.
 */
export function seamOf(
  stored: { oldest: IsoDate; bars: readonly StoredBar[] },
  offered: readonly OverlapBar[],
  { basis, from, limit }: { basis: PriceBasis; from: IsoDate; limit: number },
): { at: IsoDate; why: string } | null {
  const first = offered.reduce<IsoDate | null>(
    (least, { session }) => (least === null || session < least ? session : least),
    null,
  );
  if (first === null || first <= from || first <= stored.oldest) return null;
  const bySession = new Map(offered.map((bar) => [bar.session, bar]));
  const shared = stored.bars.filter(({ session }) => bySession.has(session));
  const other = shared.find((bar) => bar.basis !== basis);
  if (other) return { at: first, why: `prices are ${other.basis} where stored and ${basis} in the answer` };
  const factors = shared
    .map((bar) => ({ bar, factor: Number(bySession.get(bar.session)?.close) / Number(bar.close) }))
    .toSorted((a, b) => a.factor - b.factor);
  const middle = factors[Math.floor(factors.length / 2)];
  if (!middle || Math.abs(middle.factor - 1) <= limit) return null;
  const { bar, factor } = middle;
  const now = bySession.get(bar.session)?.close;
  return {
    at: first,
    why: `the close of ${bar.session} is ${bar.close} where stored, ${now} in the answer, ${factor.toFixed(4)} times`,
  };
}
