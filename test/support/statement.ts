import {
  dividendEntry,
  dividendFromNet,
  fillEntry,
  interestEntry,
  openingEntry,
  splitEntry,
  withdrawalEntry,
  type EntryDraft,
} from '../../src/domain/ledger/entries.js';
import type { UniverseRow } from '../../src/domain/types.js';
import type { CellValue, Sheets } from './workbook.js';

/** What tests have of the broker: an account statement of January 2026, all invented, in the layout of 2025-11. */

const stock = (internalSymbol: string): UniverseRow => ({
  internalSymbol,
  etoroSearchName: internalSymbol,
  name: `${internalSymbol} Inc.`,
  kind: 'stock',
  listingCurrency: 'USD',
  tradable: true,
  enabled: true,
  verifiedOn: '2026-01-02',
  verifiedBy: 'ann',
});
export const UNIVERSE: UniverseRow[] = ['AAA', 'BBB', 'CCC'].map(stock);

export const ACTIVITY_HEADER = [
  'Date',
  'Type',
  'Details',
  'Amount',
  'Units / Contracts',
  'Realized Equity Change',
  'Realized Equity',
  'Balance',
  'Position ID',
  'Asset type',
  'NWA',
];

const CLOSED_HEADER = [
  'Position ID',
  'Action',
  'Long / Short',
  'Amount',
  'Units / Contracts',
  'Open Date',
  'Close Date',
  'Leverage',
  'Spread Fees (USD)',
  'Market Spread (USD)',
  'Profit(USD)',
  'Profit(GBP)',
  'FX rate at open (USD)',
  'FX rate at close (USD)',
  'Open Rate',
  'Close Rate',
  'Take profit rate',
  'Stop loss rate',
  'Overnight Fees and Dividends',
  'Copied From',
  'Type',
  'ISIN',
  'Notes',
];

const DIVIDENDS_HEADER = [
  'Date of Payment',
  'Instrument Name',
  'Net Dividend Received (USD)',
  'Net dividends',
  'Currency',
  'Franked/Unfranked',
  'Franking Credits (AUD)',
  'Net Dividend Received (GBP)',
  'Withholding Tax Rate (%)',
  'Withholding Tax Amount (USD)',
  'Withholding Tax Amount (GBP)',
  'Position ID',
  'Type',
  'ISIN',
];

/** A row of the activity before its balances are worked out. */
export interface Happening {
  at: string;
  type: string;
  details?: string;
  amount: number;
  /** What the balance changes by, where that is not the amount. */
  cash?: number;
  units?: string;
  equity?: number;
  id?: string;
  closed?: { invested: number; profit: number; display: number; openedAt: string; openRate: number; closeRate: number };
  /** Null where the sheet displays it in no other currency. */
  paid?: { tax: number; display: number | null; taxDisplay: number | null; rate?: string };
}

export const opened = (
  at: string,
  symbol: string,
  id: string,
  units: string,
  cost: number,
  remains = cost,
): Happening => ({
  at,
  type: 'Open Position',
  details: `${symbol}/USD`,
  amount: remains,
  cash: -cost,
  units,
  equity: 0,
  id,
});

/** January: paid in, two opened, a dividend, a part of one closed, a split, a transfer out, interest. */
export const JANUARY: Happening[] = [
  { at: '05/01/2026 14:05:00', type: 'Deposit', details: '1850.00 GBP eToroMoney', amount: 2500 },
  opened('05/01/2026 14:35:10', 'AAA', '9000000001', '10', 1000, 600),
  { at: '05/01/2026 14:35:10', type: 'Commission', details: 'On Open', amount: -1, equity: 0, id: '9000000001' },
  opened('05/01/2026 14:36:02', 'BBB', '9000000002', '4.123457', 500),
  {
    at: '13/01/2026 02:10:44',
    type: 'Dividend',
    details: 'AAA/USD',
    amount: 2.55,
    id: '9000000001',
    paid: { tax: 0.45, display: 1.9, taxDisplay: 0.34 },
  },
  {
    at: '20/01/2026 14:40:33',
    type: 'Position closed',
    details: 'AAA/USD',
    amount: 440,
    units: '4',
    equity: 40,
    id: '9000000101',
    closed: {
      invested: 400,
      profit: 40,
      display: 30.1,
      openedAt: '05/01/2026 14:35:10',
      openRate: 100,
      closeRate: 110,
    },
  },
  { at: '26/01/2026 06:27:00', type: 'corp action: Split', details: 'AAA/USD 2:1', amount: 0, id: '9000000001' },
  { at: '28/01/2026 09:00:00', type: 'Transfer: USD > GBP', amount: -200 },
  { at: '31/01/2026 05:50:54', type: 'Interest Payment', amount: 0.9 },
];

/** January as somebody would have booked it: the commission is in the value of the fill. */
export const januaryBooked = (base: 'USD' | 'GBP'): (EntryDraft | null)[] => {
  const of = <T>(usd: T, gbp: T) => (base === 'USD' ? usd : gbp);
  const money = { baseCurrency: base };
  return [
    openingEntry({ date: '2026-01-05', cash: of('2500', '1850'), positions: {}, ...money }),
    fillEntry({ date: '2026-01-05', symbol: 'AAA', side: 'BUY', units: '10', value: of('1001', '740.55'), ...money }),
    fillEntry({ date: '2026-01-05', symbol: 'BBB', side: 'BUY', units: '4.123457', value: of('500', '370'), ...money }),
    dividendEntry({
      date: '2026-01-13',
      exDate: '2026-01-02',
      symbol: 'AAA',
      amounts: dividendFromNet(of('2.55', '1.90')),
      ...money,
    }),
    fillEntry({ date: '2026-01-20', symbol: 'AAA', side: 'SELL', units: '4', value: of('440', '328'), ...money }),
    splitEntry({ exDate: '2026-01-26', symbol: 'AAA', units: '6', ratio: '2' }),
    withdrawalEntry({ date: '2026-01-28', amount: of('200', '148'), ...money }),
    interestEntry({ date: '2026-01-31', amount: of('0.90', '0.67'), ...money }),
  ];
};

const cents = (amount: number): number => Math.round(amount * 100) / 100;

export interface Statement {
  from?: string;
  to?: string;
  created?: string;
  currency?: string;
  /** The currency beside the dollars. */
  display?: string;
  user?: string;
  /** Realized equity and cash before the first row. */
  equity?: number;
  cash?: number;
}

/** The sheets of a statement that tells of these happenings, consistent in itself. */
export const statementOf = (happenings: readonly Happening[], said: Statement = {}): Sheets =>
  displayedIn(said.display ?? 'GBP', sheetsOf(happenings, said));

/** The same with another currency in its headings. */
const displayedIn = (display: string, sheets: Sheets): Sheets =>
  Object.fromEntries(
    Object.entries(sheets).map(([name, rows]) => [
      name,
      rows.map((row) => row.map((cell) => (typeof cell === 'string' ? cell.replace('(GBP)', `(${display})`) : cell))),
    ]),
  );

function sheetsOf(happenings: readonly Happening[], said: Statement): Sheets {
  let [equity, balance] = [said.equity ?? 0, said.cash ?? 0];
  const activity = happenings.map((each): CellValue[] => {
    const change = each.equity ?? each.amount;
    equity = cents(equity + change);
    balance = cents(balance + (each.cash ?? each.amount));
    const ofPosition = each.id !== undefined;
    return [
      each.at,
      each.type,
      each.details ?? '-',
      each.amount,
      each.units ?? '-',
      change,
      equity,
      balance,
      each.id ?? '-',
      ofPosition ? 'Stocks' : '-',
      0,
    ];
  });
  const sum = (of: (each: Happening) => number) => cents(happenings.reduce((total, each) => total + of(each), 0));
  const ofType = (type: RegExp) => sum(({ type: name, amount }) => (type.test(name) ? amount : 0));
  return {
    'Account Summary': [
      ['Details'],
      ['Name', 'Totals'],
      ['Name', 'Test User'],
      ['Username', said.user ?? 'test_user'],
      ['Currency', said.currency ?? 'USD/GBP'],
      ['Date Created', said.created ?? '01/02/2026 08:00:00'],
      ['Start Date', said.from ?? '01/01/2026 00:00:00'],
      ['End Date', said.to ?? '31/01/2026 23:59:59'],
      ['Account Summary (USD)', 'Total (USD)', 'Total (GBP)'],
      ['Beginning Realized Equity', said.equity ?? 0, 0],
      ['Deposits', ofType(/^Deposit$/), 'N/A'],
      [
        'Profit or Loss (Closed positions only)',
        sum(({ closed }) => closed?.profit ?? 0),
        sum(({ closed }) => closed?.display ?? 0),
      ],
      ['Dividends', ofType(/^Dividend$/), sum(({ paid }) => paid?.display ?? 0)],
      ['Transfer in', 0, 0],
      ['Transfer out', ofType(/^Transfer/), cents(ofType(/^Transfer/) * 0.74)],
      ['Commission', ofType(/^Commission$/), cents(ofType(/^Commission$/) * 0.75)],
      ['Ending Realized Equity', equity, cents(equity * 0.743)],
      ['N/A - Currency conversion not applicable'],
    ],
    'Closed Positions': [
      CLOSED_HEADER,
      ...happenings
        .flatMap((each): CellValue[][] =>
          each.closed === undefined
            ? []
            : [
                [
                  each.id ?? '',
                  `${each.details?.split('/')[0]} Inc. (${each.details?.split('/')[0]})`,
                  'Long',
                  each.closed.invested,
                  each.units ?? '',
                  each.closed.openedAt,
                  each.at,
                  '1',
                  0,
                  '0.02',
                  each.closed.profit,
                  each.closed.display,
                  '-',
                  '-',
                  each.closed.openRate,
                  each.closed.closeRate,
                  0,
                  0,
                  0,
                  '-',
                  'Stocks',
                  'XX0000000001',
                  null,
                ],
              ],
        )
        .toReversed(),
    ],
    'Account Activity': [ACTIVITY_HEADER, ...activity],
    Dividends: [
      DIVIDENDS_HEADER,
      ...happenings.flatMap((each): CellValue[][] =>
        each.paid === undefined
          ? []
          : [
              [
                each.at.slice(0, 10),
                'Alpha Analytics Inc.',
                each.amount,
                each.amount,
                'USD',
                '-',
                '-',
                each.paid.display,
                each.paid.rate ?? '15 %',
                each.paid.tax,
                each.paid.taxDisplay,
                each.id ?? '',
                'Stocks',
                'XX0000000001',
              ],
            ],
      ),
    ],
    'Financial Summary': [['Name', 'Amount\n in (USD)', 'Amount\n in (GBP)', 'Tax\nRate']],
    Holdings: [
      ['Snapshot Date', 'Asset', 'Position ID'],
      [46053, 'Alpha Analytics Inc.', '9000000001'],
    ],
  };
}
