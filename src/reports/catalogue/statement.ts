import type { Subject } from './entry.js';

const AGAIN = 'Download the statement from eToro again, in English, and give the file as it came.';

/** What comes of the broker's account statement: why it is refused, and where it and the ledger differ. */
export const statement: Subject = {
  id: 'statement',
  title: 'Account statements',
  saidBy: '`trading-ops statement import`, of a file or of a line in which statement and ledger differ',
  layout: 'table',
  codes: {
    STATEMENT_AGREES: {
      happened: "The broker's statement and the ledger say the same of the period.",
      remedy: 'Nothing is to be done.',
    },
    STATEMENT_DIFFERS: {
      happened: "The broker's statement and the ledger differ; each line says in what.",
      check: 'The report that the answer names, and eToro.',
      remedy: 'Do what the lines propose, then import the same file again.',
    },
    STATEMENT_UNREADABLE: {
      happened: 'The file cannot be opened.',
      remedy: 'Give the path of a file that you may read.',
    },
    STATEMENT_TOO_LARGE: {
      happened: 'The file is larger than any statement, packed or unpacked.',
      remedy: `${AGAIN} A spreadsheet that saved it adds rows by the million. Of many years, ask for shorter periods.`,
    },
    STATEMENT_UNFINISHED: {
      happened:
        'The desk gave up an import that took more than a minute or 512 MB: the file is larger than any statement, the ' +
        'machine is very busy, or somebody holds the ledger.',
      check: 'The list of statements: what was stored before it was given up is there. Nothing was booked.',
      remedy: 'Send it again later, or `trading-ops statement import <file>`, which waits as long as it takes.',
    },
    STATEMENT_HOSTILE: {
      happened:
        'The file holds what a statement never has: macros, formulas, links, embedded objects, a DOCTYPE, a part ' +
        'twice. Nothing of it was read.',
      check: 'Where the file came from.',
      remedy: AGAIN,
    },
    STATEMENT_NOT_A_WORKBOOK: {
      happened: 'The file is no XLSX workbook, has a password, or is damaged.',
      remedy: AGAIN,
    },
    STATEMENT_LANGUAGE: {
      happened: 'The statement is not in English.',
      remedy: 'Ask eToro for the English statement.',
    },
    STATEMENT_LAYOUT: {
      happened: 'A sheet or a column is not one of those that are known, or one of them is missing.',
      check: 'Whether eToro has changed its statement.',
      remedy: 'Report the name that the message has: a new name is a line in `src/domain/statement/layout.ts`.',
    },
    STATEMENT_CURRENCY: {
      happened: "The statement is in another currency than the account, and does not display the account's.",
      remedy: "Ask for the statement in the account's currency, or give its account: `--account`.",
    },
    STATEMENT_TYPE: {
      happened:
        'A row is of a type that is not known, or of what the ledger has not: copy trading, CFDs, crypto, leverage, ' +
        'shorts.',
      remedy: 'Report a type that is not known. What the ledger has not belongs to another account at eToro.',
    },
    STATEMENT_INSTRUMENT: {
      happened: 'A row is about an instrument that `universe.csv` does not have, or has in another currency.',
      remedy: 'Enter it in `universe.csv`, disabled where it is not traded any more, then import again.',
    },
    STATEMENT_VALUE: {
      happened:
        'A cell holds what its column cannot: the message names sheet, cell, text and rule. *Date Created* is none ' +
        "after now by the account's clock.",
      remedy: AGAIN,
    },
    STATEMENT_INCONSISTENT: {
      happened:
        'The statement disagrees with itself: balances do not lead from row to row, sheets tell different things, ' +
        'the summary has other sums, or it was made before its period or before one of its rows. A row is missing ' +
        'or was changed.',
      remedy: AGAIN,
    },
    STATEMENT_UNFORESEEN: {
      happened:
        'Reading or comparing the file came upon what nobody foresaw: the message says what. Nothing of it was stored.',
      check: 'Whether it is the file as it came; the others of the account are read as before.',
      remedy:
        'Report the message and where it arose, and keep the file: `LOG_LEVEL=debug` says that at a terminal, and of the desk ' +
        '`make logs`. Neither holds anything of the file.',
    },
    STATEMENT_BEFORE_LEDGER: {
      happened: 'The statement ends before the ledger was opened: nothing of it can be compared.',
      remedy: 'Import a statement of a later period.',
    },
    STATEMENT_OF_ANOTHER: {
      happened: 'The statement is of another eToro user than those that were imported before, and count.',
      check: 'Which of them belongs to this account.',
      remedy:
        'Give the account that it belongs to: `--account`. Where the earlier one was imported here by mistake, ' +
        'take it back (`trading-ops statement withdraw`), then import again.',
    },
    STATEMENT_OF_OTHER_ACCOUNT: {
      happened:
        'It would be the first statement of its eToro user here, and another account of this installation holds ' +
        'statements of that user.',
      check: 'Which account that user is: the message names the other one, and its statement.',
      remedy:
        'Give the account that the message names: `--account`. Where its statements belong here, withdraw each of ' +
        'them there first (`trading-ops statement withdraw`).',
    },
    STATEMENT_OVERLAP_DIFFERS: {
      happened: 'The statement says otherwise of a row than one that was imported before.',
      check: 'The file at hand, and the one that was imported before, which is kept below `data/market/etoro`.',
      remedy:
        'Ask eToro which of them is right. Where it is the one at hand, take the earlier one back ' +
        '(`trading-ops statement withdraw`), then import again.',
    },
    STATEMENT_UNKNOWN: {
      happened: 'There is no such statement of the account.',
      remedy: '`trading-ops statement list`',
    },
    MISSING_IN_LEDGER: {
      happened: 'The broker tells of something that no entry books.',
      remedy: 'Look it up at eToro, then type what the line proposes.',
    },
    MISSING_IN_STATEMENT: {
      happened: 'An entry books what the broker knows nothing of.',
      check: 'Whether the entry belongs to another account or day.',
      remedy: 'Take it back as the line proposes; correct fills by confirming their ticket again with `--amend`.',
    },
    UNITS_DIFFER: {
      happened: 'A trade has other units in the ledger than at the broker.',
      remedy: 'Confirm its ticket again with `--amend` and the units of the statement.',
    },
    AMOUNT_DIFFERS: {
      happened: 'A trade, a dividend or a movement of cash has another amount in the ledger than at the broker.',
      remedy: 'Amend the confirmation, or reverse the entry and import again: the line says which.',
    },
    TAX_DIFFERS: {
      happened: 'Another tax was withheld of a dividend than the ledger has.',
      remedy: 'Reverse the entry, then book the dividend with `--net` and `--withholding` as the statement says.',
    },
    DATE_DIFFERS: {
      happened: 'The ledger has it on another date than the broker; dates are those of London.',
      remedy: 'Amend the confirmation, or reverse the entry and import again: the line says which.',
    },
    RATIO_DIFFERS: {
      happened: 'A split is written with another ratio than a source tells, or is booked with another.',
      check: 'The announcement of the company.',
      remedy:
        '`trading-ops actions rule` says what it was. An entry with another ratio is taken back as the line proposes.',
    },
    POSITION_DIFFERS: {
      happened: 'What was opened less what was closed is not what the ledger holds at the end.',
      remedy: 'Set the lines above right first: as a rule one of them is the reason.',
    },
    CASH_DIFFERS: {
      happened: 'The cash at the end is not what the ledger has, to the penny.',
      remedy: 'Set the lines above right first: as a rule one of them is the reason.',
    },
  },
};
