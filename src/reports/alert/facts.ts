import type { Instant, IsoDate } from '../../domain/types.js';
import type { Db } from '../../db/connect.js';
import { rows } from '../facts-query.js';

/** Everything an alert's file says. */
export interface AlertFacts {
  alertId: string;
  account: string | null;
  tradingDay: IsoDate | null;
  code: string;
  subject: string;
  message: string;
  remedy: string;
  evidence: object;
  raisedAt: Instant;
}

export const loadAlertFacts = async (db: Db, alertId: string): Promise<AlertFacts | undefined> =>
  (
    await rows<AlertFacts>(
      db,
      `
  select alert_id as "alertId", account, trading_day as "tradingDay", code, subject, message, remedy, evidence, raised_at as "raisedAt" from alerts where alert_id = ?`,
      [alertId],
    )
  )[0];
