import type { ApplicationFailure } from '@temporalio/common';
import type { Alert } from '../contract/alerts.js';
import { dayOfId, type ConfirmCommand, type TradingDayInput } from '../contract/day-messages.js';
import { londonTime } from '../domain/calendar/calendar.js';
import { deadlineSubject, waitingFor, type StoredDay } from '../domain/day/state.js';
import { bounded, escapedLines } from '../domain/text.js';
import type { Instant } from '../domain/types.js';
import type { DayMessage } from './day-inbox.js';

type DayKey = Pick<TradingDayInput, 'account' | 'tradingDay'>;

/**
 * Whoever left a signal has gone, believing that it was done: a refusal must find a person. Null for messages of
 * machines.
 */
export function refusedAlert(
  { account, tradingDay }: DayKey,
  message: DayMessage,
  why: string,
  at: Instant,
): Alert | null {
  if (message.kind !== 'reconcile' && message.kind !== 'confirm') return null;
  const { commandId, operator } = message.command;
  const what =
    message.kind === 'reconcile'
      ? `The snapshot of ${bounded(message.command.snapshotDate)}`
      : `The confirmation of ticket ${bounded(message.command.ticketId)}`;
  return {
    account,
    tradingDay,
    code: 'MESSAGE_REFUSED',
    at,
    subject: `${message.kind} ${commandId}`,
    message: `${what} that ${bounded(operator)} left without waiting for the answer did not pass: ${why}`,
  };
}

/**
 * A signal that nobody can read is a condition of its kind and day: the day's view shows each. Null for messages of
 * machines.
 */
export function malformedAlert(
  { account, tradingDay }: DayKey,
  kind: DayMessage['kind'],
  why: string,
  at: Instant,
): Alert | null {
  if (kind !== 'reconcile' && kind !== 'confirm') return null;
  return {
    account,
    tradingDay,
    code: 'MESSAGE_REFUSED',
    at,
    subject: `${kind} of ${tradingDay}, malformed`,
    message: `A ${kind} message that somebody left for ${tradingDay} has the wrong shape, and nothing was done: ${why}`,
  };
}

/** A day was started that cannot be as it was started: no command does so. */
export function forgedDayAlert(workflowId: string, { type, message }: ApplicationFailure, at: Instant): Alert {
  const day = dayOfId(workflowId);
  const why = escapedLines(message).replaceAll('\n', '; ');
  return {
    account: day?.account ?? null,
    tradingDay: day?.tradingDay ?? null,
    code: 'MESSAGE_REFUSED',
    at,
    subject: bounded(workflowId),
    message: `Somebody started a day that cannot be, and nothing was done: ${type}: ${why}`,
    evidence: { code: type },
  };
}

/** The day has issued the ticket, and Postgres does not know it: somebody restored it to an earlier time. */
export const lostAlert = ({ account, tradingDay }: DayKey, command: ConfirmCommand): Alert => ({
  account,
  tradingDay,
  code: 'CONFIRMATION_LOST',
  subject: command.ticketId,
  at: command.at,
  evidence: { command },
  message:
    `${bounded(command.operator)} confirmed ticket ${command.ticketId} of ${tradingDay}, which a restore of Postgres ` +
    'has lost. Nothing was booked; what was reported is with this alert.',
});

/** A deadline has passed, and the day still waits. */
export const deadlineAlert = (
  { account, tradingDay, escalateAt }: TradingDayInput,
  day: StoredDay,
  due: Instant,
): Alert => ({
  account,
  tradingDay,
  code: due === escalateAt ? 'CONFIRMATION_OVERDUE' : 'CONFIRMATION_DUE',
  at: due,
  subject: deadlineSubject(day.ticket?.ticketId ?? tradingDay, due),
  message: `Still waiting for ${waitingFor(day, londonTime)}.`,
});
