import {
  ActivityFailure,
  ApplicationFailure,
  defineSearchAttributeKey,
  SearchAttributeType,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common';
import {
  allHandlersFinished,
  condition,
  continueAsNew,
  log,
  ParentClosePolicy,
  patched,
  setCurrentDetails,
  startChild,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Alert } from '../contract/alerts.js';
import type { BackupInput } from '../contract/backup.js';
import {
  readTradingDayInput,
  type ConfirmCommand,
  type ConfirmReply,
  type IssueCommand,
  type IssueReply,
  type ReconcileCommand,
  type ReconcileReply,
  type TradingDayInput,
} from '../contract/day-messages.js';
import { WORKFLOWS } from '../contract/workflows.js';
import { londonTime } from '../domain/calendar/calendar.js';
import { dayOutcome, dayState, nextDeadline, waitingFor, type DayView, type StoredDay } from '../domain/day/state.js';
import type { Refusal } from '../domain/errors.js';
import { isSignatureCode } from '../domain/signing/attestation.js';
import { bounded, escapedLines } from '../domain/text.js';
import type { Instant } from '../domain/types.js';
import { quick } from './activity-proxies.js';
import { deadlineAlert, forgedDayAlert, lostAlert, malformedAlert, refusedAlert } from './day-alerts.js';
import { receiveMessages, type DayMessage, type DayReply } from './day-inbox.js';
import { endRefused, refuseDay } from './refused-day.js';
import { startedWith, startRefused } from './started.js';

const DAY_STATE = defineSearchAttributeKey('DayState', SearchAttributeType.KEYWORD);
const OUTCOME = defineSearchAttributeKey('Outcome', SearchAttributeType.KEYWORD);

/** How a day is refused that says of its account what this installation does not know of it. */
const NOT_OF_HERE = ['ACCOUNT_DIFFERS', 'ACCOUNT_UNKNOWN'];

/** Events of a history after which the day goes on in a fresh one: an ordinary day has a hundred. */
const EVENTS_SOFT = 2_000;
/** The same in bytes, of which the server takes 50 MB: an ordinary day has a tenth of one. */
const BYTES_SOFT = 8 * 1024 * 1024;
/** And after which it takes nothing more in until then. */
const EVENTS_HARD = 6_000;

/**
 * One account's trading day, from the morning to the close: it waits for the reconciliation, issues the ticket when
 * the afternoon run asks for it, waits for the confirmation for as long as that takes, and closes.
 *
 * Messages are handled one after another, so two people and a schedule may act at once and there is still one ticket.
 * Everything it knows is stored in Postgres first; started again, it goes on where the stored day stood.
 */
export async function tradingDay(sent: TradingDayInput): Promise<DayView> {
  const reading = readTradingDayInput(sent, workflowInfo().workflowId);
  if (!reading.ok && patched('a-forged-day-is-told')) return refuseDay(startRefused(reading.refusal));
  const input = startedWith(reading);
  const { account, tradingDay: date } = input;
  const deadlines = [...input.remindAt, input.escalateAt];
  const announced: Instant[] = [];
  const rejected: DayView['rejected'] = [];
  let now = input.clock === 'real' ? new Date().toISOString() : input.at;
  let shown = 'open null';
  let closing = false;
  let isTold = false;
  let day: StoredDay = { openedAt: null, reconciliation: null, ticket: null, confirmation: null, closedAt: null };

  const inbox = receiveMessages({ view, refused: refuseMalformed, crowdedOut, isClosing: () => closing, isLong });
  try {
    day = await quick.openDay.executeWithOptions({ summary: `Open ${date} of ${account}, or recall where it stood` }, [
      { account, tradingDay: date, at: input.at, clock: input.clock },
    ]);
  } catch (error) {
    await refuseEverything(error);
    throw error;
  }
  show();

  while (!isOver() || !inbox.isEmpty()) {
    const deadline = nextDeadline(day, deadlines, announced);
    const message = await inbox.next(patience(deadline), `Remind of ${waitingFor(day, londonTime)}`);
    now = clock(message);
    // What is remembered may be of a ticket that a restore has lost: nothing is announced before it is recalled.
    if (message?.kind !== 'recall') await announceDeadlines();
    if (message) await handle(message);
    if (dayState(day) === 'confirmed') await closeOut();
    show();
    await beginAnewWhenLong();
  }
  await condition(allHandlersFinished);
  return view();

  /**
   * The server takes 2,000 updates and 10,000 signals in one history, and ends it at 51,200 events or 50 MB. Long
   * before, the day goes on in a fresh one: it recalls from Postgres where it stands, as after any other start. While a
   * flood leaves it no moment without a message, it takes nothing in until what waits is done.
   */
  async function beginAnewWhenLong(): Promise<void> {
    if (!isLong() || isOver() || !patched('a-long-day-begins-anew')) return;
    closing = workflowInfo().historyLength >= EVENTS_HARD;
    if (!inbox.isEmpty()) return;
    await condition(allHandlersFinished);
    // Whatever came while a handler ended is done first.
    if (inbox.isEmpty()) await continueAsNew<typeof tradingDay>(sent);
  }

  function isLong(): boolean {
    const { historyLength, historySize } = workflowInfo();
    return historyLength >= EVENTS_SOFT || historySize >= BYTES_SOFT;
  }

  /** Whoever left it has gone. */
  async function crowdedOut(message: DayMessage, { code, message: why }: Refusal): Promise<void> {
    reject(`signal ${message.kind}`, why);
    await tell(refusedAlert(input, message, `${code}: ${why}`, now));
  }

  /** A day that is closed; or one that may not be opened (it is past, or far off), of which nothing is stored. */
  function isOver(): boolean {
    return dayState(day) === 'closed' || (day.openedAt === null && !day.reconciliation && !day.ticket);
  }

  /** There is no such day: whoever said something to it is told so, and the workflow ends. */
  async function refuseEverything(error: unknown): Promise<void> {
    const cause = error instanceof ActivityFailure && error.cause instanceof ApplicationFailure ? error.cause : null;
    if (!cause) return;
    const refuseNext = async () => {
      const message = (await inbox.next(null, '')) as DayMessage;
      refuse(message, cause);
      if (!inbox.isAwaited()) await tell(refusedAlert(input, message, codeAnd(cause), now));
    };
    await endRefused(inbox, refuseNext, () => {
      // Whoever started it around the program knows; here people hear of it, unless they hear of what was said to it.
      const isForged = !isTold && NOT_OF_HERE.includes(cause.type ?? '') && patched('a-forged-day-is-told');
      return isForged ? forgedDayAlert(workflowInfo().workflowId, cause, new Date().toISOString()) : null;
    });
  }

  function refuse(message: DayMessage, cause: ApplicationFailure): void {
    reject(`${message.kind} ${bounded(JSON.stringify(message.command), 200)}`, cause.message);
    inbox.refuse(cause);
  }

  /** Whoever left it has gone: days of earlier versions showed it in their view and told nobody. */
  async function refuseMalformed(kind: DayMessage['kind'], { code, message }: Refusal): Promise<void> {
    const why = message.replaceAll('\n', '; ');
    reject(`signal ${kind}`, why);
    if (patched('malformed-signals-are-told')) await tell(malformedAlert(input, kind, `${code}: ${why}`, now));
  }

  async function handle(message: DayMessage): Promise<void> {
    try {
      const reply = await act(message);
      inbox.reply(reply);
      const why = reply && refusalIn(reply);
      // No await where there is nothing to tell: it would change the order of commands.
      // A forgery is told of where it is refused, once, however often it comes.
      if (why && !inbox.isAwaited() && !isOfSignature(why)) await tell(refusedAlert(input, message, why, now));
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      const cause =
        error.cause instanceof ApplicationFailure
          ? error.cause
          : ApplicationFailure.nonRetryable(error.cause?.message ?? error.message);
      refuse(message, cause);
      if (!inbox.isAwaited()) await tell(refusedAlert(input, message, codeAnd(cause), now));
    }
  }

  async function act(message: DayMessage): Promise<DayReply> {
    switch (message.kind) {
      case 'reconcile':
        return reconcile(message.command);
      case 'issue':
        return issueTicket(message.command);
      case 'confirm':
        return confirm(message.command);
      case 'tick':
        return null;
      case 'recall':
        return recall();
      case 'missed':
        return closeMissed();
    }
  }

  /** After a restore of Postgres: what is stored counts, whatever this workflow has seen. */
  async function recall(): Promise<null> {
    day = await quick.openDay.executeWithOptions({ summary: `Recall where ${date} of ${account} stands` }, [
      { account, tradingDay: date, at: input.at, clock: input.clock },
    ]);
    announced.length = 0;
    if (!day.closedAt) await writeReports();
    return null;
  }

  async function reconcile(command: ReconcileCommand): Promise<ReconcileReply> {
    const reply = await quick.reconcile.executeWithOptions(
      { summary: `Reconcile the snapshot of ${bounded(command.snapshotDate)} by ${bounded(command.operator)}` },
      [told(command)],
    );
    if (reply.status === 'REJECTED' || reply.reconciliationId === null) {
      reject(
        `reconcile ${bounded(command.snapshotDate)} by ${bounded(command.operator)}`,
        reply.reasons.map(({ message }) => message).join('; '),
      );
      return reply;
    }
    day.reconciliation = {
      status: reply.status,
      at: reply.at ?? command.at,
      codes: reply.reasons.map(({ code }) => code),
    };
    return reply;
  }

  async function issueTicket(command: IssueCommand): Promise<IssueReply> {
    const reply = await quick.issueTicket.executeWithOptions(
      { summary: `Evaluate every gate and issue the ticket of ${date}` },
      [{ account, tradingDay: date, ...command }],
    );
    const files = await quick.renderTicket.executeWithOptions({ summary: `Write ticket ${reply.ticketId}` }, [
      { ticketId: reply.ticketId },
    ]);
    const { ticketId, kind, dryRun, issuedAt, windowClosesAt } = reply;
    day.ticket = { ticketId, kind, dryRun, issuedAt, windowClosesAt, codes: reply.reasons.map(({ code }) => code) };
    return { ...reply, files };
  }

  async function confirm(command: ConfirmCommand): Promise<ConfirmReply> {
    const reply = await quick.confirm.executeWithOptions(
      { summary: `Book the confirmation of ticket ${bounded(command.ticketId)} by ${bounded(command.operator)}` },
      [told(command)],
    );
    if (reply.status === 'REFUSED') {
      reject(
        `confirm ${bounded(command.ticketId)} by ${bounded(command.operator)}`,
        reply.reason?.message ?? 'refused',
      );
      if (reply.reason?.code !== 'TICKET_UNKNOWN' || day.ticket?.ticketId !== command.ticketId) return reply;
      await tell(lostAlert(input, command));
      await recall();
    } else {
      day.confirmation = {
        confirmationId: reply.confirmationId as string,
        operator: command.operator,
        at: reply.at ?? command.at,
      };
      if (day.closedAt) await writeReports();
    }
    return reply;
  }

  /**
   * The message as it is handed on, with the door it came through: that which it names, else whether somebody waits
   * for the answer.
   */
  function told<Command extends { door?: 'cli' | 'desk' | undefined }>({ door, ...command }: Command) {
    return {
      account,
      tradingDay: date,
      ...command,
      door: door ?? (inbox.isAwaited() ? ('update' as const) : ('signal' as const)),
    };
  }

  /** A ticket that was issued after all, by a run at the last moment, is waited for as ever. */
  async function closeMissed(): Promise<null> {
    if (!day.ticket && !day.closedAt) await closeOut({ missed: true });
    return null;
  }

  async function closeOut({ missed = false } = {}): Promise<void> {
    const { closedAt } = await quick.closeDay.executeWithOptions(
      { summary: `Close ${date} of ${account}, write its report, keep its history` },
      [{ account, tradingDay: date, at: now, missed }],
    );
    day.closedAt = closedAt;
    if (input.backUpAtClose) await backUp();
  }

  /** A workflow of its own that nobody waits for: a backup that fails is an alert, never a day that stays open. */
  async function backUp(): Promise<void> {
    const backup: BackupInput = { reason: 'close-out', operator: null };
    try {
      await startChild(WORKFLOWS.databaseBackup, {
        workflowId: `database-backup/close/${account}/${date}`,
        args: [backup],
        parentClosePolicy: ParentClosePolicy.ABANDON,
        staticSummary: `Backup at the close of ${date} of ${account}`,
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }

  async function writeReports(): Promise<void> {
    await quick.renderDay.executeWithOptions({ summary: `Write the daily report of ${date}` }, [
      { account, tradingDay: date },
    ]);
  }

  async function announceDeadlines(): Promise<void> {
    for (
      let due = nextDeadline(day, deadlines, announced);
      due !== null && due <= now;
      due = nextDeadline(day, deadlines, announced)
    ) {
      announced.push(due);
      await tell(deadlineAlert(input, day, due));
    }
  }

  async function tell(alert: Alert | null): Promise<void> {
    isTold ||= alert !== null;
    if (alert) await quick.raiseAlert.executeWithOptions({ summary: `${alert.code}: ${alert.subject}` }, [alert]);
  }

  /** Milliseconds until the deadline; null waits without end. A simulated clock moves only by messages. */
  function patience(deadline: Instant | null): number | null {
    return deadline === null || input.clock === 'simulated' ? null : Date.parse(deadline) - Date.now();
  }

  function clock(message: DayMessage | null): Instant {
    if (input.clock === 'real') return new Date().toISOString();
    const at = message ? new Date(message.command.at).toISOString() : now;
    return at > now ? at : now;
  }

  function reject(message: string, why: string): void {
    log.warn('message refused', { message, why });
    rejected.push({ message, why: escapedLines(why), at: now });
    if (rejected.length > 20) rejected.shift();
  }

  function view(): DayView {
    return {
      ...day,
      account,
      tradingDay: date,
      state: dayState(day),
      waitingFor: waitingFor(day, londonTime),
      outcome: dayOutcome(day),
      announced,
      rejected,
    };
  }

  function show(): void {
    const { state, waitingFor: waits, outcome } = view();
    setCurrentDetails([`**${state}**${outcome ? `: ${outcome}` : ''}`, `Waiting for ${waits}.`].join('\n\n'));
    if (shown === `${state} ${outcome}`) return;
    shown = `${state} ${outcome}`;
    upsertSearchAttributes([
      { key: DAY_STATE, value: state },
      { key: OUTCOME, value: outcome },
    ]);
  }
}

/** Why a reply is not what its sender wanted; null when it is. */
function refusalIn(reply: NonNullable<DayReply>): string | null {
  if (!('status' in reply)) return null;
  if ('reason' in reply) return reply.reason ? `${reply.reason.code}: ${reply.reason.message}` : null;
  return reply.status === 'PASS' ? null : reply.reasons.map(({ code, message }) => `${code}: ${message}`).join('; ');
}

/** Whether it was refused for its signature. */
const isOfSignature = (why: string): boolean => isSignatureCode(why.split(':', 1)[0] ?? '');

/** Why something was refused, with the code that every door gives it. */
const codeAnd = ({ type, message }: ApplicationFailure): string => (type ? `${type}: ${message}` : message);
