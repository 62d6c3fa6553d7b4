import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideTicket } from '../../src/domain/decision/decide.js';
import { D } from '../../src/domain/money.js';
import {
  buildMaterial,
  isOnlyLater,
  materialHash,
  sameDecision,
  skipPrice,
  ticketId,
  withSupersedes,
} from '../../src/domain/decision/ticket.js';
import {
  failureInstructions,
  fillsTemplate,
  lineInstructions,
  orderText,
} from '../../src/domain/decision/instructions.js';
import type { TicketLine } from '../../src/domain/types.js';
import { goodFacts } from './fixtures/facts-2014.js';

const { material } = decideTicket(goodFacts());
const sell: TicketLine = {
  sequence: 1,
  symbol: 'KO',
  etoroSearchName: 'Coca-Cola',
  side: 'SELL',
  orderType: 'MARKET',
  valueBase: null,
  units: '2.500000',
  referencePrice: '42.36',
  referenceCurrency: 'USD',
  skipPrice: '42.15',
};

describe('material hash and ticket id', () => {
  it('are pinned: another value for these facts would be another ticket on another version', () => {
    const hash = materialHash(material);
    expect(hash).toMatchInlineSnapshot(`"129312a394303039f51ffa2e1aeb8cacd235fb981378e3c125c28111cefb6692"`);
    expect(ticketId('main', '2014-07-01', hash)).toMatchInlineSnapshot(`"2f6ac848-a08d-5796-89a0-06e84c012331"`);
  });

  it('do not depend on the order of keys, and change with every figure', () => {
    const backwards = Object.fromEntries(Object.entries(material).toReversed()) as typeof material;
    expect(materialHash(backwards)).toBe(materialHash(material));
    const [line, ...rest] = material.lines;
    const dearer = { ...material, lines: line ? [{ ...line, valueBase: '787.29' }, ...rest] : [] };
    expect(materialHash(dearer)).not.toBe(materialHash(material));
  });

  it('differ by account, day and hash, and are version 5', () => {
    const hash = materialHash(material);
    const ids = [
      ticketId('main', '2014-07-01', hash),
      ticketId('other', '2014-07-01', hash),
      ticketId('main', '2014-07-02', hash),
      ticketId('main', '2014-07-01', 'f'.repeat(64)),
    ];
    expect(new Set(ids).size).toBe(4);
    expect(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(
      true,
    );
  });

  it('know the same decision whatever it takes the place of', () => {
    const next = withSupersedes(material, '00000000-0000-4000-8000-000000000009');
    expect(materialHash(next)).not.toBe(materialHash(material));
    expect(sameDecision(next, material)).toBe(true);
    expect(withSupersedes(next, null)).toEqual(material);
    expect(sameDecision({ ...material, policyHash: 'c'.repeat(64) }, material)).toBe(false);
  });
});

describe('material', () => {
  const no = decideTicket(goodFacts({ mode: 'off' })).material;
  const later = {
    ...no,
    reasons: [{ gate: 'calendar', code: 'WINDOW_PASSED', subject: '2014-07-01' } as const, ...no.reasons],
  };

  it('says the same a little later when only the window has passed, and only a NO_TRADE can', () => {
    expect([isOnlyLater(no, later), isOnlyLater(later, no), isOnlyLater(no, no)]).toEqual([true, true, true]);
    expect([isOnlyLater(material, material), isOnlyLater(material, no), isOnlyLater(no, material)]).toEqual([
      false,
      false,
      false,
    ]);
    expect(isOnlyLater(no, { ...later, reasons: later.reasons.slice(0, 1) })).toBe(false);
    expect(isOnlyLater(no, { ...no, policyHash: 'c'.repeat(64) })).toBe(false);
  });

  it('has each gate, code and subject once, sorted, with or without a subject', () => {
    const failed = (gate: 'calendar' | 'risk', reasons: [string, string | null][]) =>
      ({
        gate,
        status: 'FAIL',
        evidence: {},
        reasons: reasons.map(([code, subject]) => ({ code, subject, message: 'x', evidence: {} })),
      }) as const;
    const gates = [
      failed('risk', [
        ['TURNOVER', null],
        ['MAX_WEIGHT', 'KO'],
        ['MAX_WEIGHT', 'AAPL'],
        ['MAX_WEIGHT', 'KO'],
        ['CASH_BUFFER', null],
        ['LEVERAGE', null],
      ]),
      failed('calendar', [['WINDOW_PASSED', null]]),
    ];
    expect(buildMaterial(goodFacts(), gates, null).reasons).toEqual([
      { gate: 'calendar', code: 'WINDOW_PASSED', subject: null },
      { gate: 'risk', code: 'CASH_BUFFER', subject: null },
      { gate: 'risk', code: 'LEVERAGE', subject: null },
      { gate: 'risk', code: 'MAX_WEIGHT', subject: 'AAPL' },
      { gate: 'risk', code: 'MAX_WEIGHT', subject: 'KO' },
      { gate: 'risk', code: 'TURNOVER', subject: null },
    ]);
  });

  it('gives units with six places, and names no line whose quote or search name is unknown', () => {
    const facts = goodFacts();
    const line = {
      symbol: 'KO',
      side: 'SELL',
      value: D('10.2'),
      units: D('0.5'),
      closes: false,
      opens: false,
    } as const;
    const quotes = new Map([['KO', { price: '42.36', currency: 'USD', fx: '1.7', date: '2014-06-30' }]]);
    expect(buildMaterial(facts, [], { lines: [line], quotes, window: null }).lines[0]).toMatchObject({
      units: '0.500000',
      valueBase: null,
    });
    expect(() => buildMaterial(facts, [], { lines: [line], quotes: new Map(), window: null })).toThrow(
      'line KO has no quote or search name',
    );
    expect(() => buildMaterial({ ...facts, universe: [] }, [], { lines: [line], quotes, window: null })).toThrow(
      'line KO has no quote or search name',
    );
  });
});

describe('skip price', () => {
  it('is 50 bps from the close, cut to the cent towards the close', () => {
    expect(skipPrice('BUY', '190.04', 50)).toBe('190.99'); // 190.9902
    expect(skipPrice('SELL', '190.04', 50)).toBe('189.09'); // 189.0898
    expect(skipPrice('BUY', '517.9599', 50)).toBe('520.54'); // 520.5496995
    expect(skipPrice('SELL', '517.9599', 50)).toBe('515.38'); // 515.3701005
  });

  it('never lets the operator pay more, or get less, than the slippage allows', () => {
    const cents = fc.integer({ min: 100, max: 100_000_000 }).map((value) => D(value).div(10_000).toFixed());
    fc.assert(
      fc.property(cents, fc.integer({ min: 0, max: 1_000 }), (close, bps) => {
        const [buy, sold] = [D(skipPrice('BUY', close, bps)), D(skipPrice('SELL', close, bps))];
        expect(
          buy.lte(
            D(close)
              .times(10_000 + bps)
              .div(10_000),
          ),
        ).toBe(true);
        expect(
          sold.gte(
            D(close)
              .times(10_000 - bps)
              .div(10_000),
          ),
        ).toBe(true);
        expect(buy.decimalPlaces() <= 2 && sold.decimalPlaces() <= 2).toBe(true);
      }),
    );
  });
});

describe('instructions of a line', () => {
  it('say what to order, by the exact name and size', () => {
    expect(orderText(sell, 'GBP')).toBe(
      '1. SELL 2.500000 units of "Coca-Cola" (KO), market order, underlying stock, x1',
    );
    expect(material.lines.map((line) => orderText(line, 'GBP'))[0]).toBe(
      '1. BUY 787.28 GBP of "Apple" (AAPL), market order, underlying stock, x1',
    );
  });

  it('give the slippage rule as a price and the reference it comes from', () => {
    expect(lineInstructions(sell, material)).toMatchObject({
      skipRule: 'skip if the price is below 42.15 USD',
      reference: 'close of 2014-06-30: 42.36 USD; GBPUSD 1.704055 of 2014-06-30',
    });
    expect(lineInstructions(sell, { ...material, fx: null, baseCurrency: 'USD' }).reference).toBe(
      'close of 2014-06-30: 42.36 USD',
    );
    expect(material.lines.map((line) => lineInstructions(line, material).skipRule)[0]).toBe(
      'skip if the price is above 93.39 USD',
    );
  });

  it('say what to do and record when the line cannot be executed', () => {
    const all = failureInstructions(sell, 'GBP')
      .map(({ when, action }) => `${when}: ${action}`)
      .join('\n');
    expect(all).toMatch(/below 42\.15 USD: do not trade; record SKIPPED/);
    expect(all).toMatch(/only as a CFD.*: do not trade; record FAILED with the note "CFD only"/);
    expect(all).toMatch(/"Coca-Cola" is not found.*: do not trade; record FAILED with the note "not found"/);
    expect(all).toMatch(/2\.500000 units is below its minimum size: do not trade; record FAILED/);
    expect(all).toMatch(/only a part is executed: .*record PARTIAL/);
  });

  it('come with a fills file to complete, one item a line', () => {
    expect(fillsTemplate([sell])).toEqual([
      {
        sequence: 1,
        internal_symbol: 'KO',
        side: 'SELL',
        executed_status: '',
        units: '2.5',
        fill_price: null,
        executed_value_base: null,
        filled_at: null,
        notes: '',
      },
    ]);
  });
});
