import { describe, expect, test } from 'vitest';
import { planBaseline } from '../../src/domain/ledger/bookings/baseline.js';
import { planCashInLieu } from '../../src/domain/ledger/bookings/cash-in-lieu.js';
import { planCashMerger, planDelisting } from '../../src/domain/ledger/bookings/cash-merger.js';
import type { EntryPlan } from '../../src/domain/ledger/bookings/plan.js';
import { planRename } from '../../src/domain/ledger/bookings/rename.js';
import { planReversal } from '../../src/domain/ledger/bookings/reversal.js';
import { planSplit, unbookedSplits } from '../../src/domain/ledger/bookings/split.js';
import { planSpinOff, planStockMerger } from '../../src/domain/ledger/bookings/stock-merger.js';
import { fillEntry, type EntryDraft } from '../../src/domain/ledger/entries.js';
import { replayBook } from '../../src/domain/ledger/positions.js';
import { sharesOf, type ShareSplit } from '../../src/domain/ledger/shares.js';
import { ledgerSums, unitsBefore, type BookedEntry } from '../../src/domain/ledger/sums.js';
import { toText } from '../../src/domain/money.js';
import { account, action, opened, today } from '../support/bookings.js';
import { booked } from './ledger.fixture.js';

// What companies do to one holding, several times: in whichever order it is typed, the units come out right or nothing
// is booked. The ledger was opened on 1 May 2014 with ten AAPL and twenty KO.

const asOfDate = '2014-06-27';
const none = { settled: [], holds: [] };
const isKnown = () => true;
const isBenchmark = () => false;
const cash = { net: null, amount: null, fx: null };
const rate = { currency: 'USD', fx: '1.6' };

const split = (entries: readonly BookedEntry[], exDate: string, ratio: string, symbol = 'AAPL') =>
  planSplit(entries, { account, today, asOfDate, symbol, exDate, ratio }, none);
const rename = (entries: readonly BookedEntry[], date: string, symbol = 'AAPL', to = 'NEW') =>
  planRename(entries, { account, today, asOfDate, symbol, to, date, isKnown, isBenchmark });
const reverse = (entries: readonly BookedEntry[], entryId: number) =>
  planReversal(entries, { account, entryId, reason: 'by mistake' });

/** The journal with what was planned. */
function after(entries: readonly BookedEntry[], ...plans: ((entries: readonly BookedEntry[]) => EntryPlan)[]) {
  return plans.reduce<readonly BookedEntry[]>((before, planOf) => {
    const plan = planOf(before);
    if (!plan.ok) throw new Error(plan.refusal.message);
    const { draft, key, reversesEntryId } = plan.result;
    return booked([
      ...before.map((entry) => ({
        ...entry,
        key: entry.idempotencyKey,
        ...(entry.reversesEntryId !== null && { reverses: entry.reversesEntryId }),
      })),
      { ...draft, key, ...(reversesEntryId !== null && { reverses: reversesEntryId }) },
    ]);
  }, entries);
}
const unitsOf = (entries: readonly BookedEntry[]) => ledgerSums(entries, 'GBP').units;
const said = (plan: EntryPlan) => (plan.ok ? 'booked' : `${plan.refusal.kind} ${plan.refusal.code}`);
const shares = (entries: readonly BookedEntry[], symbol: string, splits: ShareSplit[] = []) =>
  toText(sharesOf(entries, symbol, splits).units.toDecimalPlaces(9));

describe('splits', () => {
  test('are booked in the order of their ex-dates; an earlier one after a later one is refused', () => {
    const inOrder = after(
      opened,
      (entries) => split(entries, '2014-06-02', '3'),
      (entries) => split(entries, '2014-06-09', '2'),
    );
    expect(unitsOf(inOrder)).toEqual({ AAPL: '60', KO: '20' });
    const later = after(opened, (entries) => split(entries, '2014-06-09', '2'));
    expect(split(later, '2014-06-02', '3')).toEqual({
      ok: false,
      refusal: {
        kind: 'refused',
        code: 'BOOKED_OUT_OF_ORDER',
        message:
          'ex-date: 2014-06-02: must not be before 2014-06-09: entry 2 of that date was reckoned from the units of ' +
          'AAPL held before it: Split of AAPL, 2 for 1, ex-date 2014-06-09',
        remedy:
          'nothing was booked; take that back first: trading-ops ledger reverse --entry 2 --reason "<why>" --account main, ' +
          'then book both in the order in which they happened',
      },
    });
    const again = after(
      later,
      (entries) => reverse(entries, 2),
      (entries) => split(entries, '2014-06-02', '3'),
      (entries) => split(entries, '2014-06-09', '2'),
    );
    expect(unitsOf(again)).toEqual({ AAPL: '60', KO: '20' });
    expect(said(split(again, '2014-06-02', '3'))).toBe('booked');
    expect(said(split(later, '2014-06-02', '3', 'KO'))).toBe('booked');
  });

  test('that a baseline of after them has in its units are neither booked nor called unbooked', () => {
    const baseline = (date: string) => {
      const plan = planBaseline(opened, {
        account,
        today,
        date,
        cash: null,
        positions: { AAPL: '70' },
        costs: {},
        reason: 'as eToro shows',
        isKnown,
      });
      if (!plan.ok) throw new Error(plan.refusal.message);
      return booked([...opened, ...plan.result.entries.map(({ draft }) => draft)]);
    };
    const told = [action('AAPL', '2014-06-09', 'SPLIT', '7')];
    for (const date of ['2014-06-09', '2014-06-10']) {
      expect(split(baseline(date), '2014-06-09', '7')).toMatchObject({
        refusal: { code: 'BOOKED_OUT_OF_ORDER', message: expect.stringContaining(`must be after ${date}: `) as string },
      });
      expect(unbookedSplits(baseline(date), told)).toEqual([]);
    }
    expect(said(split(baseline('2014-06-08'), '2014-06-09', '7'))).toBe('booked');
    expect(unbookedSplits(baseline('2014-06-08'), told)).toEqual(told);
  });

  test('are taken back the newest first', () => {
    const two = after(
      opened,
      (entries) => split(entries, '2014-06-02', '3'),
      (entries) => split(entries, '2014-06-09', '2'),
    );
    expect(reverse(two, 2)).toMatchObject({
      refusal: {
        code: 'BOOKED_OUT_OF_ORDER',
        message:
          'entry: 2: must not be taken back before entry 3, which was reckoned from its units: ' +
          'Split of AAPL, 2 for 1, ex-date 2014-06-09',
      },
    });
    const back = after(
      two,
      (entries) => reverse(entries, 3),
      (entries) => reverse(entries, 2),
    );
    expect(unitsOf(back)).toEqual(unitsOf(opened));
  });
});

describe('a rename and a split', () => {
  const bought = (symbol: string, date: string, units: string): EntryDraft =>
    fillEntry({ date, baseCurrency: 'GBP', symbol, side: 'BUY', units, value: '100' });

  test('of different days, either first: the units go over, and the split finds them under the name of its day', () => {
    const splitFirst = after(
      opened,
      (entries) => split(entries, '2014-06-02', '3'),
      (entries) => rename(entries, '2014-06-09'),
    );
    expect(unitsOf(splitFirst)).toEqual({ KO: '20', NEW: '30' });
    const renameFirst = after(
      opened,
      (entries) => rename(entries, '2014-06-02'),
      (entries) => split(entries, '2014-06-09', '3', 'NEW'),
    );
    expect(unitsOf(renameFirst)).toEqual({ KO: '20', NEW: '30' });
    expect(said(split(renameFirst, '2014-06-09', '3', 'NEW'))).toBe('booked');
  });

  test('of one day, either first: a reverse split with a new name', () => {
    const day = '2014-06-09';
    const splitFirst = after(
      opened,
      (entries) => split(entries, day, '0.25'),
      (entries) => rename(entries, day),
    );
    const renameFirst = after(
      opened,
      (entries) => rename(entries, day),
      (entries) => split(entries, day, '0.25', 'NEW'),
    );
    for (const entries of [splitFirst, renameFirst]) {
      expect(unitsOf(entries)).toEqual({ KO: '20', NEW: '2.5' });
      for (const told of ['AAPL', 'NEW'])
        expect(shares(entries, 'NEW', [{ symbol: told, exDate: day, ratio: '0.25' }])).toBe('2.5');
      expect(unbookedSplits(entries, [action('NEW', day, 'SPLIT', '0.25')])).toEqual([]);
    }
    // The same words again book nothing more.
    const [againSplit, againRename] = [split(splitFirst, day, '0.25'), rename(splitFirst, day)];
    expect([againSplit, againRename].map((plan) => plan.ok && plan.result.standing?.entryId)).toEqual([2, 3]);
  });

  test('that nobody booked goes over with the rename, told under either name, and what rounding left out, too', () => {
    const renamed = after(opened, (entries) => rename(entries, '2014-06-09'));
    for (const symbol of ['AAPL', 'NEW']) {
      expect(shares(renamed, 'NEW', [{ symbol, exDate: '2014-06-02', ratio: '7' }])).toBe('70');
      expect(shares(renamed, 'NEW', [{ symbol, exDate: '2014-06-09', ratio: '7' }])).toBe('70');
    }
    expect(shares(renamed, 'NEW', [{ symbol: 'AAPL', exDate: '2014-06-10', ratio: '7' }])).toBe('10');
    const third = toText(
      sharesOf(opened, 'AAPL', [{ symbol: 'AAPL', exDate: '2014-06-02', ratio: '0.3333333333333333' }]).units,
    );
    const rounded = after(
      opened,
      (entries) => split(entries, '2014-06-02', '0.3333333333333333'),
      (entries) => rename(entries, '2014-06-09'),
    );
    expect(unitsOf(rounded)['NEW']).toBe('3.333333');
    expect(third.startsWith('3.333333333')).toBe(true);
    expect(shares(rounded, 'NEW')).toBe('3.333333333');
    const told = [action('NEW', '2014-06-02', 'SPLIT', '7')];
    expect(unbookedSplits(renamed, told)).toEqual(told);
    expect(unbookedSplits(rounded, told)).toEqual([]);
    expect(toText(unitsBefore(renamed, 'NEW', '2014-06-02'))).toBe('10');
  });

  test('of before a rename is booked only before it, under either name', () => {
    const renamed = after(opened, (entries) => rename(entries, '2014-06-09'));
    for (const symbol of ['AAPL', 'NEW'])
      expect(split(renamed, '2014-06-02', '7', symbol)).toMatchObject({
        refusal: { code: 'BOOKED_OUT_OF_ORDER', remedy: expect.stringContaining('--entry 2 ') as string },
      });
  });

  test('whose old name comes back as another company: each has its own shares, splits and cost', () => {
    const renamed = after(opened, (entries) => rename(entries, '2014-06-02'));
    const other = booked([...renamed, bought('AAPL', '2014-06-05', '4')]);
    const splits = [
      { symbol: 'AAPL', exDate: '2014-05-20', ratio: '2' },
      { symbol: 'AAPL', exDate: '2014-06-09', ratio: '10' },
    ];
    expect([shares(other, 'NEW', splits), shares(other, 'AAPL', splits)]).toEqual(['20', '40']);
    const both = after(other, (entries) => split(entries, '2014-06-09', '10'));
    expect(unitsOf(both)).toEqual({ AAPL: '40', KO: '20', NEW: '10' });
    expect([shares(both, 'NEW', splits), shares(both, 'AAPL', splits)]).toEqual(['20', '40']);
    expect(toText(unitsBefore(both, 'AAPL', '2014-06-20'))).toBe('40');
    expect(toText(unitsBefore(both, 'NEW', '2014-05-20'))).toBe('10');
    const { positions } = replayBook(both, 'GBP');
    expect(positions.find(({ symbol }) => symbol === 'AAPL')).toMatchObject({ units: '40', cost: '100' });
  });

  test('a circle of names comes to an end', () => {
    const there = after(
      opened,
      (entries) => rename(entries, '2014-06-02'),
      (entries) => rename(entries, '2014-06-04', 'NEW', 'AAPL'),
      (entries) => split(entries, '2014-06-09', '2'),
    );
    expect(unitsOf(there)).toEqual({ AAPL: '20', KO: '20' });
    expect(shares(there, 'AAPL', [{ symbol: 'AAPL', exDate: '2014-05-20', ratio: '3' }])).toBe('60');
  });
});

describe('the other kinds', () => {
  const scope = { account, today, asOfDate, isKnown, isBenchmark, symbol: 'AAPL', date: '2014-06-02' };
  const exchange = { ...scope, ...cash, to: 'NEW', ratio: '0.5' };
  const kinds: Record<string, (entries: readonly BookedEntry[]) => EntryPlan> = {
    rename: (entries) => rename(entries, scope.date),
    'cash merger': (entries) => planCashMerger(entries, { ...scope, ...cash, net: '900' }, rate),
    'stock merger': (entries) => planStockMerger(entries, { ...exchange, costShare: null }, { rate, values: null }),
    delisting: (entries) => planDelisting(entries, { ...scope, ...cash }, rate),
    'cash in lieu': (entries) => planCashInLieu(entries, { ...scope, net: '5', units: '0.5' }),
  };

  test.each(Object.entries(kinds))('%s is refused before a split that is booked already', (_, plan) => {
    const later = after(opened, (entries) => split(entries, '2014-06-09', '2'));
    expect(plan(later)).toMatchObject({
      refusal: {
        kind: 'refused',
        code: 'BOOKED_OUT_OF_ORDER',
        message: expect.stringMatching(/^date: 2014-06-02: must not be before 2014-06-09: entry 2 /) as string,
      },
    });
    expect(said(plan(opened))).toBe('booked');
  });

  test('a spin-off leaves a later split of the old shares alone, and comes before one of the new', () => {
    const spinOff = (entries: readonly BookedEntry[]) =>
      planSpinOff(entries, { ...scope, to: 'NEW', ratio: '0.5', costShare: '0.2' }, null);
    const later = after(opened, (entries) => split(entries, '2014-06-09', '2'));
    expect(unitsOf(after(later, spinOff))).toEqual({ AAPL: '20', KO: '20', NEW: '5' });
    const child = after(opened, spinOff, (entries) => split(entries, '2014-06-09', '2', 'NEW'));
    expect(unitsOf(child)).toEqual({ AAPL: '10', KO: '20', NEW: '10' });
    const before = booked([
      ...opened,
      fillEntry({ date: '2014-05-06', baseCurrency: 'GBP', symbol: 'NEW', side: 'BUY', units: '2', value: '20' }),
    ]);
    const splitNew = after(before, (entries) => split(entries, '2014-06-09', '2', 'NEW'));
    expect(spinOff(splitNew)).toMatchObject({
      refusal: { code: 'BOOKED_OUT_OF_ORDER', message: expect.stringMatching(/^ex-date: 2014-06-02: /) as string },
    });
  });

  test('two companies spun off on one day are booked side by side, each once', () => {
    const spinOff = (to: string) => (entries: readonly BookedEntry[]) =>
      planSpinOff(entries, { ...scope, to, ratio: '0.5', costShare: '0.2' }, null);
    const both = after(opened, spinOff('NEW'), spinOff('OTHER'));
    expect(unitsOf(both)).toEqual({ AAPL: '10', KO: '20', NEW: '5', OTHER: '5' });
    const again = spinOff('OTHER')(both);
    expect(again.ok && again.result.standing?.entryId).toBe(3);
  });

  test('shares of a merger and of a spin-off bring along a split that nobody booked', () => {
    const told = [{ symbol: 'AAPL', exDate: '2014-05-20', ratio: '4' }];
    const spun = after(opened, (entries) =>
      planSpinOff(entries, { ...scope, to: 'NEW', ratio: '0.5', costShare: '0' }, null),
    );
    expect([shares(spun, 'AAPL', told), shares(spun, 'NEW', told)]).toEqual(['40', '20']);
    const merged = after(opened, kinds['stock merger']!);
    expect([shares(merged, 'AAPL', told), shares(merged, 'NEW', told)]).toEqual(['0', '20']);
  });

  test('a close that shows a split of after its day, as restated series do, is met by the shares of then', () => {
    const told = [{ symbol: 'AAPL', exDate: '2014-06-09', ratio: '7' }];
    const done = after(opened, (entries) => split(entries, '2014-06-09', '7'));
    const at = (entries: readonly BookedEntry[], splits: ShareSplit[], pricedIn: string) =>
      toText(sharesOf(entries, 'AAPL', splits, pricedIn).units);
    for (const entries of [opened, done]) {
      expect([at(entries, told, '2014-06-06'), at(entries, told, '2014-06-09')]).toEqual(['10', '70']);
    }
    expect(at(done, [], '2014-06-06')).toBe('10');
  });
});
