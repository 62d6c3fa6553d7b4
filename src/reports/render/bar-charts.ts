import { scaleLinear, type ScaleLinear } from 'd3-scale';
import { at, CHARACTER, drawing, greatest, label, least, legend, LEGEND } from './chart-parts.js';
import { counted } from './format.js';

/** A bar: what it is of, how long it is (below 0 it goes the other way), and its value as it is printed. */
export interface Bar {
  name: string;
  value: number;
  text: string;
}

interface Drawn {
  /** Also the SVG's accessible title. */
  title: string;
  /** Pixels of the drawing; it scales down to the width it gets. */
  width: number;
  tickFormat: (value: number) => string;
}

/** Bars below each other, each with its name at the left and its value at the right. */
export interface RowChart extends Drawn {
  bars: readonly Bar[];
}

/** Bars beside each other over time, as of months; of the second series they are hollow. */
export interface ColumnChart extends Drawn {
  height: number;
  /** At most two, over the same names in their order. */
  series: readonly { name: string; bars: readonly Bar[] }[];
}

const ROW = { height: 20, bar: 12, baseline: 14, foot: 24 };
const MARGIN = { top: 14, bottom: 26 };
const GAP = 10;

const isNumber = ({ value }: Bar): boolean => Number.isFinite(value);

/**
 * Bars to the right of a line above 0 and to the left of it below. Nothing is drawn of what is no number.
 * @returns the `<svg>` element, or the empty string when there is no bar
 */
export function rowChart(chart: RowChart): string {
  const bars = chart.bars.filter(isNumber);
  if (bars.length === 0) return '';
  const height = bars.length * ROW.height + ROW.foot;
  const widest = (texts: readonly string[]) => Math.ceil(greatest(texts.map((text) => text.length)) * CHARACTER);
  const left = widest(bars.map(({ name }) => name)) + GAP;
  const right = chart.width - widest(bars.map(({ text }) => text)) - GAP;
  const x = scaleOf(bars, left, right);
  const bottom = height - ROW.foot;
  return drawing({ ...chart, height, description: describeRows({ ...chart, bars }) }, [
    ...ticksOf(x, 4).flatMap((value, index, all) => [
      `<line class="grid" x1="${at(x(value))}" x2="${at(x(value))}" y1="0" y2="${bottom}"/>`,
      ...(index > 0 && index < all.length - 1 && value !== 0 ? [] : [tickBelow(chart, value, { x, bottom })]),
    ]),
    ...bars.flatMap(({ name, value, text }, index) => {
      const top = index * ROW.height;
      const [from, to] = [x(Math.min(0, value)), x(Math.max(0, value))];
      return [
        label(name, { x: left - GAP, y: top + ROW.baseline, anchor: 'end' }),
        rect({ x: from, y: top + (ROW.height - ROW.bar) / 2, width: to - from, height: ROW.bar }, 'block'),
        label(text, { x: chart.width, y: top + ROW.baseline, anchor: 'end', of: 'named' }),
      ];
    }),
    `<line class="zero" x1="${at(x(0))}" x2="${at(x(0))}" y1="0" y2="${bottom}"/>`,
  ]);
}

const tickBelow = (
  { tickFormat }: RowChart,
  value: number,
  { x, bottom }: { x: (value: number) => number; bottom: number },
) => label(tickFormat(value), { x: x(value), y: bottom + 16, anchor: 'middle' });

/** What the rows show, a phrase a bar: the alternative text. */
export const describeRows = ({ bars }: Pick<RowChart, 'bars'>): string => {
  const told = bars.filter(isNumber).map(({ name, text }) => `${name} ${text}`);
  return told.length === 0 ? '' : `${told.join('; ')}.`;
};

/**
 * Columns upwards above 0 and downwards below it. Nothing is drawn of what is no number.
 * @returns the `<svg>` element, or the empty string when there is no bar
 */
export function columnChart(chart: ColumnChart): string {
  const all = chart.series.flatMap(({ bars }) => bars.filter(isNumber));
  if (all.length === 0) return '';
  const bottom = chart.height - MARGIN.bottom;
  const y = scaleOf(all, bottom, MARGIN.top + LEGEND.height);
  const yTicks = ticksOf(y, Math.max(2, Math.floor(chart.height / 48)));
  const left = Math.ceil(greatest(yTicks.map((value) => chart.tickFormat(value).length)) * CHARACTER) + GAP;
  const names = chart.series[0]?.bars.map(({ name }) => name) ?? [];
  const step = (chart.width - left) / Math.max(1, names.length);
  const columns: Columns = { y, left, step, names, bottom };
  return drawing({ ...chart, description: describeColumns(chart) }, [
    ...legend(
      chart.series.map(({ name }) => name),
      left,
      (index, x) => rect({ x, y: LEGEND.baseline - 10, width: 20, height: 10 }, index === 0 ? 'block' : 'block hollow'),
    ),
    ...yTicks.flatMap((value) => [
      `<line class="grid" x1="${left}" x2="${chart.width}" y1="${at(y(value))}" y2="${at(y(value))}"/>`,
      label(chart.tickFormat(value), { x: left - 8, y: y(value) + 4, anchor: 'end' }),
    ]),
    ...chart.series.flatMap(({ bars }, index) => columnsOf(bars, columns, index)),
    `<line class="zero" x1="${left}" x2="${chart.width}" y1="${at(y(0))}" y2="${at(y(0))}"/>`,
    ...namesBelow(columns),
    ...highestLabel(chart, columns),
  ]);
}

interface Columns {
  y: ScaleLinear<number, number>;
  left: number;
  /** Width of a column with the space beside it. */
  step: number;
  names: readonly string[];
  bottom: number;
}

const middleOf = ({ left, step }: Columns, place: number): number => left + (place + 0.5) * step;

const columnsOf = (bars: readonly Bar[], columns: Columns, index: number): string[] =>
  bars.flatMap((bar, place) => {
    if (!isNumber(bar) || bar.value === 0) return [];
    const { y, step } = columns;
    const [top, foot] = [y(Math.max(0, bar.value)), y(Math.min(0, bar.value))];
    const width = Math.max(1, Math.min(28, step * 0.7));
    const box = { x: middleOf(columns, place) - width / 2, y: top, width, height: foot - top };
    return [rect(box, index === 0 ? 'block' : 'block hollow')];
  });

/** Names of some columns, the first and the last among them: as many as have room. */
function namesBelow(columns: Columns): string[] {
  const { names, step, bottom, left } = columns;
  const room = greatest(names.map((name) => name.length)) * CHARACTER + 2 * GAP;
  const count = Math.min(names.length, Math.max(2, Math.floor((step * names.length) / room)));
  const places = Array.from({ length: count }, (_, i) => Math.round((i * (names.length - 1)) / Math.max(1, count - 1)));
  return [...new Set(places)].map((place) => {
    const anchor =
      names.length === 1 ? 'middle' : place === 0 ? 'start' : place === names.length - 1 ? 'end' : 'middle';
    const edge = anchor === 'start' ? left : anchor === 'end' ? left + step * names.length : middleOf(columns, place);
    return label(names[place]!, { x: edge, y: bottom + 18, anchor });
  });
}

/** The highest column of the first series says what it is. */
function highestLabel({ series, width }: ColumnChart, columns: Columns): string[] {
  const bars = series[0]?.bars ?? [];
  const known = bars.filter(isNumber);
  if (known.length === 0) return [];
  const highest = greatest(known.map(({ value }) => value));
  const place = bars.findIndex(({ value }) => value === highest);
  const [middle, text] = [middleOf(columns, place), `highest ${bars[place]!.text}`];
  const half = (text.length * CHARACTER) / 2;
  const anchor = middle - half < columns.left ? 'start' : middle + half > width ? 'end' : 'middle';
  return [label(text, { x: middle, y: columns.y(Math.max(0, highest)) - 5, anchor, of: 'named' })];
}

/** What the columns show, a sentence a series: the alternative text. */
export const describeColumns = ({ series }: Pick<ColumnChart, 'series'>): string =>
  series
    .flatMap(({ name, bars }) => {
      const known = bars.filter(isNumber);
      const [first, last] = [known[0], known.at(-1)];
      if (first === undefined || last === undefined) return [];
      if (known.length === 1) return [`${name}: ${first.text} in ${first.name}.`];
      const [low, high] = [least, greatest].map((of) => {
        const value = of(known.map((bar) => bar.value));
        return known.find((bar) => bar.value === value)!;
      }) as [Bar, Bar];
      return [
        `${name}: from ${first.text} in ${first.name} to ${last.text} in ${last.name}, lowest ${low.text} in ` +
          `${low.name}, highest ${high.text} in ${high.name}, ${counted(known.length, 'month')}.`,
      ];
    })
    .join(' ');

/** A scale over all of the bars and 0, at which they begin. */
function scaleOf(bars: readonly Bar[], from: number, to: number): ScaleLinear<number, number> {
  const values = [0, ...bars.map(({ value }) => value)];
  const [low, high] = [least(values), greatest(values)];
  // Of bars that are all nothing the scale still needs two ends.
  return scaleLinear(low === high ? [0, 1] : [low, high], [from, to]);
}

const ticksOf = (scale: ScaleLinear<number, number>, count: number): number[] => scale.ticks(count);

const rect = ({ x, y, width, height }: { x: number; y: number; width: number; height: number }, of: string): string =>
  `<rect class="${of}" x="${at(x)}" y="${at(y)}" width="${at(Math.max(0, width))}" height="${at(Math.max(0, height))}"/>`;
