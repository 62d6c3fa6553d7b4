import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reconciliationGate } from '../../src/domain/decision/gates/reconciliation.js';
import { D, toText } from '../../src/domain/money.js';
import { compare } from '../../src/domain/reconciliation/compare.js';
import type { Snapshot } from '../../src/domain/types.js';
import { goodFacts } from './fixtures/facts-2014.js';

const good = goodFacts();
const snapshotWith = (changes: Partial<Snapshot>): Snapshot => ({ ...(good.snapshot as Snapshot), ...changes });
const codes = (changes: Parameters<typeof goodFacts>[0]) =>
  reconciliationGate(goodFacts(changes)).reasons.map(({ code, subject }) => (subject ? `${code} ${subject}` : code));
const withSnapshot = (changes: Partial<Snapshot>) => codes({ snapshot: snapshotWith(changes) });
const tolerances = { cash_tolerance: 5, units_tolerance: 0.0001 };

describe('reconciliation gate', () => {
  test('passes when both sides agree, and says what it looked at', () => {
    expect(reconciliationGate(good)).toMatchObject({
      gate: 'reconciliation',
      status: 'PASS',
      reasons: [],
      evidence: { ledgerCash: '10000', snapshotDate: '2014-07-01' },
    });
  });

  test('without a snapshot there is nothing to compare', () => {
    expect(codes({ snapshot: null })).toEqual(['SNAPSHOT_MISSING']);
  });

  test.each([
    ['2014-06-27', ['SNAPSHOT_STALE']],
    ['2014-06-29', ['SNAPSHOT_STALE']],
    ['2014-06-30', []],
    ['2014-07-01', []],
    ['2014-07-02', ['SNAPSHOT_STALE']],
  ])('a snapshot of %s for 2014-07-01, as of 2014-06-30', (snapshotDate, expected) => {
    expect(withSnapshot({ snapshotDate })).toEqual(expected);
  });

  test.each([
    ['10005.00', []],
    ['10005.01', ['CASH_DRIFT']],
    ['9995.00', []],
    ['9994.99', ['CASH_DRIFT']],
  ])('cash of %s against 10000.00 with a tolerance of £5, its limit included', (cash, expected) => {
    expect(withSnapshot({ cash })).toEqual(expected);
  });

  test.each([
    ['20.0001', []],
    ['20.000101', ['UNITS_DRIFT KO']],
    ['19.9999', []],
    ['19.999899', ['UNITS_DRIFT KO']],
  ])('%s KO against 20 with a tolerance of 0.0001, its limit included', (units, expected) => {
    expect(withSnapshot({ positions: { KO: units } })).toEqual(expected);
  });

  test('a position that only one side has is named as such', () => {
    expect(withSnapshot({ positions: { KO: '20', MSFT: '3' } })).toEqual(['POSITION_UNKNOWN MSFT']);
    expect(withSnapshot({ positions: {} })).toEqual(['POSITION_MISSING KO']);
  });

  test('a symbol outside the universe is unknown even when both sides hold it alike', () => {
    const ledger = { ...good.ledger, units: { KO: '20', GME: '1' } };
    expect(codes({ ledger, snapshot: snapshotWith({ positions: { KO: '20', GME: '1' } }) })).toEqual([
      'POSITION_UNKNOWN GME',
    ]);
  });

  test('dust within the tolerance is no position', () => {
    expect(withSnapshot({ positions: { KO: '20', MSFT: '0.0001' } })).toEqual([]);
    expect(codes({ ledger: { ...good.ledger, units: { KO: '20', MSFT: '0.0001' } } })).toEqual([]);
  });

  test('an entry booked after the snapshot fails it, even one that explains the drift, at the very same instant', () => {
    const ledger = { ...good.ledger, lastEntryId: 2, lastBookedAt: snapshotWith({}).takenAt };
    expect(codes({ ledger })).toEqual(['LEDGER_CHANGED_SINCE_SNAPSHOT']);
  });

  test('the entry that the snapshot itself opened the ledger with does not count, whatever its time', () => {
    expect(codes({ ledger: { ...good.ledger, lastBookedAt: '2014-07-01T09:00:00Z' } })).toEqual([]);
  });

  test('every failure is told at once', () => {
    expect(
      codes({
        ledger: { ...good.ledger, lastEntryId: 9, units: { AAPL: '1' } },
        snapshot: snapshotWith({ snapshotDate: '2014-06-01', cash: '1', positions: { KO: '20' } }),
      }),
    ).toEqual([
      'SNAPSHOT_STALE',
      'LEDGER_CHANGED_SINCE_SNAPSHOT',
      'CASH_DRIFT',
      'POSITION_MISSING AAPL',
      'POSITION_UNKNOWN KO',
    ]);
  });
});

describe('compare', () => {
  test('a symbol outside the universe that the broker does not show is missing, not unknown', () => {
    const [, line] = compare({ cash: '1', positions: {} }, { cash: '1', units: { GME: '5' } }, tolerances, []);
    expect(line).toEqual({
      symbol: 'GME',
      ledger: '5',
      snapshot: '0',
      drift: '-5',
      tolerance: '0.0001',
      inUniverse: false,
      code: 'POSITION_MISSING',
    });
  });
  test('a drift of exactly the tolerance is within it, the next figure is not', () => {
    const lines = (cash: string, units: string) =>
      compare({ cash, positions: { KO: units } }, { cash: '1000', units: { KO: '20' } }, tolerances, [
        { internalSymbol: 'KO' },
      ]).map(({ code }) => code);
    expect([
      lines('1005', '20.0001'),
      lines('995', '19.9999'),
      lines('1005.01', '20.000101'),
      lines('994.99', '19.999899'),
    ]).toEqual([
      [null, null],
      [null, null],
      ['CASH_DRIFT', 'UNITS_DRIFT'],
      ['CASH_DRIFT', 'UNITS_DRIFT'],
    ]);
  });
  test('a line fails exactly when the drift is above the tolerance', () => {
    const pence = fc.integer({ min: 0, max: 2_000_000 });
    fc.assert(
      fc.property(pence, pence, (a, b) => {
        const [line] = compare(
          { cash: toText(D(a).div(100)), positions: {} },
          { cash: toText(D(b).div(100)), units: {} },
          tolerances,
          [],
        );
        expect(line?.code).toBe(Math.abs(a - b) > 500 ? 'CASH_DRIFT' : null);
        expect(line?.drift).toBe(
          D(a - b)
            .div(100)
            .toFixed(2),
        );
      }),
    );
  });
  test('swapping the sides turns the drift around and nothing else', () => {
    const units = fc.dictionary(
      fc.constantFrom('KO', 'MSFT', 'AAPL'),
      fc.integer({ min: 1, max: 5_000_000 }).map((n) => toText(D(n).div(1_000_000))),
    );
    const universe = ['KO', 'MSFT', 'AAPL'].map((internalSymbol) => ({ internalSymbol }));
    fc.assert(
      fc.property(units, units, (a, b) => {
        const there = compare({ cash: '1', positions: a }, { cash: '1', units: b }, tolerances, universe);
        const back = compare({ cash: '1', positions: b }, { cash: '1', units: a }, tolerances, universe);
        expect(there.map(({ drift, code }) => [toText(D(drift)), code === null])).toEqual(
          back.map(({ drift, code }) => [toText(D(drift).neg()), code === null]),
        );
      }),
    );
  });
});
