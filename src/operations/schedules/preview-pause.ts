import { parseInput } from '../../contract/reading.js';
import { pauseSchedulesSchema, type PauseSchedules } from '../../contract/schedules.js';
import { comingRuns, schedulesOf, type ComingRun } from '../../domain/day/schedule-times.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import type { Policy } from '../../domain/policy/policy.js';
import { readConfiguration } from '../runs/configuration.js';
import {
  entriesNamed,
  instantLookedFrom,
  registeredSchedule,
  rehearsedAccount,
  type ScheduledInstallation,
} from './registered.js';

/** Coming runs that are told of one after another. */
const RUNS_SHOWN = 6;

/** What pausing or letting go on would do. */
export interface PausePreview {
  reason: string;
  schedules: { scheduleId: string; id: string; isPaused: boolean; note: string | null }[];
  /** The next runs of these that are due on sessions: while they are paused each of them becomes MISSED. */
  due: ComingRun[];
}

/** Tells what a pause would leave undone; nothing is paused. @returns or what the pause would be refused with */
export function previewPause(
  { client, configDir, now }: Pick<ScheduledInstallation, 'client' | 'configDir' | 'now'>,
  input: PauseSchedules,
): Promise<Outcome<PausePreview>> {
  return outcomeOf(async () => {
    const { account, schedules: names, reason } = parseInput(pauseSchedulesSchema, input);
    const { policy } = await readConfiguration(configDir);
    const rehearsed = rehearsedAccount(policy, account);
    const entries = entriesNamed(names);
    const schedules: PausePreview['schedules'] = [];
    for (const entry of entries) {
      const handle = await registeredSchedule(client, entry, rehearsed);
      const { state } = await handle.describe();
      schedules.push({ scheduleId: handle.scheduleId, id: entry.id, isPaused: state.paused, note: state.note || null });
    }
    const at = instantLookedFrom(policy, rehearsed, undefined, now());
    return {
      reason: reason.trim(),
      schedules,
      due: dueRuns(
        policy,
        at,
        entries.map(({ id }) => id),
      ),
    };
  });
}

const dueRuns = (policy: Policy, at: string, ids: readonly string[]): ComingRun[] =>
  comingRuns(schedulesOf(policy), at, 2 * RUNS_SHOWN, policy.calendar)
    .filter(({ slot, market }) => market !== 'closed' && ids.includes(`run-${slot}`))
    .slice(0, RUNS_SHOWN);
