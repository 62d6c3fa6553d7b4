import { execa } from 'execa';
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { startChromium } from '../../test/support/chromium.js';
import { asOrdered, workADay } from '../../test/support/newcomer.js';

/**
 * Makes the pictures of the desk in docs/pictures: `make pictures` plays the demonstration, and works the day after it
 * in a real browser, as an operator would. No picture is made by hand.
 */
const PICTURES = path.join(repositoryRoot, 'docs', 'pictures');
const KEPT = ['today-ticket', 'reconcile', 'ticket', 'execute', 'confirm'];
const WIDE = { viewport: { width: 1_120, height: 800 } };

// Not by mkdtemp, whose directory nobody else may enter: as root, Postgres is somebody else.
const dataDir = path.join(tmpdir(), `trading-ops-pictures-${process.pid}`);
const env = { TRADING_OPS_DATA: dataDir, TRADING_OPS_CONFIG: path.join(repositoryRoot, 'config', 'demo') };
const cli = (...args: string[]) => execa(path.join(repositoryRoot, 'trading-ops'), args, { env });

mkdirSync(PICTURES, { recursive: true });
try {
  const { stdout } = await cli('demo');
  const link = /http:\/\/localhost:\d+\/enter#[0-9a-f]+/.exec(stdout)?.[0];
  if (link === undefined) throw new Error(`the demonstration printed no link:\n${stdout}`);
  const browser = await startChromium();
  const page = await (await browser.newContext(WIDE)).newPage();
  await page.goto(link);
  await page.waitForURL('**/today');
  await workADay(page, {
    cash: '10000.00',
    orderOf: asOrdered,
    async look(name) {
      // What the desk says of figures follows a moment after they are typed.
      if (name === 'reconcile') await page.getByText('Not recorded yet').waitFor();
      if (KEPT.includes(name)) await page.screenshot({ path: path.join(PICTURES, `${name}.png`) });
    },
  });
  await browser.close();
} finally {
  await cli('down').catch(() => undefined);
  rmSync(dataDir, { recursive: true, force: true });
}
