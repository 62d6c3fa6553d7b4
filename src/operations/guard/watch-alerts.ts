import { deadlineSubject } from '../../domain/day/state.js';
import type { SlotAlert } from '../../db/slots.js';
import { londonTime } from '../../domain/calendar/calendar.js';
import { alertsOfSlot, endOfAlert, type SlotAlertCode } from '../../domain/alerts/slots.js';
import { minutesBetween, type SlotStanding } from '../../domain/day/slots.js';
import type { OpenTicket, PassedDeadline } from '../../domain/day/deadlines.js';
import type { Instant } from '../../domain/types.js';
import type { Alert } from '../../contract/alerts.js';
import type { Recovery } from '../alerts/raise.js';
import { counted } from '../../reports/render/format.js';

export const SLOT_ALERTS: readonly SlotAlertCode[] = ['RUN_LATE', 'RUN_STOPPED', 'RUN_MISSED'];

type DeadlineCode = PassedDeadline['code'];
export const DEADLINE_ALERTS: readonly DeadlineCode[] = ['CONFIRMATION_DUE', 'CONFIRMATION_OVERDUE'];

interface AlertChanges {
  raised: Alert[];
  recovered: Recovery[];
  /** Slots that are late, and that have stopped, now: `2026-11-23 0800`. */
  late: string[];
  stopped: string[];
}

/** What is to be told now, given what was told before: each condition once, and once that it is over. */
export function changesOfAlerts(
  account: string,
  standings: readonly SlotStanding[],
  told: readonly SlotAlert[],
  at: Instant,
): AlertChanges {
  const before = new Map(told.map((alert) => [`${alert.code} ${alert.subject}`, alert]));
  const changes: AlertChanges = { raised: [], recovered: [], late: [], stopped: [] };
  for (const slot of standings) {
    const subject = `${slot.tradingDay}/${slot.slot}`;
    const now = alertsOfSlot(slot, at);
    if (slot.state === 'LATE') changes.late.push(`${slot.tradingDay} ${slot.slot}`);
    if (slot.state === 'STOPPED') changes.stopped.push(`${slot.tradingDay} ${slot.slot}`);
    for (const code of SLOT_ALERTS) {
      const known = before.get(`${code} ${subject}`);
      const isNew = known === undefined && now.includes(code);
      if (isNew) changes.raised.push(slotAlert(account, code, slot, at));
      if (!isNew && known?.recovered !== false) continue;
      const end = endOfAlert(code, slot, standings);
      if (end) changes.recovered.push({ account, code, subject, at, message: endOf(slot, end) });
    }
  }
  return changes;
}

function slotAlert(account: string, code: SlotAlertCode, slot: SlotStanding, at: Instant): Alert {
  const { tradingDay, slot: name, dueAt, endsAt, beganAt, failure, runId } = slot;
  const message = { RUN_LATE: lateMessage, RUN_STOPPED: stoppedMessage, RUN_MISSED: summaryOf }[code](slot, at);
  return {
    account,
    tradingDay,
    code,
    subject: `${tradingDay}/${name}`,
    message: sentence(message),
    at: code === 'RUN_MISSED' ? endsAt : dueAt,
    evidence: { dueAt, endsAt, beganAt, failure, runId, foundAt: at },
  };
}

/** How a slot that came to no result of its own ended, in one line. */
export function summaryOf(slot: SlotStanding): string {
  if (slot.outcome !== 'MISSED')
    return `${nameOf(slot)} stopped after its ticket was issued: ${slot.failure ?? 'it has no result'}`;
  const what = slot.beganAt === null ? 'never began' : `stopped: ${slot.failure ?? 'it has no result'}`;
  return `${nameOf(slot)} ${what}; a late one made sense until ${londonTime(slot.endsAt)} UK time`;
}

const lateMessage = (slot: SlotStanding, at: Instant): string =>
  slot.beganAt === null
    ? `${nameOf(slot)} has not begun at ${londonTime(at)} UK time; a late one makes sense until ${londonTime(slot.endsAt)}`
    : `${nameOf(slot)} began ${counted(minutesBetween(slot.dueAt, slot.beganAt), 'minute')} late, at ${londonTime(slot.beganAt)} UK time`;

const stoppedMessage = (slot: SlotStanding, at: Instant): string =>
  `${nameOf(slot)} stopped: ${slot.failure ?? `no result ${counted(minutesBetween(slot.beganAt ?? slot.dueAt, at), 'minute')} after it began`}`;

const endOf = (slot: SlotStanding, end: SlotStanding): string =>
  sentence(
    end === slot && end.state === 'MISSED'
      ? `${nameOf(slot)} is recorded as MISSED`
      : `${nameOf(end)} ended: ${end.outcome}`,
  );

const nameOf = ({ tradingDay, slot }: SlotStanding): string =>
  `the ${slot === '0800' ? '08:00' : '14:00'} run of ${tradingDay}`;
const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const subjectOf = ({ ticketId, dueAt }: Pick<PassedDeadline, 'ticketId' | 'dueAt'>): string =>
  deadlineSubject(ticketId, dueAt);

/** Deadlines told of tickets that have their confirmation by now: what the close of their day did not end. */
export function answeredDeadlines(
  account: string,
  told: readonly SlotAlert[],
  open: readonly OpenTicket[],
  at: Instant,
): Recovery[] {
  const waiting = new Set(open.map(({ ticketId }) => ticketId));
  return told
    .filter(({ subject, recovered }) => !recovered && !waiting.has(subject.split(' ')[0] ?? ''))
    .map(({ code, subject }) => ({
      account,
      code: code as DeadlineCode,
      subject,
      at,
      message: `Ticket ${subject.split(' ')[0]} has its confirmation.`,
    }));
}

/**
 * The alert that the day's own timer raises too, when there is one to raise it: the same subject, so it is one alert.
 */
export const deadlineAlert = (account: string, { ticketId, tradingDay, kind, code, dueAt }: PassedDeadline): Alert => ({
  account,
  tradingDay,
  code,
  subject: subjectOf({ ticketId, dueAt }),
  at: dueAt,
  message: `Still waiting for the confirmation of ${kind} ticket ${ticketId} of ${tradingDay}, due at ${londonTime(dueAt)} UK time.`,
});
