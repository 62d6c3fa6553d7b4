import { D, toText } from '../../domain/money.js';
import type { OwnedDeviation } from '../../domain/confirmation/owned.js';
import type { Fill } from '../../domain/confirmation/shape.js';
import type { DecimalString, TicketMaterial } from '../../domain/types.js';
import { ukTime } from '../render/format.js';

/** What is known of the ticket that fills answer. */
type Of = Pick<TicketMaterial, 'lines' | 'baseCurrency'>;

/**
 * Fills as sentences, for whoever looks at them once more before they are booked: one a line, what departs from the
 * ticket below it, and what becomes of the cash.
 * @param cash before the fills, base currency; null where it is not said
 */
export function fillSentences(
  fills: readonly Fill[],
  deviations: readonly Pick<OwnedDeviation, 'sequence' | 'field' | 'value' | 'text' | 'reason'>[],
  of: Of,
  cash: DecimalString | null,
): string[] {
  return [...fillLines(fills, deviations, of), cashSentence(fills, of, cash)];
}

/** The same without the cash. */
export const fillLines = (
  fills: readonly Fill[],
  deviations: readonly Pick<OwnedDeviation, 'sequence' | 'field' | 'value' | 'text' | 'reason'>[],
  of: Of,
): string[] =>
  fills.flatMap((fill) => [
    fillSentence(fill, of),
    ...deviations
      .filter(({ sequence }) => sequence === fill.sequence)
      .map(({ field, value, text, reason }) => `   ${field} ${value} ${text}; owned: ${reason}`),
  ]);

/** `1. BOUGHT 2 AAPL at 180.10 USD for 360.20 GBP, 2018-05-08 14:41 UK time (BST)`, as it was typed or is stored. */
function fillSentence(fill: Fill, { lines, baseCurrency }: Of): string {
  const { sequence, internalSymbol: symbol, executedStatus, side, units, fillPrice, executedValueBase } = fill;
  const note = fill.notes === null ? '' : `: ${fill.notes}`;
  if (units === null) return `${sequence}. ${executedStatus}, no ${side} of ${symbol}${note}`;
  const currency = lines.find((line) => line.sequence === sequence)?.referenceCurrency ?? '';
  const done = `${side === 'BUY' ? 'BOUGHT' : 'SOLD'}${executedStatus === 'PARTIAL' ? ' IN PART' : ''}`;
  const when = fill.filledAt === null ? '' : `, ${ukTime(fill.filledAt)}`;
  const at = `${pennies(fillPrice)} ${currency}`;
  const paid = `${pennies(executedValueBase)} ${baseCurrency}`;
  return `${sequence}. ${done} ${toText(D(units))} ${symbol} at ${at} for ${paid}${when}${note}`;
}

/** With two decimals, or as many as it has. */
const pennies = (value: DecimalString | null): string => {
  const figure = D(value ?? 0);
  return figure.toFixed(Math.max(2, figure.decimalPlaces()));
};

/**
 * What becomes of the cash: `Cash 1012.84 -601.64 = 411.20 GBP`.
 * @param cash before, base currency; null where it is not said
 * @param isTakenBack the fills were booked, and are taken back
 */
export function cashSentence(
  fills: readonly Fill[],
  { baseCurrency }: Of,
  cash: DecimalString | null,
  isTakenBack = false,
): string {
  const change = fills.reduce(
    (sum, { side, executedValueBase }) =>
      sum.plus(D(executedValueBase ?? 0).times((side === 'BUY') === isTakenBack ? 1 : -1)),
    D(0),
  );
  const by = `${change.gt(0) ? '+' : ''}${change.toFixed(2)}`;
  if (cash === null) return `Cash ${by} ${baseCurrency}`;
  return `Cash ${D(cash).toFixed(2)} ${by} = ${D(cash).plus(change).toFixed(2)} ${baseCurrency}`;
}
