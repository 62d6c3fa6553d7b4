import type { Client } from '@temporalio/client';
import {
  describeOrNull,
  hasRealAccount,
  isAsWished,
  wishedSchedules,
  type ScheduleWish,
} from '../operations/schedules/ensure.js';
import { loadSlotFacts } from '../operations/guard/watch-facts.js';
import { openedAccounts } from '../db/slots.js';
import { dateOf, weekdayOf } from '../domain/dates.js';
import type { SchedulesPolicy } from '../domain/policy/schedules.js';
import { schedulesOf, slotInstant } from '../domain/day/schedule-times.js';
import { slotStandings, type SlotStanding } from '../domain/day/slots.js';
import type { Instant, IsoDate, Slot } from '../domain/types.js';
import { fail, ok, type Check, type Verdict } from './finding.js';
import type { Patient } from './patient.js';
import { offsetsOf } from './zones.js';

/** The schedules that the policy wants, as the server has them. */
async function found(patient: Patient) {
  const [policy, client] = await Promise.all([patient.policy(), patient.client()]);
  const wishes = wishedSchedules(policy, patient.settings.taskQueue);
  return Promise.all(
    wishes.map(async (wish) => ({ wish, has: await describeOrNull(client.schedule.getHandle(wish.scheduleId)) })),
  );
}

const registered: Check = {
  name: 'schedules',
  expected: 'all registered, as the policy wants them, none paused',
  async examine(patient) {
    if (!hasRealAccount(await patient.policy())) return ok('none wanted: no account has clock: real');
    const all = await found(patient);
    const wrong = all.flatMap(({ wish, has }): Verdict[] => {
      const of = wish.scheduleId;
      if (!has) return [{ of, ...fail('not registered', 'make schedules') }];
      if (has.state.paused)
        return [
          {
            of,
            ...fail(
              `paused${has.state.note ? `: ${has.state.note}` : ''}`,
              "when its reason is gone, unpause it in Temporal's Web UI (Schedules)",
            ),
          },
        ];
      return isAsWished(has, wish.options) ? [] : [{ of, ...fail('differs from the policy', 'make schedules') }];
    });
    return wrong.length > 0 ? wrong : ok(all.map(({ wish }) => wish.scheduleId).join(', '));
  },
};

/** Days on either side of a change of the clocks that are asked for. */
const AROUND_DAYS = 4;
const DAY_MS = 86_400_000;

const times: Check = {
  name: 'schedule times',
  expected: "right by the server's own zone data, also around the clock changes",
  async examine(patient) {
    const policy = await patient.policy();
    if (!hasRealAccount(policy)) return ok('none wanted: no account has clock: real');
    const runs = (await found(patient)).filter(({ wish, has }) => wish.entry.isRun && has !== null);
    const client = await patient.client();
    const wrong = (
      await Promise.all(runs.map(({ wish }) => wrongTimes(client, wish, schedulesOf(policy), patient.now())))
    ).flat();
    if (wrong.length > 0)
      return fail(
        `${wrong.length} wrong, first ${wrong[0]}`,
        "update the zone data of the Temporal server's machine, then restart it",
      );
    return runs.length > 0
      ? ok(`${runs.map(({ wish }) => wish.scheduleId).join(', ')}: this year and the next`)
      : fail('no run is registered', 'make schedules');
  },
};

/**
 * Where the server would start a run at another time than we mean, around each change of the clocks that is to come.
 */
async function wrongTimes(
  client: Client,
  wish: ScheduleWish,
  schedules: SchedulesPolicy,
  now: Date,
): Promise<string[]> {
  const slot = wish.entry.id.slice(-4) as Slot;
  const changes = [now.getUTCFullYear(), now.getUTCFullYear() + 1]
    .flatMap(offsetsOf)
    .map(({ at }) => Math.floor(Date.parse(at) / DAY_MS));
  const around = [...new Set(changes)]
    .map((day) => ({ from: day - AROUND_DAYS, to: day + AROUND_DAYS }))
    .filter(({ to }) => to * DAY_MS > now.getTime());
  const differing = await Promise.all(
    around.map(async ({ from, to }) => {
      const days = Array.from({ length: to - from + 1 }, (_, i) => from + i).filter((day) => weekdayOf(day) <= 5);
      const meant = days.map((day) => slotInstant(schedules, dateOf(day), slot));
      const server = new Set(await matching(client, wish.scheduleId, from, to + 1));
      return meant.filter((instant) => !server.has(instant)).map((instant) => `${wish.scheduleId} at ${instant}`);
    }),
  );
  return [...new Set(differing.flat())];
}

/** When the server would start a schedule between two day numbers. */
async function matching(client: Client, scheduleId: string, from: number, to: number): Promise<Instant[]> {
  const seconds = (day: number) => ({ seconds: ((day * DAY_MS) / 1_000) as never });
  const { startTime } = await client.workflowService.listScheduleMatchingTimes({
    namespace: client.options.namespace,
    scheduleId,
    startTime: seconds(from),
    endTime: seconds(to),
  });
  return (startTime ?? []).map((time) => new Date(Number(time.seconds) * 1_000).toISOString());
}

const slots: Check = {
  name: 'slots',
  expected: "every one since the account's opening accounted for",
  async examine(patient) {
    const [policy, db, client] = await Promise.all([patient.policy(), patient.db(), patient.client()]);
    const accounts = (await openedAccounts(db)).filter(({ clock }) => clock === 'real');
    if (accounts.length === 0) return ok('no account on the real clock is opened yet');
    return Promise.all(
      accounts.map(async (account) => {
        const facts = await loadSlotFacts(db, client, account, { policy, now: patient.now().toISOString() });
        return { of: account.account, ...slotsVerdict(slotStandings(facts)) };
      }),
    );
  },
};

/**
 * A slot without a record is the watch's to account for, within the hour; one that lies longer shows that it does not.
 */
export function slotsVerdict(standings: readonly SlotStanding[]): Verdict {
  const open = standings.filter(({ state, recorded }) => !recorded && state !== 'DONE' && state !== 'UNDER_WAY');
  const [first] = open;
  if (!first) return ok(`${standings.length} slots`);
  const day: IsoDate = first.tradingDay;
  return fail(
    `${open.length} not, first ${first.slot} of ${day}: ${first.state}${first.failure ? ` (${first.failure})` : ''}`,
    'make watch',
  );
}

export const scheduleChecks: Check[] = [registered, times, slots];
