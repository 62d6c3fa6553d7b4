import { request } from 'node:http';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveAddresses } from '../../src/runtime/addresses.js';
import { readRecord } from '../../src/runtime/record.js';
import { installationPaths } from '../../src/runtime/paths.js';
import { openWebUi } from '../../src/runtime/temporal/web-ui.js';
import { anyPort } from '../../src/runtime/processes/ports.js';
import { postgresProcess } from '../../src/runtime/postgres/server.js';
import { temporalProcess } from '../../src/runtime/temporal/server.js';
import { listeningOf } from '../support/listening.js';
import { createPrivateStack, startWorkerProcess, type PrivateStack } from '../support/stack.js';

/**
 * What a page can have a browser send: it chooses method, path, body, and by its own name server the Host; never the
 * rest. A program of this machine chooses all of it.
 */
interface Sent {
  method: 'GET' | 'POST';
  path: string;
  headers: Record<string, string>;
  body?: string;
}

const NAMESPACE = 'default';
/**
 * The gateway's paths take no slash in a name, so a run stands for the day: what may be said to one may be said to
 * all.
 */
const DAY = 'morning-run-2026-11-23';
const signal = `/api/v1/namespaces/${NAMESPACE}/workflows/${encodeURIComponent(DAY)}/signal/confirm`;
const payload = JSON.stringify({ input: [{ stolen: true }] });
const starts = `/api/v1/namespaces/${NAMESPACE}/workflows/forged`;
const started = JSON.stringify({ workflowType: { name: 'tradingDay' }, taskQueue: { name: 'nobody' } });

function sendings(own: string): Sent[] {
  const asPage = { origin: 'http://evil.example', 'sec-fetch-site': 'cross-site', 'content-type': 'text/plain' };
  const asForm = { ...asPage, 'content-type': 'application/x-www-form-urlencoded' };
  // A name that its owner points to 127.0.0.1: to the browser the page and we are one origin.
  const rebound = { host: 'evil.example', origin: 'http://evil.example', 'sec-fetch-site': 'same-origin' };
  const update = JSON.stringify({ request: { input: { args: [{ stolen: true }] } } });
  const said = [
    { path: signal, body: payload },
    { path: signal.replace('/api/v1', ''), body: payload },
    { path: starts, body: started },
    { path: `${starts}/signal-with-start/confirm`, body: started },
    { path: signal.replace('signal', 'update'), body: update },
  ];
  return said.flatMap(({ path, body }): Sent[] =>
    [
      { host: own, ...asPage },
      { host: own, ...asForm },
      { ...rebound, 'content-type': 'application/json' },
      // An old browser says nothing of who asks.
      { host: 'evil.example', 'content-type': 'text/plain' },
      // No browser sends these: the words of the server's own rule, and none at all.
      { host: '^$', 'content-type': 'application/json' },
      { host: '', 'content-type': 'application/json' },
    ].map((headers) => ({ method: 'POST', path, headers, body })),
  );
}

describe('no local port takes what a web page can send', () => {
  let stack: PrivateStack;
  let client: Client;
  let closeUi: () => void;
  const told: string[] = [];

  beforeAll(async () => {
    stack = await createPrivateStack();
    const { temporalAddress } = resolveAddresses(stack.settings);
    client = new Client({ connection: await Connection.connect({ address: temporalAddress }), namespace: NAMESPACE });
    await client.workflow.start('tradingDay', { workflowId: DAY, taskQueue: 'nobody', args: [{}] });
    const { uiPort, uiServer } = readRecord(stack.settings.dataDir)!.temporal;
    closeUi = openWebUi(uiPort, uiServer!, (problem) => told.push(problem));
  }, 120_000);
  afterAll(async () => {
    closeUi();
    await client.connection.close();
    await stack.cleanup();
  });

  it('whatever the port of either server, and whoever it says it is', async () => {
    const paths = installationPaths(stack.settings.dataDir);
    const { uiPort } = readRecord(stack.settings.dataDir)!.temporal;
    const listening = [temporalProcess(paths)!, postgresProcess(paths)!].flatMap(({ pid }) => listeningOf(pid));
    // gRPC, HTTP, metrics, the UI's own server, and Postgres at the least.
    expect(listening.length).toBeGreaterThan(4);
    const taken: string[] = [];
    for (const { ip, port } of [...listening, { ip: '127.0.0.1', port: uiPort }])
      for (const sent of sendings(`${ip}:${port}`)) {
        const status = await answerOf(ip, port, sent);
        if (status !== null && status < 300) taken.push(`${ip}:${port} ${JSON.stringify(sent.headers)} ${status}`);
      }
    const executions = await client.workflow.count();
    expect(executions.count).toBe(1);
    const { events } = (await client.workflow.getHandle(DAY).fetchHistory()) as { events: { eventType: number }[] };
    const SIGNALED = 26;
    expect(events.filter(({ eventType }) => eventType === SIGNALED)).toEqual([]);
    // Metrics are read only, and say the same to whoever asks; they take nothing.
    expect(taken.filter((line) => !/metrics/.test(line))).toEqual([]);
  });

  it("the UI's own server, which takes any Host, listens where no page can guess", () => {
    const { uiServer, port } = readRecord(stack.settings.dataDir)!.temporal;
    expect(uiServer!.ip).toMatch(/^127\.\d+\.\d+\.\d+$/);
    expect(uiServer!.ip).not.toBe('127.0.0.1');
    const ours = listeningOf(temporalProcess(installationPaths(stack.settings.dataDir))!.pid);
    expect(ours.some(({ ip, port: its }) => ip === uiServer!.ip && its === uiServer!.port)).toBe(true);
    expect(ours.some(({ ip, port: its }) => ip === '127.0.0.1' && its === port)).toBe(true);
  });

  it('the gate shows the UI to whoever looks by our own name, and takes queries but nothing that changes a day', async () => {
    const { uiPort } = readRecord(stack.settings.dataDir)!.temporal;
    const own = { host: `localhost:${uiPort}` };
    const at = (sent: Partial<Sent>) =>
      answerOf('127.0.0.1', uiPort, { method: 'GET', path: '/', headers: own, ...sent });
    expect(await at({})).toBe(200);
    expect(await at({ path: '/api/v1/settings' })).toBe(200);
    expect(await at({ path: `/api/v1/namespaces/${NAMESPACE}/workflows` })).toBe(200);
    expect(await at({ path: '/api/v1/settings', headers: { host: `evil.example:${uiPort}` } })).toBe(403);
    expect(await at({ path: '/api/v1/settings', headers: { ...own, origin: 'http://localhost:1' } })).toBe(403);
    expect(await at({ path: '/api/v1/settings', headers: { ...own, 'sec-fetch-site': 'cross-site' } })).toBe(403);
    expect(
      await at({
        method: 'POST',
        path: signal,
        headers: { ...own, origin: `http://localhost:${uiPort}` },
        body: payload,
      }),
    ).toBe(403);
    const query = `/api/v1/namespaces/${NAMESPACE}/workflows/${encodeURIComponent('no-such-day')}/query/day`;
    expect(
      await at({ method: 'POST', path: query, headers: { ...own, 'content-type': 'application/json' }, body: '{}' }),
    ).not.toBe(403);
  });

  it('a port that is taken is told once, and opened when it is free', async () => {
    const port = await anyPort();
    const { uiServer } = readRecord(stack.settings.dataDir)!.temporal;
    const closeFirst = openWebUi(port, uiServer!, () => undefined);
    const problems: string[] = [];
    const closeSecond = openWebUi(port, uiServer!, (problem) => problems.push(problem));
    await expect.poll(() => problems.length).toBe(1);
    expect(problems[0]).toContain(String(port));
    closeFirst();
    await expect
      .poll(() => answerOf('127.0.0.1', port, { method: 'GET', path: '/', headers: {} }), { timeout: 10_000 })
      .toBe(200);
    closeSecond();
    expect(told).toEqual([]);
  });
});

describe("the worker's metrics", () => {
  let stack: PrivateStack;
  beforeAll(async () => {
    stack = await createPrivateStack();
  }, 120_000);
  afterAll(async () => stack.cleanup());

  it('are nowhere unless a port is named, then on loopback alone; a taken port stops nobody', async () => {
    const port = await anyPort();
    const { uiPort } = readRecord(stack.settings.dataDir)!.temporal;
    const listens = (pid: number | undefined) => listeningOf(pid ?? 0).filter((one) => one.port !== uiPort);
    const silent = await startWorkerProcess(stack);
    expect(listens(silent.pid)).toEqual([]);
    await silent.kill();

    const shown = await startWorkerProcess(stack, { TRADING_OPS_METRICS_PORT: String(port) });
    expect(listens(shown.pid)).toEqual([{ ip: '127.0.0.1', port }]);
    // The watch that every worker starts with is the first that there is to count.
    const read = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    await expect.poll(read, { timeout: 60_000, interval: 500 }).toMatch(/^temporal_workflow_completed\S* \d/m);
    const text = await read();
    expect(text).toMatch(/^temporal_worker_task_slots_available\{.*task_queue="trading-ops"/m);
    expect(text).not.toMatch(/\d{4}-\d\d-\d\d|trading-day\/|postgres:|password/i);
    for (const sent of sendings(`127.0.0.1:${port}`))
      expect(await answerOf('127.0.0.1', port, sent), JSON.stringify(sent)).toBe(404);

    const second = await startWorkerProcess(stack, { TRADING_OPS_METRICS_PORT: String(port) });
    expect(second.log()).toMatch(/"port":\d+.*the metrics cannot be shown/);
    await second.kill();
    await shown.kill();
  }, 180_000);
});

/** The status that a port answers with; null where it speaks no HTTP. */
function answerOf(host: string, port: number, { method, path, headers, body }: Sent): Promise<number | null> {
  return new Promise((resolve) => {
    const asked = request({ host, port, method, path, headers, agent: false, timeout: 3_000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? null);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(null));
    asked.end(body);
  });
}
