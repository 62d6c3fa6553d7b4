import type { ExecutedStatus } from '../domain/confirmation/shape.js';
import type { DecimalString, Instant, IsoDate, Reason, Side, TicketMaterial } from '../domain/types.js';
import type { Db } from '../db/connect.js';
import { rows } from './facts-query.js';

/** A ticket with its account's currency and clock. */
export interface TicketRow {
  ticketId: string;
  account: string;
  baseCurrency: string;
  clock: 'real' | 'simulated';
  tradingDay: IsoDate;
  asOfDate: IsoDate;
  kind: 'TRADE' | 'NO_TRADE';
  dryRun: boolean;
  materialHash: string;
  material: TicketMaterial;
  reasons: (Reason & { gate?: string })[];
  runId: string;
  issuedAt: Instant;
  windowOpensAt: Instant | null;
  windowClosesAt: Instant | null;
  supersedes: string | null;
}

/** What was reported of one line; null where nothing was executed. */
export interface FillRow {
  sequence: number;
  symbol: string;
  side: Side;
  executedStatus: ExecutedStatus;
  units: DecimalString | null;
  fillPrice: DecimalString | null;
  executedValueBase: DecimalString | null;
  filledAt: Instant | null;
  notes: string | null;
}

/** Every `TicketRow`; `t` is the ticket, for a `where` that follows. */
export const TICKET = `select t.ticket_id as "ticketId", t.account, a.base_currency as "baseCurrency", a.clock, t.trading_day as "tradingDay",
  t.as_of_date as "asOfDate", t.kind, t.dry_run as "dryRun", t.material_hash as "materialHash", t.material, t.reasons, t.run_id as "runId",
  t.issued_at as "issuedAt", t.window_opens_at as "windowOpensAt", t.window_closes_at as "windowClosesAt",
  t.supersedes_ticket_id as "supersedes"
  from tickets t join accounts a using (account)`;

/** The ticket with this id; undefined for an unknown one. */
export const findTicketRow = async (db: Db, ticketId: string) =>
  (await rows<TicketRow>(db, `${TICKET} where t.ticket_id = ?`, [ticketId]))[0];

/** Id of the newest ticket, of any account, that was decided on an as-of date's prices. */
export const newestTicketOf = async (db: Db, asOfDate: IsoDate): Promise<string | undefined> =>
  (
    await rows<{ id: string }>(
      db,
      'select ticket_id as id from tickets where as_of_date = ? order by seq desc limit 1',
      [asOfDate],
    )
  )[0]?.id;
