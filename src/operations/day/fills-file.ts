import type { Knex } from 'knex';
import type { StoredTicket } from '../../db/tickets.js';
import { refusalOfAnswer } from '../../domain/confirmation/answer.js';
import { fillsCsv } from '../../domain/confirmation/fills-csv.js';
import { fillsTemplate } from '../../domain/decision/instructions.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import { ticketNamed, ticketThatWaits } from './find-ticket.js';
import { refuseGroundless } from './orders-stand.js';

/** The fills file of a ticket, to be completed. */
export interface FillsFile {
  ticket: StoredTicket;
  fills: ReturnType<typeof fillsTemplate>;
  /** As `confirm-fills` reads it. */
  text: string;
}

/**
 * The fills file of a TRADE ticket, one item a line, as JSON or CSV.
 * @param asked ticketId: its id or the beginning of it; undefined for the one that waits for its answer.
 * @returns NO_TICKET, TICKET_INVALID, TICKET_UNKNOWN, ID_AMBIGUOUS or TICKET_IS_NO_TRADE where there is none, and
 * TICKET_DIFFERS of one that is not to be executed
 */
export function fillsFile(
  db: Knex,
  { account, ticketId, format }: { account: string; ticketId: string | undefined; format: 'json' | 'csv' },
): Promise<Outcome<FillsFile>> {
  return outcomeOf(async () => {
    const ticket = ticketId === undefined ? await ticketThatWaits(db, account) : await ticketNamed(db, ticketId);
    const no = refusalOfAnswer(ticket, null, { account: ticket.account, tradingDay: null, kind: 'FILLS' });
    if (no) throw no;
    await refuseGroundless(db, ticket);
    const fills = fillsTemplate(ticket.material.lines);
    const text = format === 'csv' ? fillsCsv(fills) : `${JSON.stringify({ fills }, null, 2)}\n`;
    return { ticket, fills, text };
  });
}
