import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import path from 'node:path';
import { TRADING_DAY } from '../../../operations/day/ask.js';
import { isSession, tradingDayOf } from '../../../domain/calendar/calendar.js';
import { usageError } from '../../../domain/errors.js';
import { EXIT, type ExitCode } from '../../kit/exit.js';
import type { Instant } from '../../../domain/types.js';
import type { IssueReply } from '../../../contract/day-messages.js';
import type { RunInput, RunReply } from '../../../contract/runs.js';
import { WORKFLOWS } from '../../../contract/workflows.js';
import { requireDatabase, withContext, type Context } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';
import { withProgress } from '../../kit/progress.js';
import { requireWorker, runWorkflow, withTemporal } from '../../kit/temporal.js';

type Slot = '0800' | '1400' | 'ops';

const KINDS: Record<Slot, { type: string; id: string; doing: string }> = {
  '0800': { type: WORKFLOWS.morningRun, id: 'morning-run', doing: 'Fetching and checking prices' },
  '1400': { type: WORKFLOWS.afternoonRun, id: 'afternoon-run', doing: 'Evaluating gates' },
  ops: { type: WORKFLOWS.opsRun, id: 'ops-run', doing: 'Fetching and checking prices' },
};

/** Starts a run as the schedule would, waits for it, and says what came of it. */
export async function startRun(slot: Slot, flags: { account?: string; full?: boolean }, command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const operator = context.operator();
    const accounts = accountsOfRun(context, flags.account);
    await requireDatabase(context);
    const reply = await withTemporal(context.settings, async (client) => {
      await requireWorker(client, context);
      return withProgress(KINDS[slot].doing, () => executeRun(client, slot, {
        taskQueue: context.settings.taskQueue, account: flags.account ?? null,
        input: { at: context.at, operator, accounts, full: flags.full ?? false, dryRun: context.settings.dryRunTrades },
      }));
    });
    return slot === '1400' ? ticketAnswer(context, reply) : gatesAnswer(context, slot, reply);
  });
}

/**
 * Starts the workflow of a run and waits for it; the instant makes its id, as the server makes
 * that of a scheduled run, so that whoever asks second gets the first one's result.
 * @param run account: named when the run is of one account alone.
 */
export function executeRun(
  client: Client, slot: Slot, { taskQueue, account, input }: { taskQueue: string; account: string | null; input: RunInput & { at: Instant } },
): Promise<RunReply> {
  const { type, id } = KINDS[slot];
  const second = new Date(input.at).toISOString().replace(/\.\d+Z$/, 'Z');
  return runWorkflow<RunReply>(client, type, {
    workflowId: `${id}${account ? `/${account}` : ''}-${second}`, taskQueue, staticSummary: `${slot} run asked for by ${input.operator}`, args: [input],
    typedSearchAttributes: [{ key: TRADING_DAY, value: tradingDayOf(input.at) }],
  });
}

/** The account asked for, or all that share its clock: one instant cannot be both real and simulated. */
function accountsOfRun(context: Context, asked: string | undefined): string[] {
  if (asked) return [context.account.account];
  const others = context.accounts.filter(({ clock }) => clock !== context.account.clock);
  if (others.length > 0 && context.settings.at) {
    throw usageError('CLOCKS_DIFFER', `account: not every account has clock ${context.account.clock}`, { remedy: 'name one with --account' });
  }
  return context.accounts.filter(({ clock }) => clock === context.account.clock).map(({ account }) => account);
}

function gatesAnswer(context: Context, slot: Slot, reply: RunReply): Answer {
  const exitCode: ExitCode = reply.outcome === 'PASS' ? EXIT.done : EXIT.refused;
  const summary = reply.files.find((file) => file.endsWith('.md')) ?? '';
  const next = slot === 'ops' ? 'make run-0800' : !isSession(reply.tradingDay, context.policy.calendar) ? 'trading-ops schedules show' :
    `make reconcile-daily -- --snapshot-date ${reply.tradingDay} --cash-gbp <cash> --position SYMBOL=UNITS --notes "manual_etoro_snapshot"`;
  return {
    exitCode, data: reply, next: reply.outcome === 'PASS' ? next : `read ${path.join(context.settings.dataDir, summary)}`,
    lines: [
      `${slot === 'ops' ? 'Gates' : 'Morning run'} of ${reply.tradingDay}, prices of ${reply.asOfDate}: ${reply.outcome}`,
      reply.summary, `Run ${reply.runId}`, ...filesOf(context, reply.files),
    ],
  };
}

function ticketAnswer(context: Context, reply: RunReply): Answer {
  const lines = reply.tickets.flatMap((ticket) => ticketLines(context, ticket));
  return {
    data: reply, lines: [`Afternoon run of ${reply.tradingDay}, prices of ${reply.asOfDate}: ${reply.outcome}`, ...lines, `Run ${reply.runId}`, ...filesOf(context, reply.files)],
    next: nextAfterTicket(reply.tickets),
  };
}

function ticketLines(context: Context, ticket: IssueReply): string[] {
  const codes = [...new Set(ticket.reasons.map(({ code }) => code))].join(', ');
  const stands = ticket.issuedNow ? '' : ' (the ticket of the day stands)';
  return [
    `${ticket.account}: ${ticket.kind}${ticket.dryRun ? ' DRY RUN' : ''}${codes ? `: ${codes}` : ''}${stands}`,
    `Ticket ${ticket.ticketId}`, ...filesOf(context, ticket.files),
  ];
}

function nextAfterTicket(tickets: IssueReply[]): string {
  const open = tickets.find(({ confirmed }) => !confirmed);
  if (!open) return 'nothing: every ticket is confirmed';
  return open.kind === 'TRADE' ? 'execute the ticket by hand, then: FILLS_JSON=/path/to/fills.json make confirm-fills' : 'make confirm';
}

const filesOf = (context: Context, files: string[]): string[] => files.map((file) => `  ${path.join(context.settings.dataDir, file)}`);

interface RunRow {
  run_id: string; slot: string; trading_day: string; at: string; operator: string; outcome: string | null; summary: string | null;
}

/** Lists the newest runs, newest first. */
export async function listRuns(command: Command): Promise<void> {
  await withContext(command, async ({ db }) => {
    const limit = wholeNumber('limit', command.opts<{ limit: string }>().limit);
    const runs = await db('runs as r').leftJoin('run_results as s', 's.run_id', 'r.run_id').orderBy('r.seq', 'desc').limit(limit)
      .select<RunRow[]>('r.run_id', 'r.slot', 'r.trading_day', 'r.at', 'r.operator', 's.outcome', 's.summary');
    const { default: Table } = await import('cli-table3');
    const table = new Table({ head: ['trading day', 'slot', 'outcome', 'summary', 'operator', 'run'], style: { head: [], border: [] } });
    for (const run of runs) table.push([run.trading_day, run.slot, run.outcome ?? 'under way', run.summary ?? '', run.operator, run.run_id]);
    return { data: runs, lines: runs.length > 0 ? [table.toString()] : ['There is no run yet.'], next: runs.length > 0 ? 'trading-ops ticket show' : 'make run-0800' };
  });
}

/** A flag that must be a whole number above zero. */
export function wholeNumber(name: string, text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw usageError('NUMBER_INVALID', `${name}: ${text}: must be a whole number from 1`);
}
