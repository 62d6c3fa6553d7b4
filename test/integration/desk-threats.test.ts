import { request } from 'node:http';
import { connect as connectTo } from 'node:net';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, OF_THE_DESK } from '../../src/db/connect.js';
import { FORMS } from '../../src/desk/forms/all.js';
import type { Place } from '../../src/desk/place.js';
import { createDesk, PAGES } from '../../src/desk/server.js';
import { resultOrThrow } from '../../src/domain/errors.js';
import { openAccount } from '../../src/operations/accounts/open.js';
import { raiseAlert } from '../../src/operations/alerts/raise.js';
import { makeEntryCode } from '../../src/operations/entry/make-code.js';
import { anyPort } from '../../src/runtime/processes/ports.js';
import { useDemoPolicy } from '../support/day.js';
import { cookieOf, DESK_PORT, LOOKS, placeOf, SENDS, sitDown, type Seated } from '../support/desk.js';
import { PAYLOADS } from '../support/payloads.js';
import { createInstallation, type Installation } from '../support/stack.js';
import { fingerprint } from '../support/unchanged.js';

/*
 * Who may confirm, threat by threat, in the order and by the names of the table in docs/DEVELOPING.md. What only a
 * browser, a whole day or a forger's own client can show stands in the tests that the table names beside these.
 */
const AT = '2018-05-07T09:00:00.000Z';
const ID = '8b20c1f0-1111-4222-8333-8f4512345678';

let installation: Installation;
let db: Knex;
let place: Place;
let seated: Seated;
let alertId: string;

beforeAll(async () => {
  installation = await createInstallation({ temporal: false });
  useDemoPolicy(installation, { operators: ['ada', 'bo'] });
  db = connect(installation.settings.databaseUrl ?? '', 4, OF_THE_DESK);
  place = placeOf(installation, db);
  const asker = { operator: 'ada', door: 'cli', claimedAt: AT } as const;
  resultOrThrow(await openAccount(place, asker, { account: 'main', baseCurrency: 'USD', clock: 'simulated' }));
  const alert = { account: 'main', tradingDay: null, at: AT, code: 'BACKUP_FAILED' as const };
  ({ alertId } = await raiseAlert(db, { ...alert, subject: 'one', message: 'A backup failed' }));
  seated = await sitDown(place, { operator: 'ada' });
}, 120_000);
afterAll(async () => {
  await seated.app.close();
  await place.mail.close();
  await db.destroy();
  await installation.cleanup();
});

/** A route's address: what it names need not be there. */
const addressOf = (route: string): string =>
  route
    .replace(':account', 'main')
    .replace(':alertId', alertId)
    .replace(/:(?:ticketId|reconciliationId|statementId|runId|workflowId)(?:\([^)]*\))?\)?/, ID)
    .replace(/:(?:entryId|seq)\(.*?\)/, '1')
    .replace(/:symbol\(.*?\)/, 'AAPL')
    .replace(/\)$/, '');
const OTHERS = ['/main/name', '/main/clock', '/leave', '/settings/passkey', '/main/reconcile/preview'];
const forms = () => FORMS.map(({ path }) => addressOf(path));
const posts = () => [...forms(), ...OTHERS, `/main/tickets/${ID}/draft`];
const looks = () => [...Object.keys(PAGES).map(addressOf), ...forms(), '/', '/enter', '/pulse', '/health', '/nope'];
const sessions = async () => (await db.raw<{ rows: object[] }>('select * from desk.sessions order by 1')).rows;
/** Nothing is recorded by it, and nobody is another person, or out, afterwards. */
async function changesNothing(work: () => Promise<void>): Promise<void> {
  const before = [await fingerprint(db), (await sessions()).length];
  await work();
  expect([await fingerprint(db), (await sessions()).length]).toEqual(before);
  expect((await seated.get('/alerts')).statusCode).toBe(200);
}
const COMMIT = { step: 'commit', reason: 'x', because: 'x', operator: 'bo', clock: '2018-05-07 10:00', at: AT };

describe('whoever means ill at the desk', () => {
  it('CSRF: no form is taken without its token, from elsewhere, or by a look', () =>
    changesNothing(async () => {
      for (const path of posts()) {
        for (const token of ['', 'f'.repeat(64), `${seated.token}x`, seated.token.slice(1)]) {
          const sent = await seated.post(path, { ...COMMIT, token });
          // A form of what is not there says so, token or none.
          expect([path, [403, 404].includes(sent.statusCode)]).toEqual([path, true]);
        }
        const payload = new URLSearchParams({ token: seated.token, ...COMMIT }).toString();
        for (const headers of [
          { origin: 'http://evil.test' },
          { origin: 'null' },
          { origin: `http://localhost:${DESK_PORT + 1}` },
          { origin: `https://localhost:${DESK_PORT}` },
          { origin: undefined },
          { 'sec-fetch-site': 'cross-site' },
          { 'sec-fetch-site': 'same-site' },
          { 'sec-fetch-site': 'none' },
        ]) {
          const own = Object.fromEntries(Object.entries({ ...SENDS, cookie: seated.cookie, ...headers }));
          const from = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
          const sent = await seated.app.inject({ method: 'POST', url: path, headers: from as typeof SENDS, payload });
          expect([path, headers, sent.statusCode]).toEqual([path, headers, 403]);
        }
        // By a link nothing is asked for, whatever it says.
        await seated.get(`${path}?${payload}`);
        for (const method of ['PUT', 'PATCH', 'DELETE'] as const)
          expect(
            (await seated.app.inject({ method, url: path, headers: { ...SENDS, cookie: seated.cookie } })).statusCode,
          ).toBe(404);
      }
    }));

  it('DNS rebinding: by another name nothing answers, also to a look', () =>
    changesNothing(async () => {
      for (const path of [...looks(), ...posts()])
        for (const host of [
          `evil.test:${DESK_PORT}`,
          'localhost',
          `localhost.evil.test:${DESK_PORT}`,
          `[::]:${DESK_PORT}`,
        ])
          for (const method of ['GET', 'POST'] as const) {
            const headers = { ...SENDS, host, origin: `http://${host}`, cookie: seated.cookie };
            const { statusCode, headers: said } = await seated.app.inject({ method, url: path, headers });
            expect([path, host, method, statusCode]).toEqual([path, host, method, 421]);
            expect(said['set-cookie']).toBeUndefined();
          }
      for (const host of [`127.0.0.1:${DESK_PORT}`, `[::1]:${DESK_PORT}`]) {
        const led = await seated.get('/alerts', { host });
        expect([led.statusCode, led.headers.location]).toEqual([308, `http://localhost:${DESK_PORT}/alerts`]);
      }
    }));

  it('fixation: who enters has a new id, and one that was given to a browser lets nobody in', async () => {
    const name = seated.cookie.split('=')[0] ?? '';
    const planted = `${name}=${'a'.repeat(32)}`;
    expect((await seated.app.inject({ url: '/alerts', headers: { ...LOOKS, cookie: planted } })).statusCode).toBe(303);
    const ids = new Set<string>();
    for (const cookie of [planted, seated.cookie]) {
      const { code } = await makeEntryCode(place, { operator: 'ada', readOnly: false });
      const at = { method: 'POST', url: '/enter', headers: { ...SENDS, cookie }, payload: `code=${code}` } as const;
      ids.add(cookieOf((await seated.app.inject(at)).headers['set-cookie']));
    }
    expect(ids.size).toBe(2);
    expect(ids.has(planted) || ids.has(seated.cookie)).toBe(false);
    expect((await seated.app.inject({ url: '/alerts', headers: { ...LOOKS, cookie: planted } })).statusCode).toBe(303);
    // Who enters anew is out of the session before.
    expect((await seated.get('/alerts')).statusCode).toBe(303);
    await seated.app.close();
    seated = await sitDown(place, { operator: 'ada' });
  });

  it('brute force: ten tries a minute, and none while the codes cannot be looked up', async () => {
    const app = await createDesk(place);
    const enter = (payload: string, at = app) => at.inject({ method: 'POST', url: '/enter', headers: SENDS, payload });
    const { code } = await makeEntryCode(place, { operator: null, readOnly: false });
    for (let tries = 0; tries < 10; tries++) expect((await enter(`code=${'0'.repeat(32)}`)).statusCode).not.toBe(303);
    expect((await enter(`code=${code}`)).statusCode).toBe(429);
    await app.close();
    const gone = connect('postgres://nobody@127.0.0.1:9/none', 1, OF_THE_DESK);
    const away = await createDesk({ ...place, db: gone, databaseUrl: 'postgres://nobody@127.0.0.1:9/none' });
    const shut = await enter(`code=${code}`, away);
    expect([shut.statusCode, shut.headers['set-cookie']]).toEqual([503, undefined]);
    await away.close();
    await gone.destroy();
  });

  it('clickjacking: every answer says that no page frames it, and a look records nothing', () =>
    changesNothing(async () => {
      for (const path of looks()) {
        const { headers } = await seated.get(path);
        expect([path, headers['x-frame-options']]).toEqual([path, 'DENY']);
        expect(headers['content-security-policy'], path).toContain("frame-ancestors 'none'");
      }
    }));

  it('stored HTML: forty payloads in what is stored and in what is typed are text on every page', async () => {
    for (const [index, text] of PAYLOADS.entries()) {
      const alert = { account: 'main', tradingDay: null, at: AT, code: 'BACKUP_FAILED' as const };
      await raiseAlert(db, { ...alert, subject: text, message: `${index}: ${text}`, evidence: { text } });
      const typed = { cash: text, notes: text, file: text, 'other.1.symbol': text, 'other.1.units': text };
      const reason = { reason: text, more: text, because: text, code: text, amount: text, symbol: text, next: text };
      for (const path of ['/main/reconcile', '/main/kill-switch/engage', `/main/alerts/${alertId}/acknowledge`])
        for (const step of ['form', 'check', 'read'])
          expect(strangersIn((await seated.post(path, { ...typed, ...reason, step })).body), path).toEqual([]);
      const asked = `?symbol=${encodeURIComponent(text)}&kind=${encodeURIComponent(text)}`;
      for (const path of ['/main/ledger', '/audit', '/main/reconcile', '/enter'])
        expect(strangersIn((await seated.get(path + asked)).body), path).toEqual([]);
    }
    await seated.post('/main/kill-switch/engage', { ...COMMIT, because: 'x', more: PAYLOADS.slice(0, 4).join(' ') });
    for (const path of ['/main/kill-switch', '/main/today', '/alerts', '/audit']) {
      const { body } = await seated.get(path);
      expect([path, strangersIn(body)]).toEqual([path, []]);
    }
    const shown = (await seated.get('/alerts')).body;
    for (const [index, text] of PAYLOADS.entries()) expect(shown).toContain(`${index}: ${escapedText(text)}`);
  });

  it('path traversal: nothing is found above, beside or with what is no name', () =>
    changesNothing(async () => {
      const ways = [
        '..%2f',
        '..%2f..%2fetc%2fpasswd',
        '%2e%2e%2f',
        '%00',
        'a%00.csv',
        '%E2%80%AE',
        '%5c..%5c',
        '....//',
      ];
      const long = 'a'.repeat(600);
      for (const way of [...ways, long, '%', '%ff'])
        for (const base of ['/', '/main/', '/main/tickets/', '/runs/', '/quality/', '/audit/', '/assets/', '/asked/'])
          expect([base, way, (await seated.get(base + way)).statusCode]).toEqual([base, way, 404]);
    }));

  it('cache: no page may be kept, and every answer says what it is', async () => {
    for (const path of [...looks(), '/alerts.csv', '/main/tickets.csv', '/favicon.ico']) {
      const { headers } = await seated.get(path);
      expect([path, headers['cache-control'], headers['x-content-type-options']]).toEqual([
        path,
        'no-store',
        'nosniff',
      ]);
      expect(headers['server'] ?? headers['x-powered-by'] ?? headers['etag']).toBe(
        path === '/pulse' ? headers['etag'] : undefined,
      );
    }
    const page = (await seated.get('/alerts')).body;
    const assets = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path = '']) => path);
    expect(assets.length).toBeGreaterThanOrEqual(2);
    for (const path of assets)
      expect((await seated.get(path)).headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(page).not.toContain('serviceWorker');
  });

  it('open redirect, proxy headers: no word of a stranger says where to, who asks, or where from', async () => {
    for (const next of [
      '//evil.test',
      '/\\evil.test',
      'https://evil.test/main/today',
      '/%2f%2fevil.test',
      '/main/../..//evil',
    ])
      for (const name of ['next', 'to', 'carried.action']) {
        const { code } = await makeEntryCode(place, { operator: 'ada', readOnly: false });
        const app = await createDesk(place);
        const payload = new URLSearchParams({ code, [name]: next }).toString();
        const entered = await app.inject({ method: 'POST', url: '/enter', headers: SENDS, payload });
        expect([next, entered.statusCode, entered.headers.location]).toEqual([next, 303, '/']);
        await app.close();
      }
    for (const [name, value] of [
      ['x-forwarded-host', 'evil.test'],
      ['x-forwarded-proto', 'https'],
      ['x-forwarded-prefix', '/evil'],
      ['forwarded', 'host=evil.test;proto=https'],
      ['x-original-url', '/leave'],
      ['x-http-method-override', 'DELETE'],
    ] as const) {
      const answer = await seated.get('/runs', { [name]: value });
      expect([name, answer.statusCode, answer.body.includes('evil')]).toEqual([name, 200, false]);
    }
  });

  it('slow lines: who says nothing, or drips, is cut off, and two names are none', async () => {
    const port = await anyPort();
    const app = await createDesk({ ...place, port }, undefined, 300);
    await app.listen({ port, host: '127.0.0.1' });
    /** What is answered by the time that the desk has closed the connection. */
    const answered = (said: string, drips = '') =>
      new Promise<string>((resolve) => {
        let heard = '';
        const line = connectTo(port, '127.0.0.1', () => line.write(said));
        const dripping = setInterval(() => line.writable && line.write(drips), 20);
        line
          .on('data', (data) => (heard += String(data)))
          .on('error', () => undefined)
          .on('close', () => {
            clearInterval(dripping);
            resolve(heard.split('\r\n', 1)[0] ?? '');
          });
      });
    const host = `Host: localhost:${port}\r\n`;
    const entering = `POST /enter HTTP/1.1\r\n${host}Origin: http://localhost:${port}\r\nContent-Length: 200000\r\n`;
    const form = `${entering}Content-Type: application/x-www-form-urlencoded\r\n\r\ncode=`;
    const file = `${entering.replace('/enter', '/main/statements/import')}Cookie: ${seated.cookie}\r\n`;
    const late = [
      answered(''),
      answered(`GET / HTTP/1.1\r\n${host}X: `, 'x'),
      answered(form, 'x'),
      answered(`${file}Content-Type: multipart/form-data; boundary=x\r\n\r\n--x`, 'x'),
    ];
    expect(await Promise.all(late)).toEqual(late.map(() => 'HTTP/1.1 408 Request Timeout'));
    const twice = `GET /enter HTTP/1.1\r\n${host}Host: evil.test\r\nConnection: close\r\n\r\n`;
    expect(await answered(twice)).toBe('HTTP/1.1 400 Bad Request');
    expect(await answered(twice.replace('Host: evil.test\r\n', ''))).toBe('HTTP/1.1 200 OK');
    await app.close();
  });

  it('flood: what is too large is turned away as it comes, the preview is asked so often, and memory stays', async () => {
    const port = await anyPort();
    const app = await createDesk({ ...place, port });
    await app.listen({ port, host: '127.0.0.1' });
    const chunk = Buffer.alloc(64 * 1024, 'x');
    /** Sends ten megabytes, as far as they are taken. */
    const flood = (type: string) =>
      new Promise<number>((resolve) => {
        const headers = { host: `localhost:${port}`, origin: `http://localhost:${port}`, 'content-type': type };
        const sending = request({ port, host: '127.0.0.1', method: 'POST', path: '/enter', headers });
        sending.on('response', ({ statusCode = 0 }) => {
          resolve(statusCode);
          sending.destroy();
        });
        sending.on('error', () => resolve(0));
        for (let sent = 0; sent < 160; sent++) sending.write(chunk);
        sending.end();
      });
    const types = ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/json'];
    for (const type of types) await flood(type);
    const before = process.memoryUsage().rss;
    for (let round = 0; round < 10; round++)
      for (const status of await Promise.all(types.map(flood))) expect([0, 413, 415, 429]).toContain(status);
    expect(process.memoryUsage().rss - before).toBeLessThan(96 * 1024 * 1024);
    await app.close();
    const other = await sitDown(place, { operator: 'bo' });
    const ask = (who: Seated) => who.post('/main/reconcile/preview', { token: 'none' });
    for (let asked = 0; asked < 300; asked++) expect((await ask(other)).statusCode).toBe(403);
    expect((await ask(other)).statusCode).toBe(429);
    expect((await ask(seated)).statusCode).toBe(403);
    await other.app.close();
  });
});

const escapedText = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');

/** Elements and attributes of a page that none of ours has. */
function strangersIn(html: string): string[] {
  const tags = html.match(/<[^\s<>][^<>]*>/g) ?? [];
  return tags.filter(
    (tag) =>
      /^<\/?(?:img|iframe|svg\/|math|object|embed|base|video|audio|source|marquee|scr<)/i.test(tag) ||
      /\son\w+\s*=|javascript:|evil\.test|http-equiv/i.test(tag.replaceAll(/"[^"]*"/g, '""')) ||
      (/^<script/i.test(tag) && !/^<script type="module" src="\/assets\/[^"]+">$/.test(tag)) ||
      (/^<style/i.test(tag) && !tag.startsWith('<style>')),
  );
}
