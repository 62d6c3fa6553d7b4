import { columnChart, describeColumns, describeRows, rowChart, type ColumnChart, type RowChart } from './bar-charts.js';
import { describe, lineChart, type LineChart } from './charts.js';

/**
 * What an artifact says, before it is markdown or HTML. Each artifact is built once as blocks, and both renderings come
 * from the same blocks: they cannot say different things, and text is escaped in one place for each.
 */
export type Span =
  string | { strong: string } | { code: string } | { tone: Tone; text: string } | { href: string; text: string };
export type Text = Span | Span[];

/** Never colour alone: a tone always comes with a word. */
export type Tone = 'good' | 'bad' | 'warn' | 'plain';

export type Block =
  | { kind: 'banner'; tone: Tone; title: string; text?: Text }
  | { kind: 'paragraph'; text: Text }
  | { kind: 'section'; title: string; blocks: Block[] }
  | { kind: 'card'; tone: Tone; title: string; blocks: Block[] }
  | { kind: 'facts'; rows: [label: string, value: Text][] }
  | { kind: 'list'; ordered: boolean; items: Text[] }
  | { kind: 'table'; columns: Column[]; rows: Text[][] }
  | { kind: 'code'; text: string }
  | { kind: 'chart'; title: string; svg: string; description: string }
  | { kind: 'details'; summary: string; blocks: Block[] };

/** Figures are right-aligned. */
export interface Column {
  title: string;
  figures?: boolean;
}

export interface Document {
  title: string;
  /** Small line under the title: what, of which day, for whom. */
  subtitle: string;
  /** Stamped at top and bottom of the page, such as DRY RUN; null for none. */
  stamp: string | null;
  blocks: Block[];
  /** Last line: where the figures come from and how to render the file again. */
  footer: Text;
}

export const banner = (tone: Tone, title: string, text?: Text): Block =>
  text === undefined ? { kind: 'banner', tone, title } : { kind: 'banner', tone, title, text };
export const paragraph = (text: Text): Block => ({ kind: 'paragraph', text });
export const facts = (rows: [string, Text][]): Block => ({ kind: 'facts', rows });
export const bullets = (items: Text[]): Block => ({ kind: 'list', ordered: false, items });
export const numbered = (items: Text[]): Block => ({ kind: 'list', ordered: true, items });
export const codeBlock = (text: string): Block => ({ kind: 'code', text });
export const card = (tone: Tone, title: string, blocks: Block[]): Block => ({ kind: 'card', tone, title, blocks });
export const section = (title: string, blocks: Block[]): Block => ({ kind: 'section', title, blocks });

/** A table; a title with a trailing `#` is a column of figures. */
export const table = (titles: string[], rows: Text[][]): Block => ({
  kind: 'table',
  columns: titles.map((title) => (title.endsWith('#') ? { title: title.slice(0, -1), figures: true } : { title })),
  rows,
});

/** A chart with its description in words; no block at all when there is nothing to draw. */
export function chartBlock(chart: LineChart): Block[] {
  return drawn(chart.title, lineChart(chart), describe(chart, chart.series));
}

/** The same of bars. */
export const barsBlock = (chart: RowChart): Block[] => drawn(chart.title, rowChart(chart), describeRows(chart));
export const columnsBlock = (chart: ColumnChart): Block[] =>
  drawn(chart.title, columnChart(chart), describeColumns(chart));

const drawn = (title: string, svg: string, description: string): Block[] =>
  svg === '' ? [] : [{ kind: 'chart', title, svg, description }];

/** What is there for whoever wants it: folded away on a page, open on paper and in a file of text. */
export const details = (summary: string, blocks: Block[]): Block => ({ kind: 'details', summary, blocks });

export const strong = (text: string): Span => ({ strong: text });
export const code = (text: string): Span => ({ code: text });
/** A way to another page of the desk; a file has none. @param href path of ours, never text from outside */
export const link = (href: string, text: string): Span => ({ href, text });
export const toned = (tone: Tone, text: string): Span => ({ tone, text });

/** PASS and FAIL as every artifact shows them. */
export const verdict = (status: string): Span =>
  toned(status === 'PASS' || status === 'OK' || status === 'DONE' ? 'good' : 'bad', status);

/** Our own sentences with `commands` in backticks; never for text that came from outside. */
export const rich = (text: string): Span[] =>
  text
    .split('`')
    .map((part, index) => (index % 2 === 1 ? code(part) : part))
    .filter((span) => span !== '');
