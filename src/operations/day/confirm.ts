import type { Knex } from 'knex';
import { appendAudit } from '../../db/audit.js';
import { confirmationInForce, insertConfirmation, insertFills, lockTicketOfDay, type StoredConfirmation } from '../../db/confirmations.js';
import { currentConfiguration } from '../../db/current-configuration.js';
import { bookEntry, entriesOfConfirmation, type Booking } from '../../db/journal.js';
import { alignPaperBook } from '../../db/paper-book.js';
import { findTicket, liveTicket, type StoredTicket } from '../../db/tickets.js';
import { brokenConstraint, inTransaction } from '../../db/transaction.js';
import { tradingDayOf } from '../../domain/calendar/calendar.js';
import { readFills } from '../../domain/confirmation/fill.js';
import { contentHash } from '../../domain/hash.js';
import { fillEntry, reversalEntry } from '../../domain/ledger/entries.js';
import { confirmationIdentity } from '../../domain/reconciliation/identity.js';
import type { Fill } from '../../domain/confirmation/shape.js';
import type { IsoDate } from '../../domain/types.js';
import type { ConfirmCommand, ConfirmReply } from '../../contract/day-messages.js';

export interface Confirm extends ConfirmCommand {
  account: string;
  tradingDay: IsoDate;
}

/** The activity that books the operator's answer to a ticket. */
export function createConfirmActivities({ db }: { db: Knex }) {
  /**
   * Books a confirmation: the whole of it in one transaction, or nothing. The same content again is the same result,
   * whoever sends it; a different one is refused unless it amends, which reverses what was booked and books anew.
   */
  async function confirm(input: Confirm): Promise<ConfirmReply> {
    const operators = (await currentConfiguration(db))?.policy.operators ?? [];
    if (!operators.includes(input.operator)) return refused('OPERATOR_UNKNOWN', `operator: ${input.operator}: must be one of ${operators.join(', ')}`);
    try {
      return await inTransaction(db, (trx) => confirmIn(trx, input));
    } catch (error) {
      return refusalOf(error);
    }
  }
  return { confirm };
}

const refused = (code: string, message: string): ConfirmReply => ({ status: 'REFUSED', confirmationId: null, entries: [], reason: { code, message } });

/** Rules that the schema keeps, whoever wrote around the activity; anything else is a fault and goes on up. */
function refusalOf(error: unknown): ConfirmReply {
  const message = error instanceof Error ? error.message.replace(/^.* - /s, '') : String(error);
  switch (brokenConstraint(error)) {
    case 'postings_units_check': return refused('UNITS_WOULD_BE_NEGATIVE', `${message}: nothing was booked. Check the units against eToro, or reconcile first`);
    case 'confirmations_live_ticket_check': return refused('TICKET_SUPERSEDED', message);
    case 'confirmations_first_of_ticket_uniq':
    case 'confirmations_amends_uniq': return refused('ALREADY_CONFIRMED_DIFFERENTLY', 'somebody else confirmed this ticket at the same moment: look at it again');
    default: throw error;
  }
}

async function confirmIn(trx: Knex.Transaction, input: Confirm): Promise<ConfirmReply> {
  await lockTicketOfDay(trx, input.account, input.tradingDay);
  const ticket = await findTicket(trx, input.ticketId);
  const refusal = ticket ? await refusalFor(trx, ticket, input) : refused('TICKET_UNKNOWN', `ticket ${input.ticketId} is not stored: it was never issued here, or a restore has lost it`);
  if (!ticket || refusal) return refusal as ConfirmReply;
  const content = contentOf(ticket, input);
  if ('status' in content) return content;
  const hash = contentHash(content);
  const inForce = await confirmationInForce(trx, ticket.ticketId);
  if (inForce?.contentHash === hash) return resultOf(trx, inForce);
  if (inForce && !input.amend) return confirmedDifferently(inForce);
  const confirmation: StoredConfirmation = {
    confirmationId: confirmationIdentity(ticket.ticketId, hash, inForce?.confirmationId ?? null), ticketId: ticket.ticketId, kind: input.kind,
    contentHash: hash, amends: inForce?.confirmationId ?? null, operator: input.operator, confirmedAt: input.at,
  };
  await insertConfirmation(trx, { ...confirmation, content });
  if (input.kind === 'FILLS') await book(trx, ticket, confirmation, content.fills);
  const result = await resultOf(trx, confirmation);
  await audit(trx, ticket, confirmation, result.entries);
  return result;
}

async function refusalFor(trx: Knex.Transaction, ticket: StoredTicket, input: Confirm): Promise<ConfirmReply | null> {
  const { ticketId, account, tradingDay, kind } = ticket;
  if (account !== input.account || tradingDay !== input.tradingDay) {
    return refused('TICKET_OF_ANOTHER_DAY', `ticket ${ticketId} is of ${tradingDay}, account ${account}, not of ${input.tradingDay}, account ${input.account}`);
  }
  const live = await liveTicket(trx, account, tradingDay);
  if (live && live.ticketId !== ticketId) return refused('TICKET_SUPERSEDED', `ticket ${ticketId} was superseded by ${live.ticketId}: confirm that one`);
  if (kind === 'TRADE' && input.kind === 'ACK') {
    return refused('TICKET_IS_TRADE', `ticket ${ticketId} is a TRADE: report its fills (SKIPPED where nothing was done) with confirm-fills`);
  }
  if (kind === 'NO_TRADE' && input.kind === 'FILLS') return refused('TICKET_IS_NO_TRADE', `ticket ${ticketId} is NO_TRADE and has nothing to fill: acknowledge it with confirm`);
  return null;
}

/** What is stored and hashed; the fills are checked once more here, for a signal may have been sent by hand. */
function contentOf(ticket: StoredTicket, input: Confirm): { kind: 'ACK' | 'FILLS'; fills: Fill[] } | ConfirmReply {
  if (input.kind === 'ACK') return { kind: 'ACK', fills: [] };
  const read = readFills(input.fills.map(asWritten), { ...ticket.material, issuedAt: ticket.issuedAt }, input.at);
  if ('fills' in read) return { kind: 'FILLS', fills: read.fills };
  return refused('FILLS_INVALID', read.problems.map(({ field, value, rule }) => `${field}: ${value}: ${rule}`).join('\n'));
}

/** A fill in the names that operators write (docs/RULES.md 1.4). */
const asWritten = (fill: Fill) => ({
  sequence: fill.sequence, internal_symbol: fill.internalSymbol, side: fill.side, executed_status: fill.executedStatus, units: fill.units,
  fill_price: fill.fillPrice, executed_value_base: fill.executedValueBase, filled_at: fill.filledAt, notes: fill.notes,
});

function confirmedDifferently({ confirmationId, kind, operator, confirmedAt }: StoredConfirmation): ConfirmReply {
  const what = kind === 'ACK' ? 'acknowledged it' : 'reported other fills';
  return refused('ALREADY_CONFIRMED_DIFFERENTLY',
    `${operator} ${what} at ${confirmedAt} (confirmation ${confirmationId}); to correct that, confirm again with --amend`);
}

async function resultOf(trx: Knex.Transaction, { confirmationId, kind }: StoredConfirmation): Promise<ConfirmReply> {
  const entries = await entriesOfConfirmation(trx, confirmationId);
  return { status: kind === 'ACK' ? 'ACKNOWLEDGED' : 'BOOKED', confirmationId, entries: entries.map(({ entryId }) => entryId), reason: null };
}

async function book(trx: Knex.Transaction, ticket: StoredTicket, confirmation: StoredConfirmation, fills: Fill[]): Promise<void> {
  const booking: Omit<Booking, 'idempotencyKey'> = {
    account: ticket.account, book: ticket.dryRun ? 'paper' : 'ledger', bookedAt: confirmation.confirmedAt, operator: confirmation.operator,
    ticketId: ticket.ticketId, confirmationId: confirmation.confirmationId,
  };
  if (confirmation.amends !== null) await reverse(trx, confirmation.amends, booking, `amended by ${confirmation.operator}`);
  if (ticket.dryRun) await alignPaperBook(trx, booking, ticket.material.baseCurrency, ticket.tradingDay);
  const booked: (Fill & { entryId: number | null })[] = [];
  for (const fill of fills) booked.push({ ...fill, entryId: await bookFill(trx, fill, booking, ticket.material.baseCurrency) });
  await insertFills(trx, confirmation.confirmationId, booked);
}

async function reverse(trx: Knex.Transaction, confirmationId: string, booking: Omit<Booking, 'idempotencyKey'>, reason: string): Promise<void> {
  const entries = (await entriesOfConfirmation(trx, confirmationId)).filter(({ kind }) => kind === 'FILL');
  for (const entry of entries) {
    await bookEntry(trx, reversalEntry(entry, reason), { ...booking, idempotencyKey: `reversal:${entry.entryId}`, reversesEntryId: entry.entryId });
  }
}

async function bookFill(trx: Knex.Transaction, fill: Fill, booking: Omit<Booking, 'idempotencyKey'>, baseCurrency: string): Promise<number | null> {
  const { units, executedValueBase: value, filledAt } = fill;
  if (units === null || value === null || filledAt === null) return null;
  const draft = fillEntry({ date: tradingDayOf(filledAt), baseCurrency, symbol: fill.internalSymbol, side: fill.side, units, value });
  const { entryId } = await bookEntry(trx, draft, { ...booking, idempotencyKey: `fill:${booking.confirmationId}:${fill.sequence}` });
  return entryId;
}

async function audit(trx: Knex.Transaction, ticket: StoredTicket, confirmation: StoredConfirmation, entries: number[]): Promise<void> {
  const action = confirmation.kind === 'ACK' ? 'ticket.acknowledged' : confirmation.amends === null ? 'fills.booked' : 'fills.amended';
  await appendAudit(trx, {
    at: confirmation.confirmedAt, account: ticket.account, actor: confirmation.operator, action, subject: ticket.ticketId,
    detail: {
      confirmationId: confirmation.confirmationId, contentHash: confirmation.contentHash, amends: confirmation.amends, entries,
      book: ticket.dryRun ? 'paper' : 'ledger',
    },
  });
}
