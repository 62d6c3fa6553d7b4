import { cleanRatio } from '../market/ratio.js';
import type { KnownActions } from '../market/actions.js';
import type { CorporateAction, DecimalString, IsoDate } from '../types.js';
import type { Doubt } from './doubt.js';
import type { ShareSplit } from './shares.js';

/** A split that somebody told of: a source, a ruling or a booking. */
export interface ToldOfSplit {
  symbol: string;
  exDate: IsoDate;
  /** The newest published ratio; null where no source has told of it. */
  published: DecimalString | null;
  /** Whether a standing entry has it already. */
  booked: boolean;
}

/** What a split is known by here. */
export const splitName = ({ symbol, exDate }: Pick<ToldOfSplit, 'symbol' | 'exDate'>): string => `${symbol} ${exDate}`;

/** The splits that have to be judged, each once: those that an account counts and has not booked. */
export function splitsToJudge<Told extends ToldOfSplit>(told: readonly Told[]): Told[] {
  return [...new Map(told.filter(({ booked }) => !booked).map((split) => [splitName(split), split])).values()];
}

/**
 * A booked split is what it was booked as, and its published ratio says how exactly; any other is judged. One
 * that is on hold counts as none, and as a doubt: an earlier word may have counted.
 * @param knownOf what is known around each of `splitsToJudge`, by its name.
 */
export function judgedSplits(
  told: readonly ToldOfSplit[],
  knownOf: ReadonlyMap<string, KnownActions>,
): { judged: Map<string, ShareSplit>; onHold: Map<string, Doubt> } {
  const judged = new Map<string, ShareSplit>();
  const onHold = new Map<string, Doubt>();
  for (const { symbol, exDate, booked, published } of told) {
    const key = splitName({ symbol, exDate });
    if (booked && published !== null && !judged.has(key))
      judged.set(key, { symbol, exDate, ratio: cleanRatio(published) });
  }
  for (const [key, { settled, holds }] of knownOf) {
    const isIt = (action: CorporateAction) => action.kind === 'SPLIT' && splitName(action) === key;
    const split = settled.find(isIt);
    judged.delete(key);
    if (split) judged.set(key, { symbol: split.symbol, exDate: split.exDate, ratio: split.value });
    const held = holds.find(({ action }) => isIt(action))?.action;
    if (!split && held)
      onHold.set(key, { subject: held.symbol, code: 'ACTION_NEEDS_REVIEW', date: held.exDate, lasts: true });
  }
  return { judged, onHold };
}
