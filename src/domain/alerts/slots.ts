import { LATE_AFTER_MINUTES, minutesBetween, type SlotStanding } from '../day/slots.js';
import type { Instant } from '../types.js';

/** A run that began late and is over is told for so long; later it is no news. */
const LATE_NEWS_MINUTES = 24 * 60;

export type SlotAlertCode = 'RUN_LATE' | 'RUN_STOPPED' | 'RUN_MISSED';

/** What a human must see of a slot now; a slot that began late and is done is told once, as news. */
export function alertsOfSlot(
  { state, recorded, wasMissed, beganAt, dueAt, failure }: SlotStanding,
  now: Instant,
): SlotAlertCode[] {
  const codes: SlotAlertCode[] = [];
  const late = minutesBetween(dueAt, beganAt ?? now) >= LATE_AFTER_MINUTES;
  const news = state !== 'DONE' || minutesBetween(dueAt, now) < LATE_NEWS_MINUTES;
  if (state !== 'MISSED' && late && news && !wasMissed) codes.push('RUN_LATE');
  if (state === 'STOPPED' || (!recorded && failure !== null)) codes.push('RUN_STOPPED');
  if (state === 'MISSED') codes.push('RUN_MISSED');
  return codes;
}

/**
 * Whether what an alert of a slot told is over: it has an outcome, or, for one that was missed, a later run of the same
 * slot came to a result, so that runs run again.
 * @returns the standing that ended it, or null while it lasts.
 */
export function endOfAlert(
  code: SlotAlertCode,
  slot: SlotStanding,
  standings: readonly SlotStanding[],
): SlotStanding | null {
  if (slot.state === 'DONE') return slot;
  if (code !== 'RUN_MISSED') return slot.state === 'MISSED' ? slot : null;
  return (
    standings.findLast(
      (later) => later.slot === slot.slot && later.tradingDay > slot.tradingDay && later.state === 'DONE',
    ) ?? null
  );
}
