import { refusal, refused, type Outcome } from '../../errors.js';
import { D, pennies, toText } from '../../money.js';
import type { DecimalString, IsoDate } from '../../types.js';

/** What arrived, or what was paid a share: one of the two. */
export interface ProceedsCommand {
  symbol: string;
  date: IsoDate;
  /** What arrived, base currency; replaces amount and fx. */
  net: DecimalString | null;
  /** Cash a share in the listing's currency. */
  amount: DecimalString | null;
  /** Listing currency for one of base; the stored rate of the date, or the newest before it, when left out. */
  fx: DecimalString | null;
}

/** The listing's currency of a symbol, and the newest rate of the date or before; null when none is stored. */
export interface ListingRate {
  currency: string;
  fx: DecimalString | null;
}

/** Cash in base currency, pennies half to even: what arrived, or units × amount ÷ fx; null where neither was said. */
export function proceedsOf(
  units: DecimalString,
  { net, amount, fx: told, date }: ProceedsCommand,
  rate: ListingRate,
): Outcome<DecimalString | null> {
  if (net !== null) return { ok: true, result: net };
  if (amount === null) return { ok: true, result: null };
  const fx = told ?? rate.fx;
  if (fx !== null) return { ok: true, result: toText(pennies(D(units).times(D(amount)).div(D(fx)))) };
  return refused(
    refusal('FX_MISSING', `no rate of ${rate.currency} of ${date} or before is stored`, {
      remedy: 'make market-fetch, or give the rate with --fx, or what arrived with --net',
    }),
  );
}
