import type { Db } from './connect.js';
import { ask, instantOf, question, withInstants, type Question } from './questions.js';
import type { Row } from './tables.js';
import { storedCodes } from '../domain/decision/stored-decision.js';
import type { StoredDay } from '../domain/day/state.js';
import type { Instant, IsoDate } from '../domain/types.js';

interface DayKey {
  account: string;
  tradingDay: IsoDate;
}

/** What is stored of a day, whatever Temporal remembers. */
export const recallDay = (db: Db, day: DayKey): Promise<StoredDay> => ask(db, dayQuestion(db, day));

const STORED_DAY = `
  select
    (select at from day_events
      where account = :account and trading_day = :tradingDay and event = 'OPENED') as "openedAt",
    (select at from day_events
      where account = :account and trading_day = :tradingDay and event = 'CLOSED') as "closedAt",
    (select jsonb_build_object('id', reconciliation_id, 'status', status, 'at', at, 'reasons', reasons)
       from reconciliations where account = :account and trading_day = :tradingDay
      order by seq desc limit 1) as reconciliation,
    (select jsonb_build_object('ticketId', t.ticket_id, 'kind', t.kind, 'dryRun', t.dry_run, 'reasons', t.reasons,
        'issuedAt', t.issued_at, 'windowClosesAt', t.window_closes_at, 'confirmation', (
          select jsonb_build_object('confirmationId', c.confirmation_id, 'operator', c.operator, 'at', c.confirmed_at)
            from confirmations c where c.ticket_id = t.ticket_id order by c.seq desc limit 1))
      from live_tickets t where t.account = :account and t.trading_day = :tradingDay) as ticket`;

/** As the statement gives it: reasons in place of their codes, and instants as JSON spells them. */
interface StoredDayRow {
  openedAt: string | null;
  closedAt: string | null;
  reconciliation: (Omit<NonNullable<StoredDay['reconciliation']>, 'codes'> & { id: string; reasons: unknown }) | null;
  ticket:
    | (Omit<NonNullable<StoredDay['ticket']>, 'codes'> & {
        reasons: unknown;
        confirmation: StoredDay['confirmation'];
      })
    | null;
}

/** The same as a question. */
export const dayQuestion = (db: Db, { account, tradingDay }: DayKey): Question<StoredDay> =>
  question<StoredDay>(db.raw(STORED_DAY, { account, tradingDay }), ([row]: StoredDayRow[]) =>
    storedDay(row as StoredDayRow),
  );

function storedDay({ openedAt, closedAt, reconciliation, ticket }: StoredDayRow): StoredDay {
  const confirmation = ticket?.confirmation ?? null;
  return {
    openedAt: openedAt && instantOf(openedAt),
    closedAt: closedAt && instantOf(closedAt),
    reconciliation: reconciliation && {
      status: reconciliation.status,
      at: instantOf(reconciliation.at),
      codes: storedCodes(reconciliation.reasons, `reconciliation ${reconciliation.id}`),
    },
    ticket: ticket && {
      ticketId: ticket.ticketId,
      kind: ticket.kind,
      dryRun: ticket.dryRun,
      codes: storedCodes(ticket.reasons, `ticket ${ticket.ticketId}`),
      issuedAt: instantOf(ticket.issuedAt),
      windowClosesAt: ticket.windowClosesAt && instantOf(ticket.windowClosesAt),
    },
    confirmation: confirmation && { ...confirmation, at: instantOf(confirmation.at) },
  };
}

/** Records that a day was opened, with its audit record, in one statement; the first time stands. */
export async function recordOpening(db: Db, { account, tradingDay }: DayKey, at: Instant): Promise<void> {
  await db.raw(
    `
    with opened as (
      insert into day_events (account, trading_day, event, at, detail)
      values (:account, :tradingDay, 'OPENED', :at, '{}')
      on conflict (account, trading_day, event) do nothing returning account, trading_day, at)
    insert into audit_log (at, account, actor, action, subject, detail)
    select at, account, 'system', 'day.opened', trading_day::text, '{}' from opened`,
    { account, tradingDay, at },
  );
}

/** Records that a day was opened or closed; the first time stands. @returns whether it was recorded now. */
export async function recordDayEvent(
  db: Db,
  { account, tradingDay }: DayKey,
  event: 'OPENED' | 'CLOSED',
  at: Instant,
  detail: object = {},
): Promise<boolean> {
  const rows = await db('day_events')
    .insert({ account, trading_day: tradingDay, event, at, detail: JSON.stringify(detail) })
    .onConflict(['account', 'trading_day', 'event'])
    .ignore()
    .returning('event');
  return rows.length > 0;
}

/** The newest day of the account that was opened; null when none ever was. */
export async function newestDay(db: Db, account: string): Promise<IsoDate | null> {
  const newest = await db('day_events')
    .where({ account, event: 'OPENED' })
    .orderBy('trading_day', 'desc')
    .first('trading_day');
  return newest?.trading_day ?? null;
}

/** Whether a day was opened and not closed yet. */
export async function isDayOpen(db: Db, { account, tradingDay }: DayKey): Promise<boolean> {
  const events = await db('day_events').where({ account, trading_day: tradingDay }).pluck('event');
  return events.includes('OPENED') && !events.includes('CLOSED');
}

/** Days that were opened and never closed, oldest first. */
export async function unfinishedDays(db: Db): Promise<(DayKey & { openedAt: Instant })[]> {
  const rows = await db('day_events as opened')
    .where('opened.event', 'OPENED')
    .whereNotExists(
      db('day_events as closed')
        .whereRaw('closed.account = opened.account and closed.trading_day = opened.trading_day')
        .where('closed.event', 'CLOSED'),
    )
    .orderBy(['opened.trading_day', 'opened.account'])
    .select<Pick<Row<'day_events'>, 'account' | 'trading_day' | 'at'>[]>(
      'opened.account',
      'opened.trading_day',
      'opened.at',
    );
  return rows.map((row) => ({ account: row.account, tradingDay: row.trading_day, openedAt: row.at }));
}

/** What was recorded of an account's day, in the order it happened. */
export const dayEvents = (
  db: Db,
  { account, tradingDay }: DayKey,
): Question<Pick<Row<'day_events'>, 'event' | 'at'>[]> =>
  question<Pick<Row<'day_events'>, 'event' | 'at'>[]>(
    db('day_events').where({ account, trading_day: tradingDay }).orderBy('seq').select('event', 'at'),
    (rows: Pick<Row<'day_events'>, 'event' | 'at'>[]) => withInstants(rows, 'at'),
  );
