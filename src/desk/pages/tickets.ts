import type { OrdersStand } from '../../domain/confirmation/orders.js';
import { resultOrThrow } from '../../domain/errors.js';
import type { Instant } from '../../domain/types.js';
import { listClaims } from '../../operations/day/claims.js';
import { fillsFile } from '../../operations/day/fills-file.js';
import { listTickets } from '../../operations/day/list-tickets.js';
import { ordersStandAt } from '../../operations/day/orders-stand.js';
import { doubtsAmong } from '../../operations/day/ticket-doubts.js';
import { writtenAround } from '../../operations/day/verify-tickets.js';
import { pageTickets } from '../../operations/day/page-tickets.js';
import { readTicket, type ReadTicket } from '../../operations/day/read-ticket.js';
import { judgedAnswers, type JudgedAnswer, type UnprovedAnswer } from '../../operations/day/unproved-answers.js';
import { answeredWord, namesOf } from '../../reports/ticket/answered.js';
import { notCounted } from '../../reports/ticket/not-counted.js';
import { fillsTable } from '../../reports/day/fills.js';
import {
  banner,
  bullets,
  link,
  paragraph,
  section,
  strong,
  table,
  toned,
  type Block,
  type Document,
  type Text,
} from '../../reports/render/document.js';
import { ukTime } from '../../reports/render/format.js';
import { differs, LOOK_FIRST, ticketDocument } from '../../reports/ticket/page.js';
import { holderText } from '../claim-words.js';
import { beforeOrders, secondSignature } from '../forms/answer-views.js';
import { csvText } from '../../reports/render/csv.js';
import { ALL_ROWS } from '../csv.js';
import type { Look, PageContent } from '../look.js';
import type { Sitting } from '../sitting.js';
import { nothingWaits, type Waiting } from '../mail.js';
import { listMain, paperMain } from '../view/document.js';
import { pathWith } from '../view/filter.js';
import { answersKept, isAnswerKept, keptBlocks, waitsForTicket, type AnswerKept } from '../view/kept.js';
import { LOOK_AGAIN } from '../view/waits.js';

const baseOf = ({ account }: Look): string => `/${encodeURIComponent(account.account)}/tickets`;

/** The tickets of an account by trading day, newest first, a page at a time. */
export async function ticketsPage(look: Look): Promise<PageContent> {
  const { place, account, query } = look;
  const { tickets, older } = resultOrThrow(
    await pageTickets(place.db, { account: account.account, before: query['before'] ?? null }),
  );
  const replaced = new Set(tickets.map(({ supersedes }) => supersedes));
  const { groundless, unproved } = await doubtsAmong(place, tickets, look.policy);
  const open = tickets.filter(({ ticketId, confirmed }) => !confirmed && !replaced.has(ticketId));
  const kept = await answersKept(place, account.account, open);
  const rows = tickets.map((ticket) => [
    ticket.tradingDay,
    [link(`${baseOf(look)}/${ticket.ticketId}`, `${ticket.kind}${ticket.dryRun ? ' dry run' : ''}`)],
    String(ticket.lines),
    [...new Set(ticket.reasons.map(({ code }) => code))].join(', '),
    replaced.has(ticket.ticketId)
      ? 'superseded'
      : kept.has(ticket.ticketId)
        ? toned('warn', keptWords(kept.get(ticket.ticketId)))
        : unproved.has(ticket.ticketId)
          ? unsignedWords(unproved.get(ticket.ticketId))
          : groundless.has(ticket.ticketId)
            ? toned('bad', 'TICKET_DIFFERS: place no order')
            : ticket.confirmed
              ? toned('good', 'answered')
              : toned('warn', 'not answered'),
    ukTime(ticket.issuedAt),
  ]);
  return {
    title: `Tickets, ${account.account}`,
    here: baseOf(look),
    command: `trading-ops tickets-last --account ${account.account}`,
    main: listMain(
      `Tickets of ${account.account}`,
      'Fifty trading days a page, newest first.',
      rows.length === 0
        ? []
        : [
            paragraph([link(`${baseOf(look)}.csv`, 'All tickets as CSV')]),
            table(['Trading day', 'Kind', 'Orders#', 'Reasons', 'Answer', 'Issued'], rows),
            ...(older === null ? [] : [paragraph([link(pathWith(baseOf(look), { before: older }), 'Older days')])]),
          ],
    ),
  };
}

const keptWords = (kept: AnswerKept | undefined): string =>
  `${kept?.isAmendment ? 'amended' : 'answered'}: waits for a worker`;

/** The fills file of a ticket, to be completed and sent with the answer. @throws OpsError as `ticket fills` */
export async function fillsToComplete({ place, account, params }: Look, format: 'json' | 'csv'): Promise<string> {
  const { ticketId = '' } = params;
  const { facts } = resultOrThrow(await readTicket(place.db, { account: account.account, ticketId }));
  const asked = { account: account.account, ticketId: facts.ticket.ticketId, format };
  return resultOrThrow(await fillsFile(place.db, asked)).text;
}

/** Every ticket of an account as CSV, newest first: an order a row, and a row for one without. */
export async function ticketsCsv({ place, account, policy }: Look): Promise<string> {
  const tickets = resultOrThrow(await listTickets(place.db, { account: account.account, limit: ALL_ROWS }));
  const doubts = await doubtsAmong(place, tickets, policy);
  return csvText([
    [
      'trading_day',
      'ticket',
      'kind',
      'dry_run',
      'reasons',
      'answered',
      'issued_at',
      'supersedes',
      'material_hash',
      'sequence',
      'symbol',
      'side',
      'value_base',
      'units',
      'reference_price',
    ],
    ...tickets.flatMap((ticket) => {
      const own = [
        ticket.tradingDay,
        ticket.ticketId,
        ticket.kind,
        ticket.dryRun ? 'yes' : 'no',
        ticket.reasons.map(({ code }) => code).join(' '),
        answeredWord(ticket, doubts),
        ticket.issuedAt,
        ticket.supersedes,
        ticket.materialHash,
      ];
      const { lines } = ticket.material;
      if (lines.length === 0) return [[...own, null, null, null, null, null, null]];
      return lines.map((line) => [
        ...own,
        line.sequence,
        line.symbol,
        line.side,
        line.valueBase,
        line.units,
        line.referencePrice,
      ]);
    }),
  ]);
}

/** A ticket as it is written down, with what became of it. */
export async function ticketPage(look: Sitting): Promise<PageContent> {
  const { place, account, params, at } = look;
  const read = resultOrThrow(
    await readTicket(place.db, { account: account.account, ticketId: params['ticketId'] ?? '' }),
  );
  const { ticketId } = read.facts.ticket;
  const claims = (await listClaims(place.db)).filter((claim) => claim.ticketId === ticketId);
  const { account: name, tradingDay } = read.facts.ticket;
  const judged = read.own?.confirmation ? await judgedAnswers(place, [ticketId], look.policy) : null;
  const isAnswered = Boolean(read.own?.confirmation);
  const waits = await waitsForTicket(place, { account: name, tradingDay, ticketId }, isAnswered);
  const stands = await ordersStandAt(place, { ...read.facts.ticket, confirmed: isAnswered }, at);
  const isGroundless = (await writtenAround(place.db, read.facts.ticket)) !== null;
  const document = asRead(read, { isKept: isAnswerKept(waits, ticketId), stands });
  return {
    title: document.title,
    here: null,
    command: `trading-ops ticket show ${read.facts.ticket.ticketId}`,
    main:
      ticketMain(document, [
        ...(isGroundless ? [differs(ticketId)] : []),
        ...becameOf(look, read, { waits, stands, answer: judged?.get(ticketId) }),
        ...claims.map(claimed),
      ]) + (nothingWaits(waits) ? '' : LOOK_AGAIN),
  };
}

/** What is for whoever trades; and how to tell of it. */
const TO_TRADE = ['If something does not go as written', 'Write down while you trade'];
const TO_ANSWER = 'Confirm';

/**
 * A ticket as it is written down; one that has its answer, or has been replaced, tells nobody to trade or to answer it
 * any more, nor does one to trade whose orders may be placed no longer.
 */
export function asRead(
  { facts, own }: ReadTicket,
  { isKept, stands }: { isKept: boolean; stands: OrdersStand },
): Document {
  const document = withoutWarning(ticketDocument(facts));
  const isAnswered = isKept || Boolean(own?.confirmation ?? own?.supersededBy);
  const isTrade = facts.ticket.kind === 'TRADE';
  if (!isAnswered && !(isTrade && isOff(stands))) return document;
  const left = isAnswered ? [...TO_TRADE, TO_ANSWER] : TO_TRADE;
  const [first, ...rest] = document.blocks;
  // That no order is placed is said of the day; of orders nothing is said any more.
  const blocks = isTrade || first?.kind !== 'banner' ? rest : [{ ...first, title: NO_ORDER }, ...rest];
  return { ...document, blocks: blocks.filter((block) => !(block.kind === 'section' && left.includes(block.title))) };
}

const NO_ORDER = 'Place no order today';

/** The page says itself what is to be looked at before the first order, with the way there, while there is one. */
const withoutWarning = (document: Document): Document => ({
  ...document,
  blocks: document.blocks.filter((block) => !isLookFirst(block)),
});

const isLookFirst = (block: Block): boolean => block.kind === 'banner' && block.title === LOOK_FIRST;

/** Whether nothing more is to be placed. */
const isOff = (stands: OrdersStand): boolean => ['stopped', 'groundless', 'over'].includes(stands);

/** What is sent or looked up, and not written upon: the paper is for orders, their failures and the record sheet. */
const ON_SCREEN = ['Confirm', 'Gates', 'Left out', 'Charts'];
const ANSWER = 'Answer';

/** What belongs on the paper of a ticket of what became of it: what took its place, what to look at, its answer. */
const isOnPaper = (block: Block): boolean =>
  (block.kind === 'banner' && block.tone === 'bad') ||
  isLookFirst(block) ||
  (block.kind === 'section' && block.title === ANSWER);

/**
 * A ticket as it is read on the screen and taken away on paper.
 * @param became what became of it
 */
export const ticketMain = (document: Document, became: readonly Block[] = []): string =>
  paperMain({ ...document, blocks: [...became, ...document.blocks] }, (block) =>
    became.includes(block) ? !isOnPaper(block) : block.kind === 'section' && ON_SCREEN.includes(block.title),
  );

const claimed = (claim: { operator: string; at: Instant }): Block => paragraph(strong(holderText(claim)));

/** What is done with a ticket that waits for its answer; also that an answer is kept until somebody can book it. */
function waiting(
  look: Look,
  { facts: { ticket }, warnings }: ReadTicket,
  { waits, stands }: Pick<Became, 'waits' | 'stands'>,
): Block[] {
  const own = `${baseOf(look)}/${ticket.ticketId}`;
  if (isAnswerKept(waits, ticket.ticketId)) return keptBlocks(waits, look.account);
  const ways: Text =
    ticket.kind !== 'TRADE'
      ? [link(`${own}/acknowledge`, 'Acknowledge it')]
      : isOff(stands)
        ? [link(`${own}/confirm`, 'Report what was placed before')]
        : [link(`${own}/execute`, 'Execute it line by line'), ' · ', link(`${own}/confirm`, 'Confirm it')];
  return [
    ...keptBlocks(waits, look.account),
    // That it differs the page says by itself, also of one that has its answer.
    ...(ticket.kind === 'TRADE' && stands !== 'groundless'
      ? beforeOrders({ stands, warnings, ticket, answer: null })
      : []),
    ...(ticket.kind === 'TRADE' && stands === 'over' ? [banner('warn', 'The window is over: place nothing more')] : []),
    banner('warn', 'Not answered yet', ways),
  ];
}

/** How a ticket stands here and now. */
interface Became {
  waits: Waiting;
  stands: OrdersStand;
  /** Whether its answer counts, and who has signed it; undefined where it has none. */
  answer: JudgedAnswer | undefined;
}

/** What became of a ticket by an answer that counts. */
const answerName = ({ kind }: { kind: string }): string => (kind === 'ACK' ? 'ACKNOWLEDGED' : 'BOOKED');

const unsignedWords = (unproved: Pick<UnprovedAnswer, 'waits'> | undefined): Text =>
  unproved?.waits
    ? toned('warn', 'answered: waits for the signature of another person')
    : toned('bad', 'answered, and no signature holds');

/** What keeps an answer from counting at the gate: it was signed by one of two people, or by nobody who may. */
function notCountedYet(
  look: Sitting,
  { ticketId, kind }: ReadTicket['facts']['ticket'],
  unproved: UnprovedAnswer | null,
): Block[] {
  if (unproved === null) return [];
  if (unproved.waits === null) return [banner('bad', 'TICKET_UNCONFIRMED', notCounted(unproved))];
  return [
    secondSignature(
      `${baseOf(look)}/${ticketId}/${kind === 'TRADE' ? 'confirm' : 'acknowledge'}`,
      unproved,
      look.who.session.operator,
    ),
  ];
}

/** The answer in force, and the tickets before and after it. */
function becameOf(look: Sitting, read: ReadTicket, became: Became): Block[] {
  const { why = null, signers = [] } = became.answer ?? {};
  const { facts, own, chain, fills } = read;
  const confirmation = own?.confirmation ?? null;
  const after = own?.supersededBy ?? null;
  const isCounted = why === null || why.waits !== null;
  return [
    ...(after === null
      ? []
      : [banner('bad', 'Superseded', ['Another took its place: ', link(`${baseOf(look)}/${after}`, after)])]),
    ...(confirmation === null
      ? after === null
        ? waiting(look, read, became)
        : []
      : [
          // What is said to be booked below is what stood before that.
          ...keptBlocks(became.waits, look.account),
          ...notCountedYet(look, facts.ticket, why),
          banner(isCounted ? 'good' : 'warn', isCounted ? answerName(confirmation) : 'Not counted', [
            `${isCounted ? 'by' : 'in the name of'} ${namesOf(confirmation.operator, signers)}. `,
            ...(confirmation.kind === 'ACK' || isAnswerKept(became.waits, facts.ticket.ticketId)
              ? []
              : [link(`${baseOf(look)}/${facts.ticket.ticketId}/confirm?amend=1`, 'Amend it')]),
          ]),
          section(ANSWER, [
            bullets([
              `${confirmation.kind} by ${namesOf(confirmation.operator, signers)}, ` +
                ukTime(confirmation.confirmedAt) +
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
