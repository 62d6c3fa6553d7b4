import { executionWindow } from '../calendar/calendar.js';
import type { DecisionFacts } from './facts.js';
import { booksGate } from './gates/books.js';
import { cadenceGate } from './gates/cadence.js';
import { calendarGate } from './gates/calendar.js';
import { confirmationGate } from './gates/confirmation.js';
import { killSwitchGate } from './gates/kill-switch.js';
import { ledgerGate } from './gates/ledger.js';
import { reconciliationGate } from './gates/reconciliation.js';
import { riskGate } from './gates/risk.js';
import { sizingGate, type SizingOutcome } from './gates/sizing.js';
import { tradingModeGate } from './gates/trading-mode.js';
import { universeGate } from './gates/universe.js';
import type { Quote } from '../ledger/valuation.js';
import { pennies, toText } from '../money.js';
import { byText } from '../order.js';
import { heldSymbols, quotesAt, rateTo, valuePortfolio } from './portfolio.js';
import { assessQuality, exclusionsBySymbol, ratesNeeded } from '../market/index.js';
import { scoreUniverse } from './scoring.js';
import { sizeLines } from './sizing.js';
import { chooseTargets, type Target } from './targets.js';
import { buildMaterial } from './ticket.js';
import type { Decision, GateResult, Scored } from '../types.js';

/** What is found of the market alone: it is the same for every account with the same prices and the same holdings. */
export interface MarketFindings {
  scores: Scored[];
  /** The gate `data_quality`. */
  quality: GateResult;
}

/** What of an account's facts is looked at in finding them. */
export type MarketView = Pick<DecisionFacts, 'universe' | 'market' | 'policy' | 'ledger' | 'account'>;

/** Scores the universe and judges the prices that an account is to decide on. */
export function findInMarket(facts: MarketView): MarketFindings {
  const { universe, market, policy } = facts;
  const quality = assessQuality(market, universe, heldSymbols(facts.ledger), policy, needsRate(facts));
  const leftOut = exclusionsBySymbol(quality.exclusions ?? []);
  return { scores: scoreUniverse(universe, market, policy.trading.scorer, leftOut), quality };
}

/** Whether the account needs a rate to be valued and to trade. */
export const needsRate = ({ universe, ledger, account }: MarketView): boolean =>
  ratesNeeded(universe, heldSymbols(ledger), [account.baseCurrency]);

/**
 * Decides the day's ticket from stored facts alone: every gate in a fixed order, each of them also when an earlier one
 * failed, so that the operator sees all reasons at once. TRADE only when all pass. The same facts, in whatever order
 * their lists and keys come, give the same material. `risk` is judged whenever the portfolio can be priced.
 * @param found what `findInMarket` finds in these facts, for whoever knows it already.
 */
export function decideTicket(facts: DecisionFacts, found: MarketFindings = findInMarket(facts)): Decision {
  const { scores, quality } = found;
  const targets = chooseTargets(scores, facts.policy.risk);
  const quotes = quotesAt(facts, new Set([...Object.keys(facts.ledger.units), ...targets.map(({ symbol }) => symbol)]));
  const outcome = size(facts, targets, quotes);
  const sized = outcome.kind === 'SIZED' ? outcome : null;
  const gates = [...factGates(facts, quality), sizingGate(outcome), ...(sized ? [judgeRisk(facts, sized)] : [])];
  const window = executionWindow(facts.tradingDay, facts.policy.calendar);
  return {
    gates,
    scores,
    targets: Object.fromEntries(targets.map(({ symbol, weight }) => [symbol, weight])),
    portfolioValue: sized ? toText(pennies(sized.portfolio.value)) : null,
    material: buildMaterial(facts, gates, sized && { lines: sized.sizing.lines, quotes, window }),
  };
}

function factGates(facts: DecisionFacts, quality: GateResult): GateResult[] {
  const books = booksGate(facts);
  return [
    calendarGate(facts),
    quality,
    universeGate(facts),
    ledgerGate(facts),
    reconciliationGate(facts),
    confirmationGate(facts),
    ...(books ? [books] : []),
    killSwitchGate(facts),
    cadenceGate(facts),
    tradingModeGate(facts),
  ];
}

const judgeRisk = (facts: DecisionFacts, { portfolio, sizing }: SizingOutcome & { kind: 'SIZED' }): GateResult =>
  riskGate({ portfolio, lines: sizing.lines, universe: facts.universe, risk: facts.policy.risk });

function size(facts: DecisionFacts, targets: readonly Target[], quotes: ReadonlyMap<string, Quote>): SizingOutcome {
  // Without a single score the targets are unknown, not empty: empty targets would sell everything that is held.
  if (targets.length === 0) {
    return { kind: 'UNPRICED', missing: [{ subject: null, message: 'no enabled stock could be scored' }] };
  }
  const valued = valuePortfolio(facts.ledger, quotes);
  const unpriced = [
    ...('unpriced' in valued ? valued.unpriced : []),
    ...targets.map(({ symbol }) => symbol).filter((symbol) => !quotes.has(symbol)),
  ];
  if ('unpriced' in valued || unpriced.length > 0)
    return { kind: 'UNPRICED', missing: explainUnpriced(unpriced, facts) };
  const { portfolio } = valued;
  return { kind: 'SIZED', portfolio, sizing: sizeLines({ portfolio, targets, quotes, policy: facts.policy }) };
}

function explainUnpriced(symbols: readonly string[], facts: DecisionFacts): { subject: string; message: string }[] {
  const currencies = new Map(facts.universe.map((row) => [row.internalSymbol, row.listingCurrency]));
  const bySubject = new Map(
    symbols.map((symbol) => {
      const currency = currencies.get(symbol);
      if (currency === undefined) return [symbol, `${symbol} is not in the universe: its currency is unknown`];
      if (rateTo(currency, facts) !== null) return [symbol, `${symbol} has no close of ${facts.asOfDate}`];
      const pair = `${facts.account.baseCurrency}${currency}`;
      return [pair, `no rate of ${pair} for ${facts.asOfDate}`];
    }),
  );
  return [...bySubject].toSorted(([a], [b]) => byText(a, b)).map(([subject, message]) => ({ subject, message }));
}
