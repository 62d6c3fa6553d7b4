import type { Command } from 'commander';
import { resultOrThrow } from '../../../domain/errors.js';
import { withdrawStatement } from '../../../operations/statement/withdraw.js';
import { withdrawnLine } from '../../../reports/statement/lines.js';
import { askerOf, installationOf } from '../../kit/asker.js';
import { ofAccount } from '../../../reports/commands.js';
import { withContext } from '../../kit/context.js';

/** Takes a statement back that should not have been imported. */
export async function withdrawImported(statement: string, command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { account } = context.account;
    const { reason = '' } = command.opts<{ reason?: string }>();
    const { stored, withdrawn, recorded } = resultOrThrow(
      await withdrawStatement(installationOf(context), askerOf(context), { account, statement, reason }),
    );
    const { statementId } = stored;
    const [from, to] = [stored.statement.from, stored.statement.to].map((instant) => instant.slice(0, 10));
    return {
      data: { statementId, account, withdrawn, recorded },
      lines: [
        `${recorded ? 'STATEMENT_WITHDRAWN' : 'Nothing changed'}: ` +
          `statement ${statementId.slice(0, 8)} of ${account}, ${from} to ${to}.`,
        withdrawnLine(withdrawn),
      ],
      next: ofAccount('trading-ops statement list', account),
    };
  });
}
