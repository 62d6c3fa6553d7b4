import type { Db } from './connect.js';
import type { Row } from './tables.js';
import { storedReasons } from '../domain/decision/stored-decision.js';
import type { StoredDay } from '../domain/day/state.js';
import type { Instant, IsoDate } from '../domain/types.js';

interface DayKey {
  account: string;
  tradingDay: IsoDate;
}

/** What is stored of a day, whatever Temporal remembers. */
export async function recallDay(db: Db, { account, tradingDay }: DayKey): Promise<StoredDay> {
  const day = { account, trading_day: tradingDay };
  const [events, reconciliation, ticket] = await Promise.all([
    db('day_events').where(day).select('event', 'at'),
    db('reconciliations').where(day).orderBy('seq', 'desc').first('reconciliation_id', 'status', 'at', 'reasons'),
    db('live_tickets').where(day).first(),
  ]);
  const confirmation =
    ticket &&
    (await db('confirmations')
      .where({ ticket_id: ticket.ticket_id })
      .orderBy('seq', 'desc')
      .first('confirmation_id', 'operator', 'confirmed_at'));
  return {
    openedAt: events.find(({ event }) => event === 'OPENED')?.at ?? null,
    closedAt: events.find(({ event }) => event === 'CLOSED')?.at ?? null,
    reconciliation: reconciliation
      ? {
          status: reconciliation.status,
          at: reconciliation.at,
          codes: codesOf(reconciliation.reasons, `reconciliation ${reconciliation.reconciliation_id}`),
        }
      : null,
    ticket: ticket
      ? {
          ticketId: ticket.ticket_id,
          kind: ticket.kind,
          dryRun: ticket.dry_run,
          codes: codesOf(ticket.reasons, `ticket ${ticket.ticket_id}`),
          issuedAt: ticket.issued_at,
          windowClosesAt: ticket.window_closes_at,
        }
      : null,
    confirmation: confirmation
      ? { confirmationId: confirmation.confirmation_id, operator: confirmation.operator, at: confirmation.confirmed_at }
      : null,
  };
}

const codesOf = (reasons: unknown, of: string): string[] => storedReasons(reasons, of).map(({ code }) => code);

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
): Promise<Pick<Row<'day_events'>, 'event' | 'at'>[]> =>
  db('day_events').where({ account, trading_day: tradingDay }).orderBy('seq').select('event', 'at');
