import { findInMarket, needsRate, type MarketFindings, type MarketView } from '../../domain/decision/decide.js';
import type { DecisionFacts, MarketFacts } from '../../domain/decision/facts.js';
import { heldSymbols } from '../../domain/decision/portfolio.js';
import { keepNewest } from '../../domain/keep.js';

/** Findings that are kept of one set of prices: accounts with the same holdings share one. */
const KEPT_MAX = 64;

const keptOf = new WeakMap<MarketFacts, Map<string, MarketFindings>>();

/**
 * What is found in the market, once for all accounts that have the same holdings. The accounts of a run share one object
 * of market facts, which nobody changes, so it stands for its content; with it goes what was found in it.
 */
export function findingsOf(facts: MarketView & Pick<DecisionFacts, 'policyHash' | 'universeHash'>): MarketFindings {
  const kept = keptOf.get(facts.market) ?? new Map<string, MarketFindings>();
  keptOf.set(facts.market, kept);
  const key = [facts.policyHash, facts.universeHash, needsRate(facts), ...heldSymbols(facts.ledger)].join(' ');
  const found = kept.get(key) ?? findInMarket(facts);
  keepNewest(kept, key, found, KEPT_MAX);
  return found;
}
