import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { FastifyInstance } from 'fastify';
import type { Knex } from 'knex';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, OF_THE_DESK } from '../../src/db/connect.js';
import { createDesk } from '../../src/desk/server.js';
import { resultOrThrow } from '../../src/domain/errors.js';
import { openAccount } from '../../src/operations/accounts/open.js';
import { makeEntryCode } from '../../src/operations/entry/make-code.js';
import { setBaseline } from '../../src/operations/ledger/set-baseline.js';
import { anyPort } from '../../src/runtime/processes/ports.js';
import { chromiumHere, startChromium } from '../support/chromium.js';
import { useDemoPolicy } from '../support/day.js';
import { placeOf } from '../support/desk.js';
import { signerOf } from '../support/signing.js';
import { createInstallation, type Installation } from '../support/stack.js';

const NO_CHROMIUM = 'there is no chromium on this machine (apt-get install chromium)';
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const AT = '2018-05-07T08:00:00.000Z';

/** Forms as they are opened, and two that were sent: one with something wrong, one to be read once more. */
const PATHS = [
  '/main/book',
  '/main/book/cash?kind=DEPOSIT&amount=12',
  '/main/book/stock-merger',
  '/main/baseline',
  '/main/actions/rule?symbol=AAPL&exDate=2018-05-04&kind=SPLIT',
  '/main/runs/start?slot=1400',
  '/main/schedules/pause',
  '/main/kill-switch',
  '/main/kill-switch/engage',
  '/main/kill-switch/reset',
  '/main/backups/restore-test',
  '/main/alerts/test',
];

describe('what is asked for at the desk, in a real browser', { timeout: 180_000 }, () => {
  let browser: Browser;
  let installation: Installation;
  let db: Knex;
  let app: FastifyInstance;
  let url: string;

  beforeAll(async () => {
    if (chromiumHere() === null) return;
    installation = await createInstallation({ temporal: false });
    useDemoPolicy(installation);
    db = connect(installation.settings.databaseUrl ?? '', 4, OF_THE_DESK);
    const port = await anyPort();
    const place = { ...placeOf(installation, db), port };
    const asker = { operator: 'demo', door: 'cli', claimedAt: AT, sign: signerOf(installation.dataDir) } as const;
    resultOrThrow(await openAccount(place, asker, { account: 'main', baseCurrency: 'USD', clock: 'simulated' }));
    const opening = { account: 'main', cash: '1000', positions: { AAPL: '10' }, reason: 'as eToro shows' };
    resultOrThrow(await setBaseline(place, asker, opening));
    app = await createDesk(place);
    await app.listen({ port, host: '127.0.0.1' });
    url = `http://localhost:${port}`;
    browser = await startChromium();
  }, 120_000);
  afterAll(async () => {
    if (chromiumHere() === null) return;
    await browser.close();
    await app.close();
    await db.destroy();
    await installation.cleanup();
  });

  async function letIn(options: BrowserContextOptions = {}): Promise<{ page: Page; complaints: string[] }> {
    const page = await (await browser.newContext(options)).newPage();
    const complaints: string[] = [];
    page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
    page.on('pageerror', (error) => void complaints.push(String(error)));
    const { code } = await makeEntryCode(
      { db, now: () => new Date().toISOString() },
      { operator: 'demo', readOnly: false },
    );
    await page.goto(`${url}/enter`);
    await page.getByLabel('Code').fill(code);
    await page.getByRole('button', { name: 'Enter' }).click();
    await page.waitForURL('**/main/today');
    return { page, complaints };
  }

  it('keeps nobody out and scrolls nowhere sideways, light and dark, wide and narrow', async ({ skip }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const found: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page, complaints } = await letIn({ colorScheme });
      const look = async (name: string) => {
        await page.setViewportSize({ width: 1280, height: 900 });
        found.push(...(await violationsOf(page)).map((one) => `${name} ${colorScheme}: ${one}`));
        for (const width of [390, 320]) {
          await page.setViewportSize({ width, height: 844 });
          const wider = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
          if (Number(wider) > 0) found.push(`${name} scrolls by ${String(wider)} px at ${width}`);
        }
      };
      for (const path of PATHS) {
        await page.goto(url + path);
        await look(path);
      }
      for (const [amount, name] of [
        ['1,5', 'a form with something wrong'],
        ['1.5', 'a review'],
      ] as const) {
        await page.goto(`${url}/main/book/cash?kind=DEPOSIT`);
        await page.getByRole('textbox', { name: 'Amount' }).fill(amount);
        await page.getByRole('button', { name: 'Review' }).click();
        await page.waitForLoadState();
        await look(name);
      }
      expect(complaints.filter((text) => !/status of 400/.test(text))).toEqual([]);
      await page.context().close();
    }
    expect(found).toEqual([]);
  });

  it('sends the edit and not what stood in the field, by Enter; what is wrong has the focus', async ({ skip }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const { page } = await letIn();
    await page.goto(`${url}/main/book/cash?kind=DEPOSIT&amount=12`);
    await page.getByRole('textbox', { name: 'Amount' }).fill('1,5');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#trouble');
    expect(await page.evaluate('document.activeElement?.id')).toBe('trouble');
    await page.getByRole('link', { name: /^amount: / }).click();
    expect(await page.evaluate('document.activeElement?.id')).toBe('f-amount');
    await page.getByRole('textbox', { name: 'Amount' }).fill('13.25');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Sign and book' }).click();
    await page.getByText('reconcile again').waitFor();
    const [posting] = (await db('postings').where({ ledger_account: 'Assets:Cash' }).orderBy('entry_id', 'desc')) as {
      amount: string;
    }[];
    expect(Number(posting?.amount)).toBe(13.25);
    expect(await db('journal_entries').count()).toEqual([{ count: 2 }]);
    await page.context().close();
  });

  it('stops trading by a link and a button, on a phone without a script', async ({ skip }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const { page } = await letIn({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
    await page.getByRole('link', { name: 'Stop trading' }).click();
    await page.getByRole('button', { name: 'Stop trading now' }).click();
    await page.getByText('ENGAGED').first().waitFor();
    expect(await db('kill_switch_events').pluck('event')).toEqual(['ENGAGED']);
    await page.context().close();
  });
});

/** What axe has against a page as it stands. */
async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate<string[]>(
    `axe.run().then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ' ' + nodes.map(({ html }) => html).join(' ')))`,
  );
}
