import { describe, expect, test } from 'vitest';
import { planDividend, type DividendCommand, type DividendMarket } from '../../src/domain/ledger/bookings/dividend.js';
import { dividendEntry, dividendFromNet } from '../../src/domain/ledger/entries.js';
import { booked } from './ledger.fixture.js';
import { account, today, opening, opened, action, EMPTY, no, FUTURE, OPENING } from '../support/bookings.js';

// Dividends: what they book to the last posting, and what they say when they do not.

describe('dividends', () => {
  const known = {
    settled: [
      action('KO', '2014-06-12', 'DIVIDEND', '0.305', 'USD'),
      action('KO', '2014-06-12', 'SPLIT', '2'),
      action('AAPL', '2014-06-12', 'DIVIDEND', '9', 'USD'),
    ],
    holds: [],
  };
  const dividend = (
    changes: Partial<DividendCommand> = {},
    entries = opened,
    market: DividendMarket = {
      known,
      currency: 'USD',
      rateOf: (currency: string): string | null => (currency === 'USD' ? '1.6829' : null),
    },
  ) =>
    planDividend(
      entries,
      {
        isKnown: (symbol) => symbol !== 'NONE',
        account,
        today,
        symbol: 'KO',
        exDate: '2014-06-12',
        paidOn: null,
        amount: null,
        units: null,
        fx: null,
        withholding: null,
        net: null,
        ...changes,
      },
      market,
    );
  const amounts = (plan: ReturnType<typeof dividend>) =>
    plan.ok ? plan.result.draft.postings.map(({ account: where, amount }) => `${where} ${amount}`) : plan.refusal.code;

  test('come from what is stored: units before the ex-date, amount, rate, 15 % withheld', () => {
    expect(dividend()).toEqual({
      ok: true,
      result: {
        key: 'dividend:KO:2014-06-12',
        reversesEntryId: null,
        standing: null,
        draft: {
          kind: 'DIVIDEND',
          effectiveDate: today,
          description: 'Dividend of KO, ex-date 2014-06-12',
          symbol: 'KO',
          postings: [
            { account: 'Assets:Cash', commodity: 'GBP', amount: '3.08' },
            { account: 'Income:Dividends', commodity: 'GBP', amount: '-3.08' },
            { account: 'Expenses:WithholdingTax', commodity: 'GBP', amount: '0.54' },
            { account: 'Income:Dividends', commodity: 'GBP', amount: '-0.54' },
          ],
        },
      },
    });
  });

  test('or from what the operator says: units, amount, rate, withholding, or the net amount', () => {
    expect(amounts(dividend({ units: '100', amount: '1', fx: '2', withholding: '0.3' }))).toEqual([
      'Assets:Cash 35',
      'Income:Dividends -35',
      'Expenses:WithholdingTax 15',
      'Income:Dividends -15',
    ]);
    expect(amounts(dividend({ net: '85' }))).toEqual([
      'Assets:Cash 85',
      'Income:Dividends -85',
      'Expenses:WithholdingTax 15',
      'Income:Dividends -15',
    ]);
    expect(amounts(dividend({ net: '85', withholding: '0' }))).toEqual(['Assets:Cash 85', 'Income:Dividends -85']);
    // An amount that is given is in dollars.
    expect(amounts(dividend({ symbol: 'AAPL', exDate: '2014-06-20', amount: '1.6829' }))).toEqual([
      'Assets:Cash 8.5',
      'Income:Dividends -8.5',
      'Expenses:WithholdingTax 1.5',
      'Income:Dividends -1.5',
    ]);
  });

  test('without a currency are taken for dollars', () => {
    const market = {
      known: { settled: [action('KO', '2014-06-12', 'DIVIDEND', '1.6829')], holds: [] },
      currency: 'USD',
      rateOf: (currency: string) => (currency === 'USD' ? '1.6829' : null),
    };
    expect(amounts(dividend({}, opened, market))).toEqual([
      'Assets:Cash 17',
      'Income:Dividends -17',
      'Expenses:WithholdingTax 3',
      'Income:Dividends -3',
    ]);
  });

  test('neither of the future nor of before the opening, though an ex-date may be before it', () => {
    expect([
      dividend({ paidOn: today }).ok,
      dividend({ paidOn: '2014-05-01' }).ok,
      dividend({ exDate: today, net: '1' }).ok,
      dividend({ exDate: '2014-04-30', net: '1' }).ok,
    ]).toEqual([true, true, true, true]);
    expect(dividend({ exDate: '2014-07-01', net: '1' })).toEqual(
      no('usage', 'DATE_INVALID', 'ex-date: 2014-07-01: must not be in the future: today is 2014-06-30', FUTURE),
    );
    expect(dividend({ paidOn: '2014-07-01' })).toEqual(
      no('usage', 'DATE_INVALID', 'paid-on: 2014-07-01: must not be in the future: today is 2014-06-30', FUTURE),
    );
    expect(dividend({ paidOn: '2014-04-30' })).toEqual(
      no(
        'usage',
        'DATE_INVALID',
        'paid-on: 2014-04-30: must not be before the ledger was opened, 2014-05-01: what was earlier is in its opening',
        OPENING,
      ),
    );
    expect(dividend({}, [])).toEqual(EMPTY);
  });

  test('of nothing, or without a rate, are refused with what to give', () => {
    expect(dividend({ symbol: 'MSFT' })).toEqual(
      no(
        'refused',
        'NOTHING_HELD',
        'the ledger held no MSFT before 2014-06-12',
        'give what eToro paid with --net, or the units with --units',
      ),
    );
    expect(dividend({ units: '0.01' })).toEqual(
      no('refused', 'DIVIDEND_TOO_SMALL', 'the dividend of KO comes to less than a penny: nothing is booked'),
    );
    expect(dividend({}, opened, { known, currency: 'USD', rateOf: () => null })).toEqual(
      no(
        'refused',
        'FX_MISSING',
        'no rate of 2014-06-12 or before is stored',
        'make market-fetch, or give the rate with --fx, or what arrived with --net',
      ),
    );
    expect(dividend({ exDate: '2014-06-13' })).toEqual(
      no(
        'refused',
        'ACTION_UNKNOWN',
        'no dividend of KO with ex-date 2014-06-13 is stored, up to the as-of date',
        'make market-fetch, or give what arrived with --net',
      ),
    );
  });

  test('of a symbol that neither the universe nor the ledger has are refused, also where the net amount is said', () => {
    for (const net of [null, '5'])
      expect(dividend({ symbol: 'NONE', net })).toEqual(
        no(
          'usage',
          'SYMBOL_UNKNOWN',
          'symbol: NONE: is neither in the universe nor in the ledger',
          'nothing was booked: correct the symbol, or add its row to universe.csv',
        ),
      );
    expect(dividend({ symbol: 'MSFT', net: '5' })).toMatchObject({ ok: true });
    expect(dividend({ net: '5', isKnown: () => false })).toMatchObject({ ok: true });
  });

  test('that are on hold are ruled on first', () => {
    const held = {
      settled: [action('AAPL', '2014-06-12', 'SPLIT', '2')],
      holds: [
        { action: action('AAPL', '2014-06-12', 'DIVIDEND', '9'), why: 'other symbol', evidence: {} },
        { action: action('KO', '2014-06-11', 'DIVIDEND', '9'), why: 'other date', evidence: {} },
        { action: action('KO', '2014-06-12', 'DIVIDEND', '9'), why: 'it is 22 % of the price', evidence: {} },
      ],
    };
    expect(dividend({}, opened, { known: held, currency: 'USD', rateOf: () => '1.7' })).toEqual(
      no(
        'refused',
        'ACTION_NEEDS_REVIEW',
        'DIVIDEND of KO, 2014-06-12, is on hold: it is 22 % of the price',
        'rule on it first: trading-ops actions rule --symbol KO --ex-date 2014-06-12 --kind dividend --as cash_dividend|split|ignore --value <value> --reason "<why>"',
      ),
    );
  });

  test('once a symbol and ex-date: the same again books nothing, another amount is refused', () => {
    const first = dividendEntry({
      date: today,
      exDate: '2014-06-12',
      baseCurrency: 'GBP',
      symbol: 'KO',
      amounts: dividendFromNet('85'),
    });
    const entries = booked([opening, { ...first, key: 'dividend:KO:2014-06-12' }]);
    expect(dividend({ net: '85' }, entries)).toMatchObject({
      ok: true,
      result: { standing: { entryId: 2 }, key: 'dividend:KO:2014-06-12#2' },
    });
    expect(dividend({ net: '86' }, entries)).toEqual(
      no(
        'refused',
        'ALREADY_BOOKED_DIFFERENTLY',
        'entry 2 of ann at 2014-06-30T08:00:00.000Z already says: Dividend of KO, ex-date 2014-06-12, with other amounts',
        'to correct it: trading-ops ledger reverse --entry 2 --reason "<why>" --account main, then book it again',
      ),
    );
    // The same net amount, of another gross one.
    expect(dividend({ net: '85', withholding: '0.3' }, entries)).toHaveProperty(
      'refusal.code',
      'ALREADY_BOOKED_DIFFERENTLY',
    );
    expect(dividend({ net: '85', withholding: '0' }, entries)).toHaveProperty(
      'refusal.code',
      'ALREADY_BOOKED_DIFFERENTLY',
    );
  });
});
