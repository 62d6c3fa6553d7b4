import { openingEntry, type EntryDraft } from '../../src/domain/ledger/entries.js';
import type { CorporateAction } from '../../src/domain/types.js';
import { booked } from '../unit/ledger.fixture.js';

// What the tests of bookings share: an account, its open ledger, and what is said when nothing is booked.

export const account = { account: 'main', baseCurrency: 'GBP', clock: 'simulated' } as const;
export const today = '2014-06-30';
export const opening = openingEntry({
  date: '2014-05-01',
  baseCurrency: 'GBP',
  cash: '1000',
  positions: { AAPL: '10', KO: '20' },
}) as EntryDraft;
export const opened = booked([opening]);
export const money = { date: '2014-06-10', baseCurrency: 'GBP' };
export const action = (
  symbol: string,
  exDate: string,
  kind: CorporateAction['kind'],
  value: string,
  currency: string | null = null,
): CorporateAction => ({ symbol, exDate, kind, value, currency, source: 'csv' });
export const EMPTY = {
  ok: false,
  refusal: {
    kind: 'refused',
    code: 'LEDGER_EMPTY',
    message: 'the ledger of main is empty: nothing can be booked before it is opened',
    remedy:
      'open it with the first snapshot (make reconcile-daily) or with trading-ops ledger-baseline --cash … --position … --reason …',
  },
};
export const no = (kind: 'usage' | 'refused', code: string, message: string, remedy: string | null = null) => ({
  ok: false,
  refusal: { kind, code, message, remedy },
});

export const FUTURE = 'Nothing was booked. Give the date on which it happened.';
export const OPENING =
  'Nothing was booked. What is wrong in the opening is corrected with: trading-ops ledger-baseline';
export const PRESENT = 'Nothing was booked. Give the date of the figures, or leave it out for today.';
