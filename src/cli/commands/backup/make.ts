import type { Command } from 'commander';
import type { BackupInput, BackupReply } from '../../../contract/backup.js';
import { usageError } from '../../../domain/errors.js';
import { askBackup, byWorkerOrDirectly } from '../../../operations/backup/ask-backup.js';
import { backupsDirectory } from '../../../backup/directory.js';
import { machineClock, requireDatabase, withContext, type Context } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';
import { showSteps } from '../../kit/steps.js';
import { withTemporal, workersOf } from '../../kit/temporal.js';
import { requireWorker } from '../../../operations/workers.js';
import { directBackup } from './direct.js';
import { bytesText, doingText } from './lines.js';

interface BackupFlags {
  direct?: boolean;
  timer?: boolean;
  operator?: string;
}

/** Makes a backup through the worker, or directly; prints what is in it. */
export async function backupNow(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const flags = command.optsWithGlobals<BackupFlags>();
    if (flags.direct && flags.timer)
      throw usageError('FLAGS_INVALID', 'direct, timer: must not be given together', {
        remedy: 'make backup -- --direct',
      });
    const input: BackupInput = flags.timer
      ? { reason: 'timer', operator: null }
      : { reason: 'manual', operator: context.operator() };
    const reply = await showSteps((say) => {
      const directly = () => directBackup(context, input, say);
      return flags.direct
        ? directly()
        : byWorkerOrDirectly(input, { directly, byWorker: () => workflowBackup(context, input, say) });
    });
    return madeAnswer(context, reply);
  });
}

async function workflowBackup(context: Context, input: BackupInput, say: (line: string) => void): Promise<BackupReply> {
  await requireDatabase(context);
  const { taskQueue } = context.settings;
  return withTemporal(context.settings, async (client) => {
    await requireWorker(client, workersOf(context));
    say('Backing up the database');
    return askBackup({ client, taskQueue, now: machineClock }, input, (state) => say(doingText(state)));
  });
}

function madeAnswer({ settings }: Context, reply: BackupReply): Answer {
  const damaged = reply.damaged.map((file) => `DAMAGED: ${file}, see: trading-ops backups verify ${file}`);
  return {
    data: reply,
    lines: [
      `BACKUP_DONE: ${backupsDirectory(settings.dataDir)}/${reply.file}` +
        (reply.reused ? ' (made for another request a moment ago)' : ''),
      `${bytesText(reply.bytes)}, SHA-256 ${reply.sha256}`,
      `${reply.tables} tables, ${reply.rows} rows, in the snapshot of ${reply.takenAt}`,
      ...reply.ledger
        .filter(({ ledgerAccount }) => ledgerAccount.startsWith('Assets:'))
        .map(
          ({ account, book, ledgerAccount, commodity, total }) =>
            `  ${account} ${book} ${ledgerAccount} ${commodity} ${total}`,
        ),
      `${reply.verified} whole backup${reply.verified === 1 ? '' : 's'}` +
        (reply.deleted.length > 0 ? `; ${reply.deleted.length} older deleted as the policy says` : ''),
      ...(reply.copy
        ? [`Copied to ${reply.copy.place}, read back${reply.copy.encrypted ? ', encrypted' : ', NOT encrypted'}`]
        : []),
      ...(reply.copyProblem ? [`NO COPY: ${reply.copyProblem}`] : []),
      ...damaged,
    ],
    next: reply.damaged.length > 0 ? 'trading-ops backups verify --all' : 'trading-ops backups list',
  };
}
