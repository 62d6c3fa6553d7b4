import { readConfiguration } from '../../../operations/runs/configuration.js';
import type { Rebuilt } from '../../../operations/day/rebuild.js';
import { connect } from '../../../db/connect.js';
import { instantOfName } from '../../../domain/backup/manifest.js';
import { resolveAddresses } from '../../../runtime/addresses.js';
import type { Progress } from '../../../runtime/parts.js';
import type { RestoreState } from '../../../runtime/postgres/restore-state.js';
import type { Settings } from '../../../runtime/settings.js';
import { rebuildWith } from '../day/rebuild.js';
import { withTemporal } from '../../kit/temporal.js';

/**
 * The last step of a restore: Temporal may have seen more than was restored, so every day recalls where it stands, and
 * confirmations that the backup did not have yet are given again or told. Harmless to repeat.
 */
export async function finishRestore(settings: Settings, state: RestoreState, progress: Progress): Promise<Rebuilt> {
  progress("Telling Temporal's days where they stand in the restored database");
  const { policy } = await readConfiguration(settings.configDir);
  const db = connect(resolveAddresses(settings).databaseUrl, 2);
  try {
    const since = state.backup === null ? null : instantOfName(state.backup);
    return await withTemporal(settings, (client) => rebuildWith({ client, db, settings, policy, since }));
  } finally {
    await db.destroy();
  }
}
