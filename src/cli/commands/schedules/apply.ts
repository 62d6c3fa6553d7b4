import type { Command } from 'commander';
import { resultOrThrow } from '../../../domain/errors.js';
import { applySchedules } from '../../../operations/schedules/apply.js';
import { accountFlag, withSchedules } from './context.js';

const NOTHING = [
  'Nothing is registered: no account of the policy has clock: real.',
  'To rehearse on a simulated account, name it: trading-ops schedules apply --account <name>',
];

/** Registers the schedules; says of each what was done. */
export async function apply(command: Command): Promise<void> {
  await withSchedules(command, async (context) => {
    const results = resultOrThrow(await applySchedules(context.installation, { account: context.asked }));
    return {
      data: results,
      lines: results.length > 0 ? results.map(({ scheduleId, result }) => `${scheduleId}: ${result}`) : NOTHING,
      next: `trading-ops schedules show${accountFlag(context)}`,
    };
  });
}
