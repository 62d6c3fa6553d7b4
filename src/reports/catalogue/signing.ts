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
    SIGNATURE_REPLAYED: {
      happened:
        'The statement was used before, for something else or for what was amended since: a copy of an earlier ' +
        'message was sent again. Nothing was stored.',
      check: 'Who sent it? A repeat of the very same gets the first answer and is no replay.',
      remedy: 'Ask for it again with the command, which makes a new statement each time.',
    },
    KEYS_INVALID: {
      happened:
        '`operators.keys` breaks rules: each is named with file, line, field, value and rule. Until it is mended ' +
        'nobody signs.',
      remedy: 'Mend the lines; `operator approve` and `operator end` write them right.',
    },
  },
};
