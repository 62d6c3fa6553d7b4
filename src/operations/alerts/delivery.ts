import type { Knex } from 'knex';
import {
  FILE_SINK,
  storedNotices,
  type Delivery,
  type NoticeKey,
  type StoredNotice,
} from '../../db/alert-deliveries.js';
import { isAtLeast, severityOf } from '../../domain/alerts/codes.js';
import { usageError } from '../../domain/errors.js';
import { exposureOf, type Exposure } from '../../domain/exposure.js';
import { alertsOf, mailboxesOf, type AlertsPolicy } from '../../domain/policy/alerts.js';
import type { Installation } from '../installation.js';
import { REMINDED } from './raise-data.js';
import { areFilesBroken, configurationInForce } from '../runs/configuration-in-force.js';

/*
 * What the steps of a delivery share. Alerts are raised by storing them and nothing else; deliveries look for what is
 * stored and not delivered, so none is on the path of a day, and none is lost with the process that raised it.
 */

export interface SinkOfNotice extends NoticeKey {
  sink: string;
}

/** What a delivery works on: the installation's policy as it is edited, and its clock. */
export type Post = Pick<Installation, 'db' | 'configDir' | 'now'>;

/** What the policy says of alerts, and of where a reader of them finds the desk. */
export interface Addressed {
  alerts: AlertsPolicy;
  /** Null where other machines do not reach it: this machine's own name leads nowhere on a telephone. */
  desk: Exposure | null;
}

/** The policy as it is edited: who mends a sink means the alerts that wait. A broken file must not silence them. */
export async function addressedNow(place: Pick<Installation, 'db' | 'configDir'>): Promise<Addressed> {
  try {
    const { policy } = await configurationInForce(place);
    return { alerts: alertsOf(policy), desk: exposureOf(policy.desk?.public_url ?? '') };
  } catch (error) {
    if (areFilesBroken(error)) return { alerts: alertsOf({}), desk: null };
    throw error;
  }
}

/** What it says of alerts alone. */
export const policyInForce = async (place: Pick<Installation, 'db' | 'configDir'>): Promise<AlertsPolicy> =>
  (await addressedNow(place)).alerts;

/** The notice with all that is stored of it. @throws OpsError UNKNOWN_ID */
export async function storedNotice(db: Knex, key: NoticeKey): Promise<StoredNotice> {
  const [stored] = await storedNotices(db, [key]);
  if (!stored)
    throw usageError('UNKNOWN_ID', `alert: ${key.alertId}: is not stored in the database`, {
      remedy: 'trading-ops alerts-last',
    });
  return stored;
}

/** An alert goes to every sink that wants its severity; its recovery to those that got it before. */
export function sinksFor({ notice, alert, deliveries, recovery }: StoredNotice, alerts: AlertsPolicy): string[] {
  const severity = severityOf(alert.code);
  const isTest = alert.code === 'ALERT_TEST';
  const wanting = alerts.sinks
    .filter((sink) => isTest || isAtLeast(severity, sink.min_severity))
    .flatMap(mailboxesOf)
    .map(({ name }) => name)
    .filter((name) => !(alert.code === 'ALERT_UNDELIVERED' && alert.subject === name));
  if (notice === 'ALERT') return wanting;
  const got = deliveries.filter(
    ({ notice: told, kind, at }) =>
      told === 'ALERT' && kind === 'SENT' && recovery !== null && at <= recovery.recordedAt,
  );
  return isTest || recovery?.note === REMINDED ? [] : wanting.filter((name) => got.some(({ sink }) => sink === name));
}

/** Whether it was decided by which sinks the notice goes. */
export const isTakenOn = (deliveries: Delivery[], { notice }: NoticeKey): boolean =>
  deliveries.some((known) => known.notice === notice && known.sink === FILE_SINK && known.kind === 'SENT');

/** Sinks that the notice was planned for and that neither took it nor were given up. */
export function unfinished(deliveries: Delivery[], { notice }: NoticeKey): string[] {
  const of = deliveries.filter((known) => known.notice === notice);
  const ended = new Set(of.filter(({ kind }) => kind === 'SENT' || kind === 'GAVE_UP').map(({ sink }) => sink));
  return of.filter(({ kind, sink }) => kind === 'PLANNED' && !ended.has(sink)).map(({ sink }) => sink);
}
