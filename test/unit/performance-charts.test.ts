import { describe, expect, it } from 'vitest';
import type { Performance, PerformanceClose, PerformanceReport } from '../../src/contract/performance.js';
import { addSessions } from '../../src/domain/calendar/calendar.js';
import { fallsOf } from '../../src/domain/performance/drawdown.js';
import {
  equityFigures,
  fallFigures,
  growthFigures,
  incomeFigures,
} from '../../src/reports/performance/chart-tables.js';
import {
  contributionChart,
  equityChart,
  fallChart,
  growthChart,
  incomeChart,
} from '../../src/reports/performance/charts.js';
import {
  contributionTable,
  ratesText,
  returnText,
  riskTable,
  type FigureTable,
} from '../../src/reports/performance/figures.js';
import { remarksOf } from '../../src/reports/performance/remarks.js';
import { performanceDocument, REPORT_SIZE } from '../../src/reports/performance/page.js';
import { columnChart, rowChart } from '../../src/reports/render/bar-charts.js';
import { lineChart } from '../../src/reports/render/charts.js';
import { money } from '../../src/reports/render/format.js';
import { renderHtml } from '../../src/reports/render/html.js';
import { renderMarkdown } from '../../src/reports/render/markdown.js';

const DRAWN = { account: 'main', baseCurrency: 'GBP', size: { width: 460, height: 210 } };
const LIMIT = 0.2;
const LABEL = /<text class="(?:tick|tick noted|named)" x="([\d.]+)" y="([\d.]+)" text-anchor="(\w+)">([^<]*)</g;
const BENCHMARK = { symbol: 'SPY', kind: 'total-return', label: 'SPY total return, dividends gross, GBP' } as const;

/** Closes of an account, with these values, from a day on. */
function closesOf(values: readonly number[], more: Record<number, Partial<PerformanceClose>> = {}): PerformanceClose[] {
  const growths = values.map((value) => value / values[0]!);
  const falls = fallsOf(growths);
  return values.map((value, index) => ({
    date: addSessions('2014-06-02', index),
    equity: value.toFixed(2),
    cash: '0',
    positions: value.toFixed(2),
    inflow: '0',
    outflow: '0',
    return: null,
    growth: growths[index]!,
    fall: falls[index]!,
    benchmark: 1 + index / 100,
    sameDeposits: (value * 1.5).toFixed(2),
    missing: [],
    restated: null,
    ...more[index],
  }));
}

const part = (symbol: string, gain: string, contribution: number | null) => ({
  symbol,
  gain,
  contribution,
  start: '0',
  end: '0',
  bought: '0',
  sold: '0',
  dividends: '0',
  fees: '0',
  priceChange: null,
  currencyChange: null,
});
const month = (name: string, net: string, fees = '0') => ({
  month: name,
  dividends: net,
  withholdingTax: '0',
  interest: '0',
  fees,
  net,
});
const NOTHING = { gain: '0', contribution: 0 };

/** What the charts are drawn of. */
const reportOf = (closes: PerformanceClose[], more: Partial<PerformanceReport> = {}): PerformanceReport =>
  ({
    closes,
    isRestated: closes.some(({ restated }) => restated !== null),
    period: {
      from: closes[0]?.date ?? '',
      to: closes.at(-1)?.date ?? '',
      days: 9,
      closes: closes.length,
      isYear: false,
    },
    benchmark: { ...BENCHMARK },
    contributions: { formula: 'f', total: NOTHING, symbols: [], interest: NOTHING, fees: NOTHING, residual: NOTHING },
    months: [],
    ...more,
  }) as PerformanceReport;

const VALUES = [50_000, 51_234.56, 48_000.1, 47_000, 52_500.5, 51_111.11];

/** Every text of a drawing that is no axis. */
const textsOf = (svg: string, of: string): string[] =>
  [...svg.matchAll(new RegExp(`<text class="${of}[^"]*"[^>]*>([^<]*)</text>`, 'g'))].map(([, text]) => text!);
const named = (svg: string) => [...textsOf(svg, 'named'), ...textsOf(svg, 'last')];
/** Every figure that a drawing says in words: its description. */
const figuresOf = (svg: string): string[] =>
  (/<desc[^>]*>([^<]*)/.exec(svg)?.[1] ?? '').match(/[+−]?(?:£[\d,]+\.\d\d|\d+\.\d\d %)/g) ?? [];
const cellsOf = ({ rows }: FigureTable): string[] => rows.flat();

/** The figures that a chart names stand in its table, and nothing of it is no number. */
function holds(svg: string, table: FigureTable): void {
  expect(svg).not.toMatch(/NaN|Infinity|undefined|null/);
  const [cells, told] = [cellsOf(table), [...figuresOf(svg), ...named(svg)]];
  expect(told.length).toBeGreaterThan(0);
  for (const text of told) {
    const figures = text.match(/[+−]?(?:£[\d,]+\.\d\d|\d+\.\d\d %)/g) ?? [];
    for (const figure of figures) expect(cells.join(' | ')).toContain(figure);
  }
}

const pathOf = (svg: string, of: string): string =>
  [...svg.matchAll(new RegExp(`class="series ${of}" d="([^"]*)"`, 'g'))].at(-1)?.[1] ?? '';
const count = (text: string, letter: string): number => text.split(letter).length - 1;

describe('equity', () => {
  const report = reportOf(
    closesOf(VALUES, {
      2: { inflow: '1000.00' },
      4: { outflow: '250.50' },
      3: { missing: ['2014-06-04'] },
    }),
  );
  const svg = lineChart(equityChart(report, DRAWN));

  it('names its first, last and extreme values, which are those of its table', () => {
    holds(svg.replace(/Marked: [^<]*/, ''), equityFigures(report, 'GBP'));
    expect(svg).toContain('highest £52,500.50');
    expect(svg).toContain('lowest £47,000.00');
    expect(textsOf(svg, 'last')).toEqual(['£51,111.11']);
    expect(cellsOf(equityFigures(report, 'GBP'))).toEqual(expect.arrayContaining(['highest', '£1,000.00', '£250.50']));
  });
  it('marks what came in and went out by amount and by a sign, not by colour alone', () => {
    expect(count(svg, 'class="mark"')).toBe(2);
    expect(textsOf(svg, 'tick')).toEqual(expect.arrayContaining(['+£1,000.00', '−£250.50', '+', '−']));
    expect(svg).toContain('Marked: +£1,000.00 on 2014-06-04, −£250.50 on 2014-06-06.');
  });
  it.each([2, 4, 6])(
    'covers none of its labels with another, where %i payments lie beside each other at the top',
    (some) => {
      const values = [...VALUES, ...Array.from({ length: 20 }, (_, index) => 52_000 + index * 50), 47_500];
      const flows = Array.from({ length: some }, (_, index) => [values.length - 2 - index, { inflow: '10.00' }]);
      const late = reportOf(closesOf(values, Object.fromEntries(flows)));
      const drawn = lineChart(equityChart(late, DRAWN));
      const boxes = [...drawn.matchAll(LABEL)]
        .map(([, x, y, anchor, text = '']) => ({ x: Number(x), y: Number(y), anchor, text, width: text.length * 6 }))
        .filter(({ text }) => /highest|lowest|^\+£/.test(text))
        .map(({ x, y, anchor, text, width }) => {
          const from = x - (anchor === 'end' ? width : anchor === 'middle' ? width / 2 : 0);
          return { text, from, to: from + width, top: y - 9, foot: y + 2 };
        });
      expect(boxes.map(({ text }) => text)).toEqual(
        expect.arrayContaining(['+£10.00', expect.stringMatching('highest')]),
      );
      const covered = boxes.flatMap((one, index) =>
        boxes
          .slice(index + 1)
          .filter((two) => one.from < two.to && two.from < one.to && one.top < two.foot && two.top < one.foot)
          .map((two) => `${one.text} and ${two.text}`),
      );
      expect(covered).toEqual([]);
    },
  );
  it('of many payments the strokes stand, and the description says how many', () => {
    const many = reportOf(
      closesOf(VALUES.concat(VALUES), Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8].map((i) => [i, { inflow: '5' }]))),
    );
    const drawn = lineChart(equityChart(many, DRAWN));
    expect(count(drawn, 'class="mark"')).toBe(8);
    expect(drawn).toContain('and 2 more up to 2014-06-12');
    expect(textsOf(drawn, 'tick').filter((text) => text === '+')).toHaveLength(8);
  });
  it('is broken where nobody valued it, and a close between two gaps is seen', () => {
    expect(count(pathOf(svg, 's1'), 'M')).toBe(2);
    expect(svg).toContain('the line is broken, at 1 place');
    const alone = reportOf(closesOf(VALUES, { 2: { missing: ['x'] }, 3: { missing: ['y'] } }));
    const drawn = lineChart(equityChart(alone, DRAWN));
    expect(count(pathOf(drawn, 's1'), 'M')).toBe(3);
    expect(count(drawn, 'r="1.5"')).toBe(1);
  });
  it('says so where it is restated, with what was said before', () => {
    const restated = { published: '51000.00', because: 'entry 9 of 2014-06-03 was booked after it' };
    const again = reportOf(closesOf(VALUES, { 1: { restated } }));
    expect(equityChart(again, DRAWN).title).toBe('Equity of main in GBP, restated');
    expect(cellsOf(equityFigures(again, 'GBP')).join()).toContain('restated, £51,000.00 before: entry 9');
    const many = Array.from({ length: 5_000 }, (_, index) => `entry ${index} was booked after it`).join('; ');
    const crowded = reportOf(closesOf(VALUES, { 1: { restated: { ...restated, because: many } } }));
    const cell = cellsOf(equityFigures(crowded, 'GBP')).find((text) => text.includes('restated'));
    expect(cell).toMatch(/before: entry 0 was booked after it; .* booked after it and more, in the CSV$/);
    expect(cell?.length).toBeLessThan(260);
  });
});

describe('falls and returns', () => {
  const report = reportOf(closesOf(VALUES));

  it('the fall is negative, below the policy’s line where it is deeper, and its table has it', () => {
    const svg = lineChart(fallChart(report.closes, { ...DRAWN, limit: LIMIT }));
    holds(svg.replace(/<text[^>]*>the policy's limit.*/g, ''), fallFigures(report));
    expect(svg).toContain('the policy&#39;s limit −20.00 %');
    const deep = closesOf([100, 60, 90]);
    const drawn = lineChart(fallChart(deep, { ...DRAWN, limit: LIMIT }));
    expect(drawn).toContain('lowest −40.00 %');
    expect(drawn).not.toContain('NaN');
  });
  it('the account stands beside what it is held against, each by its name and by its dashes', () => {
    const svg = lineChart(growthChart(report.closes, { ...DRAWN, benchmark: report.benchmark }));
    holds(svg, growthFigures(report, 'main', 'GBP'));
    expect(svg).toContain('>main</text>');
    expect(svg).toContain('>SPY, total return</text>');
    expect(svg).toContain('against SPY total return, dividends gross, GBP');
    expect(textsOf(svg, 'last')).toEqual(['+5.00 %', '+2.22 %']);
  });
  it('prices alone are named so at the line, in the title and in the table', () => {
    const prices = { symbol: 'IDX', kind: 'price-index', label: 'IDX (PRICE INDEX, without dividends), GBP' } as const;
    const svg = lineChart(growthChart(report.closes, { ...DRAWN, benchmark: prices }));
    expect(svg).toContain('>IDX, PRICE INDEX</text>');
    expect(svg).toContain('against IDX (PRICE INDEX, without dividends), GBP</title>');
    const named = { ...report, benchmark: { ...report.benchmark!, ...prices } };
    expect(growthFigures(named, 'main', 'GBP').columns).toContain('IDX (PRICE INDEX, without dividends), GBP');
  });
  it('a close without the benchmark breaks its line alone; one that has none at all is not drawn', () => {
    const closes = closesOf(VALUES, { 2: { benchmark: null, sameDeposits: null } });
    const svg = lineChart(growthChart(closes, { ...DRAWN, benchmark: report.benchmark }));
    expect([count(pathOf(svg, 's1'), 'M'), count(pathOf(svg, 's2'), 'M')]).toEqual([1, 2]);
    holds(svg, growthFigures(reportOf(closes), 'main', 'GBP'));
    expect(cellsOf(growthFigures(reportOf(closes), 'main', 'GBP'))).toContain('n/a');
    const none = closesOf(VALUES, Object.fromEntries(VALUES.map((_, index) => [index, { benchmark: null }])));
    const alone = lineChart(growthChart(none, { ...DRAWN, benchmark: report.benchmark }));
    expect(alone).not.toMatch(/NaN|SPY, total/);
    expect(alone).toContain('class="series s1"');
  });
});

describe('bars', () => {
  const symbols = [part('AAPL', '1234.50', 0.0412), part('KO', '0', 0), part('XOM', '-278.02', -0.0048)];
  const parts = {
    formula: 'f',
    symbols,
    interest: { gain: '3.21', contribution: 0.0001 },
    fees: { gain: '-5.00', contribution: -0.0001 },
    residual: NOTHING,
    total: { gain: '954.69', contribution: 0.0364 },
  };

  it('of contributions say gain and part, to the left below nothing, and the table has them', () => {
    const report = reportOf(closesOf(VALUES), { contributions: parts });
    const svg = rowChart(contributionChart(report, DRAWN));
    holds(svg, contributionTable(report, 'GBP'));
    expect(named(svg)).toEqual([
      '+£1,234.50, +4.12 %',
      '£0.00, 0.00 %',
      '−£278.02, −0.48 %',
      '+£3.21, +0.01 %',
      '−£5.00, −0.01 %',
    ]);
    const bars = [...svg.matchAll(/class="block" x="([\d.]+)"[^>]*width="([\d.]+)"/g)].map(
      ([, x, w]) => [Number(x), Number(w)] as const,
    );
    const zero = Number(/class="zero" x1="([\d.]+)"/.exec(svg)?.[1]);
    expect(bars[0]![0]).toBe(zero);
    expect(bars[1]![1]).toBe(0);
    expect(bars[2]![0] + bars[2]![1]).toBeCloseTo(zero, 0);
    expect(bars[0]![1] / bars[2]![1]).toBeCloseTo(1234.5 / 278.02, 1);
  });
  it('of many positions the largest are drawn, and the title says of how many; without capital there is no part', () => {
    const many = Array.from({ length: 40 }, (_, index) => part(`S${index}`, String(index * 10 - 200), null));
    const report = reportOf(closesOf(VALUES), { contributions: { ...parts, symbols: many } });
    const chart = contributionChart(report, DRAWN);
    expect(chart.title).toBe('Contribution by position in GBP, the 15 largest of 40');
    expect(chart.bars.filter(({ name }) => name.startsWith('S'))).toHaveLength(15);
    expect(chart.bars[0]).toEqual({ name: 'S0', value: -200, text: '−£200.00' });
    holds(rowChart(chart), contributionTable(report, 'GBP'));
  });
  it('of income stand over every month, fees hollow below the line, and the table has them', () => {
    const report = reportOf(closesOf(VALUES), {
      period: { from: '2014-11-03', to: '2015-02-10', days: 99, closes: 6, isYear: false },
      months: [month('2014-11', '30.51', '5.00'), month('2015-02', '-2.10')],
    });
    const svg = columnChart(incomeChart(report, DRAWN));
    expect(svg).toContain('lowest −£2.10 in 2015-02, highest £30.51 in 2014-11, 4 months.');
    expect(svg).toContain('highest £30.51</text>');
    expect(count(svg, 'class="block hollow"')).toBe(2);
    for (const name of ['2014-11', '2015-02', 'income after tax', 'fees']) expect(svg).toContain(`>${name}</text>`);
    holds(svg, incomeFigures(report, 'GBP'));
    const cells = cellsOf(incomeFigures(report, 'GBP'));
    expect(cells).toEqual(expect.arrayContaining(['£30.51', '−£2.10', '−£5.00']));
    expect(svg).not.toMatch(/NaN|Infinity/);
  });
  it('of nothing are nothing; of one, of nothing but noughts, and of what is no number they hold', () => {
    const size = { width: 460, tickFormat: String };
    const bar = (value: number) => ({ name: 'x', value, text: String(value) });
    expect([
      rowChart({ title: 't', ...size, bars: [] }),
      rowChart({ title: 't', ...size, bars: [bar(Number.NaN)] }),
    ]).toEqual(['', '']);
    const columns = (bars: ReturnType<typeof bar>[]) =>
      columnChart({ title: 't', ...size, height: 210, series: [{ name: 's', bars }] });
    expect([columns([]), columns([bar(Infinity)])]).toEqual(['', '']);
    for (const bars of [[bar(5)], [bar(0), bar(0)], [bar(-3)], [bar(1), bar(Number.NaN), bar(-2)]])
      for (const svg of [rowChart({ title: 't', ...size, bars }), columns(bars)]) {
        expect(svg).toContain('role="img"');
        expect(svg).not.toMatch(/NaN|Infinity|="-/);
      }
  });
});

describe('every line', () => {
  const lines = (closes: PerformanceClose[]) => [
    lineChart(equityChart(reportOf(closes), DRAWN)),
    lineChart(fallChart(closes, { ...DRAWN, limit: LIMIT })),
    lineChart(growthChart(closes, { ...DRAWN, benchmark: reportOf(closes).benchmark })),
  ];

  it('of no close is nothing, of one it is a point', () => {
    expect(lines([])).toEqual(['', '', '']);
    for (const svg of lines(closesOf([50_000]))) {
      expect(svg).toContain('class="dot s1"');
      expect(svg).not.toMatch(/NaN|Infinity/);
    }
  });
  it('below nothing, at nothing, and where a figure is no number, prints no NaN', () => {
    for (const values of [
      [100, -50, 20],
      [100, 0, 0],
      [100, Number.NaN, 50],
      [1e-9, 1e9],
    ])
      for (const svg of lines(closesOf(values))) expect(svg).not.toMatch(/NaN|Infinity/);
    const svg = lineChart({
      title: 't',
      width: 400,
      height: 200,
      yFormat: String,
      series: [{ name: 'x', points: [1, Number.NaN, 3, 4].map((value, i) => ({ date: `2014-06-0${i + 2}`, value })) }],
    });
    expect(count(pathOf(svg, 's1'), 'M')).toBe(2);
    expect(svg).toContain('3 sessions. Figures are missing, and the line is broken, at 1 place.');
  });
  it('of years its table lists the ends of months and what stands out, and says so', () => {
    const values = Array.from({ length: 300 }, (_, index) => 1000 + Math.sin(index / 9) * 50 + index);
    const report = reportOf(closesOf(values, { 137: { missing: ['2014-12-15', '2014-12-16'] } }));
    const tables = [equityFigures(report, 'GBP'), fallFigures(report), growthFigures(report, 'main', 'GBP')];
    tables.forEach(({ rows, names }) => {
      expect(rows.length).toBeLessThan(25);
      expect(names.join()).toContain('Of 300 closes the first, the last of each month');
    });
    lines(report.closes).forEach((svg, index) => holds(svg.replace(/<text[^>]*>the policy.*/g, ''), tables[index]!));
    expect(cellsOf(tables[0]!)).toContain('2 sessions before it without a value');
  });
  it('rounds to what is printed without a sign before nothing', () => {
    expect([returnText(-0.00001), returnText(0), money('-0.001', 'GBP')]).toEqual(['0.00 %', '0.00 %', '£0.00']);
  });
});

describe('what cannot be computed', () => {
  const known = {
    ...reportOf(closesOf(VALUES).map((close) => ({ ...close, return: 0.01 }))),
    gaps: [],
    moneyWeighted: { formula: 'f', isAnnual: false, roots: 'one', rates: [0.1] },
    modifiedDietz: { formula: 'f', total: 0.1 },
    currency: { formula: 'f', local: 0.1, currency: 0 },
    risk: { volatility: { daily: 0.1, period: 0.1 } },
    benchmark: { ...BENCHMARK, missing: [], sameDeposits: null },
    years: [{ realised: '1', unrealised: '1' }],
    hands: { missed: [{ missed: '1' }] },
  } as unknown as PerformanceReport;
  const remarks = (more: object, isMixed = false) =>
    remarksOf({ ...known, ...more } as PerformanceReport, { without: [], isMixed, onHold: [] });

  it.each([
    [{ modifiedDietz: { formula: 'f', total: null } }, /nothing was invested on average/],
    [{ currency: { formula: 'f', local: null, currency: null } }, /rate is not known: local return/],
    [{ risk: { volatility: { daily: null, period: null } } }, /Fewer than two returns/],
    [{ risk: { volatility: { daily: 0.1, period: null } } }, /everything was lost/],
    [{ years: [{ realised: null, unrealised: '1' }] }, /sold nobody said the cost/],
    [{ years: [{ realised: '1', unrealised: null }] }, /held nobody said the cost/],
    [{ hands: { missed: [{ missed: null }] } }, /No close or rate of 1 line/],
    [{ benchmark: null }, /no benchmark/],
    [{ moneyWeighted: { formula: 'f', isAnnual: false, roots: 'none', rates: [] } }, /no money-weighted return/],
  ])('%# says why', (more, said) => {
    const told = remarks(more);
    expect(told.filter((text) => said.test(text))).toHaveLength(1);
    expect(told).toHaveLength(remarks({}).length + 1);
  });
  it('of closes that several late entries restate says the first and how many more there are', () => {
    const closed = (because: string | null) => ({
      ...known.closes[0]!,
      restated: because && { published: '1', because },
    });
    const said = (...reasons: (string | null)[]) => remarks({ closes: reasons.map(closed) })[0];
    expect(said(null, 'entry 7 of 2026', 'entry 7 of 2026')).toContain('otherwise before (entry 7 of 2026);');
    expect(said('entry 7 of 2026; entry 8 of 2026', null, 'entry 8 of 2026; entry 9 of 2026')).toContain(
      'otherwise before (entry 7 of 2026; and 2 reasons more, in the CSV); the figures',
    );
  });
  it('of a rate says where it was looked for', () =>
    expect(ratesText({ formula: 'f', isAnnual: true, roots: 'none', rates: [] })).toBe('none in (−100 %, 5,000 %]'));
  it('of several currencies is said once', () =>
    expect(remarks({ currency: { formula: 'f', local: null, currency: null } }, true).join()).toMatch(
      /^(?:(?!not told apart).)*not told apart(?:(?!not told apart).)*$/,
    ));
});

describe('the report', () => {
  const told: Performance = {
    account: 'main',
    baseCurrency: 'GBP',
    range: 'ytd',
    maxDrawdown: LIMIT,
    report: null,
    reason: 'no close was valued yet',
  };

  it('of nothing says why there is nothing', () => {
    const document = performanceDocument(told, { command: 'trading-ops performance', size: REPORT_SIZE });
    const html = renderHtml(document);
    expect(html).toContain('NOTHING TO MEASURE');
    expect(html).toContain('No close was valued yet.');
    expect(html).not.toContain('<svg');
    expect(renderMarkdown(document)).toContain('No close was valued yet.');
  });
});

it('a table of risk has no column for a benchmark that is not there', () => {
  const measured = {
    daily: 0.1,
    annual: 0.2,
    period: 0.3,
    semiDeviation: 0.1,
    formula: 'f',
    periodFormula: 'f',
    returns: 3,
  };
  const risk = { drawdown: { deepest: null, depth: -0.1, now: 0, formula: 'f' }, volatility: measured };
  const other = { label: 'SPY', drawdown: -0.2, volatility: measured };
  const tableOf = (benchmark: object | null) => riskTable({ risk, benchmark } as unknown as PerformanceReport);
  expect(tableOf(null).columns).toEqual(['', 'account']);
  expect(tableOf(null).rows.every((row) => row.length === 2)).toBe(true);
  expect(tableOf(other).columns).toEqual(['', 'account', 'SPY']);
  expect(tableOf(other).rows.every((row) => row.length === 3)).toBe(true);
});
