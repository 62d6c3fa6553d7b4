import type { DecisionFacts } from '../../domain/decision/facts.js';
import { findInMarket } from '../../domain/decision/decide.js';
import { chooseTargets } from '../../domain/decision/targets.js';

/** Scores and exclusions of an as-of date, computed again from the facts that a ticket was decided on. */
export function signalsJson(facts: DecisionFacts): object {
  const { scores } = findInMarket(facts);
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
