import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import { basename } from 'node:path';
import { copyRecordOf } from '../../../backup/copy.js';
import { dumpNames, listBackups, verifyBackup, type Backup } from '../../../backup/verify.js';
import { OpsError, refusal, usageError } from '../../../domain/errors.js';
import { EXIT } from '../../kit/exit.js';
import { instantOfName } from '../../../domain/backup/manifest.js';
import { installationPaths } from '../../../runtime/paths.js';
import { loadSettings } from '../../../runtime/settings.js';
import { connect } from '../../../db/connect.js';
import { checkAgainstRecord } from '../../../operations/backup/check-record.js';
import { resolveAddresses } from '../../../runtime/addresses.js';
import type { BackupInput, BackupReply } from '../../../contract/backup.js';
import { WORKFLOWS } from '../../../contract/workflows.js';
import { directBackup } from './direct.js';
import { ageText, backupLines, bytesText } from './lines.js';
import { answer, requireDatabase, withContext, type Context } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';
import { withProgress } from '../../kit/progress.js';
import { showSteps } from '../../kit/steps.js';
import { runWorkflow } from '../../../operations/workflows.js';
import { requireWorker, withTemporal } from '../../kit/temporal.js';
import { bounded } from '../../../domain/text.js';

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
      if (flags.direct) return directly();
      const byWorker = () => workflowBackup(context, input, say);
      return flags.timer
        ? byWorker().catch((error: unknown) => (isUnreachable(error) ? directly() : Promise.reject(error)))
        : byWorker();
    });
    return madeAnswer(context, reply);
  });
}

/** No Temporal or no worker; Postgres away is no reason to try another way, for pg_dump needs it too. */
const isUnreachable = (error: unknown): boolean =>
  error instanceof OpsError && ['TEMPORAL_DOWN', 'WORKER_DOWN'].includes(error.code);

const DIRECTLY = 'make up; or without Temporal and worker: make backup -- --direct';

async function workflowBackup(context: Context, input: BackupInput, say: (line: string) => void): Promise<BackupReply> {
  await requireDatabase(context);
  try {
    return await withTemporal(context.settings, async (client) => {
      await requireWorker(client, context);
      return await followed(client, context, input, say);
    });
  } catch (error) {
    throw isUnreachable(error)
      ? new OpsError('unreachable', (error as OpsError).code, (error as OpsError).message, {
          cause: error,
          remedy: DIRECTLY,
        })
      : error;
  }
}

const POLL_MS = 500;

/** Starts the workflow and shows the bytes that its activity tells of. */
async function followed(
  client: Client,
  { settings }: Context,
  input: BackupInput,
  say: (line: string) => void,
): Promise<BackupReply> {
  const workflowId = `database-backup/${new Date().toISOString().replace(/\.\d+Z$/, 'Z')}`;
  say('Backing up the database');
  const timer = setInterval(
    () =>
      void progressOf(client, workflowId).then(
        (line) => line && say(line),
        () => undefined,
      ),
    POLL_MS,
  );
  try {
    return await runWorkflow<BackupReply>(client, WORKFLOWS.databaseBackup, {
      workflowId,
      taskQueue: settings.taskQueue,
      staticSummary: `Backup asked for by ${input.operator ?? 'the timer'}`,
      args: [input],
    });
  } finally {
    clearInterval(timer);
  }
}

async function progressOf(client: Client, workflowId: string): Promise<string | null> {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  const payload = raw.pendingActivities?.[0]?.heartbeatDetails?.payloads?.[0];
  if (!payload?.data) return null;
  const { doing, bytes } = JSON.parse(Buffer.from(payload.data).toString('utf8')) as { doing?: string; bytes?: number };
  return doing ? `Backing up the database: ${doing}${bytes ? `, ${bytesText(bytes)}` : ''}` : null;
}

function madeAnswer({ settings }: Context, reply: BackupReply): Answer {
  const damaged = reply.damaged.map((file) => `DAMAGED: ${file}, see: trading-ops backups verify ${file}`);
  return {
    data: reply,
    lines: [
      `BACKUP_DONE: ${installationPaths(settings.dataDir).backups}/${reply.file}${reply.reused ? ' (made for another request a moment ago)' : ''}`,
      `${bytesText(reply.bytes)}, SHA-256 ${reply.sha256}`,
      `${reply.tables} tables, ${reply.rows} rows, in the snapshot of ${reply.takenAt}`,
      ...reply.ledger
        .filter(({ ledgerAccount }) => ledgerAccount.startsWith('Assets:'))
        .map(
          ({ account, book, ledgerAccount, commodity, total }) =>
            `  ${account} ${book} ${ledgerAccount} ${commodity} ${total}`,
        ),
      `${reply.verified} whole backup${reply.verified === 1 ? '' : 's'}${reply.deleted.length > 0 ? `; ${reply.deleted.length} older deleted as the policy says` : ''}`,
      ...(reply.copy
        ? [`Copied to ${reply.copy.place}, read back${reply.copy.encrypted ? ', encrypted' : ', NOT encrypted'}`]
        : []),
      ...(reply.copyProblem ? [`NO COPY: ${reply.copyProblem}`] : []),
      ...damaged,
    ],
    next: reply.damaged.length > 0 ? 'trading-ops backups verify --all' : 'trading-ops backups list',
  };
}

/** Every backup and its state. Needs neither Postgres nor Temporal. */
export async function showBackups(command: Command): Promise<void> {
  await withBackups(command, async (directory) => {
    const found = await withProgress('Checking every backup', () => listBackups(directory));
    const backups = await Promise.all(
      found.map(async (backup) => ({ ...backup, copy: await copyRecordOf(directory, backup.file) })),
    );
    const newest = backups.find(({ state }) => state === 'verified');
    return {
      data: { directory, backups: backups.map(toldOf) },
      lines:
        backups.length === 0
          ? [`No backups in ${directory}.`]
          : [
              directory,
              ...backupLines(backups, new Date()),
              newest
                ? `Newest whole backup: ${newest.file}, ${ageText(newest, new Date())} old.`
                : 'There is no whole backup.',
            ],
      next: newest ? 'trading-ops backups verify --all' : 'make backup',
    };
  });
}

/** Checks one backup or all; exit 2 when one is not whole. */
export async function verifyBackups(file: string | undefined, command: Command): Promise<void> {
  await withBackups(command, async (directory) => {
    if (file !== undefined && command.opts<{ all?: boolean }>().all)
      throw usageError('FLAGS_INVALID', 'file, all: must not be given together', {
        remedy: 'trading-ops backups verify --all',
      });
    const chosen = await filesToVerify(directory, file, command.opts<{ all?: boolean }>().all ?? false);
    const { backups: checked, compared } = await withProgress('Checking every byte', async () => {
      const results: Backup[] = [];
      for (const name of chosen) results.push(await verifyBackup(directory, name));
      const db = connect(resolveAddresses(loadSettings()).databaseUrl, 1);
      return checkAgainstRecord(db, results).finally(() => db.destroy());
    });
    const failed = checked.filter(({ state }) => state !== 'verified');
    return {
      exitCode: failed.length === 0 ? EXIT.done : EXIT.refused,
      data: { directory, whole: failed.length === 0, compared, backups: checked.map(toldOf) },
      lines: [
        failed.length === 0
          ? 'BACKUP_VERIFIED'
          : failed.some(({ state }) => state === 'damaged')
            ? 'BACKUP_DAMAGED'
            : 'BACKUP_INCOMPLETE',
        ...checked.map(verdict),
        compared === null
          ? 'Postgres does not answer: the manifests were not compared with its record.'
          : `${compared} of ${checked.length} compared with the database's own record.`,
      ],
      next:
        failed.length === 0
          ? 'trading-ops backups list'
          : 'make backup; keep the damaged file aside until you know why (docs/INCIDENTS.md, BACKUP_DAMAGED)',
    };
  });
}

const verdict = ({ file, state, problem, manifest }: Backup): string =>
  manifest
    ? `${file}: whole, ${bytesText(manifest.bytes)}, SHA-256 ${manifest.sha256}, ${manifest.figures.tables.length} tables`
    : `${file}: ${state}: ${problem}`;

async function filesToVerify(directory: string, asked: string | undefined, all: boolean): Promise<string[]> {
  const names = await dumpNames(directory);
  if (asked === undefined && names.length === 0)
    throw refusal('NO_BACKUP', `there is no backup in ${directory}`, { remedy: 'make backup' });
  if (asked === undefined) return all ? names : names.slice(0, 1);
  const name = basename(asked).replace(/\.manifest\.json$/, '');
  if (instantOfName(name) === null || !names.includes(name)) {
    throw usageError('BACKUP_UNKNOWN', `file: ${bounded(asked)}: must be a backup of ${directory}`, {
      remedy: 'trading-ops backups list',
    });
  }
  return [name];
}

const toldOf = <B extends Backup>({ manifest, ...backup }: B) => ({
  ...backup,
  sha256: manifest?.sha256 ?? null,
  reason: manifest?.reason ?? null,
  figures: manifest?.figures ?? null,
});

async function withBackups(command: Command, action: (directory: string) => Promise<Answer>): Promise<void> {
  await answer(command.optsWithGlobals<{ json?: boolean }>().json ?? false, () =>
    action(installationPaths(loadSettings().dataDir).backups),
  );
}
