import { D, toText } from '../../domain/money.js';
import type { TicketLine, UniverseRow } from '../../domain/types.js';
import { issuedEarly } from '../../domain/decision/early.js';
import { money, price, ukTime, units, windowText } from '../render/format.js';
import type { TicketFacts } from './facts.js';

/** A ticket as it fits one screen: what is above its table, the table, what is below. */
export interface TicketScreen {
  above: string[];
  head: string[];
  /** Columns of figures, by their place. */
  figures: number[];
  rows: string[][];
  below: string[];
}

/** What the operator needs at the broker: an order a row with the company's name, and what to do when one cannot be placed. */
export function ticketScreen({ ticket, universe, snapshotDate }: TicketFacts): TicketScreen {
  const { material, account, tradingDay, kind, dryRun, ticketId } = ticket;
  const window = material.window && windowText(material.window.opensAt, material.window.closesAt);
  const above = [
    `${kind}${dryRun ? ' DRY RUN' : ''} ticket of ${account}, ${tradingDay}, prices of ${ticket.asOfDate}`,
    `Issued ${ukTime(ticket.issuedAt)}, ticket ${ticketId}`,
    ...(window ? [`Execute ${window.uk} (${window.newYork}).`] : []),
    ...(issuedEarly({ ...ticket, snapshotDate }) ?? []),
  ];
  if (kind === 'NO_TRADE')
    return {
      above,
      head: ['reason', 'what was found'],
      figures: [],
      rows: ticket.reasons.map(({ code, message }) => [code, message]),
      below: ['Place no order today, and acknowledge this ticket.'],
    };
  return {
    above,
    head: ['', 'side', 'company', 'search', 'size', 'reference', 'skip if'],
    figures: [4, 5],
    rows: material.lines.map((line) => lineRow(line, universe, material.baseCurrency)),
    below: [
      cashRow(material.lines, material.baseCurrency),
      'The whole page, with what to do when something goes wrong:',
    ],
  };
}

function lineRow(line: TicketLine, universe: readonly UniverseRow[], currency: string): string[] {
  const { sequence, side, symbol, etoroSearchName, valueBase, referencePrice, referenceCurrency, skipPrice } = line;
  const company = universe.find(({ internalSymbol }) => internalSymbol === symbol)?.name ?? symbol;
  return [
    `${sequence}.`,
    side,
    company,
    etoroSearchName,
    valueBase === null ? `${units(line.units ?? '0')} units` : money(valueBase, currency),
    price(referencePrice, referenceCurrency),
    `${side === 'BUY' ? 'above' : 'below'} ${price(skipPrice, referenceCurrency)}`,
  ];
}

/** BUYs count on the money of the SELLs before them. A question: whether there is enough, the broker's page shows. */
function cashRow(lines: readonly TicketLine[], currency: string): string {
  const buys = toText(lines.reduce((sum, { valueBase }) => sum.plus(D(valueBase ?? '0')), D(0)));
  const sells = lines.filter(({ side }) => side === 'SELL').length;
  if (buys === '0') return 'Not enough cash: does not happen, this ticket buys nothing.';
  const counts = sells > 0 ? ', which count on the SELLs above' : '';
  const sum = money(buys, currency);
  return `Not enough cash for the BUYs (${sum}${counts})? Leave the last ones out, record SKIPPED, "not enough cash".`;
}
