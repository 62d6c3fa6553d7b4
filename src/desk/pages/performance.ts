import { resultOrThrow } from '../../domain/errors.js';
import type { IsoDate } from '../../domain/types.js';
import { hasFlow, readValues, type DailyValue } from '../../operations/ledger/read-values.js';
import {
  banner,
  chartBlock,
  facts,
  link,
  paragraph,
  section,
  strong,
  table,
  toned,
  type Block,
  type Span,
  type Text,
} from '../../reports/render/document.js';
import { counted, grouped, money, percent, signedMoney } from '../../reports/render/format.js';
import { csvText } from '../../reports/render/csv.js';
import type { Look, PageContent } from '../look.js';
import { listMain } from '../view/document.js';
import { pathWith } from '../view/filter.js';

const RANGES = [
  ['1m', '1M'],
  ['3m', '3M'],
  ['ytd', 'YTD'],
  ['1y', '1Y'],
  ['all', 'All'],
] as const;
/** Narrow, so that its figures can be read on a phone too; a wide page draws it larger. */
const CHART = { width: 520, height: 220 };
/** Closes in the table of a page: a year of them, and what is older on pages of their own. */
const ROWS = 260;

/** What the ranges are of; an unknown one is for the operation to refuse. */
const asked = ({ query }: Look) => (query['range'] === undefined ? {} : { range: query['range'] as '3m' });
const valuesOf = async (look: Look) =>
  resultOrThrow(
    await readValues(look.place.db, { account: look.account.account, calendar: look.policy.calendar }, asked(look)),
  );

/** What an account was worth at each close that was valued: equity, the fall from its peak, and the figures. */
export async function performancePage(look: Look): Promise<PageContent> {
  const { account, query } = look;
  const { range, values } = await valuesOf(look);
  const base = `/${encodeURIComponent(account.account)}/performance`;
  const older = values.filter(({ asOfDate }) => query['before'] === undefined || asOfDate < query['before']);
  return {
    title: `Performance, ${account.account}`,
    here: base,
    command: `trading-ops ledger values --account ${account.account} --range ${range}`,
    main: listMain(`Performance of ${account.account}`, subtitleOf(values, account.baseCurrency), [
      paragraph(rangeLinks(base, range)),
      ...(values.length === 0
        ? [banner('plain', 'No close was valued yet', 'The 08:00 run values the account.')]
        : [
            ...charts(values, look),
            section('Figures', figures(older, { base, range, currency: account.baseCurrency })),
          ]),
    ]),
  };
}

const subtitleOf = (values: readonly DailyValue[], currency: string): string =>
  values.length === 0
    ? 'Nothing is valued yet.'
    : `In ${currency}, ${counted(values.length, 'close')} from ${values[0]?.asOfDate} to ${values.at(-1)?.asOfDate}.`;

const rangeLinks = (base: string, now: string): Span[] =>
  RANGES.flatMap(([range, name], index): Span[] => [
    index === 0 ? '' : ' · ',
    range === now ? strong(name) : link(pathWith(base, { range }), name),
  ]);

function charts(values: readonly DailyValue[], { account, policy }: Look): Block[] {
  const currency = account.baseCurrency;
  const breaks = new Set<IsoDate>(values.filter(({ missing }) => missing.length > 0).map(({ asOfDate }) => asOfDate));
  const line = (name: string, value: (one: DailyValue) => number) => ({
    name,
    breaks,
    points: values.map((one) => ({ date: one.asOfDate, value: value(one) })),
  });
  const flows = values.slice(1).filter(hasFlow);
  const limit = policy.risk.max_drawdown;
  return [
    ...gaps(values),
    ...chartBlock({
      ...CHART,
      title: `Equity of ${account.account} in ${currency}`,
      series: [line('equity', ({ equity }) => Number(equity))],
      yFormat: (value) => money(value.toFixed(0), currency, 0),
      marks: flows.map(({ asOfDate, netFlows }) => ({ date: asOfDate, label: signedMoney(netFlows, currency) })),
    }),
    ...(flows.length === 0
      ? []
      : [paragraph('A dashed stroke is money that came in or went out: equity moves by it, and nothing is earned.')]),
    ...chartBlock({
      ...CHART,
      title: `Fall from the peak of ${account.account}`,
      series: [line('fall', ({ drawdown }) => -Number(drawdown))],
      yFormat: (value) => percent(String(value), 1),
      guides: [{ label: 'the kill switch engages at', value: -limit }],
    }),
    paragraph(
      'The fall is measured on the equity index, which deposits and withdrawals do not move, from its highest value: ' +
        'the first close counts, and after a reset of the kill switch the index at which it stood.',
    ),
  ];
}

/** Closes that nobody valued are told and not filled in: the line is broken there. */
function gaps(values: readonly DailyValue[]): Block[] {
  const missing = values.flatMap((value) => value.missing);
  if (missing.length === 0) return [];
  const named = missing.length > 10 ? [...missing.slice(0, 10), '…'] : missing;
  return [banner('warn', `${counted(missing.length, 'session')} without a value`, `${named.join(', ')}.`)];
}

function figures(
  values: readonly DailyValue[],
  { base, range, currency }: { base: string; range: string; currency: string },
): Block[] {
  const shown = values.slice(-ROWS).toReversed();
  const before = values.length > ROWS ? shown.at(-1)?.asOfDate : undefined;
  return [
    paragraph([link(pathWith(`${base}/values.csv`, { range }), 'As CSV')]),
    shown.length === 0
      ? facts([['Closes', 'none']])
      : table(
          HEADS,
          shown.map((value) => rowOf(value, currency)),
        ),
    ...(before === undefined ? [] : [paragraph([link(pathWith(base, { range, before }), 'Older closes')])]),
  ];
}

const HEADS = ['Close of', 'Equity#', 'Cash#', 'Positions#', 'In or out#', 'Index#', 'Fall#', 'Note'];

const rowOf = (value: DailyValue, currency: string): Text[] => [
  value.asOfDate,
  money(value.equity, currency),
  money(value.cash, currency),
  money(value.positionsValue, currency),
  hasFlow(value) ? signedMoney(value.netFlows, currency) : '',
  grouped(value.equityIndex, 4),
  percent(value.drawdown),
  [
    ...(value.missing.length > 0
      ? [toned('warn', `${counted(value.missing.length, 'session')} before it missing`)]
      : []),
    ...(value.restatedBecause ? [` restated: ${value.restatedBecause}`] : []),
  ],
];

/** The values of a range as CSV, oldest first. */
export async function valuesCsv(look: Look): Promise<string> {
  const { values } = await valuesOf(look);
  return csvText([
    [
      'close_of',
      'equity',
      'cash',
      'positions',
      'net_flows',
      'index',
      'peak',
      'drawdown',
      'fx_rate',
      'sessions_missing_before',
      'restated_because',
    ],
    ...values.map((value) => [
      value.asOfDate,
      value.equity,
      value.cash,
      value.positionsValue,
      value.netFlows,
      value.equityIndex,
      value.peakIndex,
      value.drawdown,
      value.fxRate,
      value.missing.join(' '),
      value.restatedBecause ?? null,
    ]),
  ]);
}
