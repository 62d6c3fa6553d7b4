import { describe, expect, it } from 'vitest';
import { tooMany } from '../../src/operations/guard/invariants.js';
import {
  faultOfDrift,
  faultOfPlace,
  faultOfValuation,
  faultOfWorth,
  type ValuationTold,
} from '../../src/domain/ledger/valuation-proof.js';

const PREVIOUS = { equity: '1000.00', equityIndex: '1.05', peakIndex: '1.1', resetSince: false, isResetAround: false };
/** A deposit of 100, and 1 % gained. */
const TOLD: ValuationTold = {
  cash: '300.00',
  cashThen: '300',
  positionsValue: '810.00',
  equity: '1110.00',
  netFlows: '100.00',
  equityIndex: '1.0605',
  peakIndex: '1.1',
  previous: PREVIOUS,
  restated: false,
  resetAfter: false,
  asOfDate: '2014-06-04',
  asOfOfRun: '2014-06-04',
  isLate: false,
  lastEntryId: 12,
  previousEntryId: 11,
  entriesBefore: [12],
};
const told = (changes: Partial<ValuationTold>) => faultOfValuation({ ...TOLD, ...changes });

describe('a stored valuation', () => {
  it('that comes out of the ledger and of the one before it has no fault', () => {
    expect(told({})).toBeNull();
    expect(told({ equityIndex: '1', peakIndex: '1', previous: null })).toBeNull();
    // A reset accepts the loss: the peak is where the account stood, or where it stands now.
    expect(told({ peakIndex: '1.0605', previous: { ...PREVIOUS, resetSince: true } })).toBeNull();
    // After a whole loss the index begins again.
    expect(told({ equityIndex: '1', peakIndex: '1', previous: { ...PREVIOUS, equityIndex: '0' } })).toBeNull();
  });

  it.each<[what: string, changes: Partial<ValuationTold>, says: RegExp]>([
    [
      'cash that the ledger never had',
      { cash: '400.00', equity: '1210.00' },
      /^cash 400.00, and the ledger had 300.00$/,
    ],
    ['an equity of its own', { equity: '1210.00' }, /^equity 1210.00, and cash and positions are 1110.00$/],
    ['an index that hides a fall', { equityIndex: '1.2' }, /^equity index 1.2, and it comes to 1.0605$/],
    ['flows that were none', { netFlows: '0.00' }, /^equity index 1.0605, and it comes to 1.1655$/],
    ['a peak that was lowered', { peakIndex: '1.0605' }, /^peak 1.0605, and it comes to 1.1$/],
    ['a first one that is not 1', { previous: null }, /^equity index 1.0605, and it comes to 1$/],
    ['a peak lowered by a restatement', { restated: true, peakIndex: '1.0605' }, /^peak 1.0605, and it comes to 1.1$/],
  ])('with %s is named', (_, changes, says) => {
    expect(told(changes)).toMatch(says);
  });

  it('that takes the place of another may go on from what settled, and is measured from a reset after it', () => {
    expect(told({ equityIndex: '1.0607' })).not.toBeNull();
    expect(told({ restated: true, equityIndex: '1.0607' })).toBeNull();
    expect(told({ restated: true, resetAfter: true, peakIndex: '1.0605' })).toBeNull();
  });
});

describe('a stored valuation of nearly nothing', () => {
  const SMALL = { ...PREVIOUS, equity: '100.00', equityIndex: '0.007', peakIndex: '0.007' };
  const small: Partial<ValuationTold> = {
    cash: '100.00',
    cashThen: '100',
    positionsValue: '0.00',
    equity: '100.00',
    netFlows: '0.00',
    peakIndex: '0.007',
    previous: SMALL,
    restated: true,
  };

  it('has the leeway of a small index, not of a whole one', () => {
    expect(told({ ...small, equityIndex: '0.007' })).toBeNull();
    expect(told({ ...small, equityIndex: '0.007002', peakIndex: '0.007002' })).toBeNull();
    expect(told({ ...small, equityIndex: '0.0074', peakIndex: '0.0074' })).toMatch(
      /^equity index 0.0074, and it comes/,
    );
  });
});

describe('valuations that are each a little off', () => {
  const FLAT: ValuationTold = { ...TOLD, equity: '1000.00', netFlows: '0.00', restated: true, resetAfter: false };
  /** One a date, each gone on from the one before it, off by these parts of what it comes to. */
  function chain(parts: readonly number[], peaks: readonly number[] = []): ValuationTold[] {
    let [index, peak] = [1.05, 1.1];
    return parts.map((part, place) => {
      const previous = { ...PREVIOUS, equityIndex: String(index), peakIndex: String(peak) };
      [index, peak] = [index * (1 + part), peak * (1 - (peaks[place] ?? 0))].map((of) => Number(of.toFixed(10))) as [
        number,
        number,
      ];
      return { ...FLAT, previous, equityIndex: String(index), peakIndex: String(peak) };
    });
  }
  const A_LITTLE = 0.00019;

  it('are told once all of them hide a fall, or lower the peak, where none of them has a fault by itself', () => {
    const rising = chain(Array.from({ length: 8 }, () => A_LITTLE));
    expect(rising.map((each) => told(each)?.startsWith('equity index'))).not.toContain(true);
    expect(faultOfDrift(rising)).toMatch(/^equity indices that are off by 0\.0015\d+ in all, each by a little$/);
    expect(faultOfDrift(chain(Array.from({ length: 8 }, () => -A_LITTLE)))).toMatch(/^equity indices .* -0\.0015/);
    const lowered = Array.from({ length: 8 }, () => 0);
    const peaks = lowered.map(() => A_LITTLE);
    expect(faultOfDrift(chain(lowered, peaks))).toMatch(/^peaks that are off by -0\.0015\d+ in all/);
  });

  it('are none where they are off now in one direction and now in the other, or begin and end so', () => {
    expect(faultOfDrift([])).toBeNull();
    expect(faultOfDrift(chain([A_LITTLE, A_LITTLE]))).toBeNull();
    expect(
      faultOfDrift(chain(Array.from({ length: 40 }, (_, day) => (day % 2 === 0 ? A_LITTLE : -A_LITTLE)))),
    ).toBeNull();
  });
});

describe('a stored valuation in its place', () => {
  const place = (changes: Partial<ValuationTold>) => faultOfPlace({ ...TOLD, ...changes });

  it('is of the date of its run, and has what was booked; a restated one stands on what it takes the place of', () => {
    expect(place({})).toBeNull();
    expect(place({ restated: true, asOfOfRun: '2014-06-09', lastEntryId: 11, entriesBefore: [11, 12] })).toBeNull();
  });

  it.each<[what: string, changes: Partial<ValuationTold>, says: RegExp]>([
    ['after its run was over', { isLate: true }, /^it was written after its run was over$/],
    ['of a run of another date', { asOfOfRun: '2014-06-03' }, /^its run is of 2014-06-03$/],
    // A withdrawal that one before it has is counted once more by the one after it.
    [
      'without what one of its date had',
      { lastEntryId: 11 },
      /^entry 11 is its newest, and one before it had 12 already$/,
    ],
    ['without what the one before had', { lastEntryId: 10, entriesBefore: [] }, /^entry 10 .* had 11 already$/],
    ['that restates none of its date', { restated: true, lastEntryId: 13 }, /^it restates none that has entry 13/],
  ])('%s is named', (_, changes, says) => {
    expect(place(changes)).toMatch(says);
  });

  it('may begin its peak anew where a reset came between two of its date, or of the date before', () => {
    const low = { equityIndex: '1.0605', peakIndex: '1.0605' };
    expect(told(low)).toMatch(/^peak/);
    expect(told({ ...low, resetAfter: true })).toBeNull();
    expect(told({ ...low, previous: { ...PREVIOUS, isResetAround: true } })).toBeNull();
    expect(told({ previous: { ...PREVIOUS, isResetAround: true } })).toBeNull();
  });
});

describe('valuations of which no more are read', () => {
  const of = (account: string, count: number) => Array.from({ length: count }, () => ({ account }));

  it('are told, for a forged one may be beneath them', () => {
    expect(tooMany([...of('main', 999), ...of('other', 999)])).toEqual([]);
    expect(tooMany([...of('main', 1000), ...of('other', 1)])).toEqual([
      { invariant: 'I3', subject: 'main valuations', problem: 'are 1000 or more: no others are read' },
    ]);
  });
});

describe('a stored valuation, valued again', () => {
  const WORTH = { positionsValue: '810', equity: '1110', netFlows: '100', fxRate: null };
  const again = (changes: Partial<ValuationTold>, worths = [WORTH]) => faultOfWorth({ ...TOLD, ...changes }, worths);

  it('is what its ledger came to, at the closes of when it was recorded or of when its run began', () => {
    expect(again({})).toBeNull();
    expect(again({}, [{ ...WORTH, positionsValue: '800' }, WORTH])).toBeNull();
  });

  it.each<[what: string, changes: Partial<ValuationTold>, worths: (typeof WORTH)[], says: RegExp]>([
    [
      'holdings worth more than they were',
      { positionsValue: '5810.00', equity: '6110.00', equityIndex: '6' },
      [WORTH],
      /^positions 5810.00, and the holdings come to 810.00$/,
    ],
    ['a withdrawal of its own', { netFlows: '-100.00' }, [WORTH], /^flows -100.00, and the ledger's are 100.00$/],
    [
      'a holding that nobody could value',
      {},
      [],
      /^positions 810.00, and a holding had no close or rate of that date$/,
    ],
  ])('with %s is named', (_, changes, worths, says) => {
    expect(again(changes, worths)).toMatch(says);
  });

  it('that takes the place of another is as near as closes settle', () => {
    expect(again({ positionsValue: '810.10' })).not.toBeNull();
    expect(again({ positionsValue: '810.10', restated: true })).toBeNull();
    expect(again({ positionsValue: '811', restated: true })).not.toBeNull();
  });
});
