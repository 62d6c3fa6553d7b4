import { readRegular } from '../../../files/regular.js';
import { ticketPath } from '../../../reports/paths.js';
import { renderHtml } from '../../../reports/render/html.js';
import { renderMarkdown } from '../../../reports/render/markdown.js';
import { jsonText } from '../../../reports/render/parts.js';
import { loadTicketFacts } from '../../../reports/ticket/facts.js';
import { differs, ticketDocument, ticketJson } from '../../../reports/ticket/page.js';
import { resolveInside, writeArtifacts, type ArtifactFile } from '../../../reports/write.js';
import { groundlessWhy } from '../../day/verify-tickets.js';
import { checkedId, unknown, type Press } from './stored.js';

/** Writes a ticket's files. @returns the paths written @throws OpsError UNKNOWN_ID */
export async function renderTicket({ db, dataDir }: Press, { ticketId }: { ticketId: string }): Promise<string[]> {
  return writeArtifacts(dataDir, await filesOf(db, ticketId));
}

/** The same of one that was issued, or found to stand, this moment: what it was decided on is not read again. */
export async function renderIssued({ db, dataDir }: Press, { ticketId }: { ticketId: string }): Promise<string[]> {
  return writeArtifacts(dataDir, await filesOf(db, ticketId, { isProved: true }));
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

/** What an operator acts on is the file: that of a TRADE which was written around the program says so first. */
async function filesOf(db: Press['db'], ticketId: string, { isProved = false } = {}): Promise<ArtifactFile[]> {
  const facts = (await loadTicketFacts(db, checkedId('ticket', ticketId))) ?? unknown('ticket', ticketId);
  const id = facts.ticket.ticketId;
  const why = isProved ? null : await groundlessWhy(db, { ...facts.ticket, confirmed: false });
  const written = ticketDocument(facts);
  const document = why === null ? written : { ...written, blocks: [differs(id), ...written.blocks] };
  return [
    { path: ticketPath(id, 'md'), text: renderMarkdown(document) },
    { path: ticketPath(id, 'json'), text: jsonText({ ...ticketJson(facts), ...(why !== null && { differs: why }) }) },
    { path: ticketPath(id, 'html'), text: renderHtml(document) },
  ];
}
