import type { Moved } from '../../operations/ledger/moved-by.js';
import { banner, facts, type Block } from '../../reports/render/document.js';
import { money, units } from '../../reports/render/format.js';

/** What a booking changes in what is held: units, cost and what is realised, of each symbol that it moves. */
export function movedBlocks({ holdings, unpriced }: Moved, baseCurrency: string): Block[] {
  const amount = (value: string | null) => (value === null ? 'unknown' : money(value, baseCurrency));
  const rows = holdings.flatMap(({ symbol, before, after }): [string, string][] => [
    [`${symbol}, units`, changeText(units(before.units), units(after.units))],
    [`${symbol}, cost`, changeText(amount(before.cost), amount(after.cost))],
    ...(before.realised === after.realised
      ? []
      : [[`${symbol}, realised`, changeText(amount(before.realised), amount(after.realised))] as [string, string]]),
  ]);
  return [
    ...(rows.length === 0 ? [] : [facts(rows)]),
    ...(unpriced.length === 0
      ? []
      : [
          banner('warn', `No price is stored of ${unpriced.join(', ')}`, [
            'Until one is, the value of the holding and the equity of the account are unknown.',
          ]),
        ]),
  ];
}

/** A figure before and after, in words. */
export const changeText = (before: string, after: string): string =>
  before === after ? `${before}, as it is` : `${before} before, ${after} after`;
