import { execa } from 'execa';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeBackup, type BackupHost, type BackupOrder } from '../../src/backup/make.js';
import { listBackups, newestVerified, verifyBackup } from '../../src/backup/verify.js';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { waitUntil } from '../../src/runtime/processes/processes.js';
import { backupDirectory, dumpersIn, fillDatabase, metHalfway } from '../support/backups.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { createInstallation, runCli } from '../support/stack.js';

const FLIPS = 200;
const CUTS = 50;

let database: TestDatabase;
let directory = '';
beforeAll(async () => {
  database = await createTestDatabase();
  await fillDatabase(database.ownerUrl, 3_000);
});
afterAll(() => database.drop());

const order = (into = directory): BackupOrder => ({
  directory: into,
  databaseUrl: database.appUrl,
  reason: 'manual',
  operator: 'test',
  requestedAt: new Date().toISOString(),
});
const host = (signal = new AbortController().signal): BackupHost => ({
  now: () => new Date(),
  signal,
  progress: () => undefined,
});
const make = async (into = directory) => (await makeBackup(order(into), host())).manifest;
const failureOf = (work: Promise<unknown>): Promise<Error & { code?: string }> =>
  work.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: Error) => error,
  );

/** Writes one byte in place. */
function write(path: string, at: number, byte: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, Uint8Array.of(byte), 0, 1, at);
  closeSync(file);
}

/** A fresh directory with one whole backup; afterwards that one must still be the newest, and nothing else be there. */
async function withOlder(fault: (older: string) => Promise<void>): Promise<void> {
  directory = backupDirectory();
  try {
    const { file } = await make();
    await fault(file);
    expect((await newestVerified(directory))?.file).toBe(file);
    expect(readdirSync(directory).toSorted()).toEqual([file, `${file}.manifest.json`]);
    expect(dumpersIn(directory)).toEqual([]);
  } finally {
    rmSync(dirname(directory), { recursive: true, force: true });
  }
}

describe('a dump that is not as it was written is refused', { timeout: 120_000 }, () => {
  it(`with one byte flipped at each of ${FLIPS} places, and cut at ${CUTS} lengths; as it was it is whole again`, async () => {
    directory = backupDirectory();
    const older = await make();
    const { file } = await make();
    const path = join(directory, file);
    const whole = readFileSync(path);
    const accepted: string[] = [];
    const judge = async (what: string) => {
      if ((await verifyBackup(directory, file)).state !== 'damaged') accepted.push(what);
    };
    for (let i = 0; i < FLIPS; i++) {
      // The first and the last byte too.
      const at = Math.round((i * (whole.length - 1)) / (FLIPS - 1));
      write(path, at, (whole[at] ?? 0) ^ 0xff);
      await judge(`flipped at ${at}`);
      if (i === FLIPS >> 1) expect((await newestVerified(directory))?.file).toBe(older.file);
      write(path, at, whole[at] ?? 0);
    }
    expect((await newestVerified(directory))?.file).toBe(file);
    for (let i = CUTS - 1; i >= 0; i--) {
      const length = Math.floor((i * whole.length) / CUTS);
      truncateSync(path, length);
      await judge(`cut at ${length}`);
    }
    expect([whole.length > 300_000, accepted]).toEqual([true, []]);
    writeFileSync(path, whole);
    expect((await newestVerified(directory))?.file).toBe(file);
    rmSync(dirname(directory), { recursive: true, force: true });
  });
});

describe('what stops in the middle leaves the older backup the newest, and nothing else', { timeout: 120_000 }, () => {
  beforeAll(() => fillDatabase(database.ownerUrl, 60_000));

  it.each([
    ['SIGKILL', 'pg_dump was ended by SIGKILL'],
    ['SIGTERM', 'pg_dump: terminated by user'],
  ] as const)('pg_dump ends by %s', async (signal, said) => {
    await withOlder(async () => {
      const failing = failureOf(make());
      await metHalfway(directory);
      for (const pid of dumpersIn(directory)) process.kill(pid, signal);
      expect(await failing).toMatchObject({ code: 'BACKUP_DUMP_FAILED', message: expect.stringContaining(said) });
    });
  });

  it('the backup is cancelled', async () => {
    await withOlder(async () => {
      const stop = new AbortController();
      const cancelled = failureOf(makeBackup(order(), host(stop.signal)));
      await metHalfway(directory);
      stop.abort(new Error('enough'));
      expect((await cancelled).message).toBe('enough');
    });
  });

  it('and a backup that is cancelled while it waits for another one lets that one finish', async () => {
    directory = backupDirectory();
    const [first, stop] = [make(), new AbortController()];
    await metHalfway(directory);
    let waits = false;
    const second = failureOf(
      makeBackup(order(), {
        ...host(stop.signal),
        progress: ({ doing }) => void (waits ||= doing.startsWith('waiting')),
      }),
    );
    await waitUntil(() => waits, 10_000);
    stop.abort(new Error('enough'));
    expect((await second).message).toBe('enough');
    const { file } = await first;
    expect((await newestVerified(directory))?.file).toBe(file);
    rmSync(dirname(directory), { recursive: true, force: true });
  });

  it('two at once: the second waits and gets a backup of its own only when the first began before it was asked for', async () => {
    directory = backupDirectory();
    const early = new Date(Date.now() - 60_000).toISOString();
    const both = await Promise.all([1, 2].map(() => makeBackup({ ...order(), requestedAt: early }, host())));
    expect(both.map(({ reused }) => reused).toSorted()).toEqual([false, true]);
    expect(both[0]?.manifest).toEqual(both[1]?.manifest);
    const running = make();
    await metHalfway(directory);
    const later = await makeBackup(order(), host());
    expect([later.reused, later.manifest.file === (await running).file]).toEqual([false, false]);
    expect((await listBackups(directory)).map(({ state }) => state)).toEqual(['verified', 'verified', 'verified']);
    rmSync(dirname(directory), { recursive: true, force: true });
  });
});

describe('a place that takes no backup is a clear error, and nothing is lost', { timeout: 120_000 }, () => {
  it('a file where the directory should be, or a part of its path', async () => {
    const home = dirname(backupDirectory());
    writeFileSync(join(home, 'file'), '');
    for (const into of [join(home, 'file'), join(home, 'file', 'postgres')]) {
      expect(await failureOf(make(into))).toMatchObject({
        code: 'BACKUP_DIRECTORY_UNUSABLE',
        message: `Backups cannot be written to ${into}: it, or a part of its path, is a file. Older backups are as they were.`,
      });
    }
    rmSync(home, { recursive: true, force: true });
  });

  it('a missing directory is made; a link into nothing is told', async () => {
    const home = dirname(backupDirectory());
    const into = join(home, 'a', 'b');
    expect((await make(into)).bytes).toBeGreaterThan(0);
    expect(statSync(into).mode & 0o777).toBe(0o700);
    symlinkSync(join(home, 'nowhere'), join(home, 'link'));
    expect(await failureOf(make(join(home, 'link')))).toMatchObject({ code: 'BACKUP_DIRECTORY_UNUSABLE' });
    rmSync(home, { recursive: true, force: true });
  });

  it('a disk that takes no more: the half file is removed, the older backup stays, exit 1 with what to do', async () => {
    const installation = await createInstallation();
    try {
      expect((await runCli(installation, ['backup', '--direct', '--operator', 'operator'])).code).toBe(0);
      await fillDatabase(installation.settings.ownerDatabaseUrl as string, 20_000);
      const backups = join(installation.dataDir, 'backups', 'postgres');
      const before = readdirSync(backups).toSorted();
      // A limit of the size of files (blocks of 1024 bytes) needs no rights and ends pg_dump's writing as a full disk does.
      const { exitCode, stderr } = await execa(
        'bash',
        [
          '-c',
          'ulimit -f 800; exec "$@"',
          'bash',
          process.execPath,
          join(repositoryRoot, 'dist', 'cli', 'main.js'),
          'backup',
          '--direct',
          '--operator',
          'operator',
        ],
        { env: installation.env, extendEnv: false, reject: false, cwd: repositoryRoot },
      );
      expect([exitCode, stderr]).toEqual([
        1,
        expect.stringMatching(
          /DISK_FULL: The disk of .*backups\/postgres is full.*Older backups are as they were\.\nNext: free some space/,
        ),
      ]);
      expect(readdirSync(backups).toSorted()).toEqual(before);
      expect((await runCli(installation, ['backups', 'verify', '--all'])).code).toBe(0);
    } finally {
      await installation.cleanup();
    }
  });

  it.each([
    ['full', 'size=1m', 'DISK_FULL'],
    ['read-only', 'ro', 'BACKUP_DIRECTORY_UNUSABLE'],
  ])('a file system that is %s', async (_name, options, code) => {
    const home = dirname(backupDirectory());
    const disk = join(home, 'disk');
    mkdirSync(disk);
    const mounted =
      (await execa('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk], { reject: false })).exitCode === 0;
    try {
      // Who may not mount has no such disk; there the kernel's own file system takes no files either, and says so.
      const into = mounted ? join(disk, ...(options === 'ro' ? ['postgres'] : [])) : '/proc/backups';
      expect(await failureOf(make(into))).toMatchObject({ code: mounted ? code : 'BACKUP_DIRECTORY_UNUSABLE' });
      if (mounted) expect(readdirSync(disk)).toEqual([]);
    } finally {
      if (mounted) await execa('umount', [disk]);
      rmSync(home, { recursive: true, force: true });
    }
  });
});
