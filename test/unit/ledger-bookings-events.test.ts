import { describe, expect, test } from 'vitest';
import { planCash } from '../../src/domain/ledger/bookings/cash.js';
import { planCashInLieu } from '../../src/domain/ledger/bookings/cash-in-lieu.js';
import { planCashMerger, planDelisting } from '../../src/domain/ledger/bookings/cash-merger.js';
import { planDividend } from '../../src/domain/ledger/bookings/dividend.js';
import type { EntryPlan } from '../../src/domain/ledger/bookings/plan.js';
import { planRename } from '../../src/domain/ledger/bookings/rename.js';
import { planReversal } from '../../src/domain/ledger/bookings/reversal.js';
import { planSpinOff, planStockMerger } from '../../src/domain/ledger/bookings/stock-merger.js';
import { fillEntry, splitEntry, type EntryDraft } from '../../src/domain/ledger/entries.js';
import { isFlow } from '../../src/domain/ledger/flows.js';
import { replayBook, type Position } from '../../src/domain/ledger/positions.js';
import { imbalances, ledgerSums, type BookedEntry } from '../../src/domain/ledger/sums.js';
import { account, EMPTY, opening, today } from '../support/bookings.js';
import { booked } from './ledger.fixture.js';

// What a company or the broker does to a holding: units, cost and gain after it, and what is refused.

const bought = fillEntry({
  date: '2014-05-02',
  baseCurrency: 'GBP',
  symbol: 'FB',
  side: 'BUY',
  units: '12.5',
  value: '500',
});
const start = booked([opening, bought]);
const date = '2014-06-10';
const scope = { account, today, asOfDate: '2014-06-27', symbol: 'FB', date };
const known = { isKnown: (symbol: string) => symbol !== 'NONE', isBenchmark: (symbol: string) => symbol === 'SPY' };
const cash = { net: null, amount: null, fx: null };
const rate = { currency: 'USD', fx: '1.6' };

function draftOf(plan: EntryPlan): EntryDraft {
  if (!plan.ok) throw new Error(plan.refusal.message);
  return plan.result.draft;
}

const after = (plan: EntryPlan, before: BookedEntry[] = start) => booked([...before, draftOf(plan)]);
const of = (symbol: string, entries: readonly BookedEntry[]): Partial<Position> | undefined => {
  const found = replayBook(entries, 'GBP').positions.find((position) => position.symbol === symbol);
  return found && { units: found.units, cost: found.cost, realised: found.realised };
};
const refusalOf = (plan: EntryPlan) => (plan.ok ? null : `${plan.refusal.kind} ${plan.refusal.code}`);

describe('units, cost and gain', () => {
  test('go over to the new name of a rename, with all the holding ever brought', () => {
    const dividend = planDividend(
      start,
      {
        ...known,
        account,
        today,
        symbol: 'FB',
        exDate: '2014-06-02',
        paidOn: '2014-06-05',
        amount: null,
        units: null,
        fx: null,
        withholding: null,
        net: '8.50',
      },
      { known: { settled: [], holds: [] }, currency: 'USD', rateOf: () => null },
    );
    const entries = after(planRename(after(dividend), { ...scope, ...known, to: 'META' }), after(dividend));
    const { positions } = replayBook(entries, 'GBP');
    expect(positions.find(({ symbol }) => symbol === 'META')).toMatchObject({
      units: '12.5',
      cost: '500',
      namedCost: '500',
      averageCost: '40',
      realised: '0',
      dividendsGross: '10',
      withholdingTax: '1.5',
    });
    expect(positions.find(({ symbol }) => symbol === 'FB')).toMatchObject({
      units: '0',
      cost: '0',
      dividendsGross: '0',
      withholdingTax: '0',
    });
    expect(ledgerSums(entries, 'GBP')).toEqual({ cash: '508.5', units: { AAPL: '10', KO: '20', META: '12.5' } });
  });

  test('of a merger for cash: what arrived less the cost, by the amount a share too', () => {
    const net = after(planCashMerger(start, { ...scope, ...cash, net: '625.40' }, rate));
    expect(of('FB', net)).toEqual({ units: '0', cost: '0', realised: '125.4' });
    expect(ledgerSums(net, 'GBP').cash).toBe('1125.4');
    const each = after(planCashMerger(start, { ...scope, ...cash, amount: '80' }, rate));
    expect(of('FB', each)).toEqual({ units: '0', cost: '0', realised: '125' });
    const told = after(planCashMerger(start, { ...scope, ...cash, amount: '80', fx: '2' }, { ...rate, fx: null }));
    expect(of('FB', told)).toEqual({ units: '0', cost: '0', realised: '0' });
  });

  test('of a merger for shares: the cost goes along', () => {
    const merger = { ...scope, ...known, ...cash, to: 'META', ratio: '0.5409', costShare: null };
    const entries = after(planStockMerger(start, merger, { rate, values: null }));
    expect(of('META', entries)).toEqual({ units: '6.76125', cost: '500', realised: '0' });
    expect(of('FB', entries)).toEqual({ units: '0', cost: '0', realised: '0' });
  });

  test('of a merger with cash: a part of the cost is set against it, as the values are or as said', () => {
    const merger = { ...scope, ...known, ...cash, to: 'META', ratio: '1', costShare: null, net: '100' };
    // 12.5 new shares of 32 are worth 400: the cash is a fifth.
    const valued = after(planStockMerger(start, merger, { rate, values: { old: null, new: '32' } }));
    expect(of('META', valued)).toEqual({ units: '12.5', cost: '400', realised: '0' });
    expect(of('FB', valued)).toEqual({ units: '0', cost: '0', realised: '0' });
    const told = after(planStockMerger(start, { ...merger, costShare: '0.1' }, { rate, values: null }));
    expect(of('META', told)).toEqual({ units: '12.5', cost: '450', realised: '0' });
    expect(of('FB', told)).toEqual({ units: '0', cost: '0', realised: '50' });
    expect(replayBook(told, 'GBP').realised).toBe('50');
  });

  test('of a spin-off: the cost is split by value, or as said', () => {
    const spinOff = { ...scope, ...known, to: 'META', ratio: '0.5', costShare: null };
    // Half a new share of 20 beside an old one of 30: a quarter of what there is.
    const valued = after(planSpinOff(start, spinOff, { old: '30', new: '20' }));
    expect(of('FB', valued)).toEqual({ units: '12.5', cost: '375', realised: '0' });
    expect(of('META', valued)).toEqual({ units: '6.25', cost: '125', realised: '0' });
    const told = after(planSpinOff(start, { ...spinOff, costShare: '0.4' }, null));
    expect(of('FB', told)).toEqual({ units: '12.5', cost: '300', realised: '0' });
    expect(of('META', told)).toEqual({ units: '6.25', cost: '200', realised: '0' });
  });

  test('of cash in lieu: the fraction that a reverse split left is sold', () => {
    const split = splitEntry({ exDate: date, symbol: 'FB', units: '12.5', ratio: '0.125' }) as EntryDraft;
    const reversed = booked([...start, split]);
    const plan = planCashInLieu(reversed, { ...scope, net: '150', units: null });
    expect(of('FB', after(plan, reversed))).toEqual({ units: '1', cost: '320', realised: '-30' });
    const told = planCashInLieu(reversed, { ...scope, net: '150', units: '0.0625' });
    expect(of('FB', after(told, reversed))).toEqual({ units: '1.5', cost: '480', realised: '130' });
  });

  test('of a delisting: the cost is lost, but for what was paid out', () => {
    expect(of('FB', after(planDelisting(start, { ...scope, ...cash }, rate)))).toEqual({
      units: '0',
      cost: '0',
      realised: '-500',
    });
    expect(of('FB', after(planDelisting(start, { ...scope, ...cash, net: '12.50' }, rate)))?.realised).toBe('-487.5');
  });

  test('of a return of capital: the cost is lower, and what is beyond it realised', () => {
    const market = { known: { settled: [], holds: [] }, currency: 'USD', rateOf: () => null };
    const returned = (net: string) =>
      planDividend(
        start,
        {
          ...known,
          account,
          today,
          symbol: 'FB',
          exDate: '2014-06-02',
          type: 'return_of_capital',
          paidOn: null,
          amount: null,
          units: null,
          fx: null,
          withholding: null,
          net,
        },
        market,
      );
    expect(of('FB', after(returned('120')))).toEqual({ units: '12.5', cost: '380', realised: '0' });
    expect(of('FB', after(returned('530')))).toEqual({ units: '12.5', cost: '0', realised: '30' });
    expect(replayBook(after(returned('120')), 'GBP')).toMatchObject({ dividendsGross: '0', withholdingTax: '0' });
  });

  test('of interest: income, and no money paid in', () => {
    const plan = planCash(start, {
      ...known,
      account,
      today,
      kind: 'INTEREST',
      amount: '34.20',
      date: null,
      notes: 'on the balance',
      another: false,
      symbol: null,
    });
    expect(replayBook(after(plan), 'GBP')).toMatchObject({ cash: '534.2', interest: '34.2', deposits: '0' });
    expect(draftOf(plan).description).toBe('Interest: on the balance');
  });
});

const merger = { ...scope, ...known, ...cash, to: 'META', ratio: '1', net: '100', costShare: '0.1' };
const plans: Record<string, (entries: readonly BookedEntry[], over?: object) => EntryPlan> = {
  RENAME: (entries, over) => planRename(entries, { ...scope, ...known, to: 'META', ...over }),
  CASH_MERGER: (entries, over) => planCashMerger(entries, { ...scope, ...cash, net: '625.40', ...over }, rate),
  STOCK_MERGER: (entries, over) => planStockMerger(entries, { ...merger, ...over }, { rate, values: null }),
  SPIN_OFF: (entries, over) => planSpinOff(entries, { ...merger, ...over }, null),
  CASH_IN_LIEU: (entries, over) => planCashInLieu(entries, { ...scope, net: '20', units: null, ...over }),
  DELISTING: (entries, over) => planDelisting(entries, { ...scope, ...cash, ...over }, rate),
};

test.each(['RENAME', 'STOCK_MERGER', 'SPIN_OFF'])('%s: nothing ever becomes a benchmark', (kind) => {
  expect(plans[kind]?.(start, { to: 'SPY' })).toMatchObject({
    ok: false,
    refusal: {
      code: 'ARGUMENT_INVALID',
      kind: 'usage',
      message: expect.stringContaining('to: SPY: must be a stock') as string,
    },
  });
});

describe.each(Object.entries(plans))('%s', (kind, plan) => {
  test('balances, is no flow, and is booked once', () => {
    const draft = draftOf(plan(start));
    expect(draft).toMatchObject({ kind, symbol: 'FB', effectiveDate: date });
    expect(imbalances(draft)).toEqual({});
    expect(isFlow({ kind: draft.kind, reversedKind: null })).toBe(false);
    const key = `${kind.toLowerCase()}:FB:${date}${kind === 'SPIN_OFF' ? ':META' : ''}`;
    const entries = booked([...start, { ...draft, key }]);
    const again = plan(entries);
    expect(again.ok && again.result.standing?.entryId).toBe(3);
  });

  test('is taken back by a reversal, with everything as it was', () => {
    const entries = after(plan(start));
    const reversal = draftOf(planReversal(entries, { account, entryId: 3, reason: 'by mistake' }));
    const back = booked([...entries, { ...reversal, reverses: 3 }]);
    expect(ledgerSums(back, 'GBP')).toEqual(ledgerSums(start, 'GBP'));
    expect(of('FB', back)).toEqual(of('FB', start));
  });

  test('is refused in the future, before the opening, on an empty ledger, and of what is not held', () => {
    expect(refusalOf(plan(start, { date: '2014-07-01' }))).toBe('usage DATE_INVALID');
    expect(refusalOf(plan(start, { date: '2014-04-30' }))).toBe('usage DATE_INVALID');
    expect(plan([])).toEqual(EMPTY);
    expect(refusalOf(plan(start, { symbol: 'XOM' }))).toBe('refused NOTHING_HELD');
  });
});

describe('is refused', () => {
  test('with other figures for what is booked already', () => {
    const entries = booked([...start, { ...draftOf(plans.SPIN_OFF!(start)), key: `spin_off:FB:${date}:META` }]);
    expect(refusalOf(plans.SPIN_OFF!(entries, { costShare: '0.2' }))).toBe('refused ALREADY_BOOKED_DIFFERENTLY');
  });

  test('when the new symbol is unknown, the same, or has no price yet', () => {
    for (const kind of ['RENAME', 'STOCK_MERGER', 'SPIN_OFF']) {
      const plan = plans[kind]!;
      expect(refusalOf(plan(start, { to: 'NONE' }))).toBe('usage SYMBOL_UNKNOWN');
      expect(refusalOf(plan(start, { to: 'FB' }))).toBe('usage ARGUMENT_INVALID');
      expect(refusalOf(plan(start, { date: '2014-06-28' }))).toBe('refused EVENT_TOO_EARLY');
    }
    expect(refusalOf(plans.RENAME!(start, { date: '2014-06-28', isPriced: true }))).toBeNull();
  });

  test('when units were sold since the date, or a rate or a share of the cost is missing', () => {
    const sold = fillEntry({
      ...scope,
      baseCurrency: 'GBP',
      date: '2014-06-12',
      side: 'SELL',
      units: '2',
      value: '90',
    });
    expect(refusalOf(plans.CASH_MERGER!(booked([...start, sold])))).toBe('refused UNITS_WOULD_BE_NEGATIVE');
    const noRate = { currency: 'USD', fx: null };
    expect(refusalOf(planCashMerger(start, { ...scope, ...cash, amount: '80' }, noRate))).toBe('refused FX_MISSING');
    expect(refusalOf(plans.SPIN_OFF!(start, { costShare: null }))).toBe('refused COST_SHARE_MISSING');
    expect(refusalOf(plans.STOCK_MERGER!(start, { costShare: null }))).toBe('refused COST_SHARE_MISSING');
    expect(refusalOf(plans.SPIN_OFF!(start, { ratio: '0.00000001' }))).toBe('refused NOTHING_HELD');
  });
});

test('dividends of one ex-date are booked side by side, each once', () => {
  const actions = [
    { symbol: 'KO', exDate: '2014-06-12', kind: 'DIVIDEND' as const, value: '0.305', currency: 'USD', source: 'csv' },
    {
      symbol: 'KO',
      exDate: '2014-06-12',
      kind: 'DIVIDEND' as const,
      dividendType: 'special' as const,
      value: '1',
      currency: null,
      source: 'csv',
    },
  ];
  const command = {
    ...known,
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
  };
  const market = { known: { settled: actions, holds: [] }, currency: 'USD', rateOf: () => '1.6' };
  const regular = planDividend(start, command, market);
  const special = planDividend(after(regular), { ...command, type: 'special' }, market);
  expect([regular, special].map((plan) => plan.ok && [plan.result.key, plan.result.draft.description])).toEqual([
    ['dividend:KO:2014-06-12', 'Dividend of KO, ex-date 2014-06-12'],
    ['dividend:KO:2014-06-12:special', 'Special dividend of KO, ex-date 2014-06-12'],
  ]);
  expect(draftOf(special).postings[0]?.amount).toBe('10.62');
  expect(refusalOf(planDividend(start, { ...command, type: 'return_of_capital' }, market))).toBe(
    'refused ACTION_UNKNOWN',
  );
});
