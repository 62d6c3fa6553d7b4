import path from 'node:path';
import { cleanRatio } from '../../domain/market/ratio.js';
import { dateOfField, decimalOf } from '../numbers.js';
import { FetchError, type PublishedAction, type RawPayload } from '../provider.js';
import { spelled } from '../identity.js';
import { newestFile, readDropped } from './folder.js';
import { refuseOtherThanCsv, type LayoutName } from './layout.js';
import { csvRows } from './reader.js';
import type { DividendType, PriceBasis } from '../../domain/types.js';
import { groupBy } from '../../domain/group.js';

/** The action files of a drop folder, each with the bytes it was read from. */
export interface ActionFiles {
  splits: ActionFile | null;
  dividends: ActionFile | null;
}

interface ActionFile {
  payload: RawPayload;
  /** Rows by symbol, however it is spelled; read when a symbol is asked for, so that one bad row fails one symbol. */
  rows: Map<string, { fields: string[]; line: number }[]>;
  columns: { exDate: number; value: number; currency: number | undefined; type: number | undefined };
}

const TYPE_NAMES = ['type', 'dividendtype', 'dividend_type'];
const VALUE_NAMES = { splits: ['splitcoefficient', 'split_coefficient', 'ratio'], dividends: ['amount', 'dividend'] };

/** Reads `splits.csv` (Symbol,ExDate,SplitCoefficient,…) and `dividends.csv` (Symbol,ExDate,Amount,Currency,…) where they are. */
export async function readActionFiles(files: Map<string, string>): Promise<ActionFiles> {
  const [splits, dividends] = await Promise.all([readActionFile(files, 'splits'), readActionFile(files, 'dividends')]);
  return { splits, dividends };
}

async function readActionFile(files: Map<string, string>, name: 'splits' | 'dividends'): Promise<ActionFile | null> {
  const file = (await newestFile(files, [`${name}.csv`], '9999-12-31'))?.file;
  if (!file) return null;
  const body = await readDropped(file);
  const text = body.toString('utf8').replace(/^\uFEFF/, '');
  refuseOtherThanCsv(text, `${name}.csv`);
  const [header, ...lines] = csvRows(text);
  const columns = (header ?? []).map((column) => column.toLowerCase());
  const column = (names: string[]) => columns.findIndex((title) => names.includes(title));
  const [symbol, exDate, value, currency, type] = [
    column(['symbol']),
    column(['exdate', 'ex_date']),
    column(VALUE_NAMES[name]),
    column(['currency']),
    // What kind of payment it is; where no column says it, the name of its source may.
    column(TYPE_NAMES) < 0 ? column(['source']) : column(TYPE_NAMES),
  ];
  if (symbol < 0 || exDate < 0 || value < 0) {
    throw new FetchError(
      'BAD_LAYOUT',
      `${name}.csv: header must name Symbol, ExDate and ${name === 'splits' ? 'SplitCoefficient' : 'Amount'}`,
    );
  }
  const rows: ActionFile['rows'] = groupBy(
    lines.map((fields, index) => ({ fields, line: index + 2 })),
    ({ fields }) => spelled(fields[symbol] ?? ''),
  );
  return {
    payload: { kind: 'actions', name, extension: 'csv', request: `file ${path.basename(file)}`, body },
    rows,
    columns: { exDate, value, currency: currency < 0 ? undefined : currency, type: type < 0 ? undefined : type },
  };
}

/** The actions of one symbol up to `to`; `firstPayload` is the index that the first action file will have in the answer. */
export function actionsOf(
  files: ActionFiles,
  symbol: string,
  to: string,
  firstPayload: number,
): { actions: PublishedAction[]; payloads: RawPayload[] } {
  const actions: PublishedAction[] = [];
  const payloads: RawPayload[] = [];
  for (const [name, kind] of [
    ['splits', 'SPLIT'],
    ['dividends', 'DIVIDEND'],
  ] as const) {
    const file = files[name];
    const rows = file?.rows.get(spelled(symbol)) ?? [];
    if (!file || rows.length === 0) continue;
    for (const { fields, line } of rows) {
      const where = `${name}.csv: line ${line}: `;
      const exDate = dateOfField(fields[file.columns.exDate], `${where}ex-date`);
      const published = decimalOf(fields[file.columns.value], `${where}value`);
      if (Number(published) <= 0) throw new FetchError('BAD_NUMBER', `${where}value: ${published} must be above 0`);
      if (exDate > to) continue;
      actions.push({
        symbol,
        exDate,
        kind,
        source: 'csv',
        published,
        payload: firstPayload + payloads.length,
        value: kind === 'SPLIT' ? cleanRatio(published) : published,
        currency: kind === 'SPLIT' ? null : currencyOf(fields, file.columns.currency, where),
        ...(kind === 'DIVIDEND' && typeOf(fields, file.columns.type)),
      });
    }
    payloads.push(file.payload);
  }
  return { actions, payloads };
}

/** The type that a row names; none where it says another word, for that is no type of ours. */
function typeOf(fields: string[], column: number | undefined): { dividendType?: DividendType } {
  const word = column === undefined ? '' : (fields[column] ?? '').toLowerCase().replaceAll(/[\s_-]+/g, ' ');
  const dividendType = TYPE_WORDS[word];
  return dividendType === undefined ? {} : { dividendType };
}

const TYPE_WORDS: Record<string, DividendType | undefined> = {
  regular: 'regular',
  ordinary: 'regular',
  special: 'special',
  extra: 'special',
  'return of capital': 'return_of_capital',
  roc: 'return_of_capital',
};

/** Three capital letters: pence (`GBX`, `GBp`) would be taken for a hundred times as much. */
function currencyOf(fields: string[], column: number | undefined, where: string): string {
  const word = (column === undefined ? '' : (fields[column] ?? '')) || 'USD';
  if (/^[A-Z]{3}$/.test(word) && word !== 'GBX') return word;
  throw new FetchError('BAD_CURRENCY', `${where}currency: ${word.slice(0, 40)} must be three capital letters: USD`);
}

/**
 * Price basis of a layout (docs/RULES.md 6.3). Alpha Vantage is raw and Yahoo split-adjusted by definition. A plain
 * date-and-prices file does not say: where the folder holds a splits.csv it is taken as traded, for that file would be
 * of no use otherwise; without one it is Stooq's own download, already adjusted.
 */
export function basisOf(layout: LayoutName, files: ActionFiles): PriceBasis {
  if (layout === 'alphavantage') return 'raw';
  if (layout === 'yahoo') return 'split';
  if (files.splits) return 'raw';
  return files.dividends ? 'split' : 'split+dividend';
}
