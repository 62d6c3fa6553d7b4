import { describe, expect, it } from 'vitest';
import {
  answerCommandId,
  answerHash,
  linkOf,
  overtaken,
  refusalOfAnswer,
  ticketMeant,
  type AnsweredTicket,
  type EarlierAnswer,
} from '../../src/domain/confirmation/answer.js';
import { bookingOfFill } from '../../src/domain/confirmation/bookings.js';
import type { Fill } from '../../src/domain/confirmation/shape.js';
import { ticketStands, type StandingTicket } from '../../src/domain/decision/stands.js';
import { decideTicket } from '../../src/domain/decision/decide.js';
import { openingOf } from '../../src/domain/reconciliation/opening.js';
import { goodFacts } from './fixtures/facts-2014.js';

const fill: Fill = {
  sequence: 1,
  internalSymbol: 'KO',
  side: 'BUY',
  executedStatus: 'DONE',
  units: '2',
  fillPrice: '42',
  executedValueBase: '50',
  filledAt: '2014-07-01T23:30:00.000Z',
  notes: null,
};

describe('which ticket an answer is to', () => {
  const ticket: AnsweredTicket = { ticketId: 't1', account: 'main', tradingDay: '2014-07-01', kind: 'TRADE' };
  const told = (
    changes: Partial<AnsweredTicket> = {},
    answer: Partial<Parameters<typeof refusalOfAnswer>[2]> = {},
    live: string | null = 't1',
  ) => {
    const error = refusalOfAnswer({ ...ticket, ...changes }, live === null ? null : { ticketId: live }, {
      account: 'main',
      tradingDay: null,
      kind: 'FILLS',
      ...answer,
    });
    return error && [error.kind, error.code, error.message, error.remedy];
  };

  it('is the oldest open one, else the newest', () => {
    expect([ticketMeant(['a', 'b'], 'c'), ticketMeant([], 'c'), ticketMeant([], undefined)]).toEqual([
      'a',
      'c',
      undefined,
    ]);
  });

  it('may be answered with fills for a TRADE, and acknowledged for a NO_TRADE', () => {
    expect([
      told(),
      told({}, { tradingDay: '2014-07-01' }),
      told({}, {}, null),
      told({ kind: 'NO_TRADE' }, { kind: 'ACK' }),
    ]).toEqual([null, null, null, null]);
  });

  it('is of the account and the day', () => {
    expect(told({}, { tradingDay: '2014-07-02' })).toEqual([
      'refused',
      'TICKET_OF_ANOTHER_DAY',
      'ticket t1 is of 2014-07-01, account main, not of 2014-07-02, account main',
      undefined,
    ]);
    expect(told({}, { account: 'other' })).toEqual([
      'refused',
      'TICKET_OF_ANOTHER_DAY',
      'ticket t1 is of 2014-07-01, account main, not of 2014-07-01, account other',
      undefined,
    ]);
  });

  it('is not one that was superseded', () => {
    expect(told({}, {}, 't2')).toEqual([
      'refused',
      'TICKET_SUPERSEDED',
      'ticket t1 was superseded by t2: confirm that one',
      'trading-ops ticket show t2',
    ]);
  });

  it('is not acknowledged when it trades, nor filled when it does not', () => {
    expect(told({}, { kind: 'ACK' })).toEqual([
      'refused',
      'TICKET_IS_TRADE',
      'ticket t1 is a TRADE: report its fills (SKIPPED where nothing was done) with confirm-fills',
      'FILLS_JSON=/path/to/fills.json make confirm-fills',
    ]);
    expect(told({ kind: 'NO_TRADE' })).toEqual([
      'usage',
      'TICKET_IS_NO_TRADE',
      'ticket t1 is NO_TRADE and has nothing to fill: acknowledge it with make confirm',
      'make confirm',
    ]);
  });
});

describe('the chain of answers', () => {
  const earlier = (kind: 'ACK' | 'FILLS'): EarlierAnswer => ({
    confirmationId: 'c1',
    kind,
    contentHash: 'h1',
    operator: 'ann',
    confirmedAt: '2014-07-01T15:00:00Z',
  });

  it('begins, repeats, or goes on by an amendment', () => {
    expect([
      linkOf(null, 'h1', false),
      linkOf(null, 'h1', true),
      linkOf(earlier('FILLS'), 'h1', false),
      linkOf(earlier('FILLS'), 'h1', true),
      linkOf(earlier('FILLS'), 'h2', true),
    ]).toEqual([
      { repeats: false, amends: null },
      { repeats: false, amends: null },
      { repeats: true },
      { repeats: true },
      { repeats: false, amends: 'c1' },
    ]);
  });

  it.each([
    ['ACK', 'acknowledged it'],
    ['FILLS', 'reported other fills'],
  ] as const)('refuses another answer after %s', (kind, what) => {
    expect(() => linkOf(earlier(kind), 'h2', false)).toThrow(
      expect.objectContaining({
        kind: 'refused',
        code: 'ALREADY_CONFIRMED_DIFFERENTLY',
        message: `ann ${what} at 2014-07-01T15:00:00Z (confirmation c1); to correct that, confirm again with --amend`,
      }),
    );
  });

  it('tells whoever amends what is in force no longer who amended it, and what to do', () => {
    expect(overtaken({ ...earlier('FILLS'), confirmationId: 'c2' })).toMatchObject({
      kind: 'refused',
      code: 'ALREADY_CONFIRMED_DIFFERENTLY',
      message: expect.stringContaining('ann amended it at 2014-07-01T15:00:00Z (confirmation c2)') as string,
      remedy: expect.stringContaining('nothing was booked: look at what counts now') as string,
    });
  });

  it('knows an answer by its kind and every fill, and a message by its ticket and whether it amends', () => {
    const content = { kind: 'FILLS' as const, fills: [fill] };
    const hashes = [
      content,
      { ...content, kind: 'ACK' as const },
      { ...content, fills: [] },
      { ...content, fills: [{ ...fill, units: '3' }] },
    ].map(answerHash);
    expect(new Set(hashes).size).toBe(4);
    const ids = [
      answerCommandId('t1', content, false),
      answerCommandId('t2', content, false),
      answerCommandId('t1', content, true),
      answerCommandId('t1', { ...content, kind: 'ACK' }, false),
      answerCommandId('t1', { ...content, fills: [] }, false),
    ];
    expect(new Set(ids).size).toBe(5);
    expect(answerCommandId('t1', { ...content }, false)).toBe(ids[0]);
  });
});

describe('what a fill books', () => {
  it('is what was executed, on the UK day it was', () => {
    expect(bookingOfFill(fill, 'GBP')).toEqual({
      kind: 'FILL',
      effectiveDate: '2014-07-02',
      description: 'BUY 2 KO for 50.00 GBP',
      symbol: 'KO',
      postings: [
        { account: 'Assets:Units', commodity: 'KO', amount: '2' },
        { account: 'Equity:Trading', commodity: 'KO', amount: '-2' },
        { account: 'Assets:Cash', commodity: 'GBP', amount: '-50' },
        { account: 'Equity:Trading', commodity: 'GBP', amount: '50' },
      ],
    });
  });

  it('is nothing where nothing was', () => {
    expect(
      [{ units: null }, { executedValueBase: null }, { filledAt: null }].map((missing) =>
        bookingOfFill({ ...fill, ...missing }, 'GBP'),
      ),
    ).toEqual([null, null, null]);
  });
});

describe('the ticket that stands', () => {
  const { material: trade } = decideTicket(goodFacts());
  const { material: no } = decideTicket(goodFacts({ mode: 'off' }));
  const { material: later } = decideTicket(goodFacts({ mode: 'off', at: '2014-07-01T14:30:01Z' }));
  const live: StandingTicket = { kind: 'NO_TRADE', confirmed: false, runId: 'r1', material: no };
  const stands = (changes: Partial<StandingTicket>, material = trade, runId = 'r2') =>
    ticketStands({ ...live, ...changes }, { runId, material });

  it('gives way to a new decision of another run', () => {
    expect(stands({})).toBe(false);
  });

  it('stays when it is confirmed, a TRADE, of the same run, the same, or the same but for the clock', () => {
    expect([
      stands({ confirmed: true }),
      stands({ kind: 'TRADE' }),
      stands({}, trade, 'r1'),
      stands({}, no),
      stands({}, later),
    ]).toEqual([true, true, true, true, true]);
  });
});

describe('the opening of an empty ledger', () => {
  const opening = (changes: object = {}) =>
    openingOf(
      { snapshotDate: '2014-07-01', cash: '100', positions: { KO: '2', AAPL: '1' }, notes: null, ...changes },
      { baseCurrency: 'GBP', asOfDate: '2014-06-30', universe: [{ internalSymbol: 'AAPL' }, { internalSymbol: 'KO' }] },
    );
  const empty = (why: string) => ({ draft: null, text: `The ledger is empty and stays so: ${why}.` });

  it('is what the snapshot shows, of the as-of date or later', () => {
    expect(opening()).toEqual({
      held: 2,
      draft: {
        kind: 'OPENING',
        effectiveDate: '2014-07-01',
        description: 'Opening from the snapshot of 2014-07-01',
        symbol: null,
        postings: [
          { account: 'Assets:Cash', commodity: 'GBP', amount: '100' },
          { account: 'Equity:Opening', commodity: 'GBP', amount: '-100' },
          { account: 'Assets:Units', commodity: 'AAPL', amount: '1' },
          { account: 'Equity:Opening', commodity: 'AAPL', amount: '-1' },
          { account: 'Assets:Units', commodity: 'KO', amount: '2' },
          { account: 'Equity:Opening', commodity: 'KO', amount: '-2' },
        ],
      },
    });
    expect(opening({ snapshotDate: '2014-06-30' })).toHaveProperty('draft.effectiveDate', '2014-06-30');
    expect(opening({ positions: {} })).toHaveProperty('held', 0);
  });

  it('stays out where it could not be valued, or shows nothing', () => {
    expect(opening({ snapshotDate: '2014-06-29' })).toEqual(empty('the snapshot must be of 2014-06-30 or later'));
    expect(opening({ positions: { GME: '1', KO: '1', BBBY: '1' } })).toEqual(empty('GME, BBBY not in the universe'));
    expect(opening({ positions: { GME: '1', KO: '1' } })).toEqual(empty('GME not in the universe'));
    expect(opening({ cash: '0', positions: {} })).toEqual(empty('the snapshot shows neither cash nor positions'));
  });
});
