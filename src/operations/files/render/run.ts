import { factsAtHand } from '../../../db/tickets.js';
import { dataQualityPath, runSummaryPath, signalsPath } from '../../../reports/paths.js';
import { qualityDocument } from '../../../reports/quality/page.js';
import { renderHtml } from '../../../reports/render/html.js';
import { renderMarkdown } from '../../../reports/render/markdown.js';
import { jsonText } from '../../../reports/render/parts.js';
import { loadRunFacts, type RunFacts } from '../../../reports/run/facts.js';
import { runDocument, runJson } from '../../../reports/run/page.js';
import { signalsJson } from '../../../reports/run/signals.js';
import { writeArtifacts, type ArtifactFile } from '../../../reports/write.js';
import { findingsOf } from '../../day/market-findings.js';
import { checkedId, unknown, type Press } from './stored.js';

/**
 * Writes what people read of a run: its summary, and either the signals or the data quality. Like all that renders, it may be
 * repeated at any time and writes the same bytes. @returns the paths written, below the data directory
 * @throws OpsError UNKNOWN_ID, and a fault when a file cannot be written
 */
export async function renderRun({ db, dataDir }: Press, { runId }: { runId: string }): Promise<string[]> {
  const facts = (await loadRunFacts(db, checkedId('run', runId))) ?? unknown('run', runId);
  const { runId: id, slot } = facts.run;
  // Read while the page is made.
  const other = slot === '1400' ? signals(db, facts) : Promise.resolve([quality(facts)]);
  other.catch(() => undefined);
  const document = runDocument(facts);
  return writeArtifacts(dataDir, [
    { path: runSummaryPath(id, 'md'), text: renderMarkdown(document) },
    { path: runSummaryPath(id, 'json'), text: jsonText(runJson(facts)) },
    { path: runSummaryPath(id, 'html'), text: renderHtml(document) },
    ...(await other),
  ]);
}

const quality = (facts: RunFacts): ArtifactFile => ({
  path: dataQualityPath(facts.run.asOfDate, facts.run.runId),
  text: renderMarkdown(qualityDocument(facts)),
});

/** Scores and exclusions, from the facts pinned to the newest ticket of the date: prices are the same for every account. */
async function signals(db: Press['db'], { newestTicketId, run }: RunFacts): Promise<ArtifactFile[]> {
  const facts = newestTicketId === null ? undefined : await factsAtHand(db, newestTicketId);
  return facts ? [{ path: signalsPath(run.asOfDate), text: jsonText(signalsJson(facts, findingsOf(facts))) }] : [];
}
