import type { Decimal } from '../money.js';
import type { IsoDate } from '../types.js';
import type { Explanation } from './proposal.js';

export interface MovementContext {
  baseCurrency: string;
  snapshotDate: IsoDate;
}

/** Transfers are usually round: a multiple of this. */
export const ROUND = 50;
/**
 * What the procedure calls small (docs/RECONCILIATION_SOP.md, section 4): the broker takes fees and pays interest of
 * up to so much.
 */
export const SMALL = 50;
/** Interest on a balance is paid by the month: beyond 12 % a year of it, it is none. */
const INTEREST_MAX = '0.01';

export const nearestRound = (amount: Decimal): Decimal => amount.div(ROUND).toDecimalPlaces(0).times(ROUND);
export const isRound = (amount: Decimal): boolean => amount.mod(ROUND).isZero();

/** Whether cash may have moved by a fee or by interest. @param balance that the interest would be on. */
export const isSmall = (amount: Decimal, balance: Decimal): boolean =>
  !isRound(amount) && (amount.abs().lte(SMALL) || (amount.gt(0) && amount.lte(balance.times(INTEREST_MAX))));

/** Money paid in or out. */
export function transfer(amount: Decimal, context: MovementContext): Explanation {
  const kind = amount.gt(0) ? 'DEPOSIT' : 'WITHDRAWAL';
  return movement(kind, `a ${kind.toLowerCase()}`, '', { amount, context });
}

/** What the broker took, or paid on the balance. */
export const feeOrInterest = (amount: Decimal, context: MovementContext): Explanation =>
  movement(
    amount.gt(0) ? 'INTEREST' : 'FEE',
    amount.gt(0) ? 'interest' : 'a fee',
    '; it counts in performance, a transfer does not',
    { amount, context },
  );

function movement(
  kind: 'DEPOSIT' | 'WITHDRAWAL' | 'INTEREST' | 'FEE',
  what: string,
  remark: string,
  { amount, context }: { amount: Decimal; context: MovementContext },
): Explanation {
  const money = amount.abs().toFixed(2);
  const side = amount.gt(0) ? 'surplus' : 'shortfall';
  return {
    kind,
    subject: null,
    cash: amount.toFixed(2),
    proposal: { kind: `BOOK_${kind}`, amount: money, date: context.snapshotDate },
    text: `${what} of ${money} ${context.baseCurrency} that was not booked would explain the ${side} of cash${remark}`,
  };
}
