import type { Subject } from './entry.js';

/** Where a day, a run, a slot, an alert or an answer stands, in the words that a person sees. */
export const states: Subject = {
  id: 'states',
  title: 'States',
  saidBy: 'a day, a run, a ticket, an alert or an answer, of where it stands',
  layout: 'table',
  codes: {
    OPEN: {
      happened:
        'A day that has no reconciliation that passed, or an alert whose cause lasts and that nobody has acknowledged.',
      check: '`make day`, `make alerts-last`',
      remedy: 'For a day: `make reconcile-daily`. For an alert: what it says.',
      next: 'make reconcile-daily -- --snapshot-date YYYY-MM-DD --cash-gbp <cash> --position SYMBOL=UNITS',
    },
    RECONCILED: {
      happened: 'A day whose newest reconciliation passed: it waits for its ticket.',
      remedy: '`make run-1400`, at 14:00; before that `make run-0800` where it has not run.',
      next: 'make run-1400, at 14:00',
    },
    TICKETED: {
      happened: 'A day that has its ticket, which waits for its answer.',
      check: '`make ticket`',
      remedy: 'Answer it: `make confirm` for a NO_TRADE, `FILLS_JSON=… make confirm-fills` for a TRADE.',
    },
    CONFIRMED: {
      happened: 'A day whose ticket is answered: it closes by itself.',
      remedy: 'Nothing is to be done.',
      next: 'trading-ops ledger-report',
    },
    CLOSED: {
      happened: 'A day that is over and done, or a scheduled run of a day on which New York is closed.',
      remedy: 'Nothing is to be done.',
      next: 'trading-ops ledger-report',
    },
    TRADE: {
      happened: 'A ticket with lines that a human executes at eToro within its window, unless it is stamped DRY RUN.',
      check: '`make ticket`',
      remedy: 'Execute it, then `FILLS_JSON=… make confirm-fills`.',
      next: 'FILLS_JSON=/path/to/fills.json make confirm-fills',
    },
    NO_TRADE: {
      happened: 'A ticket that says to place no order; its reasons stand beside it, each a code of this page.',
      remedy: 'Place no order; `make confirm`.',
      next: 'make confirm',
    },
    PASS: {
      happened: 'A gate, a reconciliation, or the prices of an 08:00 run are as they must be.',
      remedy: 'Nothing is to be done.',
    },
    FAIL: {
      happened:
        'A gate, a reconciliation, or the prices of an 08:00 run are not as they must be; the codes stand beside it.',
      remedy: 'As for those codes.',
    },
    DONE: {
      happened: 'A step of a run came to its end, or a ticket line was executed whole.',
      remedy: 'Nothing is to be done.',
    },
    UNDER_WAY: { happened: 'A run has begun, or is due, and has no result yet.', remedy: 'Wait: `make runs-last`.' },
    LATE: {
      happened: 'A run should have begun and has not, and it may still be of use (`RUN_LATE`).',
      remedy: 'As for `RUN_LATE`.',
    },
    STOPPED: {
      happened: 'A run has begun and will not end by itself (`RUN_STOPPED`).',
      remedy: 'As for `RUN_STOPPED`.',
    },
    MISSED: {
      happened:
        'A run came too late to be of use or never came (`RUN_MISSED`), or a day was closed without a ticket for that reason.',
      remedy: 'As for `RUN_MISSED`; a day that is over needs nothing.',
    },
    BOOKED: {
      happened: 'A confirmation was taken, and its fills are in the ledger.',
      remedy: 'Nothing is to be done.',
    },
    ACKNOWLEDGED: {
      happened: 'A NO_TRADE was confirmed, or somebody has seen an alert whose cause lasts.',
      remedy: 'Nothing is to be done for a day; mend the cause of an alert.',
    },
    RECOVERED: { happened: 'The cause of an alert is gone.', remedy: 'Nothing is to be done.' },
    REJECTED: {
      happened: 'A snapshot was refused, and nothing was recorded; the code stands beside it.',
      remedy: 'As for that code.',
    },
    SKIPPED: { happened: 'A ticket line was not traded.', remedy: 'Nothing is to be done: the notes say why.' },
    PARTIAL: {
      happened: 'A ticket line was executed in part.',
      remedy: 'Nothing is to be done: the rest is not made up for.',
    },
    FAILED: {
      happened: 'eToro did not take the order of a ticket line.',
      remedy: 'Nothing is to be done: the notes say why.',
    },
  },
};
