import { describe, expect, test } from 'vitest';
import { samePostings } from '../../src/domain/ledger/bookings/plan.js';
import {
  baselinePositionEntry,
  depositEntry,
  feeEntry,
  reversalEntry,
  withdrawalEntry,
  type EntryDraft,
  type Posting,
} from '../../src/domain/ledger/entries.js';
import { flowsOf, isFlow, type FlowEntry } from '../../src/domain/ledger/flows.js';
import { bookedUnder } from '../../src/domain/ledger/keys.js';
import { booked } from './ledger.fixture.js';
import { opening, money } from '../support/bookings.js';

// When a booking is the same as one before, and which of them are flows.

describe('what is the same booking', () => {
  test('is so to the last account, commodity and amount', () => {
    const {
      postings: [cash, equity],
    } = depositEntry({ ...money, amount: '50' }) as unknown as { postings: [Posting, Posting] };
    const entry = (...postings: Posting[]): EntryDraft => ({ ...depositEntry({ ...money, amount: '50' }), postings });
    const same = (...postings: Posting[]) => samePostings(entry(cash, equity), entry(...postings));
    expect(same(cash, equity)).toBe(true);
    expect([
      same(cash),
      same(cash, equity, cash),
      same(equity, cash),
      same({ ...cash, account: 'Expenses:Fees' }, equity),
      same({ ...cash, commodity: 'USD' }, equity),
      same(cash, { ...equity, amount: '-51' }),
    ]).toEqual([false, false, false, false, false, false]);
  });

  test('is known by its key, with or without a counter', () => {
    const keyed = (...keys: string[]) =>
      bookedUnder(booked(keys.map((key) => ({ ...opening, key }))), 'split:KO')?.idempotencyKey;
    expect([keyed('split:KO'), keyed('split:KO#2'), keyed('split:KO#12')]).toEqual([
      'split:KO',
      'split:KO#2',
      'split:KO#12',
    ]);
    expect([
      keyed('split:KO#'),
      keyed('split:KO#x'),
      keyed('split:KO#2x'),
      keyed('split:KO#x2'),
      keyed('split:KO2'),
      keyed('split:AB#2'),
      keyed('split:K'),
    ]).toEqual([undefined, undefined, undefined, undefined, undefined, undefined, undefined]);
  });
});

describe('flows', () => {
  const flow = (entry: EntryDraft, reversedKind: FlowEntry['reversedKind'] = null): FlowEntry => ({
    kind: entry.kind,
    reversedKind,
    postings: entry.postings,
  });

  test('are what comes in and goes out, and what was set right', () => {
    const kinds = ['OPENING', 'DEPOSIT', 'WITHDRAWAL', 'BASELINE', 'DIVIDEND', 'SPLIT', 'FEE', 'FILL'] as const;
    expect(kinds.filter((kind) => isFlow({ kind, reversedKind: null }))).toEqual([
      'OPENING',
      'DEPOSIT',
      'WITHDRAWAL',
      'BASELINE',
    ]);
    expect(kinds.filter((reversedKind) => isFlow({ kind: 'REVERSAL', reversedKind }))).toEqual([
      'OPENING',
      'DEPOSIT',
      'WITHDRAWAL',
      'BASELINE',
    ]);
    expect(isFlow({ kind: 'REVERSAL', reversedKind: null })).toBe(false);
  });

  test('of a deposit that was taken back are its opposite, of a fee that was none', () => {
    const deposit = depositEntry({ ...money, amount: '50' });
    const fee = feeEntry({ ...money, amount: '3' });
    expect(flowsOf([flow(deposit)])).toEqual({ cash: '50', units: {} });
    expect(flowsOf([flow(reversalEntry(deposit, 'x'), 'DEPOSIT')])).toEqual({ cash: '-50', units: {} });
    expect(
      flowsOf([flow(deposit), flow(reversalEntry(deposit, 'x'), 'DEPOSIT'), flow(reversalEntry(fee, 'x'), 'FEE')]),
    ).toEqual({ cash: '0', units: {} });
  });

  test('add up by symbol, by name, without what comes to nothing', () => {
    const set = (symbol: string, units: string) =>
      flow(baselinePositionEntry({ ...money, symbol, units, cost: '10', description: 'x' }));
    expect(
      flowsOf([
        set('MSFT', '2'),
        set('KO', '3'),
        set('AAPL', '1'),
        set('KO', '-3'),
        set('MSFT', '0.5'),
        flow(withdrawalEntry({ ...money, amount: '7' })),
      ]),
    ).toEqual({ cash: '-7', units: { AAPL: '1', MSFT: '2.5' } });
    for (const order of [
      ['MSFT', 'AAPL', 'KO'],
      ['AAPL', 'MSFT', 'KO'],
      ['KO', 'MSFT', 'AAPL'],
    ]) {
      expect(Object.keys(flowsOf(order.map((symbol) => set(symbol, '2'))).units)).toEqual(['AAPL', 'KO', 'MSFT']);
    }
  });
});
