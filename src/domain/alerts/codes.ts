/** How much it matters: sinks may leave out what is below their minimum. */
export const SEVERITIES = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

interface AlertKind {
  severity: Severity;
}

/**
 * Every alert that can be raised. A code belongs here, in reports/catalogue/alerts.ts (what it means), and in a test
 * that raises it for real.
 */
export const ALERT_CODES = {
  CONFIRMATION_DUE: { severity: 'warning' },
  RUN_LATE: { severity: 'warning' },
  RUN_MISSED: { severity: 'critical' },
  RUN_STOPPED: { severity: 'critical' },
  SCHEDULE_MISSING: { severity: 'critical' },
  SCHEDULE_PAUSED: { severity: 'warning' },
  CONFIRMATION_OVERDUE: { severity: 'critical' },
  BACKUP_FAILED: { severity: 'critical' },
  BACKUP_COPY_FAILED: { severity: 'critical' },
  BACKUP_STALE: { severity: 'critical' },
  BACKUP_DAMAGED: { severity: 'critical' },
  CONFIRMATION_LOST: { severity: 'critical' },
  TICKET_TRADE: { severity: 'info' },
  CONFIRMATION_RECEIPT: { severity: 'info' },
  TICKET_DEVIATION: { severity: 'warning' },
  DATA_GATE_FAILED: { severity: 'warning' },
  VALUATION_FAILED: { severity: 'critical' },
  KILL_SWITCH_ENGAGED: { severity: 'critical' },
  MESSAGE_REFUSED: { severity: 'warning' },
  SIGNATURE_REFUSED: { severity: 'critical' },
  ALERT_UNDELIVERED: { severity: 'critical' },
  ALERT_TEST: { severity: 'info' },
  BOOKS_BROKEN: { severity: 'critical' },
  RESTORE_PROOF_FAILED: { severity: 'critical' },
} as const satisfies Record<string, AlertKind>;

export type AlertCode = keyof typeof ALERT_CODES;

/** The severity of a stored code; one that this version does not know any more is a warning. */
export const severityOf = (code: string): Severity =>
  Object.hasOwn(ALERT_CODES, code) ? ALERT_CODES[code as AlertCode].severity : 'warning';

/** Whether a severity reaches a minimum. */
export const isAtLeast = (severity: Severity, minimum: Severity): boolean =>
  SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(minimum);
