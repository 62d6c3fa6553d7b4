import { describe, expect, test } from 'vitest';
import {
  formerNames,
  inheritedActions,
  joinedHistory,
  ofNobodyElse,
  ownSince,
} from '../../src/domain/market/renames.js';
import type { Bar, SymbolHistory } from '../../src/domain/types.js';

// Prices go on under the new name of a symbol.

const bar = (symbol: string, session: string): Bar => ({
  symbol,
  session,
  open: '1',
  high: '1',
  low: '1',
  close: '1',
  volume: '1',
  adjClose: null,
});
const history = (symbol: string, ...sessions: string[]): SymbolHistory => ({
  symbol,
  bars: sessions.map((session) => bar(symbol, session)),
});
const RENAMES = [
  { from: 'TFB', to: 'FB', date: '2014-01-06' },
  { from: 'FB', to: 'META', date: '2014-03-10' },
];

describe('a rename', () => {
  test('is followed back over all former names, and a circle ends', () => {
    expect(formerNames('META', RENAMES).map(({ from }) => from)).toEqual(['FB', 'TFB']);
    expect(formerNames('KO', RENAMES)).toEqual([]);
    const circle = [
      { from: 'A', to: 'B', date: '2014-01-06' },
      { from: 'B', to: 'A', date: '2014-02-06' },
    ];
    expect(formerNames('A', circle).map(({ from }) => from)).toEqual(['B', 'A']);
  });

  test('carries prices over, up to its date and before what the new name has', () => {
    const former = new Map([
      ['FB', history('FB', '2014-03-06', '2014-03-07', '2014-03-10')],
      ['TFB', history('TFB', '2014-01-03')],
    ]);
    const joined = joinedHistory(history('META', '2014-03-10', '2014-03-11'), RENAMES, former);
    expect(joined.bars).toEqual(
      ['2014-01-03', '2014-03-06', '2014-03-07', '2014-03-10', '2014-03-11'].map((session) => bar('META', session)),
    );
    expect(joinedHistory(history('META', '2014-03-07'), RENAMES, former).bars.map(({ session }) => session)).toEqual([
      '2014-01-03',
      '2014-03-06',
      '2014-03-07',
    ]);
    expect(joinedHistory(history('META'), RENAMES, former).bars.map(({ session }) => session)).toEqual([
      '2014-01-03',
      '2014-03-06',
      '2014-03-07',
    ]);
    const other: SymbolHistory = { ...history('META', '2014-03-10'), basis: 'split' };
    expect(joinedHistory(other, RENAMES, former)).toEqual(other);
  });

  test('carries splits and dividends over that the new name does not show', () => {
    const actions = ['2014-03-07', '2014-03-10'].map((exDate) => ({ symbol: 'FB', exDate }));
    expect(inheritedActions(history('META', '2014-03-10'), RENAMES, actions)).toEqual([
      { symbol: 'META', exDate: '2014-03-07' },
    ]);
    expect(inheritedActions(history('META', '2014-03-06'), RENAMES, actions)).toEqual([]);
    expect(inheritedActions(history('KO', '2014-03-10'), RENAMES, actions)).toEqual([]);
  });

  test('leaves a name to whoever takes it up, without the prices of before; a name taken back keeps them', () => {
    const again = history('FB', '2014-03-07', '2014-03-10', '2014-03-11');
    expect(ownSince('FB', RENAMES)).toBe('2014-03-10');
    expect(ofNobodyElse(again, RENAMES).bars.map(({ session }) => session)).toEqual(['2014-03-10', '2014-03-11']);
    expect(ofNobodyElse(history('FB', '2014-03-06', '2014-03-07'), RENAMES).bars).toHaveLength(2);
    const back = [...RENAMES, { from: 'META', to: 'FB', date: '2014-03-12' }];
    expect(ownSince('FB', back)).toBeNull();
    expect(ofNobodyElse(again, back)).toEqual(again);
    expect(ownSince('KO', RENAMES)).toBeNull();
  });
});
