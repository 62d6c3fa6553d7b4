import { dataQualityPath } from '../../../reports/paths.js';
import { loadQualityFacts } from '../../../reports/quality/facts.js';
import { qualityDocument } from '../../../reports/quality/page.js';
import { renderMarkdown } from '../../../reports/render/markdown.js';
import { writeArtifacts } from '../../../reports/write.js';
import { checkedId, unknown, type Press } from './stored.js';

/** Writes the data quality that a run found. @returns the paths written @throws OpsError UNKNOWN_ID */
export async function renderQuality({ db, dataDir }: Press, { runId }: { runId: string }): Promise<string[]> {
  const facts = (await loadQualityFacts(db, checkedId('run', runId))) ?? unknown('run', runId);
  return writeArtifacts(dataDir, [
    { path: dataQualityPath(facts.run.asOfDate, facts.run.runId), text: renderMarkdown(qualityDocument(facts)) },
  ]);
}
