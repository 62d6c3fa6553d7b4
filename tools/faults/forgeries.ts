import { randomUUID } from 'node:crypto';
import type { ConfirmCommand, ReconcileCommand } from '../../src/contract/day-messages.js';
import { dateOf, dayNumber } from '../../src/domain/dates.js';
import { D } from '../../src/domain/money.js';
import type { Forgery } from './kinds.js';
import type { Sent } from './messages.js';

type Fields = Record<string, unknown>;

/**
 * What is sent in place of a true message, on the ground of it; null when this forgery is of another message (a wrong
 * side of an acknowledgement).
 */
export function forged({ step, command }: Sent, what: Forgery, ofYesterday: ConfirmCommand | null): unknown {
  if (what === 'not an object') return 'confirm everything';
  if (what === 'deep nonsense') return nested(60);
  if (what === 'unsigned') {
    const { signature: _taken, ...unsigned } = command;
    return { ...unsigned, commandId: anotherId(step) };
  }
  if (what === 'unknown operator') return { ...command, commandId: anotherId(step), operator: 'mallory' };
  return step === 'reconcile'
    ? forgedSnapshot(command as ReconcileCommand, what)
    : forgedAnswer(command as ConfirmCommand, what, ofYesterday);
}

// An answer's id is a hash of its content, a snapshot's is any.
const anotherId = (step: Sent['step']): string =>
  step === 'confirm' ? `${randomUUID()}${randomUUID()}`.replaceAll('-', '') : `forged-${randomUUID()}`;

const nested = (depth: number): unknown => (depth === 0 ? {} : { cash: nested(depth - 1) });

function forgedSnapshot(command: ReconcileCommand, what: Forgery): unknown {
  const own = { ...command, commandId: `forged-${randomUUID()}` };
  const next = dateOf(dayNumber(command.snapshotDate) + 1);
  switch (what) {
    case 'changed after it was signed':
      return { ...own, cash: D(command.cash).plus('0.01').toFixed(2) };
    case 'snapshot of tomorrow':
      return { ...own, snapshotDate: next };
    case 'negative cash':
      return { ...own, cash: '-1.00' };
    case 'not a number':
      return { ...own, cash: 'NaN' };
    case 'too large a number':
      return { ...own, cash: '1e308' };
    case 'comma for a point':
      return { ...own, cash: '1,5' };
    case 'forty decimals':
      return { ...own, positions: { AAPL: `0.${'1'.repeat(40)}` } };
    case 'negative units':
      return { ...own, positions: { AAPL: '-1' } };
    default:
      return null;
  }
}

function forgedAnswer(command: ConfirmCommand, what: Forgery, ofYesterday: ConfirmCommand | null): unknown {
  const own = { ...command, commandId: anotherId('confirm') };
  if (what === 'unknown ticket') return { ...own, ticketId: randomUUID() };
  if (what === 'ticket of yesterday') return ofYesterday && { ...own, ticketId: ofYesterday.ticketId };
  if (what === 'filled in the future') return withFills(own, (fill) => ({ ...fill, filledAt: '2099-01-05T15:00:00Z' }));
  if (what === 'no fills') return command.kind === 'FILLS' ? { ...own, fills: [] } : null;
  if (what === 'line twice')
    return command.kind === 'FILLS' ? { ...own, fills: [...command.fills, command.fills[0]] } : null;
  const change = CHANGED_FILL[what];
  return change ? withFills(own, change) : null;
}

/** Those whose signature is what is wrong with them. */
export const OF_SIGNATURES: readonly Forgery[] = ['unsigned', 'changed after it was signed'];

const CHANGED_FILL: Partial<Record<Forgery, (fill: Fields) => Fields>> = {
  'changed after it was signed': (fill) => ({ ...fill, notes: 'one word more' }),
  'wrong side': (fill) => ({ ...fill, side: fill['side'] === 'BUY' ? 'SELL' : 'BUY' }),
  'wrong symbol': (fill) => ({ ...fill, internalSymbol: fill['internalSymbol'] === 'KO' ? 'V' : 'KO' }),
  'more than ordered': (fill) => ({ ...fill, units: '900000', executedValueBase: '90000000.00' }),
  'negative units': (fill) => ({ ...fill, units: '-1' }),
  'not a number': (fill) => ({ ...fill, units: 'NaN' }),
  'too large a number': (fill) => ({ ...fill, fillPrice: '1e308' }),
  'comma for a point': (fill) => ({ ...fill, executedValueBase: '1,5' }),
  'forty decimals': (fill) => ({ ...fill, units: `0.${'1'.repeat(40)}` }),
};

/** The first line that was filled is changed; null where none was. */
function withFills(command: ConfirmCommand, change: (fill: Fields) => Fields): unknown {
  const at = command.fills.findIndex(({ executedStatus }) => executedStatus === 'DONE');
  if (at < 0) return null;
  // What the operator owns is of the true message.
  const { acceptDeviation: _owned, ...own } = command;
  return {
    ...own,
    fills: command.fills.map((fill, index) => (index === at ? change(fill as unknown as Fields) : fill)),
  };
}
