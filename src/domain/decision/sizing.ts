import type { Quote } from '../ledger/valuation.js';
import { D, Decimal, floorPennies, floorUnits } from '../money.js';
import { byText } from '../order.js';
import type { Policy } from '../policy/policy.js';
import type { Portfolio } from './portfolio.js';
import type { Target } from './targets.js';
import type { Side } from '../types.js';

export interface SizingInput {
  portfolio: Portfolio;
  /** Best first: of two that cannot both be opened the later is given up. */
  targets: readonly Target[];
  /** A quote for every target and every held symbol. */
  quotes: ReadonlyMap<string, Quote>;
  policy: Pick<Policy, 'risk' | 'ticket'>;
}

/** A line to trade. `value` in base currency at the as-of close, pennies; `units` of a SELL, 6 decimals, else null. */
export interface SizedLine {
  symbol: string;
  side: Side;
  value: Decimal;
  units: Decimal | null;
  /** A SELL of everything held. */
  closes: boolean;
  /** A BUY of a symbol that is not held. */
  opens: boolean;
}

/** A line as the targets ask for it, before turnover, minimum and buffer have their say. */
interface Wanted extends SizedLine {
  rank: number;
  at: Price;
}

/** A quote as numbers that are reckoned with, and the smallest line that is worth giving at it. */
interface Price {
  price: Decimal;
  fx: Decimal;
  minimum: Decimal;
}

export interface Sizing {
  /** SELLs first, then BUYs, each by symbol. */
  lines: SizedLine[];
  /** How many lines the targets asked for; the rest were too small or had to be given up. */
  wanted: number;
}

/**
 * What to trade to come nearer to the targets. In this order:
 * 1. held symbols outside the targets are sold whole, over-weight ones trimmed, under-weight ones bought;
 * 2. turnover beyond the cap scales all lines down by one factor;
 * 3. BUYs are cut to the penny, SELLs to 6 decimals of a unit, both downwards; a whole position is sold to the last digit;
 * 4. lines under the minimum are dropped, except a SELL that closes a position: what is left of one is too small ever
 *    to pass, yet it occupies a place, and the broker closes a position of any size;
 * 5. BUYs are scaled down together where they would reach into the cash buffer, and step 4 applied to them again;
 * 6. while the portfolio would hold more than `max_positions`, the lowest-ranked BUY of a new symbol is given up and
 *    steps 2-5 are done again. Likewise the lowest-ranked BUY, then the smallest SELL, is given up while every line comes
 *    out under the minimum, for otherwise a small portfolio could never begin, nor be left.
 */
export function sizeLines(input: SizingInput): Sizing {
  const wanted = wantedLines(input);
  return { lines: settle(wanted, input), wanted: wanted.length };
}

/** The smallest line worth giving, base currency: the policy's own minimum or the broker's, whichever is larger. */
export function minimumLine(portfolioValue: Decimal, fx: string, ticket: Policy['ticket']): Decimal {
  const ours = Decimal.min(D(ticket.min_line_value), D(ticket.min_line_fraction).times(portfolioValue));
  return Decimal.max(ours, D(ticket.broker_min_value).div(D(fx)));
}

function wantedLines({ portfolio, targets, quotes, policy }: SizingInput): Wanted[] {
  const ranks = new Map(targets.map((target, rank) => [target.symbol, { rank, weight: D(target.weight) }]));
  const held = new Map(portfolio.holdings.map((holding) => [holding.symbol, holding]));
  const symbols = [...new Set([...ranks.keys(), ...held.keys()])].toSorted(byText);
  const minima = new Map<string, Decimal>();
  return symbols.flatMap((symbol) => {
    const quote = quotes.get(symbol);
    if (quote === undefined) throw new RangeError(`no quote for ${symbol}`);
    const minimum = minima.get(quote.fx) ?? minimumLine(portfolio.value, quote.fx, policy.ticket);
    minima.set(quote.fx, minimum);
    const at = { price: D(quote.price), fx: D(quote.fx), minimum };
    const { rank, weight } = ranks.get(symbol) ?? { rank: targets.length, weight: D(0) };
    const holding = held.get(symbol) ?? { units: D(0), value: D(0) };
    const gap = weight.times(portfolio.value).minus(holding.value);
    const line = gap.gt(0)
      ? buy(symbol, gap, holding.units.isZero())
      : sell(symbol, gap.neg(), holding.units, at, weight.isZero());
    return line === null ? [] : [{ ...line, rank, at }];
  });
}

const buy = (symbol: string, value: Decimal, opens: boolean): SizedLine => ({
  symbol,
  side: 'BUY',
  value,
  units: null,
  closes: false,
  opens,
});

function sell(symbol: string, excess: Decimal, held: Decimal, at: Price, whole: boolean): SizedLine | null {
  const units = whole ? held : Decimal.min(held, floorUnits(excess.times(at.fx).div(at.price)));
  if (!units.gt(0)) return null;
  return { symbol, side: 'SELL', value: worth(units, at), units, closes: units.eq(held), opens: false };
}

const worth = (units: Decimal, { price, fx }: Price): Decimal => units.times(price).div(fx);
const total = (lines: readonly SizedLine[]): Decimal => lines.reduce((sum, line) => sum.plus(line.value), D(0));
const only = <T extends SizedLine>(lines: readonly T[], side: Side): T[] => lines.filter((line) => line.side === side);

function settle(wanted: readonly Wanted[], input: SizingInput): SizedLine[] {
  const lines = fit(wanted, input);
  const surplus = giveUp(wanted, lines, input);
  if (surplus !== null)
    return settle(
      wanted.filter((line) => line !== surplus),
      input,
    );
  const plain = lines.map(({ rank: _rank, at: _at, ...line }) => line);
  return [...only(plain, 'SELL'), ...only(plain, 'BUY')];
}

function fit(wanted: readonly Wanted[], input: SizingInput): Wanted[] {
  const limit = D(input.policy.risk.max_turnover).times(input.portfolio.value);
  const sum = total(wanted);
  const factor = sum.gt(limit) ? limit.div(sum) : null;
  const worthwhile = wanted.map((line) => scaled(line, factor)).filter(isWorthwhile);
  return withinBuffer(worthwhile, input);
}

/** A line by a factor, cut; null leaves its size as it is. */
function scaled(line: Wanted, factor: Decimal | null): Wanted {
  if (line.units === null)
    return { ...line, value: floorPennies(factor === null ? line.value : line.value.times(factor)) };
  const units = factor === null || factor.eq(1) ? line.units : floorUnits(line.units.times(factor));
  return { ...line, units, value: floorPennies(worth(units, line.at)), closes: line.closes && units.eq(line.units) };
}

const isWorthwhile = ({ closes, value, at }: Wanted): boolean => closes || (value.gt(0) && value.gte(at.minimum));

function withinBuffer(lines: readonly Wanted[], input: SizingInput): Wanted[] {
  const { portfolio, policy } = input;
  const [sells, buys] = [only(lines, 'SELL'), only(lines, 'BUY')];
  const budget = portfolio.cash.plus(total(sells)).minus(D(policy.risk.cash_buffer).times(portfolio.value));
  const sum = total(buys);
  if (sum.lte(budget)) return [...lines];
  const factor = Decimal.max(budget, 0).div(sum);
  return [...sells, ...buys.map((line) => scaled(line, factor)).filter(isWorthwhile)];
}

/** The line to give up next, null when the lines stand: an entry, the lowest-ranked first, before any exit. */
function giveUp(
  wanted: readonly Wanted[],
  lines: readonly Wanted[],
  { portfolio, policy }: SizingInput,
): Wanted | null {
  const count =
    portfolio.holdings.length + lines.filter((line) => line.opens).length - lines.filter((line) => line.closes).length;
  const buys = only(wanted, 'BUY').toSorted((a, b) => b.rank - a.rank);
  if (count > policy.risk.max_positions) return buys.find((line) => line.opens) ?? null;
  if (lines.length > 0) return null;
  const smallest = only(wanted, 'SELL').toSorted(
    (a, b) => a.value.comparedTo(b.value) || byText(a.symbol, b.symbol),
  )[0];
  return buys[0] ?? smallest ?? null;
}
