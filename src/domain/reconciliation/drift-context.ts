import type { DecimalString, IsoDate, TicketLine } from '../types.js';
import type { EarlierDrift } from './arrivals.js';
import type { DividendContext } from './dividends.js';

/** Everything that may explain drift. */
export interface DriftContext extends DividendContext {
  /** Date of the prices that today's ticket is made from. */
  asOfDate: IsoDate;
  /** Every symbol that can be priced. */
  known: readonly string[];
  /** What one unit is worth at its newest close, base currency; null when nobody knows. */
  worthOf(symbol: string): DecimalString | null;
  /** Date of its newest close; null when there is none. Left out where nobody knows. */
  lastClose?(symbol: string): IsoDate | null;
  /** Issued TRADE tickets that nobody has confirmed and that book to the ledger. */
  openTickets: readonly { ticketId: string; lines: readonly TicketLine[]; fx: DecimalString }[];
  /** Comparisons since the cash agreed last, oldest first; none where nobody knows. */
  earlier?: readonly EarlierDrift[];
  cashTolerance: DecimalString;
  unitsTolerance: DecimalString;
}
