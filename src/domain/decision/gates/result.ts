import type { GateName, GateResult, Reason } from '../../types.js';

type Evidence = GateResult['evidence'];

/** One reason of a gate: its code, what it is about (null: the day as a whole), and the figures it was decided on. */
export const reason = (code: string, subject: string | null, message: string, evidence: Evidence = {}): Reason => ({
  code,
  subject,
  message,
  evidence,
});

/** The gate lets the day pass; the evidence says what was looked at. */
export const pass = (gate: GateName, evidence: Evidence): GateResult => ({
  gate,
  status: 'PASS',
  reasons: [],
  evidence,
});

/** The gate stops the day, for at least one reason. */
export const fail = (gate: GateName, reasons: Reason[], evidence: Evidence): GateResult => ({
  gate,
  status: 'FAIL',
  reasons,
  evidence,
});

/** Passes without reasons, fails with them. */
export const judged = (gate: GateName, reasons: Reason[], evidence: Evidence): GateResult =>
  reasons.length === 0 ? pass(gate, evidence) : fail(gate, reasons, evidence);
