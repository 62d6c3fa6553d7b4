import { execa } from 'execa';
import { accessSync, constants, readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { faultError } from '../../domain/errors.js';
import { readRegularSync } from '../../files/regular.js';
import { compareVersions } from '../versions.js';

/** A directory with Postgres's programs, and their version. */
export interface PostgresBinaries {
  dir: string;
  version: string;
  major: number;
}

const NEEDED = ['postgres', 'initdb', 'psql', 'pg_isready', 'pg_dump', 'pg_restore'];
const MAJOR_MIN = 13;
/** Where packages put the server: Debian and PGDG, Red Hat's PGDG, Homebrew on both kinds of Mac, Postgres.app. */
const VERSIONED = [
  ['/usr/lib/postgresql', 'bin'],
  ['/usr', 'bin', /^pgsql-/],
  ['/opt/homebrew/opt', 'bin', /^postgresql(@|$)/],
  ['/usr/local/opt', 'bin', /^postgresql(@|$)/],
  ['/Applications/Postgres.app/Contents/Versions', 'bin'],
] as const;
const PLAIN = ['/usr/libexec/postgresql', '/usr/local/pgsql/bin', '/usr/bin', '/usr/local/bin'];

/**
 * Postgres's programs on this machine: PATH first, then the usual directories, newest first.
 * @param major only this major version (that of an existing cluster)
 */
export async function findPostgres(major?: number, path = process.env['PATH'] ?? ''): Promise<PostgresBinaries | null> {
  for (const dir of candidates(path)) {
    const found = await inspect(dir);
    if (found && found.major >= MAJOR_MIN && (major === undefined || found.major === major)) return found;
  }
  return null;
}

/** Like `findPostgres`, but installs them by the machine's package manager where that is allowed. */
export async function requirePostgres(progress: (line: string) => void, major?: number): Promise<PostgresBinaries> {
  const found = await findPostgres(major);
  if (found) return found;
  if (major !== undefined) throw majorMissing(major, await findPostgres());
  const installer = packageManager();
  if (!installer || !installer.allowed) throw noPostgres(installer?.typed);
  progress(`Postgres is not on this machine: installing it (${installer.typed})`);
  for (const [file, ...args] of installer.commands) await runInstaller(file ?? '', args, installer.typed);
  const installed = await findPostgres();
  if (!installed) throw noPostgres(installer.typed);
  return installed;
}

/** Major version of the cluster in a data directory, from its PG_VERSION file; null when it has none. */
export function clusterMajor(dataDir: string): number | null {
  try {
    return Number.parseInt(readRegularSync(join(dataDir, 'PG_VERSION')), 10) || null;
  } catch {
    return null;
  }
}

function candidates(path: string): string[] {
  const withServer = path.split(delimiter).filter((dir) => dir !== '' && hasProgram(dir, 'postgres'));
  // A symbolic link on PATH points into the directory that has the other programs too.
  const real = withServer.map((dir) => dirname(realpathSync(join(dir, 'postgres'))));
  const versioned = VERSIONED.flatMap(([root, bin, pattern]) =>
    newestFirst(root, pattern).map((name) => join(root, name, bin)),
  );
  return [...new Set([...real, ...withServer, ...versioned, ...PLAIN])];
}

function newestFirst(root: string, pattern?: RegExp): string[] {
  try {
    const names = readdirSync(root).filter((name) => (pattern ? pattern.test(name) : /^\d/.test(name)));
    return names.toSorted((a, b) => compareVersions(b, a));
  } catch {
    return [];
  }
}

async function inspect(dir: string): Promise<PostgresBinaries | null> {
  if (!NEEDED.every((program) => hasProgram(dir, program))) return null;
  const answer = await execa(join(dir, 'postgres'), ['--version'], { reject: false });
  const version = /\d+(\.\d+)*/.exec(answer.stdout)?.[0];
  return answer.exitCode === 0 && version ? { dir, version, major: Number.parseInt(version, 10) } : null;
}

function hasProgram(dir: string, program: string): boolean {
  try {
    accessSync(join(dir, program), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

interface Installer {
  commands: string[][];
  typed: string;
  allowed: boolean;
}

/** The machine's package manager; allowed where it needs no password: root's own, or Homebrew for everybody else. */
function packageManager(): Installer | null {
  const root = process.getuid?.() === 0;
  if (onPath('brew')) return installer([['brew', 'install', 'postgresql@17']], !root, '');
  if (onPath('apt-get'))
    return installer(
      [
        ['apt-get', 'update'],
        ['apt-get', 'install', '-y', 'postgresql'],
      ],
      root,
      'sudo ',
    );
  if (onPath('dnf')) return installer([['dnf', 'install', '-y', 'postgresql-server', 'postgresql']], root, 'sudo ');
  if (onPath('apk')) return installer([['apk', 'add', 'postgresql', 'postgresql-client']], root, 'sudo ');
  return null;
}

function installer(commands: string[][], allowed: boolean, prefix: string): Installer {
  return { commands, allowed, typed: commands.map((words) => (allowed ? '' : prefix) + words.join(' ')).join(' && ') };
}

function onPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((dir) => dir !== '' && hasProgram(dir, program));
}

async function runInstaller(file: string, args: string[], typed: string): Promise<void> {
  const result = await execa(file, args, { reject: false, all: true, env: { DEBIAN_FRONTEND: 'noninteractive' } });
  if (result.exitCode === 0) return;
  const tail = (result.all ?? '').trim().split('\n').slice(-5).join('\n');
  throw faultError(
    'POSTGRES_INSTALL_FAILED',
    `Postgres could not be installed: \`${file} ${args.join(' ')}\` failed:\n${tail}`,
    {
      remedy: `Install PostgreSQL ${MAJOR_MIN} or newer by hand (\`${typed}\`), then type \`make up\` again.`,
    },
  );
}

function noPostgres(typed: string | undefined) {
  return faultError(
    'POSTGRES_MISSING',
    `No PostgreSQL server (${MAJOR_MIN} or newer) was found on PATH or in the usual directories.`,
    {
      remedy: typed
        ? `Type: ${typed}`
        : 'Install the PostgreSQL server with your package manager, then type `make up` again.',
    },
  );
}

function majorMissing(major: number, other: PostgresBinaries | null) {
  const present = other ? `; this machine has ${other.version}` : '';
  return faultError(
    'POSTGRES_MAJOR_MISSING',
    `The cluster was made by PostgreSQL ${major}, whose programs are not here${present}.`,
    {
      remedy: `Install PostgreSQL ${major} (Debian: \`apt-get install postgresql-${major}\`), or restore a backup into a new data directory.`,
    },
  );
}
