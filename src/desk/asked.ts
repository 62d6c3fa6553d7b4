import { startWorkflow, type AskedWorkflow } from '../operations/workflows.js';
import { within } from '../operations/within.js';
import type { Place } from './place.js';

/** Somebody waits so long before a page for what was asked for; then it is shown under way. */
const WAITS_MS = 3_000;

/** The page of what was asked for, as far as it is. */
const askedPath = (workflowId: string): string => `/asked/${encodeURIComponent(workflowId)}`;

/**
 * Has the worker do something, and waits a moment for it.
 * @param asked the workflow of it
 * @param pathOf the page of its answer; left out, the one that showed how far it was
 * @returns the path of what came of it, or of the page that shows how far it is
 * @throws OpsError WORKER_DOWN, TEMPORAL_DOWN, and what the workflow was refused with within that moment
 */
export const askFor = (
  { mail }: Place,
  asked: (taskQueue: string) => AskedWorkflow | Promise<AskedWorkflow>,
  pathOf?: (reply: unknown) => string,
): Promise<string> =>
  mail.with(async (post) => {
    await post.assertServed();
    const workflow = await asked(post.taskQueue);
    const handle = await startWorkflow(post.client, workflow);
    const reply = await within<unknown>(WAITS_MS, handle.result());
    return reply === null || pathOf === undefined ? askedPath(workflow.workflowId) : pathOf(reply);
  });
