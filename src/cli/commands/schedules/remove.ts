import type { Command } from 'commander';
import { resultOrThrow } from '../../../domain/errors.js';
import { removeSchedules } from '../../../operations/schedules/remove.js';
import type { CommonFlags } from '../../kit/context.js';
import { askerOf, withDatabase, withSchedules } from './context.js';

/** Removes the schedules of a rehearsal, or those that the policy does not want any more. */
export async function remove(command: Command): Promise<void> {
  await withSchedules(command, async (context) => {
    const { operator } = command.optsWithGlobals<CommonFlags>();
    const { removed } = resultOrThrow(
      await withDatabase(context, () =>
        removeSchedules(context.installation, askerOf(context, operator), { account: context.asked }),
      ),
    );
    return {
      data: { removed },
      lines: removed.length > 0 ? removed.map((id) => `${id}: removed`) : ['There is nothing to remove.'],
      next: 'trading-ops schedules show',
    };
  });
}
