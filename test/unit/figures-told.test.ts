import { describe, expect, it } from 'vitest';
import type { FillsTicket } from '../../src/domain/confirmation/ticket.js';
import type { TicketLine } from '../../src/domain/types.js';
import { figuresTold } from '../../src/operations/day/figures-told.js';

/** A BUY of 2014-07-01, at the rate of the ECB of the day before. */
const LINE: TicketLine = {
  sequence: 1,
  symbol: 'AAPL',
  etoroSearchName: 'Apple',
  side: 'BUY',
  orderType: 'MARKET',
  valueBase: '250.00',
  units: null,
  referencePrice: '92.93',
  referenceCurrency: 'USD',
  skipPrice: '93.39',
};
const OF: FillsTicket = {
  kind: 'TRADE',
  tradingDay: '2014-07-01',
  issuedAt: '2014-07-01T13:00:20.000Z',
  baseCurrency: 'GBP',
  fx: { pair: 'GBPUSD', date: '2014-06-30', rate: '1.7041' },
  window: { opensAt: '2014-07-01T13:35:00.000Z', closesAt: '2014-07-01T14:30:00.000Z' },
  maxPriceDeviation: 0.05,
  lines: [LINE],
};
const FORM = { of: OF, lines: [{ line: LINE, order: '', skip: '', failures: [], causes: [] }] };
const AT = '2014-07-01T14:00:00.000Z';
const GOOD = { units: '4.58', fill_price: '93.00', executed_value_base: '249.95' };
const told = (typed: Record<string, string>) => figuresTold(FORM, 0, typed, AT);

describe('the figures of a line while they are typed', () => {
  it('say nothing as long as one is missing, or where nothing was executed', () => {
    for (const field of Object.keys(GOOD)) expect(told({ ...GOOD, [field]: ' ' })).toBeNull();
    for (const executed_status of ['SKIPPED', 'FAILED']) expect(told({ ...GOOD, executed_status })).toBeNull();
  });

  it('say of a time that is none what a time must be, and nothing of one that is missing', () => {
    expect(told({ ...GOOD, filled_at: '14:41' })).toMatchObject({ holds: true });
    expect(told({ ...GOOD, filled_at: ' ' })).toMatchObject({ holds: true });
    expect(told({ ...GOOD, filled_at: '25:00' })).toMatchObject({
      holds: false,
      lines: [expect.stringMatching(/^filled_at "25:00" must be a UK time/) as string],
    });
  });

  it('hold where units × price ÷ rate are near the value, whatever else is still missing', () => {
    const line = 'units × price ÷ 1.7041 = 249.95 GBP, near the value';
    const others: Record<string, string>[] = [
      {},
      { executed_status: 'DONE' },
      { executed_status: 'PARTIAL', notes: '' },
    ];
    for (const more of others) expect(told({ ...GOOD, ...more })).toEqual({ holds: true, lines: [line] });
  });

  it.each([
    ['a digit too many', { executed_value_base: '2499.50' }, /^executed_value_base 2499.5 must be near 249\.95 GBP/],
    [
      'a value a little off',
      { executed_value_base: '236.00' },
      /^executed_value_base 236(?:.00)? is not what units × fill_price/,
    ],
    [
      'a price beyond the skip price',
      { fill_price: '93.50', executed_value_base: '251.29' },
      /^fill_price 93.50? is above/,
    ],
    ['units and price in each other’s place', { units: '93.00', fill_price: '4.58' }, /^fill_price .* are swapped/],
    ['a comma', { units: '4,58' }, /^units "4,58" /],
  ])('do not hold: %s', (_, change, says) => {
    const answer = told({ ...GOOD, ...change });
    expect(answer?.holds).toBe(false);
    expect(answer?.lines.join('\n')).toMatch(new RegExp(says.source, 'm'));
  });
});
