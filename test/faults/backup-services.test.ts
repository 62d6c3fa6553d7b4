import { Client, Connection } from '@temporalio/client';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listBackups, newestVerified } from '../../src/backup/verify.js';
import { connect } from '../../src/db/connect.js';
import { listAlerts } from '../../src/db/alerts.js';
import { resolveAddresses } from '../../src/runtime/addresses.js';
import { installationPaths } from '../../src/runtime/paths.js';
import { waitUntil } from '../../src/runtime/processes/processes.js';
import type { BackupReply } from '../../src/contract/backup.js';
import type { WatchReply } from '../../src/contract/runs.js';
import { WORKFLOWS } from '../../src/contract/workflows.js';
import { dumpersIn, fillDatabase, metHalfway } from '../support/backups.js';
import {
  createInstallation,
  createPrivateStack,
  runCli,
  startWorkerProcess,
  type Installation,
} from '../support/stack.js';
import { startWorkerHere } from '../support/worker-here.js';

const MAX_MS = 240_000;
const directoryOf = ({ dataDir }: Installation) => installationPaths(dataDir).backups;
const SIGNED = ['--operator', 'operator'];

interface Place {
  client: Client;
  directory: string;
  /** Starts `databaseBackup` as whoever asks for one does. */
  start(id: string): ReturnType<Client['workflow']['start']>;
}

async function withPlace(installation: Installation, work: (place: Place) => Promise<void>): Promise<void> {
  const { settings } = installation;
  const connection = await Connection.connect({ address: resolveAddresses(settings).temporalAddress });
  const client = new Client({ connection, namespace: settings.temporalNamespace });
  const start = (workflowId: string) =>
    client.workflow.start(WORKFLOWS.databaseBackup, {
      workflowId,
      taskQueue: settings.taskQueue,
      args: [{ reason: 'manual', operator: 'operator' }],
    });
  try {
    await work({ client, directory: directoryOf(installation), start });
  } finally {
    await connection.close();
    await installation.cleanup();
  }
}

const partials = (directory: string) => readdirSync(directory).filter((name) => name.startsWith('.partial-'));
const ownerOf = ({ settings }: Installation) => resolveAddresses(settings).ownerDatabaseUrl;

describe('databaseBackup goes on by itself after what it stands on was killed', { timeout: MAX_MS }, () => {
  it('the worker is killed in the middle: the older backup stays the newest; the next worker ends the orphan, sweeps, and makes the backup once', async () => {
    const installation = await createInstallation();
    await withPlace(installation, async ({ directory, start }) => {
      let worker = await startWorkerProcess(installation);
      const older = (await (await start('database-backup/older')).result()) as BackupReply;
      await fillDatabase(ownerOf(installation), 60_000);
      const handle = await start('database-backup/killed');
      await metHalfway(directory);
      await worker.kill();
      expect((await newestVerified(directory))?.file).toBe(older.file);
      worker = await startWorkerProcess(installation);
      const made = (await handle.result()) as BackupReply;
      expect((await listBackups(directory)).map(({ file, state }) => [file, state])).toEqual([
        [made.file, 'verified'],
        [older.file, 'verified'],
      ]);
      expect([partials(directory), dumpersIn(directory)]).toEqual([[], []]);
      const db = connect(resolveAddresses(installation.settings).databaseUrl, 1);
      expect(await db('backups').orderBy('taken_at').pluck('file')).toEqual([older.file, made.file]);
      await db.destroy();
    });
  });

  it('Postgres is stopped with -m immediate in the middle: the same, without anybody doing a thing', async () => {
    const stack = await createPrivateStack();
    const worker = await startWorkerHere(stack);
    await withPlace(stack, async ({ directory, start }) => {
      try {
        const older = (await (await start('database-backup/older')).result()) as BackupReply;
        await fillDatabase(ownerOf(stack), 60_000);
        const handle = await start('database-backup/stopped');
        await metHalfway(directory);
        await stack.killPostgres('SIGQUIT');
        await waitUntil(() => dumpersIn(directory).length === 0, 20_000);
        expect((await newestVerified(directory))?.file).toBe(older.file);
        await stack.restart();
        const made = (await handle.result()) as BackupReply;
        expect((await listBackups(directory)).map(({ file, state }) => [file, state])).toEqual([
          [made.file, 'verified'],
          [older.file, 'verified'],
        ]);
        expect(partials(directory)).toEqual([]);
      } finally {
        await worker.stop();
      }
    });
  });

  it('whoever cancels it in the Web UI ends pg_dump, leaves nothing, and is told so', async () => {
    const installation = await createInstallation();
    await withPlace(installation, async ({ directory, start }) => {
      const worker = await startWorkerHere(installation);
      try {
        const older = (await (await start('database-backup/older')).result()) as BackupReply;
        await fillDatabase(ownerOf(installation), 400_000);
        const handle = await start('database-backup/cancelled');
        await metHalfway(directory);
        for (const pid of dumpersIn(directory)) process.kill(pid, 'SIGSTOP');
        await handle.cancel();
        await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
        expect([dumpersIn(directory), readdirSync(directory).toSorted()]).toEqual([
          [],
          [older.file, `${older.file}.manifest.json`],
        ]);
        expect((await handle.describe()).searchAttributes).toMatchObject({ Outcome: ['CANCELLED'] });
      } finally {
        await worker.stop();
      }
    });
  });
});

describe('what goes wrong is an alert, and recovers with the next good backup', { timeout: MAX_MS }, () => {
  it('BACKUP_FAILED, BACKUP_COPY_FAILED and BACKUP_DAMAGED', async () => {
    const installation = await createInstallation();
    const mount = join(installation.dataDir, 'mount');
    writeFileSync(
      join(installation.configDir, 'policy.yml'),
      readFileSync(join(installation.configDir, 'policy.yml'), 'utf8').replace('copy_to: null', `copy_to: ${mount}`),
    );
    const db = connect(resolveAddresses(installation.settings).databaseUrl, 1);
    const states = async () => Object.fromEntries((await listAlerts(db)).map(({ code, state }) => [code, state]));
    await withPlace(installation, async ({ directory }) => {
      const worker = await startWorkerHere(installation);
      try {
        mkdirSync(dirname(directory), { recursive: true });
        writeFileSync(directory, 'a file where the directory should be');
        const failed = await runCli(installation, ['backup', ...SIGNED]);
        expect([failed.code, failed.stderr]).toEqual([
          1,
          expect.stringContaining('BACKUP_DIRECTORY_UNUSABLE: Backups cannot be written to'),
        ]);
        expect(await states()).toEqual({ BACKUP_FAILED: 'OPEN' });

        rmSync(directory);
        const uncopied = await runCli(installation, ['backup', ...SIGNED]);
        expect([uncopied.code, uncopied.stdout]).toEqual([
          0,
          expect.stringContaining('NO COPY: BACKUP_COPY_FAILED: The copy to'),
        ]);
        expect(await states()).toEqual({ BACKUP_FAILED: 'RECOVERED', BACKUP_COPY_FAILED: 'OPEN' });

        const [older] = await listBackups(directory);
        truncateSync(older?.path ?? '', 10);
        expect((await runCli(installation, ['backups', 'verify', older?.file ?? ''])).code).toBe(2);
        mkdirSync(mount);
        const damaged = await runCli(installation, ['backup', ...SIGNED]);
        expect([damaged.code, damaged.stdout]).toEqual([0, expect.stringContaining(`DAMAGED: ${older?.file}`)]);
        expect(damaged.stdout).toContain(`Copied to ${mount}, read back, NOT encrypted`);
        expect(await states()).toEqual({
          BACKUP_FAILED: 'RECOVERED',
          BACKUP_COPY_FAILED: 'RECOVERED',
          BACKUP_DAMAGED: 'OPEN',
        });

        for (const name of readdirSync(directory).filter((entry) => entry.startsWith(older?.file ?? '')))
          rmSync(join(directory, name));
        expect((await runCli(installation, ['backup', '--direct', ...SIGNED])).code).toBe(0);
        expect(await states()).toMatchObject({ BACKUP_DAMAGED: 'RECOVERED' });
        expect((await runCli(installation, ['backups'])).stdout).toMatch(/not encrypted[\s\S]*Newest whole backup: /);
      } finally {
        await worker.stop();
        await db.destroy();
      }
    });
  });

  it('BACKUP_STALE: the hourly watch tells it once an installation is old enough to have one, and that it is over', async () => {
    const installation = await createInstallation();
    const db = connect(resolveAddresses(installation.settings).databaseUrl, 1);
    await withPlace(installation, async ({ client, directory }) => {
      let ahead = 0;
      const worker = await startWorkerHere(installation, { now: () => new Date(Date.now() + ahead).toISOString() });
      const watchAt = (hours: number) => {
        ahead = hours * 3_600_000;
        return client.workflow.execute(WORKFLOWS.watch, {
          workflowId: `watch-test-${hours}`,
          taskQueue: installation.settings.taskQueue,
          args: [{ accounts: [] }],
        }) as Promise<WatchReply>;
      };
      const stale = async () =>
        (await listAlerts(db)).filter(({ code }) => code === 'BACKUP_STALE').map(({ state }) => state);
      try {
        expect((await runCli(installation, ['account', 'add', 'main', '--base-currency', 'GBP', ...SIGNED])).code).toBe(
          0,
        );
        expect([(await watchAt(25)).backups, await stale()]).toEqual([[], []]);
        expect([(await watchAt(27)).backups, await stale()]).toEqual([['There is no whole backup.'], ['OPEN']]);
        expect((await runCli(installation, ['backup', ...SIGNED])).code).toBe(0);
        expect(await stale()).toEqual(['RECOVERED']);
        const [newest] = await listBackups(directory);
        expect((await watchAt(27.5)).backups).toEqual([
          `The newest whole backup, ${newest?.file}, is 27 hours old; at most 26 are allowed.`,
        ]);
        expect(await stale()).toEqual(['OPEN', 'RECOVERED']);
      } finally {
        await worker.stop();
        await db.destroy();
      }
    });
  });

  it('the command says what is down; --timer makes the backup without Temporal and worker', async () => {
    const installation = await createInstallation();
    await withPlace(installation, async ({ directory }) => {
      const refused = await runCli(installation, ['backup', ...SIGNED]);
      expect([refused.code, refused.stderr]).toEqual([
        69,
        expect.stringMatching(
          /WORKER_DOWN: .*\nNext: make up; or without Temporal and worker: make backup -- --direct$/,
        ),
      ]);
      expect(existsSync(directory)).toBe(false);
      const byTimer = await runCli(installation, ['backup', '--timer', '--json']);
      expect([byTimer.code, (await newestVerified(directory))?.manifest.reason]).toEqual([0, 'timer']);
      const unknown = await runCli(installation, ['backups', 'verify', 'x.dump']);
      expect([unknown.code, unknown.stderr]).toEqual([
        64,
        expect.stringContaining('BACKUP_UNKNOWN: file: x.dump: must be a backup of'),
      ]);
    });
  });
});
