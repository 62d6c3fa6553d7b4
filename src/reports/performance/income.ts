import type { PerformanceReport } from '../../contract/performance.js';
import { monthEnd } from '../../domain/dates.js';
import { replayTotals, type BookTotals, type OpeningPrice } from '../../domain/ledger/positions.js';
import type { BookedEntry } from '../../domain/ledger/sums.js';
import { D, toText } from '../../domain/money.js';
import type { Close } from '../../domain/performance/closes.js';
import { REALISED_NAME, UNREALISED_NAME } from '../../domain/performance/names.js';
import type { DecimalString, IsoDate } from '../../domain/types.js';

type Year = PerformanceReport['years'][number];
type Month = PerformanceReport['months'][number];

/** Realised, unrealised and income by calendar year, and income by month, from one pass over the journal. */
export function incomeOf(
  journal: readonly BookedEntry[],
  closes: readonly Close[],
  baseCurrency: string,
  openingPrice: OpeningPrice,
): { years: Year[]; months: Month[] } {
  const [from, to] = [closes[0]!.date, closes.at(-1)!.date];
  const ends = monthEnds(from, to);
  const totals = replayTotals(journal, baseCurrency, [from, ...ends], openingPrice);
  const at = new Map([from, ...ends].map((date, index) => [date, totals[index]!]));
  const between = (after: IsoDate, until: IsoDate) => ({ before: at.get(after)!, after: at.get(until)! });
  const starts = [from, ...ends.slice(0, -1)];
  const months = ends
    .map((end, index): Month => ({ month: end.slice(0, 7), ...incomeBetween(between(starts[index]!, end)) }))
    .filter(({ dividends, interest, fees, withholdingTax }) =>
      [dividends, interest, fees, withholdingTax].some((amount) => amount !== '0'),
    );
  return { years: yearsOf(ends, from, between, closes), months };
}

/** Ends of the months that a period touches; the last is its own end. */
function monthEnds(from: IsoDate, to: IsoDate): IsoDate[] {
  const ends: IsoDate[] = [];
  for (let end = monthEnd(from); end < to; end = monthEnd(end, 1)) if (end > from) ends.push(end);
  return [...ends, to];
}

function yearsOf(
  ends: readonly IsoDate[],
  from: IsoDate,
  between: (after: IsoDate, until: IsoDate) => { before: BookTotals; after: BookTotals },
  closes: readonly Close[],
): Year[] {
  const years = [...new Set(ends.map((end) => end.slice(0, 4)))];
  let after = from;
  return years.map((year): Year => {
    const until = ends.findLast((end) => end.startsWith(year))!;
    const span = between(after, until);
    after = until;
    const held = closes.findLast(({ date }) => date <= until);
    return {
      year,
      realisedFormula: REALISED_NAME,
      unrealisedFormula: UNREALISED_NAME,
      realised: differenceOf(span.before.realised, span.after.realised),
      unrealised: differenceOf(span.after.cost, held?.positions ?? null),
      ...incomeBetween(span),
    };
  });
}

const differenceOf = (before: DecimalString | null, then: DecimalString | null): DecimalString | null =>
  before === null || then === null ? null : toText(D(then).minus(D(before)));

function incomeBetween({ before, after }: { before: BookTotals; after: BookTotals }): Omit<Month, 'month'> {
  const more = (of: (totals: BookTotals) => DecimalString) => D(of(after)).minus(D(of(before)));
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
