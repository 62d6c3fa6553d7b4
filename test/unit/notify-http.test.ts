import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { alertsSchema, type SinkPolicy } from '../../src/domain/policy/alerts.js';
import { createSink } from '../../src/notify/create.js';
import type { Notice } from '../../src/notify/sink.js';
import { answering, startHttpReceiver, type HttpReceiver } from '../support/receivers.js';

/** Slack, ntfy and webhooks against a real local server that answers whatever such services answer. */
/** Of who answers: only a machine at its limits is slower. Of who hangs: how long that is waited for. */
const [ANSWER_MAX_MS, HANG_MS] = [30_000, 400];
const SECRET = 'T0KEN/with+signs';
let server: HttpReceiver;

beforeEach(async () => {
  server = await startHttpReceiver();
});
afterEach(() => server.close());

const notice: Notice = {
  kind: 'ALERT',
  id: '1b0cbd2a-0000-4000-8000-000000000001',
  alertId: '1b0cbd2a-0000-4000-8000-000000000001',
  account: 'main',
  tradingDay: '2014-06-09',
  code: 'RUN_MISSED',
  severity: 'critical',
  subject: '2014-06-09/1400',
  message: 'The run of <14:00> & its window are over: £25.',
  remedy: 'docs/INCIDENTS.md, RUN_MISSED',
  raisedAt: '2014-06-09T14:30:00.000Z',
  page: null,
  auditHead: { seq: 12, hash: 'a'.repeat(64) },
  recovered: null,
};
const recovery: Notice = {
  ...notice,
  kind: 'RECOVERY',
  id: `${notice.id}/recovered`,
  recovered: { at: '2014-06-09T15:00:00.000Z', note: 'It ran.' },
};

const sinkOf = (sink: object): SinkPolicy => alertsSchema.parse({ sinks: [sink] }).sinks[0] as SinkPolicy;
const slack = (told = notice, timeoutMs = ANSWER_MAX_MS) =>
  createSink(sinkOf({ kind: 'slack', url_env: 'HOOK' }), { HOOK: `${server.url}/services/${SECRET}` }, timeoutMs).send(
    told,
  );
const ntfy = (told = notice) =>
  createSink(
    sinkOf({ kind: 'ntfy', url: `${server.url}/base/our-topic`, token_env: 'TOKEN' }),
    { TOKEN: SECRET },
    ANSWER_MAX_MS,
  ).send(told);
const webhook = (told = notice) =>
  createSink(
    sinkOf({ kind: 'webhook', url: `${server.url}/hook`, token_env: 'TOKEN' }),
    { TOKEN: SECRET },
    ANSWER_MAX_MS,
  ).send(told);
const body = () => JSON.parse(server.hits[0]?.body ?? '') as Record<string, unknown>;

describe('what is sent', () => {
  it('Slack: one text, its three characters of control escaped', async () => {
    expect(await slack()).toEqual({ ok: true, answer: '200 ok' });
    expect(body()['text']).toMatch(
      /^\*CRITICAL: RUN_MISSED \(main\)\*\nThe run of &lt;14:00&gt; &amp; its window are over: £25\.\n/,
    );
    expect(server.hits[0]?.path).toBe(`/services/${SECRET}`);
  });

  it("ntfy: to the server's root, loud by severity, quiet for a recovery", async () => {
    server.answer = answering(200, '{"id":"x1","event":"message"}');
    expect((await ntfy()).ok).toBe(true);
    expect(server.hits[0]).toMatchObject({ path: '/base', headers: { authorization: `Bearer ${SECRET}` } });
    expect(body()).toMatchObject({
      topic: 'our-topic',
      title: 'CRITICAL: RUN_MISSED (main)',
      priority: 5,
      tags: ['RUN_MISSED'],
    });
    await ntfy(recovery);
    expect(JSON.parse(server.hits[1]?.body ?? '')).toMatchObject({
      title: 'Recovered: RUN_MISSED (main)',
      priority: 2,
      message: expect.stringMatching(/^It ran\./),
    });
  });

  it('each carries the address of the page where it is dealt with, where the desk has one', async () => {
    const page = 'https://desk.example.org/trading/runs';
    server.answer = answering(200, '{"id":"x1","event":"message"}');
    await ntfy({ ...notice, page });
    await ntfy();
    server.answer = answering(200, 'ok');
    await slack({ ...notice, page });
    await webhook({ ...notice, page });
    const [pushed, without, slacked, hooked] = server.hits.map((hit) => JSON.parse(hit.body) as Record<string, string>);
    expect(pushed).toMatchObject({ click: page, message: expect.stringContaining(`At the desk: ${page}\n`) });
    expect(without).not.toHaveProperty('click');
    expect(without?.['message']).not.toContain('At the desk');
    expect(slacked?.['text']).toContain(`At the desk: ${page}\n`);
    expect(hooked).toMatchObject({ page });
  });

  it('a webhook: everything, under a key that is the same each time', async () => {
    await webhook();
    await webhook();
    expect(server.hits.map(({ headers }) => headers['idempotency-key'])).toEqual([notice.id, notice.id]);
    expect(body()).toEqual({
      schema: 1,
      notice: 'ALERT',
      id: notice.id,
      alert_id: notice.alertId,
      account: 'main',
      trading_day: '2014-06-09',
      code: 'RUN_MISSED',
      severity: 'critical',
      subject: '2014-06-09/1400',
      message: notice.message,
      remedy: notice.remedy,
      raised_at: notice.raisedAt,
      recovered: null,
      audit_head: notice.auditHead,
      page: null,
    });
    expect(await webhook(recovery)).toMatchObject({ ok: true });
    expect(server.hits[2]?.headers['idempotency-key']).toBe(`${notice.id}/recovered`);
  });

  it('an alert that recovered before it could be sent says so', async () => {
    await slack({ ...notice, recovered: recovery.recovered });
    expect(body()['text']).toContain('Since then: It ran. (2014-06-09T15:00:00.000Z)');
  });
});

describe('what counts as taken', () => {
  it.each([
    ['Slack', slack, '{"ok":true}', true],
    ['Slack', slack, 'ok\n', true],
    ['Slack', slack, 'invalid_payload', false],
    ['Slack', slack, '{"ok":false,"error":"no_service"}', false],
    ['Slack', slack, '', false],
    ['Slack', slack, '<html>Please log in</html>', false],
    ['ntfy', ntfy, '{"id":"x","event":"message"}', true],
    ['ntfy', ntfy, '{"code":40301,"http":403,"error":"forbidden"}', false],
    ['ntfy', ntfy, '{}', false],
    ['ntfy', ntfy, 'ok', false],
    ['webhook', webhook, '', true],
    ['webhook', webhook, 'whatever', true],
    ['webhook', webhook, '{"queued":3}', true],
    ['webhook', webhook, '{"ok":false}', false],
    ['webhook', webhook, '{"error":"no such topic"}', false],
    ['webhook', webhook, '{"status":"error"}', false],
    ['webhook', webhook, '{"errors":["x"]}', false],
    ['webhook', webhook, '{"errors":[]}', true],
  ] as const)('%s: 200 with a body decides by the body', async (_name, send, text, ok) => {
    server.answer = answering(200, text);
    expect(await send()).toMatchObject(
      ok ? { ok } : { ok, final: false, answer: expect.stringContaining('200, but: ') },
    );
  });

  it.each([
    [500, false],
    [502, false],
    [503, false],
    [408, false],
    [425, false],
    [429, false],
    [400, true],
    [401, true],
    [403, true],
    [404, true],
    [410, true],
    [301, true],
    [302, true],
  ])('%i is a failure; final: %s', async (status, final) => {
    server.answer = answering(status, 'no', { location: `${server.url}/elsewhere` });
    expect(await webhook()).toEqual({ ok: false, final, answer: `${status} no`, retryAfterMs: null });
    expect(server.hits).toHaveLength(1);
  });

  it('429 with Retry-After: seconds, a date, nonsense, a year', async () => {
    const wait = async (value: string) => {
      server.answer = answering(429, '', { 'retry-after': value });
      const answer = await webhook();
      return answer.ok ? -1 : answer.retryAfterMs;
    };
    expect(await wait('7')).toBe(7_000);
    const byDate = await wait(new Date(Date.now() + 2 * 3_600_000).toUTCString());
    expect(byDate).toBeGreaterThan(3_600_000);
    expect(byDate).toBeLessThanOrEqual(2 * 3_600_000);
    expect(await wait('Mon, 01 Jan 2001 00:00:00 GMT')).toBe(0);
    expect(await wait('soon')).toBeNull();
    expect(await wait('31536000')).toBe(6 * 3_600_000);
  });

  it.each([
    ['before the headers', () => undefined],
    [
      'within the body',
      (response: { writeHead(status: number): unknown; write(text: string): unknown }) =>
        void [response.writeHead(200), response.write('o')],
    ],
  ])('a hang %s is given up within its time', async (_where, answer) => {
    server.answer = answer as HttpReceiver['answer'];
    expect(await slack(notice, HANG_MS)).toEqual({
      ok: false,
      final: false,
      answer: 'no answer within 0.4 s',
      retryAfterMs: null,
    });
  });

  it('nobody there, and a line that breaks, are worth another try', async () => {
    server.answer = (response) => void response.socket?.destroy();
    expect(await webhook()).toMatchObject({ ok: false, final: false });
    server.close();
    expect(await webhook()).toMatchObject({ ok: false, final: false, answer: expect.stringContaining('ECONNREFUSED') });
  });

  it('a body without an end is not read to its end', async () => {
    server.answer = (response) => void response.end('x'.repeat(1_000_000));
    const answer = await webhook();
    expect(answer.ok).toBe(false);
    expect(answer.answer.length).toBeLessThan(400);
  });
});

describe('secrets', () => {
  it('are in no answer, whoever echoes them', async () => {
    server.answer = (response, { path, headers }) =>
      void response.writeHead(404).end(`no hook at ${path} for ${headers.authorization ?? ''}`);
    for (const answer of [await slack(), await webhook(), await ntfy()]) {
      expect(answer).toMatchObject({ ok: false, final: true, answer: expect.stringContaining('***') });
      expect(answer.answer).not.toContain(SECRET);
    }
  });

  it('a variable that is not set, or holds no address, is told by its name', async () => {
    const sink = sinkOf({ kind: 'slack', url_env: 'HOOK' });
    expect(await createSink(sink, {}, ANSWER_MAX_MS).send(notice)).toMatchObject({
      ok: false,
      final: true,
      answer: 'the environment variable HOOK is not set where the worker runs',
    });
    const wrong = await createSink(sink, { HOOK: `file:///etc/${SECRET}` }, ANSWER_MAX_MS).send(notice);
    expect(wrong).toMatchObject({
      ok: false,
      final: true,
      answer: 'the environment variable HOOK does not hold an http:// or https:// address',
    });
    const topicless = createSink(sinkOf({ kind: 'ntfy', url: `${server.url}/` }), {}, ANSWER_MAX_MS);
    expect(await topicless.send(notice)).toMatchObject({
      ok: false,
      final: true,
      answer: expect.stringContaining('no topic'),
    });
    expect(server.hits).toEqual([]);
  });
});
