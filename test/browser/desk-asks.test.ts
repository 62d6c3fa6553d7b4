import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resultOrThrow } from '../../src/domain/errors.js';
import { openAccount } from '../../src/operations/accounts/open.js';
import { setBaseline } from '../../src/operations/ledger/set-baseline.js';
import { sidewaysOf, violationsOf } from '../support/axe.js';
import { chromiumHere } from '../support/chromium.js';
import { useDemoPolicy } from '../support/day.js';
import { NO_CHROMIUM, openDeskBrowser, type DeskBrowser } from '../support/desk-browser.js';
import { signerOf } from '../support/signing.js';
import { createInstallation, type Installation } from '../support/stack.js';

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
  let installation: Installation;
  let desk: DeskBrowser;
  let db: Knex;
  let url: string;

  beforeAll(async () => {
    if (chromiumHere() === null) return;
    installation = await createInstallation({ temporal: false });
    useDemoPolicy(installation);
    desk = await openDeskBrowser(installation);
    ({ db, url } = desk);
    const asker = { operator: 'demo', door: 'cli', claimedAt: AT, sign: signerOf(installation.dataDir) } as const;
    resultOrThrow(await openAccount(desk.place, asker, { account: 'main', baseCurrency: 'USD', clock: 'simulated' }));
    const opening = { account: 'main', cash: '1000', positions: { AAPL: '10' }, reason: 'as eToro shows' };
    resultOrThrow(await setBaseline(desk.place, asker, opening));
  }, 120_000);
  afterAll(async () => {
    if (chromiumHere() === null) return;
    await desk.close();
    await installation.cleanup();
  });

  it('keeps nobody out and scrolls nowhere sideways, light and dark, wide and narrow', async ({ skip }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const found: string[] = [];
    const { page, complaints } = await desk.letIn({ viewport: { width: 1280, height: 900 } });
    const look = async (name: string) =>
      found.push(...(await violationsOf(page, name)), ...(await sidewaysOf(page, name, [390, 320])));
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
    expect(found).toEqual([]);
  });

  it('sends the edit and not what stood in the field, by Enter; what is wrong has the focus', async ({ skip }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const { page } = await desk.letIn();
    await page.goto(`${url}/main/book/cash?kind=DEPOSIT&amount=12`);
    await page.getByRole('textbox', { name: 'Amount' }).fill('1,5');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#trouble');
    expect(await page.evaluate('document.activeElement?.id')).toBe('trouble');
    await page.getByRole('link', { name: /^Amount: / }).click();
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

  it('stops trading by a link and a button, on a phone without a script; a page that stands open says so', async ({
    skip,
  }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const { page: open } = await desk.letIn();
    await open.goto(`${url}/main/today`);
    expect(await open.locator('#changed').isHidden()).toBe(true);
    const { page } = await desk.letIn({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
    await page.getByRole('link', { name: 'Stop trading' }).click();
    await page.getByRole('button', { name: 'Stop trading now' }).click();
    await page.getByText('ENGAGED').first().waitFor();
    expect(await db('kill_switch_events').pluck('event')).toEqual(['ENGAGED']);
    await open.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
    await open.getByText('Trading was stopped: place nothing more.').waitFor();
    expect(await violationsOf(open, 'stopped')).toEqual([]);
    await open.reload();
    expect(await open.locator('#changed').isHidden()).toBe(true);
    for (const each of [page, open]) await each.context().close();
  });
});
