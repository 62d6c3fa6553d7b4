import type { Command } from 'commander';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { resultOrThrow } from '../../../domain/errors.js';
import type { Reason } from '../../../domain/types.js';
import { judgeMarket } from '../../../operations/market/judge-apart.js';
import { cureOf } from '../../../reports/quality/cures.js';
import { askerOf, installationOf } from '../../kit/asker.js';
import { withContext } from '../../kit/context.js';
import { EXIT } from '../../kit/exit.js';

/** Runs the gate over what is stored, keeps result and report, and says every reason, and what is left out. */
export async function dataQuality(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const input = { account: context.account.account, runId: randomUUID() };
    const judged = resultOrThrow(await judgeMarket(installationOf(context), askerOf(context), input));
    const { runId, asOfDate, status, summary, reasons, exclusions = [], files, passed } = judged;
    const [first = exclusions[0]] = reasons;
    return {
      exitCode: passed ? EXIT.done : EXIT.refused,
      data: { runId, asOfDate, status, reasons, exclusions, files },
      lines: [
        `DATA_QUALITY_${status} at ${asOfDate}: ${summary}`,
        ...reasons.map(lineOf),
        ...(exclusions.length > 0 ? ['Left out, neither scored nor bought; nothing else waits for it:'] : []),
        ...exclusions.map(lineOf),
        ...files.map((file) => path.join(context.settings.dataDir, file)),
      ],
      next: first === undefined ? 'make run-0800' : cureOf(first, context.account, context.at),
    };
  });
}

const lineOf = ({ code, subject, message }: Reason): string => `  ${code}${subject ? ` ${subject}` : ''}: ${message}`;
