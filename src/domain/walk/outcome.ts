import type { Fill } from '../confirmation/shape.js';
import { D, pennies, toText, type Decimal } from '../money.js';
import { byText } from '../order.js';
import { annualOrNull, daysBetween } from '../performance/annual.js';
import { inBaseCurrency, reinvestedGrowth, relativeReturn, sessionsOf } from '../performance/benchmark.js';
import { drawdownsOf, type Drawdown } from '../performance/drawdown.js';
import { benchmarkName, timeWeightedName } from '../performance/names.js';
import { annualVolatility } from '../performance/risk.js';
import { CONVENTION, timeWeightedSeries } from '../performance/twr.js';
import { US_WITHHOLDING } from '../ledger/withholding.js';
import type { CorporateAction, DecimalString, IsoDate, PriceBasis, TicketMaterial } from '../types.js';

/** One session of a walk. */
export interface WalkedDay {
  tradingDay: IsoDate;
  fills: readonly Fill[];
  /** At the close of the trading day, base currency. */
  equity: DecimalString;
}

/** What was open to a fill: the open and the reference rate of its day. */
export interface Reference {
  openOf(symbol: string, session: IsoDate): DecimalString | null;
  rateOn(date: IsoDate): DecimalString | null;
}

/** What is compared with: closes of a benchmark, oldest first, with its actions. */
export interface BenchmarkOfWalk {
  symbol: string;
  closes: readonly { date: IsoDate; close: DecimalString }[];
  actions: readonly CorporateAction[];
  basis: PriceBasis;
}

/** A calendar year of a walk: what was traded, and what trading it cost against the open and the day's rate. */
export interface WalkedYear {
  year: string;
  sessions: number;
  trades: number;
  bought: DecimalString;
  sold: DecimalString;
  /** The smaller of both over the mean equity: 1 for a portfolio that was exchanged once. */
  turnover: number;
  cost: DecimalString;
  /** Cost over the mean equity. */
  costFraction: number;
  /** Return of the year's sessions, as a fraction. */
  change: number;
}

/** A fall with its lengths in calendar days. */
export interface WalkedDrawdown extends Drawdown {
  days: number;
  /** From the trough to the first day as high again; null while there is none. */
  daysToRecover: number | null;
}

/** What a walk came to. */
export interface WalkOutcome {
  from: IsoDate;
  to: IsoDate;
  sessions: number;
  trades: number;
  noTrades: number;
  /** Sessions by gate and code; a session with two counts in both. */
  blocked: { gate: string; code: string; days: number }[];
  lines: { done: number; skipped: number; failed: number };
  start: DecimalString;
  end: DecimalString;
  /** Over the whole time, by the convention that `returnName` names. */
  change: number;
  /** A year; null under one year. */
  annual: number | null;
  /** Standard deviation a year; null of fewer than two returns. */
  volatility: number | null;
  returnName: string;
  years: WalkedYear[];
  /** The deepest, deepest first. */
  drawdowns: WalkedDrawdown[];
  benchmark: { name: string; change: number; annual: number | null; relative: number | null } | null;
  /** Equity at the close of each session, and the benchmark with the same money in it where there is one. */
  curve: { date: IsoDate; equity: DecimalString; benchmark: DecimalString | null }[];
}

/** Falls that are told. */
const DRAWDOWNS_TOLD = 5;

/**
 * What the sessions of a walk come to. The account begins with its cash at the close before the first session, and
 * nothing is paid in or out.
 */
export function outcomeOfWalk(
  days: readonly WalkedDay[],
  tickets: readonly Pick<TicketMaterial, 'tradingDay' | 'kind' | 'reasons'>[],
  world: {
    baseCurrency: string;
    cash: DecimalString;
    startsOn: IsoDate;
    reference: Reference;
    benchmark: BenchmarkOfWalk | null;
  },
): WalkOutcome {
  const { cash, startsOn, baseCurrency } = world;
  const closes = [
    { date: startsOn, value: cash },
    ...days.map(({ tradingDay, equity }) => ({ date: tradingDay, value: equity })),
  ];
  const series = timeWeightedSeries(closes.map((close) => ({ ...close, inflow: '0', outflow: '0' })));
  const change = (series.at(-1)?.growth ?? 1) - 1;
  const to = days.at(-1)?.tradingDay ?? startsOn;
  const growths = [{ date: startsOn, value: 1 }, ...series.map(({ date, growth }) => ({ date, value: growth }))];
  const compared = world.benchmark && benchmarkSeries(world.benchmark, closes, world.reference);
  const statuses = days.flatMap(({ fills }) => fills.map(({ executedStatus }) => executedStatus));
  const count = (status: string) => statuses.filter((one) => one === status).length;
  return {
    from: days[0]?.tradingDay ?? startsOn,
    to,
    sessions: days.length,
    trades: tickets.filter(({ kind }) => kind === 'TRADE').length,
    noTrades: tickets.filter(({ kind }) => kind === 'NO_TRADE').length,
    blocked: blockedBy(tickets),
    lines: { done: count('DONE'), skipped: count('SKIPPED'), failed: count('FAILED') },
    start: cash,
    end: closes.at(-1)?.value ?? cash,
    change,
    annual: annualOrNull(change, startsOn, to),
    volatility: annualVolatility(series.flatMap((one) => one.return ?? [])),
    returnName: timeWeightedName(CONVENTION, baseCurrency),
    years: yearsOf(days, world, cash),
    drawdowns: drawdownsOf(growths)
      .toSorted((a, b) => a.depth - b.depth)
      .slice(0, DRAWDOWNS_TOLD)
      .map((fall) => withLengths(fall, to)),
    benchmark: compared && comparedWith(compared, { change, startsOn, to, baseCurrency }),
    curve: closes.map(({ date, value }) => ({ date, equity: value, benchmark: worthOn(compared, date, cash) })),
  };
}

function blockedBy(tickets: readonly Pick<TicketMaterial, 'kind' | 'reasons'>[]): WalkOutcome['blocked'] {
  const days = new Map<string, number>();
  for (const { reasons } of tickets)
    for (const name of new Set(reasons.map(({ gate, code }) => `${gate} ${code}`)))
      days.set(name, (days.get(name) ?? 0) + 1);
  return [...days]
    .map(([name, count]) => {
      const [gate = '', code = ''] = name.split(' ');
      return { gate, code, days: count };
    })
    .toSorted((a, b) => b.days - a.days || byText(a.code, b.code));
}

const withLengths = (fall: Drawdown, to: IsoDate): WalkedDrawdown => ({
  ...fall,
  days: daysBetween(fall.peak, fall.recovered ?? to),
  daysToRecover: fall.recovered === null ? null : daysBetween(fall.trough, fall.recovered),
});

function yearsOf(
  days: readonly WalkedDay[],
  { reference }: { reference: Reference },
  cash: DecimalString,
): WalkedYear[] {
  let before = D(cash);
  return [...new Set(days.map(({ tradingDay }) => tradingDay.slice(0, 4)))].map((year) => {
    const own = days.filter(({ tradingDay }) => tradingDay.startsWith(year));
    const fills = own.flatMap(({ tradingDay, fills: ofDay }) => ofDay.map((fill) => ({ tradingDay, fill })));
    const done = fills.filter(({ fill }) => fill.executedValueBase !== null);
    const worth = (side: Fill['side']) =>
      sum(done.filter(({ fill }) => fill.side === side).map(({ fill }) => D(fill.executedValueBase ?? '0')));
    const [bought, sold] = [worth('BUY'), worth('SELL')];
    const cost = sum(done.map(({ tradingDay, fill }) => costOf(fill, tradingDay, reference)));
    const mean = sum(own.map(({ equity }) => D(equity))).div(own.length);
    const end = D(own.at(-1)?.equity ?? '0');
    const change = before.gt(0) ? end.div(before).minus(1).toNumber() : 0;
    before = end;
    return {
      year,
      sessions: own.length,
      trades: own.filter(({ fills: ofDay }) => ofDay.length > 0).length,
      bought: toText(bought),
      sold: toText(sold),
      turnover: mean.gt(0) ? (bought.lt(sold) ? bought : sold).div(mean).toNumber() : 0,
      cost: toText(pennies(cost)),
      costFraction: mean.gt(0) ? cost.div(mean).toNumber() : 0,
      change,
    };
  });
}

const sum = (amounts: readonly Decimal[]): Decimal => amounts.reduce((total, one) => total.plus(one), D(0));

/** What a fill cost against the open and the reference rate of its day, base currency. */
function costOf(
  { side, internalSymbol, units, executedValueBase }: Fill,
  day: IsoDate,
  { openOf, rateOn }: Reference,
): Decimal {
  const [open, rate] = [openOf(internalSymbol, day), rateOn(day)];
  if (units === null || executedValueBase === null || open === null || rate === null) return D(0);
  const fair = D(units).times(D(open)).div(D(rate));
  return side === 'BUY' ? D(executedValueBase).minus(fair) : fair.minus(D(executedValueBase));
}

interface Compared {
  symbol: string;
  kind: 'total-return' | 'price-index';
  growth: Map<IsoDate, number>;
}

/** Growth of the benchmark in base currency on the walk's own days, 1 at its start. */
function benchmarkSeries(
  { symbol, closes, actions, basis }: BenchmarkOfWalk,
  days: readonly { date: IsoDate }[],
  { rateOn }: Reference,
): Compared | null {
  const first = days[0]?.date;
  if (first === undefined || !closes.some(({ date }) => date === first)) return null;
  const own = closes.filter(({ date }) => date >= first);
  const sessions = sessionsOf(own, actions, basis);
  const points = inBaseCurrency(reinvestedGrowth(sessions, US_WITHHOLDING), rateOn);
  const hasDividends = basis === 'split+dividend' || actions.some(({ kind }) => kind === 'DIVIDEND');
  return {
    symbol,
    kind: hasDividends ? 'total-return' : 'price-index',
    growth: new Map(points.map(({ date, growth }) => [date, growth])),
  };
}

function comparedWith(
  { symbol, kind, growth }: Compared,
  of: { change: number; startsOn: IsoDate; to: IsoDate; baseCurrency: string },
): WalkOutcome['benchmark'] {
  const end = growth.get(of.to);
  if (end === undefined) return null;
  const change = end - 1;
  return {
    name: benchmarkName(symbol, kind, US_WITHHOLDING, of.baseCurrency),
    change,
    annual: annualOrNull(change, of.startsOn, of.to),
    relative: relativeReturn(of.change, change),
  };
}

function worthOn(compared: Compared | null, date: IsoDate, cash: DecimalString): DecimalString | null {
  const growth = compared?.growth.get(date);
  return growth === undefined ? null : toText(pennies(D(cash).times(growth)));
}
