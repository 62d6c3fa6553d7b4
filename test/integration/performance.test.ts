import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { performanceSchema, type PerformanceReport, type ReadPerformance } from '../../src/contract/performance.js';
import { connect } from '../../src/db/connect.js';
import { journal } from '../../src/db/journal.js';
import { nextSession } from '../../src/domain/calendar/calendar.js';
import { resultOrThrow } from '../../src/domain/errors.js';
import { depositEntry } from '../../src/domain/ledger/entries.js';
import { D } from '../../src/domain/money.js';
import { readPerformance } from '../../src/operations/performance/read-performance.js';
import { loadDayFacts } from '../../src/reports/day/facts.js';
import { dayDocument } from '../../src/reports/day/page.js';
import { ratesText, returnText } from '../../src/reports/performance/figures.js';
import { renderMarkdown } from '../../src/reports/render/markdown.js';
import { independentPerformance } from '../support/independent/performance.mjs';
import {
  ACCOUNT,
  AGAINST,
  HELD,
  playYears,
  WITHOUT_DIVIDENDS,
  YEARS,
  type PlayedYear,
} from '../support/played-year.js';
import { createInstallation, runCli, type Installation } from '../support/stack.js';

/** One account for all of these, which is never valued again: what a test books restates what is there. */
let installation: Installation;
let db: Knex;
let played: PlayedYear;

beforeAll(async () => {
  installation = await createInstallation({ temporal: false });
  db = connect(installation.env['DATABASE_URL'] ?? '', 2);
  played = await playYears(db, installation);
}, 180_000);
afterAll(async () => {
  await db.destroy();
  await installation.cleanup();
});

async function read(input: ReadPerformance = {}): Promise<PerformanceReport> {
  const { report } = resultOrThrow(await readPerformance(db, { account: ACCOUNT, ...played }, input));
  return report!;
}

const escaped = (text: string) => text.replaceAll(/[+.]/g, String.raw`\$&`);

/** To 1e-9 of what it should be; figures that are money are in pennies. */
const near = (found: number | null | undefined, expected: number) => expect(found).toBeCloseTo(expected, 9);

describe('the time of an account', { timeout: 60_000 }, () => {
  test('is what a script that shares no code says, to 1e-9', async () => {
    const outcome = resultOrThrow(await readPerformance(db, { account: ACCOUNT, ...played }, {}));
    expect(performanceSchema.parse(outcome)).toEqual(outcome);
    const report = outcome.report!;
    const own = independentPerformance({
      folder: YEARS.folder,
      symbols: HELD,
      benchmark: AGAINST,
      withholding: 0.15,
      journal: await journal(db, 'main'),
      fills: played.fills,
      from: YEARS.from,
      to: YEARS.to,
    });
    expect(report.closes).toHaveLength(own.closes);
    near(Number(report.equity.end), own.equityEnd);
    near(report.timeWeighted.total, own.timeWeighted);
    near(report.risk.drawdown.depth, own.drawdown);
    near(report.risk.volatility.daily! * Math.sqrt(252), own.volatility);
    near(report.currency.currency, own.currency);
    near(report.currency.local, own.local);
    near(report.benchmark?.total, own.benchmark);
    near(report.benchmark?.relative.total, own.relative);
    near(report.modifiedDietz.total, own.modifiedDietz);
    expect(Number(report.benchmark?.sameDeposits?.end)).toBeCloseTo(own.sameDeposits, 1);
    for (const [symbol, contribution] of Object.entries(own.contributions))
      near(report.contributions.symbols.find((each) => each.symbol === symbol)?.contribution, contribution);
    near(Number(report.hands.total.slippage.money), own.slippage);
    near(Number(report.hands.total.currencyCost.money), own.currencyCost);
    expect(report.contributions.residual).toEqual({ gain: '0', contribution: 0 });
    if (!report.period.isYear) return;
    near(report.timeWeighted.annual, own.annual);
    near(report.risk.volatility.annual, own.volatility);
    near(report.moneyWeighted.rates[0], own.moneyWeighted);
  });

  test('names its convention, and what the benchmark is', async () => {
    const { timeWeighted, benchmark } = await read();
    expect(timeWeighted.formula).toBe('TWR, daily, inflow at start / outflow at end of day, GBP, after fees and WHT');
    expect(benchmark?.label).toBe('SPY total return, dividends net of 15 % withholding, GBP');
    const gross = await read({ withholding: '0' });
    expect(gross.benchmark?.label).toBe('SPY total return, dividends gross, GBP');
    expect(gross.benchmark!.total).toBeGreaterThan(benchmark!.total!);
    // Days without an ex-date make it no price index: its dividends of before are told.
    const early = await read({ to: '2014-06-13' });
    expect(early.benchmark?.label).toBe('SPY total return, dividends net of 15 % withholding, GBP');
    const prices = await read({ benchmark: WITHOUT_DIVIDENDS });
    expect(prices.benchmark).toMatchObject({
      kind: 'price-index',
      label: 'PLAIN (PRICE INDEX, without dividends), GBP',
    });
    expect(prices.benchmark!.total).toBeLessThan(benchmark!.total!);
    expect(prices.remarks.join()).toContain('PRICE INDEX');
  });

  test('a day without a rate has no value: it is a gap that is said, also that money came in on it', async () => {
    const { gaps, closes, risk, remarks } = await read();
    expect(gaps.length).toBeGreaterThan(0);
    expect(gaps.flatMap(({ sessions }) => sessions).filter((date) => played.sessions.includes(date))).toEqual([]);
    expect(closes.map(({ date }) => date)).toEqual(played.sessions);
    expect(risk.volatility.overGaps).toBe(gaps.length);
    const flows = gaps.flatMap((gap) => gap.flows);
    // The first session of May 2015 is a day on which the central bank publishes nothing.
    if (YEARS.to > '2015-05-01') expect(flows).toEqual([{ date: '2015-05-01', amount: '1050.5' }]);
    for (const { date } of flows) expect(remarks.join()).toContain(`a day without a value (${date})`);
  });

  test('a part of it is measured from the close up to its beginning', async () => {
    const all = await read();
    const [from, to] = [played.sessions[40]!, played.sessions[80]!];
    const part = await read({ from, to });
    expect(part.period).toMatchObject({ from, to, closes: 41, isYear: false });
    near(part.timeWeighted.total, all.closes[80]!.growth / all.closes[40]!.growth - 1);
    near(part.benchmark?.total, all.closes[80]!.benchmark! / all.closes[40]!.benchmark! - 1);
    expect(part.timeWeighted.annual).toBeNull();
    expect(part.risk.volatility.annual).toBeNull();
    expect(part.moneyWeighted.isAnnual).toBe(false);
    expect(part.remarks).toContain('Under one year: nothing is annualised.');
    // Between two closes of one day there is nothing.
    const nothing = resultOrThrow(
      await readPerformance(db, { account: ACCOUNT, ...played }, { from: '2001-01-01', to: '2001-02-01' }),
    );
    expect(nothing).toMatchObject({ report: null, reason: expect.stringContaining('fewer than two closes') });
  });

  test('the daily report says the same of the same closes', async () => {
    const { timeWeighted, benchmark, moneyWeighted, risk } = await read();
    const tradingDay = nextSession(played.sessions.at(-1)!);
    const facts = await loadDayFacts(db, { account: 'main', tradingDay });
    const text = renderMarkdown(dayDocument(facts!));
    const section = text.slice(text.indexOf('## Performance'), text.indexOf('## Against the benchmarks'));
    const row = (name: string) => section.split('\n').find((line) => line.startsWith(`| ${name} |`));
    expect(row('main')).toMatch(new RegExp(`\\| ${escaped(returnText(timeWeighted.total))} \\|$`));
    expect(row(benchmark!.label)).toMatch(new RegExp(`\\| ${escaped(returnText(benchmark!.total))} \\|$`));
    expect(section).toContain(ratesText(moneyWeighted));
    expect(section).toContain(returnText(risk.drawdown.depth));
  });

  test('every line that was executed, and what was left out', async () => {
    const { hands } = await read();
    expect(hands.lines).toHaveLength(played.fills.length);
    expect(hands.lines.every(({ slippage }) => Number(slippage.money) > 0)).toBe(true);
    expect(hands.months.reduce((sum, { slippage }) => sum.plus(slippage.money), D(0)).toFixed()).toBe(
      hands.total.slippage.money,
    );
    expect(hands.missed).toHaveLength(played.fills.length / 2);
    const growths = hands.missed.map(({ value, missed }) => Number(missed) / Number(value));
    expect(growths.every((growth) => growth > -0.5 && growth < 1)).toBe(true);
  });
});

describe('the command', { timeout: 60_000 }, () => {
  test('says the same as the operation, and every figure beside its name', async () => {
    const json = await runCli(installation, ['performance', '--json']);
    expect(JSON.parse(json.stdout)).toEqual(
      resultOrThrow(await readPerformance(db, { account: ACCOUNT, ...played }, {})),
    );
    const { code, stdout } = await runCli(installation, ['performance', '--range', '3m']);
    expect(code).toBe(0);
    for (const said of [
      'TWR, daily',
      'IRR of the period',
      'SPY total return',
      'Modified Dietz',
      'residual',
      'slippage:',
    ])
      expect(stdout).toContain(said);
  });

  test('CSV runs nothing in a spreadsheet', async () => {
    const { stdout } = await runCli(installation, ['performance', '--csv', 'missed']);
    expect(stdout).toContain("'=above the skip price");
    expect(stdout).not.toMatch(/,=/);
  });

  test('refuses what it cannot mean, by field and rule', async () => {
    const { code, stderr } = await runCli(installation, ['performance', '--benchmark', 'NOPE']);
    expect(stderr).toContain('BENCHMARK_UNKNOWN: benchmark: NOPE: is no symbol of the universe');
    expect(code).toBe(64);
  });
});

describe('what is booked later', { timeout: 60_000 }, () => {
  test('restates the closes that it belongs to, and they say so', async () => {
    const before = await read();
    const [late, last] = [played.sessions[60]!, played.sessions.at(-1)!];
    await played.book(last, depositEntry({ date: late, baseCurrency: 'GBP', amount: '1234.00', notes: null }));
    const after = await read();
    expect(before.isRestated).toBe(false);
    expect(after.isRestated).toBe(true);
    const [was, is] = [before.closes, after.closes];
    expect(is[59]).toEqual(was[59]);
    expect(is.filter(({ restated }) => restated !== null).map(({ date }) => date)).toEqual(played.sessions.slice(60));
    expect(is[60]).toMatchObject({
      equity: D(was[60]!.equity).plus(1234).toFixed(),
      inflow: D(was[60]!.inflow).plus(1234).toFixed(),
      restated: { published: was[60]!.equity, because: expect.stringContaining(`of ${late} was booked after it`) },
    });
    expect(after.equity.deposits).toBe(D(before.equity.deposits).plus(1234).toFixed());
    expect(after.equity.gain).toBe(before.equity.gain);
    expect(after.remarks[0]).toMatch(/^Restated: /);
    expect(after.contributions.residual.gain).toBe('0');
  });
});
