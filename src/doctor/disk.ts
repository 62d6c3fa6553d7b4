import { execa } from 'execa';
import { constants } from 'node:fs';
import { access, lstat, readdir, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { reason } from '../runtime/parts.js';
import { assertEnterable, postgresUser } from '../runtime/postgres/user.js';
import { fail, ok, warn, type Check, type Verdict } from './finding.js';
import type { Patient } from './patient.js';

const GB = 1024 ** 3;
const OTHERS = 0o077;
const OTHERS_WRITE = 0o002;
const SPACE = { warnBytes: 5 * GB, failBytes: 1 * GB };

/** Free space of the file system that a directory, or the nearest one above it that exists, is on. */
export async function spaceVerdict(directory: string, limits = SPACE): Promise<Verdict> {
  const { bavail, bsize } = await statfs(await existing(directory));
  const free = bavail * bsize;
  const found = `${(free / GB).toFixed(1)} GB free at ${directory}`;
  if (free >= limits.warnBytes) return ok(found);
  const remedy = 'free some space: old postgres-data.bak-* directories, trading-ops artifacts-retention, logs';
  return free >= limits.failBytes ? warn(found, remedy) : fail(found, remedy);
}

async function existing(directory: string): Promise<string> {
  return await stat(directory).then(
    () => directory,
    () => existing(path.dirname(directory)),
  );
}

const space: Check = {
  name: 'disk space',
  expected: `at least ${SPACE.warnBytes / GB} GB free for data and for backups`,
  async examine({ paths }) {
    const places = { data: paths.dataDir, database: paths.postgresData, backups: paths.backups };
    return await oneADevice(places);
  },
};

/** One verdict a file system: the places that share one share its space. */
async function oneADevice(places: Record<string, string>): Promise<Verdict[]> {
  const seen = new Set<number>();
  const verdicts: Verdict[] = [];
  for (const [of, place] of Object.entries(places)) {
    const { dev } = await stat(await existing(place));
    if (!seen.has(dev)) verdicts.push({ of, ...(await spaceVerdict(place)) });
    seen.add(dev);
  }
  return verdicts;
}

const dataDirectory: Check = {
  name: 'data directory',
  expected: "there, writable, and Postgres's user may enter it",
  async examine({ paths: { dataDir }, settings }) {
    const refused = await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK).then(
      () => null,
      (error: NodeJS.ErrnoException) => error.code,
    );
    if (refused === 'ENOENT')
      return fail(`${dataDir} does not exist`, 'make up, or set TRADING_OPS_DATA to where the data is');
    if (refused)
      return fail(`${dataDir} may not be written (${refused})`, 'run as the user who started this installation');
    // In containers Postgres has a volume of its own.
    if (settings.runtime === 'local') await assertEnterable(dataDir, await postgresUser());
    return ok(dataDir);
  },
};

/** Files that hold passwords or the ledger: nobody else may read them. */
const secrets: Check = {
  name: 'permissions',
  expected: 'runtime.json, database and backups closed to other users',
  async examine({ paths }) {
    const backups = paths.backups;
    const dumps = (await readdir(backups).catch(() => [])).map((name) => path.join(backups, name));
    const open = (await Promise.all([paths.record, paths.postgresData, ...dumps].map(openToOthers))).filter(
      (file) => file !== null,
    );
    if (open.length === 0) return ok('closed');
    return open.map((file) => ({
      of: path.basename(file),
      ...fail(`${file} is open to other users`, `chmod go= ${file}`),
    }));
  },
};

/** Postgres's own group mode (0750) is one that initdb offers; everything else is for the owner alone. */
async function openToOthers(file: string): Promise<string | null> {
  const found = await lstat(file).catch(() => null);
  if (!found || found.isSymbolicLink()) return null;
  const closed = found.isDirectory() ? (found.mode & 0o027) === 0 : (found.mode & OTHERS) === 0;
  return closed ? null : file;
}

const configuration: Check = {
  name: 'configuration files',
  expected: 'may not be written by everybody',
  async examine({ settings: { configDir } }) {
    const files = [configDir, ...['policy.yml', 'universe.csv'].map((name) => path.join(configDir, name))];
    const modes = await Promise.all(
      files.map(async (file) => ({ file, mode: (await stat(file).catch(() => null))?.mode ?? 0 })),
    );
    const open = modes.filter(({ mode }) => (mode & OTHERS_WRITE) !== 0).map(({ file }) => file);
    return open.length === 0
      ? ok(configDir)
      : fail(`anybody may change ${open.join(', ')}`, `chmod o-w ${open.join(' ')}`);
  },
};

/** What a restore proof or a rescue left: it takes space until somebody decides. */
const leftovers: Check = {
  name: 'leftovers',
  expected: 'no prior data directory of a restore proof',
  async examine({ paths: { dataDir } }: Patient) {
    const names = (await readdir(dataDir).catch(() => []))
      .filter((name) => /^postgres-data\.(bak-|restored)|^temporal\.(lost|bak)/.test(name))
      .toSorted();
    if (names.length === 0) return ok('none');
    const sizes = await Promise.all(names.map((name) => sizeOf(path.join(dataDir, name))));
    return warn(
      names.map((name, index) => `${name}${sizes[index]}`).join(', '),
      `when you are sure that you do not need it: rm -r ${path.join(dataDir, names[0] as string)}`,
    );
  },
};

async function sizeOf(directory: string): Promise<string> {
  try {
    const { stdout } = await execa('du', ['-sk', directory], { timeout: 3_000 });
    return ` (${(Number.parseInt(stdout, 10) / 1024).toFixed(0)} MB)`;
  } catch (error) {
    return reason(error).includes('timed out') ? ' (large)' : '';
  }
}

export const diskChecks: Check[] = [space, dataDirectory, secrets, configuration, leftovers];
