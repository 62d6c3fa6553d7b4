import type { DecisionFacts } from '../facts.js';
import { drawdown as drawdownOf, reachesLimit } from '../../ledger/equity.js';
import { D, toText } from '../../money.js';
import type { GateResult, Reason } from '../../types.js';
import { judged, reason } from './result.js';

type KillSwitchFacts = Pick<DecisionFacts, 'killSwitch' | 'equity' | 'valuationDue'> & {
  policy: Pick<DecisionFacts['policy'], 'risk'>;
} & Partial<Pick<DecisionFacts, 'asOfDate'>>;

/**
 * `KILL_SWITCH_ENGAGED` while the latch is engaged: only a human resets it, with a written reason. `DRAWDOWN_LIMIT` when
 * `1 - index / peak` has reached the policy's `max_drawdown`, measured on the equity index: deposits and withdrawals are
 * taken out of it, so that paying money in or out neither hides a loss nor looks like one. `VALUATION_STALE` when that index is
 * not of the as-of date: a safety figure never ages in silence (docs/RULES.md 2.7).
 */
export function killSwitchGate({ killSwitch, equity, policy, ...dates }: KillSwitchFacts): GateResult {
  const drawdown = equity === null ? null : drawdownOf(equity.index, equity.peak);
  const evidence = {
    engaged: killSwitch.engaged,
    equityIndex: equity?.index ?? null,
    equityPeak: equity?.peak ?? null,
    equityDate: equity?.asOfDate ?? null,
    drawdown: drawdown && toText(D(drawdown).toDecimalPlaces(6)),
    maxDrawdown: policy.risk.max_drawdown,
  };
  const reasons: Reason[] = [];
  if (killSwitch.engaged) {
    const message = `the kill switch is engaged (${killSwitch.reason ?? 'no reason recorded'}); a human must reset it with a written reason`;
    reasons.push(reason('KILL_SWITCH_ENGAGED', null, message, { reason: killSwitch.reason }));
  }
  if (drawdown !== null && reachesLimit(drawdown, policy.risk.max_drawdown))
    reasons.push(overLimit(drawdown, evidence));
  reasons.push(...stale(equity, dates));
  return judged('kill_switch', reasons, evidence);
}

/** Nothing is asked of facts from before the rule, nor of an account that had nothing to value in the morning. */
function stale(
  equity: DecisionFacts['equity'],
  { valuationDue = false, asOfDate }: Pick<KillSwitchFacts, 'valuationDue' | 'asOfDate'>,
): Reason[] {
  if (!valuationDue || asOfDate === undefined || (equity !== null && equity.asOfDate >= asOfDate)) return [];
  const newest = equity === null ? 'the account was never valued' : `the newest valuation is of ${equity.asOfDate}`;
  const message = `${newest}; it must be of ${asOfDate}: nobody knows how far the account has fallen`;
  return [reason('VALUATION_STALE', null, message, { equityDate: equity?.asOfDate ?? null, asOfDate })];
}

const percent = (fraction: string): string => `${toText(D(fraction).times(100).toDecimalPlaces(2))} %`;

function overLimit(drawdown: string, evidence: Reason['evidence']): Reason {
  return reason(
    'DRAWDOWN_LIMIT',
    null,
    `equity is ${percent(drawdown)} below its peak; the limit is ${percent(String(evidence['maxDrawdown']))}`,
    evidence,
  );
}
