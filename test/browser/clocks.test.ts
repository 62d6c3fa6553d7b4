import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Knex } from 'knex';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, OF_THE_DESK } from '../../src/db/connect.js';
import type { Place } from '../../src/desk/place.js';
import { createDesk } from '../../src/desk/server.js';
import type { Fill } from '../../src/domain/confirmation/shape.js';
import type { IsoDate } from '../../src/domain/types.js';
import { makeEntryCode } from '../../src/operations/entry/make-code.js';
import { anyPort } from '../../src/runtime/processes/ports.js';
import { chromiumHere, startChromium } from '../support/chromium.js';
import { CASH, fillsOf, startSeat, useDemoPolicy, type TestSeat } from '../support/day.js';
import { placeOf } from '../support/desk.js';
import { createInstallation, type Installation } from '../support/stack.js';

/** Days of the weeks in which one of London and New York has changed its clocks and the other has not. */
const AUTUMN = '2017-10-30';
const SPRING = '2018-03-19';
const NO_CHROMIUM = 'there is no chromium on this machine (apt-get install chromium)';
const MINUTE_MS = 60_000;

describe('a ticket in the weeks when London and New York are four hours apart', { timeout: 180_000 }, () => {
  let browser: Browser;
  let installation: Installation;
  let configDir: string;
  let seat: TestSeat;
  let stop: () => Promise<void>;
  let db: Knex;
  let place: Place;
  const desks: FastifyInstance[] = [];

  beforeAll(async () => {
    if (chromiumHere() === null) return;
    installation = await createInstallation();
    useDemoPolicy(installation);
    ({ seat, stop } = await startSeat(installation));
    // The same days at a desk on which the clock runs.
    configDir = mkdtempSync(join(installation.dataDir, 'real-'));
    cpSync(installation.configDir, configDir, { recursive: true });
    const file = join(configDir, 'policy.yml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('clock: simulated', 'clock: real'));
    db = connect(installation.settings.databaseUrl ?? '', 6, OF_THE_DESK);
    place = placeOf(installation, db);
    browser = await startChromium();
  }, 120_000);
  afterAll(async () => {
    if (chromiumHere() === null) return;
    await browser.close();
    await Promise.all(desks.map((desk) => desk.close()));
    await place.mail.close();
    await db.destroy();
    await stop();
  });

  /** A device in Tokyo whose clock is seven minutes ahead, let in at a desk with this clock. */
  async function device(changes: Partial<Place>, now: () => number): Promise<Page> {
    const port = await anyPort();
    const desk = await createDesk({ ...place, ...changes, port });
    desks.push(desk);
    await desk.listen({ port, host: '127.0.0.1' });
    const page = await (await browser.newContext({ timezoneId: 'Asia/Tokyo' })).newPage();
    await page.addInitScript('{ const real = Date.now; Date.now = () => real() + 7 * 60_000; }');
    const at = { ...place, now: () => new Date(now()).toISOString() };
    const { code } = await makeEntryCode(at, { operator: 'demo', readOnly: false });
    await page.goto(`http://localhost:${port}/enter#${code}`);
    await page.waitForURL('**/main/today');
    return page;
  }

  /** A TRADE ticket of a day; nothing of it was bought on the day before. */
  async function issued(day: IsoDate) {
    await seat.run('0800', day);
    expect((await seat.reconcile(day, { cash: CASH, positions: {} })).status).toBe('PASS');
    const ticket = await seat.ticket((await seat.issue(day)).ticketId);
    expect(ticket.kind).toBe('TRADE');
    expect([ticket.windowOpensAt, ticket.windowClosesAt].map((at) => new Date(at ?? '').toISOString())).toEqual([
      `${day}T13:35:00.000Z`,
      `${day}T14:30:00.000Z`,
    ]);
    return ticket;
  }

  it.for([AUTUMN, SPRING])('is counted down to, named and answered rightly on %s', async (day, { skip }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const ticket = await issued(day);
    const closes = Date.parse(ticket.windowClosesAt ?? '');
    const started = Date.now();
    let before = 4 * MINUTE_MS;
    const now = () => closes - before + Date.now() - started;
    const page = await device({ configDir, now: () => new Date(now()).toISOString() }, now);
    const edge = page.locator('[data-closes]');
    await page.getByText(/closes in 3 min \d+ s/).waitFor();
    const [, minutes, seconds] = /^closes in (\d+) min (\d+) s$/.exec((await edge.textContent()) ?? '') ?? [];
    const left = (closes - now()) / 1_000;
    expect(Math.abs(Number(minutes) * 60 + Number(seconds) - left)).toBeLessThanOrEqual(1.5);
    // The exchange opens an hour sooner by the clocks of London, and so does the window.
    expect(await page.locator('.edge').textContent()).toMatch(
      /13:35 to 14:30 UK time \(GMT\),\s09:35 to 10:30 New York/,
    );
    expect(await page.locator('.clock').textContent()).toMatch(/14:2[67] UK · 10:2[67] New York/);
    // The tab sleeps for an hour: the clock of the page stood still, and then it is looked at again.
    before = -56 * MINUTE_MS;
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await page.getByText('is closed').waitFor();
    expect(await edge.textContent()).toBe('is closed');
    await page.context().close();

    const rehearsal = await device({}, Date.now);
    await rehearsal.getByLabel('REHEARSAL CLOCK, UK').fill(`${day} 14:20`);
    await rehearsal.getByRole('button', { name: 'Set', exact: true }).click();
    await rehearsal.waitForLoadState();
    expect(await rehearsal.locator('.clock').textContent()).toContain('14:20 UK · 10:20 New York');
    await rehearsal.goto(new URL(`/main/tickets/${ticket.ticketId}/execute`, rehearsal.url()).href);
    await rehearsal.getByRole('button', { name: 'I execute this ticket' }).click();
    await rehearsal.getByRole('button', { name: 'now' }).click();
    expect(await rehearsal.getByLabel('Time in the UK').inputValue()).toBe('14:20');
    await rehearsal.goto(new URL(`/main/tickets/${ticket.ticketId}/confirm`, rehearsal.url()).href);
    const [bought] = fillsOf(ticket.material);
    await rehearsal.getByLabel('What became of it').selectOption('DONE');
    await rehearsal.getByLabel('Units').fill(bought?.units ?? '');
    await rehearsal.getByLabel('Price, USD a share').fill(bought?.fillPrice ?? '');
    await rehearsal.getByLabel('Value, what cash went down by, USD').fill(bought?.executedValueBase ?? '');
    await rehearsal.getByLabel('Time in the UK').fill('14:11');
    await rehearsal.getByRole('button', { name: 'Review' }).click();
    // While a line is being saved the review waits.
    await rehearsal.getByText('Nothing is recorded yet').waitFor();
    expect(await rehearsal.locator('main').textContent()).toContain(`${day} 14:11 UK time (GMT)`);
    await rehearsal.getByRole('button', { name: 'Sign and book' }).click();
    await rehearsal.waitForURL(`**/main/tickets/${ticket.ticketId}`);
    const [stored] = (await db('fills')
      .whereNotNull('filled_at')
      .orderBy('filled_at', 'desc')
      .limit(1)
      .select('filled_at')) as { filled_at: string }[];
    expect(new Date(stored?.filled_at ?? '').toISOString()).toBe(`${day}T14:11:00.000Z`);
    await rehearsal.context().close();
    const nothing = {
      executedStatus: 'SKIPPED',
      units: null,
      fillPrice: null,
      executedValueBase: null,
      filledAt: null,
    };
    const undone = fillsOf(ticket.material).map((fill) => ({ ...fill, ...nothing, notes: 'price above skip price' }));
    expect(await seat.confirm(ticket.ticketId, { fills: undone as Fill[], amend: true })).toMatchObject({
      status: 'BOOKED',
    });
  });
});
