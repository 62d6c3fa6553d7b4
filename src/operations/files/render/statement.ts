import { statementPath } from '../../../reports/paths.js';
import { renderHtml } from '../../../reports/render/html.js';
import { renderMarkdown } from '../../../reports/render/markdown.js';
import { jsonText } from '../../../reports/render/parts.js';
import { loadStatementFacts } from '../../../reports/statement/facts.js';
import { statementDocument, statementJson } from '../../../reports/statement/page.js';
import { writeArtifacts } from '../../../reports/write.js';
import { checkedId, unknown, type Press } from './stored.js';

/**
 * Writes the report on a statement, as one comparison found it. @returns the paths written @throws OpsError
 * UNKNOWN_ID
 */
export async function renderStatement(
  { db, dataDir }: Press,
  { comparisonId }: { comparisonId: string },
): Promise<string[]> {
  const facts =
    (await loadStatementFacts(db, checkedId('statement', comparisonId))) ?? unknown('statement', comparisonId);
  const document = statementDocument(facts);
  const { account } = facts.stored;
  return writeArtifacts(dataDir, [
    { path: statementPath(account, comparisonId, 'md'), text: renderMarkdown(document) },
    { path: statementPath(account, comparisonId, 'html'), text: renderHtml(document) },
    { path: statementPath(account, comparisonId, 'json'), text: jsonText(statementJson(facts)) },
  ]);
}
