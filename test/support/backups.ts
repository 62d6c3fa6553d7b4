import { existsSync, mkdirSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dumpName, manifestName, manifestText, sealManifest, type Manifest } from '../../src/domain/backup/manifest.js';
import { withClient } from '../../src/runtime/postgres/database.js';
import { commandLine, findByCommandLine, waitUntil } from '../../src/runtime/processes/processes.js';

/** A directory for the backups of a test; whoever makes it removes it. */
export function backupDirectory(): string {
  const directory = join(mkdtempSync(join(tmpdir(), 'trading-ops-backups-')), 'postgres');
  mkdirSync(directory);
  return directory;
}

/** Writes a whole backup whose dump is these bytes: what checks, copies and retention see of one. */
export function writeBackup(
  directory: string,
  takenAt: string,
  content: Buffer = Buffer.from(`dump of ${takenAt}`),
): Manifest {
  const manifest = sealManifest({
    format: 'trading-ops-backup',
    version: 1,
    file: dumpName(takenAt),
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    takenAt: new Date(takenAt).toISOString(),
    finishedAt: new Date(takenAt).toISOString(),
    reason: 'manual',
    operator: 'test',
    database: { name: 'x', serverVersion: '15.1' },
    pgDump: '15.1',
    tradingOps: '0.1.0',
    entries: 3,
    figures: { tables: [{ name: 'public.bars', rows: 4 }], ledger: [], audit: null, migrations: [] },
  });
  writeFileSync(join(directory, manifest.file), content, { mode: 0o600 });
  writeFileSync(join(directory, manifestName(manifest.file)), manifestText(manifest), { mode: 0o600 });
  return manifest;
}

/** Gives a database rows that do not compress, so that a dump of it takes a second or more and can be met halfway. */
export async function fillDatabase(ownerUrl: string, rows = 150_000): Promise<void> {
  await withClient(ownerUrl, async (client) => {
    await client.query('create table if not exists filler (n int, noise bytea)');
    await client.query(
      `insert into filler select n, sha512(n::text::bytea) || sha512((-n)::text::bytea) from generate_series(1, ${rows}) n`,
    );
  });
}

/** Size of the file that pg_dump is writing now; 0 when there is none. */
export function halfWritten(directory: string): number {
  if (!existsSync(directory)) return 0;
  const partial = readdirSync(directory).find((name) => name.startsWith('.partial-') && name.endsWith('.dump'));
  return partial === undefined ? 0 : (statSync(join(directory, partial), { throwIfNoEntry: false })?.size ?? 0);
}

/** Waits until pg_dump has written some of its file; fails when it never does. */
export async function metHalfway(directory: string): Promise<void> {
  if (!(await waitUntil(() => halfWritten(directory) > 0, 20_000, 5)))
    throw new Error(`no dump was met halfway in ${directory}`);
}

/** pg_dump processes that write below a directory. */
export const dumpersIn = (directory: string): number[] =>
  findByCommandLine('--format', 'custom')
    .map(({ pid }) => pid)
    .filter((pid) => commandLine(pid).includes(directory));
