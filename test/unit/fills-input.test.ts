import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OpsError } from '../../src/domain/errors.js';
import type { FillsTicket } from '../../src/domain/confirmation/ticket.js';
import { deviationsOf } from '../../src/domain/confirmation/deviations.js';
import { parseFills, readFills } from '../../src/domain/confirmation/fill.js';
import type { TicketLine } from '../../src/domain/types.js';

// Closes of 2014-06-30 and GBPUSD of that day, ECB (eod-demo); the ticket is of 2014-07-01.
const sell: TicketLine = {
  sequence: 1,
  symbol: 'KO',
  etoroSearchName: 'Coca-Cola',
  side: 'SELL',
  orderType: 'MARKET',
  valueBase: null,
  units: '10.123456',
  referencePrice: '42.36',
  referenceCurrency: 'USD',
  skipPrice: '42.15',
};
const buy: TicketLine = {
  sequence: 2,
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
const ticket: FillsTicket = {
  kind: 'TRADE',
  tradingDay: '2014-07-01',
  issuedAt: '2014-07-01T13:00:20.000Z',
  baseCurrency: 'GBP',
  fx: { pair: 'GBPUSD', date: '2014-06-30', rate: '1.7041' },
  window: { opensAt: '2014-07-01T13:35:00.000Z', closesAt: '2014-07-01T14:30:00.000Z' },
  maxPriceDeviation: 0.1,
  lines: [sell, buy],
};
const now = '2014-07-01T16:00:00Z';
const sold = {
  sequence: 1,
  internal_symbol: 'KO',
  side: 'SELL',
  executed_status: 'DONE',
  units: '10.123456',
  fill_price: '42.40',
  executed_value_base: '251.80',
  filled_at: '2014-07-01T15:41:00+01:00',
  notes: '',
};
const bought = {
  sequence: 2,
  internal_symbol: 'AAPL',
  side: 'BUY',
  executed_status: 'DONE',
  units: 4.5721,
  fill_price: 93.1,
  executed_value_base: 250,
  filled_at: '2014-07-01T14:45:30.5Z',
};
const skipped = {
  sequence: 2,
  internal_symbol: 'AAPL',
  side: 'BUY',
  executed_status: 'SKIPPED',
  notes: 'price above skip price',
};

const problems = (input: unknown, at = now, to = ticket): string[] => {
  const read = readFills(input, to, at);
  return 'problems' in read ? read.problems.map(({ field, value, rule }) => `${field}: ${value}: ${rule}`) : [];
};
const withBuy = (changes: object) => [sold, { ...bought, ...changes }];
const withSell = (changes: object) => [{ ...sold, ...changes }, bought];

describe('fills of a confirmation', () => {
  it('are read from a list, or an object with a list "fills", as text or as a value, and come by sequence', () => {
    const fills = parseFills([bought, sold], ticket, now);
    expect(fills).toEqual([
      {
        sequence: 1,
        internalSymbol: 'KO',
        side: 'SELL',
        executedStatus: 'DONE',
        units: '10.123456',
        fillPrice: '42.4',
        executedValueBase: '251.8',
        filledAt: '2014-07-01T14:41:00.000Z',
        notes: null,
      },
      {
        sequence: 2,
        internalSymbol: 'AAPL',
        side: 'BUY',
        executedStatus: 'DONE',
        units: '4.5721',
        fillPrice: '93.1',
        executedValueBase: '250',
        filledAt: '2014-07-01T14:45:30.500Z',
        notes: null,
      },
    ]);
    expect(parseFills({ ticket_id: 'x', fills: [sold, bought] }, ticket, now)).toEqual(fills);
    expect(parseFills(JSON.stringify([sold, bought]), ticket, now)).toEqual(fills);
    expect(parseFills(`\uFEFF{\n\t"fills": ${JSON.stringify([sold, bought], null, '\t')}\n}`, ticket, now)).toEqual(
      fills,
    );
  });

  it('accept a skipped line with its reason, and a part of a line', () => {
    expect(parseFills([sold, skipped], ticket, now)[1]).toMatchObject({
      units: null,
      executedValueBase: null,
      notes: 'price above skip price',
    });
    expect(
      problems(
        withBuy({ executed_status: 'PARTIAL', units: '2', executed_value_base: '109.26', notes: 'rest not filled' }),
      ),
    ).toEqual([]);
  });

  it('book the units of the line when the broker shows a sale rounded, so that a position sold whole comes to zero', () => {
    expect(parseFills(withSell({ units: '10.1235' }), ticket, now)[0]?.units).toBe('10.123456');
    expect(parseFills(withSell({ units: '10.1234' }), ticket, now)[0]?.units).toBe('10.123456');
    expect(parseFills(withSell({ units: '10.12', executed_value_base: '251.70' }), ticket, now)[0]?.units).toBe(
      '10.12',
    );
    const part = { executed_status: 'PARTIAL', units: '10.1234', notes: 'rest not filled' };
    expect(parseFills(withSell(part), ticket, now)[0]?.units).toBe('10.1234');
  });

  it('list every problem at once, each with field, value and rule', () => {
    expect(
      problems([
        { ...sold, units: '1,5', side: 'BUY' },
        { ...bought, sequence: 3, executed_status: 'OK' },
      ]),
    ).toEqual([
      'fills[0].units: "1,5": must be a plain number above 0 with at most 6 decimals, such as 12.5: no sign, comma, space or exponent',
      'fills[1].executed_status: "OK": must be DONE, PARTIAL, SKIPPED or FAILED',
      'fills[1].sequence: 3: must be a line of the ticket, 1 to 2',
      'fills: line 2, BUY AAPL: is not reported: every line of the ticket must be, SKIPPED when it was not traded',
    ]);
  });

  it('are refused with a usage error that says nothing was booked', () => {
    expect(() => parseFills([], ticket, now)).toThrow(OpsError);
    expect(() => parseFills([], ticket, now)).toThrow(/line 1, SELL KO: is not reported.*\n.*line 2, BUY AAPL/);
  });

  it.each<[string, unknown, string]>([
    ['line given twice', [sold, bought, bought], 'fills[2].sequence: 2: must be given once'],
    ['line left out', [sold], 'fills: line 2, BUY AAPL: is not reported'],
    [
      'another symbol',
      withBuy({ internal_symbol: 'aapl' }),
      'fills[1].internal_symbol: aapl: must be AAPL, as on line 2',
    ],
    ['another side', withBuy({ side: 'SELL' }), 'fills[1].side: SELL: must be BUY, as on line 2'],
    [
      'DONE without units',
      withBuy({ units: null }),
      'fills[1].units: nothing: is required when executed_status is DONE',
    ],
    ['DONE without price', withBuy({ fill_price: undefined }), 'fills[1].fill_price: nothing: is required'],
    [
      'DONE without value',
      withBuy({ executed_value_base: null }),
      'fills[1].executed_value_base: nothing: is required',
    ],
    ['DONE without time', withBuy({ filled_at: null }), 'fills[1].filled_at: nothing: is required'],
    [
      'PARTIAL without notes',
      withBuy({ executed_status: 'PARTIAL', notes: '  ' }),
      'fills[1].notes: nothing: is required when executed_status is PARTIAL',
    ],
    [
      'SKIPPED without notes',
      [sold, { ...skipped, notes: undefined }],
      'fills[1].notes: nothing: is required when executed_status is SKIPPED',
    ],
    [
      'SKIPPED with units',
      [sold, { ...skipped, units: '1' }],
      'fills[1].units: 1: must be left out when executed_status is SKIPPED',
    ],
    [
      'FAILED with a value',
      [sold, { ...skipped, executed_status: 'FAILED', executed_value_base: '1' }],
      'fills[1].executed_value_base: 1: must be left out when executed_status is FAILED',
    ],
    [
      'figures that do not belong together',
      withBuy({ units: '45.721' }),
      'fills[1].executed_value_base: 250: must be near 2497.87 GBP, what units × fill_price come to at 1.7041',
    ],
    [
      'before the trading day',
      withBuy({ filled_at: '2014-06-30T23:59:59+01:00' }),
      'fills[1].filled_at: 2014-06-30T22:59:59.000Z: must not be before the trading day, 2014-07-01',
    ],
    [
      'in the future',
      withBuy({ filled_at: '2014-07-01T16:00:01Z' }),
      'fills[1].filled_at: 2014-07-01T16:00:01.000Z: must not be in the future: it is 2014-07-01T16:00:00Z',
    ],
    [
      'time without offset',
      withBuy({ filled_at: '2014-07-01T14:41:00' }),
      'fills[1].filled_at: "2014-07-01T14:41:00": must be a time with offset',
    ],
    [
      'no such day',
      withBuy({ filled_at: '2014-07-32T14:41:00Z' }),
      'fills[1].filled_at: "2014-07-32T14:41:00Z": must be a time with offset',
    ],
    ['an unknown field', withBuy({ price: 1 }), 'fills[1]: ["price"]: must be a field of a fill'],
    [
      'a control character',
      withBuy({ notes: 'a\u0000b' }),
      'fills[1].notes: "a\\u0000b": must be plain text on one line',
    ],
    ['half a surrogate', withBuy({ notes: 'a\uD800b' }), 'fills[1].notes: "a\\ud800b": must be plain text on one line'],
    ['a sequence as text', withBuy({ sequence: '2' }), 'fills[1].sequence: "2": must be a line number'],
    ['no object', [sold, 7], 'fills[1]: 7: must be an object, one a ticket line'],
    ['no list', { lines: [] }, 'fills: {"lines":[]}: must be a list of fills'],
    ['nothing', '', 'fills: "": must not be empty'],
    ['white space', ' \n', 'must not be empty'],
    ['no JSON', '{fills', 'must be JSON:'],
    ['null', 'null', 'fills: null: must be a list of fills'],
    [
      'a key given twice',
      '[{"sequence": 1, "units": "1", "units": "2"}]',
      'must not give a key twice in one object (line 1, column 32)',
    ],
    ['too many', Array.from({ length: 2_000 }, () => sold), 'fills: 2000: must have at most 1000 items'],
  ])('refuse %s', (_name, input, expected) => {
    expect(problems(input)).toEqual(expect.arrayContaining([expect.stringContaining(expected)]));
  });

  it.each([
    'NaN',
    'Infinity',
    '-1',
    '+1',
    '0',
    '0.0',
    '1e3',
    '1E-2',
    '0x10',
    ' 1',
    '1 ',
    '1_000',
    '1,000',
    '.5',
    '5.',
    '00',
    '1.1234567',
    '１',
    '',
    true,
    {},
    1e21,
    1e-7,
    -3,
    '1000000001',
    '9'.repeat(500),
  ])('refuse %j as units', (units) => {
    expect(problems(withBuy({ units }))).toEqual([
      expect.stringMatching(/^fills\[1\]\.units: .*must be (a plain number|at most)/),
    ]);
  });

  it('are the same with zeros before a figure, as every other figure is', () => {
    const zeros = {
      units: '010.123456',
      fill_price: `00${String(sold.fill_price)}`,
      executed_value_base: `000${String(sold.executed_value_base)}`,
    };
    expect(parseFills(withSell(zeros), ticket, now)).toEqual(parseFills([sold, bought], ticket, now));
  });

  it('that say nothing are told everything that is missing, what became of each line first', () => {
    const nothing = { executed_status: '', units: null, notes: null };
    const { sequence, internal_symbol, side } = sold;
    expect(
      problems([
        { sequence, internal_symbol, side, ...nothing },
        { ...bought, executed_status: null },
      ]),
    ).toEqual([
      'fills[0].executed_status: "": must be DONE, PARTIAL, SKIPPED or FAILED',
      'fills[1].executed_status: null: must be DONE, PARTIAL, SKIPPED or FAILED',
      ...['units', 'fill_price', 'executed_value_base', 'filled_at'].map(
        (field) => `fills[0].${field}: null: must be given unless executed_status is SKIPPED or FAILED`,
      ),
    ]);
  });

  it('refuse a value with more than two decimals, and numbers that JSON cannot say', () => {
    expect(problems(withBuy({ executed_value_base: '250.001' }))[0]).toMatch(
      /^fills\[1\]\.executed_value_base: "250\.001": .*at most 2 decimals/,
    );
    for (const units of [Number.NaN, Number.POSITIVE_INFINITY, 1e308])
      expect(problems(withBuy({ units })).length).toBeGreaterThan(0);
  });

  it('refuse ten megabytes for their length, before anything reads them', () => {
    expect(problems('['.padEnd(10_000_000))).toEqual([expect.stringMatching(/must be at most 262144 bytes/)]);
  });

  it('are refused for a ticket that has none', () => {
    expect(problems([], now, { ...ticket, kind: 'NO_TRADE', lines: [] })).toEqual([
      'ticket: "NO_TRADE": has no lines to fill: acknowledge it with make confirm',
    ]);
  });

  it('need no rate in an account of the listing currency', () => {
    const dollars: FillsTicket = { ...ticket, baseCurrency: 'USD', fx: null, lines: [{ ...buy, sequence: 1 }] };
    const fill = { ...bought, sequence: 1, units: '2.6853', executed_value_base: '250' };
    expect(problems([fill], now, dollars)).toEqual([]);
    expect(problems([{ ...fill, units: '4.5721' }], now, dollars)[0]).toContain('must be near 425.66 USD');
  });

  it('never break on arbitrary input', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string(), fc.anything()), (input) => {
        const read = readFills(input, ticket, now);
        expect('problems' in read && read.problems.length > 0).toBe(true);
      }),
      { numRuns: 500 },
    );
    const broken = fc.record(
      Object.fromEntries(
        Object.keys(sold).map((key) => [key, fc.oneof(fc.constant(sold[key as keyof typeof sold]), fc.anything())]),
      ),
    );
    fc.assert(
      fc.property(broken, (item) => {
        const read = readFills([item, bought], ticket, now);
        expect('problems' in read || Array.isArray(deviationsOf(read.fills, ticket))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
