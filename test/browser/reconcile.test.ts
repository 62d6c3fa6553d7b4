import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newestReconciliation } from '../../src/db/reconciliations.js';
import { sidewaysOf, violationsOf } from '../support/axe.js';
import { chromiumHere } from '../support/chromium.js';
import { MONDAY, startSeat, useDemoPolicy, type TestSeat } from '../support/day.js';
import { NO_CHROMIUM, openDeskBrowser, type DeskBrowser } from '../support/desk-browser.js';
import { NINE, useNine } from '../support/nine.js';
import { createInstallation } from '../support/stack.js';
import { fingerprint } from '../support/unchanged.js';

const CASH = '10000.50';

describe('reconciling in a real browser', { timeout: 180_000 }, () => {
  let seat: TestSeat;
  let stop: () => Promise<void>;
  let desk: DeskBrowser;
  let db: Knex;
  let url: string;

  beforeAll(async () => {
    if (chromiumHere() === null) return;
    const installation = await createInstallation();
    useDemoPolicy(installation, { operators: ['demo', 'partner'] });
    useNine(installation);
    ({ seat, stop } = await startSeat(installation));
    await seat.run('0800', MONDAY);
    await seat.reconcile(MONDAY, { cash: CASH, positions: NINE });
    desk = await openDeskBrowser(installation);
    ({ db, url } = desk);
  }, 120_000);
  afterAll(async () => {
    if (chromiumHere() === null) return;
    await desk.close();
    await stop();
  });

  it('by keyboard alone nine positions come from the page to PASS; the difference is told meanwhile', async ({
    skip,
  }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const { page, complaints } = await desk.letIn();
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
    // What is typed for the same at a terminal follows.
    expect(await page.locator('.same').innerText()).toMatch(
      /^The same at a terminal: trading-ops reconcile-daily .*--cash 10000\.50 .*--position AAPL=80 /,
    );
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
    // A desk that is gone when it is sent has recorded nothing: the form has the figures all the same.
    await page.route('**/main/reconcile', (route) => route.abort('connectionrefused'));
    await page.getByRole('button', { name: 'Record PASS' }).click();
    await page.waitForURL('chrome-error://**');
    await page.unroute('**/main/reconcile');
    await page.goto(`${url}/main/reconcile`);
    await page.getByText('9 of 9 seen').waitFor();
    expect(await page.locator('[name="cash"]').inputValue()).toBe(CASH);
    expect(await fingerprint(db)).toEqual(before);
    complaints.length = 0;
    await page.getByRole('button', { name: 'Review and record' }).click();
    await page.getByText('Nothing is recorded yet').waitFor();
    while ((await page.evaluate('document.activeElement.textContent')) !== 'Record PASS') await key('Tab');
    await key('Enter');
    await page.waitForURL('**/main/reconciliations/*');
    expect(await page.locator('main').textContent()).toContain('RECONCILIATION_PASS');
    const stored = await newestReconciliation(db, 'main');
    expect(new Set(Object.values(stored?.evidence.seen ?? {}))).toEqual(new Set(['ticked']));
    // Whoever goes back meets a form of its own, with nothing in it that was sent.
    await page.evaluate('history.go(-2)');
    await page.getByText('0 of 9 seen').waitFor();
    expect(await page.locator('[name="cash"]').inputValue()).toBe('');
    expect(await page.locator('[name="command"]').inputValue()).not.toBe(stored?.commandId);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('keys are listed, lead to pages, and do nothing while somebody types', async ({ skip }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const { page } = await desk.letIn();
    await page.goto(`${url}/main/reconcile`);
    await page.locator('[name=cash]:focus').waitFor();
    await page.keyboard.type('gt?');
    expect(await page.locator('[name=cash]').inputValue()).toBe('gt?');
    // What was typed outlives the page, in this tab and until it is sent; a tick too.
    await page.locator('[name="same.AAPL"]').check();
    await page.getByText('1 of 9 seen').waitFor();
    // What stands beside a figure is of that figure: while nobody compares it nothing is said, and it is asked again.
    await page.route('**/preview', (route) => route.fulfill({ status: 503, body: '{}' }));
    await page.locator('[name="same.GOOG"]').check();
    await page.getByText('Not compared: the desk or its database does not answer.').waitFor();
    expect(await page.locator('main').textContent()).not.toMatch(/of 9 seen|✓ same/);
    await page.unroute('**/preview');
    await page.getByText('2 of 9 seen').waitFor();
    await page.locator('[name="same.GOOG"]').uncheck();
    await page.getByText('1 of 9 seen').waitFor();
    await page.reload();
    await page.getByText('1 of 9 seen').waitFor();
    expect(await page.locator('[name=cash]').inputValue()).toBe('gt?');
    await page.getByRole('button', { name: 'Review and record' }).click();
    await page.getByRole('alert').waitFor();
    await page.goBack();
    await page.getByText('1 of 9 seen').waitFor();
    expect(await page.locator('[name=cash]').inputValue()).toBe('gt?');
    await page.getByRole('heading', { level: 1 }).click();
    await page.keyboard.press('?');
    expect(await page.locator('#keys').textContent()).toMatch(/g t: Today.*g r: Reconcile.*Ctrl\+Enter/);
    expect(await violationsOf(page, 'keys')).toEqual([]);
    await page.keyboard.press('?');
    expect(await page.locator('#keys').count()).toBe(0);
    await page.keyboard.press('g');
    await page.keyboard.press('t');
    await page.waitForURL('**/main/today');
    // Another name in this tab, or another session, reads the figures anew.
    const others = async () => {
      await page.goto(`${url}/main/reconcile`);
      await page.getByText('0 of 9 seen').waitFor();
      return page.locator('[name=cash]').inputValue();
    };
    const typed = await page.evaluate('sessionStorage.getItem("typed /main/reconcile")');
    await page.getByLabel('You are').selectOption('partner');
    await page.getByRole('button', { name: 'Say so' }).click();
    await page.waitForURL('**/main/today');
    expect(await others()).toBe('');
    await page.evaluate(`sessionStorage.setItem('typed /main/reconcile', ${JSON.stringify(typed)})`);
    await page.context().clearCookies();
    await page.goto('about:blank');
    await page.goto(`${url}/enter#${await desk.newCode()}`);
    await page.waitForURL('**/main/today');
    expect(await others()).toBe('');
    await page.locator('[name=cash]').fill('1');
    // Whoever signs out, on whatever page, leaves nothing behind for the next one at this tab.
    const kept = () => page.evaluate('sessionStorage.length');
    expect(await kept()).toBe(1);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/enter*');
    expect(await kept()).toBe(0);
    await page.context().close();
  });

  it('without a script, on a phone, the form is whole: paste, check, trouble, review, FAIL and the way back', async ({
    skip,
  }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const { page } = await desk.letIn({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
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
      .getByRole('link', { name: /^KO, units/i })
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

  it('stands in line: figures under figures, the bar in one line of two operators whose trading is stopped', async ({
    skip,
  }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const engaged = await seat.cli([
      'kill-switch',
      'engage',
      '--reason',
      'why',
      '--at',
      `${MONDAY}T09:00:00Z`,
      '--operator',
      'demo',
    ]);
    expect(engaged.code, engaged.stderr).toBe(0);
    const { page } = await desk.letIn({ viewport: { width: 1280, height: 800 } });
    await page.goto(`${url}/main/reconcile`);
    await page.getByRole('link', { name: 'Trading is stopped' }).waitFor();
    const middles = await page.locator('.bar>:not(.rehearsal,.band)').evaluateAll((parts) =>
      parts
        .map((part) => part.getBoundingClientRect())
        .filter(({ height }) => height > 0)
        .map(({ top, height }) => Math.round(top + height / 2)),
    );
    expect(middles.length).toBeGreaterThan(6);
    expect(Math.max(...middles) - Math.min(...middles)).toBeLessThan(6);
    const fields = (await page.evaluate(`[...document.querySelectorAll('.rows td input[type=text]')].map((field) => {
      const { right, width } = field.getBoundingClientRect();
      return [Math.round(right), Math.round(width), getComputedStyle(field).textAlign].join(' ');
    })`)) as string[];
    expect(fields).toHaveLength(1 + 9 + 3);
    expect(new Set(fields).size, fields.join('\n')).toBe(1);
    expect(fields[0]).toMatch(/ right$/);
    // The keys go on from a title; nobody sees a frame around it.
    await page.goto(`${url}/main/book/cash`);
    await page.locator('h1:focus').waitFor();
    expect(await page.evaluate(`getComputedStyle(document.querySelector('h1')).outlineStyle`)).toBe('none');
    await page.context().close();
  });

  it('has a table that was taken still taken where the page is made anew in the same tab', async ({ skip }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const { page } = await desk.letIn();
    await page.goto(`${url}/main/reconcile`);
    await page.locator('[name="cash"]').fill(CASH);
    await page.getByText('Paste a table from eToro').click();
    await page.getByLabel('The table').fill(
      Object.entries(NINE)
        .map(([symbol, units]) => `${symbol} ${units}`)
        .join('\n'),
    );
    await page.getByRole('button', { name: 'Read the table' }).click();
    await page.getByRole('button', { name: 'Take these figures' }).click();
    await page.waitForLoadState();
    await page.goto(`${url}/main/today`);
    await page.goto(`${url}/main/reconcile`);
    await page.getByRole('button', { name: 'Review and record' }).last().click();
    await page.getByRole('button', { name: /^Record / }).waitFor();
    await page.context().close();
  });

  it('keeps nobody out and scrolls nowhere sideways, in each state, light and dark', async ({ skip }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const found: string[] = [];
    const { page } = await desk.letIn();
    const look = async (state: string) => {
      for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: 844 });
        found.push(...(await violationsOf(page, `${state}, ${width}`)));
      }
      found.push(...(await sidewaysOf(page, state, [1280, 390, 320])));
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
    // What could not be taken does not count, so it must not stand there either.
    await page.getByLabel('The table').fill('');
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
    expect(found).toEqual([]);
  });
});
