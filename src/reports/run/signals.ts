import type { DecisionFacts } from '../../domain/decision/facts.js';
import { findInMarket, type MarketFindings } from '../../domain/decision/decide.js';
import { chooseTargets } from '../../domain/decision/targets.js';

/**
 * Scores and exclusions of an as-of date, from the facts that a ticket was decided on.
 * @param findings what was found in these facts, where that is at hand; else it is found again
 */
export function signalsJson(
  facts: DecisionFacts,
  { scores }: Pick<MarketFindings, 'scores'> = findInMarket(facts),
): object {
  return {
    schema: 1,
    as_of_date: facts.asOfDate,
    scorer: facts.policy.trading.scorer,
    provider: facts.market.provider,
    policy_hash: facts.policyHash,
    universe_hash: facts.universeHash,
    scores: scores
      .filter(({ score }) => score !== null)
      .map(({ symbol, score }, index) => ({ rank: index + 1, symbol, score })),
    excluded: scores
      .filter(({ score }) => score === null)
      .map(({ symbol, excluded }) => ({ symbol, reason: excluded })),
    targets: chooseTargets(scores, facts.policy.risk),
  };
}
