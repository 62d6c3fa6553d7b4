import { describe, expect, it } from 'vitest';
import type { BookedEntry } from '../../src/domain/ledger/sums.js';
import { rulingEffect, type RuledAround } from '../../src/domain/market/ruling-effect.js';
import type { ActionRuling, Bar, CorporateAction } from '../../src/domain/types.js';

/** AAPL around its split of seven on 9 June 2014, and ten shares that were held before. */
const bar = (session: string, close: string): Bar => ({
  symbol: 'AAPL',
  session,
  open: close,
  high: close,
  low: close,
  close,
  volume: null,
  adjClose: null,
});
const SPLIT: CorporateAction = {
  symbol: 'AAPL',
  exDate: '2014-06-09',
  kind: 'SPLIT',
  value: '7',
  currency: null,
  source: 'csv',
};
const opening: BookedEntry = {
  entryId: 1,
  kind: 'OPENING',
  effectiveDate: '2014-06-03',
  description: 'Opening',
  symbol: null,
  postings: [
    { account: 'Assets:Units', commodity: 'AAPL', amount: '10' },
    { account: 'Equity:Opening', commodity: 'AAPL', amount: '-10' },
  ],
  bookedAt: '2014-06-03T07:00:00.000Z',
  reversesEntryId: null,
  ticketId: null,
  confirmationId: null,
  idempotencyKey: 'opening',
  operator: 'ann',
};
const around = (change: Partial<RuledAround> = {}): RuledAround => ({
  symbol: 'AAPL',
  exDate: '2014-06-09',
  bars: [bar('2014-06-06', '645.57'), bar('2014-06-09', '93.7')],
  basis: 'raw',
  actions: [SPLIT],
  rulings: [],
  ledgers: [
    { account: 'main', entries: [opening] },
    { account: 'other', entries: [] },
  ],
  ...change,
});
const ruled = (ruling: ActionRuling['ruling'], value: string | null): ActionRuling => ({
  symbol: 'AAPL',
  exDate: '2014-06-09',
  kind: 'SPLIT',
  ruling,
  value,
});

describe('what a ruling does', () => {
  it('as it was published: units and closes of before are in new shares', () => {
    expect(rulingEffect(around(), null)).toEqual({
      adjusted: [expect.closeTo(645.57 / 7, 10), 93.7],
      holdings: [{ account: 'main', before: '10', from: '70', cash: '0' }],
    });
  });

  it('of another ratio, of cash, or of nothing', () => {
    const split = rulingEffect(around(), ruled('split', '2'));
    expect(split.holdings).toEqual([{ account: 'main', before: '10', from: '20', cash: '0' }]);
    expect(split.adjusted[0]).toBeCloseTo(645.57 / 2, 10);
    const cash = rulingEffect(around(), ruled('cash_dividend', '3.05'));
    expect(cash.holdings).toEqual([{ account: 'main', before: '10', from: '10', cash: '30.5' }]);
    expect(cash.adjusted[0]).toBeCloseTo(645.57 - 3.05, 10);
    const none = rulingEffect(around(), ruled('ignore', null));
    expect(none).toEqual({
      adjusted: [645.57, 93.7],
      holdings: [{ account: 'main', before: '10', from: '10', cash: '0' }],
    });
  });

  it('takes the place of an earlier one, and says where an action leaves nothing', () => {
    const before = [ruled('ignore', null)];
    expect(rulingEffect(around({ rulings: before }), null).holdings[0]?.from).toBe('10');
    expect(rulingEffect(around({ rulings: before }), ruled('split', '7')).holdings[0]?.from).toBe('70');
    expect(rulingEffect(around(), ruled('cash_dividend', '700')).adjusted).toEqual([null, 93.7]);
  });

  it('counts a split once that is booked already', () => {
    const booked: BookedEntry = {
      ...opening,
      entryId: 2,
      kind: 'SPLIT',
      effectiveDate: '2014-06-09',
      symbol: 'AAPL',
      postings: [
        { account: 'Assets:Units', commodity: 'AAPL', amount: '60' },
        { account: 'Equity:Splits', commodity: 'AAPL', amount: '-60' },
      ],
      idempotencyKey: 'split',
    };
    const effect = rulingEffect(around({ ledgers: [{ account: 'main', entries: [opening, booked] }] }), null);
    expect(effect.holdings).toEqual([{ account: 'main', before: '10', from: '70', cash: '0' }]);
  });
});
