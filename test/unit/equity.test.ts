import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawdown, nextEquityIndex, peakSinceReset, reachesLimit } from '../../src/domain/ledger/equity.js';
import { D } from '../../src/domain/money.js';

const after = (equity: string, equityIndex = '1', peakIndex = '1') => ({ equity, equityIndex, peakIndex });

describe('equity index', () => {
  it('is 1 at the first valuation, whatever was paid in', () => {
    expect(nextEquityIndex(null, '10000.00', '10000.00')).toEqual({ index: '1', peak: '1', drawdown: '0' });
    expect(nextEquityIndex(null, '0', '0')).toEqual({ index: '1', peak: '1', drawdown: '0' });
  });

  it('follows gains and losses, and remembers the peak', () => {
    expect(nextEquityIndex(after('10000'), '11000', '0')).toEqual({ index: '1.1', peak: '1.1', drawdown: '0' });
    expect(nextEquityIndex(after('11000', '1.1', '1.1'), '8800', '0')).toEqual({
      index: '0.88',
      peak: '1.1',
      drawdown: '0.2',
    });
  });

  it('takes deposits and withdrawals out: neither is a profit or a loss', () => {
    expect(nextEquityIndex(after('10000'), '15000', '5000')).toMatchObject({ index: '1', drawdown: '0' });
    expect(nextEquityIndex(after('10000'), '2000', '-8000')).toMatchObject({ index: '1', drawdown: '0' });
    expect(nextEquityIndex(after('10000'), '0', '-10000')).toMatchObject({ index: '1', drawdown: '0' });
    expect(nextEquityIndex(after('10000'), '14000', '5000')).toMatchObject({ index: '0.9', drawdown: '0.1' });
  });

  it('stands still after an equity of zero, and never falls below zero', () => {
    expect(nextEquityIndex(after('0', '0.8', '1'), '5000', '5000')).toEqual({
      index: '0.8',
      peak: '1',
      drawdown: '0.2',
    });
    expect(nextEquityIndex(after('100'), '-50', '0')).toEqual({ index: '0', peak: '1', drawdown: '1' });
  });

  it('begins again at 1 after a whole loss, with the first value above zero, and the peak with it', () => {
    const lost = nextEquityIndex(after('1000', '1.4', '1.5'), '0', '0');
    expect(lost).toEqual({ index: '0', peak: '1.5', drawdown: '1' });
    expect(nextEquityIndex(after('0', '0', '1.5'), '0', '0')).toEqual({ index: '0', peak: '1.5', drawdown: '1' });
    expect(nextEquityIndex(after('0', '0', '1.5'), '500', '500')).toEqual({ index: '1', peak: '1', drawdown: '0' });
    // Paid in on the very day of the loss: the money stands there, and nothing can be multiplied back from 0.
    expect(nextEquityIndex(after('1000', '1.4', '1.5'), '500', '500')).toMatchObject({ index: '0', drawdown: '1' });
    expect(nextEquityIndex(after('500', '0', '1.5'), '400', '0')).toEqual({ index: '1', peak: '1', drawdown: '0' });
    expect(nextEquityIndex(after('400', '1', '1'), '300', '0')).toEqual({ index: '0.75', peak: '1', drawdown: '0.25' });
  });

  it('takes a peak of nothing for a whole loss: there is nothing left to measure one against', () => {
    expect(drawdown('0', '0')).toBe('1');
    expect(drawdown('1.2', '1')).toBe('0');
  });

  it('reaches the limit exactly at it, and not a ten-thousand-millionth before', () => {
    expect(reachesLimit(drawdown('0.8', '1'), 0.2)).toBe(true);
    expect(reachesLimit(drawdown('0.8000000001', '1'), 0.2)).toBe(false);
    expect(reachesLimit(drawdown('1.12', '1.4'), 0.2)).toBe(true);
  });

  it('counts its peak from the newest reset of the kill switch', () => {
    const stood = { equityIndex: '0.7', peakIndex: '1.2' };
    expect(peakSinceReset(stood, false)).toBe('1.2');
    expect(peakSinceReset(stood, true)).toBe('0.7');
    expect(drawdown('0.7', peakSinceReset(stood, true))).toBe('0');
  });

  it('is unmoved by any flow on an unchanged portfolio', () => {
    const amount = fc.integer({ min: 1, max: 10_000_000 });
    fc.assert(
      fc.property(amount, fc.integer({ min: -10_000_000, max: 10_000_000 }), (equity, flow) => {
        const next = nextEquityIndex(
          after(String(equity), '1.25', '1.5'),
          D(equity).plus(flow).toFixed(),
          String(flow),
        );
        expect(next).toEqual({ index: '1.25', peak: '1.5', drawdown: '0.1666666667' });
      }),
    );
  });
});
