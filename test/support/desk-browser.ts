import type { FastifyInstance } from 'fastify';
import type { Knex } from 'knex';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { connect, OF_THE_DESK } from '../../src/db/connect.js';
import type { Place } from '../../src/desk/place.js';
import { createDesk } from '../../src/desk/server.js';
import { makeEntryCode } from '../../src/operations/entry/make-code.js';
import { anyPort } from '../../src/runtime/processes/ports.js';
import { startChromium } from './chromium.js';
import { placeOf } from './desk.js';
import type { Installation } from './stack.js';

export const NO_CHROMIUM = 'there is no chromium on this machine (apt-get install chromium)';

/** A page of somebody who was let in, and what their browser complained of since. */
export interface LetIn {
  page: Page;
  complaints: string[];
}

/** A desk that listens, with a browser. */
export interface DeskBrowser {
  browser: Browser;
  db: Knex;
  place: Place;
  /** Where it is found, without a stroke at the end. */
  url: string;
  /** One more desk of this installation, with these changes; it closes with the first. @returns where it is found. */
  open(changes: Partial<Place>): Promise<string>;
  /** A code to be let in by. */
  newCode(operator?: string): Promise<string>;
  /** A browser of its own that was let in: by the link, or where scripts are off by typing the code. */
  letIn(options?: BrowserContextOptions, as?: { operator?: string; at?: string }): Promise<LetIn>;
  close(): Promise<void>;
}

/**
 * Opens the desk of an installation and a browser.
 * @param choices operator: who is let in by default.
 */
export async function openDeskBrowser(
  installation: Installation,
  { operator: usual = 'demo' }: { operator?: string } = {},
): Promise<DeskBrowser> {
  const db = connect(installation.settings.databaseUrl ?? '', 6, OF_THE_DESK);
  const desks: FastifyInstance[] = [];
  const first = { ...placeOf(installation, db), port: await anyPort() };
  const listen = async (place: Place) => {
    const desk = await createDesk(place);
    desks.push(desk);
    await desk.listen({ port: place.port, host: '127.0.0.1' });
    return `http://localhost:${place.port}`;
  };
  const url = await listen(first);
  const browser = await startChromium();
  const newCode = async (operator = usual) =>
    (await makeEntryCode({ ...first, now: () => new Date().toISOString() }, { operator, readOnly: false })).code;
  return {
    browser,
    db,
    place: first,
    url,
    newCode,
    open: async (changes) => listen({ ...first, ...changes, port: await anyPort() }),
    async letIn(options = {}, { operator, at = url } = {}) {
      const page = await (await browser.newContext(options)).newPage();
      const complaints: string[] = [];
      page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
      page.on('pageerror', (error) => void complaints.push(String(error)));
      const code = await newCode(operator);
      await page.goto(`${at}/enter#${code}`);
      if (options.javaScriptEnabled === false) {
        await page.getByLabel('Code').fill(code);
        await page.getByRole('button', { name: 'Enter' }).click();
      }
      await page.waitForURL('**/main/today');
      return { page, complaints };
    },
    async close() {
      await browser.close();
      await Promise.all(desks.map((desk) => desk.close()));
      await first.mail.close();
      await db.destroy();
    },
  };
}
