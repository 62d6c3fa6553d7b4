/** How much it matters: sinks may leave out what is below their minimum. */
export const SEVERITIES = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

interface AlertKind {
  severity: Severity;
  /** What it means, in one sentence; docs/INCIDENTS.md has a page of each. */
  meaning: string;
}

/** Every alert that can be raised. A code belongs here, in docs/INCIDENTS.md, and in a test that raises it for real. */
export const ALERT_CODES = {
  CONFIRMATION_DUE: { severity: 'warning', meaning: 'a ticket waits for its confirmation, and the reminder was due' },
  RUN_LATE: { severity: 'warning', meaning: 'a run should have begun and has not, or began late' },
  RUN_MISSED: { severity: 'critical', meaning: 'a run never came to a result, and its window is over' },
  RUN_STOPPED: { severity: 'critical', meaning: 'a run began and will not come to a result by itself' },
  SCHEDULE_MISSING: { severity: 'critical', meaning: 'a schedule that the policy wants is not registered, and starts nothing' },
  SCHEDULE_PAUSED: { severity: 'warning', meaning: 'a schedule is paused, and starts nothing' },
  CONFIRMATION_OVERDUE: { severity: 'critical', meaning: 'a ticket still waits for its confirmation at the escalation' },
  BACKUP_FAILED: { severity: 'critical', meaning: 'a backup of the database could not be made' },
  BACKUP_COPY_FAILED: { severity: 'critical', meaning: 'a backup could not be copied to its second place' },
  BACKUP_STALE: { severity: 'critical', meaning: 'the newest whole backup is older than the policy allows' },
  BACKUP_DAMAGED: { severity: 'critical', meaning: 'a backup was cut short or altered' },
  CONFIRMATION_LOST: { severity: 'critical', meaning: 'a confirmation is there whose ticket a restore of Postgres has lost' },
  TICKET_TRADE: { severity: 'info', meaning: 'a ticket says TRADE: a human executes it within its window' },
  DATA_GATE_FAILED: { severity: 'warning', meaning: 'the prices of the 08:00 run are not good enough to decide on' },
  KILL_SWITCH_ENGAGED: { severity: 'critical', meaning: 'the kill switch is engaged: nothing is traded until a human resets it' },
  MESSAGE_REFUSED: { severity: 'warning', meaning: 'a snapshot or an answer that was left while no worker was up did not pass, and its sender has gone' },
  ALERT_UNDELIVERED: { severity: 'critical', meaning: 'a sink did not take an alert and was given up' },
  ALERT_TEST: { severity: 'info', meaning: 'somebody tests whether alerts arrive' },
  RESTORE_PROOF_FAILED: { severity: 'critical', meaning: 'a backup was restored, and what came out is not what was backed up' },
} as const satisfies Record<string, AlertKind>;

export type AlertCode = keyof typeof ALERT_CODES;

/** The severity of a stored code; one that this version does not know any more is a warning. */
export const severityOf = (code: string): Severity =>
  (Object.hasOwn(ALERT_CODES, code) ? ALERT_CODES[code as AlertCode].severity : 'warning');

/** Whether a severity reaches a minimum. */
export const isAtLeast = (severity: Severity, minimum: Severity): boolean => SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(minimum);
