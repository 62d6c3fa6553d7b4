import { describe, expect, it } from 'vitest';
import {
  depositEntry,
  feeEntry,
  fillEntry,
  interestEntry,
  openingEntry,
  withdrawalEntry,
  type EntryDraft,
} from '../../src/domain/ledger/entries.js';
import { D } from '../../src/domain/money.js';
import type { StatementComparison } from '../../src/domain/statement/compare/line.js';
import { opened, type Happening } from '../support/statement.js';
import { booked } from './ledger.fixture.js';
import { differing, holdAgainst, interestAt, read, type Base } from './statement.fixture.js';

/* Which rows of its own day the ledger's opening has in it already. */

const at = (time: string) => `05/01/2026 ${time}:00`;
const LATER = '2026-02-01T09:00:00.000Z';
const AT_NOON = '2026-01-05T12:00:00.000Z';

interface Opened {
  base?: Base;
  bookedAt?: string;
  /** What was booked after it. */
  since?: readonly EntryDraft[];
}
async function heldAgainst(
  happenings: Happening[],
  cash: string,
  { base = 'USD', bookedAt = LATER, since = [] }: Opened,
) {
  const statement = await read({ happenings, said: { cash: 0, equity: 0 } });
  const opening = openingEntry({ date: '2026-01-05', cash, positions: {}, baseCurrency: base });
  const entries = booked([...(opening ? [opening] : []), ...since]).map((entry) => ({ ...entry, bookedAt }));
  return holdAgainst(statement, { drafts: [], base, more: { entries, rateOn: () => '2' } });
}

/** What is left out of a statement by an opening of its first day, and what of the rest nothing books. */
async function leftOut(happenings: Happening[], cash: string, opened: Opened = {}) {
  const comparison = await heldAgainst(happenings, cash, opened);
  const missing = differing(comparison).filter(({ difference }) => difference === 'MISSING_IN_LEDGER');
  return [comparison.before, missing.map(({ statement: side }) => side?.amount)];
}

const pounds = (time: string, amount: string): Happening => ({
  at: at(time),
  type: 'Deposit',
  details: `${amount} GBP Wire`,
  amount: Number(amount) * 2,
});

describe("rows of the opening's own day", () => {
  const exact: Happening[] = [
    { at: at('10:00'), type: 'Deposit', details: '2500.00 USD Wire', amount: 2500 },
    ...[0.01, 0.02, 0.01].map((amount, index) => interestAt(at(`1${index + 1}:30`), amount)),
    interestAt('06/01/2026 10:00:00', 0.5),
  ];

  it('are left out to the penny where the figures are exact', async () => {
    expect(await leftOut(exact, '2500')).toEqual([1, ['0.01', '0.02', '0.01', '0.50']]);
    expect(await leftOut(exact, '2500.01')).toEqual([2, ['0.02', '0.01', '0.50']]);
    expect(await leftOut(exact, '2500.04')).toEqual([4, ['0.50']]);
  });

  it('are not all left out, however many rows of pennies there are', async () => {
    const many = Array.from({ length: 60 }, (_, minute) =>
      interestAt(at(`11:${String(minute).padStart(2, '0')}`), 0.01),
    );
    const [before] = await leftOut([exact[0] as Happening, ...many], '2500');
    expect(before).toBe(1);
  });

  it('are those up to the nearest place where figures are rounded, unless its instant tells it', async () => {
    const rounded = [pounds('10:00', '1000.00'), pounds('11:00', '0.01'), pounds('13:00', '5.00')];
    expect(await leftOut(rounded, '1000', { base: 'GBP' })).toEqual([1, ['0.01', '5.00']]);
    expect(await leftOut(rounded, '1000', { base: 'GBP', bookedAt: AT_NOON })).toEqual([2, ['5.00']]);
  });

  it('are not left out for what another row of the day may be estimated at', async () => {
    const base = { base: 'GBP' } as const;
    for (const [cents, told] of [
      [0.5, '0.25'],
      [0.02, '0.01'],
    ] as const) {
      const rows = [pounds('10:00', '1500.00'), interestAt(at('11:00'), cents), pounds('12:00', '20.00')];
      expect(await leftOut(rows, '1500', base)).toEqual([1, [told, '20.00']]);
      expect(await leftOut(rows, D('1500').plus(told).toFixed(2), base)).toEqual([2, ['20.00']]);
    }
    // Of what was estimated itself the nearest is no likelier.
    const sent: Happening = { at: at('10:00'), type: 'Deposit', details: '4000.00 USD Wire', amount: 4000 };
    expect(await leftOut([sent, interestAt(at('11:00'), 8)], '2001', base)).toEqual([2, []]);
  });
});

describe("rows of the opening's own day that come to nothing", () => {
  const rows: Happening[] = [
    { at: at('10:00'), type: 'Deposit', details: '2500.00 USD Wire', amount: 2500 },
    { at: at('11:00'), type: 'Deposit', details: '500.00 USD Wire', amount: 500 },
    { at: at('12:00'), type: 'Withdraw Request', amount: -500 },
    interestAt(at('12:30'), 1),
    { at: at('12:40'), type: 'Adjustment', amount: -1 },
  ];
  const of = { date: '2026-01-05', baseCurrency: 'USD' };
  const deposit = depositEntry({ ...of, amount: '500' });
  const rest = [interestEntry({ ...of, amount: '1' }), feeEntry({ ...of, amount: '1' })];
  const all = [deposit, withdrawalEntry({ ...of, amount: '500' }), ...rest];

  const ofPlaces = ({ notes }: StatementComparison) => notes.filter((note) => !note.startsWith('Not used'));

  it('are those after which the others are what is booked of that day', async () => {
    for (const [since, before, missing, doubts] of [
      [all, 1, [], 0],
      [rest, 3, [], 1],
      [[deposit], 1, ['500.00', '1.00', '1.00'], 0],
    ] as const) {
      expect(await leftOut(rows, '2500', { since })).toEqual([before, missing]);
      const comparison = await heldAgainst(rows, '2500', { since });
      const status = missing.length === 0 ? 'AGREES' : 'DIFFERS';
      expect([comparison.status, ofPlaces(comparison).length]).toEqual([status, doubts]);
    }
  });

  it('are those too where nothing is booked of that day, and that is said', async () => {
    expect(await leftOut(rows, '2500')).toEqual([5, []]);
    expect(ofPlaces(await heldAgainst(rows, '2500', {}))).toEqual([
      'Of 2026-01-05 cash and units may be what the ledger was opened with after 1 or 3 or 5 rows, and its ' +
        'entries do not tell which: the first 5 are taken as within the opening.',
    ]);
    const nothing: Happening = { at: at('10:30'), type: 'Edit Stop Loss', amount: 0 };
    expect(ofPlaces(await heldAgainst([rows[0] as Happening, nothing], '2500', {}))).toEqual([]);
  });

  it('are trades too, by the units that entries moved', async () => {
    const bought = opened(at('11:00'), 'AAA', '1', '2', 100);
    const closed = { invested: 100, profit: 0, display: 0, openedAt: bought.at, openRate: 50, closeRate: 50 };
    const sold: Happening = { ...bought, at: at('12:00'), type: 'Position closed', cash: 100, equity: 0, closed };
    const fill = (side: 'BUY' | 'SELL') =>
      fillEntry({ ...of, symbol: 'AAA', side, units: '2', value: side === 'BUY' ? '101' : '99' });
    const trades = [rows[0] as Happening, bought, sold];
    expect((await heldAgainst(trades, '2500', { since: [fill('BUY'), fill('SELL')] })).before).toBe(1);
    expect((await heldAgainst(trades, '2500', {})).before).toBe(3);
  });
});
