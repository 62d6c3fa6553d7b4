import type { FastifyInstance } from 'fastify';
import type { Knex } from 'knex';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, OF_THE_DESK } from '../../src/db/connect.js';
import { newestReconciliation } from '../../src/db/reconciliations.js';
import { createDesk } from '../../src/desk/server.js';
import { makeEntryCode } from '../../src/operations/entry/make-code.js';
import { anyPort } from '../../src/runtime/processes/ports.js';
import { violationsOf } from '../support/axe.js';
import { chromiumHere, startChromium } from '../support/chromium.js';
import { MONDAY, startSeat, useDemoPolicy, type TestSeat } from '../support/day.js';
import { placeOf, sealsOf } from '../support/desk.js';
import { NINE, useNine } from '../support/nine.js';
import { createInstallation, type Installation } from '../support/stack.js';
import { fingerprint } from '../support/unchanged.js';

const NO_CHROMIUM = 'there is no chromium on this machine (apt-get install chromium)';
const CASH = '10000.50';

describe('reconciling in a real browser', { timeout: 180_000 }, () => {
  let browser: Browser;
  let seat: TestSeat;
  let stop: () => Promise<void>;
  let db: Knex;
  let installation: Installation;
  let app: FastifyInstance;
  let url: string;

  beforeAll(async () => {
    if (chromiumHere() === null) return;
    installation = await createInstallation();
    useDemoPolicy(installation);
    useNine(installation);
    ({ seat, stop } = await startSeat(installation));
    await seat.run('0800', MONDAY);
    await seat.reconcile(MONDAY, { cash: CASH, positions: NINE });
    db = connect(installation.settings.databaseUrl ?? '', 4, OF_THE_DESK);
    const port = await anyPort();
    app = await createDesk({ ...placeOf(installation, db), port });
    await app.listen({ port, host: '127.0.0.1' });
    url = `http://localhost:${port}`;
    browser = await startChromium();
  }, 120_000);
  afterAll(async () => {
    if (chromiumHere() === null) return;
    await browser.close();
    await app.close();
    await db.destroy();
    await stop();
  });

  /** A browser of its own that was let in, and what it complained of. */
  async function letIn(options: BrowserContextOptions = {}): Promise<{ page: Page; complaints: string[] }> {
    const page = await (await browser.newContext(options)).newPage();
    const complaints: string[] = [];
    page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
    page.on('pageerror', (error) => void complaints.push(String(error)));
    const now = () => new Date().toISOString();
    const { code } = await makeEntryCode(
      { db, now, sealKey: sealsOf(installation) },
      { operator: 'demo', readOnly: false },
    );
    await page.goto(`${url}/enter`);
    await page.getByLabel('Code').fill(code);
    await page.getByRole('button', { name: 'Enter' }).click();
    await page.waitForURL('**/main/today');
    return { page, complaints };
  }

  it('by keyboard alone nine positions come from the page to PASS; the difference is told meanwhile', async ({
    skip,
  }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const { page, complaints } = await letIn();
    const before = await fingerprint(db);
    const key = (name: string) => page.keyboard.press(name);
    await key('g');
    await key('r');
    await page.waitForURL('**/main/reconcile');
    // The cash has the focus: what is typed goes there, also letters that are keys elsewhere.
    await page.locator('[name=cash]:focus').waitFor();
    await page.keyboard.type(CASH);
    const rows = Object.entries(NINE);
    for (const [index, [, units]] of rows.entries()) {
      await key('Tab');
      if (index !== 3) await key('Space');
      await key('Tab');
      if (index === 3) await page.keyboard.type(`${units}1`);
    }
    await page.getByText('9 of 9 seen').waitFor();
    await page.getByText('✕ UNITS_DRIFT').waitFor();
    await page.getByText('Not recorded yet: it would be RECONCILIATION_FAIL.').waitFor();
    // Back to the fourth row, which was mistyped; a tick takes the place of what was typed.
    for (let back = 0; back < 2 * (rows.length - 4) + 1; back++) await key('Shift+Tab');
    await key('Space');
    await page.getByText('Not recorded yet: it would be RECONCILIATION_PASS.').waitFor();
    expect(await page.locator('[name="positions.GOOG"]').inputValue()).toBe('');
    await key('Control+Enter');
    // Each row is settled, so the page goes on from its check: the next key is the review's.
    await page.locator('button[data-check]:focus').waitFor();
    expect(new URL(page.url()).pathname).toBe('/main/reconcile');
    expect(await fingerprint(db)).toEqual(before);
    await key('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Review and record');
    await key('Enter');
    await page.getByText('Nothing is recorded yet').waitFor();
    expect(await fingerprint(db)).toEqual(before);
    while ((await page.evaluate('document.activeElement.textContent')) !== 'Record PASS') await key('Tab');
    await key('Enter');
    await page.waitForURL('**/main/reconciliations/*');
    expect(await page.locator('main').textContent()).toContain('RECONCILIATION_PASS');
    const stored = await newestReconciliation(db, 'main');
    expect(new Set(Object.values(stored?.evidence.seen ?? {}))).toEqual(new Set(['ticked']));
    // Whoever goes back meets a form of its own, with nothing in it that was sent.
    await page.evaluate('history.go(-3)');
    await page.getByText('0 of 9 seen').waitFor();
    expect(await page.locator('[name="cash"]').inputValue()).toBe('');
    expect(await page.locator('[name="command"]').inputValue()).not.toBe(stored?.commandId);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('keys are listed, lead to pages, and do nothing while somebody types', async ({ skip }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const { page } = await letIn();
    await page.goto(`${url}/main/reconcile`);
    await page.locator('[name=cash]:focus').waitFor();
    await page.keyboard.type('gt?');
    expect(await page.locator('[name=cash]').inputValue()).toBe('gt?');
    await page.getByRole('heading', { level: 1 }).click();
    await page.keyboard.press('?');
    expect(await page.locator('#keys').textContent()).toMatch(/g t: Today.*g r: Reconcile.*Ctrl\+Enter/);
    expect(await violationsOf(page)).toEqual([]);
    await page.keyboard.press('?');
    expect(await page.locator('#keys').count()).toBe(0);
    await page.keyboard.press('g');
    await page.keyboard.press('t');
    await page.waitForURL('**/main/today');
    await page.context().close();
  });

  it('without a script, on a phone, the form is whole: paste, check, trouble, review, FAIL and the way back', async ({
    skip,
  }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const { page } = await letIn({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
    await page.getByRole('link', { name: 'Reconcile' }).first().click();
    await page.getByText('Paste a table from eToro').click();
    const table = Object.entries(NINE).map(([symbol, units]) => `${symbol} ${units}`);
    await page.getByLabel('The table').fill(`${table.join('\n')}\ncash 10012.84`);
    await page.getByRole('button', { name: 'Read the table' }).click();
    await page.getByRole('button', { name: 'Take these figures' }).click();
    await page.getByText('✕ CASH_DRIFT').waitFor();
    await page.getByText('9 of 9 seen').waitFor();
    await page.locator('[name="positions.KO"]').fill('');
    await page.locator('[name="other.1.symbol"]').fill('KO');
    await page.getByRole('button', { name: 'Review and record' }).last().click();
    await page
      .locator('#trouble')
      .getByRole('link', { name: /positions\.KO/ })
      .click();
    expect(page.url()).toMatch(/#f-positions\.KO$/);
    await page.locator('[name="other.1.symbol"]').fill('');
    await page.getByLabel(/^same: KO/).check();
    // A field that is edited and left by Enter sends what stands in it, to the review.
    await page.locator('[name="cash"]').fill('10013.00');
    await page.locator('[name="cash"]').press('Enter');
    await page.getByRole('button', { name: 'Back and correct' }).click();
    expect(await page.getByLabel(/^same: KO/).isChecked()).toBe(true);
    await page.getByRole('button', { name: 'Review and record' }).last().click();
    await page.getByRole('button', { name: 'Record FAIL' }).click();
    await page.waitForURL('**/main/reconciliations/*');
    const stored = await newestReconciliation(db, 'main');
    expect(stored).toMatchObject({ status: 'FAIL', evidence: { seen: { KO: 'ticked', PG: 'typed' } } });
    expect(stored?.evidence.snapshot.cash).toBe('10013');
    await page.getByRole('link', { name: 'Reconcile again with the same figures' }).click();
    expect(await page.locator('[name="cash"]').inputValue()).toBe('10013');
    await page.context().close();
  });

  it('keeps nobody out and scrolls nowhere sideways, in each state, light and dark', async ({ skip }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const found: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await letIn({ colorScheme });
      const look = async (state: string) => {
        for (const width of colorScheme === 'light' ? [1280, 320, 390] : [390]) {
          await page.setViewportSize({ width, height: 844 });
          const wider = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
          if (Number(wider) > 0) found.push(`${state} scrolls by ${String(wider)} px at ${width}`);
          if (width === 320) continue;
          found.push(...(await violationsOf(page)).map((one) => `${state} ${colorScheme} ${width}: ${one}`));
        }
      };
      await page.goto(`${url}/main/reconcile`);
      await look('form');
      await page.getByRole('button', { name: 'Review and record' }).last().click();
      await look('trouble');
      for (const symbol of Object.keys(NINE)) await page.locator(`[name="same.${symbol}"]`).check();
      await page.locator('[name="other.1.symbol"]').fill('GME');
      await page.locator('[name="other.1.units"]').fill('3');
      await page.locator('[name="cash"]').fill('10250.50');
      await page.getByText('Paste a table from eToro').click();
      await page.getByLabel('The table').fill('AAPL 80\nNobody 3\nKO 1,5');
      await page.getByRole('button', { name: 'Read the table' }).click();
      await look('table and differences');
      await page.getByRole('button', { name: 'Review and record' }).last().click();
      await page.getByRole('button', { name: 'Record FAIL' }).waitFor();
      await look('review');
      await page.getByRole('button', { name: 'Record FAIL' }).click();
      await page.waitForURL('**/main/reconciliations/*');
      await look('FAIL');
      const { reconciliationId } = await seat
        .reconcile(MONDAY, { cash: CASH, positions: NINE })
        .then(async () => (await newestReconciliation(db, 'main')) ?? { reconciliationId: '' });
      await page.goto(`${url}/main/reconciliations/${reconciliationId}`);
      await look('PASS');
      await page.context().close();
    }
    expect(found).toEqual([]);
  });
});
