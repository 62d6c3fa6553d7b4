import { describe, expect, it } from 'vitest';
import { refuseLeap } from '../../src/domain/day/clock.js';

describe('the slots of a simulated account are accounted for a year at most at once', () => {
  const since = '2014-03-04T09:00:00.000Z';
  const simulated = { account: 'us', clock: 'simulated' } as const;
  const at = (instant: string) => refuseLeap(simulated, { at: instant, since });

  it('up to the 366th day, and backwards', () => {
    for (const instant of ['2015-03-05T23:59:00.000Z', '2014-03-04T09:00:00.000Z', '2013-01-02T09:00:00.000Z'])
      expect(at(instant)).toBeUndefined();
  });

  it('and no further, for what is MISSED stays so', () => {
    expect(() => at('2015-03-06T00:00:00.000Z')).toThrow(
      'at: 2015-03-06T00:00:00.000Z: must be at most 366 days after the newest fact of account us, ' +
        '2014-03-04T09:00:00.000Z: every slot on the way would be MISSED for good',
    );
  });

  it("on a real account the machine's clock is right, however long it was off", () => {
    expect(refuseLeap({ account: 'main', clock: 'real' }, { at: '2099-01-01T00:00:00.000Z', since })).toBeUndefined();
  });
});
