import { describe, expect, test } from 'vitest';
import { detectHolds, effectiveActions, settledActions } from '../../src/domain/market/index.js';
import { typedDividends } from '../../src/domain/market/dividend-types.js';
import { planRuling, rulingText } from '../../src/domain/market/ruling.js';
import type { CorporateAction, DividendType } from '../../src/domain/types.js';

// Several dividends of one ex-date: told apart, judged, ruled on and settled each by itself.

const dividend = (value: string, dividendType?: DividendType): CorporateAction => ({
  symbol: 'KO',
  exDate: '2014-03-12',
  kind: 'DIVIDEND',
  ...(dividendType && { dividendType }),
  value,
  currency: 'USD',
  source: 'csv',
});
const typed = (...told: CorporateAction[]) =>
  typedDividends(told).map(({ value, dividendType }) => [value, dividendType ?? 'regular']);

describe('dividends of one ex-date', () => {
  test('are told apart by what the source calls them, else by size, in whatever order they come', () => {
    expect(typed(dividend('1.00'), dividend('0.305'))).toEqual([
      ['1.00', 'special'],
      ['0.305', 'regular'],
    ]);
    expect(typed(dividend('0.305'), dividend('1.00'))).toEqual([
      ['0.305', 'regular'],
      ['1.00', 'special'],
    ]);
    expect(typed(dividend('0.1', 'special'), dividend('0.305'))).toEqual([
      ['0.1', 'special'],
      ['0.305', 'regular'],
    ]);
    expect(typed(dividend('1.00', 'regular'), dividend('0.305'))).toEqual([
      ['1.00', 'regular'],
      ['0.305', 'special'],
    ]);
    expect(typed(dividend('0.2', 'return_of_capital'), dividend('0.305'), dividend('1'))).toEqual([
      ['0.2', 'return_of_capital'],
      ['0.305', 'regular'],
      ['1', 'special'],
    ]);
  });

  test('of one type are one payment, and one alone is what it says', () => {
    expect(typed(dividend('1'), dividend('2'), dividend('0.305'))).toEqual([
      ['3', 'special'],
      ['0.305', 'regular'],
    ]);
    expect(typed(dividend('1', 'special'))).toEqual([['1', 'special']]);
    expect(typedDividends([dividend('1')])).toEqual([dividend('1')]);
    const split: CorporateAction = { ...dividend('2'), kind: 'SPLIT', currency: null };
    expect(typedDividends([split, dividend('1')])).toEqual([split, dividend('1')]);
    const elsewhere = { ...dividend('1'), symbol: 'PEP' };
    expect(typedDividends([dividend('1'), elsewhere])).toEqual([dividend('1'), elsewhere]);
  });

  const bar = (session: string) => ({
    symbol: 'KO',
    session,
    open: '38',
    high: '38',
    low: '38',
    close: '38',
    volume: '1',
    adjClose: null,
  });
  const histories = [{ symbol: 'KO', bars: [bar('2014-03-11'), bar('2014-03-12')] }];
  const limits = { max_dividend_fraction: 0.06, max_jump: 0.35 };
  const both = [dividend('0.305'), dividend('3', 'special')];

  test('are held each by itself, and cleared by a ruling on that one', () => {
    const holds = detectHolds(histories, both, [], limits, 'raw');
    expect(holds.map(({ action }) => action)).toEqual([both[1]]);
    expect(settledActions(both, [], holds)).toEqual([both[0]]);
    const ruling = { symbol: 'KO', exDate: '2014-03-12', kind: 'DIVIDEND', ruling: 'cash_dividend' } as const;
    const onRegular = [{ ...ruling, value: '0.305' }];
    expect(detectHolds(histories, both, onRegular, limits, 'raw')).toHaveLength(1);
    const onSpecial = [{ ...ruling, dividendType: 'special' as const, value: '2.5' }];
    expect(detectHolds(histories, both, onSpecial, limits, 'raw')).toEqual([]);
    expect(effectiveActions(both, onSpecial)).toEqual([both[0], { ...dividend('2.5', 'special') }]);
    expect(effectiveActions([both[0] as CorporateAction], onSpecial)).toEqual([
      both[0],
      { ...dividend('2.5', 'special'), currency: null, source: 'ruling' },
    ]);
  });

  test('are ruled on by their type', () => {
    const command = { symbol: 'KO', exDate: '2014-03-12', kind: 'DIVIDEND', as: 'cash_dividend', value: null } as const;
    const ruled = (dividendType?: DividendType) => {
      const day = { published: both, jump: null, today: '2014-03-13' };
      const plan = planRuling({ ...command, ...(dividendType && { dividendType }) }, day);
      return plan.ok ? [plan.result.value, rulingText(plan.result, day)] : plan.refusal.code;
    };
    expect([ruled(), ruled('special'), ruled('return_of_capital')]).toEqual([
      ['0.305', 'KO 2014-03-12: the published dividend of 0.305 counts as cash dividend of 0.305 a share'],
      ['3', 'KO 2014-03-12: the published special dividend of 3 counts as cash dividend of 3 a share'],
      'VALUE_MISSING',
    ]);
  });
});
