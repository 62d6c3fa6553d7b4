import type { Knex } from 'knex';
import { basename } from 'node:path';
import { dumpNames, verifyBackup, type Backup } from '../../backup/verify.js';
import { instantOfName } from '../../domain/backup/manifest.js';
import { outcomeOf, refusal, usageError, type Outcome } from '../../domain/errors.js';
import { bounded } from '../../domain/text.js';
import { checkAgainstRecord } from './check-record.js';

/** Which backups are checked: the one that is named, all of them, or else the newest. */
export interface VerifyBackups {
  file: string | undefined;
  all: boolean;
}

export interface VerifiedBackups {
  backups: Backup[];
  /** How many were compared with the database's own record; null when it does not answer. */
  compared: number | null;
  verdict: 'BACKUP_VERIFIED' | 'BACKUP_DAMAGED' | 'BACKUP_INCOMPLETE';
}

/** Checks backups to the last byte, and holds their manifests against the database's own record where it answers. */
export function verifyBackups(
  { directory, db }: { directory: string; db: Knex },
  input: VerifyBackups,
): Promise<Outcome<VerifiedBackups>> {
  return outcomeOf(async () => {
    const results: Backup[] = [];
    for (const name of await chosen(directory, input)) results.push(await verifyBackup(directory, name));
    const { backups, compared } = await checkAgainstRecord(db, results);
    return { backups, compared, verdict: verdictOn(backups) };
  });
}

function verdictOn(backups: readonly Backup[]): VerifiedBackups['verdict'] {
  if (backups.some(({ state }) => state === 'damaged')) return 'BACKUP_DAMAGED';
  return backups.every(({ state }) => state === 'verified') ? 'BACKUP_VERIFIED' : 'BACKUP_INCOMPLETE';
}

/** @throws OpsError FLAGS_INVALID, NO_BACKUP, BACKUP_UNKNOWN */
async function chosen(directory: string, { file, all }: VerifyBackups): Promise<string[]> {
  const remedy = 'trading-ops backups list';
  if (file !== undefined && all)
    throw usageError('FLAGS_INVALID', 'file, all: must not be given together', {
      remedy: 'trading-ops backups verify --all',
    });
  const names = await dumpNames(directory);
  if (file === undefined && names.length === 0)
    throw refusal('NO_BACKUP', `there is no backup in ${directory}`, { remedy: 'make backup' });
  if (file === undefined) return all ? names : names.slice(0, 1);
  const name = basename(file).replace(/\.manifest\.json$/, '');
  if (instantOfName(name) !== null && names.includes(name)) return [name];
  throw usageError('BACKUP_UNKNOWN', `file: ${bounded(file)}: must be a backup of ${directory}`, { remedy });
}
