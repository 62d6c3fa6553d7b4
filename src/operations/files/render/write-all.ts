import { stat } from 'node:fs/promises';
import { isPastKeeping, type KeepDays } from '../../../domain/policy/artifacts.js';
import type { Instant } from '../../../domain/types.js';
import { listRenderables, type Renderable } from '../../../db/renderables.js';
import { resolveInside } from '../../../reports/write.js';
import { filesOf } from '../files.js';
import { retentionDay } from '../retention.js';
import type { Press } from './stored.js';
import { renderJobs } from './write-again.js';

/** What of everything is written, and how long the policy keeps files. */
export interface WriteAll {
  /** Only what lacks a file. */
  missing: boolean;
  keep: KeepDays;
  at: Instant;
}

/** Writes the files of everything that is stored once more. @returns the paths written */
export async function writeAll(press: Press, { missing, ...keeping }: WriteAll): Promise<string[]> {
  const all = await listRenderables(press.db);
  return renderJobs(press, missing ? await withMissingFiles(press, all, keeping) : all);
}

/** What lacks a file that retention keeps: the others were removed on purpose, and are rendered when they are asked for. */
async function withMissingFiles(
  { db, dataDir }: Press,
  all: Renderable[],
  { keep, at }: Pick<WriteAll, 'keep' | 'at'>,
): Promise<Renderable[]> {
  const today = await retentionDay(db, at);
  const missing = await Promise.all(
    all.map(async (each) => {
      const kept = filesOf(each).filter(({ kind }) => !isPastKeeping(keep, kind, each.tradingDay, today));
      return (await Promise.all(kept.map((file) => isThere(dataDir, file.path)))).includes(false);
    }),
  );
  return all.filter((_, index) => missing[index]);
}

// A power cut may leave the name of a file without its text.
const isThere = (dataDir: string, file: string): Promise<boolean> =>
  stat(resolveInside(dataDir, file)).then(
    ({ size }) => size > 0,
    () => false,
  );
