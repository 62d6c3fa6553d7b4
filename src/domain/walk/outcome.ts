import type { Fill } from '../confirmation/shape.js';
import { D, pennies, toText, type Decimal } from '../money.js';
import { byText } from '../order.js';
import { annualOrNull, daysBetween } from '../performance/annual.js';
import { drawdownsOf, type Drawdown } from '../performance/drawdown.js';
import { timeWeightedName } from '../performance/names.js';
import { annualVolatility } from '../performance/risk.js';
import { CONVENTION, timeWeightedSeries } from '../performance/twr.js';
import { compareWith, type BenchmarkOfWalk, type ComparedWith } from './benchmark.js';
import { ticketsOfWalk, type TicketsOfWalk } from './tickets.js';
import { gapsOfWalk, type Closes, type ClosingWorth, type GapsOfWalk } from './worth.js';
import type { DecimalString, IsoDate, TicketMaterial } from '../types.js';

/** One session of a walk, with what it was worth at its close. */
export interface WalkedDay extends ClosingWorth {
  tradingDay: IsoDate;
  /** Null on a day without one. */
  ticketId: string | null;
  fills: readonly Fill[];
}

/** What was open to a fill: the open and the reference rate of its day. */
export interface Reference extends Pick<Closes, 'rateAt' | 'pair'> {
  openOf(symbol: string, session: IsoDate): DecimalString | null;
  /** The newest rate up to a date. */
  rateOn(date: IsoDate): DecimalString | null;
}

/** A calendar year of a walk: what was traded, and what trading it cost against the open and the day's rate. */
export interface WalkedYear {
  year: string;
  sessions: number;
  trades: number;
  bought: DecimalString;
  sold: DecimalString;
  /** The smaller of both over the mean equity: 1 for a portfolio exchanged once; null of a year without a value. */
  turnover: number | null;
  cost: DecimalString;
  /** Cost over the mean equity; null of a year without a value. */
  costFraction: number | null;
  /** Return of the year's sessions that have a value, as a fraction; null where none has. */
  change: number | null;
}

/** A fall with its lengths in calendar days. */
export interface WalkedDrawdown extends Drawdown {
  days: number;
  /** From the trough to the first day as high again; null while there is none. */
  daysToRecover: number | null;
}

/** What a walk came to. */
export interface WalkOutcome extends GapsOfWalk, ComparedWith, TicketsOfWalk {
  from: IsoDate;
  to: IsoDate;
  /** The last close that has a value: that of `end`, and what each return goes to. */
  valuedTo: IsoDate;
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
  /** Returns that span sessions without a value: each is one return. */
  overGaps: number;
  returnName: string;
  years: WalkedYear[];
  /** The deepest, deepest first. */
  drawdowns: WalkedDrawdown[];
  /** Lines that found no open on their day. */
  noOpen: { date: IsoDate; side: Fill['side']; symbol: string }[];
  /** Days on which lines were filled at an older rate, for the day has none. */
  olderRates: IsoDate[];
  /** Equity at each close that has a value, and the benchmark with the same money in it where there is one. */
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
    ...days.flatMap(({ tradingDay, equity }) => (equity === null ? [] : [{ date: tradingDay, value: equity }])),
  ];
  const series = timeWeightedSeries(closes.map((close) => ({ ...close, inflow: '0', outflow: '0' })));
  const change = (series.at(-1)?.growth ?? 1) - 1;
  const valuedTo = closes.at(-1)?.date ?? startsOn;
  const { gaps, ended } = gapsOfWalk(days);
  const growths = [{ date: startsOn, value: 1 }, ...series.map(({ date, growth }) => ({ date, value: growth }))];
  const compared = compareWith(world.benchmark, { change, closes, baseCurrency, reference: world.reference });
  const statuses = days.flatMap(({ fills }) => fills.map(({ executedStatus }) => executedStatus));
  const count = (status: string) => statuses.filter((one) => one === status).length;
  return {
    from: days[0]?.tradingDay ?? startsOn,
    to: days.at(-1)?.tradingDay ?? startsOn,
    valuedTo,
    sessions: days.length,
    trades: tickets.filter(({ kind }) => kind === 'TRADE').length,
    noTrades: tickets.filter(({ kind }) => kind === 'NO_TRADE').length,
    blocked: blockedBy(tickets),
    lines: { done: count('DONE'), skipped: count('SKIPPED'), failed: count('FAILED') },
    start: cash,
    end: closes.at(-1)?.value ?? cash,
    change,
    annual: annualOrNull(change, startsOn, valuedTo),
    volatility: annualVolatility(series.flatMap((one) => one.return ?? [])),
    overGaps: overGaps(closes, gaps),
    returnName: timeWeightedName(CONVENTION, baseCurrency),
    years: yearsOf(days, world, cash),
    drawdowns: drawdownsOf(growths)
      .toSorted((a, b) => a.depth - b.depth)
      .slice(0, DRAWDOWNS_TOLD)
      .map((fall) => withLengths(fall, valuedTo)),
    gaps,
    ended,
    benchmark: compared.benchmark,
    noBenchmark: compared.noBenchmark,
    ...ticketsOfWalk(days),
    noOpen: days.flatMap(({ tradingDay, fills }) => noOpenOf(fills, tradingDay, world.reference)),
    olderRates: days.filter((day) => isAtOlderRate(day, world.reference)).map(({ tradingDay }) => tradingDay),
    curve: closes.map(({ date, value }) => ({
      date,
      equity: value,
      benchmark: worthOn(compared.growthOn(date), cash),
    })),
  };
}

/** How many returns, from one close with a value to the next, have sessions without one in between. */
const overGaps = (closes: readonly { date: IsoDate }[], gaps: WalkOutcome['gaps']): number =>
  closes.filter(({ date }, index) => {
    const before = closes[index - 1];
    return before !== undefined && gaps.some((gap) => gap.date > before.date && gap.date < date);
  }).length;

const noOpenOf = (fills: readonly Fill[], date: IsoDate, { openOf }: Reference): WalkOutcome['noOpen'] =>
  fills
    .filter(
      ({ executedStatus, internalSymbol }) => executedStatus === 'FAILED' && openOf(internalSymbol, date) === null,
    )
    .map(({ side, internalSymbol }) => ({ date, side, symbol: internalSymbol }));

const isAtOlderRate = ({ fills, tradingDay }: WalkedDay, { rateAt }: Reference): boolean =>
  rateAt(tradingDay) === null && fills.some(({ executedStatus }) => executedStatus === 'DONE');

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
    const values = own.flatMap(({ equity }) => (equity === null ? [] : [D(equity)]));
    const mean = values.length === 0 ? null : sum(values).div(values.length);
    const overMean = (amount: Decimal) => (mean === null ? null : mean.gt(0) ? amount.div(mean).toNumber() : 0);
    const end = values.at(-1);
    const change = end === undefined ? null : before.gt(0) ? end.div(before).minus(1).toNumber() : 0;
    before = end ?? before;
    return {
      year,
      sessions: own.length,
      trades: own.filter(({ fills: ofDay }) => ofDay.length > 0).length,
      bought: toText(bought),
      sold: toText(sold),
      turnover: overMean(bought.lt(sold) ? bought : sold),
      cost: toText(pennies(cost)),
      costFraction: overMean(cost),
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

const worthOn = (growth: number | null, cash: DecimalString): DecimalString | null =>
  growth === null ? null : toText(pennies(D(cash).times(growth)));
