import { londonTime, tradingDayOf } from '../calendar/calendar.js';
import type { Instant, IsoDate } from '../types.js';

/**
 * What is said of a TRADE that was issued before anybody can have read the broker's figures on its day: it stands for the
 * whole day, on the snapshot of an earlier one. Null where there is nothing to say.
 * @param snapshotDate the date that the figures it rests on are of; null where it rests on none.
 */
export function issuedEarly({
  kind,
  tradingDay,
  issuedAt,
  snapshotDate,
}: {
  kind: 'TRADE' | 'NO_TRADE';
  tradingDay: IsoDate;
  issuedAt: Instant;
  snapshotDate: IsoDate | null;
}): string[] | null {
  if (kind !== 'TRADE' || snapshotDate === null || snapshotDate >= tradingDay) return null;
  return [
    `WARNING: it was issued at ${londonTime(issuedAt)} of ${tradingDayOf(issuedAt)} on the broker's figures of ` +
      `${snapshotDate}, and stands for ${tradingDay}.`,
    "Compare positions and cash at the broker before the first order: make reconcile-daily with today's figures.",
  ];
}
