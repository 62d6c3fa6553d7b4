import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Knex } from 'knex';
import type { CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resultOrThrow } from '../../src/domain/errors.js';
import { canonicalJson } from '../../src/domain/hash.js';
import { openAccount } from '../../src/operations/accounts/open.js';
import { raiseAlert } from '../../src/operations/alerts/raise.js';
import { sidewaysOf, violationsOf } from '../support/axe.js';
import { chromiumHere } from '../support/chromium.js';
import { cliHere } from '../support/cli-here.js';
import { useDemoPolicy } from '../support/day.js';
import { NO_CHROMIUM, openDeskBrowser, type DeskBrowser } from '../support/desk-browser.js';
import { createInstallation, type Installation } from '../support/stack.js';

const AT = '2018-05-07T15:00:00.000Z';

describe('a passkey in a real browser', { timeout: 120_000 }, () => {
  let installation: Installation;
  let desk: DeskBrowser;
  let db: Knex;
  let url: string;
  let page: Page;
  let complaints: string[];
  let device: CDPSession;
  let authenticatorId: string;

  beforeAll(async () => {
    if (chromiumHere() === null) return;
    installation = await createInstallation({ temporal: false });
    useDemoPolicy(installation, { operators: ['ada'] });
    desk = await openDeskBrowser(installation, { operator: 'ada' });
    ({ db, url } = desk);
    const asker = { operator: 'ada', door: 'cli', claimedAt: AT } as const;
    resultOrThrow(await openAccount(desk.place, asker, { account: 'main', baseCurrency: 'USD', clock: 'simulated' }));
    ({ page, complaints } = await desk.letIn({ viewport: { width: 1280, height: 900 } }));
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
    await desk.close();
    await installation.cleanup();
  });

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
  const faultsOf = async (at: Page): Promise<string[]> => [
    ...(await violationsOf(at, 'page')),
    ...(await sidewaysOf(at, 'page', [320])),
  ];

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
    const approved = await cliHere(installation, ['operator', 'approve', fingerprint]);
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
    expect((await cliHere(installation, ['signatures', 'verify'])).stdout).toContain('SIGNATURES_WHOLE');
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
    const { page: plain } = await desk.letIn({ javaScriptEnabled: false });
    await reviewOn(plain, 'three');
    expect(await plain.locator('noscript').textContent()).toContain('trading-ops alerts ack');
    expect(await plain.getByRole('button', { name: 'Acknowledge' }).isDisabled()).toBe(true);
    await plain.goto(`${url}/settings/passkey`);
    expect(await plain.locator('noscript').textContent()).toContain('trading-ops operator key new');
    await plain.context().close();
  });
});
