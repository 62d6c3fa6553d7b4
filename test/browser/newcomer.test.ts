import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { chromiumHere } from '../support/chromium.js';
import { CASH, driveDay, MONDAY, startSeat, TUESDAY, useDemoPolicy, type TestSeat } from '../support/day.js';
import { NO_CHROMIUM, openDeskBrowser, type DeskBrowser } from '../support/desk-browser.js';
import { asOrdered, workADay } from '../support/newcomer.js';
import { createInstallation } from '../support/stack.js';

/** What is kept of a test run for people: each page as somebody new came to it. */
const SCREENSHOTS = path.join(repositoryRoot, '.build', 'screenshots');

describe('somebody new to it, where the demonstration ended', { timeout: 180_000 }, () => {
  let seat: TestSeat;
  let stop: () => Promise<void>;
  let desk: DeskBrowser;

  beforeAll(async () => {
    if (chromiumHere() === null) return;
    const installation = await createInstallation();
    useDemoPolicy(installation, { mode: 'off', cadence: 'daily' });
    ({ seat, stop } = await startSeat(installation));
    await driveDay(seat, MONDAY);
    desk = await openDeskBrowser(installation);
    mkdirSync(SCREENSHOTS, { recursive: true });
  }, 120_000);
  afterAll(async () => {
    if (chromiumHere() === null) return;
    await desk.close();
    await stop();
  });

  it.for([
    ['with a mouse, at a desk', TUESDAY, { viewport: { width: 1280, height: 900 } }, false],
    ['by keys alone, as narrow as a phone', '2018-05-09', { viewport: { width: 390, height: 844 } }, true],
  ] as const)('works the next day %s, and types no command', async ([, day, options, byKeys], { skip }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const { page, complaints } = await desk.letIn(options);
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
    const { rows } = await desk.db.raw<{ rows: object[] }>(
      `select confirmations.operator, confirmations.kind, tickets.dry_run from confirmations join tickets using (ticket_id)
        where tickets.trading_day = ?`,
      [day],
    );
    expect(rows).toEqual([{ operator: 'demo', kind: 'FILLS', dry_run: true }]);
    expect((await seat.viewWhen(day, ({ state }) => state === 'closed')).outcome).toBe('TRADE (dry run)');
    await page.context().close();
  });
});
