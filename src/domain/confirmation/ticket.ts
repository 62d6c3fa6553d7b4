import { D, Decimal } from '../money.js';
import type { Instant, TicketLine, TicketMaterial } from '../types.js';

/** What fills are checked against: the material of the ticket they answer, and when it was issued. */
export interface FillsTicket extends Pick<
  TicketMaterial,
  'kind' | 'tradingDay' | 'baseCurrency' | 'fx' | 'lines' | 'window'
> {
  issuedAt: Instant;
  /** `ticket.max_price_deviation` of the ticket's policy, a fraction of the reference price. */
  maxPriceDeviation: number;
}

/** Listing currency for one unit of base, as the ticket says; null when it names none. */
export function rateOf(
  line: Pick<TicketLine, 'referenceCurrency'>,
  { baseCurrency, fx }: Pick<FillsTicket, 'baseCurrency' | 'fx'>,
): Decimal | null {
  if (line.referenceCurrency === baseCurrency) return D(1);
  return fx && D(fx.rate).gt(0) ? D(fx.rate) : null;
}

/** What an amount may be off: a fraction of it, and never less than a fixed amount. */
export const allowance = (amount: Decimal, tolerance: { fraction: string; amount: string }): Decimal =>
  Decimal.max(amount.times(D(tolerance.fraction)), D(tolerance.amount));
