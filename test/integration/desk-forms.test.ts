import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, OF_THE_DESK } from '../../src/db/connect.js';
import type { Place } from '../../src/desk/place.js';
import { createDesk } from '../../src/desk/server.js';
import { resultOrThrow } from '../../src/domain/errors.js';
import { openAccount } from '../../src/operations/accounts/open.js';
import { makeEntryCode } from '../../src/operations/entry/make-code.js';
import { raiseAlert } from '../../src/operations/alerts/raise.js';
import { turnKillSwitch } from '../../src/db/kill-switch.js';
import { cookieOf, fieldsOf, placeOf, SENDS, sitDown, type Seated } from '../support/desk.js';
import { useDemoPolicy } from '../support/day.js';
import { createInstallation, type Installation } from '../support/stack.js';
import { fingerprint } from '../support/unchanged.js';

const AT = '2018-05-07T15:00:00.000Z';

let installation: Installation;
let db: Knex;
let place: Place;
let seated: Seated;
let alertId: string;

beforeAll(async () => {
  installation = await createInstallation();
  useDemoPolicy(installation, { operators: ['ada', 'bo'] });
  db = connect(installation.settings.databaseUrl ?? '', 4, OF_THE_DESK);
  place = placeOf(installation, db);
  const asker = { operator: 'ada', door: 'cli', claimedAt: AT } as const;
  resultOrThrow(await openAccount(place, asker, { account: 'main', baseCurrency: 'USD', clock: 'simulated' }));
  alertId = await raised('main');
  seated = await sitDown(place, { operator: 'ada' });
}, 60_000);
afterAll(async () => {
  await seated.app.close();
  await place.mail.close();
  await db.destroy();
});

/** The id of an alert that was raised just now. */
async function raised(subject: string): Promise<string> {
  await raiseAlert(db, {
    code: 'BACKUP_FAILED',
    subject,
    message: 'A backup failed',
    account: 'main',
    tradingDay: null,
    at: AT,
    evidence: {},
  });
  const [found] = (await db('alerts').where({ subject }).select({ alertId: 'alert_id' })) as [{ alertId: string }];
  return found.alertId;
}

const form = () => `/main/alerts/${alertId}/acknowledge`;

describe('a form', () => {
  it('goes form, review, asking; what is wrong is told with all that was typed, and records nothing', async () => {
    const before = await fingerprint(db);
    expect((await seated.get(form())).body).toContain('A backup failed');
    const wrong = await seated.post(form(), { reason: '' });
    expect(wrong.statusCode).toBe(400);
    expect(wrong.body).toContain('<strong>ARGUMENT_INVALID</strong>');
    expect(wrong.body).toMatch(/<a href="#f-reason">Why it may rest: /);
    expect(wrong.body).toMatch(/id="f-reason"[^>]*aria-invalid="true"/);
    const review = await seated.post(form(), { reason: 'seen & "mended"' });
    expect(review.statusCode).toBe(200);
    expect(review.body).toContain('name="reason" value="seen &amp; &quot;mended&quot;"');
    expect(review.body).toContain('In the name of <strong>ada</strong>');
    expect((await seated.post(form(), { reason: 'kept', step: 'form' })).body).toContain('value="kept"');
    expect(await fingerprint(db)).toEqual(before);
    const asked = await seated.post(form(), { reason: 'mended', step: 'commit', at: AT });
    expect([asked.statusCode, asked.headers.location]).toEqual([303, '/alerts']);
    expect((await seated.get('/alerts')).body).toContain('(ACKNOWLEDGED)');
    const [record] = (await db('audit_log').where({ action: 'alert.acknowledged' }).select('actor')) as unknown[];
    expect(record).toEqual({ actor: 'ada' });
    const [signature] = (await db('signatures').select('operator', 'fact')) as unknown[];
    expect(signature).toEqual({ operator: 'ada', fact: 'alert_events' });
  });

  it('has the buttons of its own alone, whatever a step is called', async () => {
    const { statusCode } = await seated.post('/main/reconcile', { cash: '12345.67', step: 'check' });
    expect(statusCode).toBeLessThan(500);
    for (const step of ['constructor', 'toString', 'nope']) {
      const sent = await seated.post('/main/reconcile', { cash: '12345.67', step });
      expect([step, sent.statusCode]).toEqual([step, statusCode]);
      expect(sent.body).toContain('value="12345.67"');
    }
  });

  it('is taken of its own session alone, and of none that only reads', async () => {
    const before = await fingerprint(db);
    const commit = { reason: 'x', step: 'commit', at: AT };
    for (const token of ['', 'f'.repeat(64), `${seated.token}x`]) {
      const refused = await seated.post(form(), { ...commit, token });
      expect(refused.statusCode).toBe(403);
      expect(refused.body).toContain('FORM_UNKNOWN');
      expect(refused.body).toContain('the session in which this form was opened has ended');
      expect(refused.body).toContain('look at it once more, and send it from here');
      expect(refused.body.includes('bo typed it')).toBe(false);
      expect(refused.body).toContain('value="x"');
    }
    const bos = await seated.post(form(), { ...commit, token: 'f'.repeat(64), typist: 'bo' });
    expect(bos.body).toContain('bo typed it: what is sent from here is said in your name');
    const reader = await sitDown(place, { readOnly: true, operator: 'ada' });
    const refused = await reader.post(form(), commit);
    expect([refused.statusCode, refused.body.includes('READS_ONLY')]).toEqual([403, true]);
    await reader.app.close();
    expect(await fingerprint(db)).toEqual(before);
  });

  it('whose session is over leads back to itself with what was typed, by entering, and asks for nothing', async () => {
    const before = await fingerprint(db);
    const over = await seated.app.inject({
      method: 'POST',
      url: form(),
      headers: SENDS,
      payload: 'reason=typed+%3Cb%3E&step=commit&token=old',
    });
    expect(over.statusCode).toBe(401);
    const carried = Object.fromEntries(
      [...over.body.matchAll(/name="(carried\.[^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]),
    ) as Record<string, string>;
    expect(carried).toEqual({ 'carried.action': form(), 'carried.f.reason': 'typed &lt;b&gt;' });
    const enter = async (fields: Record<string, string>) =>
      seated.app.inject({
        method: 'POST',
        url: '/enter',
        headers: SENDS,
        payload: new URLSearchParams({
          code: (await makeEntryCode(place, { operator: 'ada', readOnly: false })).code,
          ...fields,
        }).toString(),
      });
    const entered = await enter({ 'carried.action': form(), 'carried.f.reason': 'typed <b>' });
    expect(entered.statusCode).toBe(200);
    expect(entered.body).toContain(`action="${form()}"`);
    expect(entered.body).toContain('name="step" value="form"');
    const token = /name="token" value="([0-9a-f]{64})"/.exec(entered.body)?.[1] ?? '';
    const again = await seated.app.inject({
      method: 'POST',
      url: form(),
      headers: { ...SENDS, cookie: cookieOf(entered.headers['set-cookie']) },
      payload: new URLSearchParams({ token, reason: 'typed <b>', step: 'form' }).toString(),
    });
    expect(again.body).toContain('value="typed &lt;b&gt;"');
    for (const action of ['//evil.test/', 'https://evil.test', '/\\evil.test', 'javascript:x'])
      expect(await enter({ 'carried.action': action })).toMatchObject({ statusCode: 303, headers: { location: '/' } });
    expect(await fingerprint(db)).toEqual(before);
  });

  it('typed in the name of one and sent in that of another says whose it was', async () => {
    const before = await sitDown(place, { operator: 'ada' });
    const page = (await before.get(form())).body;
    await before.post('/leave');
    const { typist = '' } = fieldsOf(page);
    const over = await before.post(form(), { typist, reason: 'typed by ada' });
    expect([over.statusCode, over.body.includes('type what follows the # of a new link below')]).toEqual([401, true]);
    const carried = Object.fromEntries(
      [...over.body.matchAll(/name="(carried\.[^"]+)" value="([^"]*)"/g)].map(([, field, value]) => [field, value]),
    ) as Record<string, string>;
    expect(carried['carried.by']).toBe('ada');
    const enteredBy = async (operator: string, fields: Record<string, string>) => {
      const { code } = await makeEntryCode(place, { operator, readOnly: false });
      const payload = new URLSearchParams({ code, ...fields }).toString();
      return (await before.app.inject({ method: 'POST', url: '/enter', headers: SENDS, payload })).body;
    };
    const [bos, adas, unknown] = [
      await enteredBy('bo', carried),
      await enteredBy('ada', carried),
      await enteredBy('bo', { ...carried, 'carried.by': '' }),
    ];
    expect(bos).toContain('<h1>You are let in as bo</h1>');
    expect(bos).toContain('<strong>Typed by ada</strong>');
    expect(adas).not.toContain('<strong>Typed by');
    expect(unknown).toContain('<strong>Typed by whoever sat here before</strong>');
    await before.app.close();
  });

  it('is in the page with all that was typed while the database is away, to be sent again', async () => {
    const gone = connect('postgres://nobody@127.0.0.1:9/none', 1, OF_THE_DESK);
    const away = await createDesk({ ...place, db: gone });
    const failed = await away.inject({
      method: 'POST',
      url: form(),
      headers: { ...SENDS, cookie: seated.cookie },
      payload: new URLSearchParams({ token: seated.token, reason: 'typed <b>', step: 'commit' }).toString(),
    });
    expect(failed.statusCode).toBe(503);
    expect(failed.body).toContain('POSTGRES_DOWN');
    expect(failed.body).toContain('<dd>typed &lt;b&gt;</dd>');
    expect(failed.body).toContain('name="step" value="commit"');
    // By what the form calls its fields and choices, though it is not at hand.
    for (const [url, sent, told] of [
      ['/main/book/cash', { kind: 'DEPOSIT', notes: 'pay' }, { 'What it was': 'Paid in', Note: 'pay' }],
      [
        '/main/book/dividend',
        { type: 'return_of_capital' },
        { 'Which of several of one ex-date': 'return of capital' },
      ],
      ['/main/baseline', { costs: 'AAPL=1' }, { 'Cost of the whole holding': 'AAPL=1' }],
      ['/main/kill-switch/reset', { reason: 'looked' }, { 'Why it may trade again': 'looked' }],
    ] as const) {
      const payload = new URLSearchParams({ token: seated.token, ...sent }).toString();
      const headers = { ...SENDS, cookie: seated.cookie };
      const { body } = await away.inject({ method: 'POST', url, headers, payload });
      for (const [label, value] of Object.entries(told)) expect(body).toContain(`<dt>${label}</dt><dd>${value}</dd>`);
    }
    await away.close();
    await gone.destroy();
  });
});

describe('whoever sits there', () => {
  it('says who they are, of the names that the policy has', async () => {
    const nobody = await sitDown(place, { operator: 'ada' });
    expect((await nobody.get('/main/today')).body).toContain('<option selected>ada</option>');
    expect((await nobody.post('/main/name', { operator: 'bo' })).statusCode).toBe(303);
    expect((await nobody.get('/main/today')).body).toContain('<option selected>bo</option>');
    const stranger = await nobody.post('/main/name', { operator: 'mallory' });
    expect([stranger.statusCode, stranger.body.includes('OPERATOR_UNKNOWN')]).toEqual([400, true]);
    await nobody.post('/main/name', { operator: 'ada', token: 'none' });
    expect((await nobody.get('/main/today')).body).toContain('<option selected>bo</option>');
    await nobody.app.close();
  });

  it('records nothing that was read in another name, for another tab of the browser said that', async () => {
    const who = await sitDown(place, { operator: 'ada' });
    const id = await raised('main, by hand');
    const form = () => `/main/alerts/${id}/acknowledge`;
    const review = await who.post(form(), { reason: 'seen, and looked into' });
    const read = { ...fieldsOf(review.body), step: 'commit' };
    expect(read).toMatchObject({ typist: 'ada' });
    await who.post('/main/name', { operator: 'bo' });
    const before = await fingerprint(place.db);
    const refused = await who.post(form(), read);
    expect([refused.statusCode, refused.body.includes('<strong>NAME_CHANGED</strong>')]).toEqual([409, true]);
    expect(fieldsOf(refused.body)).toMatchObject({ typist: 'bo', reason: 'seen, and looked into' });
    expect(await fingerprint(place.db)).toEqual(before);
    // Read in the new name it is said in that; so is what has no review.
    expect((await who.post(form(), { ...fieldsOf(refused.body), step: 'commit' })).statusCode).toBe(303);
    const acknowledged = place.db('audit_log').where({ action: 'alert.acknowledged' }).orderBy('seq', 'desc').limit(1);
    expect(await acknowledged.pluck('actor')).toEqual(['bo']);
    // Sent again in the first name, after it was recorded in the second, nothing is recorded a second time.
    await who.post('/main/name', { operator: 'ada' });
    const after = await fingerprint(place.db);
    await who.post(form(), read);
    expect(await fingerprint(place.db)).toEqual(after);
    await who.app.close();
  });

  it('sets the clock of a rehearsal, in UK time', async () => {
    expect((await seated.post('/main/clock', { clock: '2018-05-09 08:00' })).statusCode).toBe(303);
    expect((await seated.get('/main/today')).body).toContain('value="2018-05-09 08:00"');
    const wrong = (await seated.post('/main/clock', { clock: '2018-13-09 08:00' })).body;
    expect(wrong).toContain('AT_INVALID');
    // Where nothing is looked at nothing is tried again: the way back is to the desk.
    expect(wrong).not.toContain('Try again');
    // Stopped at once from a terminal, by the clock on the wall, the rehearsal stays in its day.
    const [at, turn] = [new Date().toISOString(), { account: 'main', reason: 'why', operator: 'demo' }];
    await db.transaction((trx) => turnKillSwitch(trx, { ...turn, at, event: 'ENGAGED' }));
    expect((await seated.get('/main/today')).body).toContain('value="2018-05-09 08:00"');
    expect((await seated.post('/main/clock', { clock: '2018-05-09 08:10' })).statusCode).toBe(303);
    await db.transaction((trx) => turnKillSwitch(trx, { ...turn, at, event: 'RESET' }));
  });
});
