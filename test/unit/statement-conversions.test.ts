import { describe, expect, it } from 'vitest';
import type { Happening, Statement } from '../support/statement.js';
import { holdAgainst, opening, read } from './statement.fixture.js';

/* Money that is converted on its way may move the balance in the row of its conversion's fee alone. */

const cashOf = async (happenings: readonly Happening[], said: Statement = { equity: 500, cash: 500 }) => {
  const { events, cash } = await read({ happenings, said });
  return [cash, events.map((event) => event.cash)];
};
const deposit = (second: number, amount: number, cash?: number): Happening => ({
  at: `05/01/2026 14:05:0${second}`,
  type: 'Deposit',
  amount,
  ...(cash !== undefined && { cash }),
});
const fee = (second: number, amount: number, cash = amount, of = 'deposit'): Happening => ({
  at: `05/01/2026 14:05:0${second}`,
  type: `${of} conversion fee`,
  amount,
  cash,
});
const interest = { at: '05/01/2026 14:05:00', type: 'Interest Payment', amount: 1 };

describe("a conversion fee's row", () => {
  it.each<[what: string, rows: Happening[], expected: string[]]>([
    ['that carries its deposit', [interest, deposit(1, 1000, 0), fee(2, -12.5, 987.5)], ['1', '1000', '-12.5']],
    ['before its deposit', [interest, fee(1, -12.5, 987.5), deposit(2, 1000, 0)], ['1', '-12.5', '1000']],
    ['beside a deposit that moves by itself', [interest, deposit(1, 1000), fee(2, -12.5)], ['1', '1000', '-12.5']],
    [
      'that carries a withdrawal',
      [
        interest,
        { at: '05/01/2026 14:05:01', type: 'Withdraw Request', amount: -200, cash: 0 },
        fee(2, -3, -203, 'Withdrawal'),
      ],
      ['1', '-200', '-3'],
    ],
    [
      'of each of two',
      [interest, deposit(1, 1000, 0), deposit(1, 300, 0), fee(2, -12.5, 987.5), fee(2, -3, 297)],
      ['1', '1000', '300', '-12.5', '-3'],
    ],
  ])('%s tells both', async (_, rows, expected) => {
    expect(await cashOf(rows)).toEqual([{ before: '500', after: expect.any(String) }, expected]);
  });

  it('tells both where the deposit is the first row, of an account that is new or not', async () => {
    const rows = [deposit(1, 1000, 0), fee(2, -12.5, 987.5)];
    expect(await cashOf(rows)).toEqual([{ before: '500', after: '1487.5' }, ['1000', '-12.5']]);
    expect(await cashOf(rows, {})).toEqual([{ before: '0', after: '987.5' }, ['1000', '-12.5']]);
  });

  it('tells both where it is the first row itself, of an account that is new or not', async () => {
    const rows = [fee(1, -12.5, 987.5), deposit(2, 1000, 0), { ...interest, at: '05/01/2026 14:05:03' }];
    expect(await cashOf(rows)).toEqual([{ before: '500', after: '1488.5' }, ['-12.5', '1000', '1']]);
    expect(await cashOf(rows, {})).toEqual([{ before: '0', after: '988.5' }, ['-12.5', '1000', '1']]);
  });

  it('that brings money of no other row is a deposit of what arrived', async () => {
    const statement = await read({ happenings: [interest, fee(2, -12.5, 987.5)], said: { equity: 500, cash: 500 } });
    const { lines } = holdAgainst(statement, { drafts: [opening('2025-12-01', '500')] });
    expect(lines.filter(({ rows }) => rows.length > 0)).toMatchObject([
      { kind: 'INTEREST', proposal: { kind: 'BOOK_INTEREST', amount: '1.00' } },
      { kind: 'DEPOSIT', difference: 'MISSING_IN_LEDGER', proposal: { kind: 'BOOK_DEPOSIT', amount: '987.50' } },
    ]);
  });

  it('as the first row says what it is, and never that money came', async () => {
    const [, [first]] = (await cashOf([fee(1, -12.5), deposit(2, 10)])) as [unknown, string[]];
    expect(first).toBe('-12.5');
  });

  it.each<[what: string, rows: Happening[]]>([
    ['without a fee', [interest, deposit(1, 1000, 0)]],
    ['with a fee of another sum', [interest, deposit(1, 1000, 0), fee(2, -12.5, 900)]],
    ['with the fee of a withdrawal', [interest, deposit(1, 1000, 0), fee(2, -12.5, 987.5, 'Withdrawal')]],
  ])('is no reason to read a deposit that moves nothing, %s', async (_, rows) => {
    await expect(cashOf(rows)).rejects.toMatchObject({ code: 'STATEMENT_INCONSISTENT' });
  });
});
