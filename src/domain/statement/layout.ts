import { refusedStatement } from './refusals.js';
import type { Sheet, SheetRow } from './sheet.js';
import { placeOf, type Placed } from './values.js';

/*
 * The broker's layouts, by the names of sheets and columns: about twice a year a column is renamed or put between
 * others, and seldom does one change its meaning. So nothing is read by its place, and what has a name that is not in
 * these lists is refused by it: there may be money in it.
 */

/** A column: under which names it is known, and whether a sheet of any layout may lack it. */
interface Column {
  names: readonly string[];
  optional?: true;
}

/** Names as they are compared: the broker breaks lines in them, and spaces come and go. */
const plain = (name: string): string => name.toLowerCase().replaceAll(/[\s\u00A0]+/g, '');

const column = (...names: string[]): Column => ({ names: names.map(plain) });
const optional = (...names: string[]): Column => ({ ...column(...names), optional: true });
/** A column in the currency of display: `Profit(GBP)`. */
const displayed = (name: string): Column => optional(`${name}(GBP)`, `${name}(EUR)`);

const ACTIVITY = {
  date: column('Date'),
  type: column('Type'),
  details: column('Details'),
  amount: column('Amount'),
  units: column('Units', 'Units / Contracts'),
  equityChange: column('Realized Equity Change'),
  equity: column('Realized Equity'),
  balance: column('Balance'),
  positionId: column('Position ID'),
  assetType: column('Asset type'),
  nwa: optional('NWA'),
};

const CLOSED = {
  positionId: column('Position ID'),
  action: column('Action'),
  direction: optional('Long / Short'),
  amount: column('Amount'),
  units: column('Units', 'Units / Contracts'),
  openedAt: column('Open Date'),
  closedAt: column('Close Date'),
  leverage: column('Leverage'),
  spreadFees: optional('Spread Fees (USD)'),
  marketSpread: optional('Market Spread (USD)'),
  profit: column('Profit(USD)'),
  profitDisplay: displayed('Profit'),
  fxAtOpen: optional('FX rate at open (USD)'),
  fxAtClose: optional('FX rate at close (USD)'),
  openRate: column('Open Rate'),
  closeRate: column('Close Rate'),
  takeProfit: optional('Take profit rate'),
  stopLoss: optional('Stop loss rate', 'Stop lose rate'),
  overnight: optional('Overnight Fees and Dividends', 'Rollover Fees and Dividends'),
  copiedFrom: column('Copied From'),
  type: column('Type'),
  isin: optional('ISIN'),
  notes: optional('Notes'),
};

const DIVIDENDS = {
  date: column('Date of Payment'),
  instrument: column('Instrument Name'),
  net: column('Net Dividend Received (USD)'),
  netDisplay: displayed('Net Dividend Received'),
  netOwn: optional('Net dividends'),
  currency: optional('Currency'),
  franked: optional('Franked/Unfranked'),
  credits: optional('Franking Credits (AUD)'),
  rate: column('Withholding Tax Rate (%)'),
  tax: column('Withholding Tax Amount (USD)'),
  taxDisplay: displayed('Withholding Tax Amount'),
  positionId: column('Position ID'),
  type: column('Type'),
  isin: optional('ISIN'),
};

const TABLES = { activity: ACTIVITY, closed: CLOSED, dividends: DIVIDENDS };
export type TableName = keyof typeof TABLES;

const SHEETS = {
  summary: 'Account Summary',
  closed: 'Closed Positions',
  activity: 'Account Activity',
  dividends: 'Dividends',
};
type SheetName = keyof typeof SHEETS;
/** Sums of other sheets, and snapshots of whichever day: they prove nothing of the period. */
const UNUSED = ['Financial Summary', 'Holdings'];
/** Sheets of the layouts before 2022, which have neither units nor the kind of asset. */
const BEFORE_2022 = ['Transactions Report', 'Account Details'];

/**
 * The sheets that a statement is read from, and those that are left. @throws OpsError STATEMENT_LANGUAGE,
 * STATEMENT_LAYOUT
 */
export function sheetsOf(sheets: readonly Sheet[]): { named: Record<SheetName, Sheet>; unused: string[] } {
  const names = sheets.map(({ name }) => name);
  const old = BEFORE_2022.find((name) => names.includes(name));
  if (old !== undefined)
    throw layout('sheet', old, 'is of the layout before 2022, which tells neither units nor assets');
  const known: string[] = [...Object.values(SHEETS), ...UNUSED];
  const strange = names.find((name) => !known.includes(name));
  if (strange !== undefined && isForeign(names, strange))
    throw refusedStatement(
      'STATEMENT_LANGUAGE',
      'sheet',
      strange,
      'is not in English: ask eToro for the English statement',
    );
  if (strange !== undefined) throw layout('sheet', strange, `must be one of ${known.join(', ')}`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw layout('sheet', twice, 'is there twice');
  const named = Object.fromEntries(
    Object.entries(SHEETS).map(([key, name]) => {
      const found = sheets.find((sheet) => sheet.name === name);
      if (!found) throw layout('sheet', name, 'is missing');
      return [key, found];
    }),
  ) as Record<SheetName, Sheet>;
  return { named, unused: names.filter((name) => UNUSED.includes(name)) };
}

const layout = (where: string, value: string, rule: string) => refusedStatement('STATEMENT_LAYOUT', where, value, rule);

/** A name that is not English, or a workbook none of whose sheets of ours is. */
const isForeign = (names: readonly string[], strange: string): boolean =>
  /[^\u0020-\u007E]/.test(strange) || !names.some((name) => Object.values(SHEETS).includes(name));

/** A row of a table, by column. */
export interface TableRow<Key extends string> {
  number: number;
  at(key: Key): Placed;
  /** Whether the sheet has the column at all. */
  has(key: Key): boolean;
}

export interface Table<Key extends string> {
  sheet: string;
  /** Columns that it has, with the names they have there. */
  headers: ReadonlyMap<Key, string>;
  rows: TableRow<Key>[];
}

/** The rows of a sheet by its columns, whose names stand in its first row. @throws OpsError STATEMENT_LAYOUT */
export function tableOf<Name extends TableName>(
  name: Name,
  sheet: Sheet,
  from1904: boolean,
): Table<keyof (typeof TABLES)[Name] & string> {
  type Key = keyof (typeof TABLES)[Name] & string;
  const columns = TABLES[name] as Record<Key, Column>;
  const [header, ...rows] = sheet.rows;
  if (!header) throw layout('sheet', sheet.name, 'has no names of columns');
  const places = placesOf(sheet.name, columns, header);
  return {
    sheet: sheet.name,
    headers: new Map([...places].map(([key, place]) => [key, header.cells.get(place)?.text ?? ''])),
    rows: rows.map((row) => ({
      number: row.number,
      has: (key) => places.has(key),
      at: (key) => {
        const place = places.get(key);
        if (place === undefined) return { cell: null, where: `${sheet.name}!${key}${row.number}`, from1904 };
        return { cell: row.cells.get(place) ?? null, where: placeOf(sheet.name, place, row.number), from1904 };
      },
    })),
  };
}

function placesOf<Key extends string>(sheet: string, columns: Record<Key, Column>, header: SheetRow): Map<Key, number> {
  const keys = Object.keys(columns) as Key[];
  const places = new Map<Key, number>();
  for (const [place, { text }] of header.cells) {
    const key = keys.find((each) => columns[each].names.includes(plain(text)));
    const where = placeOf(sheet, place, header.number);
    if (key === undefined) throw layout(where, text.trim(), 'is a column of no layout that is known');
    if (places.has(key)) throw layout(where, text.trim(), 'is a column that is there twice');
    places.set(key, place);
  }
  const missing = keys.find((key) => columns[key].optional === undefined && !places.has(key));
  if (missing === undefined) return places;
  throw layout(`sheet ${sheet}`, columns[missing].names[0] ?? missing, 'is a column that is missing');
}

/** The tables that tell layouts apart. */
export interface Tables {
  activity: Table<keyof typeof ACTIVITY>;
  closed: Table<keyof typeof CLOSED>;
  dividends: Table<keyof typeof DIVIDENDS>;
}

/** Which layout it is: the newest one whose columns it has. */
export function layoutOf({ activity, closed, dividends }: Tables, unused: readonly string[]): string {
  const has = (text: string | undefined, name: string) => text !== undefined && plain(text) === plain(name);
  const isDated: [label: string, isIt: boolean][] = [
    ['2025-11', dividends.headers.has('netOwn')],
    [
      '2025-02',
      has(activity.headers.get('units'), 'Units / Contracts') || has(closed.headers.get('units'), 'Units / Contracts'),
    ],
    ['2025-01', has(closed.headers.get('stopLoss'), 'Stop loss rate')],
    ['2024-08', closed.headers.has('fxAtOpen')],
    ['2024-07', closed.headers.has('direction')],
  ];
  const label = isDated.find(([, isIt]) => isIt)?.[0] ?? '2024-01';
  return unused.includes('Holdings') ? `${label} with Holdings` : label;
}
