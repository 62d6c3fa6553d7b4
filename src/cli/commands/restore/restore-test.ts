import type { Command } from 'commander';
import { basename } from 'node:path';
import { EXIT } from '../../kit/exit.js';
import type { RestoreTestInput, RestoreTestReply } from '../../../contract/backup.js';
import { WORKFLOWS } from '../../../contract/workflows.js';
import { requireDatabase, withContext } from '../../kit/context.js';
import { withProgress } from '../../kit/progress.js';
import { proofLines } from './lines.js';
import { runWorkflow } from '../../../operations/workflows.js';
import { requireWorker, withTemporal } from '../../kit/temporal.js';

/** Has the worker restore a backup into a scratch database and compare; exit 2 when something differs. */
export async function restoreTest(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { file } = command.opts<{ file?: string }>();
    const input: RestoreTestInput = { file: file === undefined ? null : basename(file), operator: context.operator() };
    await requireDatabase(context);
    const { proof, files } = await withTemporal(context.settings, async (client) => {
      await requireWorker(client, context);
      return withProgress('Restoring a backup into a scratch database', () =>
        runWorkflow<RestoreTestReply>(client, WORKFLOWS.restoreTest, {
          workflowId: `restore-test/${new Date().toISOString().replace(/\.\d+Z$/, 'Z')}`,
          taskQueue: context.settings.taskQueue,
          staticSummary: `Restore test asked for by ${input.operator}`,
          args: [input],
        }),
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
