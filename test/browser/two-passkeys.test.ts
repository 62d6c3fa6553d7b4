import type { FastifyInstance } from 'fastify';
import type { Knex } from 'knex';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, OF_THE_DESK } from '../../src/db/connect.js';
import type { StoredTicket } from '../../src/db/tickets.js';
import type { Place } from '../../src/desk/place.js';
import { createDesk } from '../../src/desk/server.js';
import { makeEntryCode } from '../../src/operations/entry/make-code.js';
import { withClient } from '../../src/runtime/postgres/database.js';
import { anyPort } from '../../src/runtime/processes/ports.js';
import { chromiumHere, startChromium } from '../support/chromium.js';

import { fillsOf, MONDAY, startSeat, TUESDAY, useDemoPolicy, type TestSeat } from '../support/day.js';
import { placeOf } from '../support/desk.js';
import { issueTwoLines, useTwoStocks } from '../support/desk-ticket.js';
import { createInstallation, type Installation } from '../support/stack.js';

const NO_CHROMIUM = 'there is no chromium on this machine (apt-get install chromium)';

describe('an answer that two people sign with their passkeys', { timeout: 180_000 }, () => {
  let browser: Browser;
  let installation: Installation;
  let seat: TestSeat;
  let stop: () => Promise<void>;
  let db: Knex;
  let place: Place;
  let app: FastifyInstance;
  let url: string;
  let ticket: StoredTicket;

  beforeAll(async () => {
    if (chromiumHere() === null) return;
    installation = await createInstallation();
    useTwoStocks(installation);
    const operators = ['demo', 'ada', 'bo'];
    const more = 'confirmations: { signatures: 2 }\n';
    useDemoPolicy(installation, { cadence: 'daily', operators, more, universe: false });
    ({ seat, stop } = await startSeat(installation));
    ticket = await issueTwoLines(seat);
    db = connect(installation.settings.databaseUrl ?? '', 4, OF_THE_DESK);
    const port = await anyPort();
    place = { ...placeOf(installation, db), port };
    app = await createDesk(place);
    await app.listen({ port, host: '127.0.0.1' });
    url = `http://localhost:${port}`;
    browser = await startChromium();
  }, 120_000);
  afterAll(async () => {
    if (chromiumHere() === null) return;
    await browser.close();
    await app.close();
    await place.mail.close();
    await db.destroy();
    await stop();
  });

  /** Somebody at a device of their own, with a passkey that the terminal has approved; it is so late on Monday. */
  async function sitsDown(operator: string, clock: string): Promise<Page> {
    const page = await (await browser.newContext()).newPage();
    const device = await page.context().newCDPSession(page);
    await device.send('WebAuthn.enable');
    await device.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    const { code } = await makeEntryCode(place, { operator, readOnly: false });
    await page.goto(`${url}/enter#${code}`);
    await page.waitForURL('**/main/today');
    await page.goto(`${url}/settings/passkey`);
    await page.getByLabel('What to call it').fill(`of ${operator}`);
    await page.getByRole('button', { name: 'Make a passkey' }).click();
    const approve = page.locator('td code', { hasText: 'operator approve' }).last();
    const fingerprint = (await approve.textContent())?.split(' ').at(-1) ?? '';
    expect(await seat.cli(['operator', 'approve', fingerprint])).toMatchObject({ code: 0 });
    await page.goto(`${url}/main/today`);
    await page.getByLabel('REHEARSAL CLOCK, UK').fill(`${MONDAY} ${clock}`);
    await page.getByRole('button', { name: 'Set', exact: true }).click();
    await page.waitForLoadState();
    return page;
  }

  const confirmed = () =>
    db('signatures').where({ fact: 'confirmations' }).orderBy('seq').select('operator', 'kind', 'key');
  const unconfirmed = async (time: string) =>
    (await seat.issue(TUESDAY, { time })).reasons.find(({ code }) => code === 'TICKET_UNCONFIRMED')?.message;

  it('waits for the second, counts at the gate with both, and no more when a byte of one is changed', async ({
    skip,
  }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const [ada, bo] = [await sitsDown('ada', '15:20'), await sitsDown('bo', '15:20')];
    await ada.goto(`${url}/main/tickets/${ticket.ticketId}/confirm`);
    const buffer = Buffer.from(JSON.stringify({ fills: fillsOf(ticket.material) }));
    await ada
      .getByLabel('Or choose the file')
      .setInputFiles({ name: 'fills.json', mimeType: 'application/json', buffer });
    await ada.getByRole('button', { name: 'Review' }).click();
    await ada.locator('#sign').waitFor();
    await ada.getByRole('button', { name: 'Sign and book' }).click();
    await ada.waitForURL(`**/main/tickets/${ticket.ticketId}`);
    expect(await ada.locator('main').textContent()).toContain('BOOKED');
    expect(await confirmed()).toMatchObject([{ operator: 'ada', kind: 'passkey' }]);
    await bo.goto(`${url}/main/today`);
    expect(await bo.locator('main').textContent()).toContain('It waits for the signature of another person');

    await seat.run('0800', TUESDAY);
    await seat.reconcile(TUESDAY);
    expect(await unconfirmed('14:00')).toContain('ada signed it, and 2 people must');
    // The next day has a ticket of its own: what is left of the day before is named beside it.
    const today = async () => {
      await bo.goto(`${url}/main/today`);
      return bo.locator('main').textContent();
    };
    // Also to whoever has signed, who is not told to say the same again.
    await ada.goto(`${url}/main/today`);
    expect(await ada.locator('main').textContent()).toContain("Another person's is wanted.");
    const named = `The answer to the ticket of ${MONDAY} waits for the signature of another person`;
    expect(await today()).toContain(named);
    // It comes before everything of the day that was opened since, to both of them.
    for (const page of [ada, bo]) expect(await page.locator('h1').textContent()).toBe(named);
    await bo.getByRole('link', { name: 'Look at it' }).click();
    await bo.waitForURL(`**/main/tickets/${ticket.ticketId}`);
    expect(await bo.locator('main').textContent()).toContain('SIGNATURE_MISSING: ada signed it, and 2 people must');

    await bo.goto(`${url}/main/tickets/${ticket.ticketId}/confirm`);
    await bo.getByRole('button', { name: 'Review' }).click();
    await bo.locator('#sign').waitFor();
    expect(await bo.locator('main').textContent()).toContain('ada reported the same');
    await bo.getByRole('button', { name: 'Sign and book' }).click();
    await bo.waitForURL(`**/main/tickets/${ticket.ticketId}`);
    // Both are named wherever it is told who answered.
    expect(await bo.locator('main').textContent()).toContain('BOOKEDby ada and bo. ');
    await bo.goto(`${url}/main/tickets/${ticket.ticketId}/confirm`);
    expect(await bo.locator('main').textContent()).toContain('It has its answerada and bo, ');
    const both = await confirmed();
    expect(both).toMatchObject([
      { operator: 'ada', kind: 'passkey' },
      { operator: 'bo', kind: 'passkey' },
    ]);
    expect(new Set(both.map(({ key }) => key as string)).size).toBe(2);
    expect(await db('confirmations')).toHaveLength(1);
    expect(await unconfirmed('14:10')).toBeUndefined();
    expect(await today()).not.toContain(named);
    expect((await seat.cli(['signatures', 'verify'])).stdout).toContain('SIGNATURES_WHOLE');

    const owner = installation.settings.ownerDatabaseUrl as string;
    const asOwner = (statement: string) => withClient(owner, (client) => client.query(statement));
    const of = `fact = 'confirmations' and operator = 'bo'`;
    await asOwner('alter table signatures disable trigger signatures_append_only_trg');
    await asOwner(
      `update signatures set signature = translate(left(signature, 1), 'AS', 'BT') || substr(signature, 2) where ${of}`,
    );
    expect(await unconfirmed('14:20')).toContain('2 people must');
    expect(await today()).toContain(named);
    const broken = await seat.cli(['signatures', 'verify']);
    expect([broken.code, broken.stdout.split('\n')[0]]).toEqual([2, 'SIGNATURES_BROKEN']);
    await Promise.all([ada.context().close(), bo.context().close()]);
  });
});
