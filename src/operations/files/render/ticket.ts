import { ticketPath } from '../../../reports/paths.js';
import { renderHtml } from '../../../reports/render/html.js';
import { renderMarkdown } from '../../../reports/render/markdown.js';
import { jsonText } from '../../../reports/render/parts.js';
import { loadTicketFacts } from '../../../reports/ticket/facts.js';
import { ticketDocument, ticketJson } from '../../../reports/ticket/page.js';
import { writeArtifacts } from '../../../reports/write.js';
import { checkedId, unknown, type Press } from './stored.js';

/** Writes a ticket's files. @returns the paths written @throws OpsError UNKNOWN_ID */
export async function renderTicket({ db, dataDir }: Press, { ticketId }: { ticketId: string }): Promise<string[]> {
  const facts = (await loadTicketFacts(db, checkedId('ticket', ticketId))) ?? unknown('ticket', ticketId);
  const document = ticketDocument(facts);
  const id = facts.ticket.ticketId;
  return writeArtifacts(dataDir, [
    { path: ticketPath(id, 'md'), text: renderMarkdown(document) },
    { path: ticketPath(id, 'json'), text: jsonText(ticketJson(facts)) },
    { path: ticketPath(id, 'html'), text: renderHtml(document) },
  ]);
}
