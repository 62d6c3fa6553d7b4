import { D, toText, type Decimal } from '../money.js';
import type { CorporateAction, DecimalString } from '../types.js';
import type { DriftContext, Explanation } from './explain.js';

/** A dividend that may have arrived without being booked; amounts in base currency, pennies. */
export interface DividendCandidate {
  action: CorporateAction;
  units: Decimal;
  fx: DecimalString;
  gross: Decimal;
  net: Decimal;
}

interface Choice {
  candidate: DividendCandidate;
  /** `net` after the usual withholding, `gross` when the broker withheld nothing. */
  as: 'net' | 'gross';
}

/** Each candidate is left out, taken net or taken gross: 3^8 combinations are a matter of milliseconds, 3^12 are not. */
const CANDIDATES_MAX = 8;
/** Transfers are usually round: what is left after dividends is taken for one when it is a multiple of this. */
const ROUND = 10;

/**
 * Explains cash drift by dividends nobody booked and a transfer: the fewest dividends that leave no more than `slack`;
 * else the fewest that leave a round amount, which then is a transfer; else all of it as a transfer.
 */
export function explainCash(drift: Decimal, slack: Decimal, candidates: readonly DividendCandidate[], context: DriftContext): Explanation[] {
  if (drift.abs().lte(slack)) return [];
  const choices = combinations(candidates.slice(0, CANDIDATES_MAX)).map((chosen) => ({ chosen, left: drift.minus(total(chosen)) }));
  const best = pick(choices.filter(({ left }) => left.abs().lte(slack)), (left) => left.abs())
    ?? pick(choices.filter(({ chosen, left }) => chosen.length > 0 && isRound(left)), (left) => left.abs())
    ?? { chosen: [], left: drift };
  const dividends = best.chosen.map((choice) => dividendExplanation(choice, context));
  return best.left.abs().lte(slack) ? dividends : [...dividends, transfer(best.left, context)];
}

function combinations(candidates: readonly DividendCandidate[]): Choice[][] {
  return candidates.reduce<Choice[][]>((all, candidate) => [
    ...all,
    ...all.map((chosen) => [...chosen, { candidate, as: 'net' as const }]),
    ...all.map((chosen) => [...chosen, { candidate, as: 'gross' as const }]),
  ], [[]]);
}

const total = (chosen: Choice[]): Decimal => chosen.reduce((sum, { candidate, as }) => sum.plus(candidate[as]), D(0));
const isRound = (left: Decimal): boolean => left.minus(left.div(ROUND).toDecimalPlaces(0).times(ROUND)).abs().lte(D('0.02'));
const grossOnes = (chosen: Choice[]): number => chosen.filter(({ as }) => as === 'gross').length;

/** The fewest dividends win, then those taken net, then what leaves the least. */
function pick<T extends { chosen: Choice[]; left: Decimal }>(choices: T[], size: (left: Decimal) => Decimal): T | undefined {
  return choices.toSorted((a, b) => a.chosen.length - b.chosen.length || grossOnes(a.chosen) - grossOnes(b.chosen)
    || size(a.left).comparedTo(size(b.left)))[0];
}

function dividendExplanation({ candidate, as }: Choice, { baseCurrency, flags }: DriftContext): Explanation {
  const { action, units, fx } = candidate;
  const amount = candidate[as].toFixed(2);
  const sum = `${toText(units)} × ${action.value} ${action.currency ?? baseCurrency}${fx === '1' ? '' : ` / ${fx}`}`;
  const tax = as === 'net' ? 'less 15 % US withholding' : 'without withholding';
  return {
    kind: 'DIVIDEND', subject: action.symbol, cash: amount, make: null,
    text: `dividend of ${action.symbol}, ex-date ${action.exDate}, not booked: ${sum} ${tax} = ${amount} ${baseCurrency}`,
    command: `trading-ops ledger dividend --symbol ${action.symbol} --ex-date ${action.exDate}${as === 'gross' ? ' --withholding 0' : ''}${flags}`,
  };
}

function transfer(left: Decimal, { baseCurrency, snapshotDate, flags }: DriftContext): Explanation {
  const kind = left.gt(0) ? 'DEPOSIT' : 'WITHDRAWAL';
  const verb = kind.toLowerCase().replace('withdrawal', 'withdraw');
  const amount = left.abs().toFixed(2);
  const asked = `--amount ${amount} --date ${snapshotDate}${flags}`;
  return {
    kind, subject: null, cash: left.toFixed(2), command: `trading-ops cash ${verb} ${asked}`, make: `make cash -- ${verb} ${asked}`,
    text: `a ${kind.toLowerCase()} of ${amount} ${baseCurrency} that was not booked would explain the ${kind === 'DEPOSIT' ? 'surplus' : 'shortfall'} of cash`,
  };
}
