import type { Reason } from '../domain/types.js';

/** What would turn each reason of PRODUCT.md section 4 around, in words an operator can act on. */
const REMEDIES: Record<string, string> = {
  MARKET_CLOSED: 'Nothing is to be done: New York is closed today. The next session brings its own ticket.',
  WINDOW_PASSED: 'Nothing is to be done: the execution window is over. Run the 14:00 slot in time on the next session.',
  DATA_MISSING: 'Fetch again with `make market-fetch`; where the provider has no bar, put a file into the drop folder or take the symbol out of the universe.',
  DATA_STALE: 'Fetch again with `make market-fetch` once the provider has published the session that is due.',
  COVERAGE_LOW: 'Fetch the missing symbols again with `make market-fetch`.',
  BENCHMARK_MISSING: 'Fetch the benchmark again with `make market-fetch`.',
  FX_MISSING: 'Fetch again with `make market-fetch` once the rate of the as-of date is published; a rate is never invented.',
  ADJ_CLOSE_MISSING: 'Fetch the whole history of the symbol again, with its splits and dividends.',
  BAR_INVALID: 'Compare the bar with a second source; fetch again once the provider has corrected it.',
  PRICE_JUMP_UNEXPLAINED: 'Find the split or dividend that explains the move, or have the provider correct the bar; then fetch again.',
  ACTION_NEEDS_REVIEW: 'Decide what the split or dividend really was, and rule on it with the command under "Held for review".',
  BAR_REPEATED: 'Fetch again: the provider repeated an old bar.',
  DUPLICATE_BAR: 'Look at the provider\'s answer: it gave two different bars for one date.',
  SOURCES_DISAGREE: 'Find out which source is right; fetch again once the other has corrected its bar.',
  SNAPSHOT_MISSING: 'Read cash and positions off eToro and type `make reconcile-daily`.',
  SNAPSHOT_STALE: 'Read cash and positions off eToro again and type `make reconcile-daily`.',
  LEDGER_CHANGED_SINCE_SNAPSHOT: 'Something was booked after the snapshot: read eToro again and type `make reconcile-daily`.',
  CASH_DRIFT: 'Book what explains the difference (see the reconciliation report), or correct the snapshot; then reconcile again.',
  UNITS_DRIFT: 'Book what explains the difference (see the reconciliation report), or correct the snapshot; then reconcile again.',
  POSITION_UNKNOWN: 'Check the symbol: book the position if it is really held, and name it in the universe; then reconcile again.',
  POSITION_MISSING: 'Check eToro: book the sale if the position is gone, or add it to the snapshot; then reconcile again.',
  TICKET_UNCONFIRMED: 'Confirm the earlier ticket; until then no new trade is issued.',
  SYMBOL_UNVERIFIED: 'Look the symbol up at eToro by hand, and enter who verified it and when in universe.csv.',
  SYMBOL_NOT_TRADABLE: 'Take the symbol out, or mark it tradable in universe.csv once it has been verified as an underlying stock.',
  LEDGER_EMPTY: 'Open the ledger with the first snapshot: `make reconcile-daily`.',
  DRAWDOWN_LIMIT: 'The account has lost more than the policy allows. A human must look, and reset the kill switch with a written reason.',
  KILL_SWITCH_ENGAGED: 'A human must reset the kill switch with a written reason: `trading-ops kill-switch reset --reason "…"`.',
  NOT_REBALANCE_DAY: 'Nothing is to be done: the policy trades on another day. The next rebalance day brings the next TRADE.',
  MAX_POSITIONS: 'The portfolio would hold more positions than the policy allows.',
  MAX_WEIGHT: 'One position would weigh more than the policy allows.',
  CASH_BUFFER: 'Too little cash would remain for the policy\'s buffer.',
  TURNOVER: 'The orders would move more of the portfolio than the policy allows in one day.',
  SHORT_POSITION: 'A sale would exceed what is held; reconcile first.',
  LEVERAGE: 'The orders would spend more cash than there is.',
  NOT_PERMITTED: 'The symbol may never be traded here: only underlying stocks are.',
  TRADING_OFF: 'Set `trading.mode` in policy.yml, or make one dry run: `DRYRUN_TRADES=true make run-1400`.',
  PRICES_MISSING: 'Fetch the missing prices with `make market-fetch`; without them nothing can be sized.',
  NOTHING_TO_DO: 'Nothing is to be done: the portfolio is already where the policy wants it.',
};

/** What would change a reason, for people; a code nobody knows is sent to the document that lists them. */
export const remedyOf = ({ code }: Pick<Reason, 'code'>): string =>
  REMEDIES[code] ?? `See ${code} in docs/INCIDENTS.md.`;
