import type { PerformanceClose, PerformanceReport } from '../../contract/performance.js';
import { sessionsBetween, type CalendarAdditions } from '../../domain/calendar/calendar.js';
import type { OpeningPrice } from '../../domain/ledger/positions.js';
import { D, toText, type Decimal } from '../../domain/money.js';
import { annualOrNull, daysBetween, isYearOrMore } from '../../domain/performance/annual.js';
import type { Close, DatedMove } from '../../domain/performance/closes.js';
import { modifiedDietz, type Period } from '../../domain/performance/contribution.js';
import { currencySplit } from '../../domain/performance/currency.js';
import { deepestOf, drawdownsOf, fallsOf } from '../../domain/performance/drawdown.js';
import {
  ANNUAL_NAME,
  CURRENCY_NAME,
  DIETZ_NAME,
  DRAWDOWN_NAME,
  PERIOD_VOLATILITY_NAME,
  timeWeightedName,
  VOLATILITY_NAME,
} from '../../domain/performance/names.js';
import { missingSessions } from '../../domain/performance/period.js';
import { annualVolatility, dailyVolatility, periodVolatility, semiDeviation } from '../../domain/performance/risk.js';
import {
  CONVENTION,
  FLOW_TIMINGS,
  timeWeightedReturn,
  timeWeightedSeries,
  type ReturnOfClose,
} from '../../domain/performance/twr.js';
import type { DecimalString } from '../../domain/types.js';
import { benchmarkOf, type BenchmarkOfPeriod } from './benchmark.js';
import { contributionsOf, type Attributed } from './contributions.js';
import type { PerformanceFacts } from './facts.js';
import { handsOf } from './hands.js';
import { incomeOf } from './income.js';
import { moneyWeightedOf } from './money-weighted.js';
import { remarksOf } from './remarks.js';

/** What a report is made of, all of it read. */
export interface Gathered extends PerformanceFacts, Attributed {
  benchmark: string | null;
  withholding: DecimalString;
  /** Whether what is held is listed in several currencies. */
  isMixed: boolean;
  calendar: CalendarAdditions;
  baseCurrency: string;
  openingPrice: OpeningPrice;
}

/** The whole report of a period: every figure from the same closes. */
export function reportOf(gathered: Gathered): PerformanceReport {
  const { baseCurrency, withholding, journal, market, calendar } = gathered;
  const closes = gathered.closes.slice(gathered.first, gathered.last + 1);
  const [from, to] = [closes[0]!.date, closes.at(-1)!.date];
  const series = timeWeightedSeries(closes);
  const own = timeWeightedReturn(closes);
  const period = periodOf(closes);
  const missing = missingSessions(
    closes.map(({ date }) => date),
    sessionsBetween(from, to, calendar),
  );
  const held =
    gathered.benchmark === null
      ? null
      : benchmarkOf(gathered.benchmark, market, { closes, own, withholding, baseCurrency });
  const { contributions, without } = contributionsOf(gathered, market, period, baseCurrency);
  const split = gathered.isMixed ? null : currencySplit(closes);
  const gaps = gapsOf(closes, missing);
  const report: Omit<PerformanceReport, 'remarks'> = {
    period: { from, to, days: daysBetween(from, to), closes: closes.length, isYear: isYearOrMore(from, to) },
    isRestated: closes.some(({ restated }) => restated !== null),
    equity: equityOf(closes, period),
    timeWeighted: {
      formula: timeWeightedName(CONVENTION, baseCurrency),
      total: own,
      annualFormula: ANNUAL_NAME,
      annual: annualOrNull(own, from, to),
      others: FLOW_TIMINGS.filter((timing) => timing !== CONVENTION).map((timing) => ({
        formula: timeWeightedName(timing, baseCurrency),
        total: timeWeightedReturn(closes, timing),
      })),
    },
    moneyWeighted: moneyWeightedOf(closes),
    modifiedDietz: { formula: DIETZ_NAME, total: modifiedDietz(period) },
    risk: riskOf(closes, series, missing),
    currency: { formula: CURRENCY_NAME, local: split?.local ?? null, currency: split?.currency ?? null },
    benchmark: held?.told ?? null,
    contributions,
    hands: handsOf(gathered, { to, withholding, baseCurrency }),
    ...incomeOf(journal, closes, baseCurrency, gathered.openingPrice),
    gaps,
    closes: closesTold(closes, series, held, missing),
  };
  return { ...report, remarks: remarksOf(report, { without, isMixed: gathered.isMixed, onHold: market.onHold }) };
}

const sumOf = (amounts: readonly DecimalString[]): Decimal => amounts.reduce((sum, each) => sum.plus(D(each)), D(0));

function periodOf(closes: readonly Close[]): Period {
  return {
    from: closes[0]!.date,
    to: closes.at(-1)!.date,
    start: closes[0]!.value,
    end: closes.at(-1)!.value,
    flows: closes.slice(1).flatMap(({ moves }) => moves),
  };
}

function equityOf(closes: readonly Close[], { start, end }: Period): PerformanceReport['equity'] {
  const moves = closes.slice(1).flatMap((close) => close.moves);
  const total = (wanted: (move: DatedMove) => boolean) => sumOf(moves.filter(wanted).map(({ amount }) => amount));
  const deposits = total(({ kind, amount }) => kind === 'transfer' && D(amount).gt(0));
  const withdrawals = total(({ kind, amount }) => kind === 'transfer' && D(amount).lt(0)).neg();
  const setRight = total(({ kind }) => kind === 'set-right');
  const gain = D(end).minus(D(start)).minus(deposits).plus(withdrawals).minus(setRight);
  return {
    start,
    end,
    deposits: toText(deposits),
    withdrawals: toText(withdrawals),
    setRight: toText(setRight),
    gain: toText(gain),
  };
}

function riskOf(
  closes: readonly Close[],
  series: readonly ReturnOfClose[],
  missing: readonly (readonly string[])[],
): PerformanceReport['risk'] {
  const [from, to] = [closes[0]!.date, closes.at(-1)!.date];
  const points = [{ date: from, value: 1 }, ...series.map(({ date, growth }) => ({ date, value: growth }))];
  const deepest = deepestOf(drawdownsOf(points));
  const returns = series.flatMap((each) => each.return ?? []);
  return {
    drawdown: {
      formula: DRAWDOWN_NAME,
      depth: deepest?.depth ?? 0,
      now: fallsOf(points.map(({ value }) => value)).at(-1)!,
      deepest,
    },
    volatility: {
      formula: VOLATILITY_NAME,
      daily: dailyVolatility(returns),
      annual: isYearOrMore(from, to) ? annualVolatility(returns) : null,
      periodFormula: PERIOD_VOLATILITY_NAME,
      period: periodVolatility(returns),
      semiDeviation: semiDeviation(returns),
      returns: returns.length,
      overGaps: series.filter((each, index) => each.return !== null && missing[index + 1]!.length > 0).length,
    },
  };
}

/** Stretches without a value, with the flows of days that have none: their place in the stretch is not known. */
function gapsOf(closes: readonly Close[], missing: readonly (readonly string[])[]): PerformanceReport['gaps'] {
  return closes.flatMap(({ date, moves }, index) => {
    const sessions = [...missing[index]!];
    const last = sessions.at(-1);
    if (last === undefined) return [];
    const flows = moves.filter((move) => move.date <= last).map((move) => ({ date: move.date, amount: move.amount }));
    return [{ after: closes[index - 1]!.date, before: date, sessions, flows }];
  });
}

function closesTold(
  closes: readonly Close[],
  series: readonly ReturnOfClose[],
  held: BenchmarkOfPeriod | null,
  missing: readonly (readonly string[])[],
): PerformanceClose[] {
  const growths = [1, ...series.map(({ growth }) => growth)];
  const falls = fallsOf(growths);
  return closes.map((close, index) => ({
    date: close.date,
    equity: close.value,
    cash: close.cash,
    positions: close.positions,
    inflow: index === 0 ? '0' : close.inflow,
    outflow: index === 0 ? '0' : close.outflow,
    return: series[index - 1]?.return ?? null,
    growth: growths[index]!,
    fall: falls[index]!,
    benchmark: held?.growthOn(close.date) ?? null,
    sameDeposits: held?.deposits.get(close.date)?.toFixed(2) ?? null,
    missing: [...missing[index]!],
    restated: close.restated,
  }));
}
