import { DateTime } from 'luxon';
import { z } from 'zod';
import { executionWindow } from '../calendar/calendar.js';

const LONDON = 'Europe/London';
/** Sessions of a winter and of a summer, of either half of the globe. */
const DAYS = ['2026-01-15', '2026-07-15'];
const MINUTES_A_DAY = 24 * 60;

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const timeOfDay = z.string().regex(TIME, "must be a time of day HH:MM in the schedules' zone");
// Not what Intl accepts: it also takes "europe/london" and "+01:00", which the Temporal server refuses.
const zoneName = z
  .string()
  .refine((name) => isZone(name), 'must be a time zone of the IANA database, such as Europe/London');

function isZone(name: string): boolean {
  return name === 'UTC' || Intl.supportedValuesOf('timeZone').includes(name);
}

/** The `schedules` section of policy.yml: when the two runs of a day start by themselves, Monday to Friday. */
export const schedulesSchema = z
  .strictObject({
    morning: timeOfDay.default('08:00'),
    afternoon: timeOfDay.default('14:00'),
    zone: zoneName.default(LONDON),
    /** So long after its time a run is still started, when the Temporal server was away at its time. */
    morning_catchup_minutes: z.number().int().min(1).max(MINUTES_A_DAY).default(360),
    afternoon_catchup_minutes: z.number().int().min(1).max(MINUTES_A_DAY).default(90),
  })
  .superRefine((schedules, context) => {
    for (const { key, message } of faultsBetweenKeys(schedules))
      context.addIssue({ code: 'custom', path: [key], message });
  });

export type SchedulesPolicy = z.infer<typeof schedulesSchema>;

/** The section's defaults: for policies that were stored before it existed. */
export const defaultSchedules: SchedulesPolicy = schedulesSchema.parse({});

function faultsBetweenKeys({
  morning,
  afternoon,
  zone,
  morning_catchup_minutes: catchup,
}: SchedulesPolicy): { key: string; message: string }[] {
  // What is wrong by itself has been told.
  if (![morning, afternoon].every((time) => TIME.test(time)) || !isZone(zone)) return [];
  const between = minutesOf(afternoon) - minutesOf(morning);
  if (between <= 0) return [{ key: 'afternoon', message: `must be later than schedules.morning, ${morning}` }];
  const moved = [morning, afternoon].find((time) => !isSameDayInLondon(time, zone));
  return [
    ...(DAYS.some((date) => isAfterWindow(date, afternoon, zone))
      ? [
          {
            key: 'afternoon',
            message: 'must be before the execution window ends, 15:30 UK time: later every ticket is NO_TRADE',
          },
        ]
      : []),
    ...(catchup > between
      ? [{ key: 'morning_catchup_minutes', message: `must end by schedules.afternoon: at most ${between}` }]
      : []),
    ...(moved
      ? [
          {
            key: 'zone',
            message: `must be a zone where ${moved} is of the same date as in London, for that date is the trading day`,
          },
        ]
      : []),
  ];
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

function isAfterWindow(date: string, time: string, zone: string): boolean {
  return DateTime.fromISO(`${date}T${time}`, { zone }).toMillis() >= Date.parse(executionWindow(date)?.closesAt ?? '');
}

function isSameDayInLondon(time: string, zone: string): boolean {
  return DAYS.every((date) => DateTime.fromISO(`${date}T${time}`, { zone }).setZone(LONDON).toISODate() === date);
}
