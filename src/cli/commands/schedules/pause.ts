import type { Command } from 'commander';
import { resultOrThrow } from '../../../domain/errors.js';
import { pauseSchedules, resumeSchedules } from '../../../operations/schedules/pause.js';
import type { CommonFlags } from '../../kit/context.js';
import { accountFlag, askerOf, withDatabase, withSchedules } from './context.js';

/** Starts nothing until unpaused. */
export async function pause(names: string[], command: Command): Promise<void> {
  await withSchedules(command, async (context) => {
    const { reason, operator } = command.optsWithGlobals<CommonFlags & { reason: string }>();
    const { scheduleIds, note } = resultOrThrow(
      await withDatabase(context, () =>
        pauseSchedules(context.installation, askerOf(context, operator), {
          account: context.asked,
          schedules: names,
          reason,
        }),
      ),
    );
    return {
      data: { paused: scheduleIds, note },
      lines: scheduleIds.map((id) => `${id}: paused: ${note}`),
      next: `trading-ops schedules unpause ${names.map((name) => `${name} `).join('')}--reason "<why>"${accountFlag(context)}`,
    };
  });
}

/** Starts again from now on. */
export async function unpause(names: string[], command: Command): Promise<void> {
  await withSchedules(command, async (context) => {
    const { reason, operator } = command.optsWithGlobals<CommonFlags & { reason: string }>();
    const { scheduleIds, note } = resultOrThrow(
      await withDatabase(context, () =>
        resumeSchedules(context.installation, askerOf(context, operator), {
          account: context.asked,
          schedules: names,
          reason,
        }),
      ),
    );
    return {
      data: { unpaused: scheduleIds, note },
      lines: scheduleIds.map((id) => `${id}: unpaused: ${note}`),
      next: `trading-ops schedules show${accountFlag(context)}`,
    };
  });
}
