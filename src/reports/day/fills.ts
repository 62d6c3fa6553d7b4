import type { DayTicketRow } from './facts.js';
import type { FillRow } from '../../db/ticket-documents.js';
import { D } from '../../domain/money.js';
import type { TicketLine } from '../../domain/types.js';
import { bullets, paragraph, strong, table, toned, type Block, type Text } from '../render/document.js';
import { money, price, ukClock, units } from '../render/format.js';

/** What was intended and what was filled, line by line, with the slippage against the reference price. */
export function fillsTable({ material, fills, baseCurrency, confirmation }: DayTicketRow): Block[] {
  const bySequence = new Map(fills.map((fill) => [fill.sequence, fill]));
  const rows = material.lines.map((line): Text[] => {
    const fill = bySequence.get(line.sequence);
    const intended =
      line.valueBase === null ? `${units(line.units ?? '0')} units` : money(line.valueBase, baseCurrency);
    return [
      `${line.sequence}. ${line.side} ${line.symbol}`,
      intended,
      price(line.referencePrice, line.referenceCurrency),
      ...filled(fill, line, baseCurrency),
    ];
  });
  return [
    table(['Order', 'Intended#', 'Reference#', 'Status', 'Units#', 'Price#', 'Value#', 'Slippage#', 'Time (UK)'], rows),
    ...notes(material.lines, bySequence),
    ...(confirmation
      ? [
          paragraph(
            'Slippage is how much worse the fill price was than the reference price, in basis points; a minus sign means better.',
          ),
        ]
      : []),
  ];
}

function filled(fill: FillRow | undefined, line: TicketLine, currency: string): Text[] {
  if (!fill) return [toned('warn', 'not yet'), '', '', '', '', ''];
  return [
    toned(fill.executedStatus === 'DONE' ? 'good' : 'warn', fill.executedStatus),
    fill.units === null ? '' : units(fill.units),
    fill.fillPrice === null ? '' : price(fill.fillPrice, line.referenceCurrency),
    fill.executedValueBase === null ? '' : money(fill.executedValueBase, currency),
    fill.fillPrice === null ? '' : slippage(fill.fillPrice, line),
    fill.filledAt === null ? '' : ukClock(fill.filledAt),
  ];
}

function notes(lines: TicketLine[], fills: Map<number, FillRow>): Block[] {
  const said = lines.flatMap(({ sequence, symbol }): Text[] => {
    const note = fills.get(sequence)?.notes;
    return note ? [[strong(`Line ${sequence}, ${symbol}:`), ` ${note}`]] : [];
  });
  return said.length === 0 ? [] : [bullets(said)];
}

/** (fill − reference) ÷ reference for a BUY, the other way round for a SELL, in basis points to one decimal. */
export function slippage(
  fillPrice: string,
  { side, referencePrice }: Pick<TicketLine, 'side' | 'referencePrice'>,
): string {
  const worse = D(fillPrice)
    .minus(D(referencePrice))
    .div(D(referencePrice))
    .times(side === 'BUY' ? 10_000 : -10_000);
  const text = worse.toFixed(1).replace('-', '−');
  return `${D(worse.toFixed(1)).gt(0) ? '+' : ''}${text} bps`;
}
