import { backupAsked } from '../../operations/backup/ask-backup.js';
import { restoreTestAsked } from '../../operations/backup/ask-restore-test.js';
import { paragraph } from '../../reports/render/document.js';
import { renderBlocks } from '../../reports/render/html.js';
import { askFor } from '../asked.js';
import { fieldsBody } from './fields.js';
import type { Field, Form, Typed } from './form.js';
import { fieldWords } from './typed-command.js';

const nothingToRead = { blocks: [], button: '' };

/** Has the worker back the database up, by one button: it changes nothing that is there. */
export const backupForm: Form = {
  path: '/:account/backups/now',
  isDirect: true,
  checkButton: 'Back up now',
  title: () => 'Back up now',
  here: () => '/backups',
  command: () => 'make backup',
  body: async () =>
    renderBlocks([
      paragraph(
        'Dumps the database, verifies the dump, copies it where the policy says, and keeps the others as it says.',
      ),
    ]),
  check: async () => nothingToRead,
  commit(sitting) {
    const { place } = sitting;
    const { operator } = sitting.asker();
    return askFor(place, (taskQueue) => backupAsked(taskQueue, { reason: 'manual', operator }, place.now()));
  },
};

const FILE: readonly Field[] = [
  {
    kind: 'text',
    name: 'file',
    label: 'Which backup',
    hint: 'Its name as the list has it. Left empty: the newest whole one.',
  },
];
const fileOf = ({ file = '' }: Typed): string | null => (file.trim() === '' ? null : file.trim());

/** Has the worker restore a backup into a scratch database and compare, by one button. */
export const restoreTestForm: Form = {
  path: '/:account/backups/restore-test',
  fields: FILE,
  isDirect: true,
  checkButton: 'Test a restore',
  title: () => 'Restore test',
  here: () => '/backups',
  isCommandTyped: true,
  command: (_, typed) => ['make restore-test', ...(fileOf(typed) ? ['--', ...fieldWords(FILE, typed)] : [])].join(' '),
  body: async (_, typed, trouble) =>
    renderBlocks([
      paragraph(
        'Restores a backup into a database beside this one, compares every table and every figure, and drops it.',
      ),
    ]) + fieldsBody(FILE, typed, trouble),
  check: async () => nothingToRead,
  commit(sitting, typed) {
    const { place } = sitting;
    const { operator } = sitting.asker();
    return askFor(place, (taskQueue) => restoreTestAsked(taskQueue, { file: fileOf(typed), operator }, place.now()));
  },
};
