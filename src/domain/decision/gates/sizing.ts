import { toText } from '../../money.js';
import type { Portfolio } from '../portfolio.js';
import type { Sizing } from '../sizing.js';
import type { GateResult, Reason } from '../../types.js';
import { fail, judged, reason } from './result.js';

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
    const reasons = outcome.missing.map(({ subject, message }) => reason('PRICES_MISSING', subject, message));
    return fail('sizing', reasons, { missing: reasons.length });
  }
  const { portfolio, sizing } = outcome;
  const evidence = {
    portfolioValue: toText(portfolio.value),
    cash: toText(portfolio.cash),
    positions: portfolio.holdings.length,
    linesWanted: sizing.wanted,
    lines: sizing.lines.length,
  };
  return judged('sizing', sizing.lines.length > 0 ? [] : [nothingToDo(portfolio, sizing)], evidence);
}

function nothingToDo(portfolio: Portfolio, sizing: Sizing): Reason {
  const message = portfolio.value.lte(0)
    ? 'the portfolio is worth nothing'
    : sizing.wanted === 0
      ? 'every position is at its target already'
      : `${sizing.wanted} ${sizing.wanted === 1 ? 'line' : 'lines'} wanted, none of them worth the minimum line or within the limits`;
  return reason('NOTHING_TO_DO', null, message, { linesWanted: sizing.wanted });
}
