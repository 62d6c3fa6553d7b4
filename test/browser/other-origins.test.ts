import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client, Connection } from '@temporalio/client';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresProcess } from '../../src/runtime/postgres/server.js';
import { resolveAddresses } from '../../src/runtime/addresses.js';
import { installationPaths } from '../../src/runtime/paths.js';
import { anyPort } from '../../src/runtime/processes/ports.js';
import { temporalProcess } from '../../src/runtime/temporal/server.js';
import { chromiumHere, startChromium } from '../support/chromium.js';
import { NO_CHROMIUM } from '../support/desk-browser.js';
import { listeningOf, type Listening } from '../support/listening.js';
import { createPrivateStack, startWorkerProcess, type PrivateStack } from '../support/stack.js';

/** A name whose owner may point it anywhere: to this machine, too. */
const EVIL = 'evil.example';
const DAY = 'morning-run-2026-11-23';

/** What a page says to a port, over and over, by each way that a browser has. */
const WAYS = ['no-cors', 'cors', 'beacon', 'form', 'image', 'socket'] as const;
const SIGNAL = `/api/v1/namespaces/default/workflows/${DAY}/signal/confirm`;
const START = '/api/v1/namespaces/default/workflows/forged';

/** A server that takes whatever comes: what the same page does to a port without a guard. */
interface Unguarded {
  port: number;
  heard: { method: string; path: string; body: string; host: string; type: string }[];
  server: Server;
}

describe('a page of another origin in a real browser', { timeout: 180_000 }, () => {
  let browser: Browser;
  let stack: PrivateStack;
  let client: Client;
  let unguarded: Unguarded;
  let targets: Listening[];
  let metricsPort: number;

  beforeAll(async () => {
    if (chromiumHere() === null) return;
    stack = await createPrivateStack();
    metricsPort = await anyPort();
    // With a day of theirs that stands open on a queue that nobody serves: what is said to it stays in its history.
    const { temporalAddress } = resolveAddresses(stack.settings);
    client = new Client({ connection: await Connection.connect({ address: temporalAddress }), namespace: 'default' });
    await client.workflow.start('tradingDay', { workflowId: DAY, taskQueue: 'nobody', args: [{}] });
    const worker = await startWorkerProcess(stack, { TRADING_OPS_METRICS_PORT: String(metricsPort) });
    unguarded = await listenUnguarded();
    const paths = installationPaths(stack.dataDir);
    const pids = [temporalProcess(paths)!.pid, postgresProcess(paths)!.pid, worker.pid];
    targets = [...pids.flatMap(listeningOf), { ip: '127.0.0.1', port: unguarded.port }];
    browser = await startChromium({ names: [EVIL] });
  }, 120_000);
  afterAll(async () => {
    if (chromiumHere() === null) return;
    await browser.close();
    unguarded.server.close();
    await client.connection.close();
    await stack.cleanup();
  });

  /** Everything that the server has heard for us: what was started by whom, and what was said to the day. */
  async function heardByTemporal(): Promise<{ forged: number; signals: number }> {
    const { events } = (await client.workflow.getHandle(DAY).fetchHistory()) as { events: { eventType: number }[] };
    const SIGNALED = 26;
    const { count } = await client.workflow.count(`WorkflowId = 'forged'`);
    return { forged: count, signals: events.filter(({ eventType }) => eventType === SIGNALED).length };
  }

  it('reaches nobody by any way that a browser has, on any port, by any name; without the guard it would', async ({
    skip,
  }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    expect(targets.length).toBeGreaterThan(6);
    const page = await pageOf(browser, `http://${EVIL}:81/`);
    const hosts = targets.flatMap(({ ip, port }) =>
      [ip, 'localhost', EVIL].map((name) => ({ port, origin: `http://${name}:${port}` })),
    );
    for (const { origin } of hosts)
      for (const way of WAYS) await page.evaluate(`say(${JSON.stringify({ origin, way, ...paths })})`);
    await expect
      .poll(() => new Set(unguarded.heard.map(({ method, type }) => `${method} ${type}`)).size, { timeout: 20_000 })
      .toBeGreaterThanOrEqual(3);
    // The guard is what stops it: a port without one takes the forged message word for word.
    const taken = unguarded.heard.filter(({ method, path }) => method === 'POST' && path === SIGNAL);
    expect(new Set(taken.map(({ host }) => host.split(':')[0]))).toEqual(new Set(['127.0.0.1', 'localhost', EVIL]));
    expect(taken.map(({ body }) => JSON.parse(body) as unknown)).toContainEqual({ input: [{ stolen: true }] });
    expect(await heardByTemporal()).toEqual({ forged: 0, signals: 0 });
  });

  it('nor by a name that is pointed to this machine when the page is there: it is not let in as one origin', async ({
    skip,
  }) => {
    if (chromiumHere() === null) skip(NO_CHROMIUM);
    const answers: Record<string, number[]> = {};
    for (const { ip, port } of targets.filter((one) => one.ip === '127.0.0.1')) {
      const page = await pageOf(browser, `http://${EVIL}:${port}/`);
      answers[`${ip}:${port}`] = await page.evaluate<number[]>(`sayAsSameOrigin(${JSON.stringify(paths)})`);
      await page.context().close();
    }
    const { [`127.0.0.1:${unguarded.port}`]: without = [], [`127.0.0.1:${metricsPort}`]: metrics, ...ours } = answers;
    expect(without).toEqual([200, 200, 200]);
    expect(metrics).toEqual([404, 404, 404]);
    // No answer at all, or a refusal.
    expect(Object.values(ours).flat()).toSatisfy((all: number[]) =>
      all.every((status) => status === 0 || status >= 400),
    );
    expect(Object.values(ours).flat()).toContain(403);
    expect(await heardByTemporal()).toEqual({ forged: 0, signals: 0 });
  });
});

const paths = { signal: SIGNAL, start: START };
/** What the page can do, as its owner wrote it. */
const EVIL_PAGE = `<h1>win a phone</h1><script>${readFileSync(new URL('evil-page.js', import.meta.url), 'utf8')}</script>`;

/** A page of somebody else's at this address, whoever listens there. */
async function pageOf(browser: Browser, url: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.route(url, (route) => route.fulfill({ contentType: 'text/html', body: EVIL_PAGE }));
  await page.goto(url);
  return page;
}

async function listenUnguarded(): Promise<Unguarded> {
  const heard: Unguarded['heard'] = [];
  const server = createServer((asked, answer) => {
    void textOf(asked).then((body) => {
      const { method = '', url = '', headers } = asked;
      heard.push({ method, path: url, body, host: headers.host ?? '', type: headers['content-type'] ?? '' });
      answer.writeHead(200, { 'content-type': 'text/plain' }).end('taken\n');
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, heard, server };
}

async function textOf(asked: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of asked) text += String(chunk);
  return text;
}
