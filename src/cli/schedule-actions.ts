import type { Command } from 'commander';
import { ensureSchedules } from '../activities/schedules.js';
import { accountFlag, withSchedules } from './schedule-context.js';

/** Registers the schedules; says of each what was done. */
export async function applySchedules(command: Command): Promise<void> {
  await withSchedules(command, async (context) => {
    const { client, settings, policy, account } = context;
    const results = await ensureSchedules(client, settings.taskQueue, policy, account?.account);
    return {
      data: results,
      lines: results.length > 0
        ? results.map(({ scheduleId, result }) => `${scheduleId}: ${result}`)
        : ['Nothing is registered: no account of the policy has clock: real.', 'To rehearse on a simulated account, name it with --account.'],
      next: results.length > 0 ? `trading-ops schedules show${accountFlag(context)}` : 'trading-ops schedules --help',
    };
  });
}
