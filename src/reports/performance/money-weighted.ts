import type { PerformanceReport } from '../../contract/performance.js';
import { D, toText } from '../../domain/money.js';
import { isYearOrMore } from '../../domain/performance/annual.js';
import type { Close } from '../../domain/performance/closes.js';
import { moneyWeightedName } from '../../domain/performance/names.js';
import { xirr, xirrOfPeriod, type DatedFlow } from '../../domain/performance/xirr.js';
import type { DecimalString } from '../../domain/types.js';

/**
 * The money-weighted return of closes: the first value is paid in, each flow on its own date, and the end is paid
 * back. A rate a year from one year on; of a shorter time the rate of the whole time, for nothing is annualised there.
 * @param end what is there in the end; the account's own value where nothing else is asked
 */
export function moneyWeightedOf(
  closes: readonly Close[],
  end: DecimalString = closes.at(-1)!.value,
): PerformanceReport['moneyWeighted'] {
  const [first, last] = [closes[0]!, closes.at(-1)!];
  const flows: DatedFlow[] = [
    { date: first.date, amount: toText(D(first.value).neg()) },
    ...closes
      .slice(1)
      .flatMap(({ moves }) => moves.map(({ date, amount }) => ({ date, amount: toText(D(amount).neg()) }))),
    { date: last.date, amount: end },
  ];
  const isAnnual = isYearOrMore(first.date, last.date);
  return { formula: moneyWeightedName(isAnnual), isAnnual, ...(isAnnual ? xirr(flows) : xirrOfPeriod(flows)) };
}
