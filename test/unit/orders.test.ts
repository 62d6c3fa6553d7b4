import { describe, expect, it } from 'vitest';
import { ordersStand } from '../../src/domain/confirmation/orders.js';

const ticket = { windowOpensAt: '2018-05-07T13:35:00.000Z', windowClosesAt: '2018-05-07T14:30:00.000Z' };

describe('orders of a ticket', () => {
  it.each([
    ['a moment before the window', '2018-05-07T13:34:59.999Z', false, 'early'],
    ['as it opens', '2018-05-07T13:35:00.000Z', false, 'open'],
    ['as it closes', '2018-05-07T14:30:00.000Z', false, 'open'],
    ['a moment after', '2018-05-07T14:30:00.001Z', false, 'over'],
    ['in the window of a stopped account', '2018-05-07T14:00:00.000Z', true, 'stopped'],
    ['before the window of a stopped account', '2018-05-07T13:00:00.000Z', true, 'stopped'],
    ['after the window of a stopped account', '2018-05-07T15:00:00.000Z', true, 'over'],
  ] as const)('%s', (_when, at, isStopped, stands) => {
    expect(ordersStand(ticket, at, { isStopped, isGroundless: false })).toBe(stands);
    // Whoever wrote a ticket around the program has none of its orders placed, whatever else stands.
    expect(ordersStand(ticket, at, { isStopped, isGroundless: true })).toBe(stands === 'over' ? 'over' : 'groundless');
  });

  it('without a window are open until trading is stopped', () => {
    const none = { windowOpensAt: null, windowClosesAt: null };
    expect(ordersStand(none, '2018-05-07T03:00:00.000Z', { isStopped: false, isGroundless: false })).toBe('open');
    expect(ordersStand(none, '2018-05-07T03:00:00.000Z', { isStopped: true, isGroundless: false })).toBe('stopped');
  });
});
