import type { Subject } from './entry.js';

/** Why an answer to a ticket, or a snapshot, is refused. */
export const confirming: Subject = {
  id: 'confirming',
  title: 'Confirming and booking',
  saidBy: 'a confirmation or a reconciliation that is refused',
  layout: 'sections',
  codes: {
    ALREADY_CONFIRMED_DIFFERENTLY: {
      happened:
        'Somebody confirmed this ticket before, or at the same moment, with other content, or has amended what you ' +
        'were about to amend; the message says who and when.',
      check: 'Whose answer is right? If theirs, nothing is to be done.',
      remedy: 'If yours is right, send it again with `-- --amend`.',
    },
    TICKET_IS_TRADE: {
      happened: '`make confirm` only acknowledges NO_TRADE, and this ticket is a TRADE.',
      remedy:
        'Report the fills, also when nothing was executed (every line `SKIPPED`): `FILLS_JSON=… make confirm-fills`.',
    },
    TICKET_IS_NO_TRADE: {
      happened: 'Fills were reported for a NO_TRADE ticket.',
      check: 'If you did trade, stop: reconcile, and see `POSITION_UNKNOWN`.',
      remedy: 'Else `make confirm`.',
    },
    TICKET_SUPERSEDED: {
      happened: 'The ticket was replaced by a newer one of its day; the message names it.',
      remedy: 'Confirm that one.',
    },
    TICKET_OF_ANOTHER_DAY: {
      happened: 'The message was sent to the wrong day or account.',
      remedy: 'Leave `--ticket` to the program, or take it from `make tickets-last`.',
    },
    TICKET_UNKNOWN: {
      happened: 'There is no such ticket on this account, or a restore has lost it (`CONFIRMATION_LOST`).',
      remedy: 'Take the id from `make tickets-last`.',
    },
    ID_AMBIGUOUS: {
      happened: 'Several ids begin with what was given; the message names them.',
      remedy: 'Give the one that is meant whole.',
    },
    NO_TICKET: { happened: 'The account has no ticket yet.', remedy: '`make run-1400`' },
    NO_DAY: { happened: 'The account has no trading day yet.', remedy: '`make run-0800`' },
    FILLS_INVALID: {
      happened: 'The fills break rules; each is named with field, value and rule (exit 64).',
      check:
        'Every ticket line once, symbol and side as on the ticket, `DONE` and `PARTIAL` with units, price, value and ' +
        'time; no time before the ticket or in the future; units and price not swapped, the price one of this share, ' +
        'the value what units × price come to.',
      remedy: 'Correct the file and send it again.',
    },
    FILLS_DEVIATE: {
      happened:
        'Fills depart from the ticket: outside the window, beyond the skip price, a size more than 5 % off, a price ' +
        'further than `ticket.max_price_deviation` from the reference price, or a value that units × price do not ' +
        'come to at the rate of the ticket. Each is named with line, figure, rule and by how much. Nothing was booked.',
      check: "eToro's history: is each figure as it stands there?",
      remedy:
        'Correct a slip. If it happened so, own it: the same again with `--accept-deviation 1="why"`, once for each ' +
        'line that is named.',
    },
    EXECUTION_CLAIMED: {
      happened: 'Somebody else executes the ticket: two would place the same orders twice.',
      check: 'Who: Today, and each page of the ticket, say it.',
      remedy: 'Ask them. If they cannot go on, take it over with a reason, on the page on which it is executed.',
    },
    EXECUTION_OVER: {
      happened: 'The ticket has its answer: nothing of it is left to execute.',
      remedy: 'Nothing is to be done; what was reported wrongly is amended.',
    },
    DRAFT_STALE: {
      happened: 'A line of the answer was saved otherwise, on another device or by somebody else, after it was read.',
      check: 'Both: the message has theirs, the form yours.',
      remedy: 'Send it again to keep yours, or open the page anew to see theirs.',
    },
    AMENDMENT_REASON_INVALID: {
      happened: 'An answer is to be amended, and nothing is said of why, or what cannot be kept.',
      remedy: 'Say why it is amended.',
    },
    DEVIATION_INVALID: {
      happened: 'A deviation is owned that is none, or of no line, twice, or without a reason; the message says which.',
      remedy: 'Own each line that `FILLS_DEVIATE` names, once, and nothing else.',
    },
    UNITS_WOULD_BE_NEGATIVE: {
      happened: 'The fills would sell more than the ledger holds.',
      check: 'The units at eToro.',
      remedy: 'If they are right, reconcile first: `make reconcile-daily`.',
    },
    SNAPSHOT_INVALID: {
      happened:
        'The snapshot breaks rules; each is named (exit 64, or 2 where only stored facts could tell). Nothing was recorded.',
      remedy: 'Correct it and reconcile again.',
    },
    ALREADY_BOOKED: {
      happened: 'The same deposit, withdrawal, fee, dividend or split is booked already.',
      remedy: 'Nothing is to be done. A second deposit or fee that is really the same in all respects: `--another`.',
    },
    BOOKED_OUT_OF_ORDER: {
      happened:
        'Another entry was reckoned from the units of then: a split, a merger or figures set right of a later date. ' +
        'What changes the units before it would leave it wrong.',
      remedy:
        'Reverse that entry first (`make ledger -- reverse --entry <entry> --reason "…"`), then book both in the order ' +
        'in which they happened.',
    },
    ALREADY_BOOKED_DIFFERENTLY: {
      happened:
        'The dividend or split of that symbol and ex-date is booked with other figures, or an entry that says ' +
        'something else has the key of what was to be booked. Nothing was booked.',
      remedy:
        'Reverse that entry first (`make ledger -- reverse <entry> --reason "…"`), then book again. One that nobody ' +
        'here booked is named by `trading-ops signatures verify`.',
    },
  },
};

/** Why a booking, a claim of time or an account is refused. */
export const booking: Subject = {
  id: 'booking',
  title: 'Other refusals',
  saidBy: 'an operation that is refused',
  layout: 'table',
  codes: {
    ACCOUNT_NOT_OPEN: {
      happened: 'The policy names the account, the database does not have it yet.',
      remedy: '`make run-0800`, or `./trading-ops account add <name> --base-currency GBP`.',
    },
    ACCOUNT_DIFFERS: {
      happened: 'The account is open with another currency or clock, for ever.',
      remedy: 'Set the policy back, or use another account or data directory.',
    },
    CLAIM_IN_FUTURE: {
      happened: 'Whoever sent it says that it is later than the clock of the machine that books.',
      check: 'Both clocks: `make doctor`.',
      remedy: 'Set the clock that is wrong, and send it again.',
    },
    DAY_CROWDED: {
      happened: 'Fifty messages of a kind wait for the day already, or it is about to go on in a fresh history.',
      check: 'Who sends them: the Temporal Web UI.',
      remedy: '`make day`, then say it again.',
    },
    CLAIM_NOT_TODAY: {
      happened: "A run or a watch of a real account was asked for in another day's name.",
      check: 'Who started it, and with which instant: the Temporal Web UI.',
      remedy: 'Leave the instant out; what a schedule missed is made up for with `trading-ops schedules backfill`.',
    },
    DAY_NOT_OVER: {
      happened:
        "Somebody said that a day's 14:00 run was missed, and the day was never opened, has a ticket, or may still get one.",
      check: 'Who sent it: the Temporal Web UI.',
      remedy: 'Nothing is to be done: the watch closes a day whose run was missed.',
    },
    CLAIM_BEFORE_DAY: {
      happened: 'Whoever sent it says that it is a time before the trading day.',
      check: 'Which day is open: `make day`.',
      remedy: 'Act on the day itself.',
    },
    CLAIM_BEFORE_ACCOUNT: {
      happened: 'Whoever sent it says that it is a time before the account was opened.',
      check: 'Both clocks: `make doctor`.',
      remedy: 'Set the clock that is wrong, and send it again.',
    },
    ACTION_UNKNOWN: {
      happened: 'No such split or dividend is stored up to the as-of date.',
      remedy: '`make market-fetch`; or give `--ratio`, `--amount` or `--net`.',
    },
    ALERT_UNKNOWN: {
      happened: 'No alert has this id, or several begin like that.',
      remedy: 'Take the id from `make alerts -- list --open`.',
    },
    ALREADY_REVERSED: { happened: 'The entry was taken back before.', remedy: 'Nothing is to be done.' },
    BASELINE_EMPTY: {
      happened: 'An empty ledger is opened with cash above 0 or a position.',
      remedy: 'Name one; an account that began with nothing is opened with its first deposit, `--cash` and `--date`.',
    },
    CASH_WOULD_BE_NEGATIVE: {
      happened: 'The ledger would owe money.',
      check: 'The amount.',
      remedy: 'Book the deposit first.',
    },
    DIVIDEND_TOO_SMALL: { happened: 'The dividend comes to less than a penny.', remedy: 'Nothing is to be done.' },
    COST_SHARE_MISSING: {
      happened: 'The cost of a holding is split by what each part is worth, and no closes of both are stored yet.',
      check: 'Whether the new shares have prices: `make market-fetch`.',
      remedy: 'Give the fraction that the company published: `--cost-share`.',
    },
    EVENT_TOO_EARLY: {
      happened: 'The date has no prices yet: what a holding becomes would be counted before it has a price.',
      remedy: 'Book it on the next session; until then `UNITS_DRIFT` keeps the day NO_TRADE.',
    },
    ENTRY_NOT_REVERSIBLE: {
      happened: 'Openings, fills and reversals are corrected otherwise.',
      remedy: 'The message says how.',
    },
    ENTRY_UNKNOWN: {
      happened: 'There is no entry of that number on this account.',
      remedy: 'Take the number from `make ledger -- journal`.',
    },
    LEDGER_NOT_EMPTY: {
      happened: '`simulate` needs an account nobody has booked on.',
      remedy: 'Use another data directory.',
    },
    NOTHING_HELD: {
      happened: 'No units were held.',
      check: 'Symbol and date.',
      remedy: 'Give `--net` or `--units` for a dividend, `--position` for a baseline.',
    },
    RUN_UNKNOWN: {
      happened: 'A run is named that the database does not have.',
      check: 'Is it the right database?',
      remedy: '`make runs-last`',
    },
    RUN_OF_ANOTHER_DAY: { happened: 'A run asked for the ticket of another day.', remedy: '`make run-1400` again.' },
    SPLIT_TOO_EARLY: {
      happened:
        'The split is of a date that has no prices yet: booked now, units after the split would be priced before it.',
      remedy: 'Book it on the next session; until then `UNITS_DRIFT` keeps the day NO_TRADE.',
    },
    SPLIT_BEFORE_OPENING: {
      happened: 'The opening snapshot had the split in its units.',
      remedy: 'Nothing is to be done.',
    },
  },
};

/** What does not check out. */
export const proofs: Subject = {
  id: 'proofs',
  title: 'Proofs',
  saidBy: 'a proof',
  layout: 'sections',
  codes: {
    TICKET_DIFFERS: {
      happened:
        '`ticket verify` could not recompute the ticket; each line says what differs. Where the desk, `day`, `ticket show`, ' +
        '`ticket fills`, a claim or the run of 14:00 says so, a TRADE that waits was not decided on what is stored: no order ' +
        'of it is to be placed, and the run issues no other ticket beside it.',
      check:
        '**"… when issued, … now"** for a bar, a rate or an action: the provider has restated history since, or somebody changed a row. The ' +
        'revision is on record; the ticket keeps the figures it was made from and stays valid. **"material hash", "stored material" or "ticket id"**: ' +
        'the ticket or its pinned facts were altered.',
      remedy:
        'When it was altered: stop trading (`make kill-switch -- engage --reason "…"`), keep the database as it is, and find ' +
        'out who had access. What was placed of it already is reported as ever (`make confirm-fills`).',
    },
    FACTS_MISSING: {
      happened: 'A ticket has no pinned facts: rows were removed around the program.',
      remedy: 'As for a ticket that was altered, `TICKET_DIFFERS`.',
    },
    FACTS_UNREADABLE: {
      happened:
        'The facts pinned to a ticket, the ticket itself, or what a gate or a comparison said is in no shape that any ' +
        'version wrote: the row was written around the program, or this program is older than the database.',
      check: '`./trading-ops doctor`',
      remedy:
        'With an older program, install the newer one. Otherwise as for a ticket that was altered, `TICKET_DIFFERS`.',
    },
    AUDIT_BROKEN: {
      happened:
        '`make audit -- verify` found records of the log that are missing, out of order or altered, heads kept ' +
        'outside of it that it does not have, facts that were changed, added or removed, or a schema that is not as ' +
        'the migrations make it (a function, trigger or constraint of somebody else); it names number, or table ' +
        "and key. The application's role cannot do that: somebody worked on the database as its owner.",
      remedy:
        'Stop trading (`make kill-switch -- engage --reason "audit broken"`), keep the database as it is, and compare it with a copy.',
      next:
        'stop trading (trading-ops kill-switch engage), keep the database as it is, ' +
        'and restore a verified backup beside it to compare',
    },
    EVIDENCE_UNREADABLE: {
      happened:
        'What was stored with a reconciliation is in no shape that any version wrote: a row was written around the program, or this program is ' +
        'older than the database.',
      check: '`./trading-ops doctor`',
      remedy: 'Reconcile again: the newest counts. Keep the row, and report it.',
    },
    INVARIANT_BROKEN: {
      happened:
        '`simulate` found a rule broken after a day: two tickets, books that do not add up, a broken audit log. It names which. That is a fault ' +
        'of the program.',
      remedy: 'Keep the data directory and report it.',
    },
  },
};
