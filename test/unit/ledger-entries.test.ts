import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  baselineCashEntry,
  baselinePositionEntry,
  depositEntry,
  dividendAmounts,
  dividendEntry,
  dividendFromNet,
  feeEntry,
  fillEntry,
  openingEntry,
  reversalEntry,
  splitEntry,
  withdrawalEntry,
  type EntryDraft,
} from '../../src/domain/ledger/entries.js';
import { imbalances, ledgerSums, unitsBefore } from '../../src/domain/ledger/sums.js';
import { D, pennies, toText } from '../../src/domain/money.js';
import { booked } from './ledger.fixture.js';

const base = { date: '2014-06-30', baseCurrency: 'GBP' };
const amount = fc.integer({ min: 1, max: 100_000_000 }).map((pence) => toText(D(pence).div(100)));
const unitsOf = fc.integer({ min: 1, max: 2_000_000_000 }).map((millionths) => toText(D(millionths).div(1_000_000)));
const symbol = fc.constantFrom('AAPL', 'KO', 'MSFT');
const ratio = fc.constantFrom('2', '7', '1.5', '0.5', '0.1');

const anyEntry: fc.Arbitrary<EntryDraft> = fc.oneof(
  amount.map((cash) => depositEntry({ ...base, amount: cash })),
  amount.map((cash) => withdrawalEntry({ ...base, amount: cash })),
  amount.map((cash) => feeEntry({ ...base, amount: cash })),
  fc
    .record({ symbol, units: unitsOf, value: amount, side: fc.constantFrom('BUY' as const, 'SELL' as const) })
    .map((fill) => fillEntry({ ...base, ...fill })),
  fc
    .record({ symbol, net: amount })
    .map(({ symbol, net }) => dividendEntry({ ...base, exDate: base.date, symbol, amounts: dividendFromNet(net) })),
  fc
    .record({ symbol, units: unitsOf, ratio })
    .map((split) => splitEntry({ ...split, exDate: base.date }))
    .filter((draft) => draft !== null),
  fc
    .record({ symbol, units: unitsOf, cost: fc.option(amount) })
    .map((input) => baselinePositionEntry({ ...base, ...input, description: 'x' })),
  amount.map((delta) => baselineCashEntry({ ...base, delta, description: 'x' })),
);

describe('entry builders', () => {
  test('a fill moves units in and cash out by exactly what was executed', () => {
    const { postings } = fillEntry({ ...base, symbol: 'KO', side: 'BUY', units: '10.5', value: '261.32' });
    expect(postings).toEqual([
      { account: 'Assets:Units', commodity: 'KO', amount: '10.5' },
      { account: 'Equity:Trading', commodity: 'KO', amount: '-10.5' },
      { account: 'Assets:Cash', commodity: 'GBP', amount: '-261.32' },
      { account: 'Equity:Trading', commodity: 'GBP', amount: '261.32' },
    ]);
  });

  test('KO’s dividend of 2014-06-12 on 20 units comes to £3.62 gross less 15 % at 1.6829', () => {
    const amounts = dividendAmounts({ units: '20', amount: '0.305', fx: '1.6829' });
    expect([amounts.gross, amounts.tax, amounts.net].map(toText)).toEqual(['3.62', '0.54', '3.08']);
  });

  test('AAPL’s 7:1 split adds six shares for each, and a reverse split takes shares away', () => {
    expect(
      splitEntry({ exDate: '2014-06-09', symbol: 'AAPL', units: '10.123457', ratio: '7' })?.postings[0]?.amount,
    ).toBe('60.740742');
    expect(splitEntry({ exDate: '2014-06-09', symbol: 'AAPL', units: '10', ratio: '0.25' })?.postings).toContainEqual({
      account: 'Assets:Units',
      commodity: 'AAPL',
      amount: '-7.5',
    });
    expect(splitEntry({ exDate: '2014-06-09', symbol: 'AAPL', units: '10', ratio: '1' })).toBeNull();
  });

  test('an empty snapshot opens nothing', () => {
    expect(openingEntry({ ...base, cash: '0', positions: {} })).toBeNull();
    expect(
      openingEntry({ ...base, cash: '1000.5', positions: { MSFT: '2.5', AAPL: '10' } })?.postings.map(
        ({ commodity }) => commodity,
      ),
    ).toEqual(['GBP', 'GBP', 'AAPL', 'AAPL', 'MSFT', 'MSFT']);
  });

  test.each(['0', '-5'])('an amount of %s is no deposit, withdrawal, fee or fill', (bad) => {
    expect(() => depositEntry({ ...base, amount: bad })).toThrow(/must be above 0/);
    expect(() => withdrawalEntry({ ...base, amount: bad })).toThrow(/must be above 0/);
    expect(() => feeEntry({ ...base, amount: bad })).toThrow(/must be above 0/);
    expect(() => fillEntry({ ...base, symbol: 'KO', side: 'BUY', units: bad, value: '1' })).toThrow(/must be above 0/);
  });

  test('every entry balances in every commodity, and so does its reversal', () => {
    fc.assert(
      fc.property(anyEntry, (draft) => {
        expect(imbalances(draft)).toEqual({});
        expect(imbalances(reversalEntry(draft, 'test'))).toEqual({});
      }),
    );
  });

  test('no posting is zero, cash has at most two decimals and units at most six', () => {
    fc.assert(
      fc.property(anyEntry, ({ postings }) => {
        for (const posting of postings) {
          expect(D(posting.amount).isZero()).toBe(false);
          expect(D(posting.amount).decimalPlaces()).toBeLessThanOrEqual(posting.commodity === 'GBP' ? 2 : 6);
        }
      }),
    );
  });

  test('an entry and its reversal leave nothing behind', () => {
    fc.assert(
      fc.property(fc.array(anyEntry, { maxLength: 12 }), (drafts) => {
        const all = [...drafts, ...drafts.map((draft) => reversalEntry(draft, 'test'))];
        expect(ledgerSums(all, 'GBP')).toEqual({ cash: '0', units: {} });
      }),
    );
  });

  test('an amendment chain comes to its last fill, however often it was amended', () => {
    const fill = fc
      .record({ units: unitsOf, value: amount })
      .map((executed) => fillEntry({ ...base, symbol: 'KO', side: 'BUY', ...executed }));
    fc.assert(
      fc.property(fc.array(fill, { minLength: 1, maxLength: 8 }), (chain) => {
        const all = chain.flatMap((draft, index) =>
          index === 0 ? [draft] : [reversalEntry(chain[index - 1] as EntryDraft, 'amended'), draft],
        );
        expect(ledgerSums(all, 'GBP')).toEqual(ledgerSums(chain.slice(-1), 'GBP'));
      }),
    );
  });

  test('buying and selling the same units leaves the difference in cash', () => {
    fc.assert(
      fc.property(unitsOf, amount, amount, (units, paid, got) => {
        const trip = [
          fillEntry({ ...base, symbol: 'KO', side: 'BUY', units, value: paid }),
          fillEntry({ ...base, symbol: 'KO', side: 'SELL', units, value: got }),
        ];
        expect(ledgerSums(trip, 'GBP')).toEqual({ cash: toText(D(got).minus(D(paid))), units: {} });
      }),
    );
  });

  test('net and tax of a dividend are its gross, and the net that was read is kept to the penny', () => {
    fc.assert(
      fc.property(amount, fc.constantFrom('0', '0.15', '0.3'), (net, withholding) => {
        const amounts = dividendFromNet(net, withholding);
        expect(toText(amounts.net)).toBe(toText(pennies(D(net))));
        expect(toText(amounts.gross.minus(amounts.tax))).toBe(toText(amounts.net));
        expect(amounts.tax.isNegative()).toBe(false);
      }),
    );
  });
});

describe('unitsBefore', () => {
  const entries = booked([
    openingEntry({ ...base, date: '2014-06-02', cash: '100', positions: { AAPL: '10' } }) as EntryDraft,
    fillEntry({ ...base, date: '2014-06-09', symbol: 'AAPL', side: 'BUY', units: '5', value: '300' }),
  ]);
  test('counts what was held at the close before the ex-date: a share bought on it does not split', () => {
    expect(toText(unitsBefore(entries, 'AAPL', '2014-06-09'))).toBe('10');
    expect(toText(unitsBefore(entries, 'AAPL', '2014-06-10'))).toBe('15');
  });
  test('an ex-date before the opening counts the opening: its dividend may still have been on its way', () => {
    expect(toText(unitsBefore(entries, 'AAPL', '2014-05-08'))).toBe('10');
  });
});
