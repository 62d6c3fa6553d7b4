import Table from 'cli-table3';
import type { Figure } from './figures.js';

/** `0800-run: 1.52 x (bar <= 2)`. */
export const line = ({ name, value, unit, bar, holds }: Figure): string =>
  `${name}: ${value} ${unit}${bar === null ? '' : ` (bar ${bar}${holds ? '' : ': DOES NOT HOLD'})`}`;

/** The figures as a table, each beside its bar. */
export function table(figures: readonly Figure[]): string {
  const rows = new Table({
    head: ['figure', 'value', 'unit', 'bar', 'holds'],
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'left', 'left', 'left'],
  });
  for (const { name, value, unit, bar, holds } of figures)
    rows.push([name, value, unit, bar ?? '', bar === null ? '' : holds ? 'yes' : 'NO']);
  return rows.toString();
}
