import { addSessions, type CalendarAdditions } from '../calendar/calendar.js';
import { likelyRatio } from '../market/ratio.js';
import type { DecimalString, IsoDate } from '../types.js';
import type { ShareSplit } from './shares.js';

/** A median of so many roundings of prices is this near to the ratio that they were divided by, as a fraction. */
const MEDIAN_NOISE = 0.001;
/** A split that somebody told of this many sessions before, or at any time after, is what the series was restated for. */
const TOLD_WITHIN = 10;

/**
 * Splits that nobody tells of and that an adjusted series shows all the same: its earlier closes were divided by a
 * ratio that companies choose. Without them the units of before would be worth a fraction at prices of now
 * (docs/RULES.md 2.7). Once the split is published, ruled on or booked it is that one, and none of these.
 * @param restated by symbol, how often the earlier closes hold the later ones, and the newest session restated.
 * @param told splits that are known of, whatever is thought of them.
 */
export function impliedSplits(
  restated: readonly { symbol: string; factor: DecimalString; through: IsoDate }[],
  told: readonly { symbol: string; exDate: IsoDate }[],
  calendar?: CalendarAdditions,
): ShareSplit[] {
  return restated.flatMap(({ symbol, factor, through }) => {
    const ratio = likelyRatio(factor, '1');
    if (ratio === null || Math.abs(Number(factor) / Number(ratio) - 1) > MEDIAN_NOISE) return [];
    const from = addSessions(through, -TOLD_WITHIN, calendar);
    if (told.some((split) => split.symbol === symbol && split.exDate > from)) return [];
    return [{ symbol, exDate: addSessions(through, 1, calendar), ratio }];
  });
}
