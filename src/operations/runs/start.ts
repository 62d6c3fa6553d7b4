import type { Client } from '@temporalio/client';
import type { Signer } from '../../contract/asker.js';
import type { RunInput, RunReply } from '../../contract/runs.js';
import { actOf, runOrder } from '../../domain/signing/act.js';
import { isSession, tradingDayOf, type CalendarAdditions } from '../../domain/calendar/calendar.js';
import type { Instant, RunSlot } from '../../domain/types.js';
import { TRADING_DAY } from '../day/ask.js';
import { runWorkflow, type AskedWorkflow } from '../workflows.js';
import { RUN_WORKFLOWS, runWorkflowId } from './ask.js';

/** A run as somebody asks for it. */
export interface RunOrder {
  slot: RunSlot;
  /** Named when the run is of one account alone. */
  account: string | null;
  input: RunInput & { at: Instant };
}

export interface RunEnded {
  reply: RunReply;
  /** Whether New York trades on the run's day, so that a snapshot and a ticket can follow. */
  isSession: boolean;
}

/** The workflow of a run, signed by whoever asks for it: nobody runs the same instant twice. */
export async function runAsked(
  taskQueue: string,
  sign: Signer,
  { slot, account, input: asked }: RunOrder,
): Promise<AskedWorkflow> {
  const signature = await sign(asked.operator, actOf(runOrder(slot, asked)));
  const input: RunInput & { at: Instant } = { ...asked, signature };
  return {
    type: RUN_WORKFLOWS[slot].type,
    workflowId: runWorkflowId(slot, account, input.at),
    taskQueue,
    staticSummary: `${slot} run asked for by ${input.operator}`,
    args: [input],
    typedSearchAttributes: [{ key: TRADING_DAY, value: tradingDayOf(input.at) }],
  };
}

/** Starts the workflow of a run as its schedule would, and waits for what came of it. */
export async function startRun(
  { client, taskQueue, calendar }: { client: Client; taskQueue: string; calendar: CalendarAdditions | undefined },
  sign: Signer,
  order: RunOrder,
): Promise<RunEnded> {
  const reply = await runWorkflow<RunReply>(client, await runAsked(taskQueue, sign, order));
  return { reply, isSession: isSession(reply.tradingDay, calendar) };
}
