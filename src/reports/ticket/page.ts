import type { TicketRow } from '../../db/ticket-documents.js';
import type { TicketFacts } from './facts.js';
import { D, toText } from '../../domain/money.js';
import {
  failureInstructions,
  fillsTemplate,
  lineInstructions,
  recordFields,
} from '../../domain/decision/instructions.js';
import { issuedEarly } from '../../domain/decision/early.js';
import type { Reason, TicketLine } from '../../domain/types.js';
import { confirmCommand, confirmFillsCommand } from '../commands.js';
import {
  banner,
  bullets,
  card,
  code,
  codeBlock,
  facts,
  numbered,
  paragraph,
  rich,
  section,
  strong,
  table,
  toned,
  type Block,
  type Document,
  type Text,
} from '../render/document.js';
import { counted, money, price, ukTime, units, weekday, windowText } from '../render/format.js';
import { gatesTable, leftOut, priceCharts, rateText, renderAgain } from '../render/parts.js';
import { remedyOf } from '../catalogue/catalogue.js';
import { nextOfGroundless } from '../catalogue/next.js';

/** The ticket as people read it. */
export function ticketDocument(input: TicketFacts): Document {
  const { ticket } = input;
  const trade = ticket.kind === 'TRADE';
  return {
    title: `${ticket.kind} ticket, ${ticket.account}, ${weekday(ticket.tradingDay)} ${ticket.tradingDay}`,
    subtitle: `Issued ${ukTime(ticket.issuedAt)}. Ticket ${ticket.ticketId}.`,
    stamp: ticket.dryRun ? DRY_RUN : null,
    blocks: trade ? tradeBlocks(input) : noTradeBlocks(input),
    footer: renderAgain(`trading-ops render ticket ${ticket.ticketId}`),
  };
}

const DRY_RUN = 'DRY RUN: a rehearsal. Place no order with real money; the fills go to the paper book.';

/** What is to be done, in one sentence. */
function headline({ ticket }: TicketFacts): string {
  if (ticket.kind === 'NO_TRADE') return 'Place no order today, and acknowledge this ticket.';
  const { lines, window } = ticket.material;
  const sells = lines.filter(({ side }) => side === 'SELL').length;
  const buys = lines.length - sells;
  const orders = [sells && counted(sells, 'SELL order'), buys && counted(buys, 'BUY order')]
    .filter(Boolean)
    .join(' and then ');
  const open = window && windowText(window.opensAt, window.closesAt);
  const verb = ticket.dryRun ? 'Rehearse' : 'At eToro, by hand, place';
  return `${verb} ${orders}, in the order below${open ? `, on ${open.date} from ${open.uk}` : ''}; then confirm what happened.`;
}

/** That a row of a ticket was written around the program: its orders are somebody else's. */
export const differs = (ticketId: string): Block =>
  banner('bad', 'TICKET_DIFFERS: place no order of it', [
    'It was not decided on what is stored: a row was written around the program. What was placed is reported all the ' +
      'same. What differs: ',
    code(nextOfGroundless(ticketId)),
  ]);

/** What is said before the first order is called so wherever it is said. */
export const LOOK_FIRST = 'Look before the first order';

/** That it rests on the broker's figures of an earlier day; facts of its issue, so that the file says it for good. */
function earlyBlocks({ ticket, snapshotDate }: TicketFacts): Block[] {
  const warnings = issuedEarly({ ...ticket, snapshotDate });
  return warnings === null ? [] : [banner('warn', LOOK_FIRST, warnings.join(' '))];
}

function tradeBlocks(input: TicketFacts): Block[] {
  const { ticket, prices, gates } = input;
  const skips = new Map(ticket.material.lines.map((line) => [line.symbol, line]));
  return [
    banner(ticket.dryRun ? 'warn' : 'good', headline(input)),
    ...earlyBlocks(input),
    frame(ticket),
    section(
      `Orders (${ticket.material.lines.length})`,
      ticket.material.lines.map((line) => lineCard(line, ticket)),
    ),
    section('If something does not go as written', [
      paragraph('For every line (what holds for one line alone stands with it):'),
      bullets(sharedFailures(ticket).map(failureText)),
    ]),
    section('Write down while you trade', [bullets(fieldsToRecord(ticket.material.lines)), recordSheet(ticket)]),
    section('Confirm', confirmBlocks(ticket)),
    section('Gates', [paragraph('Every gate passes; that is why this is a TRADE.'), gatesTable(gates)]),
    ...leftOut(gates),
    section(
      'Charts',
      priceCharts(prices, (symbol) => {
        const line = skips.get(symbol);
        return line
          ? [{ label: line.side === 'BUY' ? 'skip above' : 'skip below', value: Number(line.skipPrice) }]
          : [];
      }),
    ),
    identity(ticket),
  ];
}

function noTradeBlocks(input: TicketFacts): Block[] {
  const { ticket, gates } = input;
  return [
    banner('warn', headline(input), `Reason: ${codes(ticket.reasons)}.`),
    frame(ticket),
    section('Why, and what would change it', [
      table(
        ['Reason', 'What was found', 'What would change it'],
        ticket.reasons.map((reason) => [toned('bad', reason.code), reason.message, rich(remedyOf(reason))]),
      ),
    ]),
    section('Confirm', confirmBlocks(ticket)),
    section('Gates', [gatesTable(gates)]),
    ...leftOut(gates),
    identity(ticket),
  ];
}

const codes = (reasons: Reason[]) => [...new Set(reasons.map(({ code: each }) => each))].join(', ');

function frame({ material, account, tradingDay, asOfDate, baseCurrency, dryRun, kind }: TicketRow): Block {
  const window = material.window && windowText(material.window.opensAt, material.window.closesAt);
  return facts([
    ['Account', `${account}, held in ${baseCurrency}`],
    [
      'Mode',
      dryRun ? toned('warn', 'DRY RUN') : kind === 'TRADE' ? 'live: real orders, placed by hand' : 'no order today',
    ],
    ['Trading day', `${weekday(tradingDay)} ${tradingDay}`],
    ['Prices as of', `close of ${asOfDate}`],
    ...(window
      ? ([['Execution window', [strong(window.uk), `, which is ${window.newYork}`]]] as [string, Text][])
      : []),
    ...(kind === 'TRADE' ? ([['Exchange rate', rateText(material.fx)]] as [string, Text][]) : []),
    ...(kind === 'TRADE' ? ([['Orders in total', totals(material.lines, baseCurrency)]] as [string, Text][]) : []),
    ...(material.supersedes
      ? ([['Replaces', ['NO_TRADE ticket ', code(material.supersedes)]]] as [string, Text][])
      : []),
  ]);
}

function totals(lines: TicketLine[], currency: string): string {
  const spend = lines.reduce((sum, { valueBase }) => sum.plus(D(valueBase ?? '0')), D(0));
  const sells = lines.filter(({ side }) => side === 'SELL').length;
  const buys = lines.length - sells;
  return [sells && counted(sells, 'SELL'), buys && `${counted(buys, 'BUY')} for ${money(toText(spend), currency)}`]
    .filter(Boolean)
    .join(', ');
}

/** Size of a line as the operator types it. */
const size = (line: TicketLine, currency: string) =>
  line.valueBase === null ? `${units(line.units ?? '0')} units` : money(line.valueBase, currency);

/** When a line must be left out, as a price. */
const skipRule = (line: TicketLine) =>
  `Skip if the price is ${line.side === 'BUY' ? 'above' : 'below'} ${price(line.skipPrice, line.referenceCurrency)} a share`;

type Failure = ReturnType<typeof failureInstructions>[number];
const failureText = ({ when, action }: Failure): Text => [strong(`If ${when}:`), ` ${action}.`];

/** Each field once, with what it means; where sides differ, both meanings. */
function fieldsToRecord(lines: TicketLine[]): Text[] {
  const meanings = new Map<string, Set<string>>();
  for (const field of lines.flatMap(recordFields)) {
    const [name = '', ...rest] = field.split(': ');
    meanings.set(name, (meanings.get(name) ?? new Set()).add(rest.join(': ')));
  }
  return [...meanings].map(([name, texts]) => [code(name), `: ${[...texts].join('; or ')}`]);
}

/** Failure instructions that say the same for every line: they are printed once. */
function sharedFailures({ material, baseCurrency }: TicketRow): Failure[] {
  const all = material.lines.map((line) => failureInstructions(line, baseCurrency));
  return (all[0] ?? []).filter((failure) =>
    all.every((each) => each.some((other) => other.when === failure.when && other.action === failure.action)),
  );
}

function lineCard(line: TicketLine, ticket: TicketRow): Block {
  const { baseCurrency, material } = ticket;
  const shared = new Set(sharedFailures(ticket).map(({ when }) => when));
  const own = failureInstructions(line, baseCurrency).filter(({ when }) => !shared.has(when));
  const exact =
    line.valueBase === null
      ? `${line.units} units`
      : `${money(line.valueBase, baseCurrency)} (type the amount ${line.valueBase})`;
  const sheet = facts([
    ['Search eToro for', code(line.etoroSearchName)],
    ['Symbol', line.symbol],
    ['Side', strong(line.side)],
    [line.side === 'BUY' ? 'Amount' : 'Units', exact],
    ['Order type', `${line.orderType === 'MARKET' ? 'Market' : line.orderType}, underlying stock, no leverage (x1)`],
    ['Reference price', `${price(line.referencePrice, line.referenceCurrency)}, close of ${material.asOfDate}`],
    ['Skip rule', toned('warn', `${skipRule(line)}.`)],
  ]);
  return card(
    'plain',
    `${line.sequence}. ${line.side} ${size(line, baseCurrency)} of ${line.etoroSearchName}`,
    own.length === 0 ? [sheet] : [sheet, bullets(own.map(failureText))],
  );
}

const recordSheet = ({ material }: TicketRow): Block =>
  table(
    ['Line', 'Order', 'Status', 'Units', 'Price a share', 'Value', 'Time', 'Notes'],
    material.lines.map((line) => [String(line.sequence), `${line.side} ${line.symbol}`, '', '', '', '', '', '']),
  );

function confirmBlocks(ticket: TicketRow): Block[] {
  if (ticket.kind === 'NO_TRADE') {
    return [
      paragraph('Acknowledge that you have read this and placed no order. The day closes then.'),
      codeBlock(confirmCommand(ticket, ticket.ticketId, ticket.issuedAt)),
    ];
  }
  return [
    numbered([
      ['Save the text below as ', code('fills.json'), '.'],
      [
        'Complete each line with what eToro shows: ',
        code('executed_status'),
        ' (DONE, PARTIAL, SKIPPED or FAILED), units, price, value and time; ',
        code('notes'),
        ' unless it is DONE. For a line that was not executed, set units, price, value and time to ',
        code('null'),
        '.',
      ],
      'Send it with the command below. Nothing is booked unless all of it is right.',
    ]),
    codeBlock(confirmFillsCommand(ticket, ticket.ticketId, ticket.windowClosesAt ?? ticket.issuedAt)),
    codeBlock(JSON.stringify(fillsTemplate(ticket.material.lines), null, 2)),
  ];
}

const identity = ({ ticketId, materialHash, material }: TicketRow): Block =>
  section('Identity', [
    facts([
      ['Ticket id', code(ticketId)],
      ['Material hash (SHA-256)', code(materialHash)],
      ['Policy', code(material.policyHash)],
      ['Universe', code(material.universeHash)],
      ['Snapshot', material.snapshotId === null ? 'none' : code(material.snapshotId)],
      ['Check it', code(`trading-ops ticket verify ${ticketId}`)],
    ]),
  ]);

/** The ticket for machines: what the page says, and the material that the hash is taken over. */
export function ticketJson(input: TicketFacts): object {
  const { ticket, gates } = input;
  const { material } = ticket;
  const window = material.window && windowText(material.window.opensAt, material.window.closesAt);
  const excluded = gates
    .flatMap((gate) => gate.exclusions ?? [])
    .map(({ subject, code: reason, message }) => ({ symbol: subject, code: reason, message }));
  return {
    schema: 1,
    ticket_id: ticket.ticketId,
    material_hash: ticket.materialHash,
    account: ticket.account,
    base_currency: ticket.baseCurrency,
    trading_day: ticket.tradingDay,
    as_of_date: ticket.asOfDate,
    kind: ticket.kind,
    dry_run: ticket.dryRun,
    issued_at: ticket.issuedAt,
    headline: headline(input),
    window: material.window &&
      window && {
        opens_at: material.window.opensAt,
        closes_at: material.window.closesAt,
        uk: window.uk,
        new_york: window.newYork,
      },
    fx: material.fx,
    reasons: ticket.reasons.map((reason) => ({ ...reason, what_would_change_it: remedyOf(reason) })),
    lines: material.lines.map((line) => ({
      sequence: line.sequence,
      symbol: line.symbol,
      etoro_search_name: line.etoroSearchName,
      side: line.side,
      order_type: line.orderType,
      value_base: line.valueBase,
      units: line.units,
      reference_price: line.referencePrice,
      reference_currency: line.referenceCurrency,
      skip_price: line.skipPrice,
      instructions: lineInstructions(line, material),
    })),
    ...(excluded.length > 0 && { excluded }),
    gates,
    confirm:
      ticket.kind === 'NO_TRADE'
        ? { command: confirmCommand(ticket, ticket.ticketId, ticket.issuedAt) }
        : {
            command: confirmFillsCommand(ticket, ticket.ticketId, ticket.windowClosesAt ?? ticket.issuedAt),
            fills: fillsTemplate(material.lines),
          },
    material,
  };
}
