import { isUuid } from '../shapes.js';
import { ALERT_CODES, type AlertCode } from './codes.js';

/** What says where an alert is dealt with; what it is about may be a stranger's word. */
export interface Located {
  account: string | null;
  code: string;
  subject: string;
  evidence: object;
}

type Pages = (alert: Located) => string;

const ALERTS = '/alerts';

/** A page of the alert's account; the list of alerts where it is of none. */
const ofAccount =
  (page: string): Pages =>
  ({ account }) =>
    account === null ? ALERTS : `/${encodeURIComponent(account)}${page}`;

/** The ticket that the subject begins with, or that the evidence names; the list of tickets where neither does. */
const ticket: Pages = (alert) => {
  const { ticketId = alert.subject.split(' ')[0] } = alert.evidence as { ticketId?: unknown };
  const id = OF_CONFIRMATION.has(alert.code) && !('ticketId' in alert.evidence) ? null : ticketId;
  return ofAccount(typeof id === 'string' && isUuid(id) ? `/tickets/${id}` : '/tickets')(alert);
};

/** Their subject is the id of a confirmation, which is no ticket's; those of earlier versions name none. */
const OF_CONFIRMATION: ReadonlySet<string> = new Set(['CONFIRMATION_RECEIPT', 'TICKET_DEVIATION']);

const at =
  (page: string): Pages =>
  () =>
    page;

const PAGES: Record<AlertCode, Pages> = {
  CONFIRMATION_DUE: ticket,
  CONFIRMATION_OVERDUE: ticket,
  CONFIRMATION_LOST: ticket,
  CONFIRMATION_RECEIPT: ticket,
  TICKET_TRADE: ticket,
  TICKET_DEVIATION: ticket,
  RUN_LATE: at('/runs'),
  RUN_MISSED: at('/runs'),
  RUN_STOPPED: at('/runs'),
  SCHEDULE_MISSING: at('/schedules'),
  SCHEDULE_PAUSED: at('/schedules'),
  BACKUP_FAILED: at('/backups'),
  BACKUP_COPY_FAILED: at('/backups'),
  BACKUP_STALE: at('/backups'),
  BACKUP_DAMAGED: at('/backups'),
  RESTORE_PROOF_FAILED: at('/backups'),
  DATA_GATE_FAILED: at('/quality'),
  VALUATION_FAILED: at('/quality'),
  KILL_SWITCH_ENGAGED: ofAccount('/kill-switch'),
  // The day says what it still waits for, and leads to the form that says it again.
  MESSAGE_REFUSED: ofAccount('/today'),
  SIGNATURE_REFUSED: at('/audit'),
  BOOKS_BROKEN: at('/audit'),
  ALERT_UNDELIVERED: at(ALERTS),
  ALERT_TEST: at(ALERTS),
};

/**
 * The page of the desk on which an alert is dealt with: a path, below wherever the desk stands, that names what is
 * looked at and lets nobody in. An alert of a code that this version does not know is found among the others.
 */
export const pageOfAlert = (alert: Located): string =>
  Object.hasOwn(ALERT_CODES, alert.code) ? PAGES[alert.code as AlertCode](alert) : ALERTS;
