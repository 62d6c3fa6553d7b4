import { scaleLinear, scaleUtc } from 'd3-scale';
import { line } from 'd3-shape';
import type { IsoDate } from '../../domain/types.js';
import {
  at,
  CHARACTER,
  drawing,
  greatest,
  label,
  LABEL_HEIGHT,
  least,
  legend,
  LEGEND,
  styleOf,
} from './chart-parts.js';
import { escapeHtml } from './escape.js';
import { counted } from './format.js';

export interface ChartPoint {
  date: IsoDate;
  value: number;
}

/** One line of a chart. */
export interface ChartSeries {
  name: string;
  points: ChartPoint[];
  /** Dates before which something is missing: the line is not drawn to them from the point before. */
  breaks?: ReadonlySet<IsoDate>;
}

export interface LineChart {
  /** Also the SVG's accessible title. */
  title: string;
  series: ChartSeries[];
  /** Pixels of the drawing; it scales down to the width it gets. */
  width: number;
  height: number;
  /** Text of a value, beside the last point, in words, and on the axis where that has none of its own. */
  yFormat: (value: number) => string;
  tickFormat?: (value: number) => string;
  /** Names above the lines, for those that are too long to stand at their ends. */
  hasLegend?: boolean;
  /** Which values stand at their points too, beside the last; of one line, where there is room. */
  named?: readonly ('first' | 'lowest' | 'highest')[];
  /** Dashed horizontal lines with a label, such as the price beyond which a line is skipped. */
  guides?: { label: string; value: number }[];
  /** Dates that something happened on, each with a stroke across and a short label, such as a deposit. */
  marks?: ChartMark[];
}

export interface ChartMark {
  date: IsoDate;
  label: string;
  /** Stands at the foot of the stroke, where many of them have no room for their labels. */
  sign?: '+' | '−';
}

const MARGIN = { top: 14, bottom: 26 };
/** More points than this a line of this width does not show: of each stretch the lowest and the highest are drawn. */
const POINTS_MAX = 800;
/** More labels than this would cover each other: then the strokes stand alone. */
const MARK_LABELS_MAX = 6;
const MARK_ROWS = 3;
/** More signs than this at the feet of strokes would cover each other. */
const SIGNS_MAX = 40;
/** So close to another label none is written. */
const LABELS_APART = 90;

/**
 * A line chart as inline SVG: no scripts, nothing fetched, the same bytes for the same figures. Colours come from the
 * page's classes (`s1`, `s2`, …), so that it follows light, dark and print. Figures are drawn, never computed with:
 * that is why they may be floating point here. What is no number is not drawn: the line is broken there.
 * @returns the `<svg>` element, or the empty string when no series has a point.
 */
export function lineChart(given: LineChart): string {
  const chart = { ...given, series: given.series.map(finite).filter((each) => each.points.length > 0) };
  const series = chart.series.map(thinned);
  if (series.length === 0) return '';
  const frame = makeFrame(chart, series);
  return drawing({ ...chart, description: describe(chart, chart.series) }, [
    ...(chart.hasLegend ? legendOf(series, frame) : []),
    ...yAxis(frame),
    ...xAxis(chart, frame),
    ...(chart.guides ?? []).map((guide) => guideLine(guide, chart, frame)),
    ...markLines(chart.marks ?? [], frame),
    ...series.map((each, index) => seriesLine(each, index, frame)),
    ...(series.length === 1 ? namedPoints(chart, series[0]!, frame) : []),
    ...endLabels(chart, series, frame),
  ]);
}

/** A series without what is no number, broken where that stood. */
function finite(series: ChartSeries): ChartSeries {
  const { points } = series;
  if (points.every(({ value }) => Number.isFinite(value))) return series;
  const breaks = new Set(series.breaks);
  points.forEach(({ date, value }, index) => {
    if (!Number.isFinite(value)) breaks.add(points[index + 1]?.date ?? date);
  });
  return { ...series, breaks, points: points.filter(({ value }) => Number.isFinite(value)) };
}

/** What the chart shows, in a sentence a series: its alternative text, and what markdown says in its place. */
export function describe(chart: Pick<LineChart, 'yFormat' | 'marks'>, given: readonly ChartSeries[]): string {
  const series = given.map(finite);
  return series
    .filter((each) => each.points.length > 0)
    .map(({ name, points }) => {
      const first = points[0]!;
      const last = points.at(-1)!;
      if (points.length === 1) return `${name}: ${chart.yFormat(last.value)} on ${last.date}.`;
      const values = points.map(({ value }) => value);
      return (
        `${name}: from ${chart.yFormat(first.value)} on ${first.date} to ${chart.yFormat(last.value)} on ${last.date}, ` +
        `lowest ${chart.yFormat(least(values))}, highest ${chart.yFormat(greatest(values))}, ${points.length} sessions.`
      );
    })
    .concat(brokenText(series), markText(chart.marks ?? []))
    .join(' ');
}

function brokenText(series: readonly ChartSeries[]): string[] {
  const breaks = new Set(series.flatMap((each) => [...(each.breaks ?? [])])).size;
  return breaks === 0 ? [] : [`Figures are missing, and the line is broken, at ${counted(breaks, 'place')}.`];
}

function markText(marks: readonly ChartMark[]): string[] {
  if (marks.length === 0) return [];
  const [named, others] = [marks.slice(0, MARK_LABELS_MAX), marks.length - MARK_LABELS_MAX];
  const told = named.map((mark) => `${mark.label} on ${mark.date}`).join(', ');
  return [`Marked: ${told}${others > 0 ? `, and ${others} more up to ${marks.at(-1)!.date}` : ''}.`];
}

/**
 * The points that are drawn: all, or of very many the first and last, those beside a break, and of each stretch the
 * lowest and the highest. None is made up.
 */
function thinned({ points, ...series }: ChartSeries): ChartSeries {
  if (points.length <= POINTS_MAX) return { ...series, points };
  const size = Math.ceil((points.length * 2) / POINTS_MAX);
  const kept: ChartPoint[] = [];
  for (let begins = 0; begins < points.length; begins += size) {
    const stretch = points.slice(begins, begins + size);
    const values = stretch.map(({ value }) => value);
    const [low, high] = [least(values), greatest(values)];
    stretch.forEach((point, place) => {
      const index = begins + place;
      const next = points[index + 1];
      const isEdge = index === 0 || next === undefined || series.breaks?.has(point.date);
      const endsHere = next !== undefined && series.breaks?.has(next.date);
      if (isEdge || endsHere || point.value === low || point.value === high) kept.push(point);
    });
  }
  return { ...series, points: kept };
}

interface Frame {
  x: (date: IsoDate) => number;
  y: (value: number) => number;
  top: number;
  /** The foot of the labels of what happened: between them and the lines there is room for a value at its point. */
  marksFoot: number;
  left: number;
  right: number;
  bottom: number;
  yTicks: { value: number; text: string }[];
  dates: IsoDate[];
}

function makeFrame(chart: LineChart, series: readonly ChartSeries[]): Frame {
  const dates = datesOf(series);
  const [low, high] = rangeOf(chart, series);
  // A flat series still needs room above and below its line, enough for the scale to tell its ends apart.
  const size = Math.max(Math.abs(low), Math.abs(high), 1);
  const pad = (high - low > size * 1e-6 ? high - low : size) * 0.06;
  const bottom = chart.height - MARGIN.bottom;
  const marksFoot = MARGIN.top + (chart.hasLegend ? LEGEND.height : 0) + markRoom(chart);
  const top = marksFoot + (markRoom(chart) > 0 && chart.named !== undefined ? LABEL_HEIGHT : 0);
  const y = scaleLinear([low - pad, high + pad], [bottom, top]);
  const yTicks = y
    .ticks(Math.max(2, Math.floor(chart.height / 48)))
    .map((value) => ({ value, text: (chart.tickFormat ?? chart.yFormat)(value) }));
  const left = Math.ceil(Math.max(...yTicks.map(({ text }) => text.length)) * CHARACTER) + 12;
  const right =
    chart.width - Math.ceil(Math.max(...series.map((each) => labelText(chart, each).length)) * (CHARACTER + 0.8)) - 12;
  const x = scaleUtc([time(dates[0]!), time(dates.at(-1)!)], [left, right]);
  const onlyDate = dates.length === 1;
  const place = (date: IsoDate) => (onlyDate ? (left + right) / 2 : x(time(date)));
  return { x: place, y, top, marksFoot, left, right, bottom, yTicks, dates };
}

/** Every date of the series once, in order; those of one series alone are so already, for each has one point. */
function datesOf(series: readonly ChartSeries[]): IsoDate[] {
  const [first, ...others] = series;
  const dates = first?.points.map(({ date }) => date) ?? [];
  if (others.length === 0 && dates.every((date, index) => index === 0 || date > dates[index - 1]!)) return dates;
  return [...new Set(series.flatMap(({ points }) => points.map(({ date }) => date)))].toSorted();
}

/** The lowest and the highest of what is drawn. */
function rangeOf({ guides = [] }: LineChart, series: readonly ChartSeries[]): [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (const { value } of [...series.flatMap(({ points }) => points), ...guides]) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

const yAxis = ({ y, left, right, yTicks }: Frame) =>
  yTicks.flatMap(({ value, text }) => [
    `<line class="grid" x1="${left}" x2="${right}" y1="${at(y(value))}" y2="${at(y(value))}"/>`,
    `<text class="tick" x="${left - 8}" y="${at(y(value) + 4)}" text-anchor="end">${escapeHtml(text)}</text>`,
  ]);

function xAxis(chart: LineChart, { x, bottom, dates }: Frame): string[] {
  const count = Math.min(dates.length, Math.max(2, Math.floor(chart.width / 170)));
  const ticks = [
    ...new Set(
      Array.from({ length: count }, (_, i) => dates[Math.round((i * (dates.length - 1)) / Math.max(1, count - 1))]!),
    ),
  ];
  return ticks.map((date, index) => {
    // The outer labels lean inwards, or the edge of the picture would cut them.
    const anchor =
      ticks.length === 1 ? 'middle' : index === 0 ? 'start' : index === ticks.length - 1 ? 'end' : 'middle';
    return `<text class="tick" x="${at(x(date))}" y="${bottom + 18}" text-anchor="${anchor}">${date}</text>`;
  });
}

function guideLine(guide: { label: string; value: number }, chart: LineChart, { y, top, left, right }: Frame): string {
  const height = y(guide.value);
  const above = height > top + 14 ? height - 5 : height + 13;
  return (
    `<line class="guide" x1="${left}" x2="${right}" y1="${at(height)}" y2="${at(height)}"/>\n` +
    `<text class="tick" x="${left + 4}" y="${at(above)}">${escapeHtml(`${guide.label} ${chart.yFormat(guide.value)}`)}</text>`
  );
}

const legendOf = (series: readonly ChartSeries[], { left }: Frame): string[] =>
  legend(
    series.map(({ name }) => name),
    left,
    (index, x) =>
      `<path class="series ${styleOf(index)}" d="M${at(x)},${LEGEND.baseline - 4}H${at(x + LEGEND.sample - 6)}"/>`,
  );

/** Room above the lines for the labels of what happened, in as many rows as there are, three at most. */
const markRoom = ({ marks = [] }: LineChart): number =>
  marks.length > MARK_LABELS_MAX ? 0 : Math.min(marks.length, MARK_ROWS) * LABEL_HEIGHT;

/**
 * The strokes of what happened, with their labels above the lines, each beside its own: in a row where it covers no
 * other, and nowhere where there is none.
 */
function markLines(marks: readonly ChartMark[], { x, top, marksFoot, left, right, bottom, dates }: Frame): string[] {
  const within = marks.filter(({ date }) => date >= dates[0]! && date <= dates.at(-1)!);
  const rows = Math.min(marks.length, MARK_ROWS);
  const written = Array.from({ length: rows }, (): { from: number; to: number }[] => []);
  const drawn = within.map((mark, index) => {
    const place = at(x(mark.date));
    const isLate = place > (left + right) / 2;
    const [textAt, anchor] = isLate ? [place - 4, 'end' as const] : [place + 4, 'start' as const];
    const width = mark.label.length * CHARACTER;
    const span = isLate ? { from: textAt - width, to: textAt } : { from: textAt, to: textAt + width };
    const order = marks.length > MARK_LABELS_MAX ? [] : written.map((_, by) => (index + by) % rows);
    const row = order.find((each) => !written[each]!.some(({ from, to }) => from < span.to && to > span.from));
    if (row !== undefined) written[row]!.push(span);
    const height = marksFoot - (rows - 1 - (row ?? 0)) * LABEL_HEIGHT - 4;
    const isSigned = mark.sign !== undefined && within.length <= SIGNS_MAX;
    return {
      stroke: `<line class="mark" x1="${place}" x2="${place}" y1="${row === undefined ? top : height - 8}" y2="${bottom}"/>`,
      labels: [
        ...(row === undefined ? [] : [label(mark.label, { x: textAt, y: height, anchor, of: 'tick noted' })]),
        ...(isSigned ? [label(mark.sign ?? '', { x: place, y: bottom + 8, anchor: 'middle' })] : []),
      ],
    };
  });
  // The stroke of one may pass where another's label stands, which is read all the same.
  return [...drawn.map(({ stroke }) => stroke), ...drawn.flatMap(({ labels }) => labels)];
}

/** Values at their points; the last stands at the end of the line, and none covers another. */
function namedPoints(chart: LineChart, { points }: ChartSeries, { x, y, left, right }: Frame): string[] {
  const last = points.at(-1)!;
  const values = points.map(({ value }) => value);
  const [low, high] = [least(values), greatest(values)];
  const wanted = [
    { is: 'highest', name: 'highest ', point: points.find(({ value }) => value === high)!, dy: -6 },
    { is: 'lowest', name: 'lowest ', point: points.find(({ value }) => value === low)!, dy: 13 },
    { is: 'first', name: '', point: points[0]!, dy: -6 },
  ].filter(({ is }) => chart.named?.some((name) => name === is));
  const placed: { x: number; y: number }[] = [{ x: x(last.date), y: y(last.value) }];
  return wanted.flatMap(({ name, point, dy }) => {
    const here = { x: x(point.date), y: y(point.value) };
    const covers = placed.some((each) => Math.hypot(each.x - here.x, (each.y - here.y) * 3) < LABELS_APART);
    if (covers) return [];
    placed.push(here);
    const part = (here.x - left) / Math.max(1, right - left);
    const anchor = part < 0.25 ? 'start' : part > 0.75 ? 'end' : 'middle';
    return [
      `<circle class="dot s1" cx="${at(here.x)}" cy="${at(here.y)}" r="2.5"/>`,
      label(`${name}${chart.yFormat(point.value)}`, { x: here.x, y: here.y + dy, anchor, of: 'named' }),
    ];
  });
}

/** The points between two breaks, stretch after stretch. */
function stretches({ points, breaks }: ChartSeries): ChartPoint[][] {
  const parts: ChartPoint[][] = [];
  for (const point of points)
    if (parts.length === 0 || breaks?.has(point.date)) parts.push([point]);
    else parts.at(-1)!.push(point);
  return parts;
}

function seriesLine(series: ChartSeries, index: number, { x, y }: Frame): string {
  const parts = stretches(series);
  const path = parts
    .map(
      (points) =>
        line<ChartPoint>(
          (point) => x(point.date),
          (point) => y(point.value),
        ).digits(1)(points) ?? '',
    )
    .join('');
  const last = series.points.at(-1)!;
  const dot = (point: ChartPoint, radius: number) =>
    `<circle class="dot ${styleOf(index)}" cx="${at(x(point.date))}" cy="${at(y(point.value))}" r="${radius}"/>`;
  // A point between two gaps is a line of no length, which would not be seen.
  const alone = parts.filter((points) => points.length === 1 && points[0] !== last).map(([point]) => dot(point!, 1.5));
  return [`<path class="series ${styleOf(index)}" d="${path}"/>`, ...alone, dot(last, 3.5)].join('\n');
}

const labelText = (chart: LineChart, { name, points }: ChartSeries) =>
  `${chart.series.length > 1 && !chart.hasLegend ? `${name} ` : ''}${chart.yFormat(points.at(-1)!.value)}`;

/** Each line's name and last value to the right of it; labels that would cover each other are pushed apart. */
function endLabels(chart: LineChart, series: readonly ChartSeries[], { x, y, bottom }: Frame): string[] {
  const labels = series
    .map((each, index) => ({
      index,
      text: labelText(chart, each),
      y: y(each.points.at(-1)!.value) + 4,
      x: x(each.points.at(-1)!.date) + 8,
    }))
    .toSorted((a, b) => a.y - b.y || a.index - b.index);
  labels.forEach((label, place) => {
    label.y = Math.max(label.y, (labels[place - 1]?.y ?? -Infinity) + LABEL_HEIGHT);
  });
  const over = Math.max(0, (labels.at(-1)?.y ?? 0) - bottom);
  return labels.map(
    (label) =>
      `<text class="last ${styleOf(label.index)}" x="${at(label.x)}" y="${at(label.y - over)}">${escapeHtml(label.text)}</text>`,
  );
}

const time = (date: IsoDate) => Date.parse(`${date}T00:00:00Z`);
