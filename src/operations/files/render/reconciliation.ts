import { loadReconciliationFacts } from '../../../reports/reconciliation/facts.js';
import { reconciliationDocument } from '../../../reports/reconciliation/page.js';
import { renderMarkdown } from '../../../reports/render/markdown.js';
import { writeArtifacts } from '../../../reports/write.js';
import { checkedId, unknown, type Press } from './stored.js';

/** Writes the report of a reconciliation. @returns the paths written @throws OpsError UNKNOWN_ID */
export async function renderReconciliation(
  { db, dataDir }: Press,
  { reconciliationId }: { reconciliationId: string },
): Promise<string[]> {
  const facts =
    (await loadReconciliationFacts(db, checkedId('reconciliation', reconciliationId))) ??
    unknown('reconciliation', reconciliationId);
  return writeArtifacts(dataDir, [{ path: facts.reportPath, text: renderMarkdown(reconciliationDocument(facts)) }]);
}
