import { randomUUID } from 'node:crypto';
import type { Instant, IsoDate } from '../domain/types.js';
import type { Db } from './connect.js';
import { ask, instantOf, question, type Question } from './questions.js';
import { lockUntilCommit } from './transaction.js';

/** What is told of an alert when it is raised. */
export interface NewAlert {
  alertId: string;
  account: string | null;
  tradingDay: IsoDate | null;
  code: string;
  subject: string;
  message: string;
  remedy: string;
  at: Instant;
  evidence: object;
}

/** The alerts of one condition, one after another: each is raised after the one before it recovered. */
export interface AlertSeries {
  account: string | null;
  code: string;
  subject: string;
}

export type AlertState = 'OPEN' | 'ACKNOWLEDGED' | 'RECOVERED';

export interface StoredAlert extends Omit<NewAlert, 'at'> {
  raisedAt: Instant;
  state: AlertState;
}

const OF_SERIES = `alert.code = :code and alert.subject = :subject and alert.account is not distinct from :account`;
const HAS = (kind: string) =>
  `exists (select from alert_events event where event.alert_id = alert.alert_id and event.kind = '${kind}')`;

/**
 * Stores the alert with its audit record, in one statement, unless the one before it in its series still lasts or it is
 * stored already. What else has its id or its key, which can be foreseen, keeps it from nothing: then it has others.
 * @returns the alert that says it, and whether it was stored now.
 */
export async function insertAlert(db: Db, alert: NewAlert): Promise<{ alertId: string; isNew: boolean }> {
  const { alertId } = alert;
  if (await store(db, alert, null)) return { alertId, isNew: true };
  const told = await saidAlready(db, alert);
  if (told !== null) return { alertId: told, isNew: false };
  // The one who comes second sees what the first has stored under a key that no second one is refused by.
  const { account, code, subject } = alert;
  await lockUntilCommit(db, `alert:${[account ?? '*', code, subject].join('/')}`);
  const meanwhile = await saidAlready(db, alert);
  if (meanwhile !== null) return { alertId: meanwhile, isNew: false };
  const another = randomUUID();
  await store(db, { ...alert, alertId: another }, another);
  return { alertId: another, isNew: true };
}

/** @param mark ends a key that nobody can foresee; null for the plain one. @returns whether it was stored. */
async function store(db: Db, alert: NewAlert, mark: string | null): Promise<boolean> {
  const { alertId, message } = alert;
  const { rows } = await db.raw<{ rows: unknown[] }>(
    `
    with raised as (
      insert into alerts (alert_id, account, trading_day, code, subject, message, remedy, evidence, raised_at, dedupe_key)
      select :alertId, :account, :tradingDay, :code, :subject, :message, :remedy, cast(:evidence as jsonb), :at,
        concat_ws('/', coalesce(:account, '*'), cast(:code as text), cast(:subject as text), (
          select count(*) from alerts alert where ${OF_SERIES} and ${HAS('RECOVERED')}), cast(:mark as text))
      ${mark === null ? 'on conflict do nothing ' : ''}returning account, code, raised_at)
    insert into audit_log (at, account, actor, action, subject, detail)
    select raised_at, account, 'system', 'alert.raised', code, cast(:detail as jsonb) from raised returning seq`,
    { ...alert, mark, evidence: JSON.stringify(alert.evidence), detail: JSON.stringify({ alertId, message }) },
  );
  return rows.length > 0;
}

/**
 * The alert that makes this one needless: the one of its series that lasts, else the very same one, word for word and
 * of the same instant, for a retry says nothing twice though it recovered meanwhile.
 */
async function saidAlready(db: Db, alert: NewAlert): Promise<string | null> {
  const { rows } = await db.raw<{ rows: { alert_id: string }[] }>(
    `select alert_id from alerts alert where ${OF_SERIES} and (not ${HAS('RECOVERED')}
        or (raised_at = :at and message = :message and evidence = cast(:evidence as jsonb)
          and trading_day is not distinct from :tradingDay))
      order by ${HAS('RECOVERED')}, seq desc limit 1`,
    { ...alert, evidence: JSON.stringify(alert.evidence) },
  );
  return rows[0]?.alert_id ?? null;
}

/** Alerts of a code that did not recover, acknowledged or not, oldest first. */
export async function standingAlerts(
  db: Db,
  of: Omit<AlertSeries, 'subject'>,
): Promise<{ subject: string; raisedAt: Instant }[]> {
  const { rows } = await db.raw<{ rows: { subject: string; raisedAt: Instant }[] }>(
    `select subject, raised_at as "raisedAt" from alerts alert
      where code = :code and account is not distinct from :account and not ${HAS('RECOVERED')} order by seq`,
    { ...of },
  );
  return rows;
}

/** Records that the alerts of a series recovered, where they had not. @returns their ids: none or one. */
export async function recordRecovery(db: Db, series: AlertSeries, note: string, at: Instant): Promise<string[]> {
  return recover(db, OF_SERIES, { ...series }, note, at);
}

/** The same for every subject of these codes on one account's day. */
export async function recordRecoveryOfDay(
  db: Db,
  day: { account: string; tradingDay: IsoDate; codes: readonly string[] },
  note: string,
  at: Instant,
): Promise<string[]> {
  return recover(
    db,
    'alert.account = :account and alert.trading_day = :tradingDay and alert.code = any(:codes)',
    { ...day, codes: [...day.codes] },
    note,
    at,
  );
}

/**
 * The same for the data-quality alerts of days whose prices passed after all, or that a later day's good prices left
 * behind. Looked for beside the run, for the run has no time for it. Its instant is that of the run that passed.
 */
export async function recordDataRecovery(db: Db): Promise<{ alertId: string; at: Instant }[]> {
  const { rows } = await db.raw<{ rows: { alertId: string; at: Instant }[] }>(`
    insert into alert_events (event_key, alert_id, kind, note, at)
    select distinct on (alert.alert_id) alert.alert_id || '/RECOVERED', alert.alert_id, 'RECOVERED', 'The prices of ' || passed.as_of_date || ' are complete and sound.', run.at
      from alerts alert join gate_results passed on passed.gate = 'data_quality' and passed.status = 'PASS' and passed.trading_day >= alert.trading_day and passed.seq > alert.seq
      join runs run on run.run_id = passed.run_id
     where alert.code = 'DATA_GATE_FAILED' and not ${HAS('RECOVERED')} order by alert.alert_id, passed.seq
    on conflict do nothing returning alert_id as "alertId", at`);
  return rows;
}

/** The same for every subject of a code on these accounts. */
export const recordRecoveryOfAccounts = (
  db: Db,
  of: { accounts: readonly string[]; code: string },
  note: string,
  at: Instant,
): Promise<string[]> =>
  recover(
    db,
    'alert.account = any(:accounts) and alert.code = :code',
    { accounts: [...of.accounts], code: of.code },
    note,
    at,
  );

async function recover(
  db: Db,
  which: string,
  values: Record<string, string | string[] | null>,
  note: string,
  at: Instant,
): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { alert_id: string }[] }>(
    `
    insert into alert_events (event_key, alert_id, kind, note, at)
    select alert.alert_id || '/RECOVERED', alert.alert_id, 'RECOVERED', :note, :at from alerts alert where ${which} and not ${HAS('RECOVERED')}
    on conflict do nothing returning alert_id`,
    { ...values, note, at } as Record<string, string>,
  );
  return rows.map((row) => row.alert_id);
}

/** Records who has seen the alert, and why it may rest; the first time stands. @returns whether it was recorded now. */
export async function recordAcknowledgement(
  db: Db,
  { alertId, operator, reason, at }: { alertId: string; operator: string; reason: string; at: Instant },
): Promise<boolean> {
  const rows = await db('alert_events')
    .insert({
      event_key: `${alertId}/ACKNOWLEDGED`,
      alert_id: alertId,
      kind: 'ACKNOWLEDGED',
      operator,
      note: reason,
      at,
    })
    .onConflict('event_key')
    .ignore()
    .returning('event_key');
  return rows.length > 0;
}

interface Wanted {
  /** Alerts of this account, and those of the installation; left out: all. */
  account?: string;
  state?: AlertState;
  /** These alone. */
  alertIds?: readonly string[];
  limit?: number;
}

/** Alerts with what became of them, newest first. */
export const listAlerts = (db: Db, wanted: Wanted = {}): Promise<StoredAlert[]> => ask(db, alertsQuestion(db, wanted));

/** The same as a question. */
export function alertsQuestion(
  db: Db,
  { account, state, alertIds, limit = 1_000 }: Wanted = {},
): Question<StoredAlert[]> {
  const query = db.raw(
    `
    select * from (
      select alert_id as "alertId", account, trading_day as "tradingDay", code, subject, message, remedy, evidence, raised_at as "raisedAt",
        case when ${HAS('RECOVERED')} then 'RECOVERED' when ${HAS('ACKNOWLEDGED')} then 'ACKNOWLEDGED' else 'OPEN' end as state, seq
      from alerts alert where (cast(:account as text) is null or account is null or account = :account)
        and (cast(:alertIds as uuid[]) is null or alert_id = any(:alertIds))) known
    where cast(:state as text) is null or state = :state order by seq desc limit :limit`,
    {
      account: account ?? null,
      state: state ?? null,
      alertIds: alertIds ?? null,
      limit,
    } as never,
  );
  return question<StoredAlert[]>(query, (rows: (StoredAlert & { seq: number })[]) =>
    rows.map(({ seq: _seq, raisedAt, ...alert }) => ({ ...alert, raisedAt: instantOf(raisedAt) })),
  );
}

/** Alerts that were raised and neither recovered nor acknowledged, newest first. */
export const openAlerts = (db: Db, account?: string): Promise<StoredAlert[]> =>
  listAlerts(db, { state: 'OPEN', ...(account !== undefined && { account }) });

/** How many alerts wait for somebody. */
export async function countOpenAlerts(db: Db): Promise<number> {
  const { rows } = await db.raw<{ rows: { open: number }[] }>(
    `select count(*)::int as open from alerts alert where not ${HAS('RECOVERED')} and not ${HAS('ACKNOWLEDGED')}`,
  );
  return rows[0]?.open ?? 0;
}

/** The same by code, that of the newest first. */
export async function openAlertCodes(db: Db): Promise<{ code: string; open: number }[]> {
  const { rows } = await db.raw<{ rows: { code: string; open: number }[] }>(
    `select code, count(*)::int as open from alerts alert
      where not ${HAS('RECOVERED')} and not ${HAS('ACKNOWLEDGED')} group by code order by max(seq) desc`,
  );
  return rows;
}

/** Whether it is said that broken books are well again, within the last day of the database's own clock. */
export const booksEndedLately = (db: Db): Question<boolean> =>
  question<boolean>(
    db.raw(
      `select from alert_events event join alerts using (alert_id)
        where event.kind = 'RECOVERED' and code = 'BOOKS_BROKEN'
          and event.recorded_at > now() - interval '1 day' limit 1`,
    ),
    (rows: object[]) => rows.length > 0,
  );

/** What the newest `BOOKS_BROKEN` that has not recovered says is broken, as a question; null when there is none. */
export const brokenBooksQuestion = (db: Db): Question<string[] | null> =>
  question<string[] | null>(
    db.raw(
      `select evidence -> 'broken' as broken from alerts alert
        where code = 'BOOKS_BROKEN' and not ${HAS('RECOVERED')} order by seq desc limit 1`,
    ),
    ([row]: { broken: string[] | null }[]) => (row ? (row.broken ?? []) : null),
  );
