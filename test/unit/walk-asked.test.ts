import { describe, expect, it } from 'vitest';
import { readWalk } from '../../src/contract/walk.js';

/* What a walk in memory is asked: nothing of it is passed over in silence. */

const dates = { from: '2014-01-02', to: '2014-02-13' };

describe('the costs of a walk', () => {
  it.each([
    ['slippageBps', 'slippage-bps'],
    ['fxSpreadBps', 'fx-spread-bps'],
  ])('are refused by name with the broker that has none: %s', (field, name) => {
    const reading = readWalk({ ...dates, broker: 'open', [field]: '5' });
    expect(reading).toMatchObject({
      ok: false,
      refusal: {
        code: 'SIMULATION_INVALID',
        message: `${name}: "5": must go with --broker pessimistic: open has no costs`,
      },
    });
  });

  it('are as said, or the usual', () => {
    expect(readWalk({ ...dates, slippageBps: '5' })).toMatchObject({ value: { slippageBps: 5, fxSpreadBps: 50 } });
    expect(readWalk({ ...dates, broker: 'open' })).toMatchObject({ ok: true, value: { broker: 'open' } });
  });
});
