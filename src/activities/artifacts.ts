import type { Knex } from 'knex';
import { dayDocument } from '../artifacts/day.js';
import { renderHtml } from '../artifacts/html.js';
import { renderMarkdown } from '../artifacts/markdown.js';
import { jsonText } from '../artifacts/parts.js';
import { dailyReportPath, dataQualityPath, runSummaryPath, signalsPath, ticketPath } from '../artifacts/paths.js';
import { qualityDocument } from '../artifacts/quality.js';
import { reconciliationDocument } from '../artifacts/reconciliation.js';
import { runDocument, runJson } from '../artifacts/run.js';
import { signalsJson } from '../artifacts/signals.js';
import { ticketDocument, ticketJson } from '../artifacts/ticket.js';
import { writeArtifacts, type ArtifactFile } from '../artifacts/write.js';
import { findReconciliation } from '../db/reconciliations.js';
import { loadDayFacts } from '../db/report-day.js';
import { loadRunFacts, loadTicketFacts, newestTicketOf } from '../db/report-facts.js';
import { ticketFacts } from '../db/tickets.js';
import { usageError } from '../domain/errors.js';
import type { IsoDate } from '../domain/types.js';

/**
 * Activities that write what people read. Each reads its facts from the database and nothing else, so it may be
 * repeated at any time and writes the same bytes; each returns the paths written, below the data directory.
 * Throws OpsError: exit 64 for an id that is not stored, exit 1 when a file cannot be written.
 */
export function createArtifactActivities({ db, dataDir }: { db: Knex; dataDir: string }) {
  async function renderRun({ runId }: { runId: string }): Promise<string[]> {
    const facts = await loadRunFacts(db, runId) ?? unknown('run', runId, 'trading-ops runs-last');
    const document = runDocument(facts);
    return writeArtifacts(dataDir, [
      { path: runSummaryPath(runId, 'md'), text: renderMarkdown(document) },
      { path: runSummaryPath(runId, 'json'), text: jsonText(runJson(facts)) },
      { path: runSummaryPath(runId, 'html'), text: renderHtml(document) },
      ...(facts.run.slot === '1400' ? await signals(facts.run.asOfDate)
        : [{ path: dataQualityPath(facts.run.asOfDate, runId), text: renderMarkdown(qualityDocument(facts)) }]),
    ]);
  }

  /** Scores and exclusions, from the facts pinned to the newest ticket of the date: prices are the same for every account. */
  async function signals(asOfDate: IsoDate): Promise<ArtifactFile[]> {
    const ticketId = await newestTicketOf(db, asOfDate);
    const facts = ticketId === undefined ? undefined : await ticketFacts(db, ticketId);
    return facts ? [{ path: signalsPath(asOfDate), text: jsonText(signalsJson(facts)) }] : [];
  }

  async function renderTicket({ ticketId }: { ticketId: string }): Promise<string[]> {
    const facts = await loadTicketFacts(db, ticketId) ?? unknown('ticket', ticketId, 'trading-ops tickets-last');
    const document = ticketDocument(facts);
    return writeArtifacts(dataDir, [
      { path: ticketPath(ticketId, 'md'), text: renderMarkdown(document) },
      { path: ticketPath(ticketId, 'json'), text: jsonText(ticketJson(facts)) },
      { path: ticketPath(ticketId, 'html'), text: renderHtml(document) },
    ]);
  }

  async function renderQuality({ runId }: { runId: string }): Promise<string[]> {
    const facts = await loadRunFacts(db, runId) ?? unknown('run', runId, 'trading-ops runs-last');
    return writeArtifacts(dataDir, [{ path: dataQualityPath(facts.run.asOfDate, runId), text: renderMarkdown(qualityDocument(facts)) }]);
  }

  async function renderReconciliation({ reconciliationId }: { reconciliationId: string }): Promise<string[]> {
    const facts = await findReconciliation(db, reconciliationId) ?? unknown('reconciliation', reconciliationId, 'trading-ops status');
    return writeArtifacts(dataDir, [{ path: facts.reportPath, text: renderMarkdown(reconciliationDocument(facts)) }]);
  }

  async function renderDay({ account, tradingDay }: { account: string; tradingDay: IsoDate }): Promise<string[]> {
    const facts = await loadDayFacts(db, { account, tradingDay }) ?? unknown('day', `${account} ${tradingDay}`, 'trading-ops runs-last');
    const document = dayDocument(facts);
    return writeArtifacts(dataDir, [
      { path: dailyReportPath(account, tradingDay, 'md'), text: renderMarkdown(document) },
      { path: dailyReportPath(account, tradingDay, 'html'), text: renderHtml(document) },
    ]);
  }

  return { renderRun, renderTicket, renderQuality, renderReconciliation, renderDay };
}

function unknown(what: string, id: string, list: string): never {
  throw usageError('UNKNOWN_ID', `${what}: ${id}: is not stored in the database`, { remedy: list });
}
