import { EVERYTHING } from './cutoff.js';
import { storedMaterial, storedReasons } from '../domain/decision/stored-decision.js';
import type { Instant, IsoDate, Reason, TicketMaterial } from '../domain/types.js';
import type { OwnedDeviation } from '../domain/confirmation/owned.js';
import type { Db } from './connect.js';
import { CONFIRMATION_IN_FORCE } from './in-force.js';
import { answeredAs, rows, rowsQuestion, withInstants, type Question } from './questions.js';
import type { CamelRow } from './tables.js';

/** A ticket with its account's currency and clock. */
export type TicketRow = CamelRow<
  'tickets',
  | 'ticket_id'
  | 'account'
  | 'trading_day'
  | 'as_of_date'
  | 'kind'
  | 'dry_run'
  | 'material_hash'
  | 'run_id'
  | 'issued_at'
  | 'window_opens_at'
  | 'window_closes_at'
> &
  CamelRow<'accounts', 'base_currency' | 'clock'> & {
    material: TicketMaterial;
    reasons: Reason[];
    supersedes: string | null;
  };

/** As a query gives it, its JSON not yet read. */
type Unread<Found extends TicketRow> = Omit<Found, 'material' | 'reasons'> & Record<'material' | 'reasons', unknown>;

async function ticketsBy<Found extends TicketRow = TicketRow>(
  db: Db,
  sql: string,
  bindings: string[],
): Promise<(Unread<Found> & Pick<TicketRow, 'material' | 'reasons'>)[]> {
  return readTickets(await rows<Unread<Found>>(db, sql, bindings));
}

const readTickets = <Found extends TicketRow>(found: Unread<Found>[]) =>
  found.map((row) => ({
    ...row,
    material: storedMaterial(row.material, `ticket ${row.ticketId}`),
    reasons: storedReasons(row.reasons, `ticket ${row.ticketId}`),
  }));

/** What was reported of one line; null where nothing was executed. */
export type FillRow = Omit<CamelRow<'fills'>, 'confirmationId' | 'entryId'>;

/** Every `TicketRow`; `t` is the ticket, for a `where` that follows. */
const TICKET = `select t.ticket_id as "ticketId", t.account, a.base_currency as "baseCurrency", a.clock,
  t.trading_day as "tradingDay",
  t.as_of_date as "asOfDate", t.kind, t.dry_run as "dryRun", t.material_hash as "materialHash", t.material,
  t.reasons, t.run_id as "runId",
  t.issued_at as "issuedAt", t.window_opens_at as "windowOpensAt", t.window_closes_at as "windowClosesAt",
  t.supersedes_ticket_id as "supersedes"
  from tickets t join accounts a using (account)`;

/** The ticket with this id; undefined for an unknown one. */
export const findTicketRow = async (db: Db, ticketId: string) =>
  (await ticketsBy(db, `${TICKET} where t.ticket_id = ?`, [ticketId]))[0];

/** Id of the newest ticket, of any account, that was decided on the same prices as a run; null where none was. */
export const newestTicketBeside = (db: Db, runId: string): Question<string | null> =>
  answeredAs(
    rowsQuestion<{ id: string }>(
      db,
      `select ticket_id as id from tickets where as_of_date = (select as_of_date from runs where run_id = ?)
        order by seq desc limit 1`,
      [runId],
    ),
    ([newest]) => newest?.id ?? null,
  );

/** A ticket of a day, the one that took its place, and its answer in force. */
export interface AnsweredTicketRow extends TicketRow {
  supersededBy: string | null;
  confirmation:
    | (CamelRow<'confirmations', 'confirmation_id' | 'kind' | 'operator'> & {
        confirmedAt: Instant;
        amended: boolean;
        deviations?: OwnedDeviation[];
      })
    | null;
}

/** The tickets of an account's day, in no order. */
export const ticketsOfDay = (db: Db, account: string, tradingDay: IsoDate): Question<AnsweredTicketRow[]> =>
  answeredAs(
    rowsQuestion<Unread<AnsweredTicketRow>>(
      db,
      `
    select t.*, n.ticket_id as "supersededBy",
      (select jsonb_build_object('confirmationId', c.confirmation_id, 'kind', c.kind, 'operator', c.operator,
          'confirmedAt', to_char(c.confirmed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
          'amended', c.amends_confirmation_id is not null, 'deviations', coalesce(c.content -> 'deviations', '[]'))
        from confirmations c where c.ticket_id = t."ticketId"
          and ${CONFIRMATION_IN_FORCE}) as confirmation
    from (${TICKET} where t.account = ? and t.trading_day = ?::date) t
    left join tickets n on n.supersedes_ticket_id = t."ticketId"`,
      [account, tradingDay],
    ),
    (found) => readTickets<AnsweredTicketRow>(withInstants(found, 'issuedAt', 'windowOpensAt', 'windowClosesAt')),
  );

/** A deviation that was booked, and the confirmation that it is of. */
export type BookedDeviation = Pick<OwnedDeviation, 'sequence' | 'amountBase'> & { of: string };

/** Every deviation in force of an account's tickets up to a day; those of dry runs moved no money and are left out. */
export const deviationsUntil = (db: Db, account: string, tradingDay: IsoDate): Question<BookedDeviation[]> =>
  rowsQuestion<BookedDeviation>(
    db,
    `
    select c.confirmation_id as "of", (d ->> 'sequence')::int as sequence, d ->> 'amountBase' as "amountBase"
    from confirmations c join tickets t using (ticket_id)
      cross join jsonb_array_elements(coalesce(c.content -> 'deviations', '[]')) d
    where t.account = ? and t.trading_day <= ?::date and not t.dry_run
      and ${CONFIRMATION_IN_FORCE}`,
    [account, tradingDay],
  );

/** What the confirmations of an account's day reported, line by line: those in force, and those that were amended. */
export const fillsOfDay = (
  db: Db,
  account: string,
  tradingDay: IsoDate,
): Question<(FillRow & CamelRow<'fills', 'confirmation_id'>)[]> =>
  answeredAs(
    rowsQuestion<FillRow & CamelRow<'fills', 'confirmation_id'>>(
      db,
      `
    select f.confirmation_id as "confirmationId", f.sequence, f.symbol, f.side,
      f.executed_status as "executedStatus", f.units::text, f.fill_price::text as "fillPrice",
      f.executed_value_base::text as "executedValueBase",
      f.filled_at as "filledAt", f.notes
    from fills f join confirmations c using (confirmation_id) join tickets t using (ticket_id)
    where t.account = ? and t.trading_day = ?::date order by f.sequence`,
      [account, tradingDay],
    ),
    (found) => withInstants(found, 'filledAt'),
  );

/** The tickets a 14:00 run gave, by account: issued by it, or found standing when it asked. None of another run. */
export const ticketsKnownToRun = (db: Db, runId: string): Question<TicketRow[]> =>
  answeredAs(
    rowsQuestion<Unread<TicketRow>>(
      db,
      `${TICKET} where t.ticket_id in (
        select distinct on (n.account) n.ticket_id from runs r join tickets n using (trading_day)
         where r.run_id = ? and r.slot = '1400'
           and n.seq <= coalesce((select seq from run_results where run_id = r.run_id), ${EVERYTHING})
           and exists (select from gate_results g where g.run_id = r.run_id and g.account = n.account)
         order by n.account, n.seq desc)
      order by t.account`,
      [runId],
    ),
    (found) => readTickets(withInstants(found, 'issuedAt', 'windowOpensAt', 'windowClosesAt')),
  );
