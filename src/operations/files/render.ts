import type { Knex } from 'knex';
import { alertJson } from '../../reports/alert/page.js';
import { dayDocument } from '../../reports/day/page.js';
import { renderHtml } from '../../reports/render/html.js';
import { renderMarkdown } from '../../reports/render/markdown.js';
import { jsonText } from '../../reports/render/parts.js';
import {
  alertPath,
  dailyReportPath,
  dataQualityPath,
  runSummaryPath,
  signalsPath,
  ticketPath,
} from '../../reports/paths.js';
import { qualityDocument } from '../../reports/quality/page.js';
import { loadReconciliationFacts } from '../../reports/reconciliation/facts.js';
import { reconciliationDocument } from '../../reports/reconciliation/page.js';
import { runDocument, runJson } from '../../reports/run/page.js';
import { signalsJson } from '../../reports/run/signals.js';
import { ticketDocument, ticketJson } from '../../reports/ticket/page.js';
import { writeArtifacts, type ArtifactFile } from '../../reports/write.js';
import { recallDay } from '../../db/days.js';
import { loadDayFacts } from '../../reports/day/facts.js';
import { loadAlertFacts } from '../../reports/alert/facts.js';
import { loadQualityFacts } from '../../reports/quality/facts.js';
import { loadRunFacts } from '../../reports/run/facts.js';
import { loadTicketFacts } from '../../reports/ticket/facts.js';
import { newestTicketOf } from '../../reports/facts-tickets.js';
import { factsAtHand } from '../../db/tickets.js';
import { isIsoDate } from '../../domain/dates.js';
import { usageError } from '../../domain/errors.js';
import type { IsoDate } from '../../domain/types.js';
import { bounded } from '../../domain/text.js';

/**
 * Activities that write what people read. Each reads its facts from the database and nothing else, so it may be
 * repeated at any time and writes the same bytes; each returns the paths written, below the data directory.
 * Throws OpsError: exit 64 for an id that is not stored, exit 1 when a file cannot be written.
 */
export function createArtifactActivities({ db, dataDir }: { db: Knex; dataDir: string }) {
  async function renderRun({ runId }: { runId: string }): Promise<string[]> {
    const facts = (await loadRunFacts(db, checkedId('run', runId))) ?? unknown('run', runId);
    const document = runDocument(facts);
    const { runId: id, asOfDate, slot } = facts.run;
    return writeArtifacts(dataDir, [
      { path: runSummaryPath(id, 'md'), text: renderMarkdown(document) },
      { path: runSummaryPath(id, 'json'), text: jsonText(runJson(facts)) },
      { path: runSummaryPath(id, 'html'), text: renderHtml(document) },
      ...(slot === '1400'
        ? await signals(asOfDate)
        : [{ path: dataQualityPath(asOfDate, id), text: renderMarkdown(qualityDocument(facts)) }]),
    ]);
  }

  /** Scores and exclusions, from the facts pinned to the newest ticket of the date: prices are the same for every account. */
  async function signals(asOfDate: IsoDate): Promise<ArtifactFile[]> {
    const ticketId = await newestTicketOf(db, asOfDate);
    const facts = ticketId === undefined ? undefined : await factsAtHand(db, ticketId);
    return facts ? [{ path: signalsPath(asOfDate), text: jsonText(signalsJson(facts)) }] : [];
  }

  async function renderTicket({ ticketId }: { ticketId: string }): Promise<string[]> {
    const facts = (await loadTicketFacts(db, checkedId('ticket', ticketId))) ?? unknown('ticket', ticketId);
    const document = ticketDocument(facts);
    const id = facts.ticket.ticketId;
    return writeArtifacts(dataDir, [
      { path: ticketPath(id, 'md'), text: renderMarkdown(document) },
      { path: ticketPath(id, 'json'), text: jsonText(ticketJson(facts)) },
      { path: ticketPath(id, 'html'), text: renderHtml(document) },
    ]);
  }

  async function renderQuality({ runId }: { runId: string }): Promise<string[]> {
    const facts = (await loadQualityFacts(db, checkedId('run', runId))) ?? unknown('run', runId);
    return writeArtifacts(dataDir, [
      { path: dataQualityPath(facts.run.asOfDate, facts.run.runId), text: renderMarkdown(qualityDocument(facts)) },
    ]);
  }

  async function renderReconciliation({ reconciliationId }: { reconciliationId: string }): Promise<string[]> {
    const facts =
      (await loadReconciliationFacts(db, checkedId('reconciliation', reconciliationId))) ??
      unknown('reconciliation', reconciliationId);
    return writeArtifacts(dataDir, [{ path: facts.reportPath, text: renderMarkdown(reconciliationDocument(facts)) }]);
  }

  async function renderDay({ account, tradingDay }: { account: string; tradingDay: IsoDate }): Promise<string[]> {
    const facts = isIsoDate(tradingDay) ? await loadDayFacts(db, { account, tradingDay }) : undefined;
    // The day of an installation that has never run anything: it is open, and there is nothing to report yet.
    if (!facts && isIsoDate(tradingDay) && (await recallDay(db, { account, tradingDay })).openedAt) return [];
    const document = dayDocument(facts ?? unknown('day', `${account} ${tradingDay}`));
    return writeArtifacts(dataDir, [
      { path: dailyReportPath(account, tradingDay, 'md'), text: renderMarkdown(document) },
      { path: dailyReportPath(account, tradingDay, 'html'), text: renderHtml(document) },
    ]);
  }

  async function renderAlert({ alertId }: { alertId: string }): Promise<string[]> {
    const alert = (await loadAlertFacts(db, checkedId('alert', alertId))) ?? unknown('alert', alertId);
    return writeArtifacts(dataDir, [{ path: alertPath(alert.alertId), text: jsonText(alertJson(alert)) }]);
  }

  return { renderRun, renderTicket, renderQuality, renderReconciliation, renderDay, renderAlert };
}

const LISTS = {
  run: 'trading-ops runs-last',
  ticket: 'trading-ops tickets-last',
  reconciliation: 'trading-ops status',
  day: 'trading-ops runs-last',
  alert: 'trading-ops alerts-last',
};

/** The id, when it has the form of one: Postgres answers anything else with an error of its own. */
const checkedId = (what: keyof typeof LISTS, id: string): string =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id) ? id : unknown(what, id);

function unknown(what: keyof typeof LISTS, id: string): never {
  throw usageError('UNKNOWN_ID', `${what}: ${bounded(id)}: is not stored in the database`, { remedy: LISTS[what] });
}
