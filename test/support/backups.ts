import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dumpName, manifestName, manifestText, sealManifest, type Manifest } from '../../src/domain/backup/manifest.js';

/** A directory for the backups of a test; whoever makes it removes it. */
export function backupDirectory(): string {
  const directory = join(mkdtempSync(join(tmpdir(), 'trading-ops-backups-')), 'postgres');
  mkdirSync(directory);
  return directory;
}

/** Writes a whole backup whose dump is these bytes: what checks, copies and retention see of one. */
export function writeBackup(directory: string, takenAt: string, content: Buffer = Buffer.from(`dump of ${takenAt}`)): Manifest {
  const manifest = sealManifest({
    format: 'trading-ops-backup', version: 1, file: dumpName(takenAt), bytes: content.length, sha256: createHash('sha256').update(content).digest('hex'),
    takenAt: new Date(takenAt).toISOString(), finishedAt: new Date(takenAt).toISOString(), reason: 'manual', operator: 'test', database: { name: 'x', serverVersion: '15.1' },
    pgDump: '15.1', tradingOps: '0.1.0', entries: 3, figures: { tables: [{ name: 'public.bars', rows: 4 }], ledger: [], audit: null, migrations: [] },
  });
  writeFileSync(join(directory, manifest.file), content, { mode: 0o600 });
  writeFileSync(join(directory, manifestName(manifest.file)), manifestText(manifest), { mode: 0o600 });
  return manifest;
}
