import { describe, expect, it } from 'vitest';
import { faultOfSeal, valuationSeal, type SealedValuation } from '../../src/domain/ledger/valuation-seal.js';

/* A valuation is the worker's where it bears its seal: a row of anything else says so itself. */

const KEY = new Uint8Array(32).fill(7);
const OTHER = new Uint8Array(32).fill(8);
const VALUED: SealedValuation = {
  account: 'main',
  asOfDate: '2014-06-09',
  runId: '5b5a0c1c-8f4c-4f0e-9a53-0d6b1f2f3c11',
  cash: '300.005',
  positionsValue: '-0.125',
  equity: '299.88',
  netFlows: '0',
  equityIndex: '1.00000000005',
  peakIndex: '1.1',
  fxRate: '1.68',
  lastEntryId: 12,
};
/** The same as Postgres gives it back. */
const STORED: SealedValuation = {
  ...VALUED,
  cash: '300.01',
  positionsValue: '-0.13',
  netFlows: '0.00',
  equityIndex: '1.0000000001',
  peakIndex: '1.1000000000',
  fxRate: '1.680',
  restatedBecause: null,
};
const FAULT = 'it was not written by the worker: its seal is none';
const told = (changes: object = {}) => ({ ...STORED, seq: 5, seal: valuationSeal(KEY, VALUED), ...changes });

describe('the seal of a valuation', () => {
  it('is that of what was stored, as the database rounds it', () => {
    expect(valuationSeal(KEY, VALUED)).toMatch(/^[0-9a-f]{16}:[0-9a-f]{64}$/);
    expect(faultOfSeal(KEY, told(), 1)).toBeNull();
  });

  it.each([
    { account: 'other' },
    { asOfDate: '2014-06-10' },
    { runId: '5b5a0c1c-8f4c-4f0e-9a53-0d6b1f2f3c12' },
    { cash: '300.02' },
    { positionsValue: '-0.12' },
    { equity: '299.89' },
    { netFlows: '0.01' },
    { equityIndex: '1.0000000002' },
    { peakIndex: '1.0999999999' },
    { fxRate: null },
    { lastEntryId: 13 },
    { restatedBecause: 'x' },
    { seal: null },
    { seal: valuationSeal(OTHER, VALUED) },
  ])('fits nothing else: %o', (changes) => {
    expect(faultOfSeal(KEY, told(changes), 1)).toBe(FAULT);
  });

  it('is asked for from the first row on that bears one by the same key', () => {
    expect(faultOfSeal(KEY, told({ seal: null }), null)).toBeNull();
    expect(faultOfSeal(KEY, told({ seal: null }), 6)).toBeNull();
    expect(faultOfSeal(KEY, told({ seal: null }), 5)).toBe(FAULT);
  });
});
