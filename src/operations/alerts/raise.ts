import type { Knex } from 'knex';
import { v5 as uuidv5 } from 'uuid';
import { findAccount } from '../../db/accounts.js';
import { insertAlert, recordDataRecovery, recordRecovery, recordRecoveryOfDay } from '../../db/alerts.js';
import { appendAudit } from '../../db/audit.js';
import type { Db } from '../../db/connect.js';
import { inTransaction } from '../../db/transaction.js';
import type { Alert } from '../../contract/alerts.js';
import type { AlertCode } from '../../domain/alerts/codes.js';
import { escaped } from '../../domain/text.js';
import type { Instant, IsoDate } from '../../domain/types.js';

const ALERT_NAMESPACE = '3d0d4a0e-6a0b-4f4e-9f53-6f0d1f3f7a51';

export interface Recovery {
  account: string | null;
  code: AlertCode;
  subject: string;
  /** What is well again, in one sentence. */
  message: string;
  at: Instant;
}

/**
 * Raises an alert once while its condition lasts: the same code, account and subject again is the same alert until it
 * recovered. A retry with the same instant is never a second one, also after a recovery. Joins a transaction that is
 * under way, where it is one statement when the alert is new.
 */
export function raiseAlert(db: Db, alert: Alert): Promise<{ alertId: string; isNew: boolean }> {
  const { account, code, subject, at } = alert;
  const alertId = uuidv5([account ?? '*', code, subject, at].join('/'), ALERT_NAMESPACE);
  const remedy = `docs/INCIDENTS.md, ${code}`;
  return within(db, (trx) => insertAlert(trx, { ...alert, alertId, remedy, evidence: alert.evidence ?? {} }));
}

/** The alert as it can be stored: one about an account that is not open here concerns the whole installation. */
export async function aboutWhatIsStored(db: Db, alert: Alert): Promise<Alert> {
  if (alert.account === null || (await findAccount(db, alert.account)) !== undefined) return alert;
  return {
    ...alert,
    account: null,
    message: `Account ${escaped(alert.account)}, which is not open here: ${alert.message}`,
  };
}

/** Records that the condition of an alert is over; nothing when there was none. Those who got the alert are told quietly. */
export function recoverAlert(db: Db, recovery: Recovery): Promise<{ recovered: string[] }> {
  return within(db, async (trx) =>
    audited(trx, recovery, await recordRecovery(trx, recovery, recovery.message, recovery.at)),
  );
}

/** The same for every alert of these codes on one account's day, whatever its subject. */
export function recoverAlertsOfDay(
  db: Db,
  day: { account: string; tradingDay: IsoDate; codes: readonly AlertCode[]; message: string; at: Instant },
): Promise<{ recovered: string[] }> {
  return within(db, async (trx) =>
    audited(trx, { ...day, code: day.codes.join(', ') }, await recordRecoveryOfDay(trx, day, day.message, day.at)),
  );
}

/** Ends the data-quality alerts whose prices came after all. */
export function recoverDataAlerts(db: Db): Promise<void> {
  return within(db, async (trx) => {
    for (const { alertId, at } of await recordDataRecovery(trx)) {
      await audited(trx, { account: null, code: 'DATA_GATE_FAILED', message: 'The prices passed.', at }, [alertId]);
    }
  });
}

async function audited(
  trx: Db,
  { account, code, message, at }: { account: string | null; code: string; message: string; at: Instant },
  recovered: string[],
): Promise<{ recovered: string[] }> {
  if (recovered.length > 0)
    await appendAudit(trx, {
      at,
      account,
      actor: 'system',
      action: 'alert.recovered',
      subject: code,
      detail: { alerts: recovered, message },
    });
  return { recovered };
}

const within = <T>(db: Db, work: (trx: Db) => Promise<T>): Promise<T> =>
  db.isTransaction ? work(db) : inTransaction(db as Knex, work);

/** A kill switch that was engaged now. */
export interface Engaged {
  account: string;
  reason: string;
  /** The system or a human, in words. */
  by: string;
  at: Instant;
  tradingDay: IsoDate | null;
}

/**
 * The kill switch's alert: engaged by the system or by a human, whoever else trades here must know. Each reset ends it,
 * so that one which stands is of no turn: it ends, and this one is told.
 */
export async function raiseKillSwitchAlert(trx: Db, { account, reason, by, at, tradingDay }: Engaged): Promise<void> {
  const series = { account, code: 'KILL_SWITCH_ENGAGED', subject: account, at } as const;
  await recoverAlert(trx, { ...series, message: 'It was of no turn of the kill switch, which is engaged only now.' });
  const message = `The kill switch of ${account} was engaged by ${by}: ${reason}`;
  await raiseAlert(trx, { ...series, tradingDay, message });
}
