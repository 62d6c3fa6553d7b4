import type { Command } from 'commander';
import { askRestoreTest } from '../../../operations/backup/ask-restore-test.js';
import { machineClock, requireDatabase, withContext } from '../../kit/context.js';
import { EXIT } from '../../kit/exit.js';
import { withProgress } from '../../kit/progress.js';
import { withTemporal, workersOf } from '../../kit/temporal.js';
import { requireWorker } from '../../../operations/workers.js';
import { proofLines } from './lines.js';

/** Has the worker restore a backup into a scratch database and compare; exit 2 when something differs. */
export async function restoreTest(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { file } = command.opts<{ file?: string }>();
    const operator = context.operator();
    await requireDatabase(context);
    const { taskQueue } = context.settings;
    const { proof, files } = await withTemporal(context.settings, async (client) => {
      await requireWorker(client, workersOf(context));
      return withProgress('Restoring a backup into a scratch database', () =>
        askRestoreTest({ client, taskQueue, now: machineClock }, { file: file ?? null, operator }),
      );
    });
    return {
      exitCode: proof.passed ? EXIT.done : EXIT.refused,
      data: { ...proof, files },
      lines: proofLines(proof, context.settings.dataDir, files),
      next: proof.passed ? 'trading-ops backups list' : 'docs/INCIDENTS.md, RESTORE_PROOF_FAILED',
    };
  });
}
