import { describe, expect, it } from 'vitest';
import { portfolioAfter, riskGate, type RiskInput } from '../../src/domain/decision/gates/risk.js';
import { D } from '../../src/domain/money.js';
import type { Portfolio } from '../../src/domain/decision/portfolio.js';
import type { SizedLine } from '../../src/domain/decision/sizing.js';
import { row } from './fixtures/closes-2014.js';
import { policyWith } from './fixtures/facts-2014.js';

const portfolio = (cash: string, values: Record<string, string>): Portfolio => ({
  cash: D(cash),
  holdings: Object.entries(values).map(([symbol, value]) => ({ symbol, units: D(10), value: D(value) })),
  value: Object.values(values).reduce((sum, value) => sum.plus(value), D(cash)),
});
const buy = (symbol: string, value: string, opens = true): SizedLine => ({
  symbol,
  side: 'BUY',
  value: D(value),
  units: null,
  closes: false,
  opens,
});
const sell = (symbol: string, value: string, units: string): SizedLine => ({
  symbol,
  side: 'SELL',
  value: D(value),
  units: D(units),
  closes: units === '10',
  opens: false,
});
const names = ['A', 'B', 'C', 'D'];
const judge = (input: Pick<RiskInput, 'portfolio' | 'lines'>, risk: Partial<RiskInput['risk']> = {}) =>
  riskGate({
    universe: [
      ...names.map((name) => row(name)),
      row('SPY', { kind: 'benchmark' }),
      row('QQQ', { kind: 'etf' }),
      row('US500', { kind: 'cfd' }),
    ],
    risk: { ...policyWith().risk, ...risk },
    ...input,
  }).reasons.map(({ code, subject }) => [code, ...(subject ? [subject] : [])].join(' '));

describe('risk on the portfolio after the ticket', () => {
  it('passes within every limit, exactly at them too', () => {
    expect(judge({ portfolio: portfolio('1000', {}), lines: [buy('A', '75'), buy('B', '75')] })).toEqual([]);
    expect(judge({ portfolio: portfolio('1000', {}), lines: [buy('A', '75.01')] })).toEqual([]);
  });

  it('knows a BUY beyond the weight', () => {
    expect(judge({ portfolio: portfolio('1000', {}), lines: [buy('A', '75.02')] })).toEqual(['MAX_WEIGHT A']);
    expect(judge({ portfolio: portfolio('970', { A: '30' }), lines: [buy('A', '45.02', false)] })).toEqual([
      'MAX_WEIGHT A',
    ]);
  });

  it('lets a ticket reduce a position that drifted over its weight, and buy others meanwhile', () => {
    const drifted = portfolio('600', { A: '400' });
    expect(judge({ portfolio: drifted, lines: [sell('A', '200', '5'), buy('B', '75')] })).toEqual([]);
    expect(judge({ portfolio: drifted, lines: [buy('A', '30', false)] })).toEqual(['MAX_WEIGHT A']);
  });

  it('knows a new position too many, and lets a ticket that opens none bring the number down', () => {
    const crowded = portfolio('700', { A: '100', B: '100', C: '100' });
    expect(judge({ portfolio: crowded, lines: [buy('D', '70')] }, { max_positions: 3 })).toEqual(['MAX_POSITIONS']);
    expect(
      judge({ portfolio: crowded, lines: [sell('A', '100', '10'), buy('D', '70')] }, { max_positions: 3 }),
    ).toEqual([]);
    expect(judge({ portfolio: crowded, lines: [sell('A', '100', '10')] }, { max_positions: 1 })).toEqual([]);
    expect(
      judge({ portfolio: crowded, lines: [sell('A', '100', '10'), buy('D', '70')] }, { max_positions: 1 }),
    ).toEqual(['MAX_POSITIONS']);
  });

  it('knows a BUY that reaches into the cash buffer or beyond the cash, and lets SELLs refill it', () => {
    const spent = portfolio('50', { A: '70', B: '70', C: '810' });
    expect(judge({ portfolio: spent, lines: [buy('D', '20')] })).toEqual([]);
    expect(judge({ portfolio: spent, lines: [buy('D', '20.02')] })).toEqual(['CASH_BUFFER']);
    expect(judge({ portfolio: spent, lines: [buy('D', '51')] })).toEqual(['CASH_BUFFER', 'LEVERAGE']);
    expect(judge({ portfolio: portfolio('0', { C: '1000' }), lines: [sell('C', '10', '0.1')] })).toEqual([]);
  });

  it('knows turnover beyond the cap, BUYs and SELLs together', () => {
    const half = portfolio('500', { A: '500' });
    expect(judge({ portfolio: half, lines: [sell('A', '250', '5'), buy('B', '50')] })).toEqual([]);
    expect(judge({ portfolio: half, lines: [sell('A', '250', '5'), buy('B', '50.02')] })).toEqual(['TURNOVER']);
  });

  it('knows a short position', () => {
    expect(judge({ portfolio: portfolio('900', { A: '100' }), lines: [sell('A', '101', '10.1')] })).toEqual([
      'SHORT_POSITION A',
    ]);
    expect(judge({ portfolio: portfolio('1000', {}), lines: [sell('A', '10', '1')] })).toEqual(['SHORT_POSITION A']);
  });

  it('permits only underlying stocks of the universe, in the lines and in what is held', () => {
    expect(judge({ portfolio: portfolio('1000', {}), lines: [buy('QQQ', '50'), buy('US500', '50')] })).toEqual([
      'NOT_PERMITTED QQQ',
      'NOT_PERMITTED US500',
    ]);
    expect(judge({ portfolio: portfolio('900', { SPY: '50', GONE: '50' }), lines: [sell('SPY', '50', '10')] })).toEqual(
      ['NOT_PERMITTED GONE', 'NOT_PERMITTED SPY'],
    );
  });

  it('gives the figures it judged as evidence', () => {
    const { evidence } = riskGate({
      portfolio: portfolio('900', { A: '100' }),
      lines: [sell('A', '40', '4'), buy('B', '50')],
      universe: [row('A'), row('B')],
      risk: policyWith().risk,
    });
    expect(evidence).toEqual({ portfolioValue: '1000', cashAfter: '890', positionsAfter: 2, turnover: '90', lines: 2 });
  });
});

describe('the portfolio after a ticket', () => {
  it('is worth what it was, less what rounding a SELL to the penny leaves', () => {
    const after = portfolioAfter(portfolio('900', { A: '100' }), [sell('A', '100', '10'), buy('B', '50')]);
    expect(after.holdings.map(({ symbol, value }) => [symbol, value.toFixed(2)])).toEqual([['B', '50.00']]);
    expect(after.cash.toFixed(2)).toBe('950.00');
  });
});
