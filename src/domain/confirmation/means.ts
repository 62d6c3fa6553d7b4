import { refusal, type OpsError } from '../errors.js';
import { D, toText } from '../money.js';
import type { DecimalString } from '../types.js';
import type { Fill } from './shape.js';

/** What there was to trade with, before the fills: base currency, and units by symbol. */
export interface Means {
  cash: DecimalString;
  units: Readonly<Record<string, DecimalString>>;
}

/** The same without what was booked already. */
export function without({ cash, units }: Means, booked: Means): Means {
  const symbols = [...new Set([...Object.keys(units), ...Object.keys(booked.units)])];
  const left = symbols.map((symbol) => [symbol, toText(D(units[symbol] ?? 0).minus(booked.units[symbol] ?? 0))]);
  return { cash: toText(D(cash).minus(booked.cash)), units: Object.fromEntries(left) as Means['units'] };
}

/**
 * Why fills cannot be: more was sold than is held, or more paid than there is, which a broker without credit does not
 * do. Sales of the same ticket pay for its purchases. Null when they can.
 * @param cashTolerance base currency; what reconciliation lets ledger and broker be apart.
 */
export function beyondMeans(
  fills: readonly Fill[],
  { cash, units }: Means,
  { cashTolerance, baseCurrency }: { cashTolerance: number; baseCurrency: string },
): OpsError | null {
  const oversold = fills.find(
    (fill) => fill.side === 'SELL' && fill.units !== null && D(fill.units).gt(units[fill.internalSymbol] ?? 0),
  );
  if (oversold) {
    const { sequence, internalSymbol: symbol } = oversold;
    return refusal(
      'UNITS_WOULD_BE_NEGATIVE',
      `line ${sequence}, units: ${oversold.units}: must not be above the ${units[symbol] ?? '0'} ${symbol} held: ` +
        'nothing was booked. Check the units against eToro, or reconcile first',
    );
  }
  const left = fills.reduce(
    (sum, { side, executedValueBase }) => sum.plus(D(executedValueBase ?? 0).times(side === 'BUY' ? -1 : 1)),
    D(cash),
  );
  if (left.plus(cashTolerance).gte(0)) return null;
  return refusal(
    'CASH_WOULD_BE_NEGATIVE',
    `the fills cost ${left.neg().toFixed(2)} ${baseCurrency} more than there is, ${toText(D(cash))} and what was sold. ` +
      'Nothing was booked. Check units and values; a deposit that is not booked yet is booked first',
  );
}
