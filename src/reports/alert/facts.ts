import { listAlerts, type StoredAlert } from '../../db/alerts.js';
import type { Db } from '../../db/connect.js';

/** Everything an alert's file says. */
export type AlertFacts = Omit<StoredAlert, 'state'>;

/** What an alert's file says; undefined for an unknown one. */
export const loadAlertFacts = async (db: Db, alertId: string): Promise<AlertFacts | undefined> =>
  (await listAlerts(db, { alertIds: [alertId] }))[0];
