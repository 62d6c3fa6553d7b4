import type { Command } from 'commander';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { resultOrThrow } from '../../../domain/errors.js';
import { judgeMarket } from '../../../operations/market/judge-apart.js';
import { nextOfPrices } from '../../../reports/catalogue/next.js';
import { askerOf, installationOf } from '../../kit/asker.js';
import { withContext } from '../../kit/context.js';
import { EXIT } from '../../kit/exit.js';

/** Runs the gate over what is stored, keeps result and report, and says every reason. */
export async function dataQuality(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const input = { account: context.account.account, runId: randomUUID() };
    const judged = resultOrThrow(await judgeMarket(installationOf(context), askerOf(context), input));
    const { runId, asOfDate, status, summary, reasons, files, passed } = judged;
    return {
      exitCode: passed ? EXIT.done : EXIT.refused,
      data: { runId, asOfDate, status, reasons, files },
      lines: [
        `DATA_QUALITY_${status} at ${asOfDate}: ${summary}`,
        ...reasons.map(({ code, subject, message }) => `  ${code}${subject ? ` ${subject}` : ''}: ${message}`),
        ...files.map((file) => path.join(context.settings.dataDir, file)),
      ],
      next: nextOfPrices(reasons.map(({ code }) => code)),
    };
  });
}
