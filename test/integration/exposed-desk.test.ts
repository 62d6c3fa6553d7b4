import { randomBytes } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, OF_THE_DESK } from '../../src/db/connect.js';
import { keepPasskey } from '../../src/db/desk-passkeys.js';
import type { Place } from '../../src/desk/place.js';
import { createDesk } from '../../src/desk/server.js';
import { troubleAt } from '../../src/doctor/desk-outside.js';
import { exposureOf } from '../../src/domain/exposure.js';
import { KEYS_HEADER } from '../../src/domain/signing/keys.js';
import { wantEntry } from '../../src/operations/entry/enter-by-passkey.js';
import { makeEntryCode } from '../../src/operations/entry/make-code.js';
import { wantPasskey } from '../../src/operations/signing/offer-passkey.js';
import { withoutPasskey } from '../../src/operations/setup/exposure.js';
import { anyPort } from '../../src/runtime/processes/ports.js';
import { answers, newPasskey, type Otherwise, type SoftPasskey } from '../support/authenticator.js';
import { useDemoPolicy } from '../support/day.js';
import { cookieOf, placeOf } from '../support/desk.js';
import { says } from '../support/doctor.js';
import { createInstallation, type Installation } from '../support/stack.js';

const HOST = 'desk.example.org';
const ORIGIN = `https://${HOST}`;
const LOOKS = { host: HOST };
const SENDS = { ...LOOKS, origin: ORIGIN, 'content-type': 'application/x-www-form-urlencoded' };
const [ada, ended, elsewhere] = [newPasskey(HOST), newPasskey(HOST), newPasskey('other.example.org')];

let installation: Installation;
let db: Knex;
let ahead = 0;
let place: Place;
let app: FastifyInstance;

beforeAll(async () => {
  installation = await createInstallation({ temporal: false });
  useDemoPolicy(installation, { operators: ['ada', 'bo'] });
  const line = ({ publicKey, host }: SoftPasskey, until = '') =>
    `ada,passkey,${publicKey},${host},2026-11-01T00:00:00Z,${until},`;
  const lines = [KEYS_HEADER, line(ada), line(ended, '2026-11-02T00:00:00Z'), line(elsewhere), ''];
  appendFileSync(join(installation.configDir, 'operators.keys'), lines.join('\n'));
  db = connect(installation.settings.databaseUrl ?? '', 4, OF_THE_DESK);
  const now = () => new Date(Date.now() + ahead).toISOString();
  place = { ...placeOf(installation, db, now), exposure: exposureOf(ORIGIN) };
  app = await createDesk(place);
}, 60_000);
afterAll(async () => {
  await app.close();
  await place.mail.close();
  await db.destroy();
  await installation.cleanup();
});

const enter = (fields: Record<string, string>, headers: Record<string, string> = {}, at = app) =>
  at.inject({
    method: 'POST',
    url: '/enter',
    headers: { ...SENDS, ...headers },
    payload: new URLSearchParams(fields).toString(),
  });
const asks = async (): Promise<string> =>
  /data-challenge="([\da-f]{64})"/.exec((await app.inject({ url: '/enter', headers: LOOKS })).body)?.[1] ?? '';
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
const seen = async (cookie: string, url = '/settings') =>
  (await app.inject({ url, headers: { ...LOOKS, cookie } })).statusCode;

describe('a desk that other machines reach', () => {
  it('answers to its public name alone, and to this machine only how it is', async () => {
    for (const host of ['localhost:8240', '127.0.0.1:8240'])
      expect(await app.inject({ url: '/main/today', headers: { host } })).toMatchObject({
        statusCode: 308,
        headers: { location: `${ORIGIN}/` },
      });
    expect((await app.inject({ url: '/health', headers: { host: 'localhost:8240' } })).statusCode).toBe(200);
    for (const host of ['evil.test', `${HOST}:443`, `${HOST}.evil.test`, ''])
      expect((await app.inject({ url: '/enter', headers: { host, 'x-forwarded-host': HOST } })).statusCode).toBe(421);
    expect((await enter({ code: '0' }, { origin: 'http://localhost:8240' })).statusCode).toBe(403);
    const { headers } = await app.inject({ url: '/enter', headers: { ...LOOKS, 'x-forwarded-prefix': '/evil' } });
    expect(headers['strict-transport-security']).toBe('max-age=31536000');
  });

  it('lets in by a passkey, once, in the name that it proves; each refusal lets nobody in', async () => {
    const challenge = await asks();
    const answered = (by: SoftPasskey, otherwise: Otherwise = {}, of = challenge) => ({
      challenge: of,
      assertion: answers(by, bytes(of), otherwise),
    });
    const invented = randomBytes(32).toString('hex');
    for (const [fields, code] of [
      [answered(newPasskey(HOST)), 'PASSKEY_REFUSED'],
      [answered(ended), 'PASSKEY_REFUSED'],
      [answered(elsewhere), 'PASSKEY_REFUSED'],
      [answered(ada, { flags: 0x01 }), 'PASSKEY_REFUSED'],
      [answered(ada, { origin: 'https://evil.test' }), 'PASSKEY_REFUSED'],
      [{ ...answered(ada), challenge: invented }, 'PASSKEY_REFUSED'],
      [answered(ada, {}, invented), 'CHALLENGE_OVER'],
    ] as const) {
      const refused = await enter(fields);
      expect([code, refused.statusCode, refused.body.includes(code)]).toEqual([code, 403, true]);
      expect(refused.headers['set-cookie']).toBeUndefined();
    }
    ahead = 61_000;
    const entered = await enter(answered(ada), {}, app);
    expect(entered.statusCode).toBe(303);
    const set = String(entered.headers['set-cookie']);
    expect(set).toMatch(/^__Host-trading-ops-[\da-f-]+=[\w-]+; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    const cookie = cookieOf(set);
    expect(await seen(cookie)).toBe(200);
    expect((await enter(answered(ada))).body).toContain('CHALLENGE_OVER');
    // The cookie of a desk on loopback has another name, and none of its sessions counts here.
    expect(await seen(cookie.replace('__Host-', ''))).toBe(303);
    const page = (await app.inject({ url: '/settings', headers: { ...LOOKS, cookie } })).body;
    expect(page).toContain('>ada</a>');
    expect(page).not.toContain('You are');
    // Whoever a passkey let in is nobody else, whatever a form says.
    const token = /name="token" value="([\da-f]{64})"/.exec(page)?.[1] ?? '';
    const renamed = await app.inject({
      method: 'POST',
      url: '/main/name',
      headers: { ...SENDS, cookie },
      payload: new URLSearchParams({ token, operator: 'bo' }).toString(),
    });
    expect([renamed.statusCode, renamed.body.includes('NAME_PROVED')]).toEqual([409, true]);
    expect((await app.inject({ url: '/settings', headers: { ...LOOKS, cookie } })).body).toContain('>ada</a>');
    ahead += 30 * 60_000 + 61_000;
    expect(await seen(cookie)).toBe(303);
    ahead = 0;
  });

  it('lets in by a code to make a passkey and to nothing else, whoever had it', async () => {
    const { code } = await makeEntryCode(place, { operator: 'bo', readOnly: false });
    const fresh = await createDesk(place);
    const entered = await enter({ code }, {}, fresh);
    expect(entered).toMatchObject({ statusCode: 303, headers: { location: '/settings/passkey' } });
    const cookie = cookieOf(entered.headers['set-cookie']);
    expect(await seen(cookie, '/settings/passkey')).toBe(200);
    for (const url of ['/', '/settings', '/main/today', '/alerts', '/main/ledger/journal.csv', '/settings/passkey?x'])
      expect([url, await seen(cookie, url)]).toEqual([url, 303]);
    expect(await seen(cookie, '/pulse')).toBe(401);
    const token = /name="token" value="([\da-f]+)"/.exec(
      (await app.inject({ url: '/settings/passkey', headers: { ...LOOKS, cookie } })).body,
    )?.[1];
    const named = await app.inject({
      method: 'POST',
      url: '/main/name',
      headers: { ...SENDS, cookie },
      payload: `token=${token}&operator=ada`,
    });
    expect(named.headers.location).toBe('/');
    expect(await db.raw('select operator from desk.sessions').then(({ rows }) => rows as unknown)).toContainEqual({
      operator: 'bo',
    });
    await fresh.close();
  });

  it('asks whoever had a passkey that ended, or was approved in time by nobody, for a new one', async () => {
    const [waits, late] = [newPasskey(HOST), newPasskey(HOST)];
    const made = (passkey: SoftPasskey, madeAt: string) =>
      keepPasskey(
        db,
        { ...passkey, operator: 'ada', label: '', madeAt, seal: 'f'.repeat(64) },
        { since: '2000-01-01T00:00:00Z', approved: [] },
      );
    for (const passkey of [ada, ended, late]) await made(passkey, '2026-11-01T00:00:00Z');
    await made(waits, place.now());
    const asker = { operator: 'ada', sessionId: randomBytes(32).toString('base64url'), host: HOST };
    const { known } = await wantPasskey(place, asker);
    expect(known.toSorted()).toEqual([ada.credentialId, waits.credentialId].toSorted());
  });

  it('lets nobody go on whose passkey has ended, or whom the policy names no longer', async () => {
    const challenge = await asks();
    const fresh = await createDesk(place);
    const entered = await enter({ challenge, assertion: answers(ada, bytes(challenge)) }, {}, fresh);
    await fresh.close();
    const cookie = cookieOf(entered.headers['set-cookie']);
    const both = async () => [await seen(cookie), await seen(cookie, '/pulse')];
    expect(await both()).toEqual([200, 200]);
    for (const [name, from, to] of [
      [
        'operators.keys',
        `${ada.publicKey},${HOST},2026-11-01T00:00:00Z,,`,
        `${ada.publicKey},${HOST},2026-11-01T00:00:00Z,2026-11-02T00:00:00Z,`,
      ],
      ['policy.yml', 'ada, bo', 'bo'],
    ] as const) {
      const file = join(installation.configDir, name);
      const text = readFileSync(file, 'utf8');
      expect([name, text.includes(from)]).toEqual([name, true]);
      writeFileSync(file, text.replace(from, to));
      expect([name, ...(await both())]).toEqual([name, 303, 401]);
      writeFileSync(file, text);
      expect([name, ...(await both())]).toEqual([name, 200, 200]);
    }
  });

  it('keeps nothing of what strangers ask: whoever was asked before a thousand of them is let in', async () => {
    const challenge = await asks();
    const kept = async () => (await db.raw<{ rows: object[] }>('select from desk.challenges')).rows.length;
    const before = await kept();
    for (let asked = 0; asked < 1_001; asked++) wantEntry(place, HOST);
    expect(new Set([await asks(), await asks(), challenge]).size).toBe(3);
    expect(await kept()).toBe(before);
    const fresh = await createDesk(place);
    const answered = { challenge, assertion: answers(ada, bytes(challenge)) };
    // Sent twice at once it lets in once.
    const both = await Promise.all([enter(answered, {}, fresh), enter(answered, {}, fresh)]);
    expect(both.map(({ statusCode }) => statusCode).toSorted()).toEqual([303, 403]);
    await fresh.close();
  });

  it('knows who is not let in, and counts tries by the address that a trusted proxy names', async () => {
    expect(await withoutPasskey(place, HOST)).toEqual(['bo']);
    const trusting = await createDesk({ ...place, trustedProxies: ['127.0.0.1'] });
    const from = (address: string) => enter({ code: '0' }, { 'x-forwarded-for': address }, trusting);
    for (let tries = 0; tries < 10; tries++) expect((await from('10.0.0.1')).statusCode).toBe(400);
    expect((await from('10.0.0.1')).statusCode).toBe(429);
    expect((await from('10.0.0.2')).statusCode).toBe(400);
    const wary = await createDesk(place);
    const forged = (address: string) => enter({ code: '0' }, { 'x-forwarded-for': address }, wary);
    for (let tries = 0; tries < 10; tries++) expect((await forged(`10.0.1.${tries}`)).statusCode).toBe(400);
    expect((await forged('10.0.1.99')).statusCode).toBe(429);
    await Promise.all([trusting.close(), wary.close()]);
  });
});

describe('the doctor', () => {
  it('says whether an address leads to the desk', async () => {
    await says(installation, 'desk from outside', 'ok: not reached by other machines (desk.public_url)');
    const policy = join(installation.configDir, 'policy.yml');
    const text = readFileSync(policy, 'utf8');
    writeFileSync(policy, `${text}desk: { public_url: https://desk.invalid/trading }\n`);
    await says(installation, 'desk from outside', /^fail: https:\/\/desk\.invalid\/trading\/enter: getaddrinfo/);
    writeFileSync(policy, text);
    const open = await createDesk({ ...place, exposure: null, port: await anyPort() });
    const { port } = new URL(await open.listen({ port: 0, host: '127.0.0.1' }));
    // By another name than its own it answers, and not as it does to whoever is meant.
    expect(await troubleAt(`http://127.0.0.1:${port}/enter`)).toContain('answers 421: not as the desk does');
    await open.close();
    const own = await anyPort();
    const right = await createDesk({ ...place, exposure: null, port: own });
    await right.listen({ port: own, host: '127.0.0.1' });
    expect(await troubleAt(`http://localhost:${own}/enter`)).toBeNull();
    await right.close();
  });
});

describe('a desk below a path', () => {
  it('keeps what it says below it, and answers to nothing beside it', async () => {
    const below = await createDesk({ ...place, exposure: exposureOf(`${ORIGIN}/trading/`) });
    const get = (url: string) => below.inject({ url, headers: LOOKS });
    expect((await get('/trading')).headers['location']).toBe('/trading/enter');
    expect((await get('/trading/alerts')).headers['location']).toBe('/trading/enter?next=%2Falerts');
    const page = await get('/trading/enter');
    expect(page.body.match(/ (?:href|src|action)="\/(?!trading\/)/g)).toBeNull();
    expect(page.body).toMatch(/ action="\/trading\/enter"/);
    const script = /src="([^"]+)"/.exec(page.body)?.[1] ?? '';
    expect((await get(script)).headers['content-type']).toContain('javascript');
    for (const url of ['/enter', '/tradingx/enter', '/trading/trading/enter', '/assets/x.js'])
      expect([url, (await get(url)).statusCode]).toEqual([url, 404]);
    expect(page.headers['strict-transport-security']).toBeUndefined();
    await below.close();
  });
});
