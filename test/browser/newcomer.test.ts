import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Knex } from 'knex';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, OF_THE_DESK } from '../../src/db/connect.js';
import type { Place } from '../../src/desk/place.js';
import { createDesk } from '../../src/desk/server.js';
import { makeEntryCode } from '../../src/operations/entry/make-code.js';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { anyPort } from '../../src/runtime/processes/ports.js';
import { chromiumHere, startChromium } from '../support/chromium.js';
import { CASH, driveDay, MONDAY, startSeat, TUESDAY, useDemoPolicy, type TestSeat } from '../support/day.js';
import { placeOf } from '../support/desk.js';
import { asOrdered, workADay } from '../support/newcomer.js';
import { createInstallation } from '../support/stack.js';

const NO_CHROMIUM = 'there is no chromium on this machine (apt-get install chromium)';
/** What is kept of a test run for people: each page as somebody new came to it. */
const SCREENSHOTS = path.join(repositoryRoot, '.build', 'screenshots');

describe('somebody new to it, where the demonstration ended', { timeout: 180_000 }, () => {
  let browser: Browser;
  let seat: TestSeat;
  let stop: () => Promise<void>;
  let db: Knex;
  let place: Place;
  let app: FastifyInstance;
  let url: string;

  beforeAll(async () => {
    if (chromiumHere() === null) return;
    const installation = await createInstallation();
    useDemoPolicy(installation, { mode: 'off', cadence: 'daily' });
    ({ seat, stop } = await startSeat(installation));
    await driveDay(seat, MONDAY);
    db = connect(installation.settings.databaseUrl ?? '', 4, OF_THE_DESK);
    const port = await anyPort();
    place = { ...placeOf(installation, db), port };
    app = await createDesk(place);
    await app.listen({ port, host: '127.0.0.1' });
    url = `http://localhost:${port}`;
    browser = await startChromium();
    mkdirSync(SCREENSHOTS, { recursive: true });
  }, 120_000);
  afterAll(async () => {
    if (chromiumHere() === null) return;
    await browser.close();
    await app.close();
    await place.mail.close();
    await db.destroy();
    await stop();
  });

  it.for([
    ['with a mouse, at a desk', TUESDAY, { viewport: { width: 1280, height: 900 } }, false],
    ['by keys alone, as narrow as a phone', '2018-05-09', { viewport: { width: 390, height: 844 } }, true],
  ] as const)('works the next day %s, and types no command', async ([, day, options, byKeys], { skip }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const page = await (await browser.newContext(options)).newPage();
    const complaints: string[] = [];
    page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
    const asker = { operator: 'demo', readOnly: false };
    const { code } = await makeEntryCode(place, asker);
    await page.goto(`${url}/enter#${code}`);
    await page.waitForURL('**/main/today');
    await workADay(page, {
      cash: CASH,
      byKeys,
      orderOf: asOrdered,
      async look(name) {
        const width = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        expect([name, Number(width)]).toEqual([name, 0]);
        await page.screenshot({ path: path.join(SCREENSHOTS, `${day}-${name}.png`), fullPage: true });
      },
    });
    expect(complaints).toEqual([]);
    const { rows } = await db.raw<{ rows: object[] }>(
      `select confirmations.operator, confirmations.kind, tickets.dry_run from confirmations join tickets using (ticket_id)
        where tickets.trading_day = ?`,
      [day],
    );
    expect(rows).toEqual([{ operator: 'demo', kind: 'FILLS', dry_run: true }]);
    expect((await seat.viewWhen(day, ({ state }) => state === 'closed')).outcome).toBe('TRADE (dry run)');
    await page.context().close();
  });
});
