import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contentHash } from '../../src/domain/hash.js';
import { D } from '../../src/domain/money.js';
import { parsePolicy } from '../../src/domain/policy/policy.js';
import { parseUniverse } from '../../src/domain/policy/universe.js';
import { NO_COSTS } from '../../src/domain/walk/costs.js';
import type { WalkReport } from '../../src/domain/walk/report.js';
import { worthAtClose } from '../../src/domain/walk/worth.js';
import { gapLines, walkGapLines } from '../../src/reports/walk/gaps.js';
import { walkDocument } from '../../src/reports/walk/page.js';
import { renderMarkdown } from '../../src/reports/render/markdown.js';
import { brokerMarket, walkedTo } from '../../src/simulation/market.js';
import type { Rules } from '../../src/simulation/memory/desk.js';
import { walkReport } from '../../src/simulation/memory/report.js';
import { FOLDER_OF_2014, RULING_OF_2014, UNIVERSE_OF_2014 } from '../support/market-2014.js';

/** Real prices of 2014: the ECB fixed no rate on Easter Monday and on 1 May, when New York traded. */
const HOLIDAYS = [
  { date: '2014-04-21', lacking: ['GBPUSD'] },
  { date: '2014-05-01', lacking: ['GBPUSD'] },
];

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

/** The fixture in a folder of its own, with the rows of some files left out by their date. */
function folderWithout(leftOut: Record<string, (date: string) => boolean>): string {
  const folder = mkdtempSync(join(tmpdir(), 'walk-gaps-'));
  folders.push(folder);
  cpSync(FOLDER_OF_2014, folder, { recursive: true });
  for (const [name, isLeftOut] of Object.entries(leftOut)) {
    const rows = readFileSync(join(folder, name), 'utf8').split('\n');
    const kept = rows.filter((row) => !/^\d{4}-/.test(row) || !isLeftOut(row.slice(0, 10)));
    expect(kept.length).toBeLessThan(rows.length);
    writeFileSync(join(folder, name), kept.join('\n'));
  }
  return folder;
}

function rulesOn(folder: string): Rules {
  const policy = parsePolicy(
    `version: 1
accounts:
  main: { base_currency: GBP, clock: simulated }
operators: [ann]
market_data: { provider: csv, fx_provider: csv, history_sessions: 70, csv_folder: ${folder} }
trading: { mode: live }
ticket: { slippage_bps: 1000 }
`,
    'policy.yml',
  );
  const universe = parseUniverse(UNIVERSE_OF_2014, 'universe.csv');
  return {
    account: { account: 'main', baseCurrency: 'GBP', clock: 'simulated' },
    policy,
    policyHash: contentHash(policy),
    universe,
    universeHash: contentHash(universe),
    mode: policy.trading.mode,
    operator: 'ann',
  };
}

function reportOn(
  folder: string,
  other: { from?: string; to?: string; sensitivity?: boolean; against?: string } = {},
): Promise<WalkReport> {
  const by = { file: 'policy.yml', policyHash: 'p', universeHash: 'u' };
  return walkReport({
    rules: rulesOn(folder),
    by,
    dataDir: '/nowhere',
    env: {},
    from: other.from ?? '2014-04-07',
    to: other.to ?? '2014-06-13',
    cash: '50000',
    costs: NO_COSTS,
    rulings: [RULING_OF_2014],
    events: [],
    before: { keys: new Set(), unnamed: 0 },
    resetAfter: null,
    sensitivity: other.sensitivity ?? false,
    against: other.against === undefined ? null : { rules: rulesOn(other.against), by: { ...by, file: 'other.yml' } },
  });
}

describe('what a walked book is worth', () => {
  const bar = (symbol: string, session: string, close: string) => ({
    symbol,
    session,
    open: close,
    high: close,
    low: close,
    close,
    volume: null,
    adjClose: null,
  });
  const split = {
    symbol: 'AAA',
    exDate: '2014-06-06',
    kind: 'SPLIT',
    value: '7',
    currency: null,
    source: 'csv',
  } as const;
  const market = brokerMarket(
    [
      {
        symbol: 'AAA',
        bars: [bar('AAA', '2014-06-04', '700'), bar('AAA', '2014-06-05', '707')],
        actions: [split],
        basis: 'raw',
      },
      {
        symbol: 'BBB',
        bars: [bar('BBB', '2014-06-04', '10'), bar('BBB', '2014-06-06', '11')],
        actions: [],
        basis: 'raw',
      },
    ],
    {
      pair: 'GBPUSD',
      rates: [
        { date: '2014-06-04', rate: '1.6' },
        { date: '2014-06-05', rate: '1.61' },
        { date: '2014-06-06', rate: '1.62' },
      ],
    },
    { truth: [] },
  );
  const worth = (units: Record<string, string>, session: string) =>
    worthAtClose({ cash: D('5'), units: new Map(Object.entries(units).map(([s, u]) => [s, D(u)])) }, market, session);

  test('is its closes and its cash where each has one', () => {
    expect(worth({ AAA: '1', BBB: '2' }, '2014-06-04')).toEqual({ equity: '455.00', lacking: [], atLast: [] });
  });

  test('is not known on a day on which a series that goes on has no bar, nor on one without a rate', () => {
    expect(worth({ BBB: '2' }, '2014-06-05')).toEqual({ equity: null, lacking: ['BBB'], atLast: [] });
    expect(worth({ BBB: '2' }, '2014-06-07')).toMatchObject({ equity: null, lacking: ['GBPUSD'] });
    expect(worth({ CCC: '2' }, '2014-06-06')).toMatchObject({ equity: null, lacking: ['CCC'] });
    expect(worth({}, '2014-06-07')).toEqual({ equity: '5.00', lacking: [], atLast: [] });
  });

  test('counts a series that has ended at its last price, in the shares of the day', () => {
    // Seven shares after the split for one before: 7 × 707 / 7 / 1.62 = 436.42.
    expect(worth({ AAA: '7' }, '2014-06-06')).toEqual({
      equity: '441.42',
      lacking: [],
      atLast: [{ symbol: 'AAA', date: '2014-06-05' }],
    });
  });

  test('is walked to the last price and no further, and not at all where every day lies beyond it', () => {
    const to = (from: string, last: string) =>
      walkedTo({ from, to: last }, market, rulesOn(FOLDER_OF_2014).policy.calendar);
    expect(to('2014-06-04', '2014-06-08')).toEqual({ to: '2014-06-08', endsEarly: null });
    expect(to('2014-06-04', '2014-06-10')).toEqual({
      to: '2014-06-06',
      endsEarly: { asked: '2014-06-10', lastPrice: '2014-06-06' },
    });
    expect(() => to('2014-06-07', '2014-06-08')).toThrow(
      expect.objectContaining({
        kind: 'usage',
        code: 'SIMULATION_INVALID',
        message: 'to: "2014-06-08": must be as late as the first session from 2014-06-07 on',
      }),
    );
    expect(() => to('2014-06-09', '2014-06-10')).toThrow(
      expect.objectContaining({
        kind: 'usage',
        code: 'BROKER_HAS_NO_PRICES',
        message: 'no price of 2014-06-09 or later: the last is of 2014-06-06',
      }),
    );
  });
});

describe('a walk over days without prices', () => {
  let whole: WalkReport;
  beforeAll(async () => {
    whole = await reportOn(FOLDER_OF_2014);
  });
  const deepest = ({ outcome }: WalkReport) => outcome.drawdowns[0]?.depth ?? 0;

  test('names the days on which there is no rate, and fills none in', () => {
    const { gaps, ended, valuedTo, overGaps, curve, sessions } = whole.outcome;
    expect(gaps).toEqual(HOLIDAYS);
    expect([ended, valuedTo, overGaps]).toEqual([[], '2014-06-13', 2]);
    expect(curve).toHaveLength(sessions + 1 - HOLIDAYS.length);
    expect(walkGapLines(whole.outcome, null)[0]).toBe(
      '2 sessions without a value (no close or rate on 2014-04-21: GBPUSD; 2014-05-01: GBPUSD): none is filled in, ' +
        'and the return over each gap is one return.',
    );
  });

  test('with a row missing it falls no deeper and swings no more', async () => {
    const report = await reportOn(folderWithout({ 'AAPL.csv': (date) => date === '2014-05-14' }));
    expect(report.outcome.gaps).toEqual([...HOLIDAYS, { date: '2014-05-14', lacking: ['AAPL'] }]);
    expect(deepest(report)).toBeGreaterThanOrEqual(deepest(whole) - 1e-3);
    expect(report.outcome.volatility ?? 0).toBeLessThan((whole.outcome.volatility ?? 0) * 1.1);
    expect(renderMarkdown(walkDocument(report))).toContain('2014-05-14: AAPL');
  });

  test('a split or a dividend on a day without a bar is no fall and no gain, and none is lost', async () => {
    const split = await reportOn(folderWithout({ 'AAPL.csv': (date) => date === '2014-06-09' }));
    expect(split.outcome.gaps.at(-1)).toEqual({ date: '2014-06-09', lacking: ['AAPL'] });
    expect(D(split.outcome.end).div(whole.outcome.end).minus(1).abs().lt(0.01)).toBe(true);
    expect(deepest(split)).toBeGreaterThanOrEqual(deepest(whole) - 1e-3);
    const dividend = await reportOn(folderWithout({ 'KO.csv': (date) => date === '2014-06-12' }));
    expect(dividend.outcome.gaps.at(-1)).toEqual({ date: '2014-06-12', lacking: ['KO'] });
    expect(dividend.outcome.end).toBe(whole.outcome.end);
  });

  test('whose prices of a share end, it is worth the last one, named with its date', async () => {
    const report = await reportOn(folderWithout({ 'AAPL.csv': (date) => date > '2014-04-17' }));
    const { ended, gaps, noOpen } = report.outcome;
    // Of 39 sessions since, two have no value at all.
    expect(ended).toEqual([{ symbol: 'AAPL', lastPrice: '2014-04-17', sessions: 37 }]);
    expect(gaps).toEqual(HOLIDAYS);
    expect(noOpen.every(({ symbol }) => symbol === 'AAPL')).toBe(true);
    expect(deepest(report)).toBeGreaterThan(-0.04);
    // Through the split of 9 June it stays what it was.
    const on = (date: string) => D(report.outcome.curve.find((point) => point.date === date)?.equity ?? '0');
    expect(on('2014-06-09').div(on('2014-06-06')).minus(1).abs().lt(0.01)).toBe(true);
    const text = renderMarkdown(walkDocument(report));
    expect(text).toContain('AAPL has no price after 2014-04-17: it counts at its last price on 37 sessions');
  });

  test('asked beyond the last price it ends there, and says so', async () => {
    const report = await reportOn(FOLDER_OF_2014, { to: '2014-06-17' });
    expect(report.endsEarly).toEqual({ asked: '2014-06-17', lastPrice: '2014-06-13' });
    expect({ ...report.outcome, years: [] }).toEqual({ ...whole.outcome, years: [] });
    expect(renderMarkdown(walkDocument(report))).toContain('Ends on 2014-06-13, not on 2014-06-17 as asked');
  });

  test('where rates end before prices, it is worth what it was on the last day with one, and says so', async () => {
    const cut = folderWithout({ 'GBPUSD_ecb.csv': (date) => date > '2014-05-27' });
    const report = await reportOn(cut);
    const { gaps, valuedTo, end, to, benchmark } = report.outcome;
    expect([valuedTo, to, gaps.length]).toEqual(['2014-05-27', '2014-06-13', HOLIDAYS.length + 13]);
    expect(end).toBe(whole.outcome.curve.find(({ date }) => date === valuedTo)?.equity);
    // The benchmark is of the same days.
    const until = await reportOn(FOLDER_OF_2014, { to: '2014-05-27' });
    expect(benchmark?.change).toBe(until.outcome.benchmark?.change);
    expect(walkGapLines(report.outcome, null)).toContain(
      'Equity and returns go to the close of 2014-05-27, the last that has a value.',
    );
  });

  test('a benchmark without a close at an end is none, with why; between the ends it is named', async () => {
    const noBenchmark = async (date: string) => {
      const { outcome } = await reportOn(folderWithout({ 'SPY.csv': (of) => of === date }));
      return [outcome.benchmark?.change, outcome.noBenchmark, outcome.benchmark?.lacking];
    };
    expect(await noBenchmark('2014-06-13')).toEqual([undefined, 'SPY has no close of 2014-06-13', undefined]);
    expect(await noBenchmark('2014-04-04')).toEqual([undefined, 'SPY has no close of 2014-04-04', undefined]);
    const change = whole.outcome.benchmark?.change;
    expect(await noBenchmark('2014-05-14')).toEqual([expect.closeTo(change ?? 0, 12), null, ['2014-05-14']]);
    // Begun after Easter Monday its first close has no rate: nothing is measured from another day.
    const late = await reportOn(FOLDER_OF_2014, { from: '2014-04-22' });
    expect(late.outcome.noBenchmark).toBe('there is no rate GBPUSD of 2014-04-21');
  });

  test('what the benchmark did on a day without a bar counts on the next', async () => {
    const folder = folderWithout({ 'SPY.csv': (date) => date === '2014-05-14' });
    const splits = join(folder, 'splits.csv');
    const rows = readFileSync(join(folder, 'SPY.csv'), 'utf8').split('\n');
    const halved = rows.map((row) => {
      const [date = '', ...figures] = row.split(',');
      if (!(date > '2014-05-14' && /^\d/.test(date))) return row;
      return [date, ...figures.map((figure, index) => (index < 4 ? String(Number(figure) / 2) : figure))].join(',');
    });
    writeFileSync(join(folder, 'SPY.csv'), halved.join('\n'));
    writeFileSync(splits, `${readFileSync(splits, 'utf8').trimEnd()}\nSPY,2014-05-14,2,alphavantage\n`);
    const { outcome } = await reportOn(folder);
    expect(outcome.benchmark?.change).toBeCloseTo(whole.outcome.benchmark?.change ?? 0, 3);
  });

  test('other start days and the policy beside it say their own gaps', async () => {
    const cut = folderWithout({ 'GBPUSD_ecb.csv': (date) => date > '2014-05-27' });
    const report = await reportOn(cut, {
      from: '2014-05-19',
      to: '2014-05-29',
      sensitivity: true,
      against: FOLDER_OF_2014,
    });
    const dear = report.sensitivity.find(({ name }) => name === 'costs × 2');
    expect([dear?.valuedTo, dear?.gaps]).toEqual(['2014-05-27', 2]);
    // The policy beside it has the whole of the rates, and is valued by its own.
    expect([report.against?.outcome.valuedTo, report.against?.outcome.gaps]).toEqual(['2014-05-29', []]);
  });
});

test('where no session has a value, nothing but the cash is said to be there', () => {
  const gaps = [{ date: '2014-06-09', lacking: ['KO'] }];
  expect(gapLines({ gaps, ended: [] }, { to: '2014-06-09', valuedTo: null, endsEarly: null }).at(-1)).toBe(
    'No session has a value: equity is the cash that it began with.',
  );
});
