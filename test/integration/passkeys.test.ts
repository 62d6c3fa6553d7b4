import { createHash, createPublicKey, randomBytes, randomUUID, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DAY_MESSAGES,
  type ConfirmReply,
  type ReconcileCommand,
  type ReconcileReply,
} from '../../src/contract/day-messages.js';
import { listAlerts } from '../../src/db/alerts.js';
import { connect, OF_THE_DESK } from '../../src/db/connect.js';
import type { Place } from '../../src/desk/place.js';
import { londonInstant } from '../../src/domain/calendar/calendar.js';
import { canonicalJson } from '../../src/domain/hash.js';
import type { Attestation } from '../../src/domain/signing/attestation.js';
import { fingerprintOf } from '../../src/domain/signing/keys.js';
import { raiseAlert } from '../../src/operations/alerts/raise.js';
import { askTradingDay, tradingDayInput } from '../../src/operations/day/ask.js';
import { withClient } from '../../src/runtime/postgres/database.js';
import { answers, newPasskey, passkeySigner, registers, type Otherwise } from '../support/authenticator.js';
import { CASH, confirmCommand, MONDAY, startSeat, TUESDAY, useDemoPolicy, type TestSeat } from '../support/day.js';
import { DESK_PORT, placeOf, sitDown, type Seated } from '../support/desk.js';
import { signedAnswer, signedSnapshot } from '../support/signing.js';
import { createInstallation, type Installation } from '../support/stack.js';
import { fingerprint } from '../support/unchanged.js';

const PAGE = '/settings/passkey';
const HOST = `localhost:${DESK_PORT}`;
const ACCOUNT = { account: 'main', baseCurrency: 'USD', clock: 'simulated' } as const;
const passkey = newPasskey(HOST);
const name = fingerprintOf(passkey.publicKey);

let installation: Installation;
let seat: TestSeat;
let stop: () => Promise<void>;
let db: Knex;
/** The desk's clock is so many milliseconds ahead. */
let ahead = 0;
let place: Place;
let ada: Seated;

beforeAll(async () => {
  installation = await createInstallation();
  useDemoPolicy(installation, { cadence: 'daily', mode: 'dry-run', operators: ['demo', 'ada'] });
  ({ seat, stop } = await startSeat(installation));
  await seat.run('0800', MONDAY);
  db = connect(installation.settings.databaseUrl ?? '', 4, OF_THE_DESK);
  place = placeOf(installation, db, () => new Date(Date.now() + ahead).toISOString());
  ada = await sitDown(place, { operator: 'ada' });
}, 120_000);
afterAll(async () => {
  await ada.app.close();
  await place.mail.close();
  await db.destroy();
  await stop();
});

/** What stands in a field of a page. */
const fieldOf = (body: string, field: string): string =>
  (new RegExp(`name="${field}" value="([^"]*)"`).exec(body)?.[1] ?? '').replaceAll('&quot;', '"');
const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));
const challengeOf = (attestation: string): Uint8Array =>
  new Uint8Array(createHash('sha256').update(attestation).digest());
const kept = async (): Promise<number> => (await db.raw<{ rows: object[] }>('select from desk.passkeys')).rows.length;

/** An alert that may be acknowledged, and the form that does it. */
async function newAlert(): Promise<string> {
  const subject = randomUUID();
  const about = { account: 'main', tradingDay: null, at: londonInstant(MONDAY, '10:00'), evidence: {} };
  const { alertId } = await raiseAlert(db, { code: 'BACKUP_FAILED', subject, message: 'A backup failed', ...about });
  return `/main/alerts/${alertId}/acknowledge`;
}

/** The review of an acknowledgement by Ada, with what it carries to be signed. */
async function review(form: string, by = ada) {
  const { body, statusCode } = await by.post(form, { reason: 'mended' });
  expect(statusCode).toBe(200);
  const attestation = fieldOf(body, 'attestation');
  const sent = { reason: 'mended', step: 'commit', at: fieldOf(body, 'at'), attestation };
  return { body, sent, answer: (otherwise?: Otherwise) => answers(passkey, challengeOf(attestation), otherwise) };
}

const acknowledgements = () =>
  db('signatures').where({ fact: 'alert_events' }).orderBy('seq').select('operator', 'kind', 'key');

describe('a new passkey', () => {
  it('is kept as it was asked for in this session, and of nothing else', async () => {
    const { body } = await ada.get(PAGE);
    const challenge = fieldOf(body, 'challenge');
    expect(challenge).toMatch(/^[\da-f]{64}$/);
    const offer = (registration: string, fields = {}, by = ada) =>
      by.post(PAGE, { challenge, label: 'laptop', registration, ...fields });
    const good = registers(passkey, bytes(challenge));
    const cut = registers(passkey, bytes(challenge), { flags: 0x41 });
    const other = registers(passkey, bytes(challenge), { origin: 'http://localhost:1' });
    const unasked = randomBytes(32);
    const reader = await sitDown(place, { operator: 'ada', readOnly: true });
    const second = await sitDown(place, { operator: 'ada' });
    for (const [sent, status, code] of [
      [offer(''), 400, 'PASSKEY_INVALID'],
      [offer('x'.repeat(5_000)), 400, 'PASSKEY_INVALID'],
      [offer(cut), 400, 'did not prove who they are'],
      [offer(other), 400, 'another origin'],
      [offer(good, { label: 'a\u202eb' }), 400, 'label: '],
      [offer(good, { challenge: 'f'.repeat(64) }), 400, 'another question'],
      [offer(registers(passkey, unasked), { challenge: unasked.toString('hex') }), 409, 'CHALLENGE_OVER'],
      [offer(good, {}, second), 409, 'CHALLENGE_OVER'],
      [offer(good, {}, reader), 403, 'FORM_UNKNOWN'],
      [offer(good, { token: 'f'.repeat(64) }), 403, 'FORM_UNKNOWN'],
    ] as const) {
      const answer = await sent;
      expect([code, answer.statusCode]).toEqual([code, status]);
      expect(answer.body).toContain(code);
    }
    expect(await kept()).toBe(0);
    expect((await reader.get(PAGE)).body).not.toContain('new-passkey');
    expect((await offer(good)).statusCode).toBe(303);
    // The same again is the same; another answer to the same question is none.
    expect((await offer(good)).statusCode).toBe(303);
    expect((await offer(registers(newPasskey(HOST), bytes(challenge)))).statusCode).toBe(409);
    expect(await kept()).toBe(1);
    expect((await ada.get(PAGE)).body).toContain(`trading-ops operator approve ${name}`);
    await Promise.all([reader.app.close(), second.app.close()]);
  });

  it('signs nothing before the terminal approves it; from then on nothing else does in that name', async () => {
    const form = await newAlert();
    const before = await review(form);
    expect(before.body).not.toContain('name="attestation"');
    expect((await ada.post(form, before.sent)).statusCode).toBe(303);
    expect(await acknowledgements()).toMatchObject([{ operator: 'ada', kind: 'installation' }]);
    expect((await seat.cli(['operator', 'list'])).stdout).toContain(`ada: ${name} at ${HOST} waits to be approved`);
    const approved = await seat.cli(['operator', 'approve', name]);
    expect(approved).toMatchObject({ code: 0, stdout: expect.stringContaining(`of ada at ${HOST} signs from now on`) });
    expect((await seat.cli(['operator', 'approve', name])).stdout).toContain('Nothing changed');
    expect((await seat.cli(['operator', 'list'])).stdout).toMatch(`ada: passkey ${name} at ${HOST} from `);
    expect((await ada.get(PAGE)).body).toContain('signs since');
    const ack = ['alerts', 'ack', (await newAlert()).split('/')[3] ?? '', '--operator', 'ada', '--reason', 'x'];
    expect(await seat.cli([...ack, '--at', londonInstant(MONDAY, '11:00')])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^KEY_NOT_HERE: .*\n.*sign on the desk with a passkey/),
    });
  });
});

describe('what is reviewed', () => {
  it('is signed by the passkey once; sent twice it has one answer, and anybody can verify it without us', async () => {
    const form = await newAlert();
    const { body, sent, answer } = await review(form);
    expect(body).toMatch(/<button name="step" value="commit"\s+data-signs disabled>/);
    expect(body).toContain('<noscript>');
    expect(body).toContain(`data-credentials="${passkey.credentialId}"`);
    const assertion = answer();
    const twice = await Promise.all([1, 2].map(() => ada.post(form, { ...sent, assertion })));
    expect(twice.map(({ statusCode }) => statusCode)).toEqual([303, 303]);
    const [, row] = await acknowledgements();
    expect(row).toEqual({ operator: 'ada', kind: 'passkey', key: passkey.publicKey });
    expect(await acknowledgements()).toHaveLength(2);
    expect((await ada.post(form, { ...sent, assertion: answer() })).body).toContain('CHALLENGE_OVER');
    expect((await seat.cli(['signatures', 'verify'])).stdout).toContain('SIGNATURES_WHOLE');
    await verifiedByHand();
  });

  it.each<[string, Otherwise | null, string]>([
    ['no answer', null, 'SIGNATURE_MISSING'],
    ['an answer of whoever did not prove who they are', { flags: 0x01 }, 'SIGNATURE_INVALID'],
    ['an answer to another page', { origin: 'http://localhost:1' }, 'SIGNATURE_INVALID'],
    ['an answer to another question', { challenge: new Uint8Array(32) }, 'SIGNATURE_INVALID'],
  ])('is not done with %s; that is told', async (_, otherwise, code) => {
    const form = await newAlert();
    const { sent, answer } = await review(form);
    const before = (await acknowledgements()).length;
    const assertion = otherwise === null ? '' : answer(otherwise);
    const refused = await ada.post(form, { ...sent, assertion });
    expect([refused.statusCode, refused.body.includes(code)]).toEqual([409, true]);
    expect(refused.body).toContain('value="mended"');
    expect(await acknowledgements()).toHaveLength(before);
    expect((await listAlerts(db)).filter((alert) => alert.code === 'SIGNATURE_REFUSED')).toHaveLength(1);
  });

  it('is not done once it is another thing, of another session, too late, or asked of nobody', async () => {
    const form = await newAlert();
    const before = { ...(await fingerprint(db)), alerts: '' };
    const { sent, answer } = await review(form);
    const assertion = answer();
    const other = await sitDown(place, { operator: 'ada' });
    const post = (fields: object, by = ada, to = form) => by.post(to, { ...sent, assertion, ...fields });
    const [attestation] = [JSON.parse(sent.attestation) as Attestation];
    const invented = canonicalJson({ ...attestation, nonce: 'f'.repeat(32) });
    for (const [refused, code] of [
      [await post({ reason: 'other' }), 'REVIEW_STALE'],
      [await post({}, ada, await newAlert()), 'REVIEW_STALE'],
      [await post({}, other), 'CHALLENGE_OVER'],
      [await post({ attestation: invented, assertion: answers(passkey, challengeOf(invented)) }), 'CHALLENGE_OVER'],
      [await post({ attestation: 'x' }), 'CHALLENGE_OVER'],
      [await post({ attestation: '' }), 'KEY_IS_PERSONAL'],
    ] as const)
      expect([refused.statusCode, code, refused.body.includes(code)]).toEqual([409, code, true]);
    ahead = 5 * 60_000;
    expect((await post({})).body).toContain('CHALLENGE_OVER');
    ahead = 0;
    await other.app.close();
    const after = { ...(await fingerprint(db)), alerts: '' };
    for (const table of ['alert_events', 'signatures'])
      expect([table, after[table as keyof typeof after]]).toEqual([table, before[table as keyof typeof before]]);
  });
});

describe('a day that a passkey signed', () => {
  it('is booked, counts the next day at 14:00, and stops trading when a byte of its signature is changed', async () => {
    const sign = passkeySigner(passkey, place.installation);
    const day = { account: 'main', tradingDay: MONDAY };
    const ask = <Reply>(update: string, command: { at: string }) =>
      askTradingDay<Reply>(
        seat.client,
        installation.settings.taskQueue,
        tradingDayInput(ACCOUNT, MONDAY, seat.policy, command.at),
        update,
        randomUUID(),
        command,
      );
    const at = londonInstant(MONDAY, '11:30');
    const typed = { commandId: randomUUID(), snapshotDate: MONDAY, cash: CASH, positions: {}, notes: null };
    const plain = { ...typed, operator: 'ada', at };
    const say = (command: object) => ask<ReconcileReply>(DAY_MESSAGES.reconcileUpdate, { ...plain, ...command });
    // In her name the installation signs nothing any more.
    expect((await say(await signedSnapshot(seat.sign, day, plain))).refusal?.code).toBe('SIGNATURE_OF_ANOTHER');
    const stranger = passkeySigner(newPasskey(HOST), place.installation);
    expect((await say(await signedSnapshot(stranger, day, plain))).refusal?.code).toBe('SIGNATURE_INVALID');
    expect((await say(await signedSnapshot<ReconcileCommand>(sign, day, plain))).status).toBe('PASS');
    const { ticketId, kind } = await seat.issue(MONDAY);
    const { material } = await seat.ticket(ticketId);
    const answer = confirmCommand(ticketId, material, { operator: 'ada' });
    const reply = await ask<ConfirmReply>(DAY_MESSAGES.confirmUpdate, await signedAnswer(sign, db, day, answer));
    expect([kind, reply.status]).toEqual(['TRADE', 'BOOKED']);
    expect((await seat.closed(MONDAY)).state).toBe('closed');
    const owner = installation.settings.ownerDatabaseUrl as string;
    const asOwner = (statement: string) => withClient(owner, (client) => client.query(statement));
    const [{ signature }] = (await db('signatures').where({ fact: 'confirmations' }).select('signature')) as [
      { signature: string },
    ];
    const changed = (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1);
    const put = (text: string) => asOwner(`update signatures set signature = '${text}' where fact = 'confirmations'`);
    await asOwner('alter table signatures disable trigger signatures_append_only_trg');
    await put(changed);
    const pages = ['/main/today', `/main/tickets/${ticketId}/confirm`, `/main/tickets/${ticketId}/execute`];
    const doubtful = async () =>
      Promise.all(pages.map(async (path) => /TICKET_UNCONFIRMED/.test((await ada.get(path)).body)));
    expect(await doubtful()).toEqual([true, true, true]);
    const [today, confirm, execute] = (await Promise.all(pages.map((path) => ada.get(path)))).map(({ body }) => body);
    expect(today).toContain('<h1>TICKET_UNCONFIRMED: the answer to the ticket does not count</h1>');
    expect(today).toMatch(
      /class="bad">[^/]*<\/span>\s*<strong>Confirmed<\/strong>\s*<small>failed: 15:20 in the name of ada/,
    );
    // What was reported is told, and stands in the form: sent again it is signed.
    expect(confirm).toContain('What stands in the name of ada');
    expect(confirm).toMatch(/<p>1\. BOUGHT /);
    expect(confirm).toMatch(/name="fills\[0\]\.units" type="text" value="[\d.]+"/);
    for (const body of [confirm, execute])
      expect(body).not.toMatch(/reported the same|It has its answer|signature of another person/);
    await seat.run('0800', TUESDAY);
    await seat.reconcile(TUESDAY);
    const blocked = await seat.issue(TUESDAY);
    expect(blocked.reasons.map(({ code }) => code)).toEqual(['TICKET_UNCONFIRMED']);
    const verified = await seat.cli(['signatures', 'verify']);
    expect([verified.code, verified.stdout.split('\n')[0]]).toEqual([2, 'SIGNATURES_BROKEN']);
    expect(verified.stdout).toContain('it belongs to another name than localhost');
    const page = async () => (await ada.get(`/main/tickets/${ticketId}`)).body;
    const listed = async () => (await ada.get('/main/tickets')).body;
    const shown = async () => (await seat.cli(['ticket', 'show', ticketId])).stdout;
    for (const text of [await page(), await shown()])
      expect(text.replaceAll(/\s+/g, ' ')).toMatch(
        /TICKET_UNCONFIRMED.*in the name of ada does not count: SIGNATURE_INVALID/,
      );
    expect(await page()).not.toContain('by ada. ');
    expect(await listed()).toContain('answered, and no signature holds');
    await put(signature);
    expect(
      [await page(), await listed(), await shown()].filter((text) => /does not count|no signature holds/.test(text)),
    ).toEqual([]);
    expect(await doubtful()).toEqual([false, false, false]);
    expect(await seat.issue(TUESDAY, { time: '14:10' })).toMatchObject({ reasons: [], supersedes: blocked.ticketId });
    expect((await seat.cli(['ticket', 'verify', blocked.ticketId])).code).toBe(0);
  });

  it('stays verified after the passkey has ended, which signs nothing more', async () => {
    expect((await seat.cli(['operator', 'end', name])).code).toBe(0);
    const { body } = await ada.post(await newAlert(), { reason: 'mended' });
    expect(body).toContain('ada signs at a terminal');
    expect(body).not.toContain('value="commit"');
    expect((await ada.get(PAGE)).body).toContain('ended at');
    await verifiedByHand();
  });
});

/** What is stored, held against the key file by nothing but node:crypto, as docs/RUNBOOK.md says. */
async function verifiedByHand(): Promise<void> {
  const [row] = await db('signatures').where({ kind: 'passkey', fact: 'alert_events' }).select();
  if (!row) throw new Error('no passkey signed');
  const line = readFileSync(join(installation.configDir, 'operators.keys'), 'utf8')
    .split('\n')
    .find((text) => text.startsWith('ada,passkey,'));
  const [, , key = '', host = ''] = line?.split(',') ?? [];
  const [x = '', y = ''] = key.split('.');
  const parts = row.signature.split('.').map((part) => Buffer.from(part, 'base64url'));
  const [authenticator, client, signature] = parts as [Buffer, Buffer, Buffer];
  const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest();
  const said = JSON.parse(client.toString()) as { challenge: string; origin: string; type: string };
  const statement = JSON.stringify(row.attestation, Object.keys(row.attestation as object).toSorted());
  expect(said).toMatchObject({
    type: 'webauthn.get',
    challenge: sha256(statement).toString('base64url'),
    origin: `http://${host}`,
  });
  expect(authenticator.subarray(0, 32)).toEqual(sha256('localhost'));
  expect((authenticator[32] ?? 0) & 5).toBe(5);
  const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  expect(verify('sha256', Buffer.concat([authenticator, sha256(client)]), publicKey, signature)).toBe(true);
}
