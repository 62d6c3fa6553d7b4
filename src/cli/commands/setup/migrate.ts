import type { Command } from 'commander';
import path from 'node:path';
import { migrateToLatest } from '../../../db/migrate.js';
import { resolveAddresses } from '../../../runtime/addresses.js';
import { loadSettings } from '../../../runtime/settings.js';
import { answer, explainDatabaseError } from '../../kit/context.js';

/** Applies missing migrations; an up-to-date schema is success. */
export async function migrate(command: Command): Promise<void> {
  await answer(command.optsWithGlobals<{ json?: boolean }>().json ?? false, async () => {
    const { ownerDatabaseUrl } = resolveAddresses(loadSettings());
    try {
      const applied = await migrateToLatest(ownerDatabaseUrl);
      const lines =
        applied.length === 0 ? ['The schema is up to date.'] : applied.map((name) => `Applied ${path.basename(name)}`);
      return { data: { applied }, lines, next: 'make run-0800' };
    } catch (error) {
      throw explainDatabaseError(error, ownerDatabaseUrl);
    }
  });
}
