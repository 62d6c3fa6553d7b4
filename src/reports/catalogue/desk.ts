import type { Subject } from './entry.js';

/** What the desk turns away before an operation is asked. */
export const desk: Subject = {
  id: 'desk',
  title: 'The desk',
  saidBy: 'the desk',
  layout: 'table',
  codes: {
    ENTRY_CODE_INVALID: {
      happened: 'What was typed is no code of a link: a code has 40 digits and letters a to f.',
      remedy: '`make desk` prints a new link.',
    },
    ENTRY_CODE_UNKNOWN: {
      happened:
        'The code was used, is older than ten minutes, was tried five times with a wrong ending, or never made.',
      remedy: '`make desk` prints a new link.',
    },
    PASSKEY_REFUSED: {
      happened:
        'Somebody wanted to be let in by a passkey that is of no operator, has ended, belongs to another address, or ' +
        'did not answer what it was asked.',
      check: '`./trading-ops operator list`: is it there, at this address, and in force?',
      remedy:
        'Choose the passkey of this address. `./trading-ops desk open` makes a link that lets in to make a new one.',
    },
    TOO_MANY_TRIES: {
      happened: 'Ten codes were tried at the desk within a minute.',
      check: 'Was it you? Somebody else on this machine may be trying.',
      remedy: 'Wait a minute, then `make desk`.',
    },
    FORM_UNKNOWN: {
      happened:
        'A form was sent that was opened in another session: one that ended, mostly because another tab entered anew.',
      remedy: 'What was typed stands in the form: look at it once more, and send it from there.',
    },
    ASKED_UNKNOWN: {
      happened: 'The page is of a run, a backup or a restore test that Temporal does not know, or knows no longer.',
      check: 'Temporal forgets what ended after its retention; what came of it is stored all the same.',
      remedy: '`trading-ops runs-last`, or `trading-ops backups list`',
    },
    FORM_STALE: {
      happened:
        'Somebody booked or reconciled between the making of a form and its sending; the page names what and who.',
      remedy:
        'Everything that was typed stands on the page, beside the ledger as it is now. Look at it again, and send it.',
    },
    OPENING_NOT_NAMED: {
      happened: 'A snapshot would have opened the ledger, and the name of the account was not typed.',
      remedy: 'Read every figure of the review once more, and type the name: all later figures build on an opening.',
    },
    SESSION_OVER: {
      happened:
        'A form was sent after its session had ended: nobody had looked for twelve hours, it was 30 days old (half an ' +
        'hour and a day where other machines reach the desk), or somebody ended it.',
      remedy: 'Enter again by `make desk`; what was typed is in the page, and comes back to the form.',
    },
    SESSION_UNKNOWN: {
      happened: 'A session of the desk was to be ended, and nobody is let in by one that begins like that.',
      remedy: '`trading-ops desk sessions` lists those there are: it may have ended meanwhile.',
      next: 'trading-ops desk sessions',
    },
    SESSION_MISSING: {
      happened: 'Sessions of the desk were to be ended, and it was not said which.',
      remedy: '`trading-ops desk close --all`, or `--session` with what `trading-ops desk sessions` calls it.',
    },
    NAME_PROVED: {
      happened: 'Somebody who was let in by a passkey said that they are somebody else.',
      remedy: 'Sign out, and enter by the passkey of the other name.',
    },
    READS_ONLY: {
      happened: 'Something was asked for in a session that was let in to read only.',
      remedy: '`trading-ops desk open` makes a link that may ask.',
    },
    KEY_IS_PERSONAL: {
      happened:
        'Something was sent at the desk for somebody who has a key of their own, and no passkey of its address was ' +
        'asked, or is in force. A passkey belongs to one address.',
      remedy:
        'Type the command at the end of the page: it asks for the passphrase of the key. Or make a passkey of this ' +
        'address on /settings/passkey, and approve it.',
    },
    FORM_TOO_LARGE: {
      happened: 'A form weighs more than 256 kB, or has more than 1,000 fields.',
      remedy: 'Nothing of it was read.',
    },
    UPLOADS_FULL: {
      happened: 'Four files were being sent to the desk, and read, at the same moment. Nothing of this one was read.',
      remedy: 'Wait for a minute, then choose the file again.',
    },
    PAGE_UNKNOWN: { happened: 'There is no such page.', remedy: 'Go to the desk by its first page.' },
    REQUEST_INVALID: {
      happened: 'The desk could not read what was sent.',
      remedy: 'Open the page again.',
    },
    DESK_UNKNOWN: {
      happened: 'The desk of this data directory has never been started.',
      remedy: '`make up`',
    },
    DESK_DID_NOT_START: {
      happened: 'The desk ended at once; the end of its log is shown.',
      remedy: 'Mend what the log names, then `make up`.',
    },
  },
};
