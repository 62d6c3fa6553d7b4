import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Knex } from 'knex';
import type { BrowserContextOptions, Locator, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoredTicket } from '../../src/db/tickets.js';
import { makeEntryCode } from '../../src/operations/entry/make-code.js';
import { sidewaysOf, violationsOf } from '../support/axe.js';
import { chromiumHere } from '../support/chromium.js';
import { fillsOf, MONDAY, startSeat } from '../support/day.js';
import { NO_CHROMIUM, openDeskBrowser, type DeskBrowser } from '../support/desk-browser.js';
import { issueTwoLines, useTwoStocks } from '../support/desk-ticket.js';
import { createInstallation, type Installation } from '../support/stack.js';

/** A ticket executed and confirmed in a real browser: on a phone, by keyboard, without a script, by wrong clocks. */
const PHONE = { viewport: { width: 390, height: 844 } };

describe('a ticket in a real browser', { timeout: 180_000 }, () => {
  let installation: Installation;
  let stop: () => Promise<void>;
  let desk: DeskBrowser;
  let db: Knex;
  let ticket: StoredTicket;

  beforeAll(async () => {
    if (chromiumHere() === null) return;
    installation = await createInstallation();
    useTwoStocks(installation);
    const { seat, stop: end } = await startSeat(installation);
    stop = end;
    ticket = await issueTwoLines(seat);
    desk = await openDeskBrowser(installation);
    ({ db } = desk);
  }, 120_000);
  afterAll(async () => {
    if (chromiumHere() === null) return;
    await desk.close();
    await stop();
  });

  /** A browser of its own in which somebody was let in; on a rehearsal it is twenty to three. */
  async function letIn(url: string, operator: string, options: BrowserContextOptions = {}): Promise<Page> {
    const { page } = await desk.letIn(options, { operator, at: url });
    const clock = page.getByLabel('REHEARSAL CLOCK, UK');
    if ((await clock.count()) > 0) {
      await clock.fill(`${MONDAY} 14:45`);
      await page.getByRole('button', { name: 'Set', exact: true }).click();
      await page.waitForLoadState();
    }
    return page;
  }

  const path = (name: string) => `/main/tickets/${ticket.ticketId}/${name}`;

  it('counts down by the server, whatever the device says, and names the times of both places', async ({ skip }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    // The same ticket at a desk on which the clock runs: it is so many minutes before the window closes.
    const configDir = mkdtempSync(join(installation.dataDir, 'real-'));
    cpSync(installation.configDir, configDir, { recursive: true });
    const file = join(configDir, 'policy.yml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('clock: simulated', 'clock: real'));
    const closes = Date.parse(ticket.windowClosesAt ?? '');
    const started = Date.now();
    let before = 4 * 60_000;
    const now = () => closes - before + Date.now() - started;
    const url = await desk.open({ configDir, now: () => new Date(now()).toISOString() });
    const page = await (await desk.browser.newContext({ timezoneId: 'Asia/Tokyo' })).newPage();
    await page.addInitScript('{ const real = Date.now; Date.now = () => real() + 7 * 60_000; }');
    const { code } = await makeEntryCode(
      { db, now: () => new Date(now()).toISOString(), sealKey: desk.place.sealKey },
      { operator: 'ada', readOnly: false },
    );
    await page.goto(`${url}/enter#${code}`);
    await page.waitForURL('**/main/today');
    const countdown = page.locator('[data-closes]');
    const apart = async () => {
      const text = (await countdown.textContent()) ?? '';
      const [, minutes, seconds] = /^closes in (\d+) min (\d+) s$/.exec(text) ?? [];
      return Math.abs(Number(minutes) * 60 + Number(seconds) - (closes - now()) / 1_000);
    };
    await page.getByText(/closes in \d min \d+ s/).waitFor();
    expect(await apart()).toBeLessThanOrEqual(1.5);
    expect(await page.locator('.edge').textContent()).toMatch(
      /14:35 to 15:30 UK time \(BST\),\s09:35 to 10:30 New York/,
    );
    expect(await page.locator('.clock').textContent()).toMatch(/15:26 UK · 10:26 New York/);
    // As after a sleep: the server is two minutes further on than whatever the page counted.
    before = 2 * 60_000;
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await page.getByText(/closes in 1 min \d+ s/).waitFor();
    expect(await apart()).toBeLessThanOrEqual(1.5);
    await page.context().close();
  });

  it('has what was typed on another device, also after that was ended, and tells what could not be saved', async ({
    skip,
  }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const { url } = desk;
    const phone = await letIn(url, 'ada', PHONE);
    await phone.goto(url + path('confirm'));
    const line = phone.getByRole('group').nth(1);
    await line.getByLabel('Note, why').fill('typed on the phone');
    await line.getByText(/^Saved \d\d:\d\d UK\.$/).waitFor();
    await phone.context().setOffline(true);
    await line.getByLabel('Units').fill('1.5');
    await line.getByText('Not saved: the desk cannot be reached.').waitFor();
    await phone.context().setOffline(false);
    // No key is pressed: it is saved by itself when the desk is back.
    await line.getByText(/^Saved/).waitFor();
    await phone.context().close();
    const desktop = await letIn(url, 'ada');
    await desktop.goto(url + path('confirm'));
    const there = desktop.getByRole('group').nth(1);
    expect(await there.getByLabel('Note, why').inputValue()).toBe('typed on the phone');
    expect(await there.getByLabel('Units').inputValue()).toBe('1.5');
    expect(await db('confirmations')).toEqual([]);
    await desktop.context().close();
  });

  it('is claimed, executed and booked on a phone, by keyboard alone, while another sees who does it', async ({
    skip,
  }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const { url } = desk;
    const [page, bo] = [await letIn(url, 'ada', PHONE), await letIn(url, 'bo')];
    const found: string[] = [];
    await bo.goto(url + path('execute'));
    expect(await bo.locator('.claim').textContent()).toBe('Nobody executes it.');

    await page.goto(`${url}/main/today`);
    found.push(...(await faultsOf(page, 'today', 'Start executing')));
    await press(page, 'Start executing');
    found.push(...(await faultsOf(page, 'claim', 'I execute this ticket')));
    await press(page, 'I execute this ticket');
    await bo.getByText(`ada executes it since ${MONDAY} 14:45 UK.`).waitFor({ timeout: 10_000 });

    const [sold, bought] = fillsOf(ticket.material);
    await fill(page, 'Price you see, USD', '178,30');
    await page.getByText('○ The price must be digits with a point').waitFor();
    await fill(page, 'Price you see, USD', sold?.fillPrice ?? '');
    await page.getByText('✓ GO').waitFor();
    // The clock of a rehearsal stands still, whatever the server's own says when the page asks for what has changed.
    const edge = await page.locator('.edge').textContent();
    await page.evaluate(`new Promise((told) => {
      document.addEventListener('server-now', () => told(), { once: true });
      document.dispatchEvent(new Event('visibilitychange'));
    })`);
    expect(await page.locator('.verdict').textContent()).toBe('✓ GO: the price is within the limit.');
    expect(await page.locator('.edge').textContent()).toBe(edge);
    // No price is good while the window is not open, also on a page that stood open when that turned.
    const turn = (stands: string) =>
      page.locator('[data-stands]').evaluate((verdict: InTurn, to) => {
        verdict.dataset['stands'] = to;
        verdict.dispatchEvent(new Event('stands'));
      }, stands);
    await turn('early');
    await page.getByText('○ NOT YET: place nothing before the window opens.').waitFor();
    await turn('over');
    await page.getByText('✕ The window is over: place nothing more.').waitFor();
    // Whoever stops trading elsewhere is heard by the pulse; a window that goes on turning opens nothing then.
    await turn('open');
    await page.evaluate(`document.dispatchEvent(new CustomEvent('trading-stopped', { detail: ['main'] }))`);
    await page.getByText('✕ STOPPED: trading is stopped, place nothing more.').waitFor();
    await turn('open');
    await page.getByText('✓ GO').waitFor();
    // The window may turn while the script that listens is still on its way.
    let arrive = (): void => undefined;
    const late = new Promise<void>((resolve) => (arrive = resolve));
    await page.route('**/assets/*/execute.js', async (route) => {
      await late;
      await route.continue();
    });
    await page.reload({ waitUntil: 'commit' });
    await page.locator('[data-stands]').evaluate((verdict: InTurn) => {
      verdict.dataset['stands'] = 'over';
      verdict.dataset['turned'] = '';
    });
    arrive();
    await page.getByText('✕ The window is over: place nothing more.').waitFor();
    await page.unroute('**/assets/*/execute.js');
    await page.reload();
    await fill(page, 'Price you see, USD', sold?.fillPrice ?? '');
    await page.getByText('✓ GO').waitFor();
    // Of another share, or a slip of the keys: it is within the limit, and looked at twice, by the server too.
    await fill(page, 'Price you see, USD', '99999');
    await page.getByText('! LOOK: 3654.5 % above the close of 2018-05-04, $2,663.42.').waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('! LOOK: 3654.5 % above the close of 2018-05-04, $2,663.42.').waitFor();
    await page.reload();
    expect(await page.locator('.verdict').textContent()).toContain('! LOOK: 3654.5 %');
    found.push(...(await belowTheFold(page, 'Price you see, USD')));
    await fill(page, 'Price you see, USD', sold?.fillPrice ?? '');
    await page.getByText('✓ GO').waitFor();
    // A page that is not heard any more, for its session is over or the desk is away, would not hear of a stop either.
    for (const cut of [
      (route: Route) => route.fulfill({ status: 401, body: '{}' }),
      (route: Route) => route.abort(),
      // Neither answered nor refused, as by a desk that is frozen.
      () => new Promise<void>(() => undefined),
    ]) {
      await page.route('**/pulse', cut);
      await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
      await page.getByText('○ NOT KNOWN: whether trading was stopped').waitFor();
      await fill(page, 'Price you see, USD', sold?.fillPrice ?? '');
      expect(await page.locator('.verdict').textContent()).toContain('NOT KNOWN');
      await page.unroute('**/pulse');
      await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
      await page.getByText('✓ GO').waitFor();
    }
    found.push(...(await faultsOf(page, 'line 1', '1. SELL SP500')));
    await choose(page, 'What became of it', 'DONE');
    // A tab that is loaded anew shows the line that was looked at, whatever is saved of it.
    await expect
      .poll(async () => (await draftsOf(db))[0], { timeout: 10_000 })
      .toMatchObject({ executed_status: 'DONE' });
    await page.reload();
    expect(page.url()).toMatch(/\/execute\?line=1$/);
    await page.getByText('1. SELL SP500').waitFor();
    await fill(page, 'Units', sold?.units ?? '');
    await fill(page, 'Price, USD a share', sold?.fillPrice ?? '');
    await fill(page, 'Value, what cash went up by, USD', sold?.executedValueBase ?? '');
    // The price that was seen is saved with the line, which has other fields than that.
    await expect
      .poll(async () => (await draftsOf(db))[0], { timeout: 10_000 })
      .toMatchObject({ seen: sold?.fillPrice, units: sold?.units });
    await press(page, 'Time: now');
    await expect.poll(() => page.getByLabel('Time in the UK').inputValue()).toBe('14:45');
    // Nothing is left of the line: Enter saves it.
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Save the line and go on');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/execute?line=2');

    const [, buy] = ticket.material.lines;
    const above = (Number(buy?.skipPrice) + 0.01).toFixed(2);
    await fill(page, 'Price you see, USD', above);
    await page.getByText('✕ SKIP: the price is above').waitFor();
    await page.evaluate('scrollTo(0, 0)');
    found.push(...(await belowTheFold(page, 'Price you see, USD')));
    // Enter asks the server, which says how far.
    await page.keyboard.press('Enter');
    await page.getByText('✕ SKIP: $0.01 above the skip price.').waitFor();
    found.push(...(await faultsOf(page, 'line 2', '2. BUY AAPL')));
    await press(page, 'Save the line and go on');
    expect(await page.getByRole('alert').textContent()).toContain('Line 2, what became of it: ');
    found.push(...(await faultsOf(page, 'what is wrong', 'What you typed is saved.')));
    expect(bought?.side).toBe('BUY');
    await press(page, 'It could not be done as written');
    await press(page, /^SKIPPED: the price is above/);
    await expect.poll(() => page.getByLabel('Note, why').inputValue()).toBe('price above skip price');
    await press(page, 'Save the line and go on');
    await page.waitForURL('**/confirm');

    found.push(...(await faultsOf(page, 'confirm', 'Or paste the fills file')));
    expect(await page.getByLabel('Units').first().inputValue()).toBe(sold?.units);
    await press(page, 'Review');
    found.push(...(await faultsOf(page, 'review', 'Sign and book')));
    expect(await page.locator('main').textContent()).toContain('SKIPPED, no BUY of AAPL: price above skip price');
    await press(page, 'Sign and book');
    await page.waitForURL(`**/main/tickets/${ticket.ticketId}`);
    expect(await page.locator('main').textContent()).toContain('BOOKED');
    expect(await db('confirmations')).toHaveLength(1);
    expect(found).toEqual([]);
    await Promise.all([page.context().close(), bo.context().close()]);
  });

  it('is amended whole without a script', async ({ skip }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const page = await letIn(desk.url, 'bo', { ...PHONE, javaScriptEnabled: false });
    await page.getByRole('link', { name: 'Read the ticket' }).click();
    await page.getByRole('link', { name: 'Amend it' }).click();
    const [, bought] = fillsOf(ticket.material);
    const line = page.getByRole('group').nth(1);
    await line.getByLabel('What became of it').selectOption('DONE');
    await page.getByLabel('Or choose the file').setInputFiles({
      name: 'fills.xlsx',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from([0x50, 0x4b, 0xff, 0xfe]),
    });
    await page.getByRole('button', { name: 'Review' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('fills.xlsx: must be text in UTF-8');
    await line.getByLabel('Units').fill(bought?.units ?? '');
    await line.getByLabel('Price, USD a share').fill(bought?.fillPrice ?? '');
    await line.getByLabel('Value, what cash went down by, USD').fill(bought?.executedValueBase ?? '');
    await line.getByLabel('Time in the UK').fill('14:44');
    await line.getByLabel('Note, why').fill('');
    await page.getByRole('button', { name: 'Review' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('AMENDMENT_REASON_INVALID');
    await page.getByLabel('Why it is amended').fill('it was bought after all');
    await page.getByRole('button', { name: 'Review' }).click();
    expect(await page.locator('main').textContent()).toMatch(
      /Taken back: what ada reported[^]*Why: it was bought after all/,
    );
    await page.getByRole('button', { name: 'Sign and book' }).click();
    await page.waitForURL(`**/main/tickets/${ticket.ticketId}`);
    expect(await page.locator('main').textContent()).toContain('BOOKED');
    expect(await db('confirmations')).toHaveLength(2);
    await page.context().close();
  });
});

/** The lines that are saved. */
const draftsOf = async (db: Knex): Promise<unknown[]> =>
  db.withSchema('desk').table('drafts').orderBy('sequence').pluck('content');

/** What a price comes to, as far as a test turns it. */
interface InTurn {
  dataset: Record<string, string>;
  dispatchEvent(event: Event): boolean;
}

/** An element of a page, as far as these tests look into it. */
interface InPage {
  ownerDocument: { activeElement: unknown };
}

/** What of a price and of what it comes to is not seen on the first screen, above the button that stays there. */
async function belowTheFold(page: Page, label: string): Promise<string[]> {
  const bottom = async (found: Locator) => {
    const box = await found.boundingBox();
    return box === null ? Infinity : box.y + box.height;
  };
  const fold = (await page.locator('.actions').last().boundingBox())?.y ?? 0;
  const [field, verdict] = [await bottom(page.getByLabel(label)), await bottom(page.locator('.verdict'))];
  return [field, verdict].every((each) => each <= fold) ? [] : [`${label}: ${field}, ${verdict} below ${fold}`];
}

/** Goes to what has the focus next until that is it. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  const hasFocus = (element: unknown) => element === (element as InPage).ownerDocument.activeElement;
  for (let tabs = 0; tabs < 80; tabs++) {
    if (await target.evaluate(hasFocus)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error('no tab leads there');
}

/** Presses what has that name. */
async function press(page: Page, name: string | RegExp): Promise<void> {
  const target = page.locator('main').locator('a, button:not(.entered), summary').filter({ hasText: name }).first();
  await tabTo(page, target);
  await page.keyboard.press('Enter');
  await page.waitForLoadState();
}

async function fill(page: Page, label: string, text: string): Promise<void> {
  await tabTo(page, page.getByLabel(label));
  await page.keyboard.press('Control+A');
  await page.keyboard.type(text);
}

async function choose(page: Page, label: string, text: string): Promise<void> {
  await tabTo(page, page.getByLabel(label));
  await page.keyboard.type(text);
}

/**
 * What axe has against a page as it stands, in both schemes, and whether it scrolls sideways.
 * @param text by which the state is known
 */
async function faultsOf(page: Page, state: string, text: string): Promise<string[]> {
  await page.getByText(text).first().waitFor();
  return [...(await violationsOf(page, state)), ...(await sidewaysOf(page, state, [320]))];
}
