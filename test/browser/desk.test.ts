import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ticketMain } from '../../src/desk/pages/tickets.js';
import { resultOrThrow } from '../../src/domain/errors.js';
import { readTicket } from '../../src/operations/day/read-ticket.js';
import { ticketDocument } from '../../src/reports/ticket/page.js';
import { raiseAlert } from '../../src/operations/alerts/raise.js';
import { sidewaysOf, violationsOf } from '../support/axe.js';
import { chromiumHere } from '../support/chromium.js';
import { cliHere } from '../support/cli-here.js';
import { driveDay, MONDAY, startSeat, useDemoPolicy } from '../support/day.js';
import { NO_CHROMIUM, openDeskBrowser, type DeskBrowser } from '../support/desk-browser.js';
import { PAYLOADS } from '../support/payloads.js';
import { createInstallation, type Installation } from '../support/stack.js';

/** Pages that are there to be read. */
const READ = [
  '/main/ledger/1',
  '/main/performance?range=all',
  '/quality',
  '/quality/AAPL',
  '/backups',
  '/schedules',
  '/settings',
  '/audit',
  '/audit/1',
];

describe('the desk in a real browser', { timeout: 180_000 }, () => {
  let installation: Installation;
  let stop: () => Promise<void>;
  let desk: DeskBrowser;
  let url: string;
  let ticketId: string;

  beforeAll(async () => {
    if (chromiumHere() === null) return;
    installation = await createInstallation();
    useDemoPolicy(installation);
    const { seat, stop: end } = await startSeat(installation);
    stop = end;
    ({ ticketId } = await driveDay(seat, MONDAY));
    desk = await openDeskBrowser(installation);
    ({ url } = desk);
    // As a message by hand is repeated that has the wrong shape: one long word.
    await raiseAlert(desk.db, {
      code: 'MESSAGE_REFUSED',
      account: 'main',
      tradingDay: null,
      subject: 'long',
      message: `fills: ${'x'.repeat(90)}`,
      at: `${MONDAY}T15:00:00Z`,
    });
  }, 120_000);
  afterAll(async () => {
    if (chromiumHere() === null) return;
    await desk.close();
    await stop();
  });

  it('is entered by a link, which is then in no address, and shows the next step that the terminal says', async ({
    skip,
  }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const { page, complaints } = await desk.letIn();
    const day = await cliHere(installation, ['day', '--at', '2018-05-07T16:00:00+01:00']);
    const next = /Next: (.*)/.exec(day.stdout)?.[1]?.replaceAll('./trading-ops ', 'trading-ops ');
    expect(await page.locator('#next').textContent()).toBe(next);
    expect(page.url()).toBe(`${url}/main/today`);
    await page.goBack();
    expect(page.url()).not.toContain('#');
    expect(complaints).toEqual([]);
    await page.goto(`${url}/main/today`);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/enter');
    await page.goBack();
    expect(page.url()).toMatch(/\/enter\?next=/);
    expect(await page.locator('h1').textContent()).toBe('Enter the desk');
    await page.context().close();
  });

  it('says of a browser that keeps no cookie why nobody is let in, and uses no code up', async ({ skip }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const page = await (await desk.browser.newContext()).newPage();
    // As a browser says it that is set to block them.
    await page.addInitScript(`Object.defineProperty(Navigator.prototype, 'cookieEnabled', { get: () => false })`);
    const code = await desk.newCode();
    await page.goto(`${url}/enter#${code}`);
    await page.getByText('This browser keeps no cookie of the desk').waitFor();
    expect(page.url()).not.toContain('#');
    expect(await violationsOf(page, 'no cookie')).toEqual([]);
    await page.context().close();
    const { page: other } = await desk.letIn();
    expect(await other.locator('#cookies').count()).toBe(0);
    await other.goto(`${url}/enter`);
    expect(await other.locator('#cookies').isVisible()).toBe(false);
    await other.getByLabel('Code').fill(code);
    await other.getByRole('button', { name: 'Enter', exact: true }).click();
    await other.waitForURL('**/main/today');
    await other.context().close();
  });

  it('is entered by a link that is pasted where the page to enter by stands already, whatever it says', async ({
    skip,
  }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    // A desk of its own, on which nobody else tries codes.
    const at = await desk.open({});
    const { page } = await desk.letIn({}, { at });
    // Where a fragment alone changes, nothing is loaded: a browser says so, and no more.
    const paste = async (code: string) => page.evaluate(`location.href = '/enter#${code}'`);
    const history = await page.context().newCDPSession(page);
    const hashes = async () => {
      const { entries } = await history.send('Page.getNavigationHistory');
      return entries.filter((entry) => entry.url.includes('#'));
    };
    const entered = async () => {
      await page.waitForURL('**/main/today');
      expect(await hashes()).toEqual([]);
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.waitForURL('**/enter');
    };
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/enter');
    await paste(await desk.newCode());
    await entered();
    // A link that has let in once does not again, and the next one does.
    await paste('0'.repeat(40));
    await page.getByRole('alert').waitFor();
    expect(page.url()).toBe(`${at}/enter`);
    await paste(await desk.newCode());
    await entered();
    // What says that eleven tries a minute are too many has no field for a code, and takes the next link all the same.
    for (let tries = 0; tries < 10; tries++)
      await page.request.post(`${at}/enter`, { headers: { origin: at }, form: { code: '0' } });
    await page.goto(`${at}/enter#${'0'.repeat(40)}`);
    await page.getByText('TOO_MANY_TRIES').waitFor();
    const begun = page.waitForRequest(`${at}/enter?`);
    await paste(await desk.newCode());
    await begun;
    await page.getByText('TOO_MANY_TRIES').waitFor();
    expect(await hashes()).toEqual([]);
    await page.context().close();
  });

  it('is met by a link of a mail on the page to enter by, whose own link opens the ticket without a code', async ({
    skip,
  }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const { page } = await desk.letIn();
    const address = `${url}/main/tickets/${ticketId}`;
    await page.goto('data:text/html,a mail');
    await page.setContent(`<a href="${address}">TICKET_TRADE</a>`);
    await page.getByRole('link').click();
    await page.waitForURL('**/enter?next=*');
    await page.getByRole('link', { name: 'Go on to' }).click();
    await page.waitForURL(address);
    expect(await page.locator('h1').textContent()).toContain('TRADE ticket');
    await page.context().close();
  });

  it('says on each page that the session ends, ten minutes before, and that it has ended', async ({ skip }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    let ahead = 0;
    const url = await desk.open({ now: () => new Date(Date.now() + ahead).toISOString() });
    const { page } = await desk.letIn({}, { at: url });
    const told = page.locator('#session');
    const look = () => page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
    await look();
    expect(await told.isHidden()).toBe(true);
    ahead = 43_200_000 - 570_000;
    await look();
    await page.getByText('Your session ends in 10 minutes.').waitFor();
    ahead = 43_200_000 - 50_000;
    await look();
    await page.getByText('Your session ends in 1 minute.').waitFor();
    expect(await violationsOf(page, 'session')).toEqual([]);
    ahead = 43_200_000 + 10_000;
    await look();
    await page.getByText('Your session is over.').waitFor();
    await page.context().close();
  });

  it('is framed by no page, and runs nothing of forty payloads that are stored', async ({ skip }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const { page, complaints } = await desk.letIn();
    const about = { account: 'main', tradingDay: null, at: '2018-05-07T15:00:00.000Z', code: 'BACKUP_FAILED' as const };
    for (const text of PAYLOADS) await raiseAlert(desk.db, { ...about, subject: text, message: text });
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => void (dialogs.push(dialog.message()), dialog.dismiss()));
    for (const path of ['/alerts', '/audit']) {
      await page.goto(url + path);
      expect(
        await page.evaluate('[window.hit, document.querySelectorAll("main img, main iframe, main svg").length]'),
      ).toEqual([undefined, 0]);
    }
    await page.goto(`${url}/alerts`);
    const shown = await page.locator('main').textContent();
    for (const text of PAYLOADS) expect(shown).toContain(text);
    expect([complaints, dialogs]).toEqual([[], []]);
    // A page of somebody else's frames it: nothing of it is there.
    await page.goto(`data:text/html,<iframe src="${url}/alerts"></iframe>`);
    await expect.poll(() => complaints.join(' ')).toContain('frame-ancestors');
    const framed = page.frames().filter((frame) => frame !== page.mainFrame());
    expect(framed).toHaveLength(1);
    expect(await framed[0]?.locator('main').count()).toBe(0);
    await page.context().close();
  });

  it('is entered and read without a script, on a phone', async ({ skip }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const options = { javaScriptEnabled: false, viewport: { width: 390, height: 844 } };
    const page = await (await desk.browser.newContext(options)).newPage();
    const code = await desk.newCode();
    await page.goto(`${url}/enter#${code}`);
    await page.getByLabel('Code').fill(code);
    await page.getByRole('button', { name: 'Enter' }).click();
    await page.waitForURL('**/main/today');
    await page.getByRole('link', { name: 'Tickets' }).click();
    await page.getByRole('link', { name: 'TRADE' }).first().click();
    expect(await page.locator('h1').textContent()).toContain('TRADE ticket');
    await page.context().close();
  });

  it('narrows the journal without a script, and keeps what was asked in the fields', async ({ skip }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const { page } = await desk.letIn();
    await page.goto(`${url}/main/ledger`);
    await page.getByLabel('Kind').selectOption('FILL');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.waitForURL('**kind=FILL**');
    expect(await page.getByLabel('Kind').inputValue()).toBe('FILL');
    const kinds = await page.locator('table').last().locator('tbody td:nth-child(3)').allTextContents();
    expect(new Set(kinds)).toEqual(new Set(['FILL']));
    await page.context().close();
  });

  it('prints a ticket on two sides of A4 at most, also one of fifteen lines, without the frame of the page', async ({
    skip,
  }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const { page } = await desk.letIn();
    const address = `${url}/main/tickets/${ticketId}`;
    await page.goto(address);
    await page.emulateMedia({ media: 'print' });
    for (const hidden of ['.bar', '.columns > nav', '.same'])
      expect([hidden, await page.locator(hidden).isVisible()]).toEqual([hidden, false]);
    expect(sidesOf(await page.pdf({ format: 'A4' }))).toBeLessThanOrEqual(2);
    // What it came to is what somebody keeps it for.
    expect(await page.getByRole('heading', { name: 'Answer' }).isVisible()).toBe(true);
    expect(await page.getByText('BOOKED', { exact: true }).isVisible()).toBe(false);
    const { facts } = resultOrThrow(await readTicket(desk.db, { account: 'main', ticketId }));
    const { material } = facts.ticket;
    const [line] = material.lines;
    const lines = Array.from({ length: 15 }, (_, index) => ({ ...line!, sequence: index + 1 }));
    const long = ticketDocument({ ...facts, ticket: { ...facts.ticket, material: { ...material, lines } } });
    const whole = (await page.content()).replace(
      /(<main id="main">)[\s\S]*(<\/main>)/,
      (_, open: string, close: string) => [open, ticketMain(long), close].join(''),
    );
    await page.route(address, (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body: whole }));
    await page.goto(address);
    expect(await page.locator('main').textContent()).toContain('15');
    expect(sidesOf(await page.pdf({ format: 'A4' }))).toBeLessThanOrEqual(2);
    // Of a form its figures are printed, and nothing that is pressed or chosen.
    await page.goto(`${url}/main/reconcile`);
    for (const pressed of ['.paste', '[type=file]', 'button', 'p:has(>button)'])
      expect(await page.locator(`main ${pressed}:visible`).count(), pressed).toBe(0);
    expect(await page.locator('main [name=cash]').isVisible()).toBe(true);
    await page.context().close();
  });

  it('has no page that keeps somebody out or scrolls sideways, light and dark, wide and narrow', async ({ skip }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const paths = ['/main/today', '/main/tickets', `/main/tickets/${ticketId}`, '/main/ledger', '/runs', '/alerts'];
    const found: string[] = [];
    const { page, complaints } = await desk.letIn({ viewport: { width: 1280, height: 900 } });
    for (const path of [...paths, ...READ, '/nope', '/enter']) {
      await page.goto(url + path);
      found.push(...(await violationsOf(page, path)), ...(await sidewaysOf(page, path, [390, 320])));
      if (path !== '/main/today') continue;
      await page.setViewportSize({ width: 320, height: 844 });
      found.push(...(await violationsOf(page, 'phone')));
      await page.setViewportSize({ width: 1280, height: 900 });
    }
    expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
    await page.context().close();
    expect(found).toEqual([]);
  });
});

/** How many sides a PDF of the browser has: it says each by a dictionary of its own. */
const sidesOf = (pdf: Buffer): number => pdf.toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 0;
