import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAccount } from '../../src/db/accounts.js';
import { bookEntry } from '../../src/db/journal.js';
import { inTransaction } from '../../src/db/transaction.js';
import { makeEntryCode } from '../../src/operations/entry/make-code.js';
import { STATEMENT_BYTES_MAX } from '../../src/domain/text.js';
import { policy, writeConfiguration } from '../integration/ledger.fixture.js';
import { sidewaysOf, violationsOf } from '../support/axe.js';
import { chromiumHere } from '../support/chromium.js';
import { NO_CHROMIUM, openDeskBrowser, type DeskBrowser } from '../support/desk-browser.js';
import { createInstallation, type Installation } from '../support/stack.js';
import {
  JANUARY,
  januaryBooked,
  opened,
  statementOf,
  UNIVERSE,
  type Happening,
  type Statement,
} from '../support/statement.js';
import { fingerprint } from '../support/unchanged.js';
import { partsOf, workbookOf, zipOf } from '../support/workbook.js';

const AT = '2026-02-02T08:00:00.000Z';
const WITHDRAWAL = 6;

describe('the broker’s statement in a real browser', { timeout: 180_000 }, () => {
  let installation: Installation;
  let desk: DeskBrowser;
  let folder: string;

  beforeAll(async () => {
    if (chromiumHere() === null) return;
    installation = await createInstallation();
    const of = { base_currency: 'USD', clock: 'simulated' } as const;
    writeConfiguration(installation.configDir, { ...policy, accounts: { main: of, bare: of } } as never, UNIVERSE);
    desk = await openDeskBrowser(installation, { operator: 'ann' });
    for (const account of ['main', 'bare']) {
      await openAccount(
        desk.db,
        { account, baseCurrency: 'USD', clock: 'simulated' },
        'ann',
        '2026-01-01T00:00:00.000Z',
      );
      for (const [index, draft] of januaryBooked('USD').entries())
        if (account === 'main' || index !== WITHDRAWAL)
          await inTransaction(desk.db, (trx) =>
            bookEntry(trx, draft as never, {
              account,
              bookedAt: AT,
              operator: 'ann',
              idempotencyKey: `${account}-${index}`,
            }),
          );
    }
    folder = mkdtempSync(path.join(tmpdir(), 'statements-'));
  }, 120_000);
  afterAll(async () => {
    if (chromiumHere() === null) return;
    await desk.close();
    await installation.cleanup();
    rmSync(folder, { recursive: true });
  });

  const file = (name: string, body: Uint8Array): string => {
    const at = path.join(folder, name);
    writeFileSync(at, body);
    return at;
  };
  const january = (happenings: readonly Happening[] = JANUARY, said: Statement = {}) =>
    workbookOf(statementOf(happenings, said));
  /** Of a user of their own: the statements of one user are of one account. */
  const another = () => january(JANUARY, { user: 'another_user' });
  const choose = async (page: Page, account: string, chosen: string) => {
    await page.goto(`${desk.url}/${account}/statements/import`);
    await page.getByLabel('The statement, as eToro gave it').setInputFiles(chosen);
    await page.getByRole('button', { name: 'Import and compare' }).click();
  };
  const refused = async (page: Page, chosen: string): Promise<string | null> => {
    await choose(page, 'main', chosen);
    await page.waitForSelector('#trouble');
    return page.locator('#trouble strong').textContent();
  };
  const heading = (page: Page) => page.locator('.banner strong').first().textContent();

  it('that agrees is sent from the list, told so, and known when it is sent again; nothing is booked', async ({
    skip,
  }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const { page, complaints } = await desk.letIn();
    const before = await desk.db('journal_entries').count({ count: '*' });
    await page.getByRole('link', { name: 'Statements' }).click();
    await page.getByRole('link', { name: 'Import a statement' }).click();
    const found = await violationsOf(page, 'form');
    await page.setViewportSize({ width: 320, height: 844 });
    // A flag is read, and typed again: no line ends within it.
    const [flags, words] = [page.locator('.same span').filter({ hasText: /^--/ }), page.locator('.same code')];
    expect(await flags.count()).toBe(1);
    for (const flag of await flags.all()) expect((await flag.boundingBox())?.height).toBeLessThan(30);
    expect((await words.innerText()).trim()).toBe(`trading-ops statement import <file> --at ${AT}`);
    await page.getByLabel('The statement, as eToro gave it').setInputFiles(file('january.xlsx', january()));
    await page.getByRole('button', { name: 'Import and compare' }).click();
    await page.waitForURL(/\/main\/statements\/[0-9a-f-]{36}$/);
    expect(await heading(page)).toBe('STATEMENT_AGREES');
    found.push(...(await violationsOf(page, 'agrees')), ...(await sidewaysOf(page, 'agrees', [320, 390])));
    await choose(page, 'main', file('january.xlsx', january()));
    await page.waitForURL(/\?known=yes$/);
    expect(await heading(page)).toBe('This file is known');
    await page.getByRole('link', { name: 'All statements' }).click();
    await page.waitForURL('**/main/statements');
    expect(await page.getByRole('row').filter({ hasText: 'STATEMENT_AGREES' }).count()).toBe(1);
    found.push(...(await violationsOf(page, 'list')), ...(await sidewaysOf(page, 'list', [320, 390])));
    expect([found, complaints]).toEqual([[], []]);
    expect(await desk.db('journal_entries').count({ count: '*' })).toEqual(before);
    await page.context().close();
  });

  it('that differs leads to the booking that sets it right, filled in, and agrees after that', async ({ skip }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const { page } = await desk.letIn({ viewport: { width: 390, height: 844 } });
    await choose(page, 'bare', file('another.xlsx', another()));
    await page.waitForURL(/\/bare\/statements\/[0-9a-f-]{36}$/);
    expect(await heading(page)).toBe('STATEMENT_DIFFERS');
    const card = page.locator('.card').filter({ hasText: 'MISSING_IN_LEDGER: WITHDRAWAL' });
    expect(await card.locator('code').textContent()).toBe(
      `trading-ops cash withdraw --amount 200.00 --date 2026-01-28 --account bare --at ${AT}`,
    );
    const found = [...(await violationsOf(page, 'differs')), ...(await sidewaysOf(page, 'differs', [320, 390]))];
    await card.getByRole('link', { name: 'I see this at eToro: book it…' }).click();
    await page.waitForURL(/\/bare\/book\/cash\?/);
    expect(await page.locator('#f-amount').inputValue()).toBe('200.00');
    expect(await page.locator('#f-kind').inputValue()).toBe('WITHDRAWAL');
    await page.getByRole('button', { name: 'Review' }).click();
    await page.getByRole('button', { name: 'Sign and book' }).click();
    await page.waitForURL(/\/bare\/ledger\/\d+\?booked=\d+$/);
    await choose(page, 'bare', file('another.xlsx', another()));
    await page.waitForURL(/\?known=yes$/);
    expect(await page.locator('.banner strong').allTextContents()).toEqual(['This file is known', 'STATEMENT_AGREES']);
    await page.getByRole('link', { name: 'Withdraw this statement' }).click();
    await page.waitForURL(/\/withdraw$/);
    found.push(...(await violationsOf(page, 'withdraw')), ...(await sidewaysOf(page, 'withdraw', [320, 390])));
    await page.getByLabel('Why it should not count').fill('of another account');
    await page.getByRole('button', { name: 'Review' }).click();
    await page.getByRole('button', { name: 'Sign and withdraw' }).click();
    await page.waitForURL(/\/bare\/statements\/[0-9a-f-]{36}$/);
    expect(await page.locator('.banner strong').allTextContents()).toEqual(['WITHDRAWN', 'STATEMENT_AGREES']);
    found.push(...(await violationsOf(page, 'withdrawn')), ...(await sidewaysOf(page, 'withdrawn', [320, 390])));
    expect(found).toEqual([]);
    await page.context().close();
  });

  it('that is refused is refused by its name at the form, a bomb too, and nothing is stored', async ({ skip }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const { page, complaints } = await desk.letIn();
    const before = await fingerprint(desk.db);
    const parts = partsOf(statementOf(JANUARY));
    const theme = { name: 'xl/theme/theme1.xml', body: Buffer.alloc(80 * 1024 * 1024, ' ') };
    const unknown = january([opened('05/01/2026 14:00:00', 'ZZZ', '1', '1', 1)]);
    expect(await refused(page, file('notes.xlsx', Buffer.from('no workbook')))).toBe('STATEMENT_NOT_A_WORKBOOK');
    expect(await refused(page, file('unknown.xlsx', unknown))).toBe('STATEMENT_INSTRUMENT');
    expect(await refused(page, file('bomb.xlsx', zipOf([...parts, theme])))).toBe('STATEMENT_TOO_LARGE');
    const lying = zipOf([...parts, { ...theme, says: 1_000 }]);
    expect(await refused(page, file('lying.xlsx', lying))).toBe('STATEMENT_NOT_A_WORKBOOK');
    const found = [...(await violationsOf(page, 'refused')), ...(await sidewaysOf(page, 'refused', [320, 390]))];
    expect(found).toEqual([]);
    expect(complaints.filter((each) => !each.includes('400 (Bad Request)'))).toEqual([]);
    expect(await fingerprint(desk.db)).toEqual(before);
    await page.context().close();
  });

  it('that is too large is not sent by the script, and answered by a page where there is none', async ({ skip }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const large = file('large.xlsx', new Uint8Array(2 * STATEMENT_BYTES_MAX));
    const { page } = await desk.letIn();
    await choose(page, 'main', large);
    expect(await page.locator('[data-part=progress]').textContent()).toBe(
      'The file has 20.0 MB, and may have 10.0 MB.',
    );
    await page.context().close();

    const { page: plain } = await desk.letIn({ javaScriptEnabled: false });
    await choose(plain, 'main', large);
    await plain.waitForSelector('h1:has-text("STATEMENT_TOO_LARGE")');
    await plain.getByRole('link', { name: 'Try again' }).click();
    await plain.waitForSelector('input[type=file]');
    // Whole without a script.
    await choose(plain, 'main', file('january.xlsx', january()));
    await plain.waitForURL(/\/main\/statements\/[0-9a-f-]{36}/);
    expect(await plain.locator('.banner strong').allTextContents()).toContain('STATEMENT_AGREES');
    expect(await refused(plain, file('notes.xlsx', Buffer.from('no workbook')))).toBe('STATEMENT_NOT_A_WORKBOOK');
    await plain.context().close();
  });

  it('is read by whoever may only read, and sent by nobody of them', async ({ skip }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const page = await (await desk.browser.newContext()).newPage();
    const now = () => new Date().toISOString();
    const { code } = await makeEntryCode({ ...desk.place, now }, { operator: 'ann', readOnly: true });
    await page.goto(`${desk.url}/enter#${code}`);
    await page.waitForURL('**/main/today');
    await page.goto(`${desk.url}/main/statements`);
    expect(await page.getByRole('link', { name: 'Import a statement' }).count()).toBe(0);
    await page.getByRole('row').filter({ hasText: 'STATEMENT_AGREES' }).getByRole('link').click();
    await page.waitForURL(/\/main\/statements\/[0-9a-f-]{36}$/);
    expect(await page.getByRole('link', { name: 'Import a file' }).count()).toBe(0);
    await page.goto(`${desk.url}/main/statements/import`);
    expect([await heading(page), await page.locator('input[type=file]').count()]).toEqual(['READS_ONLY', 0]);
    expect(await violationsOf(page, 'reads only')).toEqual([]);
    await page.context().close();
  });
});
