import { resultOrThrow } from '../../domain/errors.js';
import { listTickets } from '../../operations/day/list-tickets.js';
import { readTicket, type ReadTicket } from '../../operations/day/read-ticket.js';
import { fillsTable } from '../../reports/day/fills.js';
import { banner, bullets, link, section, table, toned, type Block } from '../../reports/render/document.js';
import { ukTime } from '../../reports/render/format.js';
import { renderBlocks } from '../../reports/render/html.js';
import { ticketDocument } from '../../reports/ticket/page.js';
import type { Look, PageContent } from '../look.js';
import { documentMain, listMain } from '../view/document.js';

const SHOWN = '100';
const baseOf = ({ account }: Look): string => `/${encodeURIComponent(account.account)}/tickets`;

/** The newest tickets of an account. */
export async function ticketsPage(look: Look): Promise<PageContent> {
  const { place, account } = look;
  const tickets = resultOrThrow(await listTickets(place.db, { account: account.account, limit: SHOWN }));
  const rows = tickets.map((ticket) => [
    ticket.tradingDay,
    [link(`${baseOf(look)}/${ticket.ticketId}`, `${ticket.kind}${ticket.dryRun ? ' dry run' : ''}`)],
    [...new Set(ticket.reasons.map(({ code }) => code))].join(', '),
    ticket.confirmed ? toned('good', 'answered') : toned('warn', 'not answered'),
    ukTime(ticket.issuedAt),
  ]);
  return {
    title: `Tickets, ${account.account}`,
    here: baseOf(look),
    command: `trading-ops tickets-last --account ${account.account}`,
    main: listMain(
      `Tickets of ${account.account}`,
      'The newest hundred, newest first.',
      rows.length === 0 ? [] : [table(['Trading day', 'Kind', 'Reasons', 'Answer', 'Issued'], rows)],
    ),
  };
}

/** A ticket as it is written down, with what became of it. */
export async function ticketPage(look: Look): Promise<PageContent> {
  const { place, account, params } = look;
  const read = resultOrThrow(
    await readTicket(place.db, { account: account.account, ticketId: params['ticketId'] ?? '' }),
  );
  const document = ticketDocument(read.facts);
  return {
    title: document.title,
    here: null,
    command: `trading-ops ticket show ${read.facts.ticket.ticketId}`,
    main: documentMain(document, renderBlocks(becameOf(look, read))),
  };
}

/** The answer in force, and the tickets before and after it. */
function becameOf(look: Look, { facts, own, chain, fills }: ReadTicket): Block[] {
  const confirmation = own?.confirmation ?? null;
  const after = own?.supersededBy ?? null;
  return [
    ...(after === null
      ? []
      : [banner('bad', 'Superseded', ['Another took its place: ', link(`${baseOf(look)}/${after}`, after)])]),
    ...(confirmation === null
      ? after === null
        ? [banner('warn', 'Not answered yet')]
        : []
      : [
          section('Answer', [
            bullets([
              `${confirmation.kind} by ${confirmation.operator}, ${ukTime(confirmation.confirmedAt)}` +
                (confirmation.amended ? ', amended' : ''),
            ]),
            ...(own && facts.ticket.kind === 'TRADE' ? fillsTable({ ...own, fills }) : []),
          ]),
        ]),
    ...(chain.length < 2
      ? []
      : [
          section('Tickets of this day, each taking the place of the one before', [
            bullets(
              chain.map((each) => [
                link(`${baseOf(look)}/${each.ticketId}`, `${each.kind} of ${ukTime(each.issuedAt)}`),
                each.ticketId === facts.ticket.ticketId ? ', this one' : '',
              ]),
            ),
          ]),
        ]),
  ];
}
