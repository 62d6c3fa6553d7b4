import { recallDay } from '../../../db/days.js';
import { isIsoDate } from '../../../domain/dates.js';
import type { IsoDate } from '../../../domain/types.js';
import { loadDayFacts } from '../../../reports/day/facts.js';
import { dayDocument } from '../../../reports/day/page.js';
import { dailyReportPath } from '../../../reports/paths.js';
import { renderHtml } from '../../../reports/render/html.js';
import { renderMarkdown } from '../../../reports/render/markdown.js';
import { writeArtifacts } from '../../../reports/write.js';
import { unknown, type Press } from './stored.js';

/** Writes the report of an account's day. @returns the paths written @throws OpsError UNKNOWN_ID */
export async function renderDay(
  { db, dataDir }: Press,
  { account, tradingDay }: { account: string; tradingDay: IsoDate },
): Promise<string[]> {
  const facts = isIsoDate(tradingDay) ? await loadDayFacts(db, { account, tradingDay }) : undefined;
  // The day of an installation that has never run anything: it is open, and there is nothing to report yet.
  if (!facts && isIsoDate(tradingDay) && (await recallDay(db, { account, tradingDay })).openedAt) return [];
  const document = dayDocument(facts ?? unknown('day', `${account} ${tradingDay}`));
  return writeArtifacts(dataDir, [
    { path: dailyReportPath(account, tradingDay, 'md'), text: renderMarkdown(document) },
    { path: dailyReportPath(account, tradingDay, 'html'), text: renderHtml(document) },
  ]);
}
