import { D, floorUnits, pennies, toText } from '../../../../src/domain/money.js';
import type { FillsTicket } from '../../../../src/domain/confirmation/ticket.js';
import type { TicketLine, TicketMaterial } from '../../../../src/domain/types.js';
import type { Ticket, ToldFill } from './shape.js';

/** Lines as they stand on a ticket, numbered from 1. */
export const linesOf = (lines: Ticket['lines']): TicketLine[] =>
  lines.map(({ symbol, side, value = null, units = null, reference, currency, skip }, index) => ({
    sequence: index + 1,
    symbol,
    etoroSearchName: symbol,
    side,
    orderType: 'MARKET',
    valueBase: value,
    units,
    referencePrice: reference,
    referenceCurrency: currency,
    skipPrice: skip,
  }));

/** What fills are checked against. */
export const fillsTicketOf = (ticket: Ticket): FillsTicket => ({
  kind: 'TRADE',
  tradingDay: ticket.day,
  issuedAt: ticket.issuedAt,
  baseCurrency: ticket.base,
  fx: { pair: `${ticket.base}USD`, date: ticket.day, rate: ticket.fx },
  window: { opensAt: ticket.opensAt, closesAt: ticket.closesAt },
  maxPriceDeviation: ticket.maxPriceDeviation,
  lines: linesOf(ticket.lines),
});

export const materialOf = (ticket: Ticket, kind: TicketMaterial['kind']): TicketMaterial => ({
  schema: 1,
  account: 'main',
  asOfDate: ticket.day,
  dryRun: false,
  reasons: [],
  policyHash: '1'.repeat(64),
  universeHash: '2'.repeat(64),
  snapshotId: null,
  supersedes: null,
  ...fillsTicketOf(ticket),
  kind,
});

/**
 * The fill of a line as the operator's file says it. What is not told is as it was ordered: at the reference price, at
 * the rate of the ticket, in the middle of the window.
 */
export function writtenFill(line: TicketLine, of: FillsTicket, told: ToldFill) {
  const { status, notes } = told;
  const common = {
    sequence: line.sequence,
    internal_symbol: line.symbol,
    side: line.side,
    executed_status: status,
    ...(notes !== undefined && { notes }),
  };
  if (status === 'SKIPPED' || status === 'FAILED') return common;
  const rate = line.referenceCurrency === of.baseCurrency ? '1' : (of.fx?.rate ?? '1');
  const price = told.price ?? line.referencePrice;
  const ordered =
    line.units ??
    toText(
      floorUnits(
        D(line.valueBase ?? '0')
          .times(rate)
          .div(line.referencePrice),
      ),
    );
  const units = told.units ?? ordered;
  const value = told.value ?? line.valueBase ?? toText(pennies(D(units).times(price).div(rate)));
  const opens = Date.parse(of.window?.opensAt ?? of.issuedAt);
  const at = told.at ?? new Date(opens + 600_000).toISOString();
  return { ...common, units, fill_price: price, executed_value_base: value, filled_at: at };
}
