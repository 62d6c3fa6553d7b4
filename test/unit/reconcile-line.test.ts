import { describe, expect, it } from 'vitest';
import { nextReconcile, reconcileCommand } from '../../src/reports/commands.js';

const main = { account: 'main', baseCurrency: 'GBP', clock: 'real' } as const;
const dollars = { account: 'spare', baseCurrency: 'USD', clock: 'simulated' } as const;

describe("the runbook's reconciliation line", () => {
  it('is that of the runbook for the household’s own account', () => {
    expect(nextReconcile(main, '2014-06-10')).toBe(
      'make reconcile-daily -- --snapshot-date 2014-06-10 --cash-gbp <cash> --position SYMBOL=UNITS ' +
        '--notes "manual_etoro_snapshot"',
    );
  });

  it('names the account, and its own currency’s flag, where another one is meant', () => {
    expect(nextReconcile(dollars, '2014-06-10')).toBe(
      'make reconcile-daily -- --snapshot-date 2014-06-10 --cash <cash> --position SYMBOL=UNITS ' +
        '--notes "manual_etoro_snapshot" --account spare',
    );
    expect(nextReconcile(dollars)).toBe(
      'make reconcile-daily -- --snapshot-date YYYY-MM-DD --cash <cash> --position SYMBOL=UNITS --account spare',
    );
  });

  it('stands in files with the instant that a simulated clock is told', () => {
    expect(reconcileCommand(dollars, 'USD', '2014-06-10', '2014-06-10T13:00:00.000Z')).toBe(
      'make reconcile-daily -- --snapshot-date 2014-06-10 --cash <cash> --position SYMBOL=UNITS ' +
        '--notes "manual etoro snapshot" --account spare --at 2014-06-10T13:00:00.000Z',
    );
  });
});
