import type { Subject } from './entry.js';

/** What an alert says; its severity stands in domain/alerts/codes.ts. `KILL_SWITCH_ENGAGED` is a gate's, too, and stands there. */
export const alerts: Subject = {
  id: 'alerts',
  title: 'Alerts',
  saidBy: 'an alert',
  layout: 'sections',
  codes: {
    CONFIRMATION_DUE: {
      happened: 'A ticket waits for its confirmation at the time of the reminder (16:00).',
      check: '`make day` says which ticket, and whether it is a TRADE.',
      remedy: 'Answer it: `make confirm` for a NO_TRADE, `FILLS_JSON=… make confirm-fills` for a TRADE.',
    },
    CONFIRMATION_OVERDUE: {
      happened:
        'The ticket still waits at 20:00. Nobody may know what was executed. Until it is answered the next tickets are NO_TRADE with ' +
        '`TICKET_UNCONFIRMED`. Nothing is lost by waiting: the day stays open.',
      check: "eToro's history of today.",
      remedy:
        'Report exactly what eToro shows (`SKIPPED` where there is nothing) with `FILLS_JSON=… make confirm-fills`, and reconcile in the morning.',
    },
    TICKET_DEVIATION: {
      happened:
        'Fills were booked that depart from their ticket, and the operator owned it with a reason. The alert says what, ' +
        'by how much and why; so does the report of the day, with the sum of all so far.',
      check: 'Is the reason good? Was the ticket followed late, or not at all? Does it happen again and again?',
      remedy:
        'Acknowledge it. What was reported wrong is corrected with `make confirm-fills -- --amend`, ' +
        'and the alert recovers.',
    },
    CONFIRMATION_RECEIPT: {
      happened:
        'A ticket was answered: the receipt says in whose name, through which door, and what was booked, line by ' +
        'line. It is no condition that lasts: it is over as soon as it is told, and only told where a sink takes ' +
        'alerts of severity `info`.',
      check: 'Was it you, or the other operator? Are the lines those that eToro shows?',
      remedy:
        'Nothing, where they are. Else `./trading-ops kill-switch engage --reason "<what was found>"`, then ' +
        '`./trading-ops signatures verify` and `./trading-ops audit verify`; a wrong line is corrected with ' +
        '`make confirm-fills -- --amend`.',
    },
    BACKUP_FAILED: {
      happened:
        'A backup could not be made; the alert has the cause. Older backups are as they were, and nothing half-made counts.',
      check:
        'The cause: `DISK_FULL`, `BACKUP_DIRECTORY_UNUSABLE`, `PG_DUMP_MISSING` and `BACKUP_DUMP_FAILED` are explained on this page.',
      remedy: 'Remove the cause, then `make backup`.',
      more: 'When that succeeds the alert recovers.',
    },
    BACKUP_COPY_FAILED: {
      happened:
        'The backup on this machine is whole, but its copy did not arrive at `backup.copy_to`, or did not read back as it was written. ' +
        'What was not copied meanwhile stays on this machine alone.',
      check:
        'The alert has the cause: a mount that is missing, full or read-only, keys of S3 that are not set or not accepted, a bucket of ' +
        'another name, a service that is down.',
      remedy: 'Mend the cause, then `make backup`; the alert recovers with the next copy.',
    },
    BACKUP_STALE: {
      happened: 'The newest whole backup is older than `backup.max_age_hours`, or there is none.',
      check: 'Why none was made by itself: `make health`, `make alerts-last`, and `make backups` for damaged ones.',
      remedy: 'Type `make backup`.',
      more: 'The alert recovers with the next good backup.',
    },
    BACKUP_DAMAGED: {
      happened:
        'A backup was cut short or altered since it was made, by a failing disk, a copy that broke off, or a hand. It does not count any ' +
        'more: restores pass it over, and retention neither counts nor deletes it.',
      check: '`./trading-ops backups verify <file>` says what differs. Suspect the disk (`dmesg`, SMART).',
      remedy: 'Make a new one: `make backup`.',
      more: 'When you know why, take the file and its manifest out of `backups/postgres`; the alert recovers with the next backup.',
    },
    CONFIRMATION_LOST: {
      happened:
        'A confirmation exists whose ticket Postgres does not have: a restore has lost the ticket, and perhaps the booking of what was ' +
        'executed with it. Nothing is booked now. The same text comes as a refusal, `TICKET_UNKNOWN`, when such a confirmation is sent by hand.',
      check:
        "The alert's file (`artifacts/alerts`) has the whole answer: who, when, and every fill. The prior data directory, where a restore " +
        'proof has kept one (`postgres-data.bak-<timestamp>`), still has the booking itself.',
      remedy:
        "What eToro shows is still true, so: `make run-0800` (the day's facts are gone too), then `make reconcile-daily -- …`; the report names the drift.",
      more: 'Book what the alert lists with `make ledger-baseline -- --position SYMBOL=UNITS --cash <cash> --reason "…"`, naming the alert, and reconcile again.',
    },
    TICKET_TRADE: {
      happened:
        "Not a fault: today's ticket says TRADE, and a human executes it within its window, which the alert names. A ticket stamped " +
        'DRY RUN is not executed at eToro.',
      check: '`make ticket` shows the lines.',
      remedy: 'Execute it, then `FILLS_JSON=… make confirm-fills`; the alert recovers when the day closes.',
    },
    VALUATION_FAILED: {
      happened:
        'A run could not say what the account is worth, because a symbol that is held has no price or rate of the as-of date, or one that is in doubt. Until it can, ' +
        'every ticket is NO_TRADE with `VALUATION_STALE`, for the equity index and with it the kill switch would be of another day.',
      check:
        'The symbol in the alert: was it renamed, bought out, delisted, or does only its price fail to come (`make data-quality`)?',
      remedy:
        'Book what the company did (`trading-ops ledger --help` lists the kinds), rule on it (`trading-ops actions list --on-hold`), or bring the price (`make market-fetch`); then `make data-quality`.',
      more: 'One alert a symbol while it lasts; it recovers with the next valuation of the account.',
    },
    DATA_GATE_FAILED: {
      happened:
        'The 08:00 run of a session found prices that are not good enough to decide on, so the 14:00 ticket will be NO_TRADE.',
      check:
        'The alert names the codes, each explained on this page. With `ACTION_NEEDS_REVIEW` a human must rule on a split or dividend: `make actions -- list --on-hold`.',
      remedy: 'Until 14:00 there is time: mend the cause, `make market-fetch`, then `make run-0800` again.',
      more:
        'One alert a cause while it lasts, told again after `alerts.remind_after_days`; it recovers when prices of that day ' +
        'or a later one pass, or when the cause is another.',
    },
    MESSAGE_REFUSED: {
      happened:
        'Somebody left a snapshot or a confirmation with the day without waiting for its answer: a message sent by hand as a signal, or a ' +
        'command that nobody answered in time and that said it was kept for later (exit 69). It did not pass, and nothing was done: the alert ' +
        'says why. Its sender may believe that all is well.',
      check: '`make day`',
      remedy:
        'Give the snapshot or the answer again, corrected: `make reconcile-daily`, `make confirm` or `FILLS_JSON=… make confirm-fills`.',
      more: 'The alert recovers when the day closes.',
    },
    ALERT_UNDELIVERED: {
      happened:
        'A sink (Slack, ntfy, webhook, one reader of a mail) did not take an alert and was given up: at once when its answer was final (wrong key, wrong ' +
        'address, unknown reader), otherwise after `alerts.give_up_after_hours`. The other sinks are told.',
      check:
        "`make alerts-last` has each attempt with the sink's answer. Read the alert that was lost, for nobody got it there. Then look at the " +
        "sink's section in `policy.yml` and its variable in the worker's environment (after a change of the environment: `make down`, `make up`).",
      remedy: 'Mend the sink and try: `make alerts -- test`.',
      more: 'The alert recovers with the first message that the sink takes.',
    },
    ALERT_TEST: {
      happened: 'Somebody typed `make alerts -- test` to see whether alerts arrive.',
      remedy: 'Nothing is to be done.',
    },
    RESTORE_PROOF_FAILED: {
      happened:
        'A backup was restored, and what came out is not what its manifest says: rows of a table, a total of the ledger, the audit chain, ' +
        'or a ticket that cannot be recomputed; or pg_restore could not read it. The live database is as it was: a proof on a fresh cluster has ' +
        'put the prior data directory back. Nobody may rely on that backup.',
      check: 'The report under `artifacts/reports` (`restore_test_…` or `restore_fresh_test_…`) names each difference.',
      remedy: 'Make another and prove it: `make backup`, then `make restore-test`.',
      more: 'If that fails too, look at the disk (`make doctor`) and keep both dumps. The alert recovers with the next proof that passes.',
    },
    RUN_LATE: {
      happened:
        'The 08:00 or 14:00 run of a session has not begun five minutes after its time, or began later than that.',
      check: '`make status` (is the worker up?) and `make schedules -- show` (are they there, and not paused?).',
      remedy:
        'While its window is open, run it by hand: `make run-0800` makes sense until 14:00, `make run-1400` until the execution window ends ' +
        '(15:30 UK, 14:30 in the weeks when the clocks of the two countries differ).',
      more: 'The alert recovers when the run has ended.',
    },
    RUN_STOPPED: {
      happened:
        'A run began and will not come to a result by itself: its workflow failed, was ended by hand, is not known to Temporal any more, or ' +
        'has had no result for an hour.',
      check:
        "The message says why, in the words of the last error; the run's workflow in the Temporal Web UI says at which step.",
      remedy:
        'Mend that, then run it again by hand as for `RUN_LATE` (`make run-0800`, `make run-1400`): what was done before is found and not done twice.',
    },
    RUN_MISSED: {
      happened:
        'A run never came to a result, and its window is over: after 14:00 for the 08:00 run, after the execution window for the 14:00 run. ' +
        'The slot has its record (`make runs-last`, outcome MISSED) and no TRADE comes of it.',
      check: 'Why, as for `RUN_LATE`.',
      remedy: 'Trade nothing for that day. The next session needs nothing special.',
      more:
        'A run by hand now is allowed and is a record of its own beside the MISSED one: `make run-0800` brings prices up to date, `make run-1400` ' +
        'can only say NO_TRADE (`WINDOW_PASSED`).',
    },
    SCHEDULE_PAUSED: {
      happened:
        'Somebody has paused a schedule; its note says why, when one was given. Until it goes on nothing starts by itself at its times, and ' +
        'each 08:00 and 14:00 of a session becomes `RUN_LATE` and `RUN_MISSED`.',
      check: '`make schedules -- show`',
      remedy: 'When the reason is over: `make schedules -- unpause <schedule> --reason "<why>"`.',
      more: 'The alert recovers with the next hourly watch, or `make watch`. While it must stay paused, acknowledge the alert, and start the runs by hand.',
    },
    SCHEDULE_MISSING: {
      happened:
        "A schedule that the policy wants is not registered at the Temporal server: somebody removed it, or the server's state was lost. " +
        'Also said when a command names a schedule that is not registered.',
      remedy: 'Type `make schedules`, which registers it again, and `make watch`.',
      more: "After a loss of Temporal's state also `make rebuild`.",
    },
  },
};
