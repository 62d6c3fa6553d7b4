import type { Command } from 'commander';
import { resultOrThrow } from '../../../domain/errors.js';
import { lastStatements, readImported } from '../../../operations/statement/look.js';
import { ofAccount } from '../../../reports/commands.js';
import { withContext } from '../../kit/context.js';
import { verdictOf, withdrawnLine } from '../../../reports/statement/lines.js';
import { tableLines } from '../../kit/table.js';
import { answerOf } from './told.js';

const none = (account: string) => ({
  lines: ['No statement was imported yet.'],
  next: ofAccount('trading-ops statement import <file>', account),
});

/** Lists the newest statements of the account. */
export async function listImported(command: Command): Promise<void> {
  await withContext(command, async ({ db, account: { account } }) => {
    const { limit } = command.opts<{ limit?: string }>();
    const statements = resultOrThrow(await lastStatements(db, { account, limit }));
    if (statements.length === 0) return { data: { account, statements }, ...none(account) };
    const rows = statements.map((each) => [
      each.statementId.slice(0, 8),
      `${each.from.slice(0, 10)} to ${each.to.slice(0, 10)}`,
      each.withdrawnBy === null ? verdictOf(each) : `withdrawn by ${each.withdrawnBy}`,
      String(each.differences),
      each.layout,
      each.fileName,
      each.operator,
    ]);
    const titles = ['statement', 'period', 'result', 'differences', 'layout', 'file', 'by'];
    return {
      data: { account, statements },
      lines: tableLines(titles, rows, { right: [3] }),
      next: ofAccount(`trading-ops statement show ${statements[0]?.statementId.slice(0, 8)}`, account),
    };
  });
}

/** Shows what came of a statement. */
export async function showImported(statement: string | null, command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { account } = context.account;
    const told = resultOrThrow(await readImported(context.db, { account, statement }));
    if (told === null) return { data: { account, statement: null }, ...none(account) };
    const next = `trading-ops render statement ${told.comparison.comparisonId}`;
    // Looking is done when something was shown, whatever it says.
    const { withdrawn } = told;
    const answer = answerOf(context, told, []);
    return {
      ...answer,
      data: { ...(answer.data as object), withdrawn },
      lines: [...(withdrawn === null ? [] : [withdrawnLine(withdrawn)]), ...answer.lines],
      exitCode: 0,
      next,
    };
  });
}
