import type { DayFacts, DayTicketRow } from './facts.js';
import { londonTime, tradingDayOf } from '../../domain/calendar/calendar.js';
import { dayOutcome, dayState, waitingFor, type StoredDay } from '../../domain/day/state.js';
import { unbookedSplits } from '../../domain/ledger/bookings/split.js';
import { EVENT_KINDS } from '../../domain/ledger/flows.js';
import { standingEntries, sumsOf, type BookedEntry } from '../../domain/ledger/sums.js';
import type { ValuedBook } from '../../domain/ledger/valuation.js';
import { D, toText } from '../../domain/money.js';
import type { IsoDate } from '../../domain/types.js';
import { splitsCounted, valuedBook } from './book.js';
import { confirmCommand, confirmFillsCommand, reconcileCommand, runCommand, splitCommand } from '../commands.js';
import { comparisonBlocks } from './comparison.js';
import {
  banner,
  code,
  codeBlock,
  facts,
  paragraph,
  section,
  table,
  toned,
  verdict,
  type Block,
  type Document,
  type Text,
  type Tone,
} from '../render/document.js';
import { deviationBlocks } from './deviations.js';
import { fillsTable } from './fills.js';
import { returnsSection } from './returns.js';
import {
  counted,
  money,
  percent,
  price,
  sentence,
  signedMoney,
  signedPercent,
  ukTime,
  units,
  weekday,
} from '../render/format.js';
import { equityCharts, gateCount, gatesTable, renderAgain } from '../render/parts.js';
import { drawdownText, restatedBlocks } from '../run/page.js';

/** The daily report of an account. */
export function dayDocument(input: DayFacts): Document {
  const {
    account: { account },
    tradingDay,
    asOfDate,
  } = input;
  const day = storedDay(input);
  const state = dayState(day);
  const live = input.tickets.at(-1);
  return {
    title: `Daily report, ${account}, ${weekday(tradingDay)} ${tradingDay}`,
    subtitle: `Prices as of the close of ${asOfDate}.`,
    stamp: live?.dryRun ? 'DRY RUN: the ticket of this day was a rehearsal; its fills are in the paper book.' : null,
    blocks: [
      banner(
        stateTone(state, live),
        `${state.toUpperCase()}${live ? `: ${dayOutcome(day)}` : ''}`,
        sentence(`Waiting for ${waitingFor(day, londonTime)}`),
      ),
      ...nextStep(input, state),
      section('The day', [facts(timeline(input))]),
      section('Gates', [
        paragraph(gateCount(input.gates)),
        ...(input.gates.length > 0 ? [gatesTable(input.gates)] : []),
      ]),
      section('Reconciliation', reconciliationBlocks(input)),
      section('Ticket and confirmation', ticketBlocks(input)),
      section('Positions and cash', [
        paragraph(`With everything booked up to this day and for its ticket, at the closes of ${asOfDate}.`),
        ...bookBlocks(valuedBook(input.ledger, input, splitsCounted(input)), input),
        ...unbookedSplitLines(input),
        ...eventBlocks(input),
      ]),
      ...paperSection(input),
      section('Value over time', [
        paragraph('As the 08:00 run valued the account, before anything this day brought.'),
        ...valuationBlocks(input),
        ...equityCharts(input.equity),
      ]),
      ...returnsSection(input),
      section('Against the benchmarks', comparisonBlocks(input)),
      section('Alerts', alertBlocks(input)),
    ],
    footer: renderAgain(`trading-ops render day ${tradingDay} --account ${account}`),
  };
}

/** The day in the words of domain/day.ts, so that report, query and Web UI say the same. */
function storedDay({ events, reconciliation, tickets }: DayFacts): StoredDay {
  const live = tickets.at(-1);
  const event = (name: string) => events.find((each) => each.event === name)?.at ?? null;
  return {
    openedAt: event('OPENED'),
    closedAt: event('CLOSED'),
    reconciliation: reconciliation && {
      status: reconciliation.status,
      at: reconciliation.at,
      codes: reconciliation.reasons.map((reason) => reason.code),
    },
    ticket: live
      ? {
          ticketId: live.ticketId,
          kind: live.kind,
          dryRun: live.dryRun,
          codes: live.reasons.map((reason) => reason.code),
          issuedAt: live.issuedAt,
          windowClosesAt: live.windowClosesAt,
        }
      : null,
    confirmation: live?.confirmation
      ? {
          confirmationId: live.confirmation.confirmationId,
          operator: live.confirmation.operator,
          at: live.confirmation.confirmedAt,
        }
      : null,
  };
}

const stateTone = (state: string, live: DayTicketRow | undefined): Tone =>
  state === 'closed' || state === 'confirmed' ? 'good' : live ? 'warn' : 'plain';

function nextStep(input: DayFacts, state: ReturnType<typeof dayState>): Block[] {
  const { account, tradingDay, reconciliation, tickets, runs } = input;
  const live = tickets.at(-1);
  const at = runs.at(-1)?.at ?? input.events.at(-1)?.at ?? '';
  switch (state) {
    case 'open':
      return [
        paragraph(
          reconciliation
            ? 'Next: put right what the reconciliation report says, and reconcile again.'
            : 'Next: read cash and every position off eToro and reconcile.',
        ),
        codeBlock(reconcileCommand(account, account.baseCurrency, tradingDay, at)),
      ];
    case 'reconciled':
      return [
        paragraph('Next: the 14:00 run issues the ticket.'),
        codeBlock(runCommand('1400', account, `${tradingDay}T14:00:00Z`)),
      ];
    case 'ticketed':
      return live?.kind === 'TRADE'
        ? [
            paragraph('Next: trade by the ticket, then confirm the fills.'),
            codeBlock(confirmFillsCommand(account, live.ticketId, live.windowClosesAt ?? live.issuedAt)),
          ]
        : [
            paragraph('Next: read the ticket, place no order, and acknowledge it.'),
            codeBlock(confirmCommand(account, live?.ticketId ?? '', live?.issuedAt ?? at)),
          ];
    case 'confirmed':
      return [paragraph('Next: nothing to type; the day closes by itself.')];
    case 'closed':
      return [paragraph('Next: nothing today. The next session begins with the 08:00 run.')];
  }
}

function timeline({ events, runs, account, asOfDate }: DayFacts): [string, Text][] {
  const event = (name: string) => events.find((each) => each.event === name);
  const at = (name: string) => {
    const found = event(name);
    return found ? ukTime(found.at) : 'not yet';
  };
  return [
    ['Account', `${account.account}, held in ${account.baseCurrency}`],
    ['Prices as of', `close of ${asOfDate}`],
    ['Opened', at('OPENED')],
    ...runs.map((run): [string, Text] => [
      `Run ${run.slot}`,
      [
        `${ukTime(run.at)} by ${run.operator}: `,
        run.outcome === null
          ? toned('warn', 'UNDER WAY')
          : toned(['FAIL', 'FAULT', 'MISSED'].includes(run.outcome) ? 'bad' : 'good', run.outcome),
        ...(run.summary ? [`, ${run.summary}`] : []),
        ' (',
        code(run.runId),
        ')',
      ],
    ]),
    ['Closed', at('CLOSED')],
  ];
}

function reconciliationBlocks({ reconciliation, reconciliations }: DayFacts): Block[] {
  if (!reconciliation) return [paragraph('No snapshot was compared with the ledger on this day.')];
  const { status, evidence, operator, at, reportPath, reasons, openedLedger } = reconciliation;
  return [
    ...(openedLedger ? [banner('warn', 'OPENING: the snapshot of this day opened the ledger')] : []),
    facts([
      [
        'Result',
        [
          verdict(status),
          reasons.length > 0 ? ` ${[...new Set(reasons.map((reason) => reason.code))].join(', ')}` : '',
        ],
      ],
      [
        'Snapshot',
        `of ${evidence.snapshot.snapshotDate}, cash ${money(evidence.snapshot.cash, evidence.baseCurrency)}, ${counted(Object.keys(evidence.snapshot.positions).length, 'position')}`,
      ],
      ['Notes', evidence.snapshot.notes ?? 'none'],
      ['By', `${operator} at ${ukTime(at)}${reconciliations > 1 ? `, the newest of ${reconciliations}` : ''}`],
      ['Report', code(reportPath)],
    ]),
  ];
}

function ticketBlocks({ tickets, deviations = [] }: DayFacts): Block[] {
  const live = tickets.at(-1);
  if (!live) return [paragraph('No ticket has been issued.')];
  const { confirmation } = live;
  return [
    facts([
      [
        'Ticket',
        [
          toned(live.kind === 'TRADE' ? 'good' : 'warn', live.dryRun ? `${live.kind} (DRY RUN)` : live.kind),
          ' ',
          code(live.ticketId),
        ],
      ],
      ['Issued', ukTime(live.issuedAt)],
      ...(live.reasons.length > 0
        ? ([['Reasons', live.reasons.map((reason) => `${reason.code}: ${reason.message}`).join('; ')]] as [
            string,
            Text,
          ][])
        : []),
      ...(tickets.length > 1
        ? ([
            [
              'Replaces',
              tickets
                .slice(0, -1)
                .map(({ kind, ticketId }) => `${kind} ${ticketId}`)
                .join(', '),
            ],
          ] as [string, Text][])
        : []),
      [
        'Confirmation',
        confirmation
          ? `${confirmation.kind === 'ACK' ? 'acknowledged' : 'fills confirmed'}${confirmation.amended ? ', as amended,' : ''} by ${confirmation.operator} at ${ukTime(confirmation.confirmedAt)}`
          : toned('warn', 'not yet'),
      ],
    ]),
    ...(live.kind === 'TRADE' ? fillsTable(live) : []),
    ...deviationBlocks(live, deviations),
  ];
}

function bookBlocks(book: ValuedBook, { account: { baseCurrency }, asOfDate, rates }: DayFacts): Block[] {
  const held = book.positions.filter(({ units: each }) => !D(each).isZero());
  const amount = (value: string | null) => (value === null ? 'unknown' : money(value, baseCurrency));
  const gain = (value: string | null) => (value === null ? 'unknown' : signedMoney(value, baseCurrency));
  const weight = (value: string | null) =>
    value === null || book.equity === null || D(book.equity).isZero()
      ? 'unknown'
      : percent(toText(D(value).div(D(book.equity))));
  const rate = Object.entries(rates)
    .map(([currency, { rate: each, date }]) => `${baseCurrency}${currency} ${each} of ${date}`)
    .join(', ');
  return [
    ...(held.length === 0
      ? [paragraph('No position is held.')]
      : [
          table(
            ['Symbol', 'Units#', 'Close#', 'Value#', 'Weight#', 'Cost#', 'Unrealised#'],
            held.map((position) => [
              position.symbol,
              units(position.units),
              position.quote === null
                ? 'no price'
                : `${price(position.quote.price, position.quote.currency)}${position.quote.date === asOfDate ? '' : ` (${position.quote.date})`}`,
              amount(position.value),
              weight(position.value),
              amount(position.cost),
              gain(position.unrealised),
            ]),
          ),
        ]),
    facts([
      ['Cash', `${amount(book.cash)} (${weight(book.cash)} of equity)`],
      ['Positions', amount(book.positionsValue)],
      ['Equity', amount(book.equity)],
      ['Unrealised profit', gain(book.unrealised)],
      ['Realised profit', gain(book.realised)],
      ['Dividends', `${amount(book.dividendsGross)} gross, ${amount(book.withholdingTax)} tax withheld`],
      ...(book.interest === '0' ? [] : [['Interest', amount(book.interest)] as [string, string]]),
      ['Fees', amount(book.fees)],
      ['Exchange rate', rate || 'none needed'],
    ]),
  ];
}

const WAITS = 'it waits for a ruling, and is not in the value above.';
const COUNTED = 'its value above counts it, its units do not yet.';

/** Prices already show these splits and the ledger's units do not. */
function unbookedSplitLines(input: DayFacts): Block[] {
  const { ledger, splits, account } = input;
  const counted = splitsCounted(input);
  const isOnHold = (symbol: string, exDate: IsoDate) =>
    !counted.some((split) => split.symbol === symbol && split.exDate === exDate);
  return unbookedSplits(ledger, splits).flatMap(({ symbol, exDate, value }) => [
    banner(
      'bad',
      `The split of ${symbol} is not booked`,
      `${value} for 1 on ${exDate}: ${isOnHold(symbol, exDate) ? WAITS : COUNTED}`,
    ),
    codeBlock(splitCommand(account.account, symbol, exDate)),
  ]);
}

/** What companies and the broker did that was booked on this day; none of it is money paid in or out. */
function eventBlocks({ ledger, tradingDay, account: { baseCurrency } }: DayFacts): Block[] {
  const booked = standingEntries(ledger).filter(
    ({ kind, bookedAt }) => EVENT_KINDS.includes(kind) && tradingDayOf(bookedAt) === tradingDay,
  );
  if (booked.length === 0) return [];
  const cashOf = (entry: BookedEntry) => sumsOf([entry], 'Assets:Cash').get(baseCurrency);
  return [
    paragraph('Booked on this day, of what companies and the broker did:'),
    table(
      ['Entry#', 'Effective', 'What', 'Cash#'],
      booked.map((entry) => {
        const cash = cashOf(entry);
        const amount = cash === undefined ? '' : signedMoney(toText(cash), baseCurrency);
        return [String(entry.entryId), entry.effectiveDate, entry.description, amount];
      }),
    ),
  ];
}

function paperSection(input: DayFacts): Block[] {
  if (input.paper.length === 0) return [];
  return [
    section('Paper book', [
      paragraph(
        'What the fills of dry runs would have done. None of it is in the ledger, and no real order stands behind it.',
      ),
      ...bookBlocks(valuedBook(input.paper, input), input),
    ]),
  ];
}

/** Restated values of so many days are told below the newest one. */
const RESTATED_TOLD = 20;

/** How far below its peak, and which day's that is, where the days at hand have it. */
function fromPeak({ equityIndex, peakIndex }: NonNullable<DayFacts['valuation']>, equity: DayFacts['equity']): string {
  const peak = equity.find((point) => D(point.equityIndex).eq(D(peakIndex)));
  const fallen = drawdownText(equityIndex, peakIndex);
  return peak && !D(equityIndex).eq(D(peakIndex)) ? `${fallen}, which was on ${peak.asOfDate}` : fallen;
}

function valuationBlocks({ valuation, equity, account: { baseCurrency } }: DayFacts): Block[] {
  if (!valuation) return [paragraph('The account was not valued on this day.')];
  const before = equity.filter(({ asOfDate }) => asOfDate < valuation.asOfDate).at(-1);
  const change =
    before && !D(before.equityIndex).isZero()
      ? signedPercent(toText(D(valuation.equityIndex).div(D(before.equityIndex)).minus(1)))
      : null;
  return [
    facts([
      ['Valued at', `close of ${valuation.asOfDate}`],
      ['Equity', money(valuation.equity, baseCurrency)],
      ...(before
        ? ([
            [
              'Since the valuation before',
              `${change}, from ${money(before.equity, baseCurrency)} on ${before.asOfDate}`,
            ],
          ] as [string, Text][])
        : []),
      ['Deposits less withdrawals since then', signedMoney(valuation.netFlows, baseCurrency)],
      ['From its peak', fromPeak(valuation, equity)],
    ]),
    ...restatedBlocks(equity.slice(-RESTATED_TOLD)),
  ];
}

const alertBlocks = ({ alerts }: DayFacts): Block[] =>
  alerts.length === 0
    ? [paragraph('None.')]
    : [
        table(
          ['Raised', 'Code', 'What happened', 'What to do'],
          alerts.map((alert) => [ukTime(alert.raisedAt), toned('bad', alert.code), alert.message, alert.remedy]),
        ),
      ];
