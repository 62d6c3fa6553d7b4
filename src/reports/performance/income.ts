import type { PerformanceReport } from '../../contract/performance.js';
import { monthEnd } from '../../domain/dates.js';
import { incomeTotals, poolTotals, type IncomeTotals, type OpeningPrice } from '../../domain/ledger/positions.js';
import type { BookedEntry } from '../../domain/ledger/sums.js';
import { D, toText } from '../../domain/money.js';
import type { Close } from '../../domain/performance/closes.js';
import { REALISED_NAME, UNREALISED_NAME } from '../../domain/performance/names.js';
import type { DecimalString, IsoDate } from '../../domain/types.js';

type Year = PerformanceReport['years'][number];
type Month = PerformanceReport['months'][number];

/** Realised, unrealised and income by calendar year, and income by month. */
export function incomeOf(
  journal: readonly BookedEntry[],
  closes: readonly Close[],
  baseCurrency: string,
  openingPrice: OpeningPrice,
): { years: Year[]; months: Month[] } {
  const from = closes[0]!.date;
  const ends = monthEnds(from, closes.at(-1)!.date);
  const income = incomeTotals(journal, baseCurrency, [from, ...ends]);
  const months = ends
    .map((end, index): Month => ({ month: end.slice(0, 7), ...incomeBetween(income[index]!, income[index + 1]!) }))
    .filter(({ dividends, interest, fees, withholdingTax }) =>
      [dividends, interest, fees, withholdingTax].some((amount) => amount !== '0'),
    );
  const yearEnds = ends.filter((end, index) => end.slice(0, 4) !== ends[index + 1]?.slice(0, 4));
  const pools = poolTotals(journal, baseCurrency, [from, ...yearEnds], openingPrice);
  const incomeAt = new Map([from, ...ends].map((date, index) => [date, income[index]!]));
  const years = yearEnds.map((end, index): Year => {
    const [before, after] = [pools[index]!, pools[index + 1]!];
    const held = closes.findLast(({ date }) => date <= end);
    return {
      year: end.slice(0, 4),
      realisedFormula: REALISED_NAME,
      unrealisedFormula: UNREALISED_NAME,
      realised: differenceOf(before.realised, after.realised),
      unrealised: differenceOf(after.cost, held?.positions ?? null),
      ...incomeBetween(incomeAt.get(yearEnds[index - 1] ?? from)!, incomeAt.get(end)!),
    };
  });
  return { years, months };
}

/** Ends of the months that a period touches; the last is its own end. */
function monthEnds(from: IsoDate, to: IsoDate): IsoDate[] {
  const ends: IsoDate[] = [];
  for (let end = monthEnd(from); end < to; end = monthEnd(end, 1)) if (end > from) ends.push(end);
  return [...ends, to];
}

const differenceOf = (before: DecimalString | null, then: DecimalString | null): DecimalString | null =>
  before === null || then === null ? null : toText(D(then).minus(D(before)));

function incomeBetween(before: IncomeTotals, after: IncomeTotals): Omit<Month, 'month'> {
  const more = (of: (totals: IncomeTotals) => DecimalString) => D(of(after)).minus(D(of(before)));
  const [dividends, tax, interest, fees] = [
    more(({ dividendsGross }) => dividendsGross),
    more(({ withholdingTax }) => withholdingTax),
    more((totals) => totals.interest),
    more((totals) => totals.fees),
  ];
  return {
    dividends: toText(dividends),
    withholdingTax: toText(tax),
    interest: toText(interest),
    fees: toText(fees),
    net: toText(dividends.plus(interest).minus(tax)),
  };
}
