import { parse } from 'csv-parse/sync';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Knex } from 'knex';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/db/connect.js';
import { depositEntry } from '../../src/domain/ledger/entries.js';
import { sidewaysOf, violationsOf } from '../support/axe.js';
import { chromiumHere } from '../support/chromium.js';
import { cliHere } from '../support/cli-here.js';
import { NO_CHROMIUM, openDeskBrowser, type DeskBrowser } from '../support/desk-browser.js';
import { playYears, YEARS, type PlayedYear } from '../support/played-year.js';
import { createInstallation, type Installation } from '../support/stack.js';

const PHONE = { width: 390, height: 844 };
const WIDE = { width: 1280, height: 900 };
const MONEY_OR_PERCENT = /[+−]?(?:£[\d,]+\.\d\d|\d+\.\d\d %)/g;

describe('the performance of a year of an account, in a real browser', { timeout: 180_000 }, () => {
  let installation: Installation;
  let db: Knex;
  let desk: DeskBrowser;
  let played: PlayedYear;
  let at: string;

  beforeAll(async () => {
    if (chromiumHere() === null) return;
    installation = await createInstallation({ temporal: false });
    db = connect(installation.env['DATABASE_URL'] ?? '', 2);
    played = await playYears(db, installation);
    desk = await openDeskBrowser(installation, { operator: 'ann' });
    at = `${desk.url}/main/performance`;
  }, 120_000);
  afterAll(async () => {
    if (chromiumHere() === null) return;
    await desk.close();
    await db.destroy();
    await installation.cleanup();
  });

  /** The charts of a page, and what stands under each: the figures that it names, and the table of them. */
  const chartsOf = (page: Page) =>
    page.evaluate<
      { title: string; told: string; table: string }[]
    >(`[...document.querySelectorAll('figure')].map((figure) => {
      let under = figure.nextElementSibling;
      while (under && under.tagName !== 'DETAILS') under = under.nextElementSibling;
      const said = figure.querySelector('desc').textContent.replace(/Marked: .*/, '');
      const named = [...figure.querySelectorAll('text.named, text.last')].map((text) => text.textContent).join(' ');
      return { title: figure.querySelector('figcaption').textContent, told: said + named, table: [...(under?.querySelectorAll('td') ?? [])].map((cell) => cell.textContent).join(' | ') };
    })`);
  const open = (page: Page) =>
    page.evaluate(`document.querySelectorAll('details').forEach((each) => (each.open = true))`);

  it('shows five charts over this year, and each says what the table under it says', async ({ skip }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const { page, complaints } = await desk.letIn({ viewport: WIDE });
    await page.getByRole('link', { name: 'Performance' }).click();
    await page.waitForURL(at);
    for (const range of ['This year', 'All', 'Month']) {
      if (range !== 'This year') await page.getByRole('link', { name: range, exact: true }).first().click();
      const charts = await chartsOf(page);
      expect(charts.map(({ title }) => title.replace(/ in GBP.*| of main.*/, ''))).toEqual([
        'Equity',
        'Return',
        'Fall',
        'Contribution by position',
        ...(charts.length === 5 ? ['Income after tax by month'] : []),
      ]);
      for (const { title, told, table } of charts) {
        expect([title, /NaN|undefined/.test(told + table)]).toEqual([title, false]);
        const figures = told.match(MONEY_OR_PERCENT) ?? [];
        expect(figures.length).toBeGreaterThan(1);
        expect(figures.filter((figure) => !table.includes(figure))).toEqual([]);
      }
    }
    await page.goto(`${at}?range=all`);
    const shown = (await page.locator('main').textContent()) ?? '';
    for (const name of ['TWR, daily, inflow at start / outflow at end of day, GBP', 'SPY total return', 'residual'])
      expect(shown).toContain(name);
    expect(shown).toContain('trading-ops performance --account main --range all');
    // What nobody valued is a gap in each line, and is named by its date.
    expect(shown).toContain('without a value (');
    const parts = await page.locator('path.series.s1').first().getAttribute('d');
    expect(parts?.match(/M/g)?.length).toBeGreaterThan(1);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('is asked between two dates without a script, on a phone; what cannot be meant is refused by its rule', async ({
    skip,
  }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const { page } = await desk.letIn({ javaScriptEnabled: false, viewport: PHONE });
    const [from, to] = [played.sessions[20]!, played.sessions[70]!];
    const ask = async (fields: Record<string, string>) => {
      await page.goto(at);
      for (const [name, value] of Object.entries(fields)) await page.getByRole('textbox', { name }).fill(value);
      await page.getByRole('button', { name: 'Show' }).click();
      return (await page.locator('main').textContent()) ?? '';
    };
    expect(await ask({ From: from, To: to, Against: 'PLAIN' })).toContain(`from the close of ${from} to that of ${to}`);
    expect(await page.getByRole('textbox', { name: 'From' }).inputValue()).toBe(from);
    expect(await page.locator('figcaption').nth(1).textContent()).toContain('PLAIN (PRICE INDEX, without dividends)');
    expect(await page.locator('figure').nth(1).locator('text').allTextContents()).toContain('PLAIN, PRICE INDEX');
    await page.locator('summary').first().click();
    expect(await page.locator('details td').first().isVisible()).toBe(true);
    expect(await ask({ From: to, To: from })).toContain('must be after from');
    expect(await ask({ From: '2015-02-30' })).toContain('from');
    expect(await ask({ Against: 'NOPE' })).toContain('BENCHMARK_UNKNOWN');
    expect(await ask({ From: '2001-01-01', To: '2001-02-01' })).toContain('Fewer than two closes');
    expect(await page.locator('figure').count()).toBe(0);
    await page.context().close();
  });

  it('gives each table as the file of the command, in which no spreadsheet runs a cell', async ({ skip }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const { page } = await desk.letIn();
    await page.goto(`${at}?range=all`);
    const links = await page.evaluate<string[]>(
      `[...document.querySelectorAll('a[href*=".csv"]')].map(({ href }) => href)`,
    );
    const tables = links.map((href) => /performance\/(\w+)\.csv/.exec(href)?.[1] ?? '');
    expect(tables).toEqual(['closes', 'contributions', 'months', 'years', 'lines', 'missed', 'deviations']);
    for (const [index, table] of tables.entries()) {
      const text = await (await page.request.get(links[index]!)).text();
      const { stdout } = await cliHere(installation, ['performance', '--range', 'all', '--csv', table]);
      expect(text.trimEnd().split('\r\n')).toEqual(stdout.trimEnd().split('\n'));
      const cells = (parse(text) as string[][]).flat();
      expect(cells.filter((cell) => /^[="+\-@\t\r]/.test(cell) && !/^-\d+(\.\d+)?$/.test(cell))).toEqual([]);
      if (table === 'deviations') expect(cells).toContain(`'+1 hour: "=the line was down"`);
      if (table === 'lines') expect(cells.some((cell) => /^-\d/.test(cell))).toBe(true);
    }
    await page.context().close();
  });

  it('is the report of the command with the same charts, of which the text has the tables alone', async ({ skip }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const file = join(installation.dataDir, 'performance.html');
    const asked = ['performance', '--range', 'all', '--report'];
    expect(await cliHere(installation, [...asked, 'html', '--out', file])).toMatchObject({ code: 0 });
    const page = await (await desk.browser.newContext({ viewport: WIDE })).newPage();
    await page.goto(pathToFileURL(file).href);
    const own = await chartsOf(page);
    const { page: there } = await desk.letIn({ viewport: WIDE });
    await there.goto(`${at}?range=all`);
    expect(own).toEqual(await chartsOf(there));
    expect(readFileSync(file, 'utf8')).not.toMatch(/NaN|undefined|<script|href=/);
    const { stdout } = await cliHere(installation, [...asked, 'md']);
    expect(stdout).not.toMatch(/<svg|<details|NaN|undefined/);
    for (const { table } of own) expect(stdout).toContain(table.match(MONEY_OR_PERCENT)![0]);
    for (const [flags, said] of [
      [['--report', 'pdf'], 'must be one of html, md'],
      [['--report', 'md', '--csv'], 'must be left out where --csv is given'],
      [['--out', file], 'must go with --csv or --report'],
    ] as const)
      expect(await cliHere(installation, ['performance', ...flags])).toMatchObject({
        code: 64,
        stderr: expect.stringContaining(said),
      });
    await page.context().close();
    await there.context().close();
  });

  it('keeps nobody out and scrolls nowhere sideways, light and dark, wide and narrow; restated too, and on paper', async ({
    skip,
  }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const [late, last] = [played.sessions[60]!, played.sessions.at(-1)!];
    const { page, complaints } = await desk.letIn({ viewport: WIDE });
    const found: string[] = [];
    // Restated, the page has everything that it has before, and more.
    await played.book(last, depositEntry({ date: late, baseCurrency: 'GBP', amount: '1234.00', notes: null }));
    for (const state of ['?from=2001-01-01&to=2001-02-01', '?range=all']) {
      await page.goto(at + state);
      await open(page);
      found.push(...(await violationsOf(page, state)), ...(await sidewaysOf(page, state, [390, 320])));
    }
    await page.setViewportSize(PHONE);
    found.push(...(await violationsOf(page, 'phone')));
    expect(found).toEqual([]);
    const shown = (await page.locator('main').textContent()) ?? '';
    expect(shown).toContain('RESTATED');
    expect(shown).toMatch(/restated, £[\d,.]+ before: /);
    expect(await page.locator('figcaption').first().textContent()).toBe('Equity of main in GBP, restated');
    // On paper there is no frame, and what is folded away stands open.
    await page.goto(`${at}?from=${YEARS.from}&to=${played.sessions[40]}`);
    const cell = page.locator('details td').first();
    expect(await cell.isVisible()).toBe(false);
    await page.emulateMedia({ media: 'print' });
    expect(await cell.isVisible()).toBe(true);
    expect(await page.locator('.filter').isVisible()).toBe(false);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
