import type { IsoDate } from '../../domain/types.js';
import { resultOrThrow } from '../../domain/errors.js';
import type { JudgedAction } from '../../operations/market/judged-actions.js';
import { readSymbol, type ReadSymbolResult, type SymbolBar } from '../../operations/market/read-symbol.js';
import { remedyOf } from '../../reports/catalogue/catalogue.js';
import {
  banner,
  chartBlock,
  facts,
  link,
  paragraph,
  rich,
  section,
  table,
  toned,
  verdict,
  type Block,
  type Text,
} from '../../reports/render/document.js';
import { counted, grouped, money, price, ukTime } from '../../reports/render/format.js';
import { csvText } from '../../reports/render/csv.js';
import type { Look, PageContent } from '../look.js';
import { listMain } from '../view/document.js';

/** Bars in the table. */
const ROWS = 60;

const readOf = async (look: Look): Promise<ReadSymbolResult> => {
  const { place, at, params, policy, universe } = look;
  return resultOrThrow(await readSymbol(place.db, { policy, universe }, { symbol: params['symbol'] ?? '', at }));
};

/** One symbol: a year of its closes, what its company did, and what was found wrong with it. */
export async function symbolPage(look: Look): Promise<PageContent> {
  const found = await readOf(look);
  const { symbol, row } = found;
  return {
    title: symbol,
    here: null,
    command: `trading-ops actions list --symbol ${symbol}`,
    main: listMain(`${symbol}${row === null ? '' : `: ${row.name}`}`, subtitleOf(found), [
      ...checkBlocks(found),
      ...barBlocks(found),
      section('Splits and dividends', actionBlocks(found)),
      paragraph([link('/quality', 'Quality of all symbols')]),
    ]),
  };
}

const subtitleOf = ({ row, currency, source, basis, asOfDate }: ReadSymbolResult): string =>
  [
    row === null ? 'Not in the universe' : `${row.kind}, ${row.enabled ? 'enabled' : 'not enabled'}`,
    `in ${currency}`,
    `from ${source}${basis === null ? '' : `, closes ${BASIS[basis]}`}`,
    `up to ${asOfDate}.`,
  ].join(', ');

const BASIS = {
  raw: 'as traded',
  split: 'divided by splits already',
  'split+dividend': 'adjusted for splits and dividends already',
} as const;

function checkBlocks({ symbol, checked }: ReadSymbolResult): Block[] {
  if (checked === null) return [banner('plain', 'No run has judged prices yet')];
  const { run, reasons, exclusions, fetches } = checked;
  const where = [link(`/runs/${run.runId}`, `the run of ${ukTime(run.at)}`)];
  const isWell = reasons.length + exclusions.length === 0;
  return [
    isWell
      ? banner('good', `Nothing was found wrong with ${symbol}`, ['By ', ...where, '.'])
      : banner(reasons.length > 0 ? 'bad' : 'warn', reasons.length > 0 ? 'It stops the day' : 'It is left out', [
          'By ',
          ...where,
          '.',
        ]),
    ...(isWell
      ? []
      : [
          table(
            ['Code', 'What was found', 'What would change it'],
            [...reasons, ...exclusions].map((one): Text[] => [
              toned('bad', one.code),
              one.message,
              rich(remedyOf(one)),
            ]),
          ),
        ]),
    ...(fetches.length === 0
      ? []
      : [
          table(
            ['Fetched', 'Provider', 'Result', 'Newest', 'New#', 'Restated#'],
            fetches.map((fetch): Text[] => [
              fetch.kind,
              fetch.provider,
              verdict(fetch.status),
              fetch.lastSession ?? 'none',
              String(fetch.rowsNew),
              String(fetch.rowsRevised),
            ]),
          ),
        ]),
  ];
}

function barBlocks({ symbol, currency, bars, actions }: ReadSymbolResult): Block[] {
  if (bars.length === 0) return [banner('warn', 'No price is stored', 'DATA_MISSING is what the gate says of it.')];
  const breaks = new Set<IsoDate>(bars.filter(({ missing }) => missing.length > 0).map(({ session }) => session));
  const adjusted = bars.flatMap(({ session, adjusted: value }) => (value === null ? [] : [{ date: session, value }]));
  const shown = bars.slice(-ROWS).toReversed();
  const chart = (title: string, points: { date: IsoDate; value: number }[]) =>
    chartBlock({
      title: `${symbol}, ${title}, in ${currency}`,
      width: 520,
      height: 220,
      series: [{ name: symbol, points, breaks }],
      yFormat: (value) => money(value.toFixed(2), currency),
      marks: actions.map((action) => ({ date: action.exDate, label: `${kindText(action)} ${action.value}` })),
    });
  const asTraded = bars.map(({ session, close }) => ({ date: session, value: Number(close) }));
  // On one scale a split would flatten the other line.
  const differs = bars.some(({ close, adjusted: value }) => value === null || Math.abs(value - Number(close)) > 1e-6);
  return [
    ...chart(`closes as they are stored, ${counted(bars.length, 'session')}`, asTraded),
    ...(differs ? chart('adjusted for splits and dividends, as scores see it', adjusted) : []),
    section(`The last ${counted(shown.length, 'bar')}`, [
      paragraph([link(`/quality/${symbol}/bars.csv`, 'A year of bars as CSV')]),
      table(
        ['Session', 'Open#', 'High#', 'Low#', 'Close#', 'Volume#', 'Adjusted#', 'Note'],
        shown.map((bar): Text[] => [
          bar.session,
          ...[bar.open, bar.high, bar.low, bar.close].map((value) => price(value, currency)),
          bar.volume === null ? 'none' : grouped(bar.volume, 0),
          adjustedText(bar, currency),
          bar.missing.length === 0 ? '' : toned('warn', `none of ${bar.missing.join(', ')}`),
        ]),
      ),
    ]),
  ];
}

const adjustedText = ({ adjusted }: SymbolBar, currency: string): string =>
  adjusted === null ? 'unknown' : money(adjusted.toFixed(4), currency, 4);

const actionBlocks = ({ actions }: ReadSymbolResult): Block[] =>
  actions.length === 0
    ? [facts([['Published in the year', 'none']])]
    : [
        table(
          ['Ex-date', 'Kind', 'Value#', 'State'],
          actions
            .toReversed()
            .map((action): Text[] => [action.exDate, kindText(action), valueText(action), stateOf(action)]),
        ),
      ];

const kindText = ({ kind, dividendType }: JudgedAction): string =>
  `${kind.toLowerCase()}${dividendType === undefined ? '' : `, ${dividendType.replaceAll('_', ' ')}`}`;

const valueText = ({ value, currency }: JudgedAction): string => `${value}${currency ? ` ${currency}` : ''}`;

const stateOf = ({ held, ruling, ruledValue }: JudgedAction): Text =>
  held !== null
    ? [toned('bad', 'HELD'), `: ${held}`]
    : ruling === null
      ? ''
      : `ruled: ${ruling}${ruledValue === null ? '' : ` ${ruledValue}`}`;

/** A year of bars as CSV, oldest first. */
export async function barsCsv(look: Look): Promise<string> {
  const { bars } = await readOf(look);
  return csvText([
    ['symbol', 'session', 'open', 'high', 'low', 'close', 'volume', 'adjusted'],
    ...bars.map(({ symbol, session, open, high, low, close, volume, adjusted }) => [
      symbol,
      session,
      open,
      high,
      low,
      close,
      volume,
      adjusted,
    ]),
  ]);
}
