import { chainBreaks, databaseFigures } from '../db/figures.js';
import { compareFigures } from '../domain/backup/compare.js';
import type { DatabaseFigures } from '../domain/backup/manifest.js';
import { differenceText } from '../domain/backup/proof.js';
import { OpsError } from '../domain/errors.js';
import { withClient } from '../runtime/postgres/database.js';
import { dumpPrograms } from './programs.js';
import { runPgRestore } from './restore.js';
import type { VerifiedBackup } from './verify.js';

/** What came of restoring a backup. */
export interface Restored {
  /** What the restored database holds; null when it could not be restored. */
  found: DatabaseFigures | null;
  problems: string[];
  took: { restore: number; comparison: number };
}

export interface RestoreOrder {
  backup: VerifiedBackup;
  /** An empty database, by the login that shall own what is restored. */
  databaseUrl: string;
  serverMajor: number;
  signal: AbortSignal;
  progress(line: string): void;
}

/**
 * Restores a verified backup into an empty database and compares it with the manifest: every table's rows, the ledger's
 * totals, the audit log's head and chain, the schema's version. A dump that cannot be restored is a problem, not an error;
 * a server that went away and a full disk are errors.
 */
export async function restoreAndCompare({
  backup,
  databaseUrl,
  serverMajor,
  signal,
  progress,
}: RestoreOrder): Promise<Restored> {
  const programs = await dumpPrograms(serverMajor);
  const begun = performance.now();
  progress(`Restoring ${backup.file} (pg_restore -j2)`);
  const problem = await runPgRestore({ programs, databaseUrl, dump: backup.path, signal }).then(
    () => null,
    dumpProblem,
  );
  const restored = performance.now();
  if (problem !== null) return { found: null, problems: [problem], took: { restore: restored - begun, comparison: 0 } };
  progress('Comparing rows, ledger totals and the audit chain with the manifest');
  const [found, breaks] = await Promise.all([withClient(databaseUrl, databaseFigures), auditBreaks(databaseUrl)]);
  const problems = [...compareFigures(backup.manifest.figures, found).map(differenceText), ...breaks];
  return { found, problems, took: { restore: restored - begun, comparison: performance.now() - restored } };
}

function dumpProblem(error: unknown): string {
  if (error instanceof OpsError && error.code === 'RESTORE_FAILED') return error.message;
  throw error;
}

const BREAKS_MAX = 20;

/** Breaks of the restored audit log's hash chain, a line each. */
async function auditBreaks(databaseUrl: string): Promise<string[]> {
  const breaks = await withClient(databaseUrl, (client) => chainBreaks(client, BREAKS_MAX));
  return breaks.map(({ seq, problem }) => `audit record ${seq}: ${problem}`);
}
