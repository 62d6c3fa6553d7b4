import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Knex } from 'knex';
import type { Browser, BrowserContextOptions, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, OF_THE_DESK } from '../../src/db/connect.js';
import type { Place } from '../../src/desk/place.js';
import { createDesk } from '../../src/desk/server.js';
import { resultOrThrow } from '../../src/domain/errors.js';
import { canonicalJson } from '../../src/domain/hash.js';
import { openAccount } from '../../src/operations/accounts/open.js';
import { raiseAlert } from '../../src/operations/alerts/raise.js';
import { makeEntryCode } from '../../src/operations/entry/make-code.js';
import { anyPort } from '../../src/runtime/processes/ports.js';
import { violationsOf } from '../support/axe.js';
import { chromiumHere, startChromium } from '../support/chromium.js';
import { useDemoPolicy } from '../support/day.js';
import { placeOf } from '../support/desk.js';
import { createInstallation, runCli, type Installation } from '../support/stack.js';

const NO_CHROMIUM = 'there is no chromium on this machine (apt-get install chromium)';
const AT = '2018-05-07T15:00:00.000Z';

describe('a passkey in a real browser', { timeout: 120_000 }, () => {
  let browser: Browser;
  let installation: Installation;
  let db: Knex;
  let place: Place;
  let app: FastifyInstance;
  let url: string;
  let page: Page;
  let device: CDPSession;
  let authenticatorId: string;
  const complaints: string[] = [];

  beforeAll(async () => {
    if (chromiumHere() === null) return;
    installation = await createInstallation({ temporal: false });
    useDemoPolicy(installation, { operators: ['ada'] });
    db = connect(installation.settings.databaseUrl ?? '', 4, OF_THE_DESK);
    const port = await anyPort();
    place = { ...placeOf(installation, db), port };
    const asker = { operator: 'ada', door: 'cli', claimedAt: AT } as const;
    resultOrThrow(await openAccount(place, asker, { account: 'main', baseCurrency: 'USD', clock: 'simulated' }));
    app = await createDesk(place);
    await app.listen({ port, host: '127.0.0.1' });
    url = `http://localhost:${port}`;
    browser = await startChromium();
    page = await letIn();
    page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
    page.on('pageerror', (error) => void complaints.push(String(error)));
    device = await page.context().newCDPSession(page);
    await device.send('WebAuthn.enable');
    const options = {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    } as const;
    ({ authenticatorId } = await device.send('WebAuthn.addVirtualAuthenticator', { options }));
  }, 120_000);
  afterAll(async () => {
    if (chromiumHere() === null) return;
    await browser.close();
    await app.close();
    await place.mail.close();
    await db.destroy();
    await installation.cleanup();
  });

  /** A browser that was let in as Ada; where scripts are off, by typing the code. */
  async function letIn(options: BrowserContextOptions = {}): Promise<Page> {
    const opened = await (await browser.newContext(options)).newPage();
    const { code } = await makeEntryCode(place, { operator: 'ada', readOnly: false });
    await opened.goto(`${url}/enter#${code}`);
    if (options.javaScriptEnabled === false) {
      await opened.getByLabel('Code').fill(code);
      await opened.getByRole('button', { name: 'Enter' }).click();
    }
    await opened.waitForURL('**/main/today');
    return opened;
  }

  /** The review of the acknowledgement of a new alert. */
  async function reviewOn(at: Page, subject: string): Promise<void> {
    const alert = { account: 'main', tradingDay: null, at: AT, evidence: {} };
    const { alertId } = await raiseAlert(db, { code: 'BACKUP_FAILED', subject, message: 'A backup failed', ...alert });
    await at.goto(`${url}/main/alerts/${alertId}/acknowledge`);
    await at.getByLabel('Why it may rest').fill('mended');
    await at.getByRole('button', { name: 'Review' }).click();
    await at.locator('#sign').waitFor();
  }

  /** What keeps somebody out of the page as it stands, wide, narrow and in both schemes. */
  async function faultsOf(at: Page): Promise<string[]> {
    const found: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      await at.emulateMedia({ colorScheme });
      found.push(...(await violationsOf(at)).map((one) => `${colorScheme}: ${one}`));
    }
    await at.setViewportSize({ width: 320, height: 844 });
    const wider = Number(await at.evaluate('document.documentElement.scrollWidth - innerWidth'));
    await at.setViewportSize({ width: 1280, height: 900 });
    return wider > 0 ? [...found, `scrolls by ${wider} px`] : found;
  }

  const signatures = () => db('signatures').orderBy('seq').select();

  it('is made on the desk, approved at the terminal, and signs what was reviewed, to be verified by anybody', async ({
    skip,
  }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    // A browser gives an address no passkey: the desk leads to the name.
    await page.goto(`${url.replace('localhost', '127.0.0.1')}/settings/passkey`);
    expect(page.url()).toBe(`${url}/settings/passkey`);
    await page.getByLabel('What to call it').fill('a test');
    await page.getByRole('button', { name: 'Make a passkey' }).click();
    const approve = page.locator('td code', { hasText: 'operator approve' });
    const fingerprint = (await approve.textContent())?.split(' ').at(-1) ?? '';
    expect(fingerprint).toMatch(/^[\da-f]{16}$/);
    expect(await faultsOf(page)).toEqual([]);
    const approved = await runCli(installation, ['operator', 'approve', fingerprint]);
    expect(approved.stdout).toContain('signs from now on');
    await reviewOn(page, 'one');
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Acknowledge' }).click();
    await page.waitForURL('**/alerts');
    const [row] = await signatures();
    expect(row).toMatchObject({ operator: 'ada', kind: 'passkey' });
    const keys = readFileSync(join(installation.configDir, 'operators.keys'), 'utf8');
    const [, , key = ''] = /^ada,passkey,.*$/m.exec(keys)?.[0].split(',') ?? [];
    const [x = '', y = ''] = key.split('.');
    const [authenticator = '', client = '', signature = ''] = (row?.signature ?? '').split('.');
    const bytes = (text: string) => Buffer.from(text, 'base64url');
    const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest();
    expect(JSON.parse(bytes(client).toString())).toMatchObject({
      type: 'webauthn.get',
      origin: url,
      challenge: sha256(canonicalJson(row?.attestation)).toString('base64url'),
    });
    const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
    const said = Buffer.concat([bytes(authenticator), sha256(bytes(client))]);
    expect(verify('sha256', said, publicKey, bytes(signature))).toBe(true);
    expect((await runCli(installation, ['signatures', 'verify'])).stdout).toContain('SIGNATURES_WHOLE');
    expect(complaints).toEqual([]);
  });

  it('signs nothing for whoever does not prove who they are, asked rightly or by a page that was changed', async ({
    skip,
  }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const before = (await signatures()).length;
    await device.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await reviewOn(page, 'two');
    await page.getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByText('Nothing was sent: the passkey did not answer').waitFor();
    await page.evaluate(`{
      const get = navigator.credentials.get.bind(navigator.credentials);
      navigator.credentials.get = ({ publicKey }) =>
        get({ publicKey: { ...publicKey, userVerification: 'discouraged' } });
    }`);
    await page.getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByText('did not prove who they are').waitFor();
    expect(await page.getByLabel('Why it may rest').inputValue()).toBe('mended');
    expect(await signatures()).toHaveLength(before);
    await device.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
  });

  it('is asked of no page without scripts, which says what signs instead', async ({ skip }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const plain = await letIn({ javaScriptEnabled: false });
    await reviewOn(plain, 'three');
    expect(await plain.locator('noscript').textContent()).toContain('trading-ops alerts ack');
    expect(await plain.getByRole('button', { name: 'Acknowledge' }).isDisabled()).toBe(true);
    await plain.goto(`${url}/settings/passkey`);
    expect(await plain.locator('noscript').textContent()).toContain('trading-ops operator key new');
    await plain.context().close();
  });
});
