import { describe, expect, it } from 'vitest';
import { openingEntry } from '../../src/domain/ledger/entries.js';
import type { Happening } from '../support/statement.js';
import { booked } from './ledger.fixture.js';
import { differing, holdAgainst, interestAt, read, type Base } from './statement.fixture.js';

/* Which rows of its own day the ledger's opening has in it already. */

const at = (time: string) => `05/01/2026 ${time}:00`;
const LATER = '2026-02-01T09:00:00.000Z';
const AT_NOON = '2026-01-05T12:00:00.000Z';

/** What is left out of a statement by an opening of its first day, and what of the rest nothing books. */
async function leftOut(happenings: Happening[], cash: string, { base = 'USD' as Base, bookedAt = LATER } = {}) {
  const statement = await read({ happenings, said: { cash: 0, equity: 0 } });
  const entries = booked(
    [openingEntry({ date: '2026-01-05', cash, positions: {}, baseCurrency: base })].flatMap((draft) => draft ?? []),
  ).map((entry) => ({ ...entry, bookedAt }));
  const comparison = holdAgainst(statement, { drafts: [], base, more: { entries, rateOn: () => '2' } });
  const missing = differing(comparison).filter(({ difference }) => difference === 'MISSING_IN_LEDGER');
  return [comparison.before, missing.map(({ statement: side }) => side?.amount)];
}

const pounds = (time: string, amount: string): Happening => ({
  at: at(time),
  type: 'Deposit',
  details: `${amount} GBP Wire`,
  amount: Number(amount) * 2,
});

describe("rows of the opening's own day", () => {
  const exact: Happening[] = [
    { at: at('10:00'), type: 'Deposit', details: '2500.00 USD Wire', amount: 2500 },
    ...[0.01, 0.02, 0.01].map((amount, index) => interestAt(at(`1${index + 1}:30`), amount)),
    interestAt('06/01/2026 10:00:00', 0.5),
  ];

  it('are left out to the penny where the figures are exact', async () => {
    expect(await leftOut(exact, '2500')).toEqual([1, ['0.01', '0.02', '0.01', '0.50']]);
    expect(await leftOut(exact, '2500.01')).toEqual([2, ['0.02', '0.01', '0.50']]);
    expect(await leftOut(exact, '2500.04')).toEqual([4, ['0.50']]);
  });

  it('are not all left out, however many rows of pennies there are', async () => {
    const many = Array.from({ length: 60 }, (_, minute) =>
      interestAt(at(`11:${String(minute).padStart(2, '0')}`), 0.01),
    );
    const [before] = await leftOut([exact[0] as Happening, ...many], '2500');
    expect(before).toBe(1);
  });

  it('are those up to the nearest place where figures are rounded, unless its instant tells it', async () => {
    const rounded = [pounds('10:00', '1000.00'), pounds('11:00', '0.01'), pounds('13:00', '5.00')];
    expect(await leftOut(rounded, '1000', { base: 'GBP' })).toEqual([1, ['0.01', '5.00']]);
    expect(await leftOut(rounded, '1000', { base: 'GBP', bookedAt: AT_NOON })).toEqual([2, ['5.00']]);
  });
});
