import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planPaperAlignment } from '../../src/domain/ledger/bookings/paper.js';
import { ledgerSums } from '../../src/domain/ledger/sums.js';
import { D, toText } from '../../src/domain/money.js';
import type { LedgerState } from '../../src/domain/types.js';

const ON = { baseCurrency: 'GBP', date: '2014-06-30' };
const state = (cash: string, units: Record<string, string>, lastEntryId: number | null = 7): LedgerState => ({
  cash,
  units,
  lastEntryId,
  lastBookedAt: null,
});
const planned = (ledger: LedgerState, paper: LedgerState) =>
  planPaperAlignment(ledger, paper, ON).map(({ what, draft }) => ({
    what,
    kind: draft.kind,
    amounts: draft.postings
      .filter(({ account }) => account.startsWith('Assets:'))
      .map(({ account, commodity, amount }) => `${account} ${amount} ${commodity}`),
  }));

describe('the paper book before a dry run', () => {
  test('is opened with what the ledger holds, and not at all while that is nothing', () => {
    expect(planned(state('1000', { KO: '20' }), state('0', {}, null))).toEqual([
      { what: 'opening', kind: 'OPENING', amounts: ['Assets:Cash 1000 GBP', 'Assets:Units 20 KO'] },
    ]);
    expect(planned(state('0', {}), state('0', {}, null))).toEqual([]);
  });

  test('gets the units that an earlier rehearsal sold back, and loses those that it bought', () => {
    expect(
      planned(state('1000', { KO: '20', MSFT: '3.5' }), state('900', { AAPL: '1.25', KO: '12.000001', MSFT: '3.5' })),
    ).toEqual([
      { what: 'cash', kind: 'BASELINE', amounts: ['Assets:Cash 100 GBP'] },
      { what: 'AAPL', kind: 'BASELINE', amounts: ['Assets:Units -1.25 AAPL'] },
      { what: 'KO', kind: 'BASELINE', amounts: ['Assets:Units 7.999999 KO'] },
    ]);
  });

  test('is left alone where it says the same', () => {
    expect(planned(state('1000', { KO: '20' }), state('1000.00', { KO: '20.000000' }))).toEqual([]);
  });

  test('whatever it said before, it then says what the ledger says, to the last digit', () => {
    const units = fc.dictionary(
      fc.constantFrom('AAPL', 'KO', 'MSFT'),
      fc.integer({ min: 1, max: 9_000_000 }).map((n) => toText(D(n).div(1_000_000))),
    );
    const cash = fc.integer({ min: 0, max: 100_000 }).map((pence) => toText(D(pence).div(100)));
    fc.assert(
      fc.property(cash, units, cash, units, fc.boolean(), (ledgerCash, held, paperCash, tried, empty) => {
        const paper = empty ? state('0', {}, null) : state(paperCash, tried);
        const plan = planPaperAlignment(state(ledgerCash, held), paper, ON);
        const moved = ledgerSums(
          plan.map(({ draft }) => draft),
          'GBP',
        );
        const after = (symbol: string) => D(paper.units[symbol] ?? '0').plus(D(moved.units[symbol] ?? '0'));
        expect(D(paper.cash).plus(D(moved.cash)).eq(D(ledgerCash))).toBe(true);
        for (const symbol of ['AAPL', 'KO', 'MSFT']) expect(toText(after(symbol)), symbol).toBe(held[symbol] ?? '0');
      }),
    );
  });
});
