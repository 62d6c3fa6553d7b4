import type { Command } from 'commander';
import { resolveAddresses } from '../../../runtime/addresses.js';
import type { RestoreState } from '../../../runtime/postgres/restore-state.js';
import { loadSettings, type Settings } from '../../../runtime/settings.js';
import { showSteps } from '../../kit/steps.js';
import { answered, composed } from './answered.js';
import { statusLines } from './lines.js';

/** Starts what is not up yet. */
export function upAction(command: Command): Promise<void> {
  return answered(command, (flags) =>
    showSteps(async (progress) => {
      const settings = loadSettings();
      if (settings.runtime === 'compose') return (await composed()).upComposed(settings, progress, flags);
      const { up, partsMeant } = await import('../../../runtime/stack.js');
      const parts = partsMeant(flags.only);
      const finish = async (state: RestoreState) => {
        const { finishRestore } = await import('../restore/finish.js');
        const { rebuiltLines } = await import('../day/rebuild.js');
        for (const line of rebuiltLines(await finishRestore(settings, state, progress))) progress(line);
      };
      const status = await up(settings, progress, {
        worker: flags.worker !== false,
        finishRestore: finish,
        ...(parts && { parts }),
      });
      return { lines: statusLines(status), data: status, next: parts ? 'make status' : await nextAfterUp(settings) };
    }),
  );
}

async function nextAfterUp(settings: Settings): Promise<string> {
  const { migrationState } = await import('../../../db/migrate.js');
  const { missing } = await migrationState(resolveAddresses(settings).ownerDatabaseUrl);
  return missing.length > 0
    ? `make migrate (${missing.length} to apply)`
    : 'make run-0800, or make run-ops to see the gates without a ticket';
}
