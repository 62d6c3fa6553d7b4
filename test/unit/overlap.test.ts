import { describe, expect, it } from 'vitest';
import { hasClosesOf, isOfAnother, saysOtherwise, type StoredBar } from '../../src/domain/market/overlap.js';

const SESSIONS = ['03', '04', '05', '06', '07', '10', '11', '12', '13', '14'].map((day) => `2014-03-${day}`);
/** Closes of AAPL and MSFT on these sessions. */
const AAPL = [527.76, 531.24, 532.36, 530.75, 530.44, 530.92, 536.09, 536.61, 530.65, 524.69];
const MSFT = [37.78, 38.41, 38.11, 38.15, 37.9, 37.82, 38.02, 38.27, 37.89, 37.7];
const offered = (closes: readonly number[]) =>
  closes.map((close, index) => ({ session: SESSIONS[index] ?? '', close: close.toFixed(4), adjClose: null }));
const stored = (closes: readonly number[]): StoredBar[] =>
  offered(closes).map((bar) => ({ ...bar, basis: 'raw' as const }));

describe('an answer beside what is stored', () => {
  it('is of another instrument where it moves otherwise on most days', () => {
    expect(isOfAnother(stored(AAPL), offered(MSFT))).toBe(true);
    expect(isOfAnother(stored(AAPL), offered(MSFT.map((close) => close * 14)))).toBe(true);
    expect(isOfAnother(stored(AAPL), offered(AAPL))).toBe(false);
  });

  it('is the same one when it was put into other shares, in part or whole, or a few closes were corrected', () => {
    for (const ratio of [7, 1.5, 1 / 8])
      expect(isOfAnother(stored(AAPL), offered(AAPL.map((close) => close / ratio)))).toBe(false);
    // Split within the window, and a dividend put in before its ex-date.
    expect(isOfAnother(stored(AAPL), offered(AAPL.map((close, at) => (at < 6 ? close / 7 : close))))).toBe(false);
    expect(isOfAnother(stored(AAPL), offered(AAPL.map((close, at) => (at < 6 ? close * 0.97 : close))))).toBe(false);
    expect(isOfAnother(stored(AAPL), offered(AAPL.map((close, at) => (at === 4 ? close * 10 : close))))).toBe(false);
    // Another source's closes of the same share.
    expect(isOfAnother(stored(AAPL), offered(AAPL.map((close, at) => close * (1 + 0.001 * (at % 2)))))).toBe(false);
    expect(saysOtherwise(stored(AAPL), offered(AAPL.map((close) => close / 7)), 'raw')).toBe(true);
  });

  it('is told by a few days only where there are enough of them', () => {
    expect(isOfAnother(stored(AAPL.slice(0, 5)), offered(MSFT.slice(0, 5)))).toBe(false);
    expect(isOfAnother(stored(AAPL.slice(0, 6)), offered(MSFT.slice(0, 6)))).toBe(true);
    expect(isOfAnother([], offered(MSFT))).toBe(false);
  });

  it("may have another symbol's very closes", () => {
    expect(hasClosesOf(stored(MSFT), offered(MSFT))).toBe(true);
    expect(hasClosesOf(stored(MSFT), offered(AAPL))).toBe(false);
    expect(hasClosesOf(stored(MSFT.slice(0, 5)), offered(MSFT.slice(0, 5)))).toBe(false);
  });
});
