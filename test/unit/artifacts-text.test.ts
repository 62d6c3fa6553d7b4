import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lineChart } from '../../src/reports/render/charts.js';
import { dayDocument } from '../../src/reports/day/page.js';
import type { Document } from '../../src/reports/render/document.js';
import { escapeMarkdown, markdownCode } from '../../src/reports/render/escape.js';
import {
  grouped,
  money,
  percent,
  price,
  signedMoney,
  ukTime,
  units,
  windowText,
} from '../../src/reports/render/format.js';
import { renderHtml } from '../../src/reports/render/html.js';
import { renderMarkdown } from '../../src/reports/render/markdown.js';
import { reconciliationDocument } from '../../src/reports/reconciliation/page.js';
import { runDocument } from '../../src/reports/run/page.js';
import { ticketDocument } from '../../src/reports/ticket/page.js';
import * as given from './artifacts.fixture.js';
import { unicodeText } from '../support/unicode-text.js';

/** Text as a hostile or clumsy person types it, short pieces of markup most of all. */
const anyText = fc.oneof(
  unicodeText({ maxLength: 30 }),
  fc
    .array(
      fc.constantFrom(
        '<script>',
        '</td>',
        '"',
        "'",
        '&',
        '|',
        '`',
        '``',
        '*',
        '_',
        '\n',
        '\r',
        '\u2028',
        '# ',
        '1. ',
        '- ',
        '](x)',
        '![',
        '\\',
        '<!--',
        '&lt;',
        '~~',
        'a',
        ' ',
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join('')),
);

/** Documents in which one text stands wherever text from outside can stand. */
function documentsWith(text: string): Document[] {
  const trade = given.ticketFacts('TRADE');
  const material = {
    ...given.material,
    lines: given.material.lines.map((line) => ({ ...line, etoroSearchName: text, symbol: `${text}${line.sequence}` })),
  };
  const reason = { ...given.notRebalanceDay, message: text, code: 'SYMBOL_UNVERIFIED', subject: text };
  const failed = given.reconciliation('FAIL');
  const day = given.dayFacts();
  return [
    ticketDocument({
      ...trade,
      ticket: { ...trade.ticket, material },
      prices: trade.prices.map((series) => ({ ...series, symbol: text })),
    }),
    ticketDocument({
      ...given.ticketFacts('NO_TRADE'),
      ticket: { ...given.ticketRow('NO_TRADE'), reasons: [reason] },
      gates: given.gates({ universe: [reason] }),
    }),
    reconciliationDocument({
      ...failed,
      operator: text,
      evidence: {
        ...failed.evidence,
        snapshot: { ...failed.evidence.snapshot, notes: text },
        lines: failed.evidence.lines.map((line) => (line.symbol === null ? line : { ...line, symbol: text })),
        explanations: failed.evidence.explanations.map((each) => ({ ...each, text, command: text, make: null })),
      },
    }),
    runDocument(
      given.runFacts('0800', {
        fetches: [{ ...given.runFacts('0800').fetches[0]!, status: 'FAILED', code: 'X', message: text, symbol: text }],
        steps: [{ step: text, status: 'FAULT', summary: text }],
      }),
    ),
    dayDocument({
      ...day,
      tickets: day.tickets.map((ticket) => ({
        ...ticket,
        fills: ticket.fills.map((fill) => ({ ...fill, notes: `x${text}` })),
      })),
      alerts: [{ ...day.alerts[0]!, message: text }],
    }),
  ];
}

/** Markdown without its code blocks: those keep their text as it is, lines included. */
const outside = (document: Document) => renderMarkdown(document).replace(/^(`{3,})text\n[\s\S]*?\n\1$/gm, '');
const shape = (document: Document) => {
  const text = outside(document).replaceAll('\\|', 'p');
  return {
    lines: count(text, /[\n\r\u2028\u2029]/g),
    cells: count(text.replace(/^(?!\|).*$/gm, ''), /\|/g),
    tags: count(text.replace(/(`+)[^`].*?\1/g, ''), /</g),
  };
};
const marks = (html: string) => [count(html, /</g), count(html, /"/g)];
const count = (text: string, pattern: RegExp) => (text.match(pattern) ?? []).length;

describe('text from outside stays text', () => {
  test('in HTML it opens no tag, closes none and ends no attribute', () => {
    const expected = documentsWith('a').map(renderHtml).map(marks);
    fc.assert(
      fc.property(anyText, (text) => {
        expect(documentsWith(text).map(renderHtml).map(marks)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  }, 30_000);

  test('in markdown it starts no line, adds no table cell and opens no HTML', () => {
    const expected = documentsWith('a').map(shape);
    fc.assert(
      fc.property(anyText, (text) => {
        expect(documentsWith(text).map(shape)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  }, 30_000);

  test.each([
    ['*bold*', '\\*bold\\*'],
    ['NO_TRADE', 'NO_TRADE'],
    ['_soft_', '\\_soft\\_'],
    ['a|b', 'a\\|b'],
    ['<b>', '&lt;b>'],
    ['1. first', '1\\. first'],
    ['# title', '\\# title'],
    ['two\nlines', 'two lines'],
    ['[x](y)', '\\[x\\](y)'],
    ['&lt;', '&amp;lt;'],
    ['R&D', 'R&D'],
  ])('%j becomes %j', (text, expected) => expect(escapeMarkdown(text)).toBe(expected));

  test('code with backticks gets a longer fence', () => expect(markdownCode('a `b` c')).toBe('`` a `b` c ``'));
});

/** Elements that are closed by none or by another's end tag. */
function unclosed(page: string): string[] {
  const empty = new Set(['meta', 'line', 'circle', 'path']);
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [, slash, name = '', self] of page
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*?(\/?)>/g)) {
    if (!slash && !self && !empty.has(name)) open.push(name);
    if (slash && open.pop() !== name) wrong.push(name);
  }
  return [...wrong, ...open];
}

describe('pages', () => {
  const pages = [
    ticketDocument(given.ticketFacts('TRADE')),
    runDocument(given.runFacts('1400')),
    dayDocument(given.dayFacts()),
  ].map(renderHtml);
  test('run no script and fetch nothing', () => {
    for (const page of pages) {
      expect(page).not.toMatch(/<script|<link|<img|\bon\w+=|url\(|@import/i);
      expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:/);
      expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    }
  });
  test('close every element they open', () => {
    expect(pages.flatMap(unclosed)).toEqual([]);
  });
  test('are the same bytes for the same facts', () => {
    expect(renderHtml(ticketDocument(given.ticketFacts('TRADE')))).toBe(
      renderHtml(ticketDocument(structuredClone(given.ticketFacts('TRADE')))),
    );
  });
});

const chart = (points: { date: string; value: number }[]) =>
  lineChart({
    title: 'A <b>',
    series: [{ name: 'x', points }],
    width: 400,
    height: 200,
    yFormat: (value) => value.toFixed(2),
  });

describe('charts', () => {
  test('nothing to draw gives nothing', () => expect(chart([])).toBe(''));
  test('has title and description for those who cannot see it', () => {
    const svg = chart([
      { date: '2018-01-02', value: 1 },
      { date: '2018-01-03', value: 3 },
    ]);
    expect(svg).toContain('<title id="chart-a-b-title">A &lt;b&gt;</title>');
    expect(svg).toContain('x: from 1.00 on 2018-01-02 to 3.00 on 2018-01-03, lowest 1.00, highest 3.00, 2 sessions.');
    expect(svg).toContain('role="img"');
  });
  test('draws any figures within its frame', () => {
    const dates = fc
      .uniqueArray(fc.integer({ min: 0, max: 4_000 }), { minLength: 1, maxLength: 40 })
      .map((days) =>
        days.toSorted((a, b) => a - b).map((day) => new Date(Date.UTC(2013, 0, 1 + day)).toISOString().slice(0, 10)),
      );
    fc.assert(
      fc.property(
        dates,
        fc.double({ min: -1e9, max: 1e9, noNaN: true }),
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        (days, start, step) => {
          const svg = chart(days.map((date, index) => ({ date, value: start + step * (index % 7) })));
          expect(svg).not.toMatch(/NaN|Infinity/);
          const heights = [...svg.matchAll(/(?:cy|y1|y2)="(-?[\d.]+)"/g)].map(([, y]) => Number(y));
          expect(Math.min(...heights)).toBeGreaterThanOrEqual(0);
          expect(Math.max(...heights)).toBeLessThanOrEqual(200);
        },
      ),
      { numRuns: 100 },
    );
  });
  test('a line is broken where figures are missing, and the description says so', () => {
    const points = [1, 2, 3, 4].map((value, index) => ({ date: `2018-01-0${index + 2}`, value }));
    const drawn = { title: 't', width: 400, height: 200, yFormat: String };
    const svg = lineChart({ ...drawn, series: [{ name: 'x', points, breaks: new Set(['2018-01-04']) }] });
    const path = /class="series s1" d="([^"]*)"/.exec(svg)?.[1] ?? '';
    expect(path.match(/M/g)).toHaveLength(2);
    expect(path.match(/L/g)).toHaveLength(2);
    expect(svg).toContain('Figures are missing, and the line is broken, at 1 place.');
    expect(lineChart({ ...drawn, series: [{ name: 'x', points }] }).match(/M/g)).toHaveLength(1);
  });
  test('what happened is marked where it happened, and told in words', () => {
    const points = [1, 2, 3].map((value, index) => ({ date: `2018-01-0${index + 2}`, value }));
    const marks = [
      { date: '2018-01-03', label: '+£5 <in>' },
      { date: '2019-01-01', label: 'outside' },
    ];
    const svg = lineChart({
      title: 't',
      series: [{ name: 'x', points }],
      width: 400,
      height: 200,
      yFormat: String,
      marks,
    });
    expect(svg.match(/class="mark"/g)).toHaveLength(1);
    expect(svg).toContain('+£5 &lt;in&gt;</text>');
    expect(svg).toContain('Marked: +£5 &lt;in&gt; on 2018-01-03');
  });
  test('of ten years each stretch keeps its lowest and its highest, and no point is made up', () => {
    const points = Array.from({ length: 2_520 }, (_, index) => ({
      date: new Date(Date.UTC(2010, 0, 1 + index)).toISOString().slice(0, 10),
      value: index === 1_234 ? 900 : index === 77 ? -500 : Math.sin(index / 40) * 100,
    }));
    const svg = chart(points);
    const [, path = ''] = /class="series s1" d="([^"]*)"/.exec(svg) ?? [];
    const heights = [...path.matchAll(/[ML]([\d.]+),([\d.]+)/g)].map(([, , y]) => Number(y));
    expect(heights.length).toBeGreaterThan(700);
    expect(heights.length).toBeLessThan(900);
    // Six hundredths of the range are above the highest and below the lowest.
    expect(Math.min(...heights)).toBeLessThan(25);
    expect(Math.max(...heights)).toBeGreaterThan(160);
    expect(svg).toContain('lowest -500.00, highest 900.00, 2520 sessions.');
  });
  test('labels of lines that end together do not cover each other', () => {
    const [a, b] = [3, 3.001].map((last) => [
      { date: '2018-01-02', value: 1 },
      { date: '2018-01-03', value: last },
    ]);
    const svg = lineChart({
      title: 'two',
      series: [
        { name: 'a', points: a! },
        { name: 'b', points: b! },
      ],
      width: 400,
      height: 200,
      yFormat: String,
    });
    const [first = 0, second = 0] = [...svg.matchAll(/class="last [^>]* y="([\d.]+)"/g)].map(([, y]) => Number(y));
    expect(Math.abs(first - second)).toBeGreaterThanOrEqual(14);
  });
});

describe('figures as an operator reads them', () => {
  test('money', () => {
    expect(money('1234567.5', 'GBP')).toBe('£1,234,567.50');
    expect(money('-0.004', 'GBP')).toBe('£0.00');
    expect(money('-12.345', 'USD')).toBe('−$12.34');
    expect(money('10', 'CHF')).toBe('10.00 CHF');
    expect(['0.005', '-0.005', '-0.015', '999.995', '-999999.999'].map((value) => money(value, 'GBP'))).toEqual([
      '£0.00',
      '£0.00',
      '−£0.02',
      '£1,000.00',
      '−£1,000,000.00',
    ]);
    expect(money('-1234.5', 'GBP', 0)).toBe('−£1,234');
    expect(signedMoney('3', 'EUR')).toBe('+€3.00');
  });
  test('grouping keeps every digit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), (pence) => {
        const text = `${pence / 100n === 0n && pence < 0n ? '-' : ''}${pence / 100n}.${String(pence < 0n ? -pence % 100n : pence % 100n).padStart(2, '0')}`;
        expect(grouped(text, 2).replaceAll(',', '')).toBe(text);
      }),
    );
  });
  test('units, prices and percentages', () => {
    expect(units('1234.500000')).toBe('1,234.5');
    expect(units('-0.5')).toBe('−0.5');
    expect(price('39.425', 'USD')).toBe('$39.425');
    expect(price('93.7', 'USD')).toBe('$93.70');
    expect(percent('0.075')).toBe('7.50 %');
  });
  test('times say their zone, in summer and winter', () => {
    expect(ukTime('2018-01-05T14:35:00Z')).toBe('2018-01-05 14:35 UK time (GMT)');
    expect(ukTime('2018-06-05T13:35:00Z')).toBe('2018-06-05 14:35 UK time (BST)');
  });
  test('in the weeks when only New York is on summer time the window is an hour earlier', () => {
    // New York changed on 2018-03-11, the UK on 2018-03-25.
    expect(windowText('2018-03-14T13:35:00Z', '2018-03-14T14:30:00Z')).toEqual({
      date: '2018-03-14',
      uk: '13:35 to 14:30 UK time (GMT)',
      newYork: '09:35 to 10:30 New York time (EDT)',
    });
  });
});
