import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { SMTPServerOptions } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import { alertsSchema, type SinkPolicy } from '../../src/domain/policy/alerts.js';
import { createSink } from '../../src/notify/create.js';
import type { Notice } from '../../src/notify/sink.js';
import { smtpError, startMailReceiver, type MailReceiver } from '../support/receivers.js';

/** Mail against a real mail server on this machine. */
/** Of who answers: only a machine at its limits is slower. Of who says nothing: how long that is waited for. */
const [ANSWER_MAX_MS, SILENCE_MS] = [30_000, 600];
const PASSWORD = 'pa55-with-$igns';
let server: MailReceiver | null = null;
let plain: { server: Server; sockets: Socket[] } | null = null;

afterEach(async () => {
  await server?.close();
  plain?.sockets.forEach((socket) => socket.destroy());
  plain?.server.close();
  [server, plain] = [null, null];
});

const notice: Notice = {
  kind: 'ALERT',
  id: '1b0cbd2a-0000-4000-8000-000000000002',
  alertId: '1b0cbd2a-0000-4000-8000-000000000002',
  account: null,
  tradingDay: null,
  code: 'BACKUP_FAILED',
  severity: 'critical',
  subject: 'backup',
  message: 'No backup: £0.',
  remedy: 'docs/INCIDENTS.md, BACKUP_FAILED',
  raisedAt: '2014-06-09T14:30:00.000Z',
  page: null,
  auditHead: null,
  recovered: null,
};
const recovery: Notice = {
  ...notice,
  kind: 'RECOVERY',
  id: `${notice.id}/recovered`,
  recovered: { at: '2014-06-09T15:00:00.000Z', note: 'A backup was made.' },
};

async function send(port: number, told: Notice = notice, over: object = {}, timeoutMs = ANSWER_MAX_MS) {
  const [sink] = alertsSchema.parse({
    sinks: [
      {
        kind: 'email',
        host: '127.0.0.1',
        port,
        security: 'none',
        from: 'ops@example.org',
        to: ['ana@example.org', 'bo@example.org'],
        ...over,
      },
    ],
  }).sinks;
  return createSink(sink as SinkPolicy, { SMTP_PASSWORD: PASSWORD }, timeoutMs).send(told);
}
const withServer = async (options: SMTPServerOptions) => (server = await startMailReceiver(options)).port;
const header = (mail: string | undefined, name: string) =>
  new RegExp(`^${name}: (.*)`, 'mi').exec(mail ?? '')?.[1]?.trim();

describe('a mail', () => {
  it('goes to all its readers under one Message-ID; the recovery stands beneath it, quietly', async () => {
    const port = await withServer({});
    expect(await send(port)).toMatchObject({ ok: true, answer: expect.stringMatching(/^250 /) });
    await send(port);
    await send(port, recovery);
    const [first, again, recovered] = server?.mails ?? [];
    expect(header(first, 'Message-ID')).toBe(`<${notice.id}@trading-ops>`);
    expect(header(again, 'Message-ID')).toBe(header(first, 'Message-ID'));
    expect(header(first, 'Subject')).toBe('[trading-ops] CRITICAL: BACKUP_FAILED');
    expect(header(first, 'To')).toBe('ana@example.org, bo@example.org');
    expect(header(first, 'Auto-Submitted')).toBe('auto-generated');
    expect(header(first, 'Importance')).toBe('High');
    expect([
      header(recovered, 'Message-ID'),
      header(recovered, 'In-Reply-To'),
      header(recovered, 'Importance'),
    ]).toEqual([`<${notice.id}.recovered@trading-ops>`, `<${notice.id}@trading-ops>`, 'Low']);
    expect(recovered).toContain('A backup was made.');
  });

  it('one reader refused is a failure for good: the others must not get it twice', async () => {
    const port = await withServer({
      onRcptTo: ({ address }, _session, done) => done(address.startsWith('bo') ? smtpError(550, 'no such user') : null),
    });
    expect(await send(port)).toMatchObject({
      ok: false,
      final: true,
      answer: expect.stringContaining('refused for bo@example.org'),
    });
    expect(server?.mails).toHaveLength(1);
  });

  it.each([
    [550, true],
    [554, true],
    [451, false],
    [421, false],
  ])('every reader answered with %i; final: %s', async (code, final) => {
    const port = await withServer({ onRcptTo: (_address, _session, done) => done(smtpError(code, 'not now')) });
    expect(await send(port)).toMatchObject({ ok: false, final, answer: expect.stringContaining('not now') });
    expect(server?.mails).toEqual([]);
  });

  it('a wrong password is final, and the password is not told', async () => {
    const auth = { username: 'ops', password_env: 'SMTP_PASSWORD' };
    const refusing = await withServer({
      authOptional: false,
      onAuth: ({ password }, _session, done) => done(smtpError(535, `bad login with ${password}`)),
    });
    const answer = await send(refusing, notice, auth);
    expect(answer).toMatchObject({ ok: false, final: true });
    expect(answer.answer).toContain('***');
    expect(answer.answer).not.toContain(PASSWORD);
    await server?.close();
    const seen: unknown[] = [];
    const taking = await withServer({
      authOptional: false,
      onAuth: ({ username, password }, _session, done) => (
        seen.push([username, password]),
        done(null, { user: username })
      ),
    });
    expect((await send(taking, notice, auth)).ok).toBe(true);
    expect(seen).toEqual([['ops', PASSWORD]]);
  });

  it('never goes in the clear when the policy says starttls', async () => {
    const port = await withServer({});
    expect(await send(port, notice, { security: 'starttls' })).toMatchObject({ ok: false });
    expect(server?.mails).toEqual([]);
  });

  it('a server that says nothing, that drips, and that is not there', async () => {
    const sockets: Socket[] = [];
    let drip = false;
    const silent = createServer((socket) => {
      sockets.push(socket.on('error', () => undefined));
      if (!drip) return;
      const timer = setInterval(() => socket.write('220-wait\r\n'), 50);
      socket.on('close', () => clearInterval(timer));
    }).listen(0, '127.0.0.1');
    plain = { server: silent, sockets };
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    for (const mode of [false, true]) {
      drip = mode;
      expect(await send(port, notice, {}, SILENCE_MS)).toMatchObject({
        ok: false,
        final: false,
        answer: 'no answer within 0.6 s',
      });
    }
    sockets.forEach((socket) => socket.destroy());
    silent.close();
    expect(await send(port)).toMatchObject({ ok: false, final: false });
  });
});
