import { resultOrThrow, usageError } from '../../domain/errors.js';
import { STATEMENT_BYTES_MAX } from '../../domain/text.js';
import { banner, bullets, paragraph, type Block } from '../../reports/render/document.js';
import { renderBlocks } from '../../reports/render/html.js';
import { importApart } from '../../operations/statement/import-apart.js';
import type { SentFile } from '../multipart.js';
import { statementsPath } from '../pages/statements.js';
import type { Sitting } from '../sitting.js';
import { fieldsBody } from './fields.js';
import type { Field, Form } from './form.js';
import { nobodyBlocks } from './nobody.js';
import { accountWords } from './typed-command.js';

const MEGABYTES = STATEMENT_BYTES_MAX / 1024 / 1024;

const FILE: Field = {
  kind: 'file',
  name: 'file',
  label: 'The statement, as eToro gave it',
  hint: `An Excel workbook (.xlsx) in English, at most ${MEGABYTES} MB.`,
  accept: '.xlsx,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  maxBytes: STATEMENT_BYTES_MAX,
};

/** Imports the broker's statement: nothing is signed, for nothing is booked. */
export const importStatementForm: Form = {
  path: '/:account/statements/import',
  isOfAccount: true,
  isDirect: true,
  scripts: ['upload.js'],
  file: { name: FILE.name, maxBytes: STATEMENT_BYTES_MAX, tooLarge: 'STATEMENT_TOO_LARGE' },
  keeps: { STATEMENT_UNFINISHED: 'Nothing was booked. If it was stored all the same, the list of statements has it.' },
  checkButton: 'Import and compare',
  title: ({ account }) => `Import a statement of ${account.account}`,
  here: statementsPath,
  command: ({ account, at }, typed) =>
    ['trading-ops statement import <file>', ...accountWords(account, typed['at'] ?? at)].join(' '),
  instead: async (sitting) => readsOnly(sitting) ?? nobodyBlocks(sitting, 'the report says who imported the statement'),
  body: async (_, typed, trouble) =>
    renderBlocks([
      paragraph(
        'It is read whole or refused by name, kept as it came, and held against the ledger line by line. Nothing is ' +
          'booked by it: each difference comes with the form that would set it right.',
      ),
      bullets([
        'Give the file as it was downloaded: a spreadsheet program that saves it again makes another one of it.',
        'It is read while you wait: about a second for a thousand rows, a minute at most.',
      ]),
    ]) +
    fieldsBody([FILE], typed, trouble) +
    '<p class="saved" role="status" data-part="progress"></p>\n',
  check: async () => ({ blocks: [paragraph('The file is read when it is sent.')], button: 'Import and compare' }),
  async commit(sitting, typed, file) {
    const { statementId, isNew } = await imported(sitting, typed['at'], file);
    return `${statementsPath(sitting)}/${statementId}${isNew ? '' : '?known=yes'}`;
  },
};

async function imported(sitting: Sitting, at: string | undefined, file: SentFile | null) {
  if (file === null)
    throw usageError('STATEMENT_UNREADABLE', 'file: must be chosen', { remedy: 'choose the workbook that eToro gave' });
  const { account } = sitting.account;
  const asked = { account, fileName: file.name, body: file.body };
  return resultOrThrow(await importApart(sitting.place, sitting.asker(at), asked));
}

const readsOnly = ({ who }: Sitting): Block[] | null =>
  who.session.readOnly
    ? [banner('warn', 'READS_ONLY', 'This session may only read: nothing can be imported in it.')]
    : null;
