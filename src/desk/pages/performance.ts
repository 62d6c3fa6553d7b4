import { DEFAULTS } from '../../contract/defaults.js';
import type { Performance, PerformanceTable, ReadPerformance } from '../../contract/performance.js';
import { VALUE_RANGES, type ValueRange } from '../../contract/valuation-looks.js';
import { resultOrThrow, usageError } from '../../domain/errors.js';
import { bounded } from '../../domain/text.js';
import { performanceAtHand } from '../../operations/performance/performance-at-hand.js';
import { performanceCommand } from '../../reports/commands.js';
import { performanceCsv } from '../../reports/performance/csv.js';
import { performanceDocument } from '../../reports/performance/page.js';
import { link, paragraph, strong, type Span } from '../../reports/render/document.js';
import { renderBlocks } from '../../reports/render/html.js';
import type { Look, PageContent } from '../look.js';
import { documentMain } from '../view/document.js';
import { filterForm, pathWith } from '../view/filter.js';

const NAMES: Record<ValueRange, string> = {
  '1m': 'Month',
  '3m': 'Quarter',
  ytd: 'This year',
  '1y': 'Year',
  all: 'All',
};
/** Narrow, so that its figures can be read on a phone too; a wide page draws it larger. */
const SIZE = { width: 460, height: 210 };

type Asked = Record<'range' | 'from' | 'to' | 'benchmark' | 'withholding', string | undefined>;

const KEYS: readonly (keyof Asked)[] = ['range', 'from', 'to', 'benchmark', 'withholding'];

/** An address that asks for more than is answered would show figures of something else than it says. */
function refuseUnasked({ query, doubled }: Pick<Look, 'query' | 'doubled'>): void {
  const unknown = Object.keys(query).filter((name) => query[name] !== '' && !(KEYS as string[]).includes(name));
  const lines = [
    ...unknown.map((name) => `${bounded(name)}: ${bounded(query[name] ?? '')}: must be one of ${KEYS.join(', ')}`),
    ...doubled.flatMap((name) => (unknown.includes(name) ? [] : [`${bounded(name)}: must be said once`])),
  ];
  if (lines.length > 0)
    throw usageError('ARGUMENT_INVALID', lines.join('\n'), { remedy: 'trading-ops performance --help' });
}

/** What is asked for; where nobody says when, this year. What it may be is for the operation to say. */
export function asked({ query, doubled }: Pick<Look, 'query' | 'doubled'>): Asked {
  refuseUnasked({ query, doubled });
  const { from, to, benchmark, withholding } = query;
  const isDated = Boolean(from) || Boolean(to);
  const range = query['range'] || (isDated ? undefined : DEFAULTS.performancePageRange);
  return { range, from, to, benchmark, withholding: withholding || undefined };
}

const performanceOf = async ({ place, account, policy, universe }: Look, of: Asked): Promise<Performance> =>
  resultOrThrow(await performanceAtHand(place.db, { account, policy, universe }, of as ReadPerformance));

/** How an account did: the document of the command, with the ways to other times and to its tables. */
export async function performancePage(look: Look): Promise<PageContent> {
  const { account, universe } = look;
  const of = asked(look);
  const told = await performanceOf(look, of);
  const base = `/${encodeURIComponent(account.account)}/performance`;
  const command = performanceCommand(account.account, of);
  const benchmarks = universe.filter(({ kind }) => kind === 'benchmark').map(({ internalSymbol }) => internalSymbol);
  return {
    title: `Performance, ${account.account}`,
    here: base,
    command,
    main: mainAtHand(told, () => {
      const csvAt = (table: PerformanceTable) => pathWith(`${base}/${table}.csv`, of);
      const document = performanceDocument(told, { command, size: SIZE, csvAt });
      const ways = renderBlocks([paragraph(rangeLinks(base, of))]) + datesForm(base, of, benchmarks);
      return documentMain(document, ways);
    }),
  };
}

const mains = new WeakMap<Performance, string>();

/** What was drawn of an answer that is still the same one: it is kept for as long as nothing was stored. */
function mainAtHand(told: Performance, draw: () => string): string {
  const main = mains.get(told) ?? draw();
  mains.set(told, main);
  return main;
}

const rangeLinks = (base: string, of: Asked): Span[] =>
  VALUE_RANGES.flatMap((range, index): Span[] => [
    index === 0 ? '' : ' · ',
    range === of.range ? strong(NAMES[range]) : link(pathWith(base, { ...of, from: '', to: '', range }), NAMES[range]),
  ]);

const datesForm = (base: string, { from, to, benchmark }: Asked, benchmarks: readonly string[]): string =>
  filterForm(
    base,
    'Between two dates',
    [
      { name: 'from', label: 'From', value: from, hint: 'YYYY-MM-DD' },
      { name: 'to', label: 'To', value: to, hint: 'YYYY-MM-DD' },
      { name: 'benchmark', label: 'Against', value: benchmark, hint: benchmarks.slice(0, 3).join(', ') },
    ],
    [],
    NAMES[DEFAULTS.performancePageRange],
  );

/** One table of a performance as CSV: the same file as the command's. */
export async function performanceTable(look: Look, table: PerformanceTable): Promise<string> {
  const { report } = await performanceOf(look, asked(look));
  return performanceCsv(report, table);
}
