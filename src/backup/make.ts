import { randomUUID } from 'node:crypto';
import { chmod, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  dumpName,
  instantOfName,
  manifestName,
  manifestText,
  sealManifest,
  type Manifest,
} from '../domain/backup/manifest.js';
import type { BackupReason } from '../domain/backup/reason.js';
import { OpsError } from '../domain/errors.js';
import type { Instant } from '../domain/types.js';
import { directoryFault, PARTIAL, prepareBackupDirectory, sweepPartials, syncToDisk } from './directory.js';
import { countEntries, runPgDump } from './dump.js';
import { databaseFigures } from '../db/figures.js';
import { ownVersion } from '../runtime/status.js';
import { dumpPrograms } from './programs.js';
import { withBackupLock, type SnapshotConnection } from './snapshot.js';
import { dumpNames, isVerified, sha256OfFile, verifyBackup } from './verify.js';

export interface BackupOrder {
  /** Directory of the dumps. */
  directory: string;
  databaseUrl: string;
  reason: BackupReason;
  operator: string | null;
  /** A backup whose snapshot is of this instant or later answers the order: whoever comes second gets the first one's. */
  requestedAt: Instant;
}

/** What a backup is made in: time, cancellation, and somebody who watches. */
export interface BackupHost {
  now(): Date;
  signal: AbortSignal;
  progress(state: BackupProgress): void;
}

export interface BackupProgress {
  doing: 'waiting for another backup' | 'dumping' | 'verifying' | 'copying';
  bytes: number;
}

/**
 * Makes a backup: dump, row counts and ledger totals in one snapshot, verified, then renamed into place. At whatever point
 * it dies there is a whole backup or none: the manifest comes last, and without it a dump is no backup.
 * Throws OpsError: exit 69 when Postgres is away, exit 1 for a full disk, an unusable directory or a failing pg_dump.
 */
export async function makeBackup(
  order: BackupOrder,
  host: BackupHost,
): Promise<{ manifest: Manifest; reused: boolean }> {
  await prepareBackupDirectory(order.directory);
  const waiting = () => host.progress({ doing: 'waiting for another backup', bytes: 0 });
  return withBackupLock(order.databaseUrl, host.signal, waiting, async (connection) => {
    await sweepPartials(order.directory);
    const done = await madeSince(order.directory, order.requestedAt);
    return done
      ? { manifest: done, reused: true }
      : { manifest: await dumpUnderLock(order, host, connection), reused: false };
  });
}

/** A whole backup that was taken at the instant or later: another one's, or our own of an attempt whose report was lost. */
async function madeSince(directory: string, instant: Instant): Promise<Manifest | null> {
  const since = new Date(instant).toISOString();
  for (const file of (await dumpNames(directory)).filter((name) => (instantOfName(name) ?? '') >= since)) {
    const backup = await verifyBackup(directory, file);
    if (isVerified(backup)) return backup.manifest;
  }
  return null;
}

async function dumpUnderLock(order: BackupOrder, host: BackupHost, connection: SnapshotConnection): Promise<Manifest> {
  const programs = await dumpPrograms(connection.serverMajor);
  const partial = join(order.directory, `${PARTIAL}${randomUUID()}.dump`);
  try {
    // Read before the snapshot is taken: what was committed before this instant is in the dump.
    const takenAt = await freeInstant(order.directory, host.now());
    const snapshot = await connection.takeSnapshot();
    const progress = (bytes: number) => host.progress({ doing: 'dumping', bytes });
    progress(0);
    const [figures] = await bothOrNeither(
      (signal) => abortable(databaseFigures(connection.client), signal),
      (signal) => runPgDump({ programs, databaseUrl: order.databaseUrl, snapshot, file: partial, signal, progress }),
      host.signal,
    );
    await connection.client.query('commit');
    const { size } = await stat(partial);
    host.progress({ doing: 'verifying', bytes: size });
    const [entries, sha256] = await Promise.all([
      countEntries(programs, partial),
      sha256OfFile(partial),
      syncToDisk(partial),
    ]);
    host.signal.throwIfAborted();
    const manifest = sealManifest({
      format: 'trading-ops-backup',
      version: 1,
      file: dumpName(takenAt),
      bytes: size,
      sha256,
      takenAt,
      finishedAt: host.now().toISOString(),
      reason: order.reason,
      operator: order.operator,
      database: { name: connection.database, serverVersion: connection.serverVersion },
      pgDump: programs.version,
      tradingOps: ownVersion(),
      entries,
      figures,
    });
    await putInPlace(order.directory, partial, manifest);
    return manifest;
  } catch (error) {
    throw isSystemError(error) ? directoryFault(order.directory, error) : error;
  } finally {
    await rm(partial, { force: true }).catch(() => undefined);
  }
}

/** The dump first, the manifest last, the names kept by the disk between: a crash leaves a dump that is no backup. */
async function putInPlace(directory: string, partial: string, manifest: Manifest): Promise<void> {
  const sidecar = join(directory, `${PARTIAL}${randomUUID()}.manifest.json`);
  try {
    const handle = await open(sidecar, 'wx', 0o600);
    try {
      await handle.writeFile(manifestText(manifest));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await chmod(partial, 0o600);
    await rename(partial, join(directory, manifest.file));
    await syncToDisk(directory);
    await rename(sidecar, join(directory, manifestName(manifest.file)));
    await syncToDisk(directory);
  } finally {
    await rm(sidecar, { force: true });
  }
}

/** The instant, or the first one after it whose name nobody has: a clock may have stepped back. */
async function freeInstant(directory: string, now: Date): Promise<Instant> {
  const taken = new Set(await dumpNames(directory));
  let time = now.getTime();
  while (taken.has(dumpName(new Date(time).toISOString()))) time += 1;
  return new Date(time).toISOString();
}

/** Runs both side by side; when one fails the other is aborted and waited for, so that nothing goes on behind our back. */
async function bothOrNeither<A, B>(
  one: (signal: AbortSignal) => Promise<A>,
  other: (signal: AbortSignal) => Promise<B>,
  outer: AbortSignal,
): Promise<[A, B]> {
  const stop = new AbortController();
  const signal = AbortSignal.any([outer, stop.signal]);
  const guarded = <T>(work: Promise<T>) =>
    work.catch((error: unknown) => {
      stop.abort(error);
      throw error;
    });
  const [a, b] = await Promise.allSettled([guarded(one(signal)), guarded(other(signal))]);
  outer.throwIfAborted();
  if (a.status === 'fulfilled' && b.status === 'fulfilled') return [a.value, b.value];
  // The first failure is the cause; the other one was aborted because of it.
  throw stop.signal.reason;
}

async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = () => {};
  const aborted = new Promise<never>((_, fail) => {
    onAbort = () => fail(signal.reason as Error);
  });
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    work.catch(() => undefined);
  }
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  !(error instanceof OpsError) &&
  error instanceof Error &&
  typeof (error as NodeJS.ErrnoException).syscall === 'string' &&
  (error as NodeJS.ErrnoException).path !== undefined;
