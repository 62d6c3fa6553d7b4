import { describe, expect, it } from 'vitest';
import type { DayState, DayView } from '../../src/domain/day/state.js';
import {
  nextOfClosed,
  nextOfDay,
  nextOfNone,
  nextOfReconciled,
  nextOfTicket,
} from '../../src/reports/catalogue/next.js';

const AFTERNOON = 'make run-1400, at 14:00';
const RECONCILE = 'make reconcile-daily -- --snapshot-date YYYY-MM-DD --cash-gbp <cash> --position SYMBOL=UNITS';
const FILLS = 'FILLS_JSON=/path/to/fills.json make confirm-fills';

const MAIN = { account: 'main', baseCurrency: 'GBP', clock: 'simulated' } as const;

const day = (state: DayState, kind?: 'TRADE' | 'NO_TRADE') =>
  ({ account: 'main', tradingDay: '2014-05-30', state, ticket: kind ? { kind } : null }) as DayView;

describe('what is typed next', () => {
  it.each([
    [day('open'), '0800', RECONCILE],
    [day('reconciled'), '0800', `make run-0800 for the prices of 2014-05-30, then ${AFTERNOON}`],
    [day('reconciled'), '1400', AFTERNOON],
    [day('ticketed', 'TRADE'), '1400', FILLS],
    [day('ticketed', 'NO_TRADE'), '1400', 'make confirm'],
    [day('confirmed', 'TRADE'), '1400', 'trading-ops ledger-report'],
    [day('closed', 'NO_TRADE'), '1400', 'trading-ops ledger-report'],
  ] as const)('on a day that is %o, waiting for %s: %s', (view, run, next) => {
    expect(nextOfDay(view, run, MAIN)).toBe(next);
  });

  it('on the day of another account names it, and its currency', () => {
    const isa = { ...MAIN, account: 'isa', baseCurrency: 'USD' };
    expect(nextOfDay(day('open'), '0800', isa)).toBe(
      'make reconcile-daily -- --snapshot-date YYYY-MM-DD --cash <cash> --position SYMBOL=UNITS --account isa',
    );
    expect(nextOfDay(day('reconciled'), '0800', isa)).toBe(
      'make run-0800 -- --account isa for the prices of 2014-05-30, then make run-1400 -- --account isa, at 14:00',
    );
    expect(nextOfClosed('2014-05-31', { extra_closures: [], extra_early_closes: [] }, 'isa')).toBe(
      'on 2014-06-02, the next session: make run-0800 -- --account isa (trading-ops schedules show)',
    );
    expect([nextOfNone('main'), nextOfNone('isa')]).toEqual(['make run-0800', 'make run-0800 -- --account isa']);
    expect(nextOfDay(day('closed'), '1400', isa)).toBe('trading-ops ledger-report --account isa');
    expect(nextOfDay(day('ticketed', 'NO_TRADE'), '1400', isa)).toBe('make confirm -- --account isa');
  });

  it('after a reconciliation, and with a ticket', () => {
    expect(nextOfReconciled('2014-05-30', '1400', 'main')).toBe(AFTERNOON);
    const of = (kind: 'TRADE' | 'NO_TRADE', account: string) => nextOfTicket({ kind, account });
    expect([of('TRADE', 'main'), of('NO_TRADE', 'main')]).toEqual([FILLS, 'make confirm']);
    expect([of('TRADE', 'isa'), of('NO_TRADE', 'isa')]).toEqual([
      `${FILLS} -- --account isa`,
      'make confirm -- --account isa',
    ]);
  });
});
