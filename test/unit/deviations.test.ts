import { describe, expect, it } from 'vitest';
import { deviationsOf, sumOfDeviations } from '../../src/domain/confirmation/deviations.js';
import type { Fill } from '../../src/domain/confirmation/shape.js';
import type { FillsTicket } from '../../src/domain/confirmation/ticket.js';
import type { TicketLine } from '../../src/domain/types.js';

// A rate of 2 and a reference of 100: a BUY of 500.00 is 10 units.
const line = (changes: Partial<TicketLine> = {}): TicketLine => ({
  sequence: 1,
  symbol: 'KO',
  etoroSearchName: 'x',
  side: 'BUY',
  orderType: 'MARKET',
  valueBase: '500.00',
  units: null,
  referencePrice: '100',
  referenceCurrency: 'USD',
  skipPrice: '100.5',
  ...changes,
});
const sale = line({ side: 'SELL', valueBase: null, units: '10', skipPrice: '99.5' });
const ticketOf = (...lines: TicketLine[]): FillsTicket => ({
  kind: 'TRADE',
  tradingDay: '2014-07-01',
  issuedAt: '2014-07-01T13:00:20.000Z',
  baseCurrency: 'GBP',
  fx: { pair: 'GBPUSD', date: '2014-06-30', rate: '2' },
  window: { opensAt: '2014-07-01T13:35:00.000Z', closesAt: '2014-07-01T14:30:00.000Z' },
  maxPriceDeviation: 0.1,
  lines,
});
const fill = (changes: Partial<Fill> = {}): Fill => ({
  sequence: 1,
  internalSymbol: 'KO',
  side: 'BUY',
  executedStatus: 'DONE',
  units: '10',
  fillPrice: '100',
  executedValueBase: '500',
  filledAt: '2014-07-01T14:00:00.000Z',
  notes: null,
  ...changes,
});
const found = (changes: Partial<Fill>, of = line(), ticket = ticketOf(of)) =>
  deviationsOf([fill({ side: of.side, ...changes })], ticket);
const told = (...args: Parameters<typeof found>) =>
  found(...args).map(({ kind, field, value, text, amountBase }) => [kind, field, value, text, amountBase]);
const kinds = (...args: Parameters<typeof found>) => found(...args).map(({ kind }) => kind);

describe('a fill departs from its line', () => {
  it('outside the window, both of whose ends belong to it', () => {
    const at = (filledAt: string) => told({ filledAt });
    expect([at('2014-07-01T13:35:00.000Z'), at('2014-07-01T14:30:00.000Z')]).toEqual([[], []]);
    const window = 'the window, 14:35 to 15:30 UK of 2014-07-01';
    expect([at('2014-07-01T13:34:59.999Z'), at('2014-07-01T14:30:00.001Z'), at('2014-07-01T23:01:00.000Z')]).toEqual([
      [['window', 'filled_at', '2014-07-01T13:34:59.999Z', `is 1 min before ${window}`, null]],
      [['window', 'filled_at', '2014-07-01T14:30:00.001Z', `is 1 min after ${window}`, null]],
      [['window', 'filled_at', '2014-07-01T23:01:00.000Z', `is 511 min after ${window}`, null]],
    ]);
    expect(told({ filledAt: '2014-07-01T23:01:00.000Z' }, line(), { ...ticketOf(line()), window: null })).toEqual([]);
    expect(kinds({ filledAt: null })).toEqual([]);
  });

  it('beyond the skip price, which itself is allowed', () => {
    expect(told({ fillPrice: '100.5' })).toEqual([]);
    expect(told({ fillPrice: '100.51' })).toEqual([
      ['skip_price', 'fill_price', '100.51', 'is above the skip price, 100.5, by 0.01 (0.01 %)', '0.05'],
    ]);
    expect(told({ fillPrice: '99.5' }, sale)).toEqual([]);
    expect(told({ fillPrice: '99.4' }, sale)).toEqual([
      ['skip_price', 'fill_price', '99.4', 'is below the skip price, 99.5, by 0.1 (0.1 %)', '0.50'],
    ]);
    // The better side has no skip price.
    expect([kinds({ fillPrice: '99' }), kinds({ fillPrice: '101' }, sale)]).toEqual([[], []]);
  });

  it('far from the reference, with units that are near it: whether they are swapped is asked', () => {
    const asked = (units: string, fillPrice: string) =>
      found({ units, fillPrice }, line({ valueBase: '6500.00' })).filter(({ text }) => text.endsWith('swapped?'));
    expect(asked('100', '130').map(({ text }) => text)).toEqual([
      'is further than 10 % from the reference price, 100, by 30 (30 %); are units and price swapped?',
    ]);
    expect([asked('110', '130'), asked('90', '70')].map(({ length }) => length)).toEqual([1, 1]);
    expect([asked('110.1', '130'), asked('100', '110')]).toEqual([[], []]);
  });

  it("further from the reference than the policy's fraction, on the better side too", () => {
    expect([
      kinds({ fillPrice: '110', executedValueBase: '525' }, sale),
      kinds({ fillPrice: '90', units: '10.5', executedValueBase: '490' }),
    ]).toEqual([[], []]);
    expect(told({ fillPrice: '89.99', units: '10.5', executedValueBase: '475' })).toEqual([
      [
        'reference',
        'fill_price',
        '89.99',
        'is further than 10 % from the reference price, 100, by 10.01 (10.01 %)',
        '52.55',
      ],
    ]);
    expect(kinds({ fillPrice: '110.01', executedValueBase: '550' }, sale)).toEqual(['reference']);
    expect(kinds({ fillPrice: '110.01', units: '9.5', executedValueBase: '522.5' })).toEqual([
      'skip_price',
      'reference',
    ]);
    const loose = { ...ticketOf(line()), maxPriceDeviation: 0.2 };
    expect(kinds({ fillPrice: '89.99', units: '10.5', executedValueBase: '475' }, line(), loose)).toEqual([]);
  });

  it('in value by more than 5 %, more or less, and in the units that it comes to', () => {
    expect([kinds({ executedValueBase: '525' }), kinds({ executedValueBase: '475' })]).toEqual([[], []]);
    expect(told({ executedValueBase: '525.01', units: '10.5' })).toEqual([
      ['size', 'executed_value_base', '525.01', "is more than 5 % off the line's value, 500, by 25.01 (5 %)", '25.01'],
    ]);
    expect(kinds({ executedValueBase: '474.99', units: '9.5' })).toEqual(['size']);
    expect([kinds({ units: '10.5' }), kinds({ units: '9.53' })]).toEqual([[], []]);
    expect(told({ units: '10.500001', fillPrice: '99' })).toEqual([
      ['size', 'units', '10.500001', "is more than 5 % off the line's units, 10, by 0.500001 (5 %)", '24.75'],
    ]);
    expect(kinds({ units: '9.499999', executedValueBase: '476' })).toEqual(['size']);
  });

  it('of a sale in units, of which a part may be less', () => {
    expect([
      kinds({ units: '10.5', executedValueBase: '525' }, sale),
      kinds({ units: '9.5', executedValueBase: '475' }, sale),
    ]).toEqual([[], []]);
    expect(told({ units: '10.500001', executedValueBase: '525' }, sale)).toEqual([
      ['size', 'units', '10.500001', "is more than 5 % off the line's units, 10, by 0.500001 (5 %)", '25.00'],
    ]);
    expect(kinds({ units: '9.499999', executedValueBase: '475' }, sale)).toEqual(['size']);
    const part = { executedStatus: 'PARTIAL', notes: 'x' } as const;
    expect(kinds({ units: '1', executedValueBase: '50', ...part }, sale)).toEqual([]);
    expect(kinds({ units: '1', executedValueBase: '50', ...part })).toEqual([]);
    expect(kinds({ units: '10.6', executedValueBase: '530', ...part }, sale)).toEqual(['size']);
    expect(kinds({ units: '10.6', executedValueBase: '530', ...part })).toEqual(['size', 'size']);
  });

  it('in worth, when units × price at the rate of the ticket are more than 5 % and two pence off', () => {
    // 950 ÷ 2 is 475; 5 % of it is 23.75.
    const pound = (executedValueBase: string) => told({ executedValueBase, fillPrice: '95' });
    expect([pound('498.75'), pound('451.25').map(([kind]) => kind)]).toEqual([[], ['size']]);
    expect(pound('498.76')).toEqual([
      [
        'worth',
        'executed_value_base',
        '498.76',
        'is not what units × fill_price come to, 475, by 23.76 (5 %); the rate was 1.9047 then, 2 on the ticket',
        '23.76',
      ],
    ]);
    expect(pound('451.24').map(([kind]) => kind)).toEqual(['size', 'worth']);
    const tiny = { ...sale, units: '0.004' };
    expect([
      kinds({ units: '0.004', executedValueBase: '0.22' }, tiny),
      kinds({ units: '0.004', executedValueBase: '0.18' }, tiny),
    ]).toEqual([[], []]);
    expect(kinds({ units: '0.004', executedValueBase: '0.23' }, tiny)).toEqual(['worth']);
    const dollars = { ...ticketOf(line()), baseCurrency: 'USD', fx: null };
    expect(told({ units: '5', executedValueBase: '526' }, line({ valueBase: '500' }), dollars)).toEqual([
      ['size', 'executed_value_base', '526.00', "is more than 5 % off the line's value, 500, by 26 (5.2 %)", '26.00'],
      ['worth', 'executed_value_base', '526.00', expect.stringMatching(/, 500, by 26 \(5.2 %\)$/), '26.00'],
    ]);
  });

  it('not where no rate is known, but for what needs none', () => {
    const without = { ...ticketOf(line()), fx: null };
    expect(told({ units: '3', fillPrice: '101', executedValueBase: '600' }, line(), without)).toEqual([
      ['skip_price', 'fill_price', '101', 'is above the skip price, 100.5, by 0.5 (0.5 %)', null],
      ['size', 'executed_value_base', '600.00', "is more than 5 % off the line's value, 500, by 100 (20 %)", '100.00'],
    ]);
  });

  it('on the day the pound falls by 7 %, in worth and units', () => {
    // Brexit: as-of 1.4828, fills at 1.3688.
    const brexit = { ...ticketOf(line()), fx: { pair: 'GBPUSD', date: '2016-06-23', rate: '1.4828' } };
    expect(kinds({ units: '6.844', executedValueBase: '500' }, line(), brexit)).toEqual(['size', 'worth']);
  });

  it('not where nothing was executed, nor of a line that is none', () => {
    const nothing = { units: null, fillPrice: null, executedValueBase: null, filledAt: null };
    expect(kinds({ executedStatus: 'SKIPPED', notes: 'x', ...nothing })).toEqual([]);
    expect(deviationsOf([fill({ sequence: 2, fillPrice: '200' })], ticketOf(line()))).toEqual([]);
    expect(found({ fillPrice: '101' })).toMatchObject([{ sequence: 1, side: 'BUY', symbol: 'KO' }]);
  });
});

describe('the sum of deviations', () => {
  it('counts each line once, with the largest of what its deviations come to', () => {
    const of = (sequence: number, amountBase: string | null, confirmation?: string) => ({
      sequence,
      amountBase,
      ...(confirmation !== undefined && { of: confirmation }),
    });
    expect(sumOfDeviations([])).toEqual({ lines: 0, amountBase: '0.00' });
    expect(sumOfDeviations([of(1, '2.50'), of(1, '3.10'), of(1, '1'), of(2, null), of(3, '0.40')])).toEqual({
      lines: 3,
      amountBase: '3.50',
    });
    expect(sumOfDeviations([of(1, '2', 'a'), of(1, '3', 'b')])).toEqual({ lines: 2, amountBase: '5.00' });
  });
});
