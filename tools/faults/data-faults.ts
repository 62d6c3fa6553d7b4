import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IsoDate } from '../../src/domain/types.js';
import { FOLDER_OF_2014 } from '../../test/support/market-2014.js';
import type { DataFault } from './kinds.js';

/** Spoils the file of a symbol, or of the rate, in a drop folder, as far as it is known on the evening of a session. */
export function spoil(folder: string, symbol: string, what: DataFault, asOf: IsoDate): void {
  const file = join(folder, `${symbol}.csv`);
  if (what === 'gone') return rmSync(file, { force: true });
  writeFileSync(file, spoiled(readFileSync(join(FOLDER_OF_2014, `${symbol}.csv`), 'utf8'), what, asOf));
}

/** Puts the true file back. */
export function mend(folder: string, symbol: string): void {
  copyFileSync(join(FOLDER_OF_2014, `${symbol}.csv`), join(folder, `${symbol}.csv`));
}

/** The text of a file with what is wrong with it; rows after the session are of no account and left out. */
export function spoiled(text: string, what: DataFault, asOf: IsoDate): string {
  const [header = '', ...rows] = text.trimEnd().split('\n');
  const known = rows.filter((row) => row.slice(0, 10) <= asOf);
  const newest = known.at(-1) ?? '';
  const before = known.slice(0, -1);
  const joined = (...lines: string[]) => `${[header, ...lines].join('\n')}\n`;
  switch (what) {
    case 'gone':
    case 'empty':
      return '';
    case 'header only':
      return joined();
    case 'html':
      return '<!DOCTYPE html><html><body><h1>503 Service Unavailable</h1></body></html>\n';
    case 'limit text':
      return 'Exceeded the daily hits limit\n';
    case 'newest row missing':
      return joined(...before);
    case 'cut in a line':
      return joined(...before, newest.slice(0, 17)).trimEnd();
    case 'row twice':
      return joined(...known, newest);
    case 'row of the future':
      return joined(
        ...known,
        newest.replace(/^\d{4}/, (year) => String(Number(year) + 10)),
      );
    case 'columns swapped':
      return joined(...before, newest.split(',').toReversed().join(','));
    case 'price zero':
      return joined(
        ...before,
        withFigures(newest, () => '0'),
      );
    case 'high below low':
      return joined(
        ...before,
        withFigures(newest, (figure, column) => (column === 2 ? '0.01' : figure)),
      );
    case 'ten times the price':
      return joined(
        ...before,
        withFigures(newest, (figure) => (Number(figure) * 10).toFixed(4)),
      );
    case 'newest row repeated':
      return joined(...before, `${newest.slice(0, 10)}${before.at(-1)?.slice(10) ?? ''}`);
    case 'old close changed': {
      const old = Math.max(0, known.length - 20);
      return joined(
        ...known.map((row, index) =>
          index === old
            ? withFigures(row, (figure, column) => (column === 4 ? (Number(figure) * 1.01).toFixed(4) : figure))
            : row,
        ),
      );
    }
  }
}

/** A row with its prices changed; the date stays, and so does the volume of a bar. @param change column from 1 */
function withFigures(row: string, change: (figure: string, column: number) => string): string {
  const [date = '', ...figures] = row.split(',');
  const prices = figures.length > 3 ? figures.length - 1 : figures.length;
  return [date, ...figures.map((figure, index) => (index < prices ? change(figure, index + 1) : figure))].join(',');
}
