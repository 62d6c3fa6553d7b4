import type { Alert } from '../../contract/alerts.js';
import { backupsDirectory } from '../../backup/directory.js';
import type { BackupHost } from '../../backup/make.js';
import { backupPolicyOf, type BackupPolicy } from '../../domain/policy/backup.js';
import { operatorOf, type Installation } from '../installation.js';
import { configurationInForce } from '../runs/configuration-in-force.js';
import { readConfiguration } from '../runs/configuration.js';

/** Where an installation keeps its backups, and by which policy: the same for whoever makes them. */
export interface BackupHome {
  /** Directory of the dumps. */
  directory: string;
  configDir: string;
  dataDir: string;
  /** Where S3 finds its keys. */
  env: NodeJS.ProcessEnv;
}

/** The home of an installation's backups. */
export const backupHome = ({ dataDir, configDir }: Pick<Installation, 'dataDir' | 'configDir'>): BackupHome => ({
  directory: backupsDirectory(dataDir),
  configDir,
  dataDir,
  env: process.env,
});

/** What a backup works on: the installation's database, and the place of its backups. */
export interface BackupPlace extends Pick<Installation, 'db'>, BackupHome {
  databaseUrl: string;
  /** Raises an alert; the installation's has its file written and has it delivered. */
  raiseAlert(alert: Alert): Promise<unknown>;
  /** Time, cancellation and progress of whoever makes it. */
  host: BackupHost;
}

/**
 * Refuses a name that the policy in force does not list; where nobody is named (a schedule, a timer) nobody is asked.
 * @throws OpsError OPERATOR_UNKNOWN
 */
export async function refuseStranger(
  installation: Pick<Installation, 'db' | 'configDir'>,
  operator: string | null,
): Promise<void> {
  if (operator !== null) operatorOf(await configurationInForce(installation), { operator });
}

/** The directory elsewhere that backups are copied to, where whoever copies must write; none for a bucket. */
export async function copyDirectories(place: Pick<BackupPlace, 'configDir'>): Promise<string[]> {
  const { copy_to: copyTo } = await policyOfBackups(place);
  return copyTo?.startsWith('/') ? [copyTo] : [];
}

/** What the policy says of backups. */
export const policyOfBackups = async ({ configDir }: Pick<BackupPlace, 'configDir'>): Promise<BackupPolicy> =>
  backupPolicyOf((await readConfiguration(configDir)).policy);
