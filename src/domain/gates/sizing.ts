import { toText } from '../money.js';
import type { Portfolio } from '../portfolio.js';
import type { Sizing } from '../sizing.js';
import type { GateResult, Reason } from '../types.js';

/** What sizing came to: lines on a valued portfolio, or what could not be priced, so that nothing could be sized. */
export type SizingOutcome =
  | { kind: 'SIZED'; portfolio: Portfolio; sizing: Sizing }
  | { kind: 'UNPRICED'; missing: { subject: string | null; message: string }[] };

/**
 * Fails with `PRICES_MISSING` when the portfolio or a target cannot be valued at the as-of close, and with
 * `NOTHING_TO_DO` when no line is left: everything at target, or every line under the minimum.
 */
export function sizingGate(outcome: SizingOutcome): GateResult {
  if (outcome.kind === 'UNPRICED') {
    const reasons = outcome.missing.map(({ subject, message }) => ({ code: 'PRICES_MISSING', subject, message, evidence: {} }));
    return { gate: 'sizing', status: 'FAIL', reasons, evidence: { missing: reasons.length } };
  }
  const { portfolio, sizing } = outcome;
  const evidence = {
    portfolioValue: toText(portfolio.value), cash: toText(portfolio.cash), positions: portfolio.holdings.length,
    linesWanted: sizing.wanted, lines: sizing.lines.length,
  };
  const reasons = sizing.lines.length > 0 ? [] : [nothingToDo(portfolio, sizing)];
  return { gate: 'sizing', status: reasons.length === 0 ? 'PASS' : 'FAIL', reasons, evidence };
}

function nothingToDo(portfolio: Portfolio, sizing: Sizing): Reason {
  const message = portfolio.value.lte(0) ? 'the portfolio is worth nothing'
    : sizing.wanted === 0 ? 'every position is at its target already'
      : `${sizing.wanted} ${sizing.wanted === 1 ? 'line' : 'lines'} wanted, none of them worth the minimum line or within the limits`;
  return { code: 'NOTHING_TO_DO', subject: null, message, evidence: { linesWanted: sizing.wanted } };
}
