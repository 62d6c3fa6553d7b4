import { parseInput } from '../../contract/reading.js';
import { withdrawStatementSchema } from '../../contract/statements.js';
import { resultOrThrow } from '../../domain/errors.js';
import { readImported, type ReadImported } from '../../operations/statement/look.js';
import { withdrawStatement } from '../../operations/statement/withdraw.js';
import { banner, code, facts, paragraph, type Block } from '../../reports/render/document.js';
import { ukTime } from '../../reports/render/format.js';
import { renderBlocks } from '../../reports/render/html.js';
import { verdictOf } from '../../reports/statement/lines.js';
import { withdrawnBanner } from '../../reports/statement/page.js';
import { statementsPath } from '../pages/statements.js';
import type { Sitting } from '../sitting.js';
import { fieldsBody } from './fields.js';
import type { Field, Form, Typed } from './form.js';
import { accountWords, fieldWords } from './typed-command.js';

const FIELDS: readonly Field[] = [
  { kind: 'text', name: 'reason', label: 'Why it should not count', hint: 'Kept with the statement.' },
];

/** Takes a statement back that should not have been imported. */
export const withdrawStatementForm: Form = {
  path: '/:account/statements/:statementId/withdraw',
  fields: FIELDS,
  isOfAccount: true,
  isSigned: true,
  title: ({ account }) => `Withdraw a statement of ${account.account}`,
  here: statementsPath,
  isCommandTyped: true,
  command: ({ account, at, params }, typed) =>
    [
      `trading-ops statement withdraw ${params['statementId']}`,
      ...fieldWords(FIELDS, typed),
      ...accountWords(account, at),
    ].join(' '),
  async instead(sitting) {
    const { withdrawn } = await imported(sitting);
    return withdrawn && [withdrawnBanner(withdrawn)];
  },
  body: async (sitting, typed, trouble) =>
    renderBlocks(aboutBlocks(await imported(sitting))) + fieldsBody(FIELDS, typed, trouble),
  async check(sitting, typed) {
    const { reason } = parseInput(withdrawStatementSchema, inputOf(sitting, typed));
    sitting.asker(typed['at']);
    return {
      button: 'Sign and withdraw',
      blocks: [
        banner(
          'warn',
          'It counts no more',
          'Neither for other statements of its time, nor for the eToro user whom this account is bound to. ' +
            'Nothing is deleted, what was booked by its word stays booked, and its file may be imported again.',
        ),
        ...aboutBlocks(await imported(sitting)),
        facts([['Why', reason]]),
      ],
    };
  },
  async commit(sitting, typed) {
    const asker = sitting.asker(typed['at'], typed['once']);
    const { stored } = resultOrThrow(await withdrawStatement(sitting.place, asker, inputOf(sitting, typed)));
    return `${statementsPath(sitting)}/${stored.statementId}`;
  },
};

/** @throws OpsError STATEMENT_UNKNOWN, ID_AMBIGUOUS */
async function imported({ place, account: { account }, params }: Sitting): Promise<ReadImported> {
  const read = resultOrThrow(await readImported(place.db, { account, statement: params['statementId'] ?? '' }));
  if (read === null) throw new TypeError('a statement that was named was found or refused');
  return read;
}

const aboutBlocks = ({ stored, comparison: { comparison } }: ReadImported): Block[] => [
  facts([
    ['Period', `${stored.statement.from.slice(0, 10)} to ${stored.statement.to.slice(0, 10)}`],
    ['File', code(stored.fileName)],
    ['Imported', `${ukTime(stored.at)} by ${stored.operator}`],
    ['Held against the ledger', verdictOf(comparison)],
  ]),
  paragraph(
    'What was booked by its word stays booked: where that should not stand, reverse it yourself, entry by entry, in ' +
      'the ledger.',
  ),
];

const inputOf = ({ account: { account }, params }: Sitting, { reason = '' }: Typed) => ({
  account,
  statement: params['statementId'] ?? '',
  reason: reason.trim(),
});
