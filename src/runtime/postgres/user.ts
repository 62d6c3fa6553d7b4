import { execa } from 'execa';
import { dirname } from 'node:path';
import { faultError } from '../../domain/errors.js';

/** The account Postgres runs as; empty when that is simply the current user. */
export type RunAs = { uid: number; gid: number } | Record<string, never>;

/** Postgres refuses to run as root: then it runs as `postgres`, the account its package brings. */
export async function postgresUser(): Promise<RunAs> {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = await Promise.all([numberOf('-u'), numberOf('-g')]);
  if (uid !== null && gid !== null) return { uid, gid };
  throw faultError(
    'POSTGRES_USER_MISSING',
    'Postgres refuses to run as root, and this machine has no `postgres` user.',
    {
      remedy:
        'Type `useradd --system --no-create-home --shell /usr/sbin/nologin postgres`, or run as a user who is not root.',
    },
  );
}

/** The uid that owns what Postgres writes. */
export function ownerUid(runAs: RunAs): number | undefined {
  return runAs.uid ?? process.getuid?.();
}

/** Environment for a Postgres program: no stray PG* variable of the operator's shell may redirect it. */
export function postgresEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const clean = Object.entries(process.env).filter(([name]) => !name.startsWith('PG') && !name.startsWith('LC_'));
  return { ...Object.fromEntries(clean), LANG: 'C', HOME: '/', ...extra };
}

/**
 * Checks that Postgres's user may pass through every directory above (and including) `directory`.
 * Asked of the system itself, as that user, so that ACLs and mounts count too. Throws a fault naming the first closed one.
 */
export async function assertEnterable(directory: string, runAs: RunAs): Promise<void> {
  const parents = withParents(directory);
  const script = 'for d in "$@"; do test -x "$d" || { printf %s "$d"; exit 3; }; done';
  const result = await execa('/bin/sh', ['-c', script, 'sh', ...parents], { ...runAs, cwd: '/', reject: false });
  if (result.exitCode === 0) return;
  const closed = result.stdout || directory;
  const who = runAs.uid === undefined ? 'this user' : 'the `postgres` user';
  throw faultError(
    'DIRECTORY_CLOSED',
    `${who} may not enter ${closed}, so Postgres cannot keep its data in ${directory}.`,
    {
      remedy: `Type \`chmod o+x ${closed}\`, or set TRADING_OPS_DATA to a directory outside it.`,
    },
  );
}

function withParents(directory: string): string[] {
  const parent = dirname(directory);
  return parent === directory ? [directory] : [...withParents(parent), directory];
}

async function numberOf(flag: '-u' | '-g'): Promise<number | null> {
  const found = await execa('id', [flag, 'postgres'], { reject: false });
  return found.exitCode === 0 ? Number(found.stdout) : null;
}
