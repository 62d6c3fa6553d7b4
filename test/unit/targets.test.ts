import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { D } from '../../src/domain/money.js';
import { chooseTargets } from '../../src/domain/decision/targets.js';
import type { Scored } from '../../src/domain/types.js';

const risk = { max_positions: 15, max_weight: 0.075, cash_buffer: 0.03, max_turnover: 0.3, max_drawdown: 0.2 };
const ranked = (count: number): Scored[] =>
  Array.from({ length: count }, (_, index) => ({
    symbol: `S${String(index).padStart(3, '0')}`,
    score: '0.1000000000',
    excluded: null,
  }));

describe('targets', () => {
  it('are the top of the ranking, at most max_positions, each with an equal share of what the buffer leaves', () => {
    const targets = chooseTargets(ranked(20), risk);
    expect(targets.map(({ symbol }) => symbol)).toEqual(ranked(15).map(({ symbol }) => symbol));
    expect(new Set(targets.map(({ weight }) => weight))).toEqual(new Set(['0.0646666666']));
  });

  it('never weigh more than max_weight, however few there are', () => {
    expect(chooseTargets(ranked(3), risk).map(({ weight }) => weight)).toEqual(['0.075', '0.075', '0.075']);
  });

  it('pass over excluded symbols, and are none without a score', () => {
    const excluded = { symbol: 'NEW', score: null, excluded: '12 closes, 64 needed' };
    expect(chooseTargets([...ranked(1), excluded], risk).map(({ symbol }) => symbol)).toEqual(['S000']);
    expect(chooseTargets([excluded], risk)).toEqual([]);
  });

  it('together leave the cash buffer, whatever the limits', () => {
    const fraction = fc.integer({ min: 0, max: 1000 }).map((value) => value / 1000);
    const limits = fc.record({
      max_positions: fc.integer({ min: 1, max: 100 }),
      max_weight: fraction,
      cash_buffer: fraction,
    });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 120 }), limits, (count, limit) => {
        const targets = chooseTargets(ranked(count), { ...risk, ...limit });
        const sum = targets.reduce((total, { weight }) => total.plus(weight), D(0));
        expect(sum.lte(D(1).minus(limit.cash_buffer))).toBe(true);
        expect(targets.every(({ weight }) => D(weight).lte(limit.max_weight))).toBe(true);
        expect(targets).toHaveLength(Math.min(count, limit.max_positions));
      }),
    );
  });
});
