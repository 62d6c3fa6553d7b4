import { setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import { quick } from './activity-proxies.js';
import type { WatchInput, WatchReply } from '../contract/runs.js';
import { shown } from '../domain/text.js';

/**
 * Accounts for every slot and every deadline, hourly and when a worker starts. It looks at what is, so its instant is
 * the time it runs at, not the time it was scheduled for: an hour that was slept through is not watched afterwards.
 */
export async function watch(input: WatchInput): Promise<WatchReply> {
  // Whoever starts a watch by hand may give it anything: the activity reads it, and refuses what has not its shape.
  const given: Partial<WatchInput> = { ...input };
  const at = given.at ?? new Date().toISOString();
  const reply = await quick.watchSlots.executeWithOptions({ summary: `What every slot until ${shown(at)} became` }, [
    {
      at,
      accounts: given.accounts as string[],
      workflowId: workflowInfo().workflowId,
      claimed: given.at !== undefined,
    },
  ]);
  setCurrentDetails(detailsOf(reply));
  return reply;
}

function detailsOf({ missed, late, stopped, overdue, backups }: WatchReply): string {
  const lines = Object.entries({ MISSED: missed, late, stopped, 'past a deadline': overdue, backups })
    .filter(([, found]) => found.length > 0)
    .map(([what, found]) => `**${what}**: ${found.join(', ')}`);
  return lines.join('\n\n') || 'Every slot is accounted for.';
}
