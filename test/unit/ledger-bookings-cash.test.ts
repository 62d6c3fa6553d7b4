import { describe, expect, test } from 'vitest';
import { planCash, type CashCommand } from '../../src/domain/ledger/bookings/cash.js';
import { depositEntry, feeEntry, reversalEntry } from '../../src/domain/ledger/entries.js';
import { booked } from './ledger.fixture.js';
import { account, today, opening, opened, money, EMPTY, no, FUTURE, OPENING } from '../support/bookings.js';

// Cash that comes in, goes out or was taken: what it books to the last posting, and what it says when it does not.

describe('cash', () => {
  const cash = (changes: Partial<CashCommand> = {}, entries = opened) =>
    planCash(entries, {
      isKnown: (symbol) => symbol !== 'NONE',
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

  test('is a fee about a symbol that the universe or the ledger has, and no other', () => {
    const unknown = 'symbol: NONE: is neither in the universe nor in the ledger';
    const remedy = 'nothing was booked: correct the symbol, or add its row to universe.csv';
    expect(cash({ kind: 'FEE', symbol: 'NONE' })).toEqual(no('usage', 'SYMBOL_UNKNOWN', unknown, remedy));
    const isKnown = () => false;
    expect(cash({ kind: 'FEE', symbol: 'KO', isKnown })).toMatchObject({ ok: true });
    expect(cash({ kind: 'FEE', symbol: null, isKnown })).toMatchObject({ ok: true });
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

  test('a third time after the first of two was reversed has a key that neither has', () => {
    const deposit = depositEntry({ ...money, amount: '50.5' });
    const entries = booked([
      opening,
      { ...deposit, key: 'deposit:2014-06-10:50.5::' },
      { ...deposit, key: 'deposit:2014-06-10:50.5::+1' },
      { ...reversalEntry(deposit, 'wrong'), reverses: 2 },
    ]);
    expect(cash({ another: true }, entries)).toMatchObject({ result: { key: 'deposit:2014-06-10:50.5::+1#2' } });
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
