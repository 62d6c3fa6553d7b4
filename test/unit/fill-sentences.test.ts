import { describe, expect, it } from 'vitest';
import type { Fill } from '../../src/domain/confirmation/shape.js';
import { fillSentences } from '../../src/reports/ticket/fill-sentences.js';

const OF = { baseCurrency: 'GBP', lines: [{ sequence: 1, referenceCurrency: 'USD' }] } as unknown as Parameters<
  typeof fillSentences
>[2];
const FILL: Fill = {
  sequence: 1,
  internalSymbol: 'AAPL',
  side: 'BUY',
  executedStatus: 'DONE',
  units: '2',
  fillPrice: '180.1',
  executedValueBase: '360.2',
  filledAt: '2018-05-08T13:41:00.000Z',
  notes: null,
};

describe('fills as sentences', () => {
  it('are the same as they are typed and as the journal has them', () => {
    const said = ['1. BOUGHT 2 AAPL at 180.10 USD for 360.20 GBP, 2018-05-08 14:41 UK time (BST)', 'Cash -360.20 GBP'];
    expect(fillSentences([FILL], [], OF, null)).toEqual(said);
    const stored = { ...FILL, units: '2.000000', fillPrice: '180.100000', executedValueBase: '360.20' };
    expect(fillSentences([stored], [], OF, null)).toEqual(said);
    expect(fillSentences([{ ...FILL, fillPrice: '180.1234' }], [], OF, '1000')).toEqual([
      said[0]?.replace('180.10', '180.1234'),
      'Cash 1000.00 -360.20 = 639.80 GBP',
    ]);
  });
});
