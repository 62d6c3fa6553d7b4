import type { ExecutedLine } from '../../db/executed-lines.js';
import type { PerformanceReport } from '../../contract/performance.js';
import { tradingDayOf } from '../../domain/calendar/calendar.js';
import { D, toText } from '../../domain/money.js';
import { reinvestedGrowth, sessionsOf } from '../../domain/performance/benchmark.js';
import {
  costsTogether,
  currencyCostOf,
  impliedRate,
  missedBy,
  slippageOf,
  type HandFill,
} from '../../domain/performance/hands.js';
import { CURRENCY_COST_NAME, MISSED_NAME, SLIPPAGE_NAME } from '../../domain/performance/names.js';
import type { DecimalString, IsoDate } from '../../domain/types.js';
import type { MarketOfPeriod, PerformanceFacts } from './facts.js';
import { groupBy } from '../../domain/group.js';
import { byText } from '../../domain/order.js';
import { lastUpTo } from '../../domain/sorted.js';

type Hands = PerformanceReport['hands'];
type HandLine = Hands['lines'][number];
type HandSum = Hands['total'];

/** What it costs to do it by hand: each executed line, by month and year, and what was left out. */
export function handsOf(
  { lines, deviations, market }: Pick<PerformanceFacts, 'lines' | 'deviations' | 'market'>,
  { to, withholding, baseCurrency }: { to: IsoDate; withholding: DecimalString; baseCurrency: string },
): Hands {
  const executed = lines.flatMap((line) => executedOf(line, market, baseCurrency) ?? []);
  const months = [...groupBy(executed, ({ tradingDay }) => tradingDay.slice(0, '2014-06'.length))].map(([period, of]) =>
    sumOf(period, of),
  );
  const years = [...groupBy(months, ({ period }) => period.slice(0, '2014'.length))].map(([period, of]) =>
    sumTogether(period, of),
  );
  const nextOf = askedAnew(lines);
  return {
    slippageFormula: SLIPPAGE_NAME,
    currencyFormula: CURRENCY_COST_NAME,
    missedFormula: MISSED_NAME,
    lines: executed,
    months,
    years,
    total: sumTogether('', years),
    missed: lines.filter(isLeftOut).map((line) => {
      const next = nextOf(line);
      return missedOf(line, market, { until: { date: next?.asOfDate ?? to, next }, withholding, baseCurrency });
    }),
    deviations,
  };
}

function executedOf(line: ExecutedLine, market: MarketOfPeriod, baseCurrency: string): HandLine | null {
  const { tradingDay, ticketId, sequence, symbol, side, units, fillPrice, executedValueBase, currency } = line;
  if (units === null || fillPrice === null || executedValueBase === null) return null;
  const ticketRate = line.ticketRate ?? '1';
  const split = splitSince(line, market);
  const referencePrice = split === null ? line.referencePrice : toText(D(line.referencePrice).div(split));
  const fill: HandFill = { side, units, fillPrice, executedValueBase, referencePrice, ticketRate };
  const dayRate = market.rateOn(currency, dateOfFill(line));
  return {
    tradingDay,
    ticketId,
    sequence,
    symbol,
    side,
    units,
    currency,
    referencePrice,
    fillPrice,
    executedValueBase,
    slippage: slippageOf(fill),
    impliedRate: currency === baseCurrency ? null : impliedRate(fill),
    dayRate: currency === baseCurrency ? null : dayRate,
    currencyCost: currency === baseCurrency || dayRate === null ? null : currencyCostOf(fill, dayRate),
  };
}

/** New shares for one old of splits between the reference and the fill: a price of then is not one of now. */
function splitSince({ symbol, asOfDate, tradingDay }: ExecutedLine, { splitsOf }: MarketOfPeriod) {
  const splits = splitsOf(symbol).filter(({ exDate }) => exDate > asOfDate && exDate <= tradingDay);
  return splits.length === 0 ? null : splits.reduce((ratio, { value }) => ratio.times(D(value)), D(1));
}

/**
 * The date of a fill in the UK. In the middle of its trading day by UTC it is that day there too, which thousands of
 * fills are; only near midnight must the clocks of the UK be asked.
 */
function dateOfFill({ tradingDay, filledAt }: ExecutedLine): IsoDate {
  if (filledAt === null) return tradingDay;
  const [date, hour] = [filledAt.slice(0, 10), filledAt.slice(11, 13)];
  return date === tradingDay && hour < '23' ? tradingDay : tradingDayOf(filledAt);
}

function sumOf(period: string, lines: readonly HandLine[]): HandSum {
  const rated = lines.flatMap(({ currencyCost }) => currencyCost ?? []);
  const foreign = lines.filter(({ impliedRate: rate }) => rate !== null);
  return {
    period,
    lines: lines.length,
    slippage: costsTogether(lines.map(({ slippage }) => slippage)),
    currencyCost: costsTogether(rated),
    withoutRate: foreign.length - rated.length,
  };
}

/** Sums as one, of pennies as they are: what their lines come to together. */
const sumTogether = (period: string, sums: readonly HandSum[]): HandSum => ({
  period,
  lines: sums.reduce((count, { lines }) => count + lines, 0),
  slippage: costsTogether(sums.map(({ slippage }) => slippage)),
  currencyCost: costsTogether(sums.map(({ currencyCost }) => currencyCost)),
  withoutRate: sums.reduce((count, { withoutRate }) => count + withoutRate, 0),
});

/** Up to where a line that was left out is reckoned: a close, known by the line that asked for the same anew. */
interface Until {
  date: IsoDate;
  next: ExecutedLine | null;
}

/**
 * A share that is asked for again on the next ticket is missed from the one to the other, and from there by that line
 * alone: whoever leaves it out three times and then buys it has waited three days, and no more.
 * @returns of a line, the first of a later day that asks for the same
 */
function askedAnew(lines: readonly ExecutedLine[]): (line: ExecutedLine) => ExecutedLine | null {
  const wordOf = ({ symbol, side }: ExecutedLine) => `${symbol} ${side}`;
  const alike = groupBy(
    lines.toSorted((a, b) => byText(a.tradingDay, b.tradingDay)),
    wordOf,
  );
  return (line) => {
    const same = alike.get(wordOf(line)) ?? [];
    return same[lastUpTo(same, line.tradingDay, ({ tradingDay }) => tradingDay) + 1] ?? null;
  };
}

type LeftOut = ExecutedLine & { status: Hands['missed'][number]['status'] };

const isLeftOut = (line: ExecutedLine): line is LeftOut => line.status === 'SKIPPED' || line.status === 'FAILED';

function missedOf(
  line: LeftOut,
  market: MarketOfPeriod,
  { until, withholding, baseCurrency }: { until: Until; withholding: DecimalString; baseCurrency: string },
): Hands['missed'][number] {
  const { tradingDay, ticketId, sequence, symbol, side, status, notes, referencePrice, currency } = line;
  const ticketRate = line.ticketRate ?? '1';
  const value =
    line.valueBase ??
    toText(
      D(line.lineUnits ?? '0')
        .times(D(referencePrice))
        .div(D(ticketRate))
        .toDecimalPlaces(2),
    );
  const growth = growthSince(line, market, { until, withholding });
  const rate = currency === baseCurrency ? '1' : (until.next?.ticketRate ?? market.rateOn(currency, until.date));
  const inBase = growth === null || rate === null ? null : (growth * Number(ticketRate)) / Number(rate);
  return {
    tradingDay,
    ticketId,
    sequence,
    symbol,
    side,
    status,
    value,
    missed: inBase === null ? null : missedBy(side, value, inBase),
    notes,
  };
}

/** Growth of a share from the reference of a line to a close, in its own currency; null without that close. */
function growthSince(
  { symbol, asOfDate, referencePrice }: ExecutedLine,
  market: MarketOfPeriod,
  { until: { date: to, next }, withholding }: { until: Until; withholding: DecimalString },
) {
  const series = market.seriesOf(symbol);
  const last = next?.referencePrice ?? market.closeOn(symbol, to);
  if (series === undefined || last === null) return null;
  const since = series.closes.filter(({ date }) => date > asOfDate && date < to);
  const end = to > asOfDate ? [{ date: to, close: last }] : [];
  const closes = [{ date: asOfDate, close: referencePrice }, ...since, ...end];
  return reinvestedGrowth(sessionsOf(closes, market.actionsOf(symbol), series.basis), withholding).at(-1)!.growth;
}
