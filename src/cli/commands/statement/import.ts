import type { Command } from 'commander';
import path from 'node:path';
import { resultOrThrow } from '../../../domain/errors.js';
import { STATEMENT_BYTES_MAX } from '../../../domain/text.js';
import { importStatement } from '../../../operations/statement/import.js';
import { askerOf, installationOf } from '../../kit/asker.js';
import { withContext } from '../../kit/context.js';
import { readInputBytes } from '../../kit/read-input.js';
import { answerOf } from './told.js';

/** Imports the broker's account statement and tells what came of it. */
export async function importFile(file: string, command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const body = await readInputBytes({
      file,
      field: 'file',
      code: 'STATEMENT_UNREADABLE',
      tooLarge: 'STATEMENT_TOO_LARGE',
      maxBytes: STATEMENT_BYTES_MAX,
      remedy: 'nothing was stored; name the workbook that eToro gave, as it came',
    });
    const fileName = file === '-' ? 'standard input' : path.basename(file);
    const { account } = context.account;
    const told = resultOrThrow(
      await importStatement(installationOf(context), askerOf(context), { account, fileName, body }),
    );
    const files = told.files.map((each) => path.join(context.settings.dataDir, each));
    const answer = answerOf(context, told, files);
    const before = told.isCompared
      ? told.isNew
        ? []
        : ['Imported before; the ledger has moved on since, so it was compared again.']
      : ['Imported before, and the ledger is as it was: this is what came of it then.'];
    const again = told.isReadmitted ? ['It had been withdrawn, and counts again.'] : [];
    return {
      ...answer,
      data: { ...(answer.data as object), isNew: told.isNew, isReadmitted: told.isReadmitted },
      lines: [...answer.lines, ...before, ...again],
    };
  });
}
