import type { StoredComparison, StoredStatement } from '../../../db/statements.js';
import { differenceLines, differing, nextOf, verdictOf } from '../../../reports/statement/lines.js';
import type { Context } from '../../kit/context.js';
import { EXIT } from '../../kit/exit.js';
import type { Answer } from '../../kit/output.js';
import { commandOf } from '../../../reports/commands.js';

/** What is told of a statement and of what came of it; the exit code of a gate where the two differ. */
export function answerOf(
  context: Context,
  { stored, comparison: { comparison, comparisonId, at } }: { stored: StoredStatement; comparison: StoredComparison },
  files: string[],
): Answer {
  const { statement, statementId } = stored;
  const { status, lines, notes } = comparison;
  const differences = differing(comparison);
  const report = files.find((file) => file.endsWith('.md'));
  return {
    exitCode: status === 'AGREES' ? EXIT.done : EXIT.refused,
    data: {
      statementId,
      comparisonId,
      account: stored.account,
      layout: statement.layout,
      currency: statement.currency,
      display: statement.display,
      period: { from: statement.from, to: statement.to },
      file: { name: stored.fileName, sha256: stored.sha256, bytes: stored.bytes, path: stored.path },
      ...comparison,
      status: verdictOf(comparison),
      differences: differences.map((line) => ({
        ...line,
        command: line.proposal && commandOf(line.proposal, context.account, context.at),
      })),
      comparedAt: at,
      files,
    },
    lines: [
      verdictOf(comparison),
      `Statement ${statementId.slice(0, 8)} of ${stored.account}, ${comparison.from} to ${comparison.to}, ` +
        `layout ${statement.layout}: ${lines.length} lines, ${differences.length} of them differ.`,
      ...differenceLines(comparison, context.account, context.at),
      ...notes,
      ...(report === undefined ? [] : [`Report: ${report}`]),
    ],
    next: nextOf(comparison, context.account, context.at),
  };
}
