import type { PastedTable } from '../../domain/reconciliation/pasted-table.js';

/** What is told of a table that was read: what was added up, what is not held, and which columns nobody looked at. */
export function tableLines({ cash, found, columnsLeft }: PastedTable): string[] {
  const held = found.filter(({ units }) => units !== '0');
  const none = found.filter(({ units }) => units === '0').map(({ symbol }) => symbol);
  const count = `${held.length} position${held.length === 1 ? '' : 's'}`;
  return [
    `Read ${count}${cash === null ? '' : ` and the cash, ${cash.amount}`}.`,
    ...found.flatMap(({ symbol, units, lines }) => {
      if (lines.length === 1) return [];
      const where = lines.map(({ line }) => line).join(', ');
      return [`${symbol}: ${lines.map((each) => each.units).join(' + ')} = ${units}, added up of lines ${where}.`];
    }),
    ...(none.length > 0 ? [`Not held, as the table says: ${none.join(', ')}.`] : []),
    ...(columnsLeft.length > 0 ? [`Columns that were not read: ${columnsLeft.join(', ')}.`] : []),
  ];
}
