import { D, toText } from '../money.js';
import { dateOf, dayNumber } from '../dates.js';
import type { DriftLine } from './compare.js';
import type { DriftContext } from './drift-context.js';
import { forgotten, isGone } from './explain-moved.js';
import type { Explanation } from './proposal.js';

/** What was paid for shares differs from what they were worth at the newest close by less than this fraction. */
const WORTH_OFF = '0.3';
/** A fraction of a share may be priced days away from its newest close: half as much or twice. */
const FRACTION_OFF = ['0.5', '2'] as const;

/** Whether cash is about what so many units are worth. */
function isWorth(cash: string, units: string, worth: string | null, [least, most]: readonly [string, string]): boolean {
  if (worth === null) return false;
  const value = D(units).times(D(worth));
  return value.gt(0) && D(cash).gte(value.times(D(least))) && D(cash).lte(value.times(D(most)));
}

/**
 * A position that is gone while about its worth in cash has come: bought out, or sold outside a ticket. Null where it
 * is not so.
 */
export function proceedsOf(line: DriftLine, cash: DriftLine | undefined, context: DriftContext): Explanation[] | null {
  const { symbol } = line;
  if (!cash || symbol === null || !isGone(line)) return null;
  const bounds = [toText(D(1).minus(D(WORTH_OFF))), toText(D(1).plus(D(WORTH_OFF)))] as const;
  if (!isWorth(cash.drift, line.ledger, context.worthOf(symbol), bounds)) return null;
  const net = D(cash.drift).toFixed(2);
  const number = (at: number) => ({ drift: symbol, number: at, of: 2 });
  return [
    {
      kind: 'CASH_MERGER',
      subject: symbol,
      cash: net,
      text:
        `${symbol} is gone and ${net} ${context.baseCurrency} came, about what ${line.ledger} were worth: ` +
        'bought out for cash, if eToro says so',
      proposal: { kind: 'BOOK_CASH_MERGER', symbol, date: context.snapshotDate, net },
      way: number(1),
    },
    { ...forgotten([line], false, context), way: number(2) },
  ];
}

/** A symbol whose newest close is so many days older than today's prices is traded no more. */
const TRADED_DAYS = 7;

/**
 * A position that is gone and whose prices have ended: forgotten, or delisted, for what came or for nothing. Null where
 * it is still traded, or nobody knows.
 */
export function delistedOf(
  line: DriftLine,
  cash: DriftLine | undefined,
  context: DriftContext,
): { explanations: Explanation[]; takesCash: boolean } | null {
  const { symbol } = line;
  const last = symbol === null ? undefined : context.lastClose?.(symbol);
  const ended = dateOf(dayNumber(context.asOfDate) - TRADED_DAYS);
  if (symbol === null || !isGone(line) || !last || last >= ended) return null;
  const takesCash = cash !== undefined && cash.code !== null && D(cash.drift).gt(0);
  const net = takesCash ? D(cash.drift).toFixed(2) : null;
  const { snapshotDate: date, baseCurrency } = context;
  const number = (at: number) => ({ drift: symbol, number: at, of: 2 });
  const paidOut = net === null ? 'nothing' : `${net} ${baseCurrency}`;
  return {
    takesCash,
    explanations: [
      { ...forgotten([line], false, context), way: number(1) },
      {
        kind: 'DELISTING',
        subject: symbol,
        cash: net ?? '0',
        text:
          `${symbol} is gone, and its prices end on ${last}: delisted, and ${paidOut} came for ${line.ledger}, ` +
          'if eToro says so',
        proposal: { kind: 'BOOK_DELISTING', symbol, date, net },
        way: number(2),
      },
    ],
  };
}

/**
 * A fraction of a share that became cash: the broker shows whole shares, the ledger so many and a fraction.
 * @param left units that are missing, below zero. @param has units of the ledger once what else is known is booked.
 */
export function cashInLieuOf(
  { symbol, left, has }: { symbol: string; left: string; has: string },
  cash: DriftLine | undefined,
  context: DriftContext,
): Explanation | null {
  const fraction = D(left).neg();
  const whole = D(has).minus(fraction);
  if (!cash || !D(cash.drift).gt(0) || !fraction.gt(0) || fraction.gte(1) || !whole.eq(whole.floor())) return null;
  if (!isWorth(cash.drift, toText(fraction), context.worthOf(symbol), FRACTION_OFF)) return null;
  const net = D(cash.drift).toFixed(2);
  return {
    kind: 'CASH_IN_LIEU',
    subject: symbol,
    cash: net,
    text: `a fraction of ${toText(fraction)} ${symbol} was paid out: ${net} ${context.baseCurrency} came for it`,
    proposal: { kind: 'BOOK_CASH_IN_LIEU', symbol, date: context.snapshotDate, units: toText(fraction), net },
  };
}
