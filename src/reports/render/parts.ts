import type { GateRow } from '../../db/gates.js';
import type { PriceSeries } from '../../db/known-prices.js';
import type { EquityPoint } from '../../db/known-values.js';
import { keepNewest } from '../../domain/keep.js';
import { D } from '../../domain/money.js';
import type { Reason } from '../../domain/types.js';
import type { LineChart } from './charts.js';
import {
  chartBlock,
  code,
  paragraph,
  rich,
  section,
  table,
  toned,
  verdict,
  type Block,
  type Span,
  type Text,
} from './document.js';
import { remedyOf } from '../catalogue/catalogue.js';
import { grouped, money } from './format.js';
import { groupBy } from '../../domain/group.js';
import { counted } from './format.js';

/** Pieces that several artifacts share. */

const CHART = { width: 720, height: 260 };

/** Every gate with its result and its reasons; a column of accounts where gates of several are shown. */
export function gatesTable(gates: GateRow[], withAccount = false): Block {
  const rows = gates.map((gate): Text[] => [
    ...(withAccount ? [gate.account ?? 'all'] : []),
    gate.gate,
    verdict(gate.status),
    reasonsText(gate.reasons),
  ]);
  return table([...(withAccount ? ['Account'] : []), 'Gate', 'Result', 'Reasons'], rows);
}

function reasonsText(reasons: Reason[]): Text {
  if (reasons.length === 0) return 'None.';
  return reasons.flatMap((reason, index): Span[] => [
    ...(index > 0 ? ['; '] : []),
    toned('bad', reason.code),
    ` ${reason.message}`,
  ]);
}

/**
 * What the gates leave out without stopping the day, each fault of a symbol with what would bring it back; nothing
 * where there is none.
 */
export function leftOut(gates: GateRow[]): Block[] {
  const exclusions = gates.flatMap((gate) => gate.exclusions ?? []);
  const unique = new Map(exclusions.map((one) => [`${one.code} ${one.subject} ${one.message}`, one]));
  if (unique.size === 0) return [];
  return [
    section('Left out', [
      paragraph(
        'Neither scored nor bought, for their data cannot be relied on. Not held: the day goes on without them.',
      ),
      table(
        ['Symbol', 'Code', 'What was found', 'What would bring it back'],
        [...unique.values()].map((one) => [
          one.subject ?? 'the day',
          toned('warn', one.code),
          one.message,
          rich(remedyOf(one)),
        ]),
      ),
    ]),
  ];
}

/** Reasons of failed gates with the gate they come from, for sentences and for JSON. */
export const failures = (gates: GateRow[]) =>
  gates
    .filter(({ status }) => status === 'FAIL')
    .flatMap(({ gate, account, reasons }) => reasons.map((reason) => ({ gate, account, ...reason })));

/** `3 of 11 gates fail` and the like. */
export function gateCount(gates: GateRow[]): string {
  const failed = gates.filter(({ status }) => status === 'FAIL').length;
  if (gates.length === 0) return 'No gate was evaluated.';
  return failed === 0
    ? gates.length === 1
      ? 'The gate passes.'
      : `All ${gates.length} gates pass.`
    : `${failed} of ${gates.length} gates ${failed === 1 ? 'fails' : 'fail'}.`;
}

type Guides = NonNullable<LineChart['guides']>;

/** Charts that are kept: those of the lines that the tickets of a run share. */
const KEPT_MAX = 64;
const kept = new Map<string, Block[]>();

/**
 * One chart of closes a symbol, divided by later splits. Accounts buy the same on the same prices: a chart is drawn
 * once.
 */
export const priceCharts = (prices: PriceSeries[], guides: (symbol: string) => Guides = () => []): Block[] =>
  prices.flatMap((series) => {
    const shown = guides(series.symbol);
    const key = JSON.stringify([series, shown]);
    const chart = kept.get(key) ?? priceChart(series, shown);
    keepNewest(kept, key, chart, KEPT_MAX);
    return chart;
  });

const priceChart = ({ symbol, currency, points }: PriceSeries, guides: Guides): Block[] =>
  chartBlock({
    ...CHART,
    title: `${symbol}: close in ${currency}, adjusted for splits, last ${counted(points.length, 'session')}`,
    series: [{ name: symbol, points: points.map((point) => ({ date: point.session, value: Number(point.adjusted) })) }],
    yFormat: (value) => money(value.toFixed(2), currency),
    guides,
  });

/** One chart of equity an account, in its base currency. */
export function equityCharts(points: EquityPoint[]): Block[] {
  return [...groupBy(points, ({ account }) => account)].flatMap(([account, own]) => {
    const currency = own[0]?.baseCurrency ?? 'GBP';
    return chartBlock({
      ...CHART,
      title: `Equity of ${account} in ${currency}`,
      series: [{ name: account, points: own.map((point) => ({ date: point.asOfDate, value: Number(point.equity) })) }],
      yFormat: (value) => money(value.toFixed(0), currency, 0),
    });
  });
}

/** `1.3545 dollars`-style rate with its date; `none needed` for an account in the currency of its shares. */
export function rateText(fx: { pair: string; rate: string; date: string; source?: string } | null): Text {
  if (fx === null) return 'None needed: prices and account are in one currency.';
  const from = fx.source === undefined ? '' : `, from ${fx.source}, for the first source has none`;
  return [`${fx.pair} ${rate(fx.rate)}, reference rate of ${fx.date}${from}`];
}

const rate = (value: string) => grouped(value, Math.min(8, Math.max(4, D(value).decimalPlaces())));

/** How to make the file again; the last line of every artifact. */
export const renderAgain = (command: string): Text => [
  'All figures come from the database. Render this file again: ',
  code(command),
];

/** Pretty JSON with a final new line: the same bytes for the same facts. */
export const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
