import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSnapshot, positionsFromFlags, problemText } from '../../src/domain/reconciliation/snapshot.js';

const input = (changes: object = {}) => ({ snapshotDate: '2026-11-20', cash: '1000.50', positions: { AAPL: '10', MSFT: '2.5' }, notes: 'manual etoro snapshot', ...changes });
const parse = (changes: object = {}) => parseSnapshot(input(changes), '2026-11-22');
const problems = (changes: object) => {
  const parsed = parse(changes);
  return 'problems' in parsed ? parsed.problems : [];
};

describe('a snapshot as it is typed', () => {
  test('comes out in canonical text, positions by name', () => {
    expect(parse({ cash: '01000.50', positions: { MSFT: '2.500000', AAPL: '10.0' } })).toEqual({
      snapshot: { snapshotDate: '2026-11-20', cash: '1000.5', positions: { AAPL: '10', MSFT: '2.5' }, notes: 'manual etoro snapshot' } });
    expect(parse({ cash: '0', positions: {}, notes: '' })).toEqual({ snapshot: { snapshotDate: '2026-11-20', cash: '0', positions: {}, notes: null } });
  });

  test('a symbol of no universe may be recorded: the gate has to name it', () => {
    expect(parse({ positions: { 'BRK.B': '1', GME: '3' } })).toHaveProperty('snapshot');
  });

  test.each(['-1', '1000.505', '1,000', '£1000', '1e3', '', ' 1', 'NaN', '0x10', '1000000000000', '.5', '5.', '１０'])('cash %j is refused', (cash) => {
    expect(problems({ cash })).toMatchObject([{ field: 'cash', value: `"${cash}"`, rule: expect.stringContaining('2 decimals') }]);
  });

  test.each(['0', '-1', '0.0000001', '1e5', '1,5', 'ten', '', '0.000000', '1234567890'])('%j units are refused', (units) => {
    expect(problems({ positions: { AAPL: units } })).toMatchObject([{ field: 'positions.AAPL', value: `"${units}"`, rule: expect.stringContaining('above 0') }]);
  });

  test.each(['aapl', 'AAPL ', '9A', 'A=B', 'ABCDEFGHIJKLMNOP', '../X', 'constructor', '', 'A..B'])('symbol %j is refused', (symbol) => {
    expect(problems({ positions: { [symbol]: '1' } })).toMatchObject([{ value: `"${symbol}"`, rule: expect.stringContaining('capital letters') }]);
  });

  test.each([['2026-11-23', 'in the future'], ['2024-11-20', 'must not be before'], ['2026-02-30', 'that exists'], ['20-11-2026', 'that exists'], ['', 'that exists'], ['2026-11-20T00:00', 'that exists']])(
    'date %j: %s', (snapshotDate, rule) => {
      expect(problems({ snapshotDate })).toMatchObject([{ field: 'snapshotDate', rule: expect.stringContaining(rule) }]);
    });

  test('notes are short and plain', () => {
    expect(problems({ notes: 'x'.repeat(501) })).toMatchObject([{ field: 'notes' }]);
    expect(problems({ notes: 'a\u0000b' })).toMatchObject([{ field: 'notes' }]);
    expect(problems({ notes: 'a\u001b[2Jb' })).toMatchObject([{ field: 'notes' }]);
  });

  test('every problem is told at once, as field: value: rule', () => {
    const found = problems({ snapshotDate: 'x', cash: '-1', positions: { AAPL: '0', bad: '1' } });
    expect(found).toHaveLength(4);
    expect(problemText(found).split('\n')).toContainEqual(expect.stringMatching(/^cash: "-1": must be an amount/));
  });

  test.each([null, 5, 'x', [], { cash: 5 }, { positions: [] }])('%j is refused without a crash', (value) => {
    expect(parseSnapshot(value, '2026-11-22')).toHaveProperty('problems');
  });

  test('whatever is accepted is of plain, bounded decimals', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (cash, units) => {
      const parsed = parse({ cash, positions: { AAPL: units } });
      const sound = 'problems' in parsed || (/^\d{1,12}(\.\d{1,2})?$/.test(parsed.snapshot.cash) && Number(parsed.snapshot.positions['AAPL']) > 0);
      expect(sound).toBe(true);
    }));
  });
});

describe('positions as flags', () => {
  test('SYMBOL=UNITS each', () => {
    expect(positionsFromFlags(['AAPL=10', ' MSFT = 2.5 '])).toEqual({ positions: { AAPL: '10', MSFT: '2.5' } });
  });
  test.each(['AAPL', 'AAPL=1=2', '=5'])('%j is refused', (flag) => {
    expect(positionsFromFlags([flag])).toMatchObject({ problems: [{ field: 'position', rule: expect.stringContaining('SYMBOL=UNITS') }] });
  });
  test('a symbol twice is refused, even with the same units', () => {
    expect(positionsFromFlags(['AAPL=1', 'AAPL=1'])).toMatchObject({ problems: [{ field: 'position AAPL', rule: 'must be given once' }] });
  });
  test('a name that JavaScript objects have of themselves is only a wrong symbol', () => {
    const read = positionsFromFlags(['__proto__=1']);
    expect('positions' in read ? problems({ positions: read.positions }) : read.problems).toMatchObject([{ rule: expect.stringContaining('capital letters') }]);
  });
});
