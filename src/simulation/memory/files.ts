import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { contentHash } from '../../domain/hash.js';
import { usageError } from '../../domain/errors.js';
import { parsePolicy, type Policy } from '../../domain/policy/policy.js';
import { bounded } from '../../domain/text.js';
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

/** The walks that the reports of a folder were made of: each says how many it took. */
export async function variantsIn(folder: string): Promise<number> {
  const names = (await listed(folder)).filter((name) => REPORT.test(name));
  const counts = await Promise.all(names.map((name) => variantsOf(path.join(folder, name))));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function variantsOf(file: string): Promise<number> {
  try {
    const { variants } = JSON.parse(await readFile(file, 'utf8')) as Partial<WalkReport>;
    return variants?.inThisReport ?? 1;
  } catch {
    // Somebody cut it short: a walk it was all the same.
    return 1;
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
 * Writes the files of a report under the first number that is free; none is ever replaced.
 * @returns their paths
 * @throws OpsError FLAGS_INVALID where nothing can be written there
 */
export async function writeReport(
  folder: string,
  { outcome: { from, to } }: Pick<WalkReport, 'outcome'>,
  files: readonly { extension: string; text: string }[],
): Promise<string[]> {
  try {
    await mkdir(folder, { recursive: true });
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
    const why = (cause as NodeJS.ErrnoException).code;
    throw usageError('FILE_UNWRITABLE', `out: ${bounded(folder)}: nothing can be written there (${why})`, { cause });
  }
}
