import type { Command } from 'commander';
import type { ConfirmReply } from '../../../contract/day-messages.js';
import { acceptanceOfFlag } from '../../../domain/confirmation/owned.js';
import { resultOrThrow, usageError } from '../../../domain/errors.js';
import { prepareConfirm, type AnswerTyped } from '../../../operations/day/prepare.js';
import { ticketIdMeant } from '../../../operations/day/find-ticket.js';
import { unprovedAnswers } from '../../../operations/day/unproved-answers.js';
import { isTicketWaiting } from '../../../operations/day/unanswered.js';
import { ofAccount } from '../../../reports/commands.js';
import { askerOf, installationOf } from '../../kit/asker.js';
import { isTerminal } from '../../kit/ask.js';
import { withContext, type Context } from '../../kit/context.js';
import { EXIT } from '../../kit/exit.js';
import type { Answer } from '../../kit/output.js';
import { readInputFile } from '../../kit/read-input.js';
import { unconfirmedLines } from '../tickets/screen-lines.js';
import { askFills } from './ask-fills.js';
import { send } from './send.js';
import { bounded, FILE_BYTES_MAX } from '../../../domain/text.js';

interface ConfirmFlags {
  ticket?: string;
  fills?: string;
  file?: string;
  amend?: boolean;
  reason?: string;
  acceptDeviation?: string[];
}

/** Acknowledges a NO_TRADE ticket. */
export async function acknowledge(command: Command): Promise<void> {
  await withContext(command, (context) =>
    answerTicket(context, command.opts<ConfirmFlags>(), { kind: 'ACK', fills: null }),
  );
}

/** Reports the fills of a TRADE ticket; either all of them are booked or none. */
export async function confirmFills(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const flags = command.opts<ConfirmFlags>();
    const file = fileOf(flags);
    if (!file && isTerminal() && !context.json && !flags.acceptDeviation?.length) return answerAsked(context, flags);
    if (!file)
      throw usageError('FILLS_MISSING', 'fills: must name a JSON file', {
        remedy: 'FILLS_JSON=/path/to/fills.json make confirm-fills',
      });
    const asked = {
      file,
      field: 'fills',
      code: 'FILLS_UNREADABLE',
      tooLarge: 'FILLS_INVALID',
      maxBytes: FILE_BYTES_MAX,
      remedy: 'name the file, which is written to be completed by: trading-ops ticket fills --out fills.json',
    };
    return answerTicket(context, flags, { kind: 'FILLS', fills: await readInputFile(asked) });
  });
}

/** Asks for the fills line by line where somebody sits at a terminal, and reports them as a file would. */
async function answerAsked(context: Context, { ticket, amend = false, reason }: ConfirmFlags): Promise<Answer> {
  const ticketId = ticket === undefined ? null : resultOrThrow(await ticketIdMeant(context.db, ticket));
  const { ticketId: meant, ...asked } = await askFills(context, { ticketId, amend });
  const flags = { ticket: meant, amend, ...(reason !== undefined && { reason }) };
  return answerTicket(context, flags, { kind: 'FILLS', ...asked });
}

function fileOf({ fills, file = fills }: ConfirmFlags): string | undefined {
  if (fills !== undefined && fills !== file)
    throw usageError(
      'OPTIONS_CLASH',
      `file: ${bounded(file ?? '')}: must be the same as --fills: leave one of the two out`,
    );
  return file ?? process.env['FILLS_JSON'];
}

async function answerTicket(
  context: Context,
  {
    ticket: asked = null,
    amend = false,
    reason,
    acceptDeviation = [],
  }: Pick<ConfirmFlags, 'amend' | 'reason' | 'acceptDeviation'> & { ticket?: string | null },
  typed: Pick<AnswerTyped, 'kind' | 'fills' | 'acceptDeviation' | 'amends'>,
): Promise<Answer> {
  const { account } = context.account;
  const ticketId = asked === null ? null : resultOrThrow(await ticketIdMeant(context.db, asked));
  const prepared = await prepareConfirm(installationOf(context), askerOf(context), {
    account,
    ticketId,
    amend,
    ...(reason !== undefined && { reason }),
    ...(acceptDeviation.length > 0 && { acceptDeviation: acceptDeviation.map(acceptanceOfFlag) }),
    ...typed,
  });
  if (!prepared.ok && OTHERWISE_ANSWERED.has(prepared.refusal.code)) return refusedAnswer(prepared.refusal, ticketId);
  const { ticket, ...message } = resultOrThrow(prepared);
  const reply = await send<ConfirmReply>(context, message, `Confirming ticket ${ticket.ticketId}`);
  if (reply.status === 'REFUSED') return refusedAnswer(reply.reason, ticket.ticketId);
  const [unconfirmed] = (await unprovedAnswers(installationOf(context), [ticket.ticketId], context.policy)).values();
  const count = reply.entries.length;
  const booked =
    count > 0
      ? `, ${count} journal ${count === 1 ? 'entry' : 'entries'}${ticket.dryRun ? ' in the paper book' : ''}`
      : '';
  return {
    data: { ...reply, ticketId: ticket.ticketId, tradingDay: ticket.tradingDay },
    lines: [
      `CONFIRMATION_${reply.status}: ticket ${ticket.ticketId} of ${ticket.tradingDay}${booked}`,
      `Confirmation ${reply.confirmationId}`,
      ...(reply.auditRecord ? [`Audit record ${reply.auditRecord.seq}, ${reply.auditRecord.hash}`] : []),
      ...(reply.deviations ?? []).map(
        ({ sequence, symbol, value, text, reason }) =>
          `DEVIATION line ${sequence} (${symbol}): ${value} ${text}: ${reason}`,
      ),
      ...unconfirmedLines(unconfirmed),
    ],
    next: (await isTicketWaiting(context.db, account))
      ? 'make confirm (an earlier ticket is still open)'
      : ofAccount('trading-ops ledger-report', account),
  };
}

/** The day has another answer, or another ticket: no slip of whoever types, but what became of the question. */
const OTHERWISE_ANSWERED = new Set(['TICKET_SUPERSEDED', 'ALREADY_CONFIRMED_DIFFERENTLY', 'FILLS_DEVIATE']);

const refusedAnswer = (reason: ConfirmReply['reason'], ticketId: string | null): Answer => ({
  exitCode: EXIT.refused,
  data: { status: 'REFUSED', confirmationId: null, entries: [], reason } satisfies ConfirmReply,
  lines: [`CONFIRMATION_REFUSED: ${reason?.code}`, reason?.message ?? ''],
  next: reason?.remedy ?? (ticketId === null ? 'trading-ops tickets-last' : `trading-ops ticket show ${ticketId}`),
});
