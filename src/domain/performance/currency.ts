import type { DecimalString } from '../types.js';
import { growthOf, type ValuedClose } from './twr.js';

/** A valued close with what of it is in the foreign currency. */
export interface CloseInCurrencies extends ValuedClose {
  /** Value of the holdings that are listed in it, base currency. */
  foreign: DecimalString;
  /** Foreign currency for one unit of base; null where it is not known, and nothing foreign may be held then. */
  rate: DecimalString | null;
}

/** A return in base currency, taken apart: `(1 + local) · (1 + currency) − 1` is the whole. */
export interface CurrencySplit {
  local: number;
  currency: number;
}

/**
 * Local return and currency apart, day by day and multiplied up. What the currency did in a day is what was held at the
 * close before, at the new rate less at the old: `1 + fx = 1 + foreign · (rate before / rate − 1) / (MVB + CFin)`; the
 * local growth is the whole growth over it. Of an account that is all in one foreign share it is the share's own return
 * and the rate's.
 * @returns null where something foreign was held on a close whose rate is not known.
 */
export function currencySplit(closes: readonly CloseInCurrencies[]): CurrencySplit | null {
  let [whole, currency] = [1, 1];
  for (const [index, close] of closes.slice(1).entries()) {
    const before = closes[index]!;
    const growth = growthOf(before.value, close);
    if (growth === null) continue;
    const moved = rateGain(before, close);
    if (moved === null) return null;
    whole *= growth;
    currency *= 1 + moved / (Number(before.value) + Number(close.inflow));
  }
  return currency > 0 ? { local: whole / currency - 1, currency: currency - 1 } : null;
}

function rateGain(before: CloseInCurrencies, close: CloseInCurrencies): number | null {
  const foreign = Number(before.foreign);
  if (foreign === 0) return 0;
  if (before.rate === null || close.rate === null) return null;
  return foreign * (Number(before.rate) / Number(close.rate) - 1);
}
