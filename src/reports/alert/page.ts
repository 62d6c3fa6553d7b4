import type { AlertFacts } from './facts.js';
import { severityOf } from '../../domain/alerts/codes.js';

/** An alert for machines and for whoever looks into the folder. */
export const alertJson = (alert: AlertFacts): object => ({
  schema: 1,
  alert_id: alert.alertId,
  account: alert.account,
  trading_day: alert.tradingDay,
  code: alert.code,
  severity: severityOf(alert.code),
  subject: alert.subject,
  message: alert.message,
  remedy: alert.remedy,
  raised_at: alert.raisedAt,
  evidence: alert.evidence,
});
