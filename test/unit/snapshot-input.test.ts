import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { problemText } from '../../src/domain/problems.js';
import { parseSnapshot, positionsFromFlags } from '../../src/domain/reconciliation/snapshot.js';

const input = (changes: object = {}) => ({
  snapshotDate: '2026-11-20',
  cash: '1000.50',
  positions: { AAPL: '10', MSFT: '2.5' },
  notes: 'manual etoro snapshot',
  ...changes,
});
const parse = (changes: object = {}) => parseSnapshot(input(changes), '2026-11-22');
const problems = (changes: object) => {
  const parsed = parse(changes);
  return 'problems' in parsed ? parsed.problems : [];
};

describe('a snapshot as it is typed', () => {
  test('comes out in canonical text, positions by name', () => {
    expect(parse({ cash: '01000.50', positions: { MSFT: '2.500000', AAPL: '10.0' } })).toEqual({
      snapshot: {
        snapshotDate: '2026-11-20',
        cash: '1000.5',
        positions: { AAPL: '10', MSFT: '2.5' },
        notes: 'manual etoro snapshot',
      },
    });
    expect(parse({ cash: '0', positions: {}, notes: '' })).toEqual({
      snapshot: { snapshotDate: '2026-11-20', cash: '0', positions: {}, notes: null },
    });
  });

  test('a symbol of no universe may be recorded: the gate has to name it', () => {
    expect(parse({ positions: { 'BRK.B': '1', GME: '3' } })).toHaveProperty('snapshot');
  });

  test.each(['-1', '1000.505', '1,000', '£1000', '1e3', '', ' 1', 'NaN', '0x10', '1000000000000', '.5', '5.', '１０'])(
    'cash %j is refused',
    (cash) => {
      expect(problems({ cash })).toMatchObject([
        { field: 'cash', value: `"${cash}"`, rule: expect.stringContaining('2 decimals') },
      ]);
    },
  );

  test.each(['0', '-1', '0.0000001', '1e5', '1,5', 'ten', '', '0.000000', '1234567890'])(
    '%j units are refused',
    (units) => {
      expect(problems({ positions: { AAPL: units } })).toMatchObject([
        { field: 'positions.AAPL', value: `"${units}"`, rule: expect.stringContaining('above 0') },
      ]);
    },
  );

  test.each(['aapl', 'AAPL ', '9A', 'A=B', 'ABCDEFGHIJKLMNOP', '../X', 'constructor', '', 'A..B'])(
    'symbol %j is refused',
    (symbol) => {
      expect(problems({ positions: { [symbol]: '1' } })).toMatchObject([
        { value: `"${symbol}"`, rule: expect.stringContaining('capital letters') },
      ]);
    },
  );

  test.each([
    ['2026-11-23', 'in the future'],
    ['2024-11-20', 'must not be before'],
    ['2026-02-30', 'that exists'],
    ['20-11-2026', 'that exists'],
    ['', 'that exists'],
    ['2026-11-20T00:00', 'that exists'],
  ])('date %j: %s', (snapshotDate, rule) => {
    expect(problems({ snapshotDate })).toMatchObject([{ field: 'snapshot-date', rule: expect.stringContaining(rule) }]);
  });

  test('of today and of 366 days ago are the last that are taken', () => {
    expect(['2026-11-22', '2025-11-21'].map((snapshotDate) => problems({ snapshotDate }))).toEqual([[], []]);
    expect(problems({ snapshotDate: '2026-11-23' })).toEqual([
      { field: 'snapshot-date', value: '"2026-11-23"', rule: 'must not be in the future: today is 2026-11-22' },
    ]);
    expect(problems({ snapshotDate: '2025-11-20' })).toEqual([
      { field: 'snapshot-date', value: '"2025-11-20"', rule: 'must not be before 2025-11-21' },
    ]);
  });

  test('at most 500 positions', () => {
    const positions = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`S${index}`, '1']));
    expect(problems({ positions: positions(500) })).toEqual([]);
    expect(problems({ positions: positions(501) })).toMatchObject([
      { field: 'positions', rule: 'must be at most 500 symbols' },
    ]);
  });

  test('says of each position what is wrong with it, by its name', () => {
    expect(problems({ positions: { aapl: '1' } })).toMatchObject([{ field: 'positions.aapl', value: '"aapl"' }]);
    expect(problems({ positions: { AAPL: 'x' } })).toMatchObject([
      { field: 'positions.AAPL', value: '"x"', rule: expect.stringMatching(/^must be .*above 0/) },
    ]);
    expect(parseSnapshot({ ...input(), positions: JSON.parse('{"__proto__":"1"}') as object }, '2026-11-22')).toEqual({
      problems: [
        { field: 'positions.__proto__', value: '"__proto__"', rule: expect.stringContaining('capital letters') },
      ],
    });
  });

  test('keeps positions by name, whatever the order they are typed in', () => {
    const parsed = parse({ positions: { MSFT: '1', KO: '2', AAPL: '3' } });
    expect('snapshot' in parsed && Object.keys(parsed.snapshot.positions)).toEqual(['AAPL', 'KO', 'MSFT']);
  });

  test('a problem of the whole is one of the snapshot, and what is missing is said to be', () => {
    const parsed = parseSnapshot(null, '2026-11-22');
    expect('problems' in parsed && problemText(parsed.problems)).toMatch(/^snapshot: null: /);
    expect(problemText([{ field: 'cash', value: null, rule: 'must be there' }])).toBe('cash: (missing): must be there');
  });

  test('a name that is long is told by its first 80 characters', () => {
    expect(problems({ positions: { ['x'.repeat(300)]: '1' } }).map(({ field }) => field)).toEqual([
      `positions.${'x'.repeat(67)}...`,
    ]);
  });

  test('notes are short and plain', () => {
    expect(problems({ notes: 'x'.repeat(501) })).toMatchObject([{ field: 'notes' }]);
    expect(problems({ notes: 'a\u0000b' })).toMatchObject([{ field: 'notes' }]);
    expect(problems({ notes: 'a\u001b[2Jb' })).toMatchObject([{ field: 'notes' }]);
  });

  test('a snapshot may be of today and of 366 days ago, and no older', () => {
    expect(
      [parse({ snapshotDate: '2026-11-22' }), parse({ snapshotDate: '2025-11-21' })].map(
        (parsed) => 'snapshot' in parsed,
      ),
    ).toEqual([true, true]);
    expect(problems({ snapshotDate: '2025-11-20' })).toEqual([
      { field: 'snapshot-date', value: '"2025-11-20"', rule: 'must not be before 2025-11-21' },
    ]);
    expect(problems({ snapshotDate: '2026-11-23' })).toEqual([
      { field: 'snapshot-date', value: '"2026-11-23"', rule: 'must not be in the future: today is 2026-11-22' },
    ]);
  });

  test('500 positions are taken, 501 are not; they come out by name', () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`S${1000 - index}`, '1']));
    const parsed = parse({ positions: many(500) });
    expect('snapshot' in parsed && Object.keys(parsed.snapshot.positions)).toEqual(Object.keys(many(500)).toSorted());
    expect(problems({ positions: many(501) })).toMatchObject([
      { field: 'positions', rule: 'must be at most 500 symbols' },
    ]);
  });

  test('a position that JavaScript would lose is refused by name, and what is not there is said to be missing', () => {
    expect(
      parseSnapshot(
        JSON.parse('{"snapshotDate": "2026-11-20", "cash": "1", "notes": null, "positions": {"__proto__": "1"}}'),
        '2026-11-22',
      ),
    ).toMatchObject({ problems: [{ field: 'positions.__proto__', value: '"__proto__"' }] });
    expect(problemText(problems({ cash: undefined }))).toMatch(/^cash: \(missing\): /);
    expect(parseSnapshot(null, '2026-11-22')).toMatchObject({ problems: [{ field: 'snapshot' }] });
    expect(problems({ positions: { bad: '1' } })).toMatchObject([{ field: 'positions.bad', value: '"bad"' }]);
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
    fc.assert(
      fc.property(fc.string(), fc.string(), (cash, units) => {
        const parsed = parse({ cash, positions: { AAPL: units } });
        const sound =
          'problems' in parsed ||
          (/^\d{1,12}(\.\d{1,2})?$/.test(parsed.snapshot.cash) && Number(parsed.snapshot.positions['AAPL']) > 0);
        expect(sound).toBe(true);
      }),
    );
  });
});

describe('positions as flags', () => {
  test('SYMBOL=UNITS each', () => {
    expect(positionsFromFlags(['AAPL=10', ' MSFT = 2.5 '])).toEqual({ positions: { AAPL: '10', MSFT: '2.5' } });
  });
  test.each(['AAPL', 'AAPL=1=2', '=5'])('%j is refused', (flag) => {
    expect(positionsFromFlags([flag])).toEqual({
      problems: [{ field: 'position', value: JSON.stringify(flag), rule: 'must be SYMBOL=UNITS, such as AAPL=10' }],
    });
  });
  test('are trimmed, and said as they were typed when they are refused', () => {
    expect(positionsFromFlags(['  AAPL=10  '])).toEqual({ positions: { AAPL: '10' } });
    expect(positionsFromFlags(['AAPL'], 'holding')).toEqual({
      problems: [{ field: 'holding', value: '"AAPL"', rule: 'must be SYMBOL=UNITS, such as AAPL=10' }],
    });
    expect(positionsFromFlags(['AAPL=1', 'AAPL=2'])).toEqual({
      problems: [{ field: 'position AAPL', value: '"AAPL=2"', rule: 'must be given once' }],
    });
    expect(positionsFromFlags([])).toEqual({ positions: {} });
  });
  test('a symbol twice is refused, even with the same units', () => {
    expect(positionsFromFlags(['AAPL=1', 'AAPL=1'])).toEqual({
      problems: [{ field: 'position AAPL', value: '"AAPL=1"', rule: 'must be given once' }],
    });
  });
  test('a name that JavaScript objects have of themselves is only a wrong symbol', () => {
    const read = positionsFromFlags(['__proto__=1']);
    expect('positions' in read ? problems({ positions: read.positions }) : read.problems).toMatchObject([
      { rule: expect.stringContaining('capital letters') },
    ]);
  });
});
