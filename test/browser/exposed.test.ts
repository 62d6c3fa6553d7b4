import type { FastifyInstance } from 'fastify';
import type { Knex } from 'knex';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, OF_THE_DESK } from '../../src/db/connect.js';
import type { Place } from '../../src/desk/place.js';
import { createDesk } from '../../src/desk/server.js';
import { resultOrThrow } from '../../src/domain/errors.js';
import { exposureOf } from '../../src/domain/exposure.js';
import { openAccount } from '../../src/operations/accounts/open.js';
import { raiseAlert } from '../../src/operations/alerts/raise.js';
import { makeEntryCode } from '../../src/operations/entry/make-code.js';
import { anyPort } from '../../src/runtime/processes/ports.js';
import { chromiumHere, startChromium } from '../support/chromium.js';
import { cliHere } from '../support/cli-here.js';
import { useDemoPolicy } from '../support/day.js';
import { placeOf } from '../support/desk.js';
import { nginxHere, startNginx, type Proxy } from '../support/nginx.js';
import { createInstallation, type Installation } from '../support/stack.js';

const NAME = 'desk.example.org';
/** An account's name too: what is below the path and what is named like it are told apart. */
const PATH = '/main';
const AT = '2018-05-07T15:00:00.000Z';
const lacking = [...(chromiumHere() === null ? ['chromium'] : []), ...(nginxHere() ? [] : ['nginx-light'])];

describe('the desk behind a real proxy, with a certificate and below a path', { timeout: 120_000 }, () => {
  let installation: Installation;
  let browser: Browser;
  let db: Knex;
  let place: Place;
  let app: FastifyInstance;
  let proxy: Proxy;
  let url: string;
  let page: Page;
  const asked: string[] = [];

  beforeAll(async () => {
    if (lacking.length > 0) return;
    installation = await createInstallation({ temporal: false });
    useDemoPolicy(installation, { operators: ['ada', 'bo'] });
    db = connect(installation.settings.databaseUrl ?? '', 4, OF_THE_DESK);
    const [port, outside] = [await anyPort(), await anyPort()];
    url = `https://${NAME}:${outside}${PATH}`;
    place = { ...placeOf(installation, db), port, exposure: exposureOf(url), trustedProxies: ['127.0.0.1'] };
    const asker = { operator: 'ada', door: 'cli', claimedAt: AT } as const;
    resultOrThrow(await openAccount(place, asker, { account: 'main', baseCurrency: 'USD', clock: 'simulated' }));
    app = await createDesk(place);
    await app.listen({ port, host: '127.0.0.1' });
    proxy = await startNginx(NAME, { port: outside, path: PATH, to: port });
    browser = await startChromium({ names: [NAME] });
    page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage();
    page.on('request', (request) => void asked.push(request.url()));
    const device = await page.context().newCDPSession(page);
    await device.send('WebAuthn.enable');
    const options = {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    } as const;
    await device.send('WebAuthn.addVirtualAuthenticator', { options });
  }, 120_000);
  afterAll(async () => {
    if (lacking.length > 0) return;
    await browser.close();
    await proxy.stop();
    await app.close();
    await place.mail.close();
    await db.destroy();
    await installation.cleanup();
  });

  it('lets in by a code to make a passkey and to nothing else, and by the passkey to everything', async ({ skip }) => {
    if (lacking.length > 0) skip(`there is no ${lacking.join(' and no ')} on this machine (apt-get install)`);
    const { code } = await makeEntryCode(place, { operator: 'ada', readOnly: false });
    await page.goto(`${url}/enter#${code}`);
    await page.waitForURL(`${url}/settings/passkey`);
    await page.getByRole('link', { name: 'Alerts' }).click();
    await page.waitForURL(`${url}/enter?next=%2Falerts`);
    await page.goto(`${url}/settings/passkey`);
    await page.getByRole('button', { name: 'Make a passkey' }).click();
    const shown = await page.locator('td code', { hasText: 'operator approve' }).textContent();
    const approved = await cliHere(installation, ['operator', 'approve', shown?.split(' ').at(-1) ?? '']);
    expect(approved.stdout).toContain(`of ada at ${NAME}:`);
    await page.goto(`${url}/enter`);
    await page.getByRole('button', { name: 'Enter with a passkey' }).click();
    await page.waitForURL(`${url}/main/today`);
    expect(await page.locator('.bar').textContent()).toMatch(/ada(?! \(claimed)/);
    const [cookie] = (await page.context().cookies()).filter(({ name }) => name.includes('trading-ops'));
    expect(cookie).toMatchObject({ path: PATH, secure: true, httpOnly: true, sameSite: 'Strict', domain: NAME });
    expect(cookie?.name).toMatch(/^__Secure-trading-ops-/);
  });

  it('keeps every way, form and redirect below its path, and signs there', async ({ skip }) => {
    if (lacking.length > 0) skip(`there is no ${lacking.join(' and no ')} on this machine (apt-get install)`);
    const alert = { account: 'main', tradingDay: null, at: AT, evidence: {} };
    const { alertId } = await raiseAlert(db, { code: 'BACKUP_FAILED', subject: 'x', message: 'It failed', ...alert });
    const ways = new Set<string>();
    const form = `/main/alerts/${alertId}/acknowledge`;
    const pages = [
      '/main/today',
      '/main/tickets',
      '/main/ledger',
      '/quality',
      '/runs',
      '/alerts',
      '/backups',
      '/settings',
    ];
    const more = ['/main/reconcile', '/main/performance', '/audit', '/settings/passkey', form, '/nope'];
    for (const path of [...pages, ...more]) {
      await page.goto(url + path);
      const found = await page.evaluate<string[]>(
        `[...document.querySelectorAll('[href],[src],[action]')].map((one) => one.href || one.src || one.action)`,
      );
      for (const way of found) ways.add(way);
    }
    expect(ways.size).toBeGreaterThan(10);
    expect([...ways].filter((way) => !way.startsWith(`${url}/`))).toEqual([]);
    await page.goto(url + form);
    await page.getByLabel('Why it may rest').fill('mended');
    await page.getByRole('button', { name: 'Review' }).click();
    await page.getByRole('button', { name: 'Acknowledge' }).click();
    await page.waitForURL(`${url}/alerts`);
    expect(await db('signatures').pluck('kind')).toEqual(['passkey']);
    expect((await cliHere(installation, ['signatures', 'verify'])).stdout).toContain('SIGNATURES_WHOLE');
    await page.evaluate(`fetch(new URL('pulse', '${url}/'))`);
    expect(asked.filter((address) => !address.startsWith(`${url}/`))).toEqual([]);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(`${url}/enter`);
  });

  it('takes what was typed along when the session is over, by the passkey on that page', async ({ skip }) => {
    if (lacking.length > 0) skip(`there is no ${lacking.join(' and no ')} on this machine (apt-get install)`);
    await page.getByRole('button', { name: 'Enter with a passkey' }).click();
    await page.waitForURL(`${url}/main/today`);
    await page.goto(`${url}/main/book/cash`);
    await page.getByLabel('Amount', { exact: true }).fill('12.34');
    const other = await page.context().newPage();
    await other.goto(`${url}/settings`);
    await other.getByRole('button', { name: 'Sign out' }).click();
    await other.waitForURL(`${url}/enter`);
    await other.close();
    await page.getByRole('button', { name: 'Review' }).click();
    await page.getByText('by your passkey, below').waitFor();
    await page.getByRole('button', { name: 'Enter with a passkey' }).click();
    await page.getByText('You are let in as ada').waitFor();
    expect(await page.getByText('Typed by').count()).toBe(0);
    await page.getByRole('button', { name: 'Go on with the form' }).click();
    await page.waitForURL(`${url}/main/book/cash`);
    expect(await page.getByLabel('Amount', { exact: true }).inputValue()).toBe('12.34');
    expect(asked.filter((address) => !address.startsWith(`${url}/`))).toEqual([]);
  });
});
