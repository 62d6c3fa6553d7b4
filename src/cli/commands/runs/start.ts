import type { Command } from 'commander';
import path from 'node:path';
import { EXIT, type ExitCode } from '../../kit/exit.js';
import { accountsOfRun } from '../../../operations/runs/ask.js';
import { startRun, type RunEnded } from '../../../operations/runs/start.js';
import type { RunSlot } from '../../../domain/types.js';
import type { IssueReply } from '../../../contract/day-messages.js';
import type { RunReply } from '../../../contract/runs.js';
import { showTicketScreen } from '../../../operations/day/ticket-screen.js';
import type { TicketScreen } from '../../../reports/ticket/screen.js';
import { nextReconcile } from '../../../reports/commands.js';
import { nextOfClosed, nextOfNone, nextOfTicket } from '../../../reports/catalogue/next.js';
import { requireDatabase, withContext, type Context } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';
import { withProgress } from '../../kit/progress.js';
import { signerOf } from '../../kit/signer.js';
import { tableLines, wrapped } from '../../kit/table.js';
import { withTemporal, workersOf } from '../../kit/temporal.js';
import { requireWorker } from '../../../operations/workers.js';
import { counted } from '../../../reports/render/format.js';

const DOING: Record<RunSlot, string> = {
  '0800': 'Fetching and checking prices',
  '1400': 'Evaluating gates',
  ops: 'Fetching and checking prices',
};

/** Starts a run as the schedule would, waits for it, and says what came of it. */
export async function run(slot: RunSlot, flags: { account?: string; full?: boolean }, command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const operator = context.operator();
    const accounts = accountsOfRun(context.account, context.accounts, {
      asked: flags.account !== undefined,
      isInstantGiven: context.settings.at !== undefined,
    });
    await requireDatabase(context);
    const { settings, policy } = context;
    const ended = await withTemporal(settings, async (client) => {
      await requireWorker(client, workersOf(context));
      return withProgress(DOING[slot], () =>
        startRun({ client, taskQueue: settings.taskQueue, calendar: policy.calendar }, signerOf(settings), {
          slot,
          account: flags.account ?? null,
          input: { at: context.at, operator, accounts, full: flags.full ?? false, dryRun: settings.dryRunTrades },
        }),
      );
    });
    return slot === '1400' ? await ticketAnswer(context, ended.reply) : gatesAnswer(context, slot, ended);
  });
}

function gatesAnswer(context: Context, slot: RunSlot, { reply, isSession }: RunEnded): Answer {
  const exitCode: ExitCode = reply.outcome === 'PASS' ? EXIT.done : EXIT.refused;
  const summary = reply.files.find((file) => file.endsWith('.md')) ?? '';
  const next =
    slot === 'ops'
      ? nextOfNone(context.account.account)
      : !isSession
        ? nextOfClosed(reply.tradingDay, context.policy.calendar, context.account.account)
        : nextReconcile(context.account, reply.tradingDay);
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

async function ticketAnswer(context: Context, reply: RunReply): Promise<Answer> {
  const more = (reply.ticketsInAll ?? reply.tickets.length) - reply.tickets.length;
  const lines = [
    ...(await Promise.all(reply.tickets.map((ticket) => ticketLines(context, ticket)))).flat(),
    ...(more > 0 ? [`and tickets of ${counted(more, 'account')} more: trading-ops tickets-last --account <name>`] : []),
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

async function ticketLines(context: Context, ticket: IssueReply): Promise<string[]> {
  const screen = ticket.kind === 'TRADE' ? await showTicketScreen(context.db, ticket.ticketId) : null;
  const codes = [...new Set(ticket.reasons.map(({ code }) => code))].join(', ');
  const stands = ticket.issuedNow ? '' : ' (the ticket of the day stands)';
  return [
    `${ticket.account}: ${ticket.kind}${ticket.dryRun ? ' DRY RUN' : ''}${codes ? `: ${codes}` : ''}${stands}`,
    `Ticket ${ticket.ticketId}`,
    ...(screen === null ? [] : ordersOf(screen)),
    ...filesOf(context, ticket.files),
  ];
}

/** The orders of a TRADE, and what is to be known before the first of them. */
const ordersOf = ({ above, head, figures, rows, below }: TicketScreen): string[] => [
  ...above.slice(2).flatMap((line) => wrapped(line)),
  ...tableLines(head, rows, { right: figures }),
  ...below.slice(0, 1).flatMap((line) => wrapped(line)),
];

function nextAfterTicket(tickets: IssueReply[]): string {
  const open = tickets.find(({ confirmed }) => !confirmed);
  if (!open) return 'nothing: every ticket is confirmed';
  return open.kind === 'TRADE' ? `execute the ticket by hand, then: ${nextOfTicket(open)}` : nextOfTicket(open);
}

const filesOf = (context: Context, files: string[]): string[] =>
  files.map((file) => `  ${path.join(context.settings.dataDir, file)}`);
