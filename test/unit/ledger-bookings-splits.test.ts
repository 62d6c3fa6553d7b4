import { describe, expect, test } from 'vitest';
import { planSplit, unbookedSplits, type SplitCommand } from '../../src/domain/ledger/bookings/split.js';
import { openingEntry, splitEntry, type EntryDraft } from '../../src/domain/ledger/entries.js';
import { booked } from './ledger.fixture.js';
import { account, today, opening, opened, action, EMPTY, no, FUTURE } from '../support/bookings.js';

// Splits: what they book to the last posting, and what they say when they do not.

describe('splits', () => {
  const known = {
    settled: [action('AAPL', '2014-06-09', 'SPLIT', '7'), action('KO', '2014-06-09', 'DIVIDEND', '1')],
    holds: [],
  };
  const split = (
    changes: Partial<SplitCommand> = {},
    entries = opened,
    actions: Parameters<typeof planSplit>[2] = known,
  ) =>
    planSplit(
      entries,
      { account, today, asOfDate: '2014-06-27', symbol: 'AAPL', exDate: '2014-06-09', ratio: null, ...changes },
      actions,
    );

  test('come from what is stored, or from the ratio that is given', () => {
    expect(split()).toEqual({
      ok: true,
      result: {
        key: 'split:AAPL:2014-06-09',
        reversesEntryId: null,
        standing: null,
        draft: {
          kind: 'SPLIT',
          effectiveDate: '2014-06-09',
          description: 'Split of AAPL, 7 for 1, ex-date 2014-06-09',
          symbol: 'AAPL',
          postings: [
            { account: 'Assets:Units', commodity: 'AAPL', amount: '60' },
            { account: 'Equity:Splits', commodity: 'AAPL', amount: '-60' },
          ],
        },
      },
    });
    expect(split({ ratio: '2' })).toMatchObject({
      result: { draft: { postings: [{ amount: '10' }, { amount: '-10' }] } },
    });
  });

  test("from the opening to the date of today's prices, both included", () => {
    expect([split({ exDate: '2014-05-01', ratio: '2' }).ok, split({ exDate: '2014-06-27', ratio: '2' }).ok]).toEqual([
      true,
      true,
    ]);
    expect(split({ exDate: '2014-04-30', ratio: '2' })).toEqual(
      no(
        'refused',
        'SPLIT_BEFORE_OPENING',
        'the ledger was opened on 2014-05-01, with the split of 2014-04-30 in its units',
      ),
    );
    expect(split({ exDate: today, ratio: '2' })).toEqual(
      no(
        'refused',
        'SPLIT_TOO_EARLY',
        "ex-date: 2014-06-30: must not be after 2014-06-27, the date of today's prices: AAPL would be counted after the split and priced before it",
        'book it on the next session; until then reconciliation fails with UNITS_DRIFT and nothing trades',
      ),
    );
    expect(split({ exDate: '2014-07-01', ratio: '2' })).toEqual(
      no('usage', 'DATE_INVALID', 'ex-date: 2014-07-01: must not be in the future: today is 2014-06-30', FUTURE),
    );
    expect(split({ exDate: today, asOfDate: today, ratio: '2' }).ok).toBe(true);
    expect(split({}, [])).toEqual(EMPTY);
  });

  test('of what is not held change nothing, and one that no source has told needs its ratio', () => {
    expect(split({ symbol: 'MSFT', ratio: '2' })).toEqual(
      no('refused', 'NOTHING_HELD', 'the ledger held no MSFT before 2014-06-09: the split changes nothing'),
    );
    expect(split({ symbol: 'KO' })).toEqual(
      no(
        'refused',
        'ACTION_UNKNOWN',
        'no split of KO with ex-date 2014-06-09 is stored, up to the as-of date',
        'make market-fetch, or give the ratio you read off the broker with --ratio',
      ),
    );
  });

  test('that nobody has booked, of what was held before them, after the opening', () => {
    const settled = [
      action('AAPL', '2014-06-09', 'SPLIT', '7'),
      action('AAPL', '2014-05-01', 'SPLIT', '2'),
      action('AAPL', '2014-05-02', 'SPLIT', '3'),
      action('MSFT', '2014-06-09', 'SPLIT', '2'),
      action('KO', '2014-06-09', 'DIVIDEND', '2'),
    ];
    const dates = (entries: typeof opened) => unbookedSplits(entries, settled).map(({ exDate }) => exDate);
    expect(dates(opened)).toEqual(['2014-06-09', '2014-05-02']);
    const draft = splitEntry({ exDate: '2014-06-09', symbol: 'AAPL', units: '10', ratio: '7' }) as EntryDraft;
    expect(dates(booked([opening, { ...draft, key: 'split:AAPL:2014-06-09' }]))).toEqual(['2014-05-02']);
    expect(dates([])).toEqual([]);
    const half = booked([
      openingEntry({ date: '2014-05-01', baseCurrency: 'GBP', cash: '1', positions: { AAPL: '0.5' } }) as EntryDraft,
    ]);
    expect(dates(half)).toEqual(['2014-06-09', '2014-05-02']);
  });
});
