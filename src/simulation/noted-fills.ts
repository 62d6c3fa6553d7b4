import { D, floorUnits, pennies, toText } from '../domain/money.js';
import type { Instant, TicketMaterial } from '../domain/types.js';

/** The fills that an operator would note down: each line for its value at the reference price, as a fills file has it. */
export const notedFills = ({ lines }: Pick<TicketMaterial, 'lines'>, filledAt: Instant) =>
  lines.map((line) => {
    const price = D(line.referencePrice);
    const units = line.units === null ? floorUnits(D(line.valueBase ?? '0').div(price)) : D(line.units);
    return {
      sequence: line.sequence,
      internal_symbol: line.symbol,
      side: line.side,
      executed_status: 'DONE',
      units: toText(units),
      fill_price: toText(price),
      executed_value_base: line.valueBase ?? toText(pennies(units.times(price))),
      filled_at: filledAt,
      notes: '',
    };
  });
