import { constants } from 'node:fs';
import { access, mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { contentHash } from '../../domain/hash.js';
import { usageError } from '../../domain/errors.js';
import { parsePolicy, type Policy } from '../../domain/policy/policy.js';
import { bounded } from '../../domain/text.js';
import { readRegular } from '../../files/regular.js';
import type { WalkedBy, WalkReport } from '../../domain/walk/report.js';
import { readConfiguration, readConfigurationFile } from '../../operations/runs/configuration.js';

/** What a walk may be made by: a policy with the file it was read from. */
export interface PolicyRead {
  policy: Policy;
  by: WalkedBy;
}

/**
 * The policy of a walk: that of the configuration, or of another file.
 * @throws OpsError CONFIG_UNREADABLE, and whatever a policy is refused with
 */
export async function readPolicyOf(configDir: string, file: string | undefined): Promise<PolicyRead> {
  const { policy, policyHash, universeHash } = await readConfiguration(configDir);
  if (file === undefined) return { policy, by: { file: path.join(configDir, 'policy.yml'), policyHash, universeHash } };
  const own = parsePolicy(await readConfigurationFile(file), file);
  return { policy: own, by: { file, policyHash: contentHash(own), universeHash } };
}

const REPORT = /^walk_\d{4}-\d{2}-\d{2}_\d{4}-\d{2}-\d{2}_(\d+)\.json$/;

/** More than any report was ever made of. */
const VARIANTS_MAX = 10_000;
const COUNT = z.number().int().min(1).max(VARIANTS_MAX);
const KEYS = z
  .array(z.string().regex(/^[0-9a-f]{64}$/))
  .min(1)
  .max(VARIANTS_MAX);

/** Walks that were made before: those that are known, and how many others. */
export interface TriedBefore {
  /** What each was asked for with, as the report says it; the same walked again is one. */
  keys: ReadonlySet<string>;
  unnamed: number;
}

/** The walks that the reports of a folder were made of: each says which, or how many, it took. */
export async function variantsIn(folder: string): Promise<TriedBefore> {
  const names = (await listed(folder)).filter((name) => REPORT.test(name));
  const said = await Promise.all(names.map((name) => variantsOf(path.join(folder, name))));
  return {
    keys: new Set(said.flatMap(({ keys }) => keys)),
    unnamed: said.reduce((sum, { unnamed }) => sum + unnamed, 0),
  };
}

async function variantsOf(file: string): Promise<{ keys: string[]; unnamed: number }> {
  try {
    const { variants } = JSON.parse(await readRegular(file)) as Partial<WalkReport>;
    const keys = KEYS.safeParse(variants?.keys);
    if (keys.success) return { keys: keys.data, unnamed: 0 };
    // Of an earlier version; what no report of ours says counts as the one walk that its file stands for.
    const count = COUNT.safeParse(variants?.inThisReport);
    return { keys: [], unnamed: count.success ? count.data : 1 };
  } catch {
    // Somebody cut it short: a walk it was all the same.
    return { keys: [], unnamed: 1 };
  }
}

async function listed(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code;
    if (why === 'ENOENT') return [];
    throw usageError('FLAGS_INVALID', `out: ${bounded(folder)}: must be a folder that can be read (${why})`, { cause });
  }
}

/**
 * Makes the folder of a report, before the walk that would be in vain without it. One level after another: where
 * nothing can be made (/proc) Node's own way through several never ends.
 * @throws OpsError FILE_UNWRITABLE
 */
export async function prepareFolder(folder: string): Promise<void> {
  try {
    await makeFolder(path.resolve(folder));
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw unwritable(folder, cause);
  }
}

async function makeFolder(folder: string): Promise<void> {
  const there = await stat(folder).catch(() => null);
  if (there?.isDirectory()) return;
  if (path.dirname(folder) !== folder) await makeFolder(path.dirname(folder));
  await mkdir(folder);
}

const unwritable = (folder: string, cause: unknown) =>
  usageError(
    'FILE_UNWRITABLE',
    `out: ${bounded(folder)}: nothing can be written there (${(cause as NodeJS.ErrnoException).code})`,
    { cause },
  );

/**
 * Writes the files of a report under the first number that is free; none is ever replaced.
 * @returns their paths
 * @throws OpsError FILE_UNWRITABLE where nothing can be written there
 */
export async function writeReport(
  folder: string,
  { outcome: { from, to } }: Pick<WalkReport, 'outcome'>,
  files: readonly { extension: string; text: string }[],
): Promise<string[]> {
  try {
    const taken = (await readdir(folder)).flatMap((name) => REPORT.exec(name)?.[1] ?? []).map(Number);
    const name = `walk_${from}_${to}_${Math.max(0, ...taken) + 1}`;
    const paths: string[] = [];
    for (const { extension, text } of files) {
      const file = path.join(folder, `${name}.${extension}`);
      await writeFile(`${file}.part`, text, { flag: 'wx' });
      await rename(`${file}.part`, file);
      paths.push(file);
    }
    return paths;
  } catch (cause) {
    throw unwritable(folder, cause);
  }
}
