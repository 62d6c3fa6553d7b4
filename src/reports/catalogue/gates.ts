import type { Subject } from './entry.js';

const BY_SIZING =
  'Sizing respects this limit by itself and the risk gate checks it again, so that something is odd: keep the ticket and tell whoever looks after the program.';

/** What the gates other than data quality say (docs/RULES.md 2). */
export const gates: Subject = {
  id: 'gates',
  title: 'Gates',
  saidBy: 'a gate',
  layout: 'sections',
  codes: {
    MARKET_CLOSED: {
      happened: 'New York has no session today (weekend, holiday, special closure).',
      remedy: 'Nothing is to be done: New York is closed today. The next session brings its own ticket.',
      more: 'If the exchange announced a closure that this version does not know, add the date to `calendar.extra_closures` in `config/policy.yml`.',
    },
    WINDOW_PASSED: {
      happened:
        'The 14:00 run came after the end of the execution window. If it happens often, the run is started too late.',
      remedy: 'Nothing is to be done: the execution window is over. Run the 14:00 slot in time on the next session.',
      more: 'Acknowledge the ticket: `make confirm`.',
    },
    SNAPSHOT_MISSING: {
      happened: 'No snapshot was ever recorded.',
      remedy: 'Read cash and positions off eToro and type `make reconcile-daily`.',
      more: 'The [procedure](RECONCILIATION_SOP.md).',
    },
    SNAPSHOT_STALE: {
      happened: 'The newest snapshot is of before the as-of date.',
      remedy: 'Read cash and positions off eToro again and type `make reconcile-daily`.',
    },
    LEDGER_CHANGED_SINCE_SNAPSHOT: {
      happened: 'Something was booked after the snapshot. Right after a booking this is normal.',
      check: 'If you booked nothing, look who did: `make ledger -- journal --limit 5`.',
      remedy: 'Something was booked after the snapshot: read eToro again and type `make reconcile-daily`.',
    },
    CASH_DRIFT: {
      happened: 'Cash differs by more than £5.',
      check: '[Section 4 of the procedure](RECONCILIATION_SOP.md#4-when-it-fails).',
      remedy:
        'Book what explains the difference (see the reconciliation report), or correct the snapshot; then reconcile again.',
    },
    UNITS_DRIFT: {
      happened:
        'Units of a symbol differ by more than 0.0001. On the ex-date of a split this is right, and nothing is to be booked until the next session.',
      check: '[Section 4 of the procedure](RECONCILIATION_SOP.md#4-when-it-fails).',
      remedy:
        'Book what explains the difference (see the reconciliation report), or correct the snapshot; then reconcile again.',
    },
    POSITION_UNKNOWN: {
      happened: 'eToro shows a position that the ledger or the universe does not know.',
      check: 'The symbol first; then where the position came from.',
      remedy:
        'Check the symbol: book the position if it is really held, and name it in the universe; then reconcile again.',
    },
    POSITION_MISSING: {
      happened: 'The ledger has a position that the snapshot does not show.',
      check:
        'Was it left out? If it is gone: which order sold it? A sale outside the tickets is a reason to stop and find out.',
      remedy: 'Check eToro: book the sale if the position is gone, or add it to the snapshot; then reconcile again.',
      more: 'A sale by a ticket is booked with its fills: `FILLS_JSON=… make confirm-fills`.',
    },
    TICKET_UNCONFIRMED: {
      happened:
        'A ticket of an earlier day was never answered, or no signature of its answer holds: NO CONFIRM, NO TRADE.',
      check:
        '`make tickets-last` shows it; `trading-ops ticket show` and its page on the desk say why an answer does not count.',
      remedy: 'Confirm the earlier ticket; until then no new trade is issued.',
      more:
        '`make confirm` or `FILLS_JSON=… make confirm-fills`, which take the oldest open ticket first. An answer that does ' +
        'not count and says what happened is signed by sending the same again; another one amends it. Who wrote it is a ' +
        'question for `trading-ops signatures verify`.',
    },
    CLOCK_BEHIND_FACTS: {
      happened:
        'The clock that decides is behind the newest fact that is stored of the account, by more than a minute: it was set back, or it was ahead when that fact was stored.',
      check: '`make doctor` compares the clocks; the message names the fact and its instant.',
      remedy: "Set this machine's clock right, then run the slot again.",
      more: 'Where the stored fact came from a clock that was ahead, no TRADE is issued until its time has passed.',
    },
    BOOKS_BROKEN: {
      happened:
        'What is stored contradicts itself or the audit log: two tickets of a day, a TRADE without a gate, cash ' +
        'or units that are not the sum ' +
        'of the entries, a confirmation booked otherwise than once, a fact that was changed, added or removed ' +
        'behind the back of the program, a schema that is not as the migrations make it; or (I9) the newest whole backup is too old, or (I10) a secret stands in ' +
        'a log or a ticket. No TRADE is issued while it is so.',
      check: '`make books -- verify` names each; `make audit -- verify` names table and key.',
      remedy:
        'I6: `trading-ops watch`. I9: `make backup`. I10: take the secret out of that file, and give the ' +
        'installation another one. Anything else: do not trade, find out who wrote to the database, and go back to a ' +
        'backup from before it (docs/RUNBOOK.md, Books that are broken). Then `make books -- verify`.',
      more:
        'Trading goes on by itself when the books hold: with the next hourly watch, or `make books -- verify`, that ' +
        'finds nothing broken, the alert recovers, and the next ticket of 14:00 may be a TRADE again. ' +
        '[Books that are broken](RUNBOOK.md#books-that-are-broken) says for each kind what is done.',
    },
    SYMBOL_UNVERIFIED: {
      happened: "Nobody has signed the symbol's row, or it is held and has none.",
      remedy: 'Look the symbol up at eToro by hand, and enter who verified it and when in universe.csv.',
      more: '[How to verify a row](ETORO_CONSTRAINTS.md#verifying-a-row-of-the-universe).',
    },
    SYMBOL_NOT_TRADABLE: {
      happened: 'An enabled or held symbol is marked as not tradable.',
      remedy:
        'Take the symbol out, or mark it tradable in universe.csv once it has been verified as an underlying stock.',
      more: 'If it is still held, correct the row, or close the position by hand and reconcile.',
    },
    LEDGER_EMPTY: {
      happened: 'Nothing was ever booked on the account.',
      remedy: 'Open the ledger with the first snapshot: `make reconcile-daily`.',
    },
    DRAWDOWN_LIMIT: {
      happened:
        "The account has fallen by the policy's `risk.max_drawdown` (20 %) from its peak, deposits and withdrawals taken out. " +
        'The kill switch engages by itself.',
      check: 'That it is true: prices (`make data-quality`), units and splits (`make ledger-report`).',
      remedy:
        'The account has lost more than the policy allows. A human must look, and reset the kill switch with a written reason.',
      more:
        'If it is true, it is a decision for the household, not for the morning. A reset accepts the loss: from then on the fall is ' +
        'measured from where the account stood.',
    },
    VALUATION_STALE: {
      happened:
        'The newest valuation of the account is not of the as-of date, so nobody knows how far it has fallen and the kill switch cannot ' +
        'engage by itself. Mostly a symbol that is held has no price any more: it was renamed, bought out or delisted. Or its price waits for a ruling.',
      check: 'The steps of the 08:00 run name the symbol (`make runs-last`), and so does `make doctor`.',
      remedy:
        'Book what became of the symbol that the 08:00 run names (`trading-ops ledger --help` lists what can happen to a holding), rule on it, or bring its price; then `make data-quality`.',
      more: 'The index goes on from the last valuation: nothing is lost but the days between.',
    },
    KILL_SWITCH_ENGAGED: {
      happened:
        'Somebody, or the drawdown limit, stopped all trading: a gate says so on each ticket, and an alert says so once, when it happens.',
      check: '`make kill-switch -- status` says who, when and why.',
      remedy: 'A human must reset the kill switch with a written reason: `trading-ops kill-switch reset --reason "…"`.',
      more: 'The alert then recovers.',
    },
    NOT_REBALANCE_DAY: {
      happened: "The policy trades weekly, on the week's first session, and today is another.",
      remedy: 'Nothing is to be done: the policy trades on another day. The next rebalance day brings the next TRADE.',
    },
    MAX_POSITIONS: {
      happened: "The ticket would open a position beyond the policy's number.",
      check: 'What is held: `make ledger-report`.',
      remedy: 'The portfolio would hold more positions than the policy allows.',
      more: `Nothing is to be done at eToro. ${BY_SIZING}`,
    },
    MAX_WEIGHT: {
      happened: 'The ticket would buy a position beyond its share of the portfolio.',
      check: 'The valuation, and what is held: `make ledger-report`.',
      remedy: 'One position would weigh more than the policy allows.',
      more: `Nothing is to be done at eToro. ${BY_SIZING}`,
    },
    CASH_BUFFER: {
      happened: 'The ticket would buy until too little cash is left.',
      check: 'What is held: `make ledger-report`.',
      remedy: "Too little cash would remain for the policy's buffer.",
      more: `Nothing is to be done at eToro. ${BY_SIZING}`,
    },
    TURNOVER: {
      happened: 'The lines together would move more than the policy allows in one ticket.',
      check: 'What is held: `make ledger-report`.',
      remedy: 'The orders would move more of the portfolio than the policy allows in one day.',
      more: `Nothing is to be done at eToro. ${BY_SIZING}`,
    },
    SHORT_POSITION: {
      happened: 'A sale would exceed what is held.',
      remedy: 'A sale would exceed what is held; reconcile first.',
      more: `Do not execute anything. ${BY_SIZING}`,
    },
    LEVERAGE: {
      happened: 'The lines would spend more cash than there is.',
      remedy: 'The orders would spend more cash than there is.',
      more: `Do not execute anything; reconcile. ${BY_SIZING}`,
    },
    NOT_PERMITTED: {
      happened:
        'The ticket or the portfolio holds something that is no underlying stock of the universe: an ETF, a CFD, a benchmark.',
      remedy: 'The symbol may never be traded here: only underlying stocks are.',
      more: 'Close the position at eToro by hand, in your own time, book what changed, and reconcile.',
    },
    TRADING_OFF: {
      happened: '`trading.mode` is `off` in the policy: the default, and no fault.',
      remedy: 'Set `trading.mode` in policy.yml, or make one dry run: `DRYRUN_TRADES=true make run-1400`.',
    },
    PRICES_MISSING: {
      happened: 'Something held or wanted has no close of the as-of date, or no rate, so that nothing could be sized.',
      check:
        'The data reasons beside it, first. "No enabled stock could be scored" means too little history: scoring needs 64 closes.',
      remedy: 'Fetch the missing prices with `make market-fetch`; without them nothing can be sized.',
      more: 'More history: `make market-fetch -- --full`.',
    },
    NOTHING_TO_DO: {
      happened: 'The portfolio is at its targets, or every line would be below the minimum.',
      remedy: 'Nothing is to be done: the portfolio is already where the policy wants it.',
    },
  },
};
