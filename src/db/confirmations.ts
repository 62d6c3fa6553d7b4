import { acceptedOf, type LineAcceptance } from '../domain/confirmation/owned.js';
import type { Fill } from '../domain/confirmation/shape.js';
import type { Instant, IsoDate, Sha256 } from '../domain/types.js';
import type { Db } from './connect.js';
import { CONFIRMATION_IN_FORCE } from './in-force.js';
import { question, type Question } from './questions.js';
import type { Row } from './tables.js';
import { lockUntilCommit } from './transaction.js';

export interface StoredConfirmation {
  confirmationId: string;
  ticketId: string;
  kind: 'ACK' | 'FILLS';
  contentHash: Sha256;
  amends: string | null;
  operator: string;
  confirmedAt: Instant;
  /** What the operator owned of lines that deviate. */
  accepted: LineAcceptance[];
}

/** Serialises whatever happens to the ticket of a day until the transaction ends; the schema's triggers take the same lock. */
export const lockTicketOfDay = (db: Db, account: string, tradingDay: IsoDate): Promise<void> =>
  lockUntilCommit(db, `ticket:${account}${tradingDay}`);

/**
 * Live tickets of earlier trading days without a confirmation in force, oldest first: while there are any, no trade.
 * Confirmations that amend each other in a circle confirm nothing.
 */
export const openTicketsQuestion = (
  db: Db,
  account: string,
  tradingDay: IsoDate,
): Question<{ ticketId: string; tradingDay: IsoDate }[]> =>
  question<{ ticketId: string; tradingDay: IsoDate }[]>(
    db('live_tickets as t')
      .where('t.account', account)
      .where('t.trading_day', '<', tradingDay)
      .whereNotExists(db('confirmations as c').whereRaw('c.ticket_id = t.ticket_id').whereRaw(CONFIRMATION_IN_FORCE))
      .orderBy('t.trading_day')
      .select('t.ticket_id', 't.trading_day'),
    (rows: Pick<Row<'live_tickets'>, 'ticket_id' | 'trading_day'>[]) =>
      rows.map((row) => ({ ticketId: row.ticket_id, tradingDay: row.trading_day })),
  );

/** Ids of everything that was ever confirmed. */
export const confirmationIds = (db: Db): Promise<string[]> => db('confirmations').pluck('confirmation_id');

/** The confirmation in force (the end of the chain of amendments); null while the ticket is open. */
export async function confirmationInForce(db: Db, ticketId: string): Promise<StoredConfirmation | null> {
  const row = await db<Row<'confirmations'>>('confirmations as c')
    .where('c.ticket_id', ticketId)
    .whereRaw(CONFIRMATION_IN_FORCE)
    .first();
  return row
    ? {
        confirmationId: row.confirmation_id,
        ticketId: row.ticket_id,
        kind: row.kind,
        contentHash: row.content_hash,
        amends: row.amends_confirmation_id,
        operator: row.operator,
        confirmedAt: row.confirmed_at,
        accepted: acceptedOf(row.content),
      }
    : null;
}

/** The confirmation that took the place of one of a ticket; null where none did. */
export async function confirmationAmending(db: Db, ticketId: string, amended: string): Promise<string | null> {
  const row = await db<Row<'confirmations'>>('confirmations')
    .where({ ticket_id: ticketId, amends_confirmation_id: amended })
    .first('confirmation_id');
  return row?.confirmation_id ?? null;
}

/** Records the answer to a ticket. A second first answer breaks confirmations_first_of_ticket_uniq. */
export async function insertConfirmation(
  db: Db,
  confirmation: Omit<StoredConfirmation, 'accepted'> & { content: object },
): Promise<void> {
  await db('confirmations').insert({
    confirmation_id: confirmation.confirmationId,
    ticket_id: confirmation.ticketId,
    kind: confirmation.kind,
    content: JSON.stringify(confirmation.content),
    content_hash: confirmation.contentHash,
    amends_confirmation_id: confirmation.amends,
    operator: confirmation.operator,
    confirmed_at: confirmation.confirmedAt,
  });
}

/** Records the fills of a confirmation, each with the entry that books it (null where nothing was executed). */
export async function insertFills(
  db: Db,
  confirmationId: string,
  fills: (Fill & { entryId: number | null })[],
): Promise<void> {
  await db('fills').insert(
    fills.map((fill) => ({
      confirmation_id: confirmationId,
      sequence: fill.sequence,
      symbol: fill.internalSymbol,
      side: fill.side,
      executed_status: fill.executedStatus,
      units: fill.units,
      fill_price: fill.fillPrice,
      executed_value_base: fill.executedValueBase,
      filled_at: fill.filledAt,
      notes: fill.notes,
      entry_id: fill.entryId,
    })),
  );
}
