import { currentConfiguration } from '../../db/current-configuration.js';
import { OpsError } from '../../domain/errors.js';
import type { Installation } from '../installation.js';
import { readConfiguration, type Configuration } from './configuration.js';

const BROKEN_FILES: readonly string[] = ['CONFIG_UNREADABLE', 'POLICY_INVALID', 'UNIVERSE_INVALID'];

/**
 * Policy and universe as they are edited, or what the newest run pinned while the files are broken: for what must go on then
 * (the kill switch, the watch, alerts on their way).
 * @throws OpsError what is wrong with the files, when no run has pinned anything yet
 */
export async function configurationInForce({
  configDir,
  db,
}: Pick<Installation, 'configDir' | 'db'>): Promise<Configuration> {
  try {
    return await readConfiguration(configDir);
  } catch (error) {
    if (!areFilesBroken(error)) throw error;
    const pinned = await currentConfiguration(db);
    if (pinned === null) throw error;
    return pinned;
  }
}

/** Whether an error says that a file of the configuration is missing or breaks a rule. */
export const areFilesBroken = (error: unknown): boolean =>
  error instanceof OpsError && BROKEN_FILES.includes(error.code);
