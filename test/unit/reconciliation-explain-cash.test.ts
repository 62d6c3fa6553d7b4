import { describe, expect, test } from 'vitest';
import { D } from '../../src/domain/money.js';
import { explainCash, type DividendCandidate } from '../../src/domain/reconciliation/explain-cash.js';

const CONTEXT = { baseCurrency: 'GBP', snapshotDate: '2014-06-30' };

/** A dividend that came to `net` after tax; `gross` is far from it unless it is said. */
const candidate = (
  symbol: string,
  net: string,
  gross = '9999',
  rest: Partial<DividendCandidate> = {},
): DividendCandidate => ({
  action: { symbol, exDate: '2014-06-12', kind: 'DIVIDEND', value: '0.305', currency: 'USD', source: 'csv' },
  units: D('400'),
  fx: '1.6829',
  gross: D(gross),
  net: D(net),
  ...rest,
});

/** What is told, in short: `A` a dividend taken net, `A gross`, `DEPOSIT 50.00`. */
const explained = (drift: string, candidates: DividendCandidate[], slack = '0'): string[] =>
  explainCash(D(drift), D(slack), candidates, CONTEXT).map(({ proposal, cash, subject }) => {
    if (proposal?.kind === 'BOOK_DIVIDEND') return `${subject}${proposal.withholding === '0' ? ' gross' : ''}`;
    return proposal?.kind === 'BOOK_DEPOSIT' ? `DEPOSIT ${cash}` : `WITHDRAWAL ${cash}`;
  });

describe('limits, at equality and a penny beyond', () => {
  test('drift of exactly what fills leave open is explained by them', () => {
    expect([
      explained('25', [], '25'),
      explained('-25', [], '25'),
      explained('25.01', [], '25'),
      explained('-25.01', [], '25'),
    ]).toEqual([[], [], ['DEPOSIT 25.01'], ['WITHDRAWAL -25.01']]);
    expect(explained('0.50', [])).toEqual(['DEPOSIT 0.50']);
    expect(explained('0.01', [])).toEqual(['DEPOSIT 0.01']);
  });

  test("a broker's rate makes 1 % and two pennies of difference, either way", () => {
    expect(['101.02', '101.03', '98.98', '98.97'].map((drift) => explained(drift, [candidate('A', '100')]))).toEqual([
      ['A'],
      ['DEPOSIT 101.03'],
      ['A'],
      ['DEPOSIT 98.97'],
    ]);
  });

  test('a dividend and a round transfer: what is left is a multiple of 50, but for the rate', () => {
    const a = [candidate('A', '100')];
    expect(['600', '601.02', '598.98', '150', '-400'].map((drift) => explained(drift, a))).toEqual([
      ['A', 'DEPOSIT 500.00'],
      ['A', 'DEPOSIT 500.00'],
      ['A', 'DEPOSIT 500.00'],
      ['A', 'DEPOSIT 50.00'],
      ['A', 'WITHDRAWAL -500.00'],
    ]);
    expect(['601.03', '598.97', '125'].map((drift) => explained(drift, a))).toEqual([
      ['DEPOSIT 601.03'],
      ['DEPOSIT 598.97'],
      ['DEPOSIT 125.00'],
    ]);
  });

  test('what a dividend leaves within the slack of fills is theirs', () => {
    expect([
      explained('110', [candidate('A', '100')], '10'),
      explained('110.01', [candidate('A', '100')], '10'),
      explained('90', [candidate('A', '100')], '10'),
    ]).toEqual([['A'], ['DEPOSIT 110.01'], ['A']]);
  });

  test('ten dividends are tried, the newest', () => {
    const worthless = Array.from({ length: 9 }, (_, index) => candidate(`W${index}`, '0.001', '0.001'));
    expect(explained('77', [...worthless, candidate('TENTH', '77')])).toEqual(['TENTH']);
    expect(explained('77', [...worthless, candidate('W9', '0.001', '0.001'), candidate('ELEVENTH', '77')])).toEqual([
      'DEPOSIT 77.00',
    ]);
  });
});

describe('which explanation is given', () => {
  const orders = <T>(list: T[]): T[][] => [list, list.toReversed()];

  test('the fewest dividends, wherever they stand', () => {
    for (const list of orders([candidate('B', '60'), candidate('A', '100'), candidate('C', '40')]))
      expect(explained('100', list)).toEqual(['A']);
  });

  test('among as many, those after withholding before those without', () => {
    for (const list of orders([candidate('A', '100', '117.65'), candidate('B', '118.65')]))
      expect(explained('117.65', list)).toEqual(['B']);
  });

  test('among as many, what leaves the least', () => {
    for (const list of orders([candidate('A', '100.90'), candidate('B', '99.95')]))
      expect(explained('100', list)).toEqual(['B']);
    for (const list of orders([candidate('A', '99.10'), candidate('B', '100.05')]))
      expect(explained('100', list)).toEqual(['B']);
  });

  test('one that fits beats one with a round transfer', () => {
    for (const list of orders([candidate('A', '100'), candidate('B', '600')]))
      expect(explained('600', list)).toEqual(['B']);
  });

  test('a round transfer beats what only comes near', () => {
    expect(explained('600', [candidate('A', '100'), candidate('B', '570')], '40')).toEqual(['A', 'DEPOSIT 500.00']);
  });

  test('dividends without withholding are only taken when they fit: neither with a transfer nor nearly', () => {
    expect(explained('117.65', [candidate('A', '100', '117.65')])).toEqual(['A gross']);
    expect(explained('617.65', [candidate('A', '100', '117.65')])).toEqual(['DEPOSIT 617.65']);
    expect(explained('135', [candidate('A', '100', '117.65')], '20')).toEqual(['DEPOSIT 135.00']);
  });
});

describe('what is said', () => {
  const said = (drift: string, candidates: DividendCandidate[] = []) =>
    explainCash(D(drift), D(0), candidates, CONTEXT);

  test('of a dividend in a foreign currency, net and gross', () => {
    expect(said('61.62', [candidate('KO', '61.62', '72.49')])).toEqual([
      {
        kind: 'DIVIDEND',
        subject: 'KO',
        cash: '61.62',
        text: 'dividend of KO, ex-date 2014-06-12, not booked: 400 × 0.305 USD / 1.6829 less 15 % US withholding = 61.62 GBP',
        proposal: {
          kind: 'BOOK_DIVIDEND',
          symbol: 'KO',
          exDate: '2014-06-12',
          units: '400',
          amount: '0.305',
          currency: 'USD',
          fx: '1.6829',
          withholding: '0.15',
        },
      },
    ]);
    expect(said('72.50', [candidate('KO', '61.62', '72.50')])).toMatchObject([
      {
        cash: '72.50',
        text: 'dividend of KO, ex-date 2014-06-12, not booked: 400 × 0.305 USD / 1.6829 without withholding = 72.50 GBP',
        proposal: { withholding: '0' },
      },
    ]);
  });

  test('of a dividend in base currency: no rate', () => {
    const own = candidate('VOD', '61.62');
    expect(said('61.62', [{ ...own, fx: '1', action: { ...own.action, currency: null } }])).toMatchObject([
      {
        text: 'dividend of VOD, ex-date 2014-06-12, not booked: 400 × 0.305 GBP less 15 % US withholding = 61.62 GBP',
        proposal: { currency: 'GBP', fx: '1' },
      },
    ]);
  });

  test('of money paid in or out', () => {
    expect(said('1234.56')).toEqual([
      {
        kind: 'DEPOSIT',
        subject: null,
        cash: '1234.56',
        text: 'a deposit of 1234.56 GBP that was not booked would explain the surplus of cash',
        proposal: { kind: 'BOOK_DEPOSIT', amount: '1234.56', date: '2014-06-30' },
      },
    ]);
    expect(said('-600')).toEqual([
      {
        kind: 'WITHDRAWAL',
        subject: null,
        cash: '-600.00',
        text: 'a withdrawal of 600.00 GBP that was not booked would explain the shortfall of cash',
        proposal: { kind: 'BOOK_WITHDRAWAL', amount: '600.00', date: '2014-06-30' },
      },
    ]);
  });
});
