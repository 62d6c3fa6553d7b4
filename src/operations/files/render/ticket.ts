import { readRegular } from '../../../files/regular.js';
import { ticketPath } from '../../../reports/paths.js';
import { renderHtml } from '../../../reports/render/html.js';
import { renderMarkdown } from '../../../reports/render/markdown.js';
import { jsonText } from '../../../reports/render/parts.js';
import { loadTicketFacts } from '../../../reports/ticket/facts.js';
import { ticketDocument, ticketJson } from '../../../reports/ticket/page.js';
import { resolveInside, writeArtifacts, type ArtifactFile } from '../../../reports/write.js';
import { checkedId, unknown, type Press } from './stored.js';

/** Writes a ticket's files. @returns the paths written @throws OpsError UNKNOWN_ID */
export async function renderTicket({ db, dataDir }: Press, { ticketId }: { ticketId: string }): Promise<string[]> {
  return writeArtifacts(dataDir, await filesOf(db, ticketId));
}

/**
 * A ticket's files that are not what is stored of it, a line each: what an operator acts on is the file. One that is
 * not there is none, for rendered files may go.
 */
export async function changedTicketFiles(
  { db, dataDir }: Press,
  { ticketId }: { ticketId: string },
): Promise<string[]> {
  const changed: string[] = [];
  for (const { path, text } of await filesOf(db, ticketId)) {
    const found = await readRegular(resolveInside(dataDir, path)).catch((error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' ? null : `unreadable: ${error.code}`,
    );
    if (found !== null && found !== text)
      changed.push(`${path}: is not what is stored: altered, or written by another version of the program`);
  }
  return changed;
}

async function filesOf(db: Press['db'], ticketId: string): Promise<ArtifactFile[]> {
  const facts = (await loadTicketFacts(db, checkedId('ticket', ticketId))) ?? unknown('ticket', ticketId);
  const document = ticketDocument(facts);
  const id = facts.ticket.ticketId;
  return [
    { path: ticketPath(id, 'md'), text: renderMarkdown(document) },
    { path: ticketPath(id, 'json'), text: jsonText(ticketJson(facts)) },
    { path: ticketPath(id, 'html'), text: renderHtml(document) },
  ];
}
