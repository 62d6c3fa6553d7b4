import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, OF_THE_DESK } from '../../src/db/connect.js';
import { keepSession } from '../../src/db/desk-entry.js';
import type { Place } from '../../src/desk/place.js';
import { createDesk } from '../../src/desk/server.js';
import { sealedSession } from '../../src/domain/entry-seals.js';
import { exposureOf } from '../../src/domain/exposure.js';
import { fingerprintOf, KEYS_HEADER } from '../../src/domain/signing/keys.js';
import { makeEntryCode } from '../../src/operations/entry/make-code.js';
import { passkeysOffered } from '../../src/operations/signing/list-passkeys.js';
import { answers, newPasskey, registers } from '../support/authenticator.js';
import { useDemoPolicy } from '../support/day.js';
import { cookieOf, DESK_PORT, LOOKS, placeOf, SENDS, sitDown, type Seated } from '../support/desk.js';
import { createInstallation, runCli, type Installation } from '../support/stack.js';

const HOST = 'desk.example.org';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));

let installation: Installation;
/** As the application's role: what a row writer has. */
let db: Knex;
let ahead = 0;
let place: Place;
let ada: Seated;
const passkey = newPasskey(HOST);

beforeAll(async () => {
  installation = await createInstallation({ temporal: false });
  useDemoPolicy(installation, { operators: ['ada', 'bo'] });
  const line = `bo,passkey,${passkey.publicKey},${HOST},2026-11-01T00:00:00Z,,`;
  appendFileSync(join(installation.configDir, 'operators.keys'), [KEYS_HEADER, line, ''].join('\n'));
  db = connect(installation.settings.databaseUrl ?? '', 4, OF_THE_DESK);
  place = placeOf(installation, db, () => new Date(Date.now() + ahead).toISOString());
  ada = await sitDown(place, { operator: 'ada' });
}, 60_000);
afterAll(async () => {
  await ada.app.close();
  await place.mail.close();
  await db.destroy();
  await installation.cleanup();
});

const idOf = ({ cookie }: Pick<Seated, 'cookie'>) => decodeURIComponent(cookie.slice(cookie.indexOf('=') + 1));
const cookieWith = (id: string) => `${ada.cookie.split('=')[0]}=${encodeURIComponent(id)}`;
/** What a browser with this cookie is shown: 303 to whoever is not let in. */
const seen = async (cookie: string) =>
  (await ada.app.inject({ url: '/settings', headers: { ...LOOKS, cookie } })).statusCode;
type Row = Record<string, unknown>;
const rowsOf = async (table: string): Promise<Row[]> => (await db.raw<{ rows: Row[] }>(`select * from ${table}`)).rows;
/** The row that came into a table with somebody who has just sat down. */
async function sitWithRow(who: Parameters<typeof sitDown>[1]): Promise<{ seated: Seated; row: Row }> {
  const before = new Set((await rowsOf('desk.sessions')).map((row) => row['id_hash']));
  const seated = await sitDown(place, who);
  const row = (await rowsOf('desk.sessions')).find((one) => !before.has(one['id_hash']));
  return { seated, row: row as Row };
}
const write = (table: string, row: Row) => db(`desk.${table}`).insert(row);

describe('whoever writes rows as the application', () => {
  it('makes no session, whatever seal it is given', async () => {
    const { seated, row } = await sitWithRow({ operator: 'bo' });
    const id = 'forged';
    const [now, seal] = [new Date().toISOString(), row['seal']];
    const forged = { operator: 'ada', read_only: false, entered_at: now, seen_at: now, entry: 'code' };
    await write('sessions', { ...forged, id_hash: sha256(id), seal: '' });
    expect(await seen(cookieWith(id))).toBe(303);
    // The hash of the session's own id, and a seal that was good for another row.
    for (const [hash, of] of [
      [sha256(`${id}2`), seal],
      [String(row['id_hash']).replace(/.$/, (end) => (end === '0' ? '1' : '0')), seal],
    ])
      await write('sessions', { ...forged, id_hash: hash, seal: of });
    expect(await seen(cookieWith(`${id}2`))).toBe(303);
    const { body } = await ada.get('/settings');
    expect(body).toContain('3 rows that the desk did not write');
    await db.raw(`delete from desk.sessions where operator = 'ada' and seal in ('', ?)`, [seal as string]);
    await seated.app.close();
  });

  it('raises nobody who may only read, names nobody otherwise, and keeps nobody in for longer', async () => {
    const { seated, row } = await sitWithRow({ operator: 'bo', readOnly: true });
    const restore = async () => {
      await db('desk.sessions').where({ id_hash: row['id_hash'] }).delete();
      await write('sessions', row);
    };
    expect(await seen(seated.cookie)).toBe(200);
    for (const change of [
      { read_only: false },
      { operator: 'ada' },
      { operator: null },
      { entry: 'passkey' },
      { entered_at: new Date(Date.parse(String(row['entered_at'])) - 1_000).toISOString() },
      { seal: (await rowsOf('desk.sessions')).find((one) => one['operator'] === 'ada')?.['seal'] },
    ]) {
      await db('desk.sessions').where({ id_hash: row['id_hash'] }).delete();
      await write('sessions', { ...row, ...change });
      expect([change, await seen(seated.cookie)]).toEqual([change, 303]);
    }
    await restore();
    expect(await seen(seated.cookie)).toBe(200);
    expect((await seated.post('/main/alerts/test', { step: 'commit' })).body).toContain('READS_ONLY');
    // When it was seen is no part of the seal: it ends all the same.
    await db('desk.sessions').where({ id_hash: row['id_hash'] }).update({ seen_at: '2100-01-01T00:00:00Z' });
    ahead = 30 * 24 * 3_600_000 - 60_000;
    expect(await seen(seated.cookie)).toBe(200);
    ahead += 61_000;
    expect(await seen(seated.cookie)).toBe(303);
    ahead = 0;
    await seated.app.close();
  });

  it('makes no code, and changes none', async () => {
    const enter = async (code: string) => {
      const app = await createDesk(place);
      const entered = await app.inject({ method: 'POST', url: '/enter', headers: SENDS, payload: `code=${code}` });
      await app.close();
      return entered.statusCode;
    };
    const secret = 'ab'.repeat(16);
    const [made, expires] = [new Date().toISOString(), new Date(Date.now() + 500_000).toISOString()];
    const forged = { operator: 'ada', read_only: false, made_at: made, expires_at: expires };
    await write('codes', { ...forged, code_id: '00000001', secret_hash: sha256(secret), seal: sha256('x') });
    expect(await enter(`00000001${secret}`)).toBe(403);
    for (const change of [{ operator: 'ada' }, { read_only: false }, { expires_at: expires }]) {
      const { code } = await makeEntryCode(place, { operator: 'bo', readOnly: true });
      const [row] = await db('desk.codes').where({ code_id: code.slice(0, 8) });
      await db('desk.codes')
        .where({ code_id: code.slice(0, 8) })
        .delete();
      await write('codes', { ...(row as Row), ...change });
      expect([change, await enter(code)]).toEqual([change, 403]);
    }
    // One that was used, put back as it was.
    const { code } = await makeEntryCode(place, { operator: 'bo', readOnly: true });
    const [row] = await db('desk.codes').where({ code_id: code.slice(0, 8) });
    expect(await enter(code)).toBe(303);
    await write('codes', row as Row);
    expect(await enter(code)).toBe(403);
  });

  it('asks no passkey: what one signed elsewhere, for everybody to read, is no way in', async () => {
    const exposed = { ...place, exposure: exposureOf(`https://${HOST}`) };
    const app = await createDesk(exposed);
    const headers = { host: HOST, origin: `https://${HOST}`, 'content-type': SENDS['content-type'] };
    const enter = (challenge: string) =>
      app.inject({
        method: 'POST',
        url: '/enter',
        headers,
        payload: new URLSearchParams({ challenge, assertion: answers(passkey, bytes(challenge)) }).toString(),
      });
    const asks = async () =>
      /data-challenge="([\da-f]{64})"/.exec((await app.inject({ url: '/enter', headers: { host: HOST } })).body)?.[1] ??
      '';
    const asked = await asks();
    const statement = sha256('a statement that bo signed last week');
    const row = { session_hash: '-', purpose: 'enter', expires_at: '2099-01-01T00:00:00Z', seal: '' };
    for (const challenge of [statement, asked]) await write('challenges', { ...row, challenge });
    const refused = await enter(statement);
    expect([refused.statusCode, refused.body.includes('CHALLENGE_OVER')]).toEqual([403, true]);
    expect((await enter(asked)).statusCode).toBe(303);
    // Whatever stands in a row: the same answer lets in nobody else.
    await db('desk.challenges').where({ challenge: asked }).delete();
    await write('challenges', { ...row, challenge: asked });
    expect((await enter(asked)).statusCode).toBe(403);
    expect((await enter(await asks())).statusCode).toBe(303);
    await app.close();
  });

  it('offers no passkey for approval, and gives nobody another’s', async () => {
    const here = `localhost:${DESK_PORT}`;
    const [own, planted] = [newPasskey(here), newPasskey(here)];
    const page = (await ada.get('/settings/passkey')).body;
    const challenge = /name="challenge" value="([\da-f]{64})"/.exec(page)?.[1] ?? '';
    const registration = registers(own, bytes(challenge));
    expect((await ada.post('/settings/passkey', { label: 'own', challenge, registration })).statusCode).toBe(303);
    const [row] = await db('desk.passkeys').where({ public_key: own.publicKey });
    await write('passkeys', { ...(row as Row), public_key: planted.publicKey, credential_id: planted.credentialId });
    const offered = async () =>
      (await passkeysOffered(place, [])).map(({ operator, publicKey }) => [operator, publicKey]);
    expect(await offered()).toEqual([['ada', own.publicKey]]);
    await db('desk.passkeys').where({ public_key: own.publicKey }).delete();
    await write('passkeys', { ...(row as Row), operator: 'bo' });
    expect(await offered()).toEqual([]);
    const approved = await runCli(installation, ['operator', 'approve', fingerprintOf(planted.publicKey)]);
    expect([approved.code, approved.stdout + approved.stderr]).toEqual([2, expect.stringContaining('KEY_UNKNOWN')]);
  });
});

describe('sessions', () => {
  it('stand fifty a page, who entered last first, however many there are', async () => {
    const at = place.now();
    const ids = Array.from({ length: 120 }, (_, index) => sha256(`one of many ${index}`));
    for (const [index, idHash] of ids.entries()) {
      const enteredAt = new Date(Date.parse(at) - (index >> 1) * 1_000).toISOString();
      const facts = { idHash, operator: 'bo', readOnly: false, entry: 'code', enteredAt } as const;
      await keepSession(db, { ...sealedSession(place.sealKey(), facts), seenAt: at }, '2000-01-01T00:00:00.000Z');
    }
    const pages: string[][] = [];
    for (let path: string | undefined = '/settings'; path !== undefined;) {
      const { body } = await ada.get(path);
      const listed: string[] = [...body.matchAll(/sessions\/([\da-f]{64})\/end/g)].map(([, session = '']) => session);
      pages.push(listed);
      expect(body).toContain('sessions in all, fifty a page, newest first.');
      path = /<a href="([^"]*)">Older sessions</.exec(body)?.[1];
    }
    expect(pages.map((listed) => listed.length <= 50)).toEqual([true, true, true]);
    const shown = pages.flat();
    expect([new Set(shown).size, ids.filter((id) => !shown.includes(id))]).toEqual([shown.length, []]);
    const begun = shown.flatMap((session) => (ids.includes(session) ? [ids.indexOf(session) >> 1] : []));
    expect(begun).toEqual(begun.toSorted((a, b) => a - b));
    for (const before of ['x', '2026_f', '2'.repeat(100)]) {
      const refused = await ada.get(`/settings?before=${before}`);
      expect([refused.statusCode, refused.body.includes('must be the place of a session')]).toEqual([400, true]);
    }
    await db('desk.sessions').whereIn('id_hash', ids).delete();
    expect((await ada.get('/settings')).body).not.toContain('fifty a page');
  });

  it('are seen and ended on the desk, one or all others, and who did it is written down', async () => {
    const [one, two] = [await sitWithRow({ operator: 'bo' }), await sitWithRow({ operator: 'bo', readOnly: true })];
    const settings = (await ada.get('/settings')).body;
    expect(settings).toMatch(
      /<tr><td[^>]*>ada<\/td><td[^>]*>a link: the name is claimed<\/td>.*this one<\/span><\/td><\/tr>/,
    );
    expect(settings).toContain('a link: the name is claimed, reads only');
    const path = `/main/sessions/${String(one.row['id_hash'])}/end`;
    expect(settings).toContain(`href="${path}"`);
    expect((await two.seated.get('/settings')).body).not.toContain('/end"');
    expect((await two.seated.post(path, { step: 'commit' })).body).toContain('READS_ONLY');
    expect((await ada.get(path)).body).toContain('End this session');
    expect((await ada.post(path, { step: 'commit', token: 'x' })).statusCode).toBe(403);
    expect(await seen(one.seated.cookie)).toBe(200);
    expect((await ada.post(path, { step: 'commit' })).headers.location).toBe('/settings');
    expect([await seen(one.seated.cookie), await seen(two.seated.cookie)]).toEqual([303, 200]);
    expect((await ada.post(path, { step: 'commit' })).body).toContain('SESSION_UNKNOWN');
    // Over is over, whoever has kept the row.
    await write('sessions', one.row);
    expect(await seen(one.seated.cookie)).toBe(303);
    const { code } = await makeEntryCode(place, { operator: 'bo', readOnly: false });
    await db('desk.sessions').where({ id_hash: two.row['id_hash'] }).delete();
    expect((await ada.post('/main/sessions/others/end', { step: 'commit' })).statusCode).toBe(303);
    // Also of a row that was hidden while all were ended.
    await write('sessions', two.row);
    expect([await seen(ada.cookie), await seen(two.seated.cookie)]).toEqual([200, 303]);
    const late = await ada.app.inject({ method: 'POST', url: '/enter', headers: SENDS, payload: `code=${code}` });
    expect(late.statusCode).toBe(403);
    const noted = await db('audit_log')
      .where({ action: 'desk.sessions_ended' })
      .orderBy('seq')
      .select('actor', 'subject');
    expect(noted).toEqual([
      { actor: 'ada', subject: String(one.row['id_hash']).slice(0, 8) },
      { actor: 'ada', subject: 'all' },
    ]);
    await Promise.all([one, two].map(({ seated }) => seated.app.close()));
  });

  it('are seen and ended at a terminal, with every link that is open', async () => {
    const bo = await sitWithRow({ operator: 'bo' });
    const { code } = await makeEntryCode(place, { operator: null, readOnly: false });
    const listed = await runCli(installation, ['desk', 'sessions']);
    const short = String(bo.row['id_hash']).slice(0, 8);
    expect(listed.stdout).toMatch(new RegExp(`${short} │ bo +│ a link `));
    expect(listed.stdout).toContain('1 link that nobody has used yet.');
    const neither = await runCli(installation, ['desk', 'close', '--operator', 'ada']);
    expect([neither.code, neither.stderr]).toEqual([64, expect.stringContaining('SESSION_MISSING')]);
    const one = await runCli(installation, ['desk', 'close', '--session', short, '--operator', 'ada']);
    expect([one.code, await seen(bo.seated.cookie), await seen(ada.cookie)]).toEqual([0, 303, 200]);
    const all = await runCli(installation, ['desk', 'close', '--all', '--operator', 'bo', '--json']);
    expect(JSON.parse(all.stdout)).toMatchObject({ codes: 1, sessions: [{ operator: 'ada' }] });
    expect(await seen(ada.cookie)).toBe(303);
    const late = await ada.app.inject({ method: 'POST', url: '/enter', headers: SENDS, payload: `code=${code}` });
    expect([late.statusCode, cookieOf(late.headers['set-cookie'])]).toEqual([403, 'undefined']);
    expect(idOf(bo.seated)).not.toContain(short);
    await bo.seated.app.close();
  });

  it('that are over stay over as long as any could last, and are forgotten then: no row writer has it sooner', async () => {
    const { seated, row } = await sitWithRow({ operator: 'bo' });
    await seated.post('/leave');
    const [hash, days] = [
      String(row['id_hash']),
      (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString(),
    ];
    const owner = connect(installation.settings.ownerDatabaseUrl ?? '', 1);
    const stands = async () => (await rowsOf('desk.endings')).filter(({ ended }) => ended === hash).length;
    const aged = async (recorded: number, ended: number) => {
      await owner.raw('update desk.endings set recorded_at = ?, ended_at = ? where ended = ?', [
        days(recorded),
        days(ended),
        hash,
      ]);
      await (await sitDown(place, { operator: 'bo' })).app.close();
      return stands();
    };
    // As the application: taken away, edited, or written down as of long ago.
    await expect(db.raw('delete from desk.endings')).rejects.toThrow(/permission denied/);
    await expect(db.raw('update desk.endings set recorded_at = now()')).rejects.toThrow(/permission denied/);
    await expect(write('endings', { ended: sha256('x'), ended_at: days(99), recorded_at: days(99) })).rejects.toThrow(
      /permission denied/,
    );
    await write('endings', { ended: sha256('y'), ended_at: days(99) });
    await write('sessions', row);
    expect([await aged(0, 99), await aged(59, 99), await aged(99, 59)]).toEqual([1, 1, 1]);
    expect(await seen(seated.cookie)).toBe(303);
    expect(await aged(61, 61)).toBe(0);
    expect((await rowsOf('desk.endings')).filter(({ ended }) => ended === sha256('y'))).toHaveLength(1);
    await owner.destroy();
    await seated.app.close();
  });
});
