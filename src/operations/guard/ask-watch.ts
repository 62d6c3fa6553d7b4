import type { Client } from '@temporalio/client';
import type { WatchInput, WatchReply } from '../../contract/runs.js';
import { WORKFLOWS } from '../../contract/workflows.js';
import type { Account, Instant } from '../../domain/types.js';
import { idInstant } from '../runs/ask.js';
import { runWorkflow } from '../workflows.js';

/**
 * Has every slot accounted for now: of the account that was asked for, of a simulated one alone (its clock is
 * nobody else's), else of all whose clock is real. Whoever asks second within the second gets the first one's
 * answer.
 */
export function askWatch(
  { client, taskQueue }: { client: Client; taskQueue: string },
  { account: { account, clock }, asked, at }: { account: Account; asked: boolean; at: Instant },
): Promise<WatchReply> {
  const input: WatchInput = { at, accounts: asked || clock === 'simulated' ? [account] : [] };
  return runWorkflow<WatchReply>(client, {
    type: WORKFLOWS.watch,
    workflowId: ['watch', ...input.accounts].join('/') + `-${idInstant(at)}`,
    taskQueue,
    args: [input],
    staticSummary: 'Watch asked for by hand',
  });
}
