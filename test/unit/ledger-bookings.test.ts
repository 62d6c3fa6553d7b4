import { describe, expect, test } from 'vitest';
import { planBaseline, type BaselineCommand } from '../../src/domain/ledger/bookings/baseline.js';
import { planCash, type CashCommand } from '../../src/domain/ledger/bookings/cash.js';
import { planDividend, type DividendCommand, type DividendMarket } from '../../src/domain/ledger/bookings/dividend.js';
import { planOpening } from '../../src/domain/ledger/bookings/opening.js';
import { planPaperAlignment } from '../../src/domain/ledger/bookings/paper.js';
import { samePostings } from '../../src/domain/ledger/bookings/plan.js';
import { planReversal } from '../../src/domain/ledger/bookings/reversal.js';
import { planSplit, unbookedSplits, type SplitCommand } from '../../src/domain/ledger/bookings/split.js';
import {
  baselinePositionEntry,
  depositEntry,
  dividendEntry,
  dividendFromNet,
  feeEntry,
  fillEntry,
  openingEntry,
  reversalEntry,
  splitEntry,
  withdrawalEntry,
  type EntryDraft,
  type Posting,
} from '../../src/domain/ledger/entries.js';
import { flowsOf, isFlow, type FlowEntry } from '../../src/domain/ledger/flows.js';
import { bookedUnder, paperKey } from '../../src/domain/ledger/keys.js';
import type { CorporateAction } from '../../src/domain/types.js';
import { booked } from './ledger.fixture.js';

// Every rule of what may be booked: what it books to the last posting, and what it says when it does not.

const account = { account: 'main', baseCurrency: 'GBP', clock: 'simulated' } as const;
const today = '2014-06-30';
const opening = openingEntry({
  date: '2014-05-01',
  baseCurrency: 'GBP',
  cash: '1000',
  positions: { AAPL: '10', KO: '20' },
}) as EntryDraft;
const opened = booked([opening]);
const money = { date: '2014-06-10', baseCurrency: 'GBP' };
const action = (
  symbol: string,
  exDate: string,
  kind: CorporateAction['kind'],
  value: string,
  currency: string | null = null,
): CorporateAction => ({ symbol, exDate, kind, value, currency, source: 'csv' });
const EMPTY = {
  ok: false,
  refusal: {
    kind: 'refused',
    code: 'LEDGER_EMPTY',
    message: 'the ledger of main is empty: nothing can be booked before it is opened',
    remedy:
      'open it with the first snapshot (make reconcile-daily) or with trading-ops ledger-baseline --cash … --position … --reason …',
  },
};
const no = (kind: 'usage' | 'refused', code: string, message: string, remedy: string | null = null) => ({
  ok: false,
  refusal: { kind, code, message, remedy },
});

const FUTURE = 'Nothing was booked. Give the date on which it happened.';
const OPENING = 'Nothing was booked. What is wrong in the opening is corrected with: trading-ops ledger-baseline';
const PRESENT = 'Nothing was booked. Give the date of the figures, or leave it out for today.';

describe('cash', () => {
  const cash = (changes: Partial<CashCommand> = {}, entries = opened) =>
    planCash(entries, {
      account,
      today,
      kind: 'DEPOSIT',
      amount: '50.5',
      date: '2014-06-10',
      notes: null,
      another: false,
      symbol: null,
      ...changes,
    });

  test('moves what it says', () => {
    expect(cash()).toEqual({
      ok: true,
      result: {
        key: 'deposit:2014-06-10:50.5::',
        reversesEntryId: null,
        standing: null,
        draft: {
          kind: 'DEPOSIT',
          effectiveDate: '2014-06-10',
          description: 'Deposit',
          symbol: null,
          postings: [
            { account: 'Assets:Cash', commodity: 'GBP', amount: '50.5' },
            { account: 'Equity:Transfers', commodity: 'GBP', amount: '-50.5' },
          ],
        },
      },
    });
    expect(cash({ kind: 'WITHDRAWAL', notes: 'rent', date: null })).toEqual({
      ok: true,
      result: {
        key: 'withdrawal:2014-06-30:50.5::rent',
        reversesEntryId: null,
        standing: null,
        draft: {
          kind: 'WITHDRAWAL',
          effectiveDate: today,
          description: 'Withdrawal: rent',
          symbol: null,
          postings: [
            { account: 'Equity:Transfers', commodity: 'GBP', amount: '50.5' },
            { account: 'Assets:Cash', commodity: 'GBP', amount: '-50.5' },
          ],
        },
      },
    });
    expect(cash({ kind: 'FEE', symbol: 'KO', notes: 'stamp' })).toEqual({
      ok: true,
      result: {
        key: 'fee:2014-06-10:50.5:KO:stamp',
        reversesEntryId: null,
        standing: null,
        draft: {
          kind: 'FEE',
          effectiveDate: '2014-06-10',
          description: 'Fee: stamp',
          symbol: 'KO',
          postings: [
            { account: 'Expenses:Fees', commodity: 'GBP', amount: '50.5' },
            { account: 'Assets:Cash', commodity: 'GBP', amount: '-50.5' },
          ],
        },
      },
    });
  });

  test('has one key for one amount, however it is written', () => {
    expect(cash({ amount: '050.50' })).toMatchObject({ result: { key: 'deposit:2014-06-10:50.5::' } });
  });

  test('is of a day from the opening to today, both included', () => {
    expect([cash({ date: '2014-05-01' }).ok, cash({ date: today }).ok]).toEqual([true, true]);
    expect(cash({ date: '2014-07-01' })).toEqual(
      no('usage', 'DATE_INVALID', 'date: 2014-07-01: must not be in the future: today is 2014-06-30', FUTURE),
    );
    expect(cash({ date: '2014-04-30' })).toEqual(
      no(
        'usage',
        'DATE_INVALID',
        'date: 2014-04-30: must not be before the ledger was opened, 2014-05-01: what was earlier is in its opening',
        OPENING,
      ),
    );
    expect(cash({}, [])).toEqual(EMPTY);
  });

  test('twice on one day with one note is refused, unless it is said to be another one', () => {
    const once = booked([opening, depositEntry({ ...money, amount: '50.5' })]);
    expect(cash({}, once)).toEqual(
      no(
        'refused',
        'ALREADY_BOOKED',
        'entry 2 already books this: Deposit, 50.5 on 2014-06-10',
        'nothing is to be done; if it is a second one, say so with --another, or give it a note of its own',
      ),
    );
    expect(cash({ another: true }, once)).toMatchObject({ result: { key: 'deposit:2014-06-10:50.5::+1' } });
    const twice = booked([
      opening,
      depositEntry({ ...money, amount: '50.5' }),
      depositEntry({ ...money, amount: '50.5' }),
    ]);
    expect(cash({ another: true }, twice)).toMatchObject({ result: { key: 'deposit:2014-06-10:50.5::+2' } });
    for (const other of [{ amount: '50.51' }, { date: '2014-06-11' }, { notes: 'x' }, { kind: 'FEE' as const }])
      expect(cash(other, once)).toHaveProperty('ok', true);
    const fee = booked([opening, feeEntry({ ...money, amount: '50.5' }, 'KO')]);
    expect([cash({ kind: 'FEE', symbol: 'KO' }, fee).ok, cash({ kind: 'FEE', symbol: 'AAPL' }, fee).ok]).toEqual([
      false,
      true,
    ]);
  });

  test('after a reversal is booked again, under the next key', () => {
    const deposit = depositEntry({ ...money, amount: '50.5' });
    const entries = booked([
      opening,
      { ...deposit, key: 'deposit:2014-06-10:50.5::' },
      { ...reversalEntry(deposit, 'wrong'), reverses: 2 },
    ]);
    expect(cash({}, entries)).toMatchObject({ result: { key: 'deposit:2014-06-10:50.5::#2' } });
  });

  test('is paid out down to nothing, and no further; a fee is whatever the broker took', () => {
    expect(cash({ kind: 'WITHDRAWAL', amount: '1000' }).ok).toBe(true);
    expect(cash({ kind: 'WITHDRAWAL', amount: '1000.01' })).toEqual(
      no(
        'refused',
        'CASH_WOULD_BE_NEGATIVE',
        "amount: 1000.01: is above the ledger's cash of 1000 GBP",
        'book what brought the money in first: make reconcile-daily says what is missing',
      ),
    );
    expect([cash({ kind: 'FEE', amount: '1000.01' }).ok, cash({ kind: 'DEPOSIT', amount: '1000.01' }).ok]).toEqual([
      true,
      true,
    ]);
  });
});

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
      rateOf: (currency: string): string | null => (currency === 'USD' ? '1.6829' : null),
    },
  ) =>
    planDividend(
      entries,
      {
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
    expect(dividend({}, opened, { known, rateOf: () => null })).toEqual(
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

  test('that are held for review are ruled on first', () => {
    const held = {
      settled: [action('AAPL', '2014-06-12', 'SPLIT', '2')],
      holds: [
        { action: action('AAPL', '2014-06-12', 'DIVIDEND', '9'), why: 'other symbol', evidence: {} },
        { action: action('KO', '2014-06-11', 'DIVIDEND', '9'), why: 'other date', evidence: {} },
        { action: action('KO', '2014-06-12', 'DIVIDEND', '9'), why: 'it is 22 % of the price', evidence: {} },
      ],
    };
    expect(dividend({}, opened, { known: held, rateOf: () => '1.7' })).toEqual(
      no(
        'refused',
        'ACTION_NEEDS_REVIEW',
        'DIVIDEND of KO, 2014-06-12, is held for review: it is 22 % of the price',
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

describe('reversals', () => {
  const deposit = depositEntry({ ...money, amount: '50', notes: 'wages' });
  const fill = fillEntry({ ...money, symbol: 'KO', side: 'SELL', units: '15', value: '400' });
  const entries = booked([
    opening,
    deposit,
    fill,
    baselinePositionEntry({ ...money, symbol: 'MSFT', units: '5', cost: null, description: 'x' }),
  ]);
  const reverse = (entryId: number, journal = entries) =>
    planReversal(journal, { account, entryId, reason: 'typed twice' });

  test('turn every sign, on the same date, with the reason', () => {
    expect(reverse(2)).toEqual({
      ok: true,
      result: {
        key: 'reversal:2',
        reversesEntryId: 2,
        standing: null,
        draft: {
          kind: 'REVERSAL',
          effectiveDate: '2014-06-10',
          symbol: null,
          description: 'Reversal of: Deposit: wages (typed twice)',
          postings: [
            { account: 'Assets:Cash', commodity: 'GBP', amount: '-50' },
            { account: 'Equity:Transfers', commodity: 'GBP', amount: '50' },
          ],
        },
      },
    });
    expect(reverse(4)).toMatchObject({ result: { draft: { symbol: 'MSFT' }, reversesEntryId: 4 } });
  });

  test('are refused for what has another way, with the way', () => {
    expect(reverse(1)).toEqual(
      no('refused', 'ENTRY_NOT_REVERSIBLE', 'entry 1 is OPENING: correct it with trading-ops ledger-baseline'),
    );
    expect(reverse(3)).toEqual(
      no('refused', 'ENTRY_NOT_REVERSIBLE', 'entry 3 is FILL: correct it by confirming its ticket again with --amend'),
    );
    expect(reverse(9)).toEqual(
      no('refused', 'ENTRY_UNKNOWN', 'entry: 9: is not in the ledger of main', 'trading-ops ledger journal'),
    );
    expect(reverse(1, [])).toEqual(EMPTY);
    const reversed = booked([opening, deposit, { ...reversalEntry(deposit, 'x'), reverses: 2 }]);
    expect(reverse(2, reversed)).toEqual(no('refused', 'ALREADY_REVERSED', 'entry 2 is reversed already'));
    expect(reverse(3, reversed)).toEqual(
      no('refused', 'ENTRY_NOT_REVERSIBLE', 'entry 3 is REVERSAL: book what was reversed again instead'),
    );
  });

  test('never leave less than nothing of a symbol', () => {
    const bought = baselinePositionEntry({ ...money, symbol: 'MSFT', units: '5', cost: null, description: 'x' });
    const sold = (units: string) =>
      booked([opening, bought, fillEntry({ ...money, symbol: 'MSFT', side: 'SELL', units, value: '100' })]);
    expect(reverse(2, sold('0.5'))).toEqual(
      no(
        'refused',
        'UNITS_WOULD_BE_NEGATIVE',
        'entry 2 cannot be taken back: the ledger would hold less than no MSFT, for some of it was sold since',
        'correct the units with trading-ops ledger-baseline --position SYMBOL=UNITS --reason "<why>"',
      ),
    );
    expect(reverse(2, booked([opening, bought])).ok).toBe(true);
  });
});

describe('baselines', () => {
  const baseline = (changes: Partial<BaselineCommand> = {}, entries = opened) =>
    planBaseline(entries, {
      account,
      today,
      date: null,
      cash: null,
      positions: {},
      costs: {},
      reason: 'read off eToro',
      isKnown: (symbol) => symbol !== 'GME',
      ...changes,
    });
  const shown = (plan: ReturnType<typeof baseline>) =>
    plan.ok
      ? plan.result.entries.map(
          ({ draft, key }) =>
            `${key} ${draft.effectiveDate} ${draft.postings.map(({ account: where, commodity, amount }) => `${where} ${commodity} ${amount}`).join(', ')}`,
        )
      : plan.refusal;

  test('open an empty ledger with all they name', () => {
    expect(baseline({ cash: '500', positions: { KO: '5', AAPL: '1' }, costs: { KO: '99.5' } }, [])).toMatchObject({
      ok: true,
      result: { opens: true },
    });
    expect(
      shown(
        baseline({ cash: '500', positions: { KO: '5', AAPL: '1' }, costs: { KO: '99.5' }, date: '2014-06-01' }, []),
      ),
    ).toEqual([
      'baseline:0:OPENING:cash 2014-06-01 Assets:Cash GBP 500, Equity:Opening GBP -500, Assets:Units AAPL 1, Equity:Opening AAPL -1, Assets:Units KO 5, Equity:Opening KO -5',
      'baseline:0:BASELINE:KO 2014-06-01 Equity:Trading GBP 99.5, Equity:Opening GBP -99.5',
    ]);
    expect(shown(baseline({ positions: { KO: '5' } }, []))).toEqual([
      'baseline:0:OPENING:cash 2014-06-30 Assets:Units KO 5, Equity:Opening KO -5',
    ]);
    expect(baseline({}, [])).toEqual(
      no(
        'refused',
        'BASELINE_EMPTY',
        'the ledger is empty, and the baseline names neither cash nor a position to open it with',
      ),
    );
  });

  test('set what differs, one entry a figure, and nothing else', () => {
    expect(baseline({ cash: '1000', positions: { KO: '20' } })).toEqual({
      ok: true,
      result: { opens: false, entries: [] },
    });
    expect(baseline({ cash: '999.5' })).toEqual({
      ok: true,
      result: {
        opens: false,
        entries: [
          {
            key: 'baseline:1:BASELINE:cash',
            draft: {
              kind: 'BASELINE',
              effectiveDate: today,
              description: 'Baseline: read off eToro',
              symbol: null,
              postings: [
                { account: 'Assets:Cash', commodity: 'GBP', amount: '-0.5' },
                { account: 'Equity:Opening', commodity: 'GBP', amount: '0.5' },
              ],
            },
          },
        ],
      },
    });
    expect(
      shown(baseline({ positions: { MSFT: '3', KO: '0', AAPL: '10' }, costs: { MSFT: '60', AAPL: '700' } })),
    ).toEqual([
      'baseline:1:BASELINE:AAPL 2014-06-30 Equity:Trading GBP 700, Equity:Opening GBP -700',
      'baseline:1:BASELINE:KO 2014-06-30 Assets:Units KO -20, Equity:Opening KO 20',
      'baseline:1:BASELINE:MSFT 2014-06-30 Assets:Units MSFT 3, Equity:Opening MSFT -3, Equity:Trading GBP 60, Equity:Opening GBP -60',
    ]);
  });

  test('say in every entry why', () => {
    const descriptions = (plan: ReturnType<typeof baseline>) =>
      plan.ok ? plan.result.entries.map(({ draft }) => draft.description) : [];
    const why = 'Baseline: read off eToro';
    expect(descriptions(baseline({ cash: '1', positions: { KO: '5' }, costs: { KO: '9' } }, []))).toEqual([why, why]);
    expect(descriptions(baseline({ cash: '1', positions: { KO: '5' } }))).toEqual([why, why]);
  });

  test('of a ledger that is open may be of long ago', () => {
    const old = booked([{ ...opening, effectiveDate: '2012-01-01' }]);
    expect(baseline({ cash: '1', date: '2012-06-01' }, old).ok).toBe(true);
  });

  test('name a cost anew: what was named before is taken off', () => {
    const named = booked([
      opening,
      baselinePositionEntry({ ...money, symbol: 'KO', units: '0', cost: '300', description: 'x' }),
    ]);
    expect(shown(baseline({ costs: { KO: '250' } }, named))).toEqual([
      'baseline:2:BASELINE:KO 2014-06-30 Equity:Trading GBP -50, Equity:Opening GBP 50',
    ]);
    expect(shown(baseline({ costs: { KO: '300' } }, named))).toEqual([]);
  });

  test('name no cost of what is not held', () => {
    const told = (symbol: string) =>
      no('refused', 'NOTHING_HELD', `cost ${symbol}: the ledger holds no ${symbol}: name its units with --position`);
    expect(baseline({ costs: { MSFT: '1' } })).toEqual(told('MSFT'));
    expect(baseline({ costs: { KO: '1' }, positions: { KO: '0' } })).toEqual(told('KO'));
    expect(baseline({ cash: '1', costs: { MSFT: '1' } }, [])).toEqual(told('MSFT'));
    expect(baseline({ costs: { MSFT: '1' }, positions: { MSFT: '0.5' } }).ok).toBe(true);
  });

  test('are of the present: of today at the latest, of a year ago at the earliest, and not before the opening', () => {
    expect(baseline({ cash: '1', date: '2014-07-01' })).toEqual(
      no('usage', 'DATE_INVALID', 'date: 2014-07-01: must not be in the future: today is 2014-06-30', FUTURE),
    );
    expect([
      baseline({ cash: '1', date: '2013-06-29' }, []).ok,
      baseline({ cash: '1', date: today }, []).ok,
      baseline({ cash: '1', date: '2014-05-01' }).ok,
    ]).toEqual([true, true, true]);
    expect(baseline({ cash: '1', date: '2013-06-28' }, [])).toEqual(
      no(
        'usage',
        'DATE_INVALID',
        'date: 2013-06-28: must not be before 2013-06-29: a ledger is opened with figures of the present',
        PRESENT,
      ),
    );
    expect(baseline({ cash: '1', date: '2014-04-30' })).toEqual(
      no(
        'usage',
        'DATE_INVALID',
        'date: 2014-04-30: must not be before the ledger was opened, 2014-05-01: what was earlier is in its opening',
        OPENING,
      ),
    );
  });

  test('name symbols of the universe alone, each told', () => {
    expect(baseline({ positions: { GME: '1', KO: '1' }, costs: { GME: '2' } })).toEqual(
      no(
        'usage',
        'ARGUMENT_INVALID',
        'positions.GME: "1": must be a symbol of the universe\ncosts.GME: "2": must be a symbol of the universe',
        'nothing was booked',
      ),
    );
  });
});

describe('openings and the paper book', () => {
  test('an opening says of itself what it is from', () => {
    expect(planOpening({ date: '2014-05-01', baseCurrency: 'GBP', cash: '1', positions: {} })).toMatchObject({
      result: { description: 'Opening from the snapshot of 2014-05-01' },
    });
    expect(
      planOpening({ date: '2014-05-01', baseCurrency: 'GBP', cash: '1', positions: {}, description: 'other' }),
    ).toMatchObject({ result: { kind: 'OPENING', description: 'other' } });
  });

  test('the paper book is opened with the ledger, or set to it by what differs', () => {
    const where = { baseCurrency: 'GBP', date: today };
    const align = (
      units: Record<string, string>,
      paper: Record<string, string>,
      cash = '1000',
      lastEntryId: number | null = 5,
    ) => planPaperAlignment({ cash: '1000', units }, { cash, units: paper, lastEntryId, lastBookedAt: null }, where);
    expect(align({ KO: '3' }, {}, '0', null)).toEqual([
      {
        what: 'opening',
        draft: {
          kind: 'OPENING',
          effectiveDate: today,
          description: 'Paper book set to the ledger before a dry run',
          symbol: null,
          postings: [
            { account: 'Assets:Cash', commodity: 'GBP', amount: '1000' },
            { account: 'Equity:Opening', commodity: 'GBP', amount: '-1000' },
            { account: 'Assets:Units', commodity: 'KO', amount: '3' },
            { account: 'Equity:Opening', commodity: 'KO', amount: '-3' },
          ],
        },
      },
    ]);
    expect(
      planPaperAlignment(
        { cash: '0', units: {} },
        { cash: '0', units: {}, lastEntryId: null, lastBookedAt: null },
        where,
      ),
    ).toEqual([]);
    expect(align({ KO: '3' }, { KO: '3' })).toEqual([]);
    const description = 'Paper book set to the ledger before a dry run';
    expect(align({ MSFT: '2', KO: '3' }, { KO: '5', AAPL: '1' }, '990')).toEqual([
      {
        what: 'cash',
        draft: {
          kind: 'BASELINE',
          effectiveDate: today,
          description,
          symbol: null,
          postings: [
            { account: 'Assets:Cash', commodity: 'GBP', amount: '10' },
            { account: 'Equity:Opening', commodity: 'GBP', amount: '-10' },
          ],
        },
      },
      ...[
        ['AAPL', '-1', '1'],
        ['KO', '-2', '2'],
        ['MSFT', '2', '-2'],
      ].map(([symbol, to, from]) => ({
        what: symbol,
        draft: {
          kind: 'BASELINE',
          effectiveDate: today,
          description,
          symbol,
          postings: [
            { account: 'Assets:Units', commodity: symbol, amount: to },
            { account: 'Equity:Opening', commodity: symbol, amount: from },
          ],
        },
      })),
    ]);
    expect(paperKey('c1', 'cash')).toBe('paper:c1:cash');
  });
});

describe('what is the same booking', () => {
  test('is so to the last account, commodity and amount', () => {
    const {
      postings: [cash, equity],
    } = depositEntry({ ...money, amount: '50' }) as unknown as { postings: [Posting, Posting] };
    const entry = (...postings: Posting[]): EntryDraft => ({ ...depositEntry({ ...money, amount: '50' }), postings });
    const same = (...postings: Posting[]) => samePostings(entry(cash, equity), entry(...postings));
    expect(same(cash, equity)).toBe(true);
    expect([
      same(cash),
      same(cash, equity, cash),
      same(equity, cash),
      same({ ...cash, account: 'Expenses:Fees' }, equity),
      same({ ...cash, commodity: 'USD' }, equity),
      same(cash, { ...equity, amount: '-51' }),
    ]).toEqual([false, false, false, false, false, false]);
  });

  test('is known by its key, with or without a counter', () => {
    const keyed = (...keys: string[]) =>
      bookedUnder(booked(keys.map((key) => ({ ...opening, key }))), 'split:KO')?.idempotencyKey;
    expect([keyed('split:KO'), keyed('split:KO#2'), keyed('split:KO#12')]).toEqual([
      'split:KO',
      'split:KO#2',
      'split:KO#12',
    ]);
    expect([
      keyed('split:KO#'),
      keyed('split:KO#x'),
      keyed('split:KO#2x'),
      keyed('split:KO#x2'),
      keyed('split:KO2'),
      keyed('split:AB#2'),
      keyed('split:K'),
    ]).toEqual([undefined, undefined, undefined, undefined, undefined, undefined, undefined]);
  });
});

describe('flows', () => {
  const flow = (entry: EntryDraft, reversedKind: FlowEntry['reversedKind'] = null): FlowEntry => ({
    kind: entry.kind,
    reversedKind,
    postings: entry.postings,
  });

  test('are what comes in and goes out, and what was set right', () => {
    const kinds = ['OPENING', 'DEPOSIT', 'WITHDRAWAL', 'BASELINE', 'DIVIDEND', 'SPLIT', 'FEE', 'FILL'] as const;
    expect(kinds.filter((kind) => isFlow({ kind, reversedKind: null }))).toEqual([
      'OPENING',
      'DEPOSIT',
      'WITHDRAWAL',
      'BASELINE',
    ]);
    expect(kinds.filter((reversedKind) => isFlow({ kind: 'REVERSAL', reversedKind }))).toEqual([
      'OPENING',
      'DEPOSIT',
      'WITHDRAWAL',
      'BASELINE',
    ]);
    expect(isFlow({ kind: 'REVERSAL', reversedKind: null })).toBe(false);
  });

  test('of a deposit that was taken back are its opposite, of a fee that was none', () => {
    const deposit = depositEntry({ ...money, amount: '50' });
    const fee = feeEntry({ ...money, amount: '3' });
    expect(flowsOf([flow(deposit)])).toEqual({ cash: '50', units: {} });
    expect(flowsOf([flow(reversalEntry(deposit, 'x'), 'DEPOSIT')])).toEqual({ cash: '-50', units: {} });
    expect(
      flowsOf([flow(deposit), flow(reversalEntry(deposit, 'x'), 'DEPOSIT'), flow(reversalEntry(fee, 'x'), 'FEE')]),
    ).toEqual({ cash: '0', units: {} });
  });

  test('add up by symbol, by name, without what comes to nothing', () => {
    const set = (symbol: string, units: string) =>
      flow(baselinePositionEntry({ ...money, symbol, units, cost: '10', description: 'x' }));
    expect(
      flowsOf([
        set('MSFT', '2'),
        set('KO', '3'),
        set('AAPL', '1'),
        set('KO', '-3'),
        set('MSFT', '0.5'),
        flow(withdrawalEntry({ ...money, amount: '7' })),
      ]),
    ).toEqual({ cash: '-7', units: { AAPL: '1', MSFT: '2.5' } });
    for (const order of [
      ['MSFT', 'AAPL', 'KO'],
      ['AAPL', 'MSFT', 'KO'],
      ['KO', 'MSFT', 'AAPL'],
    ]) {
      expect(Object.keys(flowsOf(order.map((symbol) => set(symbol, '2'))).units)).toEqual(['AAPL', 'KO', 'MSFT']);
    }
  });
});
