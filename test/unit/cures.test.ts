import { describe, expect, it } from 'vitest';
import { cureOf } from '../../src/reports/quality/cures.js';

const AT = '2020-04-01T08:00:00Z';
const real = { account: 'main', clock: 'real' } as const;
const fault = (code: string, subject: string | null, evidence = {}) => ({ code, subject, message: '', evidence });

describe('what is typed about a fault of the prices', () => {
  it.each([
    [
      fault('PRICE_JUMP_UNEXPLAINED', 'OXY', { session: '2020-03-09' }),
      'trading-ops actions rule --symbol OXY --ex-date 2020-03-09 --kind jump --as genuine --reason "<why>"',
    ],
    [
      fault('PRICE_JUMP_UNEXPLAINED', 'TSLA', { session: '2020-08-31', closeBefore: '2213.4', close: '498.32' }),
      'trading-ops actions rule --symbol TSLA --ex-date 2020-08-31 --kind jump ' +
        '--as <genuine|split --value <new shares per old share>> --reason "<why>"',
    ],
    [
      fault('PRICE_JUMP_UNEXPLAINED', 'FB', { session: '2022-02-03', closeBefore: '323', close: '200' }),
      'trading-ops actions rule --symbol FB --ex-date 2022-02-03 --kind jump --as genuine --reason "<why>"',
    ],
    [
      fault('PRICE_JUMP_UNEXPLAINED', 'AAPL', { session: '2020-08-31', closeBefore: '499.23', close: '129.04' }),
      'trading-ops actions rule --symbol AAPL --ex-date 2020-08-31 --kind jump ' +
        '--as <genuine|split --value 4> --reason "<why>"',
    ],
    [
      fault('PRICE_JUMP_UNEXPLAINED', 'GE', { session: '2021-08-02', closeBefore: '12.95', close: '104.08' }),
      'trading-ops actions rule --symbol GE --ex-date 2021-08-02 --kind jump ' +
        '--as <genuine|split --value 0.125> --reason "<why>"',
    ],
    [
      fault('ACTION_NEEDS_REVIEW', 'KO', { exDate: '2014-03-12', kind: 'DIVIDEND', type: 'special' }),
      'trading-ops actions rule --symbol KO --ex-date 2014-03-12 --kind dividend --type special ' +
        '--as <cash_dividend|split|ignore> --value <value> --reason "<why>"',
    ],
    [
      fault('ACTION_NEEDS_REVIEW', 'GOOGL', { exDate: '2014-04-03', kind: 'DIVIDEND' }),
      'trading-ops actions rule --symbol GOOGL --ex-date 2014-04-03 --kind dividend ' +
        '--as <cash_dividend|split|ignore> --value <value> --reason "<why>"',
    ],
    [
      fault('FX_JUMP_UNEXPLAINED', 'GBPUSD', { date: '2020-03-09' }),
      'trading-ops actions rule --symbol GBPUSD --ex-date 2020-03-09 --kind jump --as genuine --reason "<why>"',
    ],
    [fault('DATA_MISSING', 'KO', { newestMissing: '2020-03-09' }), 'make market-fetch -- --symbol KO --full'],
    [fault('DATA_MISSING', 'KO', { due: '2020-03-09' }), 'make market-fetch'],
    [fault('BAR_INVALID', 'KO'), 'make market-fetch -- --symbol KO --full'],
    [fault('COVERAGE_LOW', null), 'make market-fetch'],
  ])('%o: %s', (found, typed) => {
    expect(cureOf(found, real, AT)).toBe(typed);
  });

  it('names account and instant where they do not go without saying', () => {
    const paper = { account: 'paper', clock: 'simulated' } as const;
    expect(cureOf(fault('DATA_STALE', 'KO'), paper, AT)).toBe(`make market-fetch -- --account paper --at ${AT}`);
    expect(cureOf(fault('PRICE_JUMP_UNEXPLAINED', 'KO', { session: AT }), paper, AT)).toMatch(
      new RegExp(` --at ${AT}$`),
    );
  });
});
