import type { Subject } from './entry.js';

/** Why one symbol's prices, or the rate, could not be fetched. */
export const fetching: Subject = {
  id: 'fetching',
  title: 'Fetching',
  saidBy: 'the fetch of one symbol',
  layout: 'table',
  codes: {
    FILE_MISSING: { happened: 'The drop folder has no such file.', remedy: 'Save the file, then `make market-fetch`.' },
    FILE_UNREADABLE: {
      happened: 'The file in the drop folder cannot be read.',
      remedy: "Let the worker's user read it, then `make market-fetch`.",
    },
    FILE_CHANGED: { happened: 'The file was replaced while it was read.', remedy: '`make market-fetch`' },
    NOT_FOUND: {
      happened: 'The provider does not know the symbol.',
      check: 'The symbol: renamed or delisted?',
      remedy: 'Correct it in `universe.csv`, then `make market-fetch`.',
    },
    EMPTY: {
      happened: 'The provider has nothing of the symbol.',
      check: 'The symbol: renamed or delisted?',
      remedy: 'Correct it in `universe.csv`, then `make market-fetch`.',
    },
    HTML_INSTEAD_OF_DATA: {
      happened: 'The answer is a web page.',
      check: 'Its first words stand beside it.',
      remedy: 'Download the file again; report it when it repeats.',
    },
    BAD_LAYOUT: {
      happened: 'The answer has other columns or another shape.',
      remedy: 'Download the file again; report it when it repeats.',
    },
    BAD_NUMBER: {
      happened: 'A figure of the answer is no number (`N/D`).',
      remedy: 'Download the file again; report it when it repeats.',
    },
    BAD_DATE: {
      happened: 'A date of the answer is none.',
      remedy: 'Download the file again; report it when it repeats.',
    },
    BAD_CURRENCY: {
      happened: 'The answer is in another currency, or in none.',
      check: 'The symbol.',
      remedy: 'Correct it in `universe.csv`; report it when it repeats.',
    },
    TRUNCATED: {
      happened: 'The answer breaks off.',
      remedy: 'Download the file again, or `make market-fetch`; report it when it repeats.',
    },
    TOO_LARGE: {
      happened: 'The answer is larger than any history can be.',
      check: 'What the address really sends.',
      remedy: 'Download the file again; report it when it repeats.',
    },
    KEY_MISSING: {
      happened: 'The provider needs a key and none is set.',
      remedy: 'Set the variable that the message names, then `make down`, `make up`.',
    },
    UNAUTHORISED: {
      happened: 'The provider does not accept the key.',
      remedy: 'Set the right one, then `make down`, `make up`.',
    },
    PREMIUM_ONLY: {
      happened: 'The key may not ask this.',
      check: 'The contract with the provider.',
      remedy: 'Change the contract or the provider.',
    },
    REFUSED: {
      happened: 'The provider refuses the question; its words stand beside it.',
      check: 'The contract with the provider.',
      remedy: 'Do what they say.',
    },
    RATE_LIMITED: {
      happened: 'There were too many requests.',
      remedy: 'Wait; lower `requests_per_minute` in the policy.',
    },
    TIMEOUT: {
      happened: 'The answer did not come in time; it was tried several times.',
      remedy: '`make market-fetch` later.',
    },
    UNREACHABLE: {
      happened: "The provider's server cannot be reached; it was tried several times.",
      check: 'The network.',
      remedy: '`make market-fetch` later.',
    },
    CONNECTION_LOST: {
      happened: 'The connection broke off; it was tried several times.',
      remedy: '`make market-fetch` later.',
    },
    REDIRECT_LOOP: {
      happened: "The provider's server sends from one address to the next.",
      remedy: '`make market-fetch` later; report it when it repeats.',
    },
    HTTP_4XX: {
      happened: "The provider's server refuses the request.",
      remedy: '`make market-fetch` later; report it when it repeats.',
    },
    HTTP_5XX: {
      happened: "The provider's server has a fault; it was tried several times.",
      remedy: '`make market-fetch` later.',
    },
    CANCELLED: {
      happened: 'A fetch or a backup was broken off; nothing was left behind.',
      remedy: '`make market-fetch` or `make backup`, whichever it was.',
    },
    PROVIDER_FAULT: {
      happened: 'Something nobody foresaw, in reading an answer.',
      remedy: '`make market-fetch` again; then report it.',
    },
  },
};

/** What is wrong with what somebody wrote, where it needs room. */
export const input: Subject = {
  id: 'input',
  title: 'Wrong input',
  saidBy: 'a command that was given wrong input',
  layout: 'sections',
  codes: {
    CLOCK_IS_REAL: {
      happened:
        '`--at` or `TRADING_OPS_AT` was given for an account on the real clock (or `simulate` was asked of one). A real ledger cannot be back-dated.',
      remedy: 'Unset `TRADING_OPS_AT`; for rehearsals use an account with `clock: simulated`.',
    },
    OPERATOR_UNKNOWN: {
      happened:
        "The name that signs is not in the policy's `operators`. Exit 64 from the command line, 2 when the day refuses it.",
      remedy: 'Sign with one that is, or add it there: it may sign at once.',
    },
    POLICY_INVALID: {
      happened: '`policy.yml` breaks rules: each is named with file, line, key, value and rule.',
      remedy: 'Mend the lines, `make policy -- check`.',
    },
    UNIVERSE_INVALID: {
      happened: '`universe.csv` breaks rules, named likewise.',
      remedy: 'Mend the lines, `make universe -- check`.',
    },
    CONFIGURATION_UNREADABLE: {
      happened:
        'A policy or universe that an earlier run stored is not one this version of the program can read: most likely a later version stored it.',
      remedy: 'Run the version that stored it, or a later one.',
    },
  },
};

/** Flags, variables and files that are refused. */
export const flags: Subject = {
  id: 'flags',
  title: 'Flags, variables and files',
  saidBy: 'a command that was given wrong input',
  layout: 'table',
  codes: {
    BAD_ENVIRONMENT: { happened: 'An environment variable breaks its rule.', remedy: 'Correct or unset it.' },
    CODE_UNKNOWN: { happened: 'No such code can be said by this program.', remedy: 'Search `docs/INCIDENTS.md`.' },
    CONFIG_UNREADABLE: {
      happened: '`policy.yml` or `universe.csv` cannot be read.',
      check: 'Is `TRADING_OPS_CONFIG` right?',
      remedy: 'Set it, or let the user read the file.',
    },
    OPERATOR_MISSING: {
      happened: 'The policy has several operators, and none was named.',
      remedy: 'Add `--operator`, or set `TRADING_OPS_OPERATOR`.',
    },
    ACCOUNT_UNKNOWN: {
      happened: 'The policy, or the database, has no such account.',
      remedy: 'Name one of the message; or `./trading-ops account add <name> --base-currency GBP`.',
    },
    CLOCKS_DIFFER: { happened: 'The accounts have different clocks.', remedy: 'Name one with `--account`.' },
    SCHEDULE_UNKNOWN: {
      happened: 'There is no schedule of that name.',
      remedy: 'Take a name from `make schedules -- show`.',
    },
    SCHEDULES_WANTED: {
      happened: '`schedules remove` was asked of schedules that the policy wants.',
      remedy: 'Pause them, with the reason: `make schedules -- pause`.',
    },
    SCHEDULE_DID_NOT_START: {
      happened: 'A schedule was asked to act and nothing started within 20 s; a run of that instant may be under way.',
      check: '`make runs-last`',
      remedy: '`make logs`',
    },
    NO_REAL_ACCOUNT: {
      happened: 'A schedule fired, and no account of the policy has `clock: real`.',
      remedy: '`./trading-ops schedules remove`',
    },
    AT_IN_FUTURE: {
      happened: 'A run was asked for an instant that is still to come.',
      remedy: 'Name one that is past, or wait.',
    },
    AT_INVALID: {
      happened: 'That is no instant.',
      remedy: 'Write ISO 8601 with the offset, such as `2018-05-14T14:00:00+01:00`.',
    },
    AT_MISSING: {
      happened: 'An account on a simulated clock was asked without saying what time it is.',
      remedy: 'Add `--at`, or set `TRADING_OPS_AT`.',
    },
    DATE_INVALID: {
      happened: 'A date breaks its rule, which is named.',
      remedy: 'Write YYYY-MM-DD, within the bounds of the message.',
    },
    NUMBER_INVALID: { happened: 'A number breaks its rule, which is named.', remedy: 'Correct it, or leave it out.' },
    SECRET_FILE_UNREADABLE: {
      happened: 'A variable that ends with `_FILE` names a file that cannot be read.',
      remedy: 'Let the user read the file, or correct the name.',
    },
    PART_UNKNOWN: { happened: '`--only` names no part.', remedy: 'Take one of the message.' },
    OPTIONS_CLASH: { happened: 'Two flags exclude each other.', remedy: 'Leave one out.' },
    PATH_NOT_PRINTABLE: { happened: 'No unit file can hold this path.', remedy: 'Use another directory.' },
    ARGUMENT_INVALID: {
      happened: 'Flags break their rules; each is named with its value.',
      remedy: 'Correct them; nothing was booked.',
    },
    FLAGS_INVALID: { happened: 'Flags break their rules, or exclude each other.', remedy: 'Correct them.' },
    VALUE_MISSING: { happened: 'A flag needs a value that was not given.', remedy: 'Give it.' },
    JUMP_UNKNOWN: {
      happened: 'A jump was ruled genuine on a day on which neither the stored closes nor the stored rates jump.',
      check: '`make actions -- list --on-hold` has every jump with its date.',
      remedy: 'Correct symbol or date; nothing was stored.',
    },
    VALUE_UNEXPECTED: { happened: 'A value has no place beside the other flags.', remedy: 'Leave it out.' },
    SYMBOL_UNKNOWN: {
      happened: 'The symbol is not in the universe.',
      check: '`make universe -- check`',
      remedy: 'Correct it, or add its row to `universe.csv`.',
    },
    BENCHMARK_UNKNOWN: {
      happened: 'What an account is to be held against is no symbol of the universe.',
      check: '`performance.benchmark` of the policy, or what was typed as `--benchmark`',
      remedy: 'Name a symbol of `universe.csv`, or add its row.',
    },
    TICKET_INVALID: { happened: 'That is no id of a ticket.', remedy: 'Take it from `make tickets-last`.' },
    ALERT_ID_INVALID: {
      happened: 'That is no id of an alert, nor its first eight characters.',
      remedy: 'Take it from `make alerts -- list`.',
    },
    UNKNOWN_ID: { happened: 'Nothing of that id is stored.', remedy: 'Take it from the list that the message names.' },
    UNSAFE_PATH: {
      happened: 'A name would lead out of the directory of the artifacts.',
      remedy: 'Use letters, digits, dots and dashes.',
    },
    FILLS_MISSING: {
      happened: 'No fills file was named.',
      remedy: '`FILLS_JSON=/path/to/fills.json make confirm-fills`',
    },
    SNAPSHOT_UNREADABLE: {
      happened: 'The file of `reconcile-daily --file` cannot be read, is no regular file, or no text in UTF-8.',
      remedy: 'Correct the name, or save it as text in UTF-8; what another program writes is given as `--file -`.',
    },
    FILLS_UNREADABLE: {
      happened: 'The fills file cannot be read, is no regular file, or is no text in UTF-8.',
      remedy: 'Correct the name, or let the user read it; what another program writes is given as `--file -`.',
    },
    BROKEN_OFF: {
      happened:
        'The questions at the terminal were broken off, or the last one was answered with no: nothing was recorded.',
      remedy: 'Type it again.',
    },
    FILE_EXISTS: {
      happened: 'A file of that name is there already, and nothing was written over it.',
      remedy: 'Name another one, or add `--force`.',
    },
    FILE_UNWRITABLE: {
      happened: 'The file that `--out` names cannot be written.',
      remedy: 'Name one in a directory that is there and may be written to.',
    },
    MESSAGE_INVALID: {
      happened:
        'A message sent to a day, or what a workflow (a run, a watch, a backup) was started with by hand, has the wrong shape.',
      remedy: 'Use the commands: `make reconcile-daily`, `make confirm`, `make run-0800`, `make run-1400`.',
    },
    SIMULATION_INVALID: { happened: 'A flag of `simulate` breaks its rule.', remedy: 'Correct it.' },
    EVENTS_INVALID: {
      happened: 'The events file of `simulate` breaks rules, which are named.',
      remedy: 'Mend the lines.',
    },
    EVENTS_UNREADABLE: {
      happened: 'The events file of `simulate` cannot be read.',
      remedy: 'Correct the name, or let the user read it.',
    },
    RULINGS_INVALID: {
      happened: 'The rulings file of `simulate` breaks rules, which are named.',
      remedy: 'Mend the lines.',
    },
    RULINGS_UNREADABLE: {
      happened: 'The rulings file of `simulate` cannot be read.',
      remedy: 'Correct the name, or let the user read it.',
    },
  },
};
