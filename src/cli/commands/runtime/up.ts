import type { Command } from 'commander';
import { resolveAddresses } from '../../../runtime/addresses.js';
import type { RestoreState } from '../../../runtime/postgres/restore-state.js';
import { loadSettings, type Settings } from '../../../runtime/settings.js';
import type { StackStatus } from '../../../runtime/status.js';
import { deskLink, linkLines, type DeskLink } from '../../kit/desk-link.js';
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
      if (parts) return { lines: statusLines(status), data: status, next: 'make status' };
      const missing = await migrationsMissing(settings, progress);
      const link = missing > 0 ? null : await linkAfterUp(settings, status);
      return {
        lines: [...statusLines(status), ...(link === null ? [] : ['', ...linkLines(link)])],
        data: { ...status, deskLink: link },
        next:
          missing > 0
            ? `make migrate (${missing} to apply), then make desk`
            : 'make run-0800, or make run-ops to see the gates without a ticket',
      };
    }),
  );
}

/**
 * How many migrations are to be applied yet. A new database gets its schema at once, so that the desk can be entered;
 * what an upgrade changes in one that is in use waits for whoever says so.
 */
async function migrationsMissing(settings: Settings, progress: (line: string) => void): Promise<number> {
  const { migrationState } = await import('../../../db/migrate.js');
  const { applied, missing } = await migrationState(resolveAddresses(settings).ownerDatabaseUrl);
  if (applied.length > 0 || missing.length === 0) return missing.length;
  progress('Making the schema of a new database');
  const { makeSchema } = await import('../setup/migrate.js');
  // A database of somebody else's is told by `make migrate`: the services are up all the same.
  return makeSchema(settings).then(
    () => 0,
    () => missing.length,
  );
}

/** A link for whoever has just started it; null where the desk does not run, or the policy is broken. */
async function linkAfterUp(settings: Settings, { parts }: StackStatus): Promise<DeskLink | null> {
  if (!parts.some(({ name, state }) => name === 'desk' && state === 'running')) return null;
  return deskLink(settings).catch(() => null);
}
