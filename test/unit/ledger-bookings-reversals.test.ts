import { describe, expect, test } from 'vitest';
import { planReversal } from '../../src/domain/ledger/bookings/reversal.js';
import { baselinePositionEntry, depositEntry, fillEntry, reversalEntry } from '../../src/domain/ledger/entries.js';
import { booked } from './ledger.fixture.js';
import { account, opening, money, EMPTY, no } from '../support/bookings.js';

// Reversals: what they book to the last posting, and what they say when they do not.

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
