import { US_WITHHOLDING } from '../ledger/withholding.js';
import { D, toText, type Decimal } from '../money.js';
import type { CorporateAction, DecimalString, IsoDate } from '../types.js';
import type { Explanation } from './proposal.js';

export interface CashContext {
  baseCurrency: string;
  snapshotDate: IsoDate;
}

/** A dividend that may have arrived without being booked; amounts in base currency, pennies. */
export interface DividendCandidate {
  action: CorporateAction;
  units: Decimal;
  fx: DecimalString;
  gross: Decimal;
  net: Decimal;
}

/** Dividends that arrived together: all after the usual withholding, or all without, for a broker does one or the other. */
interface Choice {
  chosen: DividendCandidate[];
  as: 'net' | 'gross';
  sum: Decimal;
  /** Drift that they leave. */
  left: Decimal;
}

/** 2^10 combinations are a matter of milliseconds; what matters are the newest dividends. */
const CANDIDATES_MAX = 10;
/** Transfers are usually round: what is left after dividends is taken for one when it is a multiple of this. */
const ROUND = 50;
/** A broker's rate differs from the reference rate by less than this fraction. */
const RATE_DIFFERENCE = '0.01';

/**
 * Explains cash drift by dividends nobody booked and a transfer. In this order: the fewest dividends that come to the
 * drift but for the broker's rate; that leave a round amount, which then is a transfer; that leave no more than `slack`;
 * else all of it is a transfer.
 */
export function explainCash(
  drift: Decimal,
  slack: Decimal,
  candidates: readonly DividendCandidate[],
  context: CashContext,
): Explanation[] {
  if (drift.abs().lte(slack)) return [];
  const choices = choicesOf(drift, candidates.slice(0, CANDIDATES_MAX));
  const exact = fewest(choices.filter(({ left, sum }) => left.abs().lte(rateSlack(sum))));
  const round = fewest(
    choices.filter(
      ({ left, sum, as }) =>
        as === 'net' && nearestRound(left).abs().gt(0) && left.minus(nearestRound(left)).abs().lte(rateSlack(sum)),
    ),
  );
  const near = fewest(choices.filter(({ left, as }) => as === 'net' && left.abs().lte(slack)));
  const best = exact ?? round ?? near;
  if (!best) return [transfer(drift, context)];
  const dividends = best.chosen.map((candidate) => dividendExplanation(candidate, best.as, context.baseCurrency));
  // A round transfer is meant round: the pennies are the broker's rate.
  return exact || !round ? dividends : [...dividends, transfer(nearestRound(best.left), context)];
}

function choicesOf(drift: Decimal, candidates: readonly DividendCandidate[]): Choice[] {
  const subsets = candidates.reduce<DividendCandidate[][]>(
    (all, candidate) => [...all, ...all.map((chosen) => [...chosen, candidate])],
    [[]],
  );
  return subsets
    .filter((chosen) => chosen.length > 0)
    .flatMap((chosen) =>
      (['net', 'gross'] as const).map((as) => {
        const sum = chosen.reduce((total, candidate) => total.plus(candidate[as]), D(0));
        return { chosen, as, sum, left: drift.minus(sum) };
      }),
    );
}

const rateSlack = (sum: Decimal): Decimal => sum.times(D(RATE_DIFFERENCE)).plus(D('0.02'));
const nearestRound = (left: Decimal): Decimal => left.div(ROUND).toDecimalPlaces(0).times(ROUND);

/** The fewest dividends win, then those taken net, then what leaves the least. */
const fewest = (choices: Choice[]): Choice | undefined =>
  choices.toSorted(
    (a, b) =>
      a.chosen.length - b.chosen.length ||
      Number(a.as === 'gross') - Number(b.as === 'gross') ||
      a.left.abs().comparedTo(b.left.abs()),
  )[0];

function dividendExplanation(
  { action, units, fx, ...amounts }: DividendCandidate,
  as: Choice['as'],
  baseCurrency: string,
): Explanation {
  const { symbol, exDate, value } = action;
  const currency = action.currency ?? baseCurrency;
  const amount = amounts[as].toFixed(2);
  const sum = `${toText(units)} × ${value} ${currency}${fx === '1' ? '' : ` / ${fx}`}`;
  const tax = as === 'net' ? 'less 15 % US withholding' : 'without withholding';
  return {
    kind: 'DIVIDEND',
    subject: symbol,
    cash: amount,
    text: `dividend of ${symbol}, ex-date ${exDate}, not booked: ${sum} ${tax} = ${amount} ${baseCurrency}`,
    proposal: {
      kind: 'BOOK_DIVIDEND',
      symbol,
      exDate,
      units: toText(units),
      amount: value,
      currency,
      fx,
      withholding: as === 'net' ? US_WITHHOLDING : '0',
    },
  };
}

function transfer(left: Decimal, { baseCurrency, snapshotDate }: CashContext): Explanation {
  const kind = left.gt(0) ? 'DEPOSIT' : 'WITHDRAWAL';
  const amount = left.abs().toFixed(2);
  return {
    kind,
    subject: null,
    cash: left.toFixed(2),
    proposal: { kind: `BOOK_${kind}`, amount, date: snapshotDate },
    text: `a ${kind.toLowerCase()} of ${amount} ${baseCurrency} that was not booked would explain the ${kind === 'DEPOSIT' ? 'surplus' : 'shortfall'} of cash`,
  };
}
