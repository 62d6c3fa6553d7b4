import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import path from 'node:path';
import { TRADING_DAY } from '../../../operations/day/ask.js';
import { isSession, tradingDayOf } from '../../../domain/calendar/calendar.js';
import { EXIT, type ExitCode } from '../../kit/exit.js';
import { accountsOfRun, RUN_WORKFLOWS, runWorkflowId } from '../../../operations/runs/ask.js';
import type { Instant, RunSlot } from '../../../domain/types.js';
import type { IssueReply } from '../../../contract/day-messages.js';
import type { RunInput, RunReply } from '../../../contract/runs.js';
import { requireDatabase, withContext, type Context } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';
import { withProgress } from '../../kit/progress.js';
import { requireWorker, runWorkflow, withTemporal } from '../../kit/temporal.js';

const DOING: Record<RunSlot, string> = {
  '0800': 'Fetching and checking prices',
  '1400': 'Evaluating gates',
  ops: 'Fetching and checking prices',
};

/** Starts a run as the schedule would, waits for it, and says what came of it. */
export async function startRun(
  slot: RunSlot,
  flags: { account?: string; full?: boolean },
  command: Command,
): Promise<void> {
  await withContext(command, async (context) => {
    const operator = context.operator();
    const accounts = accountsOfRun(context.account, context.accounts, {
      asked: flags.account !== undefined,
      isInstantGiven: context.settings.at !== undefined,
    });
    await requireDatabase(context);
    const reply = await withTemporal(context.settings, async (client) => {
      await requireWorker(client, context);
      return withProgress(DOING[slot], () =>
        executeRun(client, slot, {
          taskQueue: context.settings.taskQueue,
          account: flags.account ?? null,
          input: {
            at: context.at,
            operator,
            accounts,
            full: flags.full ?? false,
            dryRun: context.settings.dryRunTrades,
          },
        }),
      );
    });
    return slot === '1400' ? ticketAnswer(context, reply) : gatesAnswer(context, slot, reply);
  });
}

/**
 * Starts the workflow of a run and waits for it.
 * @param run account: named when the run is of one account alone.
 */
export function executeRun(
  client: Client,
  slot: RunSlot,
  { taskQueue, account, input }: { taskQueue: string; account: string | null; input: RunInput & { at: Instant } },
): Promise<RunReply> {
  return runWorkflow<RunReply>(client, RUN_WORKFLOWS[slot].type, {
    workflowId: runWorkflowId(slot, account, input.at),
    taskQueue,
    staticSummary: `${slot} run asked for by ${input.operator}`,
    args: [input],
    typedSearchAttributes: [{ key: TRADING_DAY, value: tradingDayOf(input.at) }],
  });
}

function gatesAnswer(context: Context, slot: RunSlot, reply: RunReply): Answer {
  const exitCode: ExitCode = reply.outcome === 'PASS' ? EXIT.done : EXIT.refused;
  const summary = reply.files.find((file) => file.endsWith('.md')) ?? '';
  const next =
    slot === 'ops'
      ? 'make run-0800'
      : !isSession(reply.tradingDay, context.policy.calendar)
        ? 'trading-ops schedules show'
        : `make reconcile-daily -- --snapshot-date ${reply.tradingDay} --cash-gbp <cash> --position SYMBOL=UNITS --notes "manual_etoro_snapshot"`;
  return {
    exitCode,
    data: reply,
    next: reply.outcome === 'PASS' ? next : `read ${path.join(context.settings.dataDir, summary)}`,
    lines: [
      `${slot === 'ops' ? 'Gates' : 'Morning run'} of ${reply.tradingDay}, prices of ${reply.asOfDate}: ${reply.outcome}`,
      reply.summary,
      `Run ${reply.runId}`,
      ...filesOf(context, reply.files),
    ],
  };
}

function ticketAnswer(context: Context, reply: RunReply): Answer {
  const more = (reply.ticketsInAll ?? reply.tickets.length) - reply.tickets.length;
  const lines = [
    ...reply.tickets.flatMap((ticket) => ticketLines(context, ticket)),
    ...(more > 0 ? [`and tickets of ${more} accounts more: trading-ops tickets-last --account <name>`] : []),
  ];
  return {
    data: reply,
    lines: [
      `Afternoon run of ${reply.tradingDay}, prices of ${reply.asOfDate}: ${reply.outcome}`,
      ...lines,
      `Run ${reply.runId}`,
      ...filesOf(context, reply.files),
    ],
    next: nextAfterTicket(reply.tickets),
  };
}

function ticketLines(context: Context, ticket: IssueReply): string[] {
  const codes = [...new Set(ticket.reasons.map(({ code }) => code))].join(', ');
  const stands = ticket.issuedNow ? '' : ' (the ticket of the day stands)';
  return [
    `${ticket.account}: ${ticket.kind}${ticket.dryRun ? ' DRY RUN' : ''}${codes ? `: ${codes}` : ''}${stands}`,
    `Ticket ${ticket.ticketId}`,
    ...filesOf(context, ticket.files),
  ];
}

function nextAfterTicket(tickets: IssueReply[]): string {
  const open = tickets.find(({ confirmed }) => !confirmed);
  if (!open) return 'nothing: every ticket is confirmed';
  return open.kind === 'TRADE'
    ? 'execute the ticket by hand, then: FILLS_JSON=/path/to/fills.json make confirm-fills'
    : 'make confirm';
}

const filesOf = (context: Context, files: string[]): string[] =>
  files.map((file) => `  ${path.join(context.settings.dataDir, file)}`);
