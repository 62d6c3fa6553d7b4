import type { Command } from 'commander';
import path from 'node:path';
import type { WriteAgain } from '../../../contract/renderings.js';
import { resultOrThrow } from '../../../domain/errors.js';
import { writeAgain } from '../../../operations/files/render/write-again.js';
import { writeAll } from '../../../operations/files/render/write-all.js';
import { installationOf } from '../../kit/asker.js';
import { withContext, type Context } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';
import { withProgress } from '../../kit/progress.js';

/** Renders what the id or date names. */
export async function renderOne(kind: WriteAgain['kind'], which: string, command: Command): Promise<void> {
  const { account = null } = command.opts<{ account?: string }>();
  await withContext(command, async (context) => {
    const writing = () => writeAgain(installationOf(context), { kind, which, account });
    return answerOf(context, resultOrThrow(await withProgress(`Rendering ${kind} ${which}`, writing)));
  });
}

/** Renders everything, or what is missing on disk. */
export async function renderAll(missing: boolean, command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const what = { missing, keep: context.policy.artifacts.keep_days, at: context.at };
    const doing = missing ? 'Rendering what is missing' : 'Rendering every artifact';
    return answerOf(context, await withProgress(doing, () => writeAll(installationOf(context), what)));
  });
}

function answerOf({ settings }: Context, files: string[]): Answer {
  const count = files.length === 1 ? '1 file was' : `${files.length} files were`;
  return {
    data: { files: files.map((file) => path.join(settings.dataDir, file)) },
    lines:
      files.length === 0
        ? ['Nothing is missing: every artifact is there.']
        : [`${count} rendered from the database:`, ...files.map((file) => `  ${path.join(settings.dataDir, file)}`)],
    next: 'trading-ops status',
  };
}
