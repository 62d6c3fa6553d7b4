import { describe, expect, it } from 'vitest';
import { londonTime } from '../../src/domain/calendar/calendar.js';
import { dayOutcome, dayState, nextDeadline, waitingFor, type StoredDay } from '../../src/domain/day/state.js';

const nothing: StoredDay = {
  openedAt: '2026-11-23T08:00:00.000Z',
  reconciliation: null,
  ticket: null,
  confirmation: null,
  closedAt: null,
};
const ticket = {
  ticketId: 'T',
  kind: 'TRADE' as const,
  dryRun: false,
  codes: [],
  issuedAt: '2026-11-23T14:00:00.000Z',
  windowClosesAt: '2026-11-23T15:30:00.000Z',
};
const passed = { status: 'PASS' as const, at: '2026-11-23T09:00:00.000Z', codes: [] };

describe('the state of a day follows from what is stored', () => {
  it.each<[string, Partial<StoredDay>]>([
    ['open', {}],
    ['open', { reconciliation: { ...passed, status: 'FAIL', codes: ['CASH_DRIFT'] } }],
    ['reconciled', { reconciliation: passed }],
    ['ticketed', { reconciliation: passed, ticket }],
    [
      'confirmed',
      {
        reconciliation: passed,
        ticket,
        confirmation: { confirmationId: 'C', operator: 'ana', at: '2026-11-23T15:00:00.000Z' },
      },
    ],
    [
      'closed',
      {
        ticket,
        confirmation: { confirmationId: 'C', operator: 'ana', at: '2026-11-23T15:00:00.000Z' },
        closedAt: '2026-11-23T15:00:01.000Z',
      },
    ],
    ['closed', { reconciliation: passed, closedAt: '2026-11-23T16:00:00.000Z' }],
    ['ticketed', { ticket, closedAt: '2026-11-23T13:00:00.000Z' }],
  ])('%s', (state, stored) => {
    expect(dayState({ ...nothing, ...stored })).toBe(state);
  });

  it('says what it waits for in UK time, with the end of the window of a TRADE', () => {
    expect(waitingFor({ ...nothing, ticket }, londonTime)).toBe(
      'confirmation of ticket T, since 14:00, window closes 15:30',
    );
    expect(waitingFor(nothing, londonTime)).toBe('reconciliation with the broker');
  });

  it('names each reason code once in the outcome', () => {
    const noTrade = {
      ...ticket,
      kind: 'NO_TRADE' as const,
      codes: ['SYMBOL_UNVERIFIED', 'NOT_REBALANCE_DAY', 'SYMBOL_UNVERIFIED'],
    };
    expect(dayOutcome({ ...nothing, ticket: noTrade })).toBe('NO_TRADE: SYMBOL_UNVERIFIED, NOT_REBALANCE_DAY');
    expect(dayOutcome({ ...nothing, ticket: { ...ticket, dryRun: true } })).toBe('TRADE (dry run)');
    expect(dayOutcome(nothing)).toBeNull();
    expect(dayOutcome({ ...nothing, closedAt: '2026-11-23T16:00:00.000Z' })).toBe('MISSED');
  });
});

describe('deadlines of a confirmation', () => {
  const deadlines = ['2026-11-23T20:00:00.000Z', '2026-11-23T16:00:00.000Z', '2026-11-23T13:00:00.000Z'];

  it('come in order, after the ticket was issued, each once', () => {
    const day = { ...nothing, ticket };
    expect(nextDeadline(day, deadlines, [])).toBe('2026-11-23T16:00:00.000Z');
    expect(nextDeadline(day, deadlines, ['2026-11-23T16:00:00.000Z'])).toBe('2026-11-23T20:00:00.000Z');
    expect(nextDeadline(day, deadlines, deadlines)).toBeNull();
  });

  it('do not run before there is a ticket, nor after it is confirmed', () => {
    expect(nextDeadline(nothing, deadlines, [])).toBeNull();
    expect(
      nextDeadline(
        { ...nothing, ticket, confirmation: { confirmationId: 'C', operator: 'ana', at: '2026-11-23T15:00:00.000Z' } },
        deadlines,
        [],
      ),
    ).toBeNull();
  });
});
