import { describe, expect, it } from 'vitest';
import {
  baselineCashEntry,
  baselinePositionEntry,
  interestEntry,
  openingEntry,
  reversalEntry,
} from '../../src/domain/ledger/entries.js';
import { opened, type Happening } from '../support/statement.js';
import { booked } from './ledger.fixture.js';
import { compare, differing, interestAt, type Base, type Draft } from './statement.fixture.js';

/*
 * Shares for nothing are a gift: a baseline took in a trade where it set the cash by what that cost, of an account in
 * pounds too, whose cash no statement in dollars tells.
 */

const said = { cash: 2000, equity: 2000 };
const DATE = '2026-01-06';
const EARNED = interestAt('05/01/2026 10:00:00', 1);
const AAA = opened('06/01/2026 15:00:00', 'AAA', '1', '2', 200);
const BBB = opened('06/01/2026 15:10:00', 'BBB', '2', '3', 600);
const SOLD: Happening = {
  at: '06/01/2026 16:00:00',
  type: 'Position closed',
  details: 'BBB/USD',
  amount: 200,
  units: '3',
  equity: 0,
  id: '3',
  closed: {
    invested: 200,
    profit: 0,
    display: 0,
    openedAt: '01/06/2025 15:00:00',
    openRate: 66.6667,
    closeRate: 66.6667,
  },
};

/** What a command set, of the cash and of units, as it books them. */
const set = (base: Base, cash: string | null, units: Record<string, string>, { date = DATE, why = 'bought' } = {}) => {
  const of = { date, description: `Baseline: ${why}`, baseCurrency: base };
  return [
    ...(cash === null ? [] : [baselineCashEntry({ ...of, delta: cash })]),
    ...Object.entries(units).map(([symbol, moved]) =>
      baselinePositionEntry({ ...of, symbol, units: moved, cost: null }),
    ),
  ];
};

/** The trades of a statement that differ, as the ledger has them: at half a pound a dollar. */
async function untaken(base: Base, happenings: Happening[], drafts: readonly Draft[]) {
  const held = openingEntry({ date: '2025-12-01', cash: '2000', positions: { BBB: '3' }, baseCurrency: base });
  const earned = interestEntry({ date: '2026-01-05', amount: base === 'USD' ? '1' : '0.50', baseCurrency: base });
  const entries = booked([...(held ? [held] : []), earned, ...drafts]);
  const more = { entries, rateOn: () => (base === 'USD' ? null : '2') };
  const comparison = await compare({ base, happenings: [EARNED, ...happenings], drafts: [], said, more });
  return differing(comparison).filter(({ kind }) => kind === 'OPEN' || kind === 'CLOSE');
}

describe('a baseline of units', () => {
  it.each(['USD', 'GBP'] as const)(
    'took in no trade where it set nothing of the cash or half of it, in %s',
    async (base) => {
      const [half, whole] = base === 'USD' ? ['-100', '-200'] : ['-50', '-100'];
      for (const [cash, words] of [
        [null, '0.00'],
        [half, `${half}.00`],
      ] as const) {
        for (const date of [DATE, '2026-01-09']) {
          const drafts = set(base, cash, { AAA: '2' }, { date });
          const [line, ...others] = await untaken(base, [AAA], drafts);
          expect(others).toEqual([]);
          expect(line).toMatchObject({ kind: 'OPEN', difference: 'MISSING_IN_LEDGER', proposal: null });
          const paid = base === 'USD' ? '200.00' : '~100.00';
          expect(line?.text).toContain(
            `(Baseline: bought, ${date}) moved as many units and set the cash by ${words}, where ${paid} was paid: ` +
              'reverse it with what it set of the cash, then import again and take it in whole',
          );
        }
      }
      expect(await untaken(base, [AAA], set(base, whole, { AAA: '2' }))).toEqual([]);
    },
  );

  it('took it in where another command of its date set the cash alone, and not one of another date', async () => {
    const units = set('GBP', null, { AAA: '2' });
    const cash = (date: string, why = 'bought') => set('GBP', '-100', {}, { date, why });
    for (const drafts of [
      [...units, ...cash(DATE)],
      [...cash(DATE, 'paid'), ...units],
    ])
      expect(await untaken('GBP', [AAA], drafts)).toEqual([]);
    expect(await untaken('GBP', [AAA], [...units, ...cash('2026-01-07')])).toHaveLength(1);
  });

  it('took in none whose cash was taken back', async () => {
    const drafts = set('GBP', '-100', { AAA: '2' });
    // The opening, and the interest, are booked before it.
    const back = { ...reversalEntry(drafts[0] as Draft, 'wrong'), reverses: 3 };
    expect((await untaken('GBP', [AAA], [...drafts, back]))[0]?.text).toContain('set the cash by 0.00, where ~100.00');
  });

  it('of a cost that nothing says set something of the cash', async () => {
    const held = openingEntry({ date: '2025-12-01', cash: '2000', positions: {}, baseCurrency: 'GBP' });
    const of = (cash: string | null) =>
      compare({
        base: 'GBP',
        happenings: [{ ...AAA, amount: 100 }],
        drafts: [held, ...set('GBP', cash, { AAA: '2' })],
        said,
      });
    expect((await of('-90')).status).toBe('AGREES');
    expect((await of('90')).status).toBe('DIFFERS');
    expect(differing(await of(null))[0]?.text).toMatch(/moved as many units and set the cash by 0\.00, where somebody/);
  });

  it('of several symbols took in all of their trades where it set what all of them cost', async () => {
    const units = { AAA: '2', BBB: '3' };
    expect(await untaken('GBP', [AAA, BBB], set('GBP', '-400', units))).toEqual([]);
    for (const cash of [null, '-100', '-350']) {
      const lines = await untaken('GBP', [AAA, BBB], set('GBP', cash, units));
      expect(lines.map(({ symbol }) => symbol)).toEqual(['AAA', 'BBB']);
      for (const { text } of lines)
        expect(text).toMatch(
          /moved as many units with others, and what was set of the cash with all of them, -?\d+\.00, is not what they/,
        );
    }
    // Bought for as much as was sold, it had nothing to set.
    expect(await untaken('GBP', [AAA, SOLD], set('GBP', null, { AAA: '2', BBB: '-3' }))).toEqual([]);
  });

  it('of several symbols, of which no trade tells of some, may be of others where it set anything', async () => {
    const units = { AAA: '2', BBB: '3' };
    expect(await untaken('GBP', [AAA], set('GBP', '-400', units))).toEqual([]);
    expect(await untaken('GBP', [AAA], set('GBP', null, units))).toHaveLength(1);
  });

  it('is by itself, however near to another of the same words', async () => {
    const both = [...set('GBP', '-100', { AAA: '2' }), ...set('GBP', '-300', { BBB: '3' })];
    expect(await untaken('GBP', [AAA, BBB], both)).toEqual([]);
    const keyed = (key: string) => (draft: Draft) => ({ ...draft, key: `baseline:${key}:${draft.symbol ?? 'cash'}` });
    const free = [
      ...set('GBP', '-100', { AAA: '2' }).map(keyed('2')),
      ...set('GBP', null, { BBB: '3' }).map(keyed('4')),
    ];
    expect((await untaken('GBP', [AAA, BBB], free)).map(({ symbol }) => symbol)).toEqual(['BBB']);
  });

  it('took in the trade that says its cost before one of which nothing says it', async () => {
    const held = openingEntry({ date: '2025-12-01', cash: '2000', positions: {}, baseCurrency: 'GBP' });
    const [first, second] = [opened('06/01/2026 15:00:00', 'AAA', '8', '2', 300), AAA].map((row, index) => ({
      ...row,
      at: `06/01/2026 15:0${index}:00`,
    })) as [Happening, Happening];
    const drafts = [held, ...set('GBP', '-100', { AAA: '2' }), ...set('GBP', '-150', { AAA: '2' })];
    const more = { rateOn: () => '2' };
    const happenings = [{ ...first, amount: 200 }, second];
    expect((await compare({ base: 'GBP', happenings, drafts, said, more })).status).toBe('AGREES');
  });

  it('took in no trade of which nothing says the cost together with others: it may be of anything', async () => {
    const held = openingEntry({ date: '2025-12-01', cash: '2000', positions: { BBB: '3' }, baseCurrency: 'GBP' });
    const happenings = [{ ...BBB, at: '06/01/2026 14:00:00', amount: 300 }, SOLD, { ...SOLD, id: '4' }];
    const drafts = [held, ...set('GBP', '100', { BBB: '-3' }, { date: '2026-01-09' })];
    const comparison = await compare({ base: 'GBP', happenings, drafts, said, more: { rateOn: () => '2' } });
    const trades = differing(comparison).filter(({ kind }) => kind === 'OPEN' || kind === 'CLOSE');
    expect(trades.map(({ text }) => /moved as many units and set the cash by 100\.00, where/.test(text))).toEqual([
      true,
      true,
      true,
    ]);
  });
});
