import { expect, it } from 'vitest';
import { answersAhead, type AskedAhead } from '../../src/operations/market/ask-ahead.js';
import type { SymbolAnswer } from '../../src/operations/market/fetching.js';

const failed = (symbol: string): SymbolAnswer => ({
  symbol,
  answer: { ok: false, code: 'FILE_MISSING', message: `no file for ${symbol}` },
});
const ahead: AskedAhead = {
  provider: 'csv',
  at: '2026-11-27T08:00:00.000Z',
  answers: [failed('AAPL'), failed('SPY')],
};
const asked = { provider: 'csv' as const, symbols: ['SPY', 'AAPL'], now: '2026-11-27T08:00:05.000Z' };

it('what was read ahead answers exactly the symbols that are asked for, in any order', () => {
  expect(answersAhead(ahead, asked)).toBe(ahead.answers);
  expect(answersAhead(ahead, { ...asked, symbols: ['AAPL'] })).toBeUndefined();
  expect(answersAhead(ahead, { ...asked, symbols: ['AAPL', 'SPY', 'QQQ'] })).toBeUndefined();
  expect(answersAhead(ahead, { ...asked, symbols: ['AAPL', 'QQQ'] })).toBeUndefined();
});

it('answers for no other provider, and for nobody who comes more than five seconds later', () => {
  expect(answersAhead(ahead, { ...asked, provider: 'tiingo' })).toBeUndefined();
  expect(answersAhead(ahead, { ...asked, now: '2026-11-27T08:00:05.001Z' })).toBeUndefined();
  expect(answersAhead(null, asked)).toBeUndefined();
  expect(answersAhead(undefined, asked)).toBeUndefined();
});
