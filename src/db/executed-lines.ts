import type { DeviationKind } from '../domain/confirmation/deviations.js';
import type { ExecutedStatus } from '../domain/confirmation/shape.js';
import type { DecimalString, Instant, IsoDate, Side } from '../domain/types.js';
import type { Db } from './connect.js';
import { CONFIRMATION_IN_FORCE } from './in-force.js';
import { columnsQuestion, rowsQuestion, type Columns, type Lists, type Question } from './questions.js';

/** A line of a TRADE ticket with what was reported of it. */
export interface ExecutedLine {
  tradingDay: IsoDate;
  asOfDate: IsoDate;
  ticketId: string;
  sequence: number;
  symbol: string;
  side: Side;
  /** What the line asked for: a purchase by value, base currency; a sale by units. */
  valueBase: DecimalString | null;
  lineUnits: DecimalString | null;
  referencePrice: DecimalString;
  currency: string;
  /** Listing currency for one of base on the ticket; null where it converts nothing. */
  ticketRate: DecimalString | null;
  status: ExecutedStatus;
  units: DecimalString | null;
  fillPrice: DecimalString | null;
  executedValueBase: DecimalString | null;
  filledAt: Instant | null;
  notes: string | null;
}

/** The trading days that are asked about: after one, up to and with another. */
interface Days {
  account: string;
  after: IsoDate;
  to: IsoDate;
}

/* The rate is in a document that is stored apart from its row: it is fetched once a ticket, and not once a line. */
const LINES = `
  with answered as materialized (
    select t.trading_day, t.as_of_date, t.ticket_id, t.material -> 'fx' ->> 'rate' as rate, c.confirmation_id
      from tickets t join confirmations c on c.ticket_id = t.ticket_id and ${CONFIRMATION_IN_FORCE}
     where t.account = ? and not t.dry_run and t.trading_day > ? and t.trading_day <= ?)
  select a.trading_day as "tradingDay", a.as_of_date as "asOfDate", a.ticket_id as "ticketId", l.sequence, l.symbol,
         l.side, l.value_base as "valueBase", l.units as "lineUnits",
         trim_scale(l.reference_price) as "referencePrice", l.reference_currency as currency,
         a.rate as "ticketRate", f.executed_status as status, trim_scale(f.units) as units,
         trim_scale(f.fill_price) as "fillPrice", f.executed_value_base as "executedValueBase",
         f.filled_at as "filledAt", f.notes
    from answered a join ticket_lines l using (ticket_id)
    join fills f on f.confirmation_id = a.confirmation_id and f.sequence = l.sequence
   order by a.trading_day, a.ticket_id, l.sequence`;

/**
 * What was reported of each line of an account's tickets, by the answers in force, oldest first. Dry runs moved no
 * money and are left out.
 */
export const executedLines = (db: Db, { account, after, to }: Days): Question<ExecutedLine[]> =>
  columnsQuestion<ExecutedLine>(db, { sql: LINES, bindings: [account, after, to], columns: COLUMNS }, lineAt);

const COLUMNS: Columns<ExecutedLine> = {
  tradingDay: 'text',
  asOfDate: 'text',
  ticketId: 'text',
  sequence: 'number',
  symbol: 'text',
  side: 'text',
  valueBase: 'text',
  lineUnits: 'text',
  referencePrice: 'text',
  currency: 'text',
  ticketRate: 'text',
  status: 'text',
  units: 'text',
  fillPrice: 'text',
  executedValueBase: 'text',
  filledAt: 'instant',
  notes: 'free',
};

const lineAt = (of: Lists<ExecutedLine>, at: number): ExecutedLine => ({
  tradingDay: of.tradingDay[at]!,
  asOfDate: of.asOfDate[at]!,
  ticketId: of.ticketId[at]!,
  sequence: of.sequence[at]!,
  symbol: of.symbol[at]!,
  side: of.side[at]!,
  valueBase: of.valueBase[at]!,
  lineUnits: of.lineUnits[at]!,
  referencePrice: of.referencePrice[at]!,
  currency: of.currency[at]!,
  ticketRate: of.ticketRate[at]!,
  status: of.status[at]!,
  units: of.units[at]!,
  fillPrice: of.fillPrice[at]!,
  executedValueBase: of.executedValueBase[at]!,
  filledAt: of.filledAt[at]!,
  notes: of.notes[at]!,
});

/** A deviation that an operator owned, and the ticket that it is of. */
export interface DeviationOfTicket {
  tradingDay: IsoDate;
  ticketId: string;
  sequence: number;
  symbol: string;
  kind: DeviationKind;
  text: string;
  amountBase: DecimalString | null;
  reason: string;
}

const DEVIATIONS = `
  select t.trading_day as "tradingDay", t.ticket_id as "ticketId", (d ->> 'sequence')::int as sequence,
         d ->> 'symbol' as symbol, d ->> 'kind' as kind, d ->> 'text' as text, d ->> 'amountBase' as "amountBase",
         d ->> 'reason' as reason
    from tickets t join confirmations c on c.ticket_id = t.ticket_id and ${CONFIRMATION_IN_FORCE}
    cross join jsonb_array_elements(coalesce(c.content -> 'deviations', '[]')) d
   where t.account = ? and not t.dry_run and t.trading_day > ? and t.trading_day <= ?
   order by t.trading_day, t.ticket_id, sequence`;

/** The deviations in force of an account's tickets, oldest first. */
export const deviationsOfTickets = (db: Db, { account, after, to }: Days): Question<DeviationOfTicket[]> =>
  rowsQuestion<DeviationOfTicket>(db, DEVIATIONS, [account, after, to]);
