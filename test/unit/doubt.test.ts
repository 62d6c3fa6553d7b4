import { describe, expect, it } from 'vitest';
import { doubtsAbout, doubtsOf, soundQuotes } from '../../src/domain/ledger/doubt.js';
import { worthOf, type Quotes } from '../../src/domain/ledger/worth.js';
import type { Reason } from '../../src/domain/types.js';

const reason = (code: string, subject: string, evidence: Reason['evidence']): Reason => ({
  code,
  subject,
  message: 'm',
  evidence,
});
const jump = (date: string) => reason('PRICE_JUMP_UNEXPLAINED', 'XOM', { session: date });
const quote = (price: string) => ({ price, currency: 'USD', fx: '1.5', date: '2020-08-31' });
const quotes: Quotes = {
  today: new Map([
    ['XOM', quote('80')],
    ['KO', quote('40')],
  ]),
  last: new Map(),
  lacking: new Map(),
};
const subjects = (reasons: Reason[], since: string | null, asOfDate: string) => [
  ...doubtsAbout(doubtsOf(reasons), { since, asOfDate }).keys(),
];

describe('a price that nobody may rely on', () => {
  it('is one that the gate says so of, by the date of its fault', () => {
    expect(
      doubtsOf([
        jump('2020-08-31'),
        reason('ACTION_NEEDS_REVIEW', 'KO', { exDate: '2020-08-28', kind: 'SPLIT' }),
        reason('ADJUSTMENT_UNEXPLAINED', 'PG', { session: '2020-08-27' }),
        reason('FX_JUMP_UNEXPLAINED', 'GBPUSD', { date: '2020-08-26' }),
        reason('BAR_INVALID', 'T', { session: '2020-08-31' }),
        reason('BAR_FILLER', 'V', { session: '2020-08-31' }),
        reason('DATA_STALE', 'FB', { due: '2020-08-31' }),
        reason('SOURCES_DISAGREE', 'MA', { close: '1' }),
      ]).map(({ subject, date, lasts }) => `${subject} ${date} ${lasts}`),
    ).toEqual([
      'XOM 2020-08-31 true',
      'KO 2020-08-28 true',
      'PG 2020-08-27 true',
      'GBPUSD 2020-08-26 true',
      'T 2020-08-31 false',
      'V 2020-08-31 false',
    ]);
  });

  it('a jump lasts since the valuation before it, until it is settled; one from before is in that valuation', () => {
    expect(subjects([jump('2020-08-31')], '2020-08-28', '2020-08-31')).toEqual(['XOM']);
    expect(subjects([jump('2020-08-31')], '2020-08-28', '2020-09-02')).toEqual(['XOM']);
    expect(subjects([jump('2020-08-31')], '2020-08-31', '2020-09-02')).toEqual([]);
    // Valued once more at the date of the jump itself.
    expect(subjects([jump('2020-08-31')], '2020-08-31', '2020-08-31')).toEqual(['XOM']);
    // A valuation of long ago that is made again knows nothing of it.
    expect(subjects([jump('2020-08-31')], '2020-08-20', '2020-08-21')).toEqual([]);
    // Opened after it: nothing is compared with the price before.
    expect(subjects([jump('2020-08-31')], null, '2020-09-02')).toEqual([]);
  });

  it('a bar that cannot be true is of its own day', () => {
    const bar = reason('BAR_INVALID', 'XOM', { session: '2020-08-31' });
    expect(subjects([bar], '2020-08-28', '2020-08-31')).toEqual(['XOM']);
    expect(subjects([bar], '2020-08-28', '2020-09-01')).toEqual([]);
  });

  it('values nothing that holds it, and everything else', () => {
    const books = (units: Record<string, string>) => ({
      base: 'GBP',
      ledger: { cash: '10', units, lastEntryId: 1, lastBookedAt: null },
      previous: { lastEntryId: 1 },
      flows: { cash: '0', units: {} },
      held: Object.keys(units),
      gone: [],
      splits: [],
      entries: [],
    });
    const sound = (reasons: Reason[]) =>
      soundQuotes(quotes, 'GBP', doubtsAbout(doubtsOf(reasons), { since: '2020-08-28', asOfDate: '2020-08-31' }));
    const split = sound([jump('2020-08-31')]);
    expect(worthOf(books({ XOM: '3', KO: '3' }), split)).toEqual({ missing: ['XOM'] });
    expect(worthOf(books({ KO: '3' }), split)).toMatchObject({ equity: '90' });
    const rate = sound([reason('FX_JUMP_UNEXPLAINED', 'GBPUSD', { date: '2020-08-31' })]);
    expect(worthOf(books({ XOM: '3', KO: '3' }), rate)).toEqual({ missing: ['GBPUSD'] });
    expect(soundQuotes(quotes, 'EUR', doubtsAbout(doubtsOf([]), { since: null, asOfDate: '2020-08-31' }))).toBe(quotes);
  });
});
