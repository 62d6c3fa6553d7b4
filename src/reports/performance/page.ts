import type { Performance, PerformanceReport, PerformanceTable } from '../../contract/performance.js';
import {
  banner,
  barsBlock,
  bullets,
  chartBlock,
  columnsBlock,
  details,
  facts,
  link,
  paragraph,
  section,
  table,
  type Block,
  type Document,
  type Text,
} from '../render/document.js';
import { counted } from '../render/format.js';
import { renderAgain } from '../render/parts.js';
import { equityFigures, fallFigures, growthFigures, incomeFigures } from './chart-tables.js';
import { contributionChart, equityChart, fallChart, growthChart, incomeChart, type ChartSize } from './charts.js';
import {
  contributionTable,
  deviationTable,
  equityTable,
  handsTable,
  missedTable,
  ratesText,
  returnsTable,
  returnText,
  riskTable,
  yearsTable,
  type FigureTable,
} from './figures.js';

/** How a performance is shown. */
export interface Shown {
  /** What is typed for the same. */
  command: string;
  size: ChartSize;
  /** Where a table is had as CSV; left out in a file, which leads nowhere. */
  csvAt?: (table: PerformanceTable) => string;
}

/** Of the file: as wide as its page. */
export const REPORT_SIZE: ChartSize = { width: 720, height: 260 };

/** How an account did, whole: figures by the names of their formulas, charts, and the figures of each as a table. */
export function performanceDocument(told: Performance, shown: Shown): Document {
  const { account, baseCurrency, report, reason } = told;
  const page = {
    title: `Performance of ${account}`,
    stamp: null,
    footer: renderAgain(shown.command),
  };
  if (report === null)
    return {
      ...page,
      subtitle: 'There is nothing to measure.',
      blocks: [banner('plain', 'NOTHING TO MEASURE', `${capital(reason ?? '')}.`)],
    };
  const { period } = report;
  return {
    ...page,
    subtitle:
      `In ${baseCurrency}, from the close of ${period.from} to that of ${period.to}, ` +
      `${counted(period.closes, 'close')} over ${counted(period.days, 'day')}.`,
    blocks: [
      ...(report.isRestated ? [banner('warn', 'RESTATED', report.remarks[0])] : []),
      facts(headlines(report)),
      section('What to know', knowBlocks(report)),
      ...sectionsOf(told, report, shown),
    ],
  };
}

function headlines({ timeWeighted, moneyWeighted, benchmark, risk }: PerformanceReport): [string, Text][] {
  const { drawdown } = risk;
  return [
    ['Return', `${returnText(timeWeighted.total)} (${timeWeighted.formula})`],
    ...(benchmark === null
      ? []
      : ([
          ['Benchmark', `${returnText(benchmark.total)} (${benchmark.label})`],
          ['Account against it', `${returnText(benchmark.relative.total)} (${benchmark.relative.formula})`],
        ] as [string, Text][])),
    ['Money-weighted', `${ratesText(moneyWeighted)} (${moneyWeighted.formula})`],
    ['Deepest fall', `${returnText(drawdown.depth)} (${drawdown.formula})`],
  ];
}

/** What a reader must know: the restatement stands above. */
function knowBlocks({ remarks, isRestated }: PerformanceReport): Block[] {
  const others = isRestated ? remarks.slice(1) : remarks;
  return others.length === 0 ? [paragraph('Nothing more.')] : [bullets([...others])];
}

function sectionsOf(
  { account, baseCurrency: base, maxDrawdown }: Performance,
  report: PerformanceReport,
  { size, csvAt }: Shown,
): Block[] {
  const drawn = { account, baseCurrency: base, size };
  const csv = (name: PerformanceTable): Block[] =>
    csvAt === undefined ? [] : [paragraph([link(csvAt(name), `The ${CSV_NAMES[name]} as CSV`)])];
  return [
    section('Equity', [
      ...chartBlock(equityChart(report, drawn)),
      paragraph(
        'A stroke is money that came in (+) or went out (−): equity moves by it, and nothing is earned. Where nobody ' +
          'valued the account the line is broken.',
      ),
      folded(equityFigures(report, base)),
      ...csv('closes'),
      ...tableBlocks(equityTable(report, base)),
    ]),
    section('Return', [
      ...chartBlock(growthChart(report.closes, { ...drawn, benchmark: report.benchmark })),
      folded(growthFigures(report, account, base)),
      ...tableBlocks(returnsTable(report)),
    ]),
    section('Risk', [
      ...chartBlock(fallChart(report.closes, { ...drawn, limit: maxDrawdown })),
      paragraph(
        'The policy engages the kill switch at its limit. It goes by the equity index, whose flows are all at the end of ' +
          'a day and whose peak a reset of the switch moves: a day with much money in or out may differ.',
      ),
      folded(fallFigures(report)),
      ...tableBlocks(riskTable(report)),
    ]),
    section('Contributions', [
      ...barsBlock(contributionChart(report, drawn)),
      ...(report.contributions.symbols.length === 0 ? [paragraph('Nothing was held.')] : []),
      folded(contributionTable(report, base)),
      ...csv('contributions'),
    ]),
    section('Income', [
      ...columnsBlock(incomeChart(report, drawn)),
      ...(report.months.length === 0
        ? [paragraph('No income and no fee in this time.')]
        : [folded(incomeFigures(report, base)), ...csv('months')]),
      ...tableBlocks(yearsTable(report, base)),
      ...csv('years'),
    ]),
    ...handsSections(report, base, csv),
  ];
}

const CSV_NAMES: Record<PerformanceTable, string> = {
  closes: 'closes',
  contributions: 'contributions',
  lines: 'executed lines',
  missed: 'lines that were left out',
  deviations: 'deviations',
  months: 'income by month',
  years: 'figures by year',
};

/** What it costs to do it by hand: executed lines, those left out, and departures. */
function handsSections(report: PerformanceReport, base: string, csv: (name: PerformanceTable) => Block[]): Block[] {
  const hands = handsTable(report, base);
  return [
    section(hands.title, [
      ...(hands.rows.length === 0 ? [paragraph('No line was executed in this time.')] : tableBlocks(hands)),
      ...(hands.rows.length === 0 ? [] : csv('lines')),
    ]),
    ...missedTable(report, base).map((each) => section(each.title, [...tableBlocks(each), ...csv('missed')])),
    ...deviationTable(report, base).map((each) => section(each.title, [...tableBlocks(each), ...csv('deviations')])),
  ];
}

/** The figures that a chart is drawn of, for whoever wants them. */
const folded = (figures: FigureTable): Block => details(`${figures.title}, in figures`, tableBlocks(figures));

/** A table with the names of its formulas; every column but the first and a note is of figures. */
const tableBlocks = ({ columns, rows, names }: FigureTable): Block[] => [
  table(
    columns.map((name, place) =>
      place === 0 ? capital(name || 'what') : name === 'note' ? 'Note' : `${capital(name)}#`,
    ),
    rows,
  ),
  ...(names.length === 0 ? [] : [bullets(names)]),
];

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
