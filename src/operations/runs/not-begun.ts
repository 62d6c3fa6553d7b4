import type { Client } from '@temporalio/client';
import type { Db } from '../../db/connect.js';
import { runsBegun } from '../../db/run-results.js';
import type { Instant, RunSlot } from '../../domain/types.js';
import { RUN_WORKFLOWS, runOfId } from './ask.js';

/** A run that was asked for and of which nothing is stored yet, for no worker has taken it up. */
export interface RunAskedFor {
  workflowId: string;
  slot: RunSlot;
  /** The instant that it is of: of a rehearsal by the clock of that. */
  at: Instant;
}

/** Ids of the runs that the server has under way, begun or not. */
export async function runsUnderWay(client: Client): Promise<string[]> {
  const types = Object.values(RUN_WORKFLOWS).map(({ type }) => `'${type}'`);
  const query = `WorkflowType IN (${types.join(', ')}) AND ExecutionStatus = 'Running'`;
  const ids: string[] = [];
  for await (const { workflowId } of client.workflow.list({ query })) ids.push(workflowId);
  return ids;
}

/** Those of them that no list of stored runs has, the newest instant first. */
export async function runsNotBegun(db: Db, underWay: readonly string[]): Promise<RunAskedFor[]> {
  if (underWay.length === 0) return [];
  const begun = new Set(await runsBegun(db, underWay));
  return underWay
    .flatMap((workflowId): RunAskedFor[] => {
      const run = begun.has(workflowId) ? null : runOfId(workflowId);
      return run === null ? [] : [{ workflowId, ...run }];
    })
    .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at));
}
