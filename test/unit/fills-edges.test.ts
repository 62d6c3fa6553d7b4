import { describe, expect, it } from 'vitest';
import type { FillsTicket } from '../../src/domain/confirmation/ticket.js';
import { parseFills, readFills, shapeOfFills } from '../../src/domain/confirmation/fill.js';
import { fillSchema } from '../../src/domain/confirmation/shape.js';
import { OpsError } from '../../src/domain/errors.js';
import type { TicketLine } from '../../src/domain/types.js';

// The limits of a fill, each at its last figure that is taken and its first that is not.

const line = (sequence: number, side: 'BUY' | 'SELL', size: string): TicketLine => ({
  sequence,
  symbol: `S${sequence}`,
  etoroSearchName: 'x',
  side,
  orderType: 'MARKET',
  valueBase: side === 'BUY' ? size : null,
  units: side === 'SELL' ? size : null,
  referencePrice: '10',
  referenceCurrency: 'USD',
  skipPrice: '10',
});
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
const buy = ticketOf(line(1, 'BUY', '250.00'));
const sell = ticketOf(line(1, 'SELL', '10'));
const now = '2014-07-01T16:00:00.000Z';
const done = (changes: object = {}) => ({
  sequence: 1,
  internal_symbol: 'S1',
  side: 'BUY',
  executed_status: 'DONE',
  units: '50',
  fill_price: '10',
  executed_value_base: '250',
  filled_at: '2014-07-01T14:00:00Z',
  ...changes,
});
const sold = (changes: object = {}) => done({ side: 'SELL', units: '10', executed_value_base: '50', ...changes });
const problems = (input: unknown, ticket: FillsTicket, at = now) => {
  const read = readFills(input, ticket, at);
  return 'problems' in read ? read.problems.map(({ field, value, rule }) => `${field}: ${value}: ${rule}`) : [];
};

describe('a fill at its limits', () => {
  it('is of the minute of the ticket at the earliest, of now at the latest', () => {
    const at = (filled_at: string) => problems([done({ filled_at })], buy);
    expect([at('2014-07-01T13:00:00Z'), at('2014-07-01T16:00:00Z')]).toEqual([[], []]);
    expect(at('2014-07-01T12:59:59.999Z')).toEqual([
      'fills[0].filled_at: 2014-07-01T12:59:59.999Z: must not be before the ticket was issued, at 2014-07-01T13:00:20.000Z',
    ]);
    expect(at('2014-07-01T16:00:00.001Z')).toEqual([
      'fills[0].filled_at: 2014-07-01T16:00:00.001Z: must not be in the future: it is 2014-07-01T16:00:00.000Z',
    ]);
    expect(at('2014-06-30T22:00:00Z')).toEqual([
      'fills[0].filled_at: 2014-06-30T22:00:00.000Z: must not be before the trading day, 2014-07-01',
    ]);
  });

  it('is booked with the units of its line within the rounding, a part only when it is more', () => {
    const units = (changes: object) => parseFills([sold(changes)], sell, now)[0]?.units;
    expect([units({ units: '9.9999' }), units({ units: '9.999899' }), units({ units: '10.0001' })]).toEqual([
      '10',
      '9.999899',
      '10',
    ]);
    const part = { executed_status: 'PARTIAL', notes: 'part' };
    expect([
      units({ ...part, units: '9.9999' }),
      units({ ...part, units: '10.0001' }),
      units({ ...part, units: '10' }),
    ]).toEqual(['9.9999', '10', '10']);
  });

  it('comes to what units, price and rate say: a rate half as high again, or lower by a third, is a slip', () => {
    const off = (executed_value_base: string, units = '50') => problems([done({ executed_value_base, units })], buy);
    expect([off('375'), off('166.67'), off('250', '75'), off('250', '33.333334')]).toEqual([[], [], [], []]);
    const at = (worth: string) => `must be near ${worth} GBP, what units × fill_price come to at 2: check all three`;
    expect([off('375.01'), off('166.66')]).toEqual([
      [`fills[0].executed_value_base: 375.01: ${at('250.00')}`],
      [`fills[0].executed_value_base: 166.66: ${at('250.00')}`],
    ]);
    // Two pence are always rounding.
    const small = (executed_value_base: string) =>
      problems([sold({ units: '0.004', executed_value_base, executed_status: 'PARTIAL', notes: 'x' })], sell);
    expect([small('0.01'), small('0.04'), small('0.05')].map((found) => found.length)).toEqual([0, 0, 1]);
    const pounds = { ...buy, lines: [{ ...line(1, 'BUY', '250.00'), referenceCurrency: 'GBP' }] };
    expect(problems([done({ units: '10' })], pounds)).toEqual([
      'fills[0].executed_value_base: 250: must be near 100.00 GBP, what units × fill_price come to: check all three',
    ]);
    expect(problems([done({ units: '10' })], { ...buy, fx: null })).toEqual([]);
  });

  it('has a price of the share: at most 100 times the reference, or a hundredth of it', () => {
    const at = (fill_price: string, units: string) => problems([done({ fill_price, units })], buy);
    expect([at('1000', '0.5'), at('0.1', '5000')]).toEqual([[], []]);
    const rule = 'must be a price of the share: the reference price of line 1, 10';
    expect([at('1000.1', '0.5'), at('0.0999', '5005')]).toEqual([
      [`fills[0].fill_price: 1000.1: ${rule}`],
      [`fills[0].fill_price: 0.0999: ${rule}`],
    ]);
  });

  it('is told when units and price are swapped, by the reference price', () => {
    const swapped = (fill_price: string, units: string, ticket = buy) =>
      problems([done({ fill_price, units })], ticket);
    const rule = (units: string) =>
      `must be near the reference price of line 1, 10: units (${units}) and price are swapped`;
    expect([swapped('46', '10'), swapped('46', '11'), swapped('46', '9')]).toEqual(
      ['10', '11', '9'].map((units) => [`fills[0].fill_price: 46: ${rule(units)}`]),
    );
    expect(problems([done({ fill_price: '15.01', units: '11', executed_value_base: '82.56' })], buy)).toEqual([
      `fills[0].fill_price: 15.01: ${rule('11')}`,
    ]);
    // A leap of the price, with units that are no such price, or a leap that a day may bring.
    expect(problems([done({ fill_price: '50', units: '11.01', executed_value_base: '275.25' })], buy)).toEqual([]);
    expect(problems([done({ fill_price: '50', units: '8.99', executed_value_base: '224.75' })], buy)).toEqual([]);
    expect(problems([done({ fill_price: '15', units: '10', executed_value_base: '75' })], buy)).toEqual([]);
  });

  it('is no swap where the price is that of a split far more nearly than the units are the reference price', () => {
    const filled = (fill_price: string, units: string, executed_value_base: string) =>
      problems([done({ fill_price, units, executed_value_base })], buy);
    // 4 for 1 on the morning of the ticket, 1 for 4, and the same fill of units that fit no split so well.
    expect(filled('2.503', '10.15', '12.7')).toEqual([]);
    expect(filled('40.04', '9.85', '197.2')).toEqual([]);
    expect(filled('2.513', '10.15', '12.75')).toEqual([
      'fills[0].fill_price: 2.513: must be near the reference price of line 1, 10: units (10.15) and price are swapped',
    ]);
    expect(filled('2.5', '10', '12.5')).toHaveLength(1);
  });

  it('has figures up to a thousand million, each under one name', () => {
    const messages = (item: object) => fillSchema.safeParse(item).error?.issues.map(({ message }) => message) ?? [];
    expect(messages(done({ executed_value_base: '1000000000' }))).toEqual([]);
    expect(messages(done({ executed_value_base: '1000000000.01' }))).toEqual(['must be at most 1000000000']);
    expect(messages(done({ internalSymbol: 'S1' }))).toEqual([
      'must be a field of a fill; see the ticket for their names',
    ]);
  });
});

describe('the shape of fills', () => {
  it('is canonical whatever the rules say of them, and nothing when one has none', () => {
    const late = [sold({ units: '9.9999', filled_at: '2014-07-01T20:00:00Z' })];
    expect(problems(late, sell)).toHaveLength(1);
    expect(shapeOfFills(late, sell)).toMatchObject([
      { sequence: 1, units: '10', filledAt: '2014-07-01T20:00:00.000Z' },
    ]);
    expect(shapeOfFills([sold(), {}], sell)).toBeNull();
    expect(shapeOfFills([sold({ units: 'ten' })], sell)).toBeNull();
    expect(shapeOfFills('no JSON', sell)).toBeNull();
  });
});

describe('what is wrong is told', () => {
  it('with the value, cut where it is long', () => {
    const long = 'x'.repeat(300);
    expect(problems(long, buy)[0]).toMatch(new RegExp(`^fills: "?${'x'.repeat(70)}`));
    expect(problems(long, buy)[0]?.length).toBeLessThan(200);
    expect(problems([done({ internal_symbol: long })], buy).every((text) => text.length < 300)).toBe(true);
    expect(problems(5, buy)).toEqual(['fills: 5: must be a list of fills, or an object with a list "fills"']);
    const eighty = { a: 'y'.repeat(72) };
    expect(JSON.stringify(eighty)).toHaveLength(80);
    expect(problems(eighty, buy)[0]).toBe(
      `fills: ${JSON.stringify(eighty)}: must be a list of fills, or an object with a list "fills"`,
    );
    const longer = { a: 'y'.repeat(73) };
    expect(problems(longer, buy)[0]).toBe(
      `fills: ${JSON.stringify(longer).slice(0, 77)}...: must be a list of fills, or an object with a list "fills"`,
    );
  });

  it('of a thousand fills at most', () => {
    const many = (count: number) =>
      problems(
        Array.from({ length: count }, (_, index) => done({ sequence: index + 1 })),
        buy,
      );
    expect(many(1001)).toEqual(['fills: 1001: must have at most 1000 items']);
    expect(many(1000)[0]).toBe('fills[1].sequence: 2: must be a line of the ticket, 1 to 1');
  });

  it('of fields that are missing, as nothing', () => {
    const { units: _units, ...without } = done();
    expect(problems([without], buy)).toEqual(['fills[0].units: nothing: is required when executed_status is DONE']);
    expect(problems([{}], buy)[0]).toMatch(/^fills\[0\]\.sequence: nothing: /);
  });

  it('as many as a kilobyte takes, and how many more there are', () => {
    const refusalOf = (count: number): OpsError => {
      try {
        parseFills(
          Array.from({ length: count }, (_, index) => done({ sequence: index + 2 })),
          buy,
          now,
        );
      } catch (error) {
        if (error instanceof OpsError) return error;
      }
      throw new Error('it was accepted');
    };
    // Each strange line is one problem, and line 1 is missing.
    const told = (count: number) => refusalOf(count).message.split('\n');
    expect([told(3).length, told(3).at(-1)]).toEqual([4, expect.stringMatching(/^fills: line 1, .* is not reported/)]);
    for (const count of [30, 60, 900]) {
      const more = Number(/^and (\d+) more$/.exec(told(count).at(-1) ?? '')?.[1]);
      expect(told(count).length - 1 + more).toBe(count + 1);
      expect(Buffer.byteLength(refusalOf(count).message)).toBeLessThanOrEqual(1_000);
      expect(Buffer.byteLength(refusalOf(count).message)).toBeGreaterThan(850);
    }
    expect(refusalOf(1)).toMatchObject({
      code: 'FILLS_INVALID',
      kind: 'usage',
      remedy: 'Nothing was booked. Correct the fills and confirm again.',
    });
  });

  it('of a sequence that is no number, only as that', () => {
    expect(problems([done({ sequence: 'one' })], buy).map((text) => text.split(':')[0])).toEqual([
      'fills[0].sequence',
      'fills',
    ]);
  });
});
