import type { Knex } from 'knex';
import { lstat, realpath, rmdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { resolveInside } from '../../reports/write.js';
import { appendAudit } from '../../db/audit.js';
import { unfinishedDays } from '../../db/days.js';
import { newestRunDay } from '../../db/runs.js';
import { listRenderables } from '../../db/renderables.js';
import { tradingDayOf } from '../../domain/calendar/calendar.js';
import { isPastKeeping, type KeepDays } from '../../domain/policy/artifacts.js';
import type { Instant, IsoDate } from '../../domain/types.js';
import { filesOf, type RenderedFile } from './files.js';
import { counted } from '../../reports/render/format.js';

/** A rendered file on disk that is past its time. */
export interface PastFile extends RenderedFile {
  tradingDay: IsoDate;
  bytes: number;
}

/**
 * What looks like one of our files and is none (a link, a directory, one reached through a link): never touched, always
 * told.
 */
export interface StrangeFile {
  path: string;
  why: string;
}

export interface Retention {
  past: PastFile[];
  strange: StrangeFile[];
}

/**
 * The day from which ages are counted: today, or the newest day with a run where that is earlier. So a simulated past,
 * or an installation that rested for years, does not lose everything at once.
 */
export async function retentionDay(db: Knex, at: Instant): Promise<IsoDate> {
  const [newest, today] = [await newestRunDay(db), tradingDayOf(at)];
  return newest !== null && newest < today ? newest : today;
}

/**
 * The rendered files past their time, oldest first. The list is made from the database and not from the directory: a
 * file that the database cannot write again, whatever its name, is not on it. Nor is anything of a day that is not
 * closed.
 */
export async function findPastFiles(db: Knex, dataDir: string, keep: KeepDays, today: IsoDate): Promise<Retention> {
  const [all, open] = await Promise.all([listRenderables(db), unfinishedDays(db)]);
  const unfinished = new Set(open.map(({ tradingDay }) => tradingDay));
  const candidates = all.flatMap((each) => {
    const { tradingDay } = each;
    return unfinished.has(tradingDay) ? [] : filesOf(each).map((file) => ({ ...file, tradingDay }));
  });
  // Two runs of one as-of date share a file of signals: the younger one keeps it.
  const newest = new Map<string, PastFile>();
  for (const file of candidates) {
    if (file.tradingDay >= (newest.get(file.path)?.tradingDay ?? '')) newest.set(file.path, { ...file, bytes: 0 });
  }
  const due = [...newest.values()].filter(({ kind, tradingDay }) => isPastKeeping(keep, kind, tradingDay, today));
  const retention: Retention = { past: [], strange: [] };
  for (const file of due.toSorted((a, b) => (a.tradingDay < b.tradingDay ? -1 : 1)))
    await sort(dataDir, file, retention);
  return retention;
}

async function sort(dataDir: string, file: PastFile, { past, strange }: Retention): Promise<void> {
  const found = await inspect(dataDir, file.path);
  if (found === null) return;
  if (typeof found === 'string') strange.push({ path: file.path, why: found });
  else past.push({ ...file, bytes: found.bytes });
}

/** Size of a plain file of ours; null when it is not there; in words why it is not one of ours. */
async function inspect(dataDir: string, relative: string): Promise<{ bytes: number } | string | null> {
  const target = resolveInside(dataDir, relative);
  const found = await lstat(target).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' || error.code === 'ENOTDIR' ? null : error,
  );
  if (found === null) return null;
  if (found instanceof Error) return found.message;
  if (!found.isFile()) return found.isSymbolicLink() ? 'a symbolic link' : 'not a file';
  // Every directory on the way must be what it seems, or the file lies elsewhere.
  const root = await realpath(path.resolve(dataDir, 'artifacts'));
  const within = path.relative(path.resolve(dataDir, 'artifacts'), path.dirname(target));
  return (await realpath(path.dirname(target))) === path.join(root, within)
    ? { bytes: found.size }
    : 'behind a symbolic link';
}

/**
 * Removes the files, after the audit log says so: killed halfway, the next call finds the rest. Each is looked at again
 * just before. Directories that are empty then go too.
 * @returns what is gone; files that vanished meanwhile count.
 */
export async function removePastFiles(
  db: Knex,
  dataDir: string,
  files: readonly PastFile[],
  { at, operator, keep }: { at: Instant; operator: string; keep: KeepDays },
): Promise<{ removed: PastFile[]; refused: StrangeFile[] }> {
  if (files.length === 0) return { removed: [], refused: [] };
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const days = files.map(({ tradingDay }) => tradingDay).toSorted();
  await appendAudit(db, {
    at,
    account: null,
    actor: operator,
    action: 'artifacts.removed',
    subject: counted(files.length, 'file'),
    detail: { files: files.length, bytes, from: days[0], to: days.at(-1), keepDays: keep },
  });
  const done: { removed: PastFile[]; refused: StrangeFile[] } = { removed: [], refused: [] };
  for (const file of files) {
    const why = await removeOne(dataDir, file.path);
    if (why === null) done.removed.push(file);
    else done.refused.push({ path: file.path, why });
  }
  return done;
}

async function removeOne(dataDir: string, relative: string): Promise<string | null> {
  const found = await inspect(dataDir, relative);
  if (typeof found === 'string') return found;
  const target = resolveInside(dataDir, relative);
  try {
    await unlink(target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return (error as Error).message;
  }
  // Only the directories that belong to one run or one ticket: artifacts/runs/<run_id>.
  if (relative.split('/').length === 4) await rmdir(path.dirname(target)).catch(() => undefined);
  return null;
}
