import { D } from '../../domain/money.js';
import type { Reset, Variant, WalkReport } from '../../domain/walk/report.js';
import type { TicketDifference } from '../../domain/walk/difference.js';
import type { TicketsOfWalk } from '../../domain/walk/tickets.js';
import type { WalkedDrawdown, WalkOutcome } from '../../domain/walk/outcome.js';
import {
  banner,
  bullets,
  chartBlock,
  code,
  facts,
  paragraph,
  section,
  table,
  type Block,
  type Document,
  type Span,
  type Text,
} from '../render/document.js';
import { counted, money } from '../render/format.js';
import { walkGapLines } from './gaps.js';

const CHART = { width: 720, height: 260 };
/** Days on which two policies part that are told one by one; the JSON has all of them. */
const DIFFERENCES_TOLD = 50;

/** The report of a walk in memory. */
export function walkDocument(report: WalkReport): Document {
  const { outcome, account, by } = report;
  return {
    title: `Walk of ${account}, ${outcome.from} to ${outcome.to}`,
    subtitle: `${counted(outcome.sessions, 'session')} by the rules alone, in memory; nothing was stored or traded.`,
    stamp: 'BACKTEST',
    blocks: [
      banner('warn', 'SURVIVORSHIP', report.warning),
      summary(report),
      section('What it came to', [
        outcomeFacts(outcome, report.baseCurrency),
        ...remarks(walkGapLines(outcome, report.endsEarly)),
        ...curve(outcome, report.baseCurrency),
      ]),
      section('Days blocked, by gate code', blocked(outcome)),
      section('Turnover and cost by year', [years(outcome, report.baseCurrency)]),
      section('Drawdowns', [drawdowns(outcome)]),
      ...resets(report),
      section('What was taken for granted', [bullets(report.assumptions)]),
      section('Tickets', [tickets(report)]),
      ...sensitivity(report.sensitivity),
      ...against(report),
      ...human(report),
    ],
    footer: [
      'Policy ',
      code(by.policyHash.slice(0, 12)),
      ', universe ',
      code(by.universeHash.slice(0, 12)),
      ` (${by.file}).`,
    ],
  };
}

function summary({ variants, cash, baseCurrency }: WalkReport): Block {
  const { inThisReport, before } = variants;
  return paragraph(
    `Begun with ${money(cash, baseCurrency)}. ` +
      `Variants tried: ${counted(inThisReport, 'walk')} in this report, ${before} before it. ` +
      'The more are tried, the better the best of them looks by chance.',
  );
}

const fraction = (value: number | null): string => (value === null ? 'none' : signed(value));
/** A share in per cent, without a sign; of what is not known none. */
export const shareText = (value: number | null, places = 2): string =>
  value === null ? 'none' : `${(value * 100).toFixed(places)} %`;
const signed = (value: number): string => `${value < 0 ? '−' : '+'}${(Math.abs(value) * 100).toFixed(2)} %`;

function outcomeFacts(outcome: WalkOutcome, currency: string): Block {
  const { benchmark, lines } = outcome;
  const rows: [string, Text][] = [
    ['Equity', `${money(outcome.start, currency)} to ${money(outcome.end, currency)}`],
    ['Return', `${signed(outcome.change)} (${outcome.returnName})`],
    ['A year', outcome.annual === null ? 'not annualised under one year' : signed(outcome.annual)],
    ['Volatility a year', volatilityText(outcome)],
    ['Tickets', `${outcome.trades} TRADE, ${outcome.noTrades} NO_TRADE`],
    ['Lines', `${lines.done} done, ${lines.skipped} skipped, ${lines.failed} failed`],
  ];
  if (benchmark)
    rows.push(
      ['Benchmark', `${signed(benchmark.change)}: ${benchmark.name}`],
      ['Benchmark a year', benchmark.annual === null ? 'not annualised under one year' : signed(benchmark.annual)],
      ['Against the benchmark', `${fraction(benchmark.relative)} ((1 + account) / (1 + benchmark) − 1)`],
    );
  else rows.push(['Benchmark', `none: ${outcome.noBenchmark}`]);
  return facts(rows);
}

const volatilityText = ({ volatility, overGaps }: WalkOutcome): string =>
  shareText(volatility) + (overGaps > 0 ? ` (${counted(overGaps, 'return')} over sessions without a value)` : '');

const remarks = (lines: string[]): Block[] => (lines.length === 0 ? [] : [bullets(lines)]);

function curve({ curve: points, benchmark }: WalkOutcome, currency: string): Block[] {
  const own = points.map(({ date, equity }) => ({ date, value: Number(equity) }));
  const other = points.flatMap((point) =>
    point.benchmark === null ? [] : [{ date: point.date, value: Number(point.benchmark) }],
  );
  const series = [{ name: 'Account', points: own }];
  if (benchmark && other.length > 0) series.push({ name: benchmark.name, points: other });
  return chartBlock({ ...CHART, title: 'Equity', series, yFormat: (value) => money(D(value).toFixed(2), currency, 0) });
}

const blocked = ({ blocked: by, noTrades }: WalkOutcome): Block[] =>
  by.length === 0
    ? [paragraph('None.')]
    : [
        paragraph(`${counted(noTrades, 'day')} without a trade; a day with two codes counts in both.`),
        table(
          ['Gate', 'Code', 'Days#'],
          by.map(({ gate, code: reason, days }) => [gate, reason, String(days)]),
        ),
      ];

const years = ({ years: all }: WalkOutcome, currency: string): Block =>
  table(
    ['Year', 'Sessions#', 'Traded on#', 'Bought#', 'Sold#', 'Turnover#', 'Cost#', 'Cost of equity#', 'Return#'],
    all.map((year) => [
      year.year,
      String(year.sessions),
      String(year.trades),
      money(year.bought, currency),
      money(year.sold, currency),
      shareText(year.turnover, 0),
      money(year.cost, currency),
      shareText(year.costFraction),
      fraction(year.change),
    ]),
  );

const drawdowns = ({ drawdowns: falls }: WalkOutcome): Block =>
  falls.length === 0
    ? paragraph('It never fell.')
    : table(['Depth#', 'Peak', 'Lowest', 'As high again', 'Days#', 'Days to recover#'], falls.map(drawdownRow));

function resets({ by, resets: own, against: other }: WalkReport): Block[] {
  const rowOf = (file: string) => (reset: Reset) => [reset.tradingDay, reset.reason, file];
  const rows = [...own.map(rowOf(by.file)), ...(other?.resets ?? []).map(rowOf(other?.by.file ?? ''))];
  if (rows.length === 0) return [];
  return [section('Resets of the kill switch', [table(['Trading day', 'Engaged by', 'Policy'], rows)])];
}

const drawdownRow = ({ depth, peak, trough, recovered, days, daysToRecover }: WalkedDrawdown): Text[] => [
  signed(depth),
  peak,
  trough,
  recovered ?? 'not yet',
  String(days),
  daysToRecover === null ? '-' : String(daysToRecover),
];

function sensitivity(variants: readonly Variant[]): Block[] {
  if (variants.length === 0) return [];
  const rows = variants.map(({ name, from, change, annual, deepest, trades, gaps, valuedTo }) => [
    name,
    from,
    signed(change),
    fraction(annual),
    signed(deepest),
    String(trades),
    String(gaps),
    valuedTo,
  ]);
  return [
    section('How much hangs on the start day and the costs', [
      table(
        ['Walk', 'First day', 'Return#', 'A year#', 'Deepest fall#', 'TRADE#', 'Without a value#', 'Valued to'],
        rows,
      ),
    ]),
  ];
}

function against({ against: other, by, outcome }: WalkReport): Block[] {
  if (!other) return [];
  const side = (name: string, of: WalkOutcome) => [
    name,
    signed(of.change),
    fraction(of.annual),
    signed(of.drawdowns[0]?.depth ?? 0),
    String(of.trades),
    String(of.noTrades),
    String(of.gaps.length),
    of.valuedTo,
  ];
  const { differences } = other;
  const told = differences.slice(0, DIFFERENCES_TOLD);
  const more = differences.length - told.length;
  return [
    section('Two policies side by side', [
      table(
        ['Policy', 'Return#', 'A year#', 'Deepest fall#', 'TRADE#', 'NO_TRADE#', 'Without a value#', 'Valued to'],
        [side(by.file, outcome), side(other.by.file, other.outcome)],
      ),
      ...remarks(walkGapLines(other.outcome, null).map((line) => `${other.by.file}: ${line}`)),
      paragraph([
        `Their tickets differ on ${counted(differences.length, 'day')} of ${outcome.sessions}.`,
        ...firstPair(differences[0], outcome, other.outcome),
      ]),
      ...(told.length > 0 ? [table(['Day', 'Only the first', 'Only the second'], told.map(differenceRow))] : []),
      ...(more > 0 ? [paragraph(`And ${counted(more, 'day')} more, in the JSON.`)] : []),
    ]),
  ];
}

/** The tickets of the first day on which two policies part. */
function firstPair(first: TicketDifference | undefined, ...of: readonly TicketsOfWalk[]): Span[] {
  if (first === undefined) return [];
  const ids = of.map(
    ({ tickets: all }) => all.find(({ tradingDay }) => tradingDay === first.tradingDay)?.ticketId ?? '',
  );
  return [` The first of them, ${first.tradingDay}: `, code(ids[0] ?? ''), ' and ', code(ids[1] ?? ''), '.'];
}

function differenceRow({ tradingDay, kinds, codes, lines }: TicketDifference): Text[] {
  const side = (at: 0 | 1) => [kinds[at], ...codes[at], ...lines[at]].join(', ');
  return [tradingDay, side(0), side(1)];
}

/** By what they are held against those of another walk, or of `simulate`: each ticket is in the JSON. */
function tickets({ outcome: { tickets: own, ticketsDigest }, against: other, by }: WalkReport): Block {
  const rowOf = (file: string, of: TicketsOfWalk): Text[] => [file, String(of.tickets.length), code(of.ticketsDigest)];
  return table(
    ['Policy', 'Tickets#', 'Digest over all'],
    [rowOf(by.file, { tickets: own, ticketsDigest }), ...(other ? [rowOf(other.by.file, other.outcome)] : [])],
  );
}

function human({ problems, unread }: WalkReport): Block[] {
  if (problems.length + unread.length === 0) return [];
  return [
    section('What a human would have had to see to', [
      bullets([
        ...unread.map(({ symbol, why }) => `${symbol} could not be read: ${why}`),
        ...problems.map(({ tradingDay, problem, days }) =>
          days === 1 ? `${tradingDay}: ${problem}` : `${tradingDay} and ${days - 1} more: ${problem}`,
        ),
      ]),
    ]),
  ];
}
