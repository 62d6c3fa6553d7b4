import { D, type Decimal, toText } from '../../money.js';
import { byText } from '../../order.js';
import type { Policy } from '../../policy/policy.js';
import type { Holding, Portfolio } from '../portfolio.js';
import type { SizedLine } from '../sizing.js';
import type { GateResult, Reason, UniverseRow } from '../../types.js';
import { judged, reason } from './result.js';

export interface RiskInput {
  portfolio: Portfolio;
  lines: readonly SizedLine[];
  universe: readonly UniverseRow[];
  risk: Policy['risk'];
}

/** Amounts may pass a limit by this much, base currency: holdings are valued to the penny, so a weight is known to one. */
const PENNY = D('0.01');

/**
 * Judges the portfolio as it would be after the ticket, at reference prices.
 *
 * A limit that was passed before the ticket (a position that drifted over its weight, more positions than allowed after
 * the opening snapshot, too little cash) must not block the ticket that mends it, or the portfolio could never come
 * back: turnover may need several weeks for it. So a breach fails the gate only when the ticket adds to it:
 * `MAX_WEIGHT` when it buys the symbol, `MAX_POSITIONS` when it opens a position, `CASH_BUFFER` and `LEVERAGE` when it
 * buys anything. `TURNOVER`, `SHORT_POSITION` and `NOT_PERMITTED` know no such exception.
 */
export function riskGate(input: RiskInput): GateResult {
  const after = portfolioAfter(input.portfolio, input.lines);
  const reasons = [
    ...positionLimit(after, input),
    ...weightLimit(after, input),
    ...cashLimits(after, input),
    ...turnoverLimit(input),
    ...shortPositions(after),
    ...notPermitted(after, input),
  ];
  const evidence = {
    portfolioValue: toText(input.portfolio.value),
    cashAfter: toText(after.cash),
    positionsAfter: after.holdings.length,
    turnover: toText(turnoverOf(input.lines)),
    lines: input.lines.length,
  };
  return judged('risk', reasons, evidence);
}

/** The portfolio after every line is executed at its reference price; worth the same, for costs are not known yet. */
export function portfolioAfter(portfolio: Portfolio, lines: readonly SizedLine[]): Portfolio {
  const holdings = new Map<string, Holding>(portfolio.holdings.map((holding) => [holding.symbol, holding]));
  let cash = portfolio.cash;
  for (const line of lines) {
    const before = holdings.get(line.symbol) ?? { symbol: line.symbol, units: D(0), value: D(0) };
    holdings.set(line.symbol, executed(before, line));
    cash = line.side === 'BUY' ? cash.minus(line.value) : cash.plus(line.value);
  }
  const left = [...holdings.values()].filter(({ units, value }) => !units.isZero() || value.gt(0));
  return { cash, holdings: left.toSorted((a, b) => byText(a.symbol, b.symbol)), value: portfolio.value };
}

// Units of a BUY are not known before it is filled; its value is what the limits are about.
function executed(before: Holding, line: SizedLine): Holding {
  if (line.units === null) return { ...before, value: before.value.plus(line.value) };
  const units = before.units.minus(line.units);
  return { ...before, units, value: units.isZero() ? D(0) : before.value.minus(line.value) };
}

const turnoverOf = (lines: readonly SizedLine[]): Decimal => lines.reduce((sum, line) => sum.plus(line.value), D(0));
const buys = (lines: readonly SizedLine[]): boolean => lines.some((line) => line.side === 'BUY');

function positionLimit(after: Portfolio, { lines, risk }: RiskInput): Reason[] {
  const count = after.holdings.length;
  if (count <= risk.max_positions || !lines.some((line) => line.opens)) return [];
  const message = `${count} positions after the ticket, at most ${risk.max_positions} allowed, and the ticket opens one`;
  return [reason('MAX_POSITIONS', null, message, { positions: count, limit: risk.max_positions })];
}

function weightLimit(after: Portfolio, { portfolio, lines, risk }: RiskInput): Reason[] {
  const limit = D(risk.max_weight).times(portfolio.value).plus(PENNY);
  const bought = new Set(lines.filter((line) => line.side === 'BUY').map((line) => line.symbol));
  return after.holdings
    .filter(({ symbol, value }) => bought.has(symbol) && value.gt(limit))
    .map(({ symbol, value }) => {
      const message = `${symbol} would be bought to ${value.toFixed(2)}, over ${percent(risk.max_weight)} of ${portfolio.value.toFixed(2)}`;
      return reason('MAX_WEIGHT', symbol, message, {
        value: toText(value),
        portfolioValue: toText(portfolio.value),
        limit: risk.max_weight,
      });
    });
}

function cashLimits(after: Portfolio, { portfolio, lines, risk }: RiskInput): Reason[] {
  if (!buys(lines)) return [];
  const buffer = D(risk.cash_buffer).times(portfolio.value);
  const evidence = { cashAfter: toText(after.cash), portfolioValue: toText(portfolio.value), limit: risk.cash_buffer };
  const reasons: Reason[] = [];
  if (after.cash.plus(PENNY).lt(buffer)) {
    reasons.push(
      reason(
        'CASH_BUFFER',
        null,
        `the ticket buys until ${after.cash.toFixed(2)} of cash is left, under the buffer of ${buffer.toFixed(2)}`,
        evidence,
      ),
    );
  }
  if (after.cash.lt(0))
    reasons.push(
      reason('LEVERAGE', null, `the ticket spends ${after.cash.neg().toFixed(2)} more than there is`, evidence),
    );
  return reasons;
}

function turnoverLimit({ portfolio, lines, risk }: RiskInput): Reason[] {
  const turnover = turnoverOf(lines);
  if (turnover.lte(D(risk.max_turnover).times(portfolio.value).plus(PENNY))) return [];
  const message = `the lines move ${turnover.toFixed(2)}, over ${percent(risk.max_turnover)} of ${portfolio.value.toFixed(2)}`;
  return [
    reason('TURNOVER', null, message, {
      turnover: toText(turnover),
      portfolioValue: toText(portfolio.value),
      limit: risk.max_turnover,
    }),
  ];
}

const shortPositions = (after: Portfolio): Reason[] =>
  after.holdings
    .filter(({ units }) => units.lt(0))
    .map(({ symbol, units }) =>
      reason('SHORT_POSITION', symbol, `${symbol} would be ${toText(units)} units: only long positions`, {
        units: toText(units),
      }),
    );

function notPermitted(after: Portfolio, { lines, universe }: RiskInput): Reason[] {
  const kinds = new Map(universe.map((row) => [row.internalSymbol, row.kind]));
  const symbols = new Set([...lines, ...after.holdings].map(({ symbol }) => symbol));
  return [...symbols]
    .toSorted(byText)
    .filter((symbol) => kinds.get(symbol) !== 'stock')
    .map((symbol) => {
      const kind = kinds.get(symbol) ?? 'not in the universe';
      const message = `${symbol} is ${kind}: only underlying stocks of the universe are held; close it at the broker by hand, then reconcile`;
      return reason('NOT_PERMITTED', symbol, message, { kind });
    });
}

const percent = (fraction: number): string => `${toText(D(fraction).times(100))} %`;
