import type { FetchRow } from '../../db/fetch-results.js';
import type { RunRow } from '../../db/run-results.js';
import type { RunFacts } from './facts.js';
import { confirmCommand, confirmFillsCommand, reconcileCommand, ruleCommand, runCommand } from '../commands.js';
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
import { counted, money, signedPercent, ukTime, weekday } from '../render/format.js';
import { equityCharts, failures, gateCount, gatesTable, leftOut, renderAgain } from '../render/parts.js';
import { isToRuleOn, toRuleOn } from '../quality/cures.js';
import { CHARTED_MAX } from '../../db/known-values.js';
import type { EquityPoint } from '../../db/known-values.js';
import { drawdown } from '../../domain/ledger/equity.js';
import { D, toText } from '../../domain/money.js';

const SLOTS = { '0800': '08:00 run', '1400': '14:00 run', ops: 'Operations run' } as const;

/** The run summary as people read it. */
export function runDocument(input: RunFacts): Document {
  const { run, steps, gates, tickets, equity } = input;
  return {
    title: `${SLOTS[run.slot]}, ${weekday(run.tradingDay)} ${run.tradingDay}`,
    subtitle: `Asked for by ${run.operator} at ${ukTime(run.at)}. Run ${run.runId}.`,
    stamp: null,
    blocks: [
      banner(tone(run.outcome), run.outcome ?? 'UNDER WAY', run.summary ?? 'The run has not ended yet.'),
      facts([
        ['Slot', run.slot],
        ['Trading day', run.tradingDay],
        ['Prices as of', `close of ${run.asOfDate}`],
        ['Operator', run.operator],
        ['Asked for', ukTime(run.at)],
        ['Workflow', code(run.workflowId)],
        ['Policy', code(run.policyHash)],
        ['Universe', code(run.universeHash)],
      ]),
      section('Next', nextBlocks(input)),
      ...(tickets.length > 0 ? [section('Tickets', [ticketsTable(input)])] : []),
      section('Gates', [paragraph(gateCount(gates)), gatesTable(gates, true)]),
      ...leftOut(gates),
      ...heldForReview(input),
      section('Steps', [
        table(
          ['Step', 'Status', 'What happened'],
          steps.map(({ step, status, summary }) => [step, verdict(status), summary]),
        ),
      ]),
      ...fetchSection(input.fetches),
      section('Value of each account', valuationBlocks(input)),
      ...chartSection([...chartedAccounts(input), ...equityCharts(equity)]),
    ],
    footer: renderAgain(`trading-ops render run ${run.runId}`),
  };
}

const chartSection = (charts: Block[]): Block[] => (charts.length > 0 ? [section('Charts', charts)] : []);

/** Says whose charts are missing; nothing where there are all. */
const chartedAccounts = ({ accounts, equity }: RunFacts): Block[] =>
  equity.length > 0 && accounts.length > CHARTED_MAX
    ? [paragraph(`The equity of the first ${CHARTED_MAX} accounts; that of each is in its daily report.`)]
    : [];

function tone(outcome: string | null): Tone {
  if (outcome === null) return 'plain';
  return outcome === 'PASS' || outcome === 'TRADE'
    ? 'good'
    : outcome === 'NO_TRADE'
      ? 'warn'
      : outcome === 'CLOSED'
        ? 'plain'
        : 'bad';
}

/** What the operator types next, as the outcome has it. */
function nextCommands({ run, tickets, accounts }: RunFacts): { text: string; command: string }[] {
  if (run.outcome === 'CLOSED')
    return [
      { text: 'New York is closed: nothing is to be done. The coming runs:', command: 'trading-ops schedules show' },
    ];
  if (run.outcome === 'MISSED')
    return [
      { text: 'The run was missed. Read what was raised, and acknowledge it:', command: 'trading-ops alerts-last' },
    ];
  if (run.slot === '1400') {
    return tickets.map((ticket) =>
      ticket.kind === 'TRADE'
        ? {
            text: `Account ${ticket.account}: trade by the ticket, then confirm the fills.`,
            command: confirmFillsCommand(ticket, ticket.ticketId, ticket.windowClosesAt ?? ticket.issuedAt),
          }
        : {
            text: `Account ${ticket.account}: read the ticket, place no order, and acknowledge it.`,
            command: confirmCommand(ticket, ticket.ticketId, ticket.issuedAt),
          },
    );
  }
  if (run.slot === 'ops')
    return [
      { text: 'Nothing waits for this run. The day itself starts with the 08:00 run.', command: 'make run-0800' },
    ];
  return accounts.map((account) => ({
    text: `Account ${account.account}: read cash and every position off eToro and reconcile.`,
    command: reconcileCommand(account, account.baseCurrency, run.tradingDay, run.at),
  }));
}

function nextBlocks(input: RunFacts): Block[] {
  // A run is of all accounts; only a simulated clock needs to be told whose it is.
  const first = input.accounts.find(({ clock }) => clock === 'simulated') ?? { account: 'main', clock: 'real' };
  const again: Block[] =
    input.run.outcome === 'FAIL'
      ? [
          paragraph('A gate fails: put right what it says below, then run again. While it fails there is no TRADE.'),
          codeBlock(runCommand(input.run.slot, first, input.run.at)),
        ]
      : [];
  return [...again, ...nextCommands(input).flatMap(({ text, command }) => [paragraph(text), codeBlock(command)])];
}

const ticketsTable = ({ tickets }: RunFacts): Block =>
  table(
    ['Account', 'Ticket', 'Lines#', 'Reasons', 'Id'],
    tickets.map((ticket) => [
      ticket.account,
      toned(ticket.kind === 'TRADE' ? 'good' : 'warn', ticket.dryRun ? `${ticket.kind} (DRY RUN)` : ticket.kind),
      String(ticket.material.lines.length),
      [...new Set(ticket.reasons.map((reason) => reason.code))].join(', ') || 'None.',
      code(ticket.ticketId),
    ]),
  );

/**
 * Splits, dividends and jumps that wait for a human, each with the command to rule on it; empty when there are none.
 */
export function heldForReview({ gates }: Pick<RunFacts, 'gates'>): Block[] {
  const all = [...failures(gates), ...gates.flatMap((gate) => gate.exclusions ?? [])];
  const held = all.filter(({ code: each }) => isToRuleOn(each));
  if (held.length === 0) return [];
  return [
    section(
      'Held for review',
      held.flatMap((reason) => [
        paragraph([toned('bad', reason.subject ?? 'An action'), ` ${reason.message}`]),
        codeBlock(ruleCommand(toRuleOn(reason))),
      ]),
    ),
  ];
}

function fetchSection(fetches: FetchRow[]): Block[] {
  if (fetches.length === 0) return [];
  const failed = fetches.filter(({ status }) => status === 'FAILED');
  const revised = fetches.reduce((sum, { rowsRevised }) => sum + rowsRevised, 0);
  return [
    section('Market data', [
      paragraph(
        `${counted(fetches.length - failed.length, 'fetch', 'fetches')} went well and ${failed.length} failed. ` +
          `${counted(
            fetches.reduce((sum, { rowsNew }) => sum + rowsNew, 0),
            'row',
          )} were new, ${counted(revised, 'row')} restated.`,
      ),
      ...(failed.length > 0
        ? [
            table(
              ['Symbol', 'Provider', 'Code', 'What the provider said'],
              failed.map((fetch): Text[] => [
                fetch.symbol,
                fetch.provider,
                toned('bad', fetch.code ?? 'FAILED'),
                fetch.message ?? '',
              ]),
            ),
          ]
        : []),
    ]),
  ];
}

function valuationBlocks({ valuations, run }: RunFacts): Block[] {
  if (valuations.length === 0)
    return [paragraph(run.slot === '1400' ? 'Accounts are valued by the 08:00 run.' : 'No account could be valued.')];
  return [
    table(
      ['Account', 'As of', 'Cash#', 'Positions#', 'Equity#', 'From peak#'],
      valuations
        .filter(({ restatedBecause }) => !restatedBecause)
        .map((value) => [
          value.account,
          value.asOfDate,
          money(value.cash, value.baseCurrency),
          money(value.positionsValue, value.baseCurrency),
          money(value.equity, value.baseCurrency),
          drawdownText(value.equityIndex, value.peakIndex),
        ]),
    ),
    ...restatedBlocks(valuations),
  ];
}

/** What was published and is not true any more: each figure that takes its place, with the reason. */
export const restatedBlocks = (values: readonly EquityPoint[]): Block[] =>
  values.flatMap(({ account, asOfDate, equity, baseCurrency, restatedBecause }) =>
    restatedBecause
      ? [paragraph(`Restated: ${account} at ${asOfDate} is ${money(equity, baseCurrency)}: ${restatedBecause}.`)]
      : [],
  );

/** How far the equity index stands below its peak, as people read it: `-12.34 %`. */
export const drawdownText = (index: string, peak: string): string =>
  signedPercent(toText(D(0).minus(D(drawdown(index, peak)))));

/** The run for machines. */
export function runJson(input: RunFacts): object {
  const { run, steps, gates, fetches, valuations, tickets } = input;
  return {
    schema: 1,
    run: runHead(run),
    outcome: run.outcome,
    summary: run.summary,
    steps,
    gates,
    fetches,
    valuations,
    tickets: tickets.map(({ ticketId, account, kind, dryRun, materialHash, reasons }) => ({
      ticketId,
      account,
      kind,
      dryRun,
      materialHash,
      reasons,
    })),
    next: nextCommands(input),
  };
}

const runHead = ({ outcome: _outcome, summary: _summary, accounts: _accounts, ...head }: RunRow) => head;
