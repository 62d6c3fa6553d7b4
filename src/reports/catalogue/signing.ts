import type { Subject } from './entry.js';

/** Why something is not taken as said by whoever is named. */
export const signing: Subject = {
  id: 'signing',
  title: 'Signatures and keys',
  saidBy: 'an operation that is asked for in a name',
  layout: 'sections',
  codes: {
    SIGNATURE_MISSING: {
      happened:
        "Something was asked for in an operator's name and carries no signature. Nothing was stored. Commands sign " +
        'by themselves, so it was sent around them, or by a version from before signatures.',
      check: 'Who sent it? The alert says when, and in whose name.',
      remedy: 'Ask for it again with the command.',
    },
    SIGNATURE_INVALID: {
      happened:
        'The signature is not one that counts: the key is in none of the files, has ended or has not begun, did not ' +
        'sign this statement, or what was sent is not what was signed. Nothing was stored.',
      check: '`operators.keys`: is the key there, of that operator, and in force?',
      remedy:
        'Ask for it again with the command. Where nobody of yours asked, somebody tried in your name: find out who ' +
        'has access.',
    },
    SIGNATURE_OF_ANOTHER: {
      happened:
        'The signature is whole, and of something else: another ticket, day, account, installation or purpose; or ' +
        'the key is not that of the operator who is named. Once an operator has a key of their own, the key of the ' +
        "installation is another's. Nothing was stored.",
      check: 'The message names what was signed and what it was sent for.',
      remedy: 'Ask for it again with the command, as the operator whose key you have.',
    },
    OWN_KEY_NEEDED: {
      happened:
        'The policy wants several people to sign an answer, and whoever asked has no key of their own. The key of ' +
        'the machine is in the hand of whoever sits at it, whatever name they type. Nothing was stored.',
      check: '`trading-ops operator list` says who has a key.',
      remedy: '`trading-ops operator key new`, or a passkey on the desk; have it approved, and confirm again.',
    },
    SIGNATURE_REPLAYED: {
      happened:
        'The statement was used before, for something else or for what was amended since: a copy of an earlier ' +
        'message was sent again. Nothing was stored.',
      check: 'Who sent it? A repeat of the very same gets the first answer and is no replay.',
      remedy: 'Ask for it again with the command, which makes a new statement each time.',
    },
    SIGNATURES_BROKEN: {
      happened:
        '`signatures verify` found facts that nobody has signed, or that are not what was signed: rows were written or ' +
        'changed around the program, or a key is not in the files of this machine.',
      check:
        'After a move to another machine: `./trading-ops operator list`. Approve the key of the earlier installation with ' +
        '`operator approve <fingerprint>`, or copy its folder `keys`.',
      remedy:
        'Else stop trading (`make kill-switch -- engage --reason "…"`), keep the database as it is, and find out who had ' +
        'access.',
    },
    SIGNATURE_UNREADABLE: {
      happened: 'A stored signature has a shape that no version wrote: somebody wrote it around the program.',
      remedy: 'As for `SIGNATURES_BROKEN`.',
    },
    SIGNATURE_REFUSED: {
      happened:
        "Something was asked for in an operator's name and refused for its signature; the alert says what, in whose name " +
        'and why. Nothing was stored. However often it is tried, it is told once.',
      check: 'Did one of you do it, with a key that has ended or on another machine? Else somebody tried.',
      remedy:
        'When you know who it was: `make alerts -- ack <id> --reason "…"`. If nobody, find out who has access to this ' +
        'machine.',
    },
    SIGNING_KEY_MISSING: {
      happened: 'The installation has no key yet, or its private half is not here.',
      remedy: '`make up`, or `make migrate`: both make a key where there is none.',
    },
    SIGNING_KEY_BAD: {
      happened: 'A key file does not hold the key that it should.',
      remedy: 'Restore the folder `keys` from a copy.',
    },
    KEY_NOT_HERE: {
      happened: 'The operator signs with a key of their own, and its file is not in the folder of keys.',
      remedy:
        'Set `TRADING_OPS_KEYS` to the folder that has it, or make a key here: `./trading-ops operator key new`. ' +
        'Whoever has a passkey alone signs on the desk.',
    },
    KEY_UNKNOWN: {
      happened: 'No key of that fingerprint is known here.',
      remedy: 'Take it from `./trading-ops operator list`.',
    },
    PASSKEY_INVALID: {
      happened:
        'What the browser sent is no passkey that was made on this page for whoever is let in. Nothing was kept.',
      check: 'Is the address the one that the desk prints, and does the device ask for a finger, a face or a PIN?',
      remedy: 'Open /settings/passkey again, and make it once more.',
    },
    CHALLENGE_OVER: {
      happened:
        'A passkey answered what it was asked more than five minutes ago, in another session, or before with another ' +
        'answer. Nothing was stored.',
      remedy: 'Review it again, and let the passkey answer that.',
    },
    REVIEW_STALE: {
      happened:
        'What would be stored now is not what was reviewed and signed: somebody has answered, booked or amended ' +
        'meanwhile, or a field was changed. Nothing was stored.',
      check: 'What has changed? The page that is opened again shows it.',
      remedy: 'Review it again.',
    },
    NAME_CHANGED: {
      happened:
        'What was read in one name was sent after another tab of the same browser had said another name. Nothing was ' +
        'recorded.',
      check: 'In whose name is it meant? The bar at the top says in whose it is read now.',
      remedy: 'Read it once more and send it from there, or choose the first name in the bar and review it again.',
    },
    PASSPHRASE_MISSING: {
      happened: 'A key has a passphrase, and nobody was there to type it.',
      remedy: 'Type the command at a terminal, or set `TRADING_OPS_KEY_PASSWORD_FILE`.',
    },
    PASSPHRASE_WRONG: {
      happened: 'The passphrase does not open the key.',
      remedy: 'Type it again. One that is lost cannot be found: end the key and make a new one.',
    },
    PASSPHRASE_SHORT: {
      happened: 'The passphrase of a new key is too short; nothing was made.',
      remedy: 'Choose one of at least 12 characters.',
    },
    KEYS_INVALID: {
      happened:
        '`operators.keys` breaks rules: each is named with file, line, field, value and rule. Until it is mended ' +
        'nobody signs.',
      remedy: 'Mend the lines; `operator approve` and `operator end` write them right.',
    },
  },
};
