import type { Knex } from 'knex';
import { confirmationInForce } from '../../db/confirmations.js';
import { ask } from '../../db/questions.js';
import { fillsOfDay } from '../../db/ticket-documents.js';
import type { StoredTicket } from '../../db/tickets.js';
import { refusalOfAnswer } from '../../domain/confirmation/answer.js';
import { fillsCsv } from '../../domain/confirmation/fills-csv.js';
import { writtenFill } from '../../domain/confirmation/shape.js';
import { fillsTemplate } from '../../domain/decision/instructions.js';
import { D, toText } from '../../domain/money.js';
import type { DecimalString } from '../../domain/types.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import { ticketNamed, ticketThatWaits } from './find-ticket.js';
import { refuseGroundless } from './orders-stand.js';

/** The fills file of a ticket: to be completed, or what was confirmed, to be corrected. */
export interface FillsFile {
  ticket: StoredTicket;
  fills: ReturnType<typeof fillsTemplate>;
  /** Whether the ticket is confirmed: the file holds what was reported, and amends it. */
  isConfirmed: boolean;
  /** As `confirm-fills` reads it. */
  text: string;
}

/**
 * The fills file of a TRADE ticket, one item a line, as JSON or CSV; of one that is confirmed with what was reported.
 * @param asked ticketId: its id or the beginning of it; undefined for the one that waits for its answer.
 * @returns NO_TICKET, TICKET_INVALID, TICKET_UNKNOWN, ID_AMBIGUOUS or TICKET_IS_NO_TRADE where there is none, and
 * TICKET_DIFFERS of one that is not to be executed and was not
 */
export function fillsFile(
  db: Knex,
  { account, ticketId, format }: { account: string; ticketId: string | undefined; format: 'json' | 'csv' },
): Promise<Outcome<FillsFile>> {
  return outcomeOf(async () => {
    const ticket = ticketId === undefined ? await ticketThatWaits(db, account) : await ticketNamed(db, ticketId);
    const no = refusalOfAnswer(ticket, null, { account: ticket.account, tradingDay: null, kind: 'FILLS' });
    if (no) throw no;
    const reported = await reportedOf(db, ticket);
    if (reported === null) await refuseGroundless(db, ticket);
    const fills = reported ?? fillsTemplate(ticket.material.lines);
    const text = format === 'csv' ? fillsCsv(fills) : `${JSON.stringify({ fills }, null, 2)}\n`;
    return { ticket, fills, isConfirmed: reported !== null, text };
  });
}

/** What the confirmation in force reported, as the file writes it; null while there is none. */
async function reportedOf(db: Knex, ticket: StoredTicket): Promise<FillsFile['fills'] | null> {
  const inForce = await confirmationInForce(db, ticket.ticketId);
  if (inForce === null) return null;
  const all = await ask(db, fillsOfDay(db, ticket.account, ticket.tradingDay));
  return all
    .filter(({ confirmationId }) => confirmationId === inForce.confirmationId)
    .map((fill) =>
      writtenFill({
        ...fill,
        internalSymbol: fill.symbol,
        units: plain(fill.units),
        fillPrice: plain(fill.fillPrice),
        executedValueBase: plain(fill.executedValueBase),
      }),
    );
}

/** A stored figure as it was written, without the zeros that its column adds. */
const plain = (figure: DecimalString | null): DecimalString | null => (figure === null ? null : toText(D(figure)));
