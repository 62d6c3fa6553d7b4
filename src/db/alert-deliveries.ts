import type { Instant } from '../domain/types.js';
import { alertsQuestion, type StoredAlert } from './alerts.js';
import type { Db } from './connect.js';
import { ask, askTogether, instantOf, question, type Question } from './questions.js';

/** The alert itself, or the quiet notice that it recovered. */
export type NoticeKind = 'ALERT' | 'RECOVERY';

export interface NoticeKey {
  alertId: string;
  notice: NoticeKind;
}

export interface Delivery extends NoticeKey {
  sink: string;
  kind: 'PLANNED' | 'SENT' | 'FAILED' | 'GAVE_UP';
  attempt: number | null;
  note: string;
  at: Instant;
}

/**
 * The sink that every notice has: the file, or for a recovery the record of it. Its SENT says that the notice was taken
 * on.
 */
export const FILE_SINK = 'file';
/** More at once than this wait for the next look; a flood must not fill the worker. */
const TAKEN_ON_MAX = 200;
/**
 * The look happens every few seconds, so it must not cost more with every alert there ever was. A sink is given up
 * after 30 days at most.
 */
const RECENT = (table: string): string => `${table}.recorded_at > now() - interval '45 days'`;

/**
 * Notices that were not taken on, or that a sink of theirs neither took nor was given up: whoever was stopped in the
 * middle left them. Those of the last 45 days, oldest first.
 */
export async function undelivered(db: Db): Promise<NoticeKey[]> {
  const { rows } = await db.raw<{ rows: NoticeKey[] }>(`
    with wanted as (
      select alert_id, 'ALERT' as notice, seq from alerts where ${RECENT('alerts')}
      union all select alert_id, 'RECOVERY', seq from alert_events where kind = 'RECOVERED' and ${RECENT('alert_events')}),
    left_over as (
      select wanted.alert_id, wanted.notice, wanted.seq from wanted
        left join alert_events taken on taken.alert_id = wanted.alert_id and taken.notice = wanted.notice and taken.sink = '${FILE_SINK}' and taken.kind = 'SENT'
       where taken.alert_id is null
      union select planned.alert_id, planned.notice, planned.seq from alert_events planned
        left join alert_events done on done.alert_id = planned.alert_id and done.notice = planned.notice and done.sink = planned.sink and done.kind in ('SENT', 'GAVE_UP')
       where planned.kind = 'PLANNED' and done.alert_id is null and ${RECENT('planned')})
    select alert_id as "alertId", notice from left_over group by alert_id, notice order by min(seq) limit ${TAKEN_ON_MAX}`);
  return rows;
}

/** By which sinks a notice shall go: none besides its file, for a notice that nobody wants. */
export interface Plan extends NoticeKey {
  sinks: readonly string[];
}

/** Records once of each notice that it is taken on, and by which sinks it shall go; what was recorded first stands. */
export async function recordPlans(db: Db, plans: readonly Plan[], at: Instant): Promise<void> {
  if (plans.length === 0) return;
  const row = ({ alertId, notice }: NoticeKey, sink: string, kind: Delivery['kind'], note: string) => ({
    event_key: [alertId, notice, sink, kind].join('/'),
    alert_id: alertId,
    kind,
    notice,
    sink,
    note,
    at,
  });
  await db('alert_events')
    .insert(
      plans.flatMap((plan) => [
        row(plan, FILE_SINK, 'SENT', plan.notice === 'ALERT' ? 'written' : 'recorded'),
        ...plan.sinks.map((sink) => row(plan, sink, 'PLANNED', 'to be sent')),
      ]),
    )
    .onConflict('event_key')
    .ignore();
}

/** Records one attempt or the end of a delivery; the end once, an attempt once for each `attemptKey`. */
export async function recordDelivery(db: Db, delivery: Delivery, attemptKey: string): Promise<void> {
  const { alertId, notice, sink, kind, attempt, note, at } = delivery;
  const key = [alertId, notice, sink, kind, ...(kind === 'FAILED' ? [attemptKey] : [])].join('/');
  await db('alert_events')
    .insert({ event_key: key, alert_id: alertId, kind, notice, sink, attempt, note, at })
    .onConflict('event_key')
    .ignore();
}

/** Everything recorded of the deliveries of these alerts, in the order it happened. */
export const deliveriesOf = (db: Db, alertIds: readonly string[]): Promise<Delivery[]> =>
  ask(db, deliveriesQuestion(db, alertIds));

const deliveriesQuestion = (db: Db, alertIds: readonly string[]): Question<Delivery[]> =>
  question<Delivery[]>(
    db('alert_events').whereIn('alert_id', alertIds).whereNotNull('sink').orderBy('seq').select({
      alertId: 'alert_id',
      notice: 'notice',
      sink: 'sink',
      kind: 'kind',
      attempt: 'attempt',
      note: 'note',
      at: 'at',
    }),
    (rows: Delivery[]) => rows.map((row) => ({ ...row, at: instantOf(row.at) })),
  );

/** How an alert recovered. */
export interface RecoveryRecord {
  alertId: string;
  at: Instant;
  note: string;
  recordedAt: Instant;
}

const recoveriesQuestion = (db: Db, alertIds: readonly string[]): Question<RecoveryRecord[]> =>
  question<RecoveryRecord[]>(
    db('alert_events')
      .whereIn('alert_id', alertIds)
      .where({ kind: 'RECOVERED' })
      .select({ alertId: 'alert_id', at: 'at', note: 'note', recordedAt: 'recorded_at' }),
    (rows: RecoveryRecord[]) =>
      rows.map((row) => ({ ...row, at: instantOf(row.at), recordedAt: instantOf(row.recordedAt) })),
  );

/** A notice with all that is stored of it. */
export interface StoredNotice extends NoticeKey {
  alert: StoredAlert;
  /** Of its alert: those of the other kind of notice, too. */
  deliveries: Delivery[];
  /** Null while the alert lasts. */
  recovery: RecoveryRecord | null;
}

/** These notices, in their order, all of them in one statement; those of alerts that are not stored are left out. */
export async function storedNotices(db: Db, keys: readonly NoticeKey[]): Promise<StoredNotice[]> {
  const ids = [...new Set(keys.map(({ alertId }) => alertId))];
  const [alerts, deliveries, recoveries] = await askTogether(
    db,
    alertsQuestion(db, { alertIds: ids }),
    deliveriesQuestion(db, ids),
    recoveriesQuestion(db, ids),
  );
  const alertOf = new Map(alerts.map((alert) => [alert.alertId, alert]));
  const recoveryOf = new Map(recoveries.map((recovery) => [recovery.alertId, recovery]));
  const deliveriesOfAlert = new Map<string, Delivery[]>(ids.map((alertId) => [alertId, []]));
  for (const delivery of deliveries) deliveriesOfAlert.get(delivery.alertId)?.push(delivery);
  return keys.flatMap(({ alertId, notice }) => {
    const alert = alertOf.get(alertId);
    const known = { deliveries: deliveriesOfAlert.get(alertId) ?? [], recovery: recoveryOf.get(alertId) ?? null };
    return alert === undefined ? [] : [{ alertId, notice, alert, ...known }];
  });
}

/**
 * Deliveries that were planned before an instant and neither came through nor were given up, and those given up since
 * another. For doctor.
 */
export async function troubledDeliveries(
  db: Db,
  { plannedBefore, gaveUpSince }: { plannedBefore: Instant; gaveUpSince: Instant },
): Promise<{ sink: string; waiting: number; gaveUp: number }[]> {
  const { rows } = await db.raw<{ rows: { sink: string; waiting: number; gaveUp: number }[] }>(
    `
    select planned.sink, count(*) filter (where done.kind is null) as waiting, count(*) filter (where done.kind = 'GAVE_UP' and done.at >= :gaveUpSince) as "gaveUp"
      from alert_events planned
      left join alert_events done on done.alert_id = planned.alert_id and done.notice = planned.notice and done.sink = planned.sink and done.kind in ('SENT', 'GAVE_UP')
     where planned.kind = 'PLANNED' and planned.at < :plannedBefore
     group by planned.sink having count(*) filter (where done.kind is null or (done.kind = 'GAVE_UP' and done.at >= :gaveUpSince)) > 0 order by planned.sink`,
    { plannedBefore, gaveUpSince },
  );
  return rows;
}
