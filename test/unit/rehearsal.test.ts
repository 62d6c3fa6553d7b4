import { describe, expect, it } from 'vitest';
import { rehearsalStep } from '../../src/domain/day/rehearsal.js';
import type { DayState } from '../../src/domain/day/state.js';

const TUESDAY = '2018-05-08';
const day = (state: DayState, isTrade = false) => ({ tradingDay: TUESDAY, state, isTrade });

describe('what a rehearsal does next', () => {
  it.each([
    ['before the first day, early', null, '2018-05-08T05:00:00Z', { clock: '2018-05-08T07:00:00.000Z' }],
    ['before the first day, late', null, '2018-05-08T10:00:00Z', { run: '0800', tradingDay: TUESDAY }],
    ['before the first day, on a Sunday', null, '2018-05-06T10:00:00Z', { clock: '2018-05-07T07:00:00.000Z' }],
    ['closed', day('closed'), '2018-05-08T15:00:00Z', { clock: '2018-05-09T07:00:00.000Z' }],
    ['closed, and the next is there', day('closed'), '2018-05-09T07:00:00Z', { run: '0800', tradingDay: '2018-05-09' }],
    ['closed, a weekend later', day('closed'), '2018-05-12T07:00:00Z', { clock: '2018-05-14T07:00:00.000Z' }],
    ['open', day('open'), '2018-05-08T07:00:00Z', null],
    ['reconciled', day('reconciled'), '2018-05-08T08:00:00Z', { clock: '2018-05-08T13:00:00.000Z' }],
    ['reconciled at 14:00', day('reconciled'), '2018-05-08T13:00:00Z', { run: '1400', tradingDay: TUESDAY }],
    ['a NO_TRADE', day('ticketed'), '2018-05-08T13:00:00Z', null],
    ['a TRADE before its window', day('ticketed', true), '2018-05-08T13:00:00Z', { clock: '2018-05-08T13:41:00.000Z' }],
    ['a TRADE in its window', day('ticketed', true), '2018-05-08T13:35:00Z', null],
    ['confirmed', day('confirmed', true), '2018-05-08T13:50:00Z', null],
  ] as const)('%s', (_, stands, at, expected) => {
    expect(rehearsalStep(stands, at)).toEqual(expected);
  });
});
