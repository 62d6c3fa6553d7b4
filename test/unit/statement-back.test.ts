import { describe, expect, it } from 'vitest';
import { dividendEntry, dividendFromNet } from '../../src/domain/ledger/entries.js';
import { opened, type Happening } from '../support/statement.js';
import { buy, compare, differing, opening, paidIn, period, told, type Base, type Case } from './statement.fixture.js';

/* Dividends that the broker took back: rows below nothing. */

const dividend = (at: string, net: number, display: number | null = null): Happening => ({
  at,
  type: 'Dividend',
  details: 'AAA/USD',
  amount: net,
  id: '1',
  paid: { tax: net < 0 ? -1.5 : 1.5, display, taxDisplay: display === null ? null : display < 0 ? -1.11 : 1.11 },
});
const bookedOn = (date: string, net = '8.50', baseCurrency: Base = 'USD') =>
  dividendEntry({ date, exDate: '2026-01-07', symbol: 'AAA', amounts: dividendFromNet(net), baseCurrency });
const bought = opened('05/01/2026 15:00:00', 'AAA', '1', '10', 1000);
const february = { ...period('01/02/2026', '28/02/2026', '05/03/2026 08:00:00'), equity: 5_000, cash: 4_000 };
const action = { symbol: 'AAA', exDate: '2026-01-07', kind: 'DIVIDEND', value: '1', currency: 'USD' } as const;

const january = (more: readonly Happening[], drafts: Case['drafts']): Case => ({
  happenings: [paidIn('02/01/2026 09:00:00', 5_000), bought, ...more],
  drafts: [opening('2026-01-02', '5000'), buy('2026-01-05', '10', '1000'), ...drafts],
  more: { actions: [action] as never },
});

describe('a dividend that was taken back', () => {
  const both = [dividend('13/01/2026 02:00:00', 8.5), dividend('15/01/2026 02:00:00', -8.5)];
  const dividendsOf = async (one: Case) =>
    (await compare(one)).lines
      .filter(({ kind }) => kind === 'DIVIDEND')
      .map(({ difference, proposal }) => [difference, proposal]);

  it('is nothing to be booked; whoever booked it reverses that entry, and then the statement agrees', async () => {
    expect(await dividendsOf(january(both, []))).toEqual([[null, null]]);
    const booked = await compare(january(both, [bookedOn('2026-01-13')]));
    const [line] = booked.lines.filter(({ kind }) => kind === 'DIVIDEND');
    expect(line).toMatchObject({
      difference: 'AMOUNT_DIFFERS',
      proposal: { kind: 'REVERSE_ENTRY', entryId: line?.entryIds[0] },
      text: expect.stringMatching(/on 2026-01-13 was taken back on 2026-01-15: entry \d+ books it/),
    });
    expect(told(booked).filter(([kind]) => kind === 'DIVIDEND')).toHaveLength(1);
  });

  it('leaves what was paid in its place, on the same day too', async () => {
    const right = { ...dividend('13/01/2026 04:00:00', 8), paid: { tax: 1.41, display: null, taxDisplay: null } };
    const again = [dividend('13/01/2026 02:00:00', 8.5), dividend('13/01/2026 03:00:00', -8.5), right];
    expect(await dividendsOf(january(again, [bookedOn('2026-01-13', '8.00')]))).toEqual([
      [null, null],
      [null, null],
    ]);
  });

  it('of an earlier statement is never as booked: the entry that it may be is named', async () => {
    for (const [base, net, display] of [
      ['USD', '8.50', null],
      ['GBP', '6.30', -6.3],
    ] as const) {
      const one: Case = {
        base,
        happenings: [dividend('15/02/2026 02:00:00', -8.5, display)],
        drafts: [bookedOn('2026-02-15', net, base)],
        said: february,
        more: { actions: [action] as never },
      };
      const lines = differing(await compare(one)).filter(({ kind }) => kind === 'DIVIDEND');
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatchObject({
        proposal: null,
        text: expect.stringMatching(/entry \d+ of 2026-02-15 books one/),
      });
      const none = await compare({ ...one, drafts: [opening('2026-01-02', '5000')] });
      expect(differing(none).filter(({ kind }) => kind === 'DIVIDEND')).toMatchObject([
        {
          proposal: { kind: 'BOOK_FEE', amount: net, date: '2026-02-15' },
          text: expect.stringContaining('no entry books what it takes back'),
        },
      ]);
    }
  });
});
