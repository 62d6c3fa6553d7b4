import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Asker } from '../../src/contract/asker.js';
import { connect, OF_THE_DESK } from '../../src/db/connect.js';
import type { StoredTicket } from '../../src/db/tickets.js';
import { openMail } from '../../src/desk/mail.js';
import type { Place } from '../../src/desk/place.js';
import { londonInstant } from '../../src/domain/calendar/calendar.js';
import type { Fill } from '../../src/domain/confirmation/shape.js';
import { claimTicket, releaseTicket } from '../../src/operations/day/claim-ticket.js';
import { keptMessages, type KeptMessage } from '../../src/operations/day/kept-messages.js';
import { notBooked } from '../../src/operations/day/not-booked.js';
import { saveDraft } from '../../src/operations/day/draft-save.js';
import { cliHere } from '../support/cli-here.js';
import { confirmCommand, fillsOf, MONDAY, openSeat, TUESDAY, type TestSeat } from '../support/day.js';
import { fieldsOf, placeOf, sitDown, type Seated } from '../support/desk.js';
import { issueTwoLines, typedFills, useTwoStocks } from '../support/desk-ticket.js';
import { sendFiles } from '../support/multipart.js';
import { createInstallation, type Installation } from '../support/stack.js';
import { fingerprint } from '../support/unchanged.js';
import { startWorkerHere } from '../support/worker-here.js';

/** A ticket from its claim to its answer, at the desk. */
const AT = londonInstant(MONDAY, '15:20');
const GROUP_MAX_MS = 120_000;

let installation: Installation;
let seat: TestSeat;
let worker: { stop(): Promise<void> };
let db: Knex;
let place: Place;
let ada: Seated;
let bo: Seated;
let ticket: StoredTicket;

beforeAll(async () => {
  installation = await createInstallation();
  useTwoStocks(installation);
  worker = await startWorkerHere(installation);
  seat = await openSeat(installation);
  ticket = await issueTwoLines(seat);
  db = connect(installation.settings.databaseUrl ?? '', 4, OF_THE_DESK);
  place = placeOf(installation, db);
  [ada, bo] = [await sitDown(place, { operator: 'ada' }), await sitDown(place, { operator: 'bo' })];
  for (const seated of [ada, bo]) await seated.post('/main/clock', { clock: `${MONDAY} 15:20` });
}, GROUP_MAX_MS);
afterAll(async () => {
  await Promise.all([ada.app.close(), bo.app.close()]);
  await place.mail.close();
  await db.destroy();
  await worker.stop();
  await seat.close();
  await installation.cleanup();
});

const path = (page: string, of = ticket) => `/main/tickets/${of.ticketId}/${page}`;
const typed = (slip?: string) => ({ ...typedFills(ticket, slip), at: AT });
const codeIn = (body: string) => /<strong>([A-Z_]{5,})<\/strong>/.exec(body)?.[1];
const asks = (operator: string): Asker => ({ operator, door: 'desk', claimedAt: AT });
const actions = async (): Promise<string[]> =>
  (await db('audit_log').whereLike('action', 'execution.%').orderBy('seq').pluck('action')) as string[];

/** A fill in the names of the fills file. */
const writtenFill = (fill: Fill) => ({
  sequence: fill.sequence,
  internal_symbol: fill.internalSymbol,
  side: fill.side,
  executed_status: fill.executedStatus,
  units: fill.units,
  fill_price: fill.fillPrice,
  executed_value_base: fill.executedValueBase,
  filled_at: fill.filledAt,
  notes: fill.notes,
});

describe('who executes a ticket', { timeout: GROUP_MAX_MS }, () => {
  it.each([
    ['an account that is none', { account: 'nobody', ticketId: 'x' }, 'ACCOUNT_UNKNOWN'],
    ['what is no id', { account: 'main', ticketId: 'x' }, 'TICKET_INVALID'],
    ['no ticket', { account: 'main', ticketId: '9f0e7b5e-5a9d-4b57-8a2e-0d1a3c2b1f00' }, 'TICKET_UNKNOWN'],
  ])('refuses %s, also for a release and a draft', async (_what, named, code) => {
    const before = await fingerprint(db);
    const asked = [
      claimTicket(place, asks('ada'), { ...named, reason: null }),
      releaseTicket(place, asks('ada'), named),
      saveDraft(place, asks('ada'), { ...named, lines: [] }),
    ];
    for (const outcome of await Promise.all(asked)) expect(outcome).toMatchObject({ ok: false, refusal: { code } });
    const stranger = claimTicket(place, asks('mallory'), { account: 'main', ticketId: ticket.ticketId, reason: null });
    expect(await stranger).toMatchObject({ ok: false, refusal: { code: 'OPERATOR_UNKNOWN' } });
    expect(await fingerprint(db)).toEqual(before);
  });

  it('claims it first, is told everywhere, and is one person when two claim at once', async () => {
    expect((await ada.get('/main/today')).body).toContain('Nobody executes it.');
    const version = ((await ada.get('/pulse')).json() as { version: string }).version;
    const both = await Promise.all(
      [ada, bo].map((each) => each.post(path('execute'), { do: 'claim', step: 'commit', at: AT })),
    );
    expect(both.map(({ statusCode }) => statusCode).toSorted()).toEqual([303, 409]);
    const [first, second] = both[0]?.statusCode === 303 ? [ada, bo] : [bo, ada];
    const name = first === ada ? 'ada' : 'bo';
    const lost = both.find(({ statusCode }) => statusCode === 409);
    expect([codeIn(lost?.body ?? ''), /Why you take it over/.test(lost?.body ?? '')]).toEqual([
      'EXECUTION_CLAIMED',
      true,
    ]);
    const told = `${name} executes it since ${MONDAY} 15:20 UK.`;
    for (const page of ['/main/today', `/main/tickets/${ticket.ticketId}`, path('execute'), path('confirm')])
      expect((await second.get(page)).body, page).toContain(told);
    const pulse = await second.get('/pulse', { 'if-none-match': `"${version}"` });
    expect(pulse.json()).toMatchObject({ claims: [{ ticketId: ticket.ticketId, text: told }] });
    expect(await actions()).toEqual(['execution.claimed']);
    expect((await first.post(path('execute'), { do: 'claim', step: 'commit', at: AT })).statusCode).toBe(303);
    expect(await actions()).toHaveLength(1);
    const back = await first.post(path('execute'), { step: 'release', at: AT });
    expect(back.body).toContain('I execute this ticket');
    expect(await actions()).toEqual(['execution.claimed', 'execution.released']);
  });

  it('is taken over with a reason alone; nobody else writes a line down meanwhile', async () => {
    const claim = { do: 'claim', step: 'commit', at: AT };
    await ada.post(path('execute'), claim);
    const before = await fingerprint(db);
    const line = { do: 'line', line: '1', step: 'commit', 'fills[0].version': '0', 'fills[0].units': '1', at: AT };
    for (const refused of [
      await bo.post(path('execute'), line),
      await bo.post(path('draft'), line),
      await bo.post(path('confirm'), { ...line, step: 'save' }),
      await bo.post(path('execute'), { step: 'release', at: AT }),
      await bo.post(path('execute'), claim),
    ])
      expect([refused.statusCode, refused.body]).toEqual([409, expect.stringContaining('EXECUTION_CLAIMED')]);
    // Whoever was taken over from has no fields any more: what they typed stands there to be read off.
    const late = { ...line, 'fills[0].units': '4.0722', 'fills[0].notes': 'two orders', 'look.name': 'yes' };
    const lost = (await bo.post(path('execute'), late)).body;
    expect(lost).toContain('<h2>What you typed</h2>');
    expect(lost).toContain('<dt>Line 1, units</dt><dd>4.0722</dd>');
    expect(lost).toContain('<dt>Line 1, note</dt><dd>two orders</dd>');
    expect(lost).toContain('<dt>Looked at: the name</dt>');
    // Where its field stands, it stands in that alone.
    const claimed = (await bo.post(path('execute'), { ...claim, reason: ' ' })).body;
    expect(claimed).not.toContain('What you typed');
    // Whoever types meanwhile reads no clock but that of the UK.
    expect((await bo.post(path('draft'), line)).json()).toMatchObject({
      text: expect.stringContaining(`ada executes this ticket since ${MONDAY} 15:20 UK time (BST)`) as string,
    });
    const without = await bo.post(path('execute'), { ...claim, reason: ' ' });
    expect([without.statusCode, without.body]).toEqual([
      400,
      expect.stringMatching(/href="#f-reason">Why you take it over: /),
    ]);
    expect(await fingerprint(db)).toEqual(before);
    expect(await db('desk.drafts')).toEqual([]);
    expect((await bo.post(path('execute'), { ...claim, reason: 'ada is on a train' })).statusCode).toBe(303);
    const [record] = (await db('audit_log').where({ action: 'execution.taken_over' }).select('actor', 'detail')) as {
      actor: string;
      detail: object;
    }[];
    expect(record).toMatchObject({ actor: 'bo', detail: { from: 'ada', reason: 'ada is on a train', door: 'desk' } });
    expect((await ada.post(path('execute'), { ...claim, reason: 'back' })).statusCode).toBe(303);
  });
});

describe('a draft', { timeout: GROUP_MAX_MS }, () => {
  const line = { do: 'line', line: '1', at: AT };

  it('is saved by each step, says GO at exactly the skip price, and moves between devices', async () => {
    const [sell] = ticket.material.lines;
    const seen = { ...line, 'fills[0].version': '0', 'fills[0].seen': sell?.skipPrice ?? '' };
    const go = await ada.post(path('execute'), { ...seen, step: 'look' });
    expect(go.body).toContain('✓ GO: $0.00 within the limit');
    const below = (Number(sell?.skipPrice) - 0.01).toFixed(2);
    const skip = await ada.post(path('execute'), {
      ...seen,
      'fills[0].version': '1',
      'fills[0].seen': below,
      step: 'look',
    });
    expect(skip.body).toContain('✕ SKIP: $0.01 below the skip price.');
    const phone = await sitDown(place, { operator: 'ada' });
    await phone.post('/main/clock', { clock: `${MONDAY} 15:20` });
    expect((await phone.get(path('execute'))).body).toContain(`value="${below}"`);
    const cause = await phone.post(path('execute'), { ...line, 'fills[0].version': '2', step: 'cause-0' });
    expect(cause.body).toMatch(/value="SKIPPED" selected/);
    expect(cause.body).toContain('value="price below skip price"');
    await phone.app.close();
    expect((await ada.get(path('confirm'))).body).toContain('value="price below skip price"');
    const now = await ada.post(path('execute'), { ...line, 'fills[0].version': '3', step: 'now' });
    expect(now.body).toMatch(/name="fills\[0\]\.filled_at" type="text" value="15:20"/);
  });

  it('says GO at no price while trading is stopped, nor sends anybody to execute, whoever holds the ticket', async () => {
    const before = await ada.get(path('execute'));
    expect(before.body).toContain('data-stands="open"');
    const commit = { at: AT, step: 'commit' };
    await bo.post('/main/kill-switch/engage', { ...commit, because: 'The ticket looks wrong' });
    const { body } = await ada.get(path('execute'));
    expect(body).toContain('✕ STOPPED: trading is stopped, place nothing more.');
    expect(body).not.toContain('✓ GO');
    expect((await ada.get(path('confirm'))).body).toContain('Trading is stopped: place nothing more');
    const today = (await ada.get('/main/today')).body;
    expect(today).toContain('<h1>STOPPED, place nothing more: TRADE');
    expect(today).not.toContain('Start executing');
    // The page that the alert leads to tells nobody to trade, on paper neither; what was placed before is reported.
    const own = `/main/tickets/${ticket.ticketId}`;
    const read = (await ada.get(own)).body;
    expect(read).toContain('Trading is stopped: place nothing more');
    expect(read).toContain(`href="${own}/confirm">Report what was placed before</a>`);
    for (const telling of [`href="${own}/execute"`, 'At eToro, by hand, place', 'Write down while you trade'])
      expect(read).not.toContain(telling);
    expect((await ada.get('/pulse')).json()).toMatchObject({ stopped: ['main'] });
    await bo.post('/main/kill-switch/reset', { ...commit, reason: 'it was looked into' });
    expect((await ada.get(own)).body).toContain('At eToro, by hand, place');
    expect((await ada.get('/pulse')).json()).toMatchObject({ stopped: [] });
  });

  it('is begun by nobody once the window is over: Today asks for the answer', async () => {
    const today = async () => (await ada.get('/main/today')).body;
    expect(await today()).toContain('Start executing');
    await ada.post('/main/clock', { clock: `${MONDAY} 23:59` });
    const after = await today();
    await ada.post('/main/clock', { clock: `${MONDAY} 15:20` });
    expect(after).toContain('<h1>Confirm what was done: TRADE');
    expect(after).not.toContain('Start executing');
    expect(after).toContain(`href="/main/tickets/${ticket.ticketId}/confirm">Confirm</a>`);
  });

  it('that does not fit the ticket is saved, said so, and marked among the lines', async () => {
    const wrong = { ...line, 'fills[0].version': '4', 'fills[0].executed_status': 'DONE', step: 'commit' };
    const { body } = await ada.post(path('execute'), { ...wrong, 'fills[0].units': '1' });
    expect(codeIn(body)).toBe('FILLS_INVALID');
    expect(body).toMatch(
      /<a href="#f-fills_0_.filled_at">Line 1, time in the UK(?: is missing)?: .*required when what became of it is DONE/,
    );
    expect(body).toContain('What you typed is saved. It is no answer yet: nothing was booked.');
    expect(body).not.toContain('Nothing was recorded.');
    expect(body).toContain('! 1 of 2: DONE');
    // Looked at anew it goes on with that line, and not with the first of which nothing is said.
    expect((await ada.get(path('execute'))).body).toMatch(/<h2>1\. SELL/);
  });

  it('of a ticket whose window is over takes what was left out alone', async () => {
    const late = await sitDown(place, { operator: 'ada' });
    await late.post('/main/clock', { clock: `${MONDAY} 15:31` });
    const { body } = await late.get(`${path('execute')}?line=2`);
    expect(body).toContain('The window is over');
    expect(body.match(/<option value="[A-Z]+"/g)).toEqual(['<option value="SKIPPED"']);
    expect(body.match(/value="cause-\d"/g)).toEqual(['value="cause-0"']);
    expect(body).not.toContain('Check the price');
    const read = (await late.get(`/main/tickets/${ticket.ticketId}`)).body;
    expect(read).toContain('The window is over: place nothing more');
    expect(read).not.toContain('At eToro, by hand, place');
    await late.app.close();
  });

  it('that was saved otherwise meanwhile is told, with both; neither is merged nor lost', async () => {
    const mine = { ...typed(), 'fills[0].version': '1', 'fills[0].notes': 'mine' };
    for (const step of ['save', 'check', 'commit']) {
      const stale = await ada.post(path('confirm'), { ...mine, step });
      expect([step, stale.statusCode, codeIn(stale.body)]).toEqual([step, 409, 'DRAFT_STALE']);
      expect(stale.body).toContain('line 1 was saved by ada at ');
      expect(stale.body).toContain('value="mine"');
      expect(stale.body).toMatch(/name="fills\[0\]\.version" value="5"/);
    }
    const kept = await ada.post(path('confirm'), { ...mine, 'fills[0].version': '5', step: 'save' });
    expect([kept.statusCode, kept.body.includes('value="mine"')]).toEqual([200, true]);
    const told = await ada.post(path('draft'), { at: AT, 'fills[0].version': '1', 'fills[0].units': '9' });
    expect([told.statusCode, told.json()]).toEqual([409, expect.objectContaining({ code: 'DRAFT_STALE' })]);
    const saved = await ada.post(path('draft'), { at: AT, 'fills[0].version': '6', 'fills[0].units': '9' });
    expect(saved.json()).toEqual({ text: 'Saved 15:20 UK.', version: 7, told: '' });
    // The rule that the booking goes by, while somebody types.
    const [sold] = fillsOf(ticket.material).map(writtenFill);
    const figures = { 'fills[0].units': sold?.units ?? '', 'fills[0].fill_price': sold?.fill_price ?? '' };
    const value = sold?.executed_value_base ?? '';
    for (const [version, typedValue, says] of [
      ['7', value, /^✓ units × price = [\d.]+ USD, near the value$/],
      ['8', `${value.slice(0, 1)}${value}`, /^✕ value [\d.]+ must be near .* units × price of a share come to/],
    ] as const) {
      const line = { ...figures, 'fills[0].executed_value_base': typedValue, 'fills[0].version': version };
      expect(await ada.post(path('draft'), { at: AT, ...line }).then((said) => said.json())).toMatchObject({
        told: expect.stringMatching(says),
      });
    }
    expect((await ada.get(path('confirm'))).body).toContain('data-told role="status">✕ value ');
    const back = { 'fills[0].units': '9', 'fills[0].fill_price': '', 'fills[0].executed_value_base': '' };
    const undone = await ada.post(path('draft'), { at: AT, ...back, 'fills[0].version': '9' });
    expect(undone.json()).toMatchObject({ version: 10, told: '' });
    expect(await db('confirmations')).toEqual([]);
  });

  it('is kept while Temporal is away, and what was typed stands in the page', async () => {
    const { settings, dataDir } = installation;
    const gone = { ...settings, temporalAddress: '127.0.0.1:9' };
    const mail = openMail(gone, { dataDir, taskQueue: settings.taskQueue, isLocal: true });
    const away = await sitDown({ ...place, mail }, { operator: 'ada' });
    const sent = await away.post(path('confirm'), { ...typed(), 'fills[0].version': '10', step: 'commit' });
    expect([sent.statusCode, sent.body.includes('TEMPORAL_DOWN')]).toEqual([503, true]);
    expect(sent.body).toContain('Send it again');
    await away.app.close();
    await mail.close();
    const kept = (await db('desk.drafts').orderBy('sequence').select('content')) as { content: object }[];
    expect(kept.map(({ content }) => content)).toMatchObject([
      { executed_status: 'DONE' },
      { executed_status: 'DONE' },
    ]);
    expect((await ada.get(path('confirm'))).body).toMatch(/value="DONE" selected/);
  });
});

describe('an answer', { timeout: GROUP_MAX_MS }, () => {
  /** What is wrong with one line, as it is typed, and as the fills file would say it. */
  const WRONG: [field: string, value: string][] = [
    ['executed_status', ''],
    ['executed_status', 'done'],
    ['units', ''],
    ['units', '0'],
    ['units', '-1'],
    ['units', '1e3'],
    ['units', '1.1234567'],
    ['units', '9999999999'],
    ['fill_price', ''],
    ['fill_price', 'abc'],
    ['fill_price', '1,5'],
    ['fill_price', '0.001'],
    ['fill_price', '999999'],
    ['executed_value_base', ''],
    ['executed_value_base', '1.234'],
    ['executed_value_base', '1000000.00'],
    ['executed_value_base', '£500.00'],
    ['filled_at', ''],
    ['filled_at', '25:00'],
    ['filled_at', '2018-05-07T20:00:00Z'],
    ['filled_at', '2018-05-06T14:41:00Z'],
    ['filled_at', '2018-05-07T12:00:00Z'],
    ['notes', 'a\u0007bell'],
    ['notes', 'x'.repeat(2_001)],
  ];
  /** What departs from the ticket, and what is good. */
  const OTHERS: Record<string, [string, string][]> = {
    'a SKIPPED line with figures': [['executed_status', 'SKIPPED']],
    'a price beyond the skip price': [
      ['fill_price', '2500'],
      ['executed_value_base', '2316.41'],
    ],
    'a fill after the window': [
      ['filled_at', '2018-05-07T14:15:00Z'],
      ['notes', 'in the window, by the way'],
    ],
    'a FAILED line': [
      ['executed_status', 'FAILED'],
      ['units', ''],
      ['fill_price', ''],
      ['executed_value_base', ''],
      ['filled_at', ''],
      ['notes', 'CFD only'],
    ],
    'a whole answer': [],
  };

  const changed = (changes: [string, string][], slip = '0') => {
    const [first, second] = fillsOf(ticket.material, slip).map(writtenFill);
    return [{ ...first, ...Object.fromEntries(changes.map(([name, value]) => [name, value || null])) }, second];
  };
  /** The same by the command, from a file. */
  async function byCommand(fills: unknown[], ...flags: string[]) {
    const file = join(installation.dataDir, 'typed.json');
    writeFileSync(file, JSON.stringify({ fills }));
    const asked = ['--json', 'confirm-fills', '--operator', 'ada', '--at', AT, '--ticket', ticket.ticketId];
    return cliHere(installation, [...asked, '--file', file, ...flags]);
  }

  it('is refused by the form as by a fills file, with the same code, and records nothing', async () => {
    const cases = [...WRONG.map((change) => [change]), ...Object.values(OTHERS)];
    const before = await fingerprint(db);
    const found: unknown[] = [];
    for (const changes of cases) {
      const fields = Object.fromEntries(changes.map(([name, value]) => [`fills[0].${name}`, value]));
      const page = await ada.post(path('confirm'), {
        ...typed(),
        'fills[0].version': '99',
        'fills[1].version': '99',
        ...fields,
      });
      const code = page.body.includes('Nothing is recorded yet') ? 'GOOD' : codeIn(page.body);
      found.push([changes, code, page.statusCode]);
      // What is good is booked by the command: both doors book it below.
      if (code === 'GOOD') continue;
      const cli = await byCommand(changed(changes));
      const said = JSON.parse(cli.stderr || cli.stdout) as Record<'error' | 'reason', { code: string } | undefined>;
      const [status, exit] = code === 'FILLS_DEVIATE' ? [409, 2] : [400, 64];
      expect([changes, code, page.statusCode]).toEqual([changes, (said.error ?? said.reason)?.code, status]);
      expect([changes, cli.code]).toEqual([changes, exit]);
      for (const [, value] of changes) if (value.length < 20) expect(page.body).toContain(value.replace('"', '&quot;'));
    }
    expect(new Set(found.map((each) => (each as string[])[1]))).toEqual(
      new Set(['FILLS_INVALID', 'FILLS_DEVIATE', 'GOOD']),
    );
    expect(found).toHaveLength(29);
    expect(await fingerprint(db)).toEqual(before);
  });

  it('that departs from the ticket is owned with a reason, and pasted lands on the same review', async () => {
    const departs = { 'fills[0].fill_price': '2500', 'fills[0].executed_value_base': '2316.41' };
    const versions = { 'fills[0].version': '99', 'fills[1].version': '99' };
    const asked = await ada.post(path('confirm'), { ...typed(), ...versions, ...departs });
    expect(asked.body).toContain('Why it departs from the ticket');
    const reason = 'a gap at the opening';
    const owned = await ada.post(path('confirm'), { ...typed(), ...versions, ...departs, 'fills[0].reason': reason });
    expect(owned.body).toContain(`owned: ${reason}`);
    const file = JSON.stringify({ fills: fillsOf(ticket.material) });
    const [byForm, pasted] = [
      await ada.post(path('confirm'), { ...typed(), ...versions }),
      await ada.post(path('confirm'), { pasted: file, at: AT }),
    ];
    const review = (body: string) => /<ul>[\s\S]*?<form method="post" action="\/main\/tickets/.exec(body)?.[0];
    expect(review(pasted.body)).toContain('SOLD ');
    expect(review(pasted.body)).toBe(review(byForm.body));
    const bad = await ada.post(path('confirm'), { pasted: '{"fills": [', at: AT });
    expect([bad.statusCode, codeIn(bad.body), bad.body.includes('{&quot;fills&quot;: [')]).toEqual([
      400,
      'FILLS_INVALID',
      true,
    ]);
  });

  it('comes as a file too, JSON or CSV: the file to complete is there, and what is no text is told', async () => {
    const csv = await ada.get(path('fills.csv'));
    const printed = await seat.cli(['ticket', 'fills', ticket.ticketId, '--csv']);
    expect([csv.statusCode, csv.body.trimEnd()]).toEqual([200, printed.stdout.trimEnd()]);
    expect(csv.headers).toMatchObject({ 'content-disposition': 'attachment; filename="fills.csv"' });
    // What is refused is no file, but a page to be read.
    const refused = await ada.get(path('fills.csv').replace(ticket.ticketId, randomUUID()));
    expect([refused.statusCode, refused.headers['content-disposition'], refused.headers['content-type']]).toEqual([
      404,
      undefined,
      'text/html; charset=utf-8',
    ]);
    const json = await ada.get(path('fills.json'));
    expect([json.headers['content-type'], json.json()]).toEqual([
      'application/json; charset=utf-8',
      { fills: [expect.objectContaining({ sequence: 1 }), expect.objectContaining({ sequence: 2 })] },
    ]);
    const items = fillsOf(ticket.material).map(writtenFill);
    const [head = ''] = csv.body.split('\n');
    const rows = items.map((item) =>
      head
        .split(',')
        .map((title) => item[title as keyof typeof item] ?? '')
        .join(';'),
    );
    const review = (body: string) => /<ul>[\s\S]*?<form method="post" action="\/main\/tickets/.exec(body)?.[0];
    const pasted = review((await ada.post(path('confirm'), { pasted: JSON.stringify(items), at: AT })).body);
    expect(pasted).toContain('SOLD ');
    const before = await fingerprint(db);
    for (const [name, content] of [
      ['fills.json', JSON.stringify({ fills: items })],
      // As a spreadsheet of the continent saves it.
      ['fills.csv', `\uFEFF${[head.replaceAll(',', ';'), ...rows].join('\r\n')}\r\n`],
    ] as const) {
      const shown = await sendFiles(
        ada,
        path('confirm'),
        { pasted: 'not this', at: AT },
        { pasted: { name, content } },
      );
      expect([shown.statusCode, review(shown.body)], shown.body).toEqual([200, pasted]);
      expect(fieldsOf(shown.body)['pasted']?.trimStart()).toBe(content.replace('\uFEFF', '').trimStart());
      expect(shown.body).toContain('class="asks review" autocomplete="off" enctype="multipart/form-data"');
      const back = await sendFiles(ada, path('confirm'), { ...fieldsOf(shown.body), step: 'form' }, {});
      expect([back.statusCode, back.body.includes('SP500')]).toEqual([200, true]);
    }
    const versions = { 'fills[0].version': '99', 'fills[1].version': '99' };
    const none = await sendFiles(ada, path('confirm'), { ...typed(), ...versions }, { pasted: null });
    expect(review(none.body)).toBe(pasted);
    for (const [content, told] of [
      [
        new Uint8Array([0x50, 0x4b, 0xff, 0xfe]),
        'Or paste the fills file, JSON or CSV: fills.xlsx: must be text in UTF-8, and some',
      ],
      ['sequence,units\n1,2\n', 'is missing as a column'],
      ['x'.repeat(200_000), 'must be'],
    ] as const) {
      const refused = await sendFiles(ada, path('confirm'), typed(), { pasted: { name: 'fills.xlsx', content } });
      expect([refused.statusCode, codeIn(refused.body)], refused.body).toEqual([400, 'FILLS_INVALID']);
      expect(refused.body).toContain(told);
      expect(refused.body).toContain(`value="${typedFills(ticket)['fills[0].units']}"`);
    }
    const large = { name: 'fills.csv', content: 'x'.repeat(262_144) };
    expect((await sendFiles(ada, path('confirm'), typed(), { pasted: large })).statusCode).toBe(413);
    expect(await fingerprint(db)).toEqual(before);
  });

  it('that says nothing is told all that is missing, by the names and in the order of the form', async () => {
    const empty = Object.fromEntries(Object.keys(typedFills(ticket)).map((name) => [name, '']));
    const refused = await ada.post(path('confirm'), {
      ...empty,
      at: AT,
      'fills[0].version': '99',
      'fills[1].version': '99',
    });
    expect([refused.statusCode, codeIn(refused.body)]).toEqual([400, 'FILLS_INVALID']);
    const told = [...refused.body.matchAll(/<p><a href="#f-fills_(\d)_[^"]*">([^<]*)<\/a><\/p>/g)].map(
      ([, , text]) => text,
    );
    const choices = [...refused.body.matchAll(/<option value="([A-Z]+)"/g)].slice(0, 4).map(([, value]) => value);
    expect(choices).toEqual(['DONE', 'PARTIAL', 'SKIPPED', 'FAILED']);
    const beside = ['units', 'price, USD a share', 'value, what cash went', 'time in the UK'];
    expect(told).toEqual([
      ...[1, 2].map((line) =>
        expect.stringMatching(
          new RegExp(`^Line ${line}, what became of it: .*must be ${choices.map((each) => `${each}\\b.*`).join('')}$`),
        ),
      ),
      ...[1, 2].flatMap((line) =>
        beside.map((field) =>
          expect.stringMatching(
            new RegExp(
              `^Line ${line}, ${field}.* is missing: must be given unless what became of it is SKIPPED or FAILED$`,
            ),
          ),
        ),
      ),
    ]);
  });

  it('of a DONE answer is told by the command line with the same code', async () => {
    const file = join(installation.dataDir, 'bad.json');
    writeFileSync(file, JSON.stringify({ fills: fillsOf(ticket.material).map((fill) => ({ ...fill, units: '-1' })) }));
    const answer = await seat.cli(['--json', 'confirm-fills', '--operator', 'ada', '--at', AT, '--file', file]);
    expect([answer.code, answer.stderr + answer.stdout]).toEqual([64, expect.stringContaining('FILLS_INVALID')]);
  });

  it('sent twenty times at once by form, command line and signal is one confirmation', async () => {
    const file = join(installation.dataDir, 'fills.json');
    writeFileSync(file, JSON.stringify({ fills: fillsOf(ticket.material) }));
    const command = confirmCommand(ticket.ticketId, ticket.material, { operator: 'ada' });
    const commit = { ...typed(), 'fills[0].version': '99', 'fills[1].version': '99', step: 'commit' };
    // A busy machine's Temporal may not answer in time: the page has a button to send it again.
    const send = async (who: Seated) => {
      let sent = await who.post(path('confirm'), commit);
      for (let again = 0; again < 9 && sent.body.includes('TEMPORAL_DOWN'); again++)
        sent = await who.post(path('confirm'), commit);
      return sent;
    };
    const [forms, lines] = await Promise.all([
      Promise.all(Array.from({ length: 16 }, (_, n) => send(n % 2 ? ada : bo))),
      Promise.all(
        [1, 2].map(() => seat.cliApart(['--json', 'confirm-fills', '--operator', 'ada', '--at', AT, '--file', file])),
      ),
      seat.signal(MONDAY, 'confirm', command),
      seat.signal(MONDAY, 'confirm', command),
    ]);
    const page = `/main/tickets/${ticket.ticketId}`;
    expect(
      new Set(
        forms.map(
          ({ statusCode, headers, body }) => `${statusCode} ${String(headers.location ?? codeIn(body) ?? body)}`,
        ),
      ),
    ).toEqual(new Set([`303 ${page}`]));
    const ids = lines.map(({ stdout }) => (JSON.parse(stdout) as { confirmationId: string }).confirmationId);
    expect(await db('confirmations').pluck('confirmation_id')).toEqual([ids[0]]);
    expect(ids[1]).toBe(ids[0]);
    expect(await db('journal_entries').where({ kind: 'FILL' }).pluck('entry_id')).toHaveLength(2);
    const booked = (await ada.get(page)).body;
    expect(booked).toContain('BOOKED');
    // Nobody is told to trade any more.
    expect(booked).not.toContain('then confirm what happened');
    expect(booked).not.toContain('Write down while you trade');
  });

  it('with other fills is told beside the first one, and amended on a page of its own, with a reason', async () => {
    const before = await fingerprint(db);
    const other = { ...typed('0.001'), step: 'commit' };
    const second = await bo.post(path('confirm'), other);
    expect([second.statusCode, codeIn(second.body)]).toEqual([409, 'ALREADY_CONFIRMED_DIFFERENTLY']);
    const price = other[`fills[0].fill_price` as keyof typeof other];
    expect(second.body).toContain(', and what you typed');
    expect(second.body.match(new RegExp(String(price).replace('.', '\\.'), 'g'))?.length).toBeGreaterThan(1);
    expect((await bo.get(path('confirm'))).body).toContain('It has its answer');
    const amending = await bo.get(`${path('confirm')}?amend=1`);
    expect(amending.body).toContain('Taken back: what ');
    expect(amending.body).toContain('name="amend" value="1"');
    const without = await bo.post(path('confirm'), { ...other, amend: '1', reason: '', step: 'check' });
    expect([without.statusCode, codeIn(without.body)]).toEqual([400, 'AMENDMENT_REASON_INVALID']);
    expect((await bo.post(path('confirm'), { ...other, amend: '1', reason: '' })).statusCode).toBe(400);
    expect(await fingerprint(db)).toEqual(before);
    const amend = { ...other, amend: '1', reason: 'read off the wrong row' };
    expect((await bo.post(path('confirm'), { ...amend, step: 'check' })).body).toContain('Sign and book');
    expect((await bo.post(path('confirm'), amend)).statusCode).toBe(303);
    const [record] = (await db('audit_log').where({ action: 'fills.amended' }).select('detail')) as {
      detail: object;
    }[];
    expect(record?.detail).toMatchObject({ reason: 'read off the wrong row', door: 'desk' });
    expect(await db('journal_entries').where({ kind: 'REVERSAL' }).pluck('entry_id')).toHaveLength(2);
  });

  it('amended by two who both read it is amended by the first; the second sees both, and amends that', async () => {
    const fields = async (who: Seated) => fieldsOf((await who.get(`${path('confirm')}?amend=1`)).body);
    const [adas, bos] = [await fields(ada), await fields(bo)];
    const amending = (own: Record<string, string>, slip: string) => ({
      ...typed(slip),
      amend: '1',
      amends: own['amends'] ?? '',
      reason: 'two rows were swapped',
    });
    const review = await bo.post(path('confirm'), amending(bos, '0.0002'));
    expect(review.body).toContain('Sign and book');
    expect((await ada.post(path('confirm'), { ...amending(adas, '0.0004'), step: 'commit' })).statusCode).toBe(303);
    const before = await fingerprint(db);
    for (const sent of [
      { ...fieldsOf(review.body), step: 'commit' },
      amending(bos, '0.0002'),
      { ...amending(bos, '0.0002'), step: 'commit' },
    ]) {
      const told = await bo.post(path('confirm'), sent);
      expect([told.statusCode, codeIn(told.body)], told.body).toEqual([409, 'ALREADY_CONFIRMED_DIFFERENTLY']);
      expect(told.body).toContain('ada amended it at ');
      expect(told.body).toContain('What ada reported, and what you typed');
      for (const slip of ['0.0002', '0.0004']) {
        const price = typed(slip)['fills[0].fill_price' as keyof ReturnType<typeof typed>];
        expect(told.body, slip).toContain(String(price));
      }
      expect(told.body).toContain('value="two rows were swapped"');
      // Having seen it, they may amend that.
      expect(fieldsOf(told.body)['amends']).not.toBe(bos['amends']);
    }
    // Nothing was booked, and no alert was raised of two honest people.
    expect(await fingerprint(db)).toEqual(before);
    const seen = fieldsOf((await bo.post(path('confirm'), amending(bos, '0.0002'))).body);
    expect((await bo.post(path('confirm'), { ...amending(seen, '0.0002'), step: 'commit' })).statusCode).toBe(303);
  });

  it('that is good is booked alike by the form and by the command, with as many rows, and is one by both', async () => {
    const tables = ['confirmations', 'fills', 'journal_entries', 'postings', 'signatures', 'audit_log', 'alerts'];
    // The worker says of an alert that it was delivered when it was, which is nobody's answer here.
    const count = async (table: string) => {
      const those = table === 'audit_log' ? ` where subject <> 'alert_events'` : '';
      const { rows } = await db.raw<{ rows: { n: number }[] }>(`select count(*)::int as n from ${table}${those}`);
      return rows[0]?.n ?? 0;
    };
    const counts = async () => Promise.all(tables.map(count));
    const reason = 'read off again';
    const failed = OTHERS['a FAILED line'] ?? [];
    const byForm = async (fills: ReturnType<typeof changed>) => {
      const fields = fills.flatMap((fill, index) =>
        Object.entries({ ...fill, version: '0' }).map(([name, value]) => [
          `fills[${index}].${name}`,
          String(value ?? ''),
        ]),
      );
      const sent = { ...(Object.fromEntries(fields) as object), at: AT, amend: '1', reason, step: 'commit' };
      const page = await ada.post(path('confirm'), sent);
      expect([page.statusCode, page.headers.location], page.body).toEqual([303, `/main/tickets/${ticket.ticketId}`]);
    };
    const byFile = async (fills: ReturnType<typeof changed>) => {
      const cli = await byCommand(fills, '--amend', '--reason', reason);
      expect([cli.code, JSON.parse(cli.stdout)], cli.stderr).toMatchObject([0, { status: 'BOOKED' }]);
    };
    const newest = async () => (await db('confirmations').orderBy('seq', 'desc').first('confirmation_id')) as object;
    const added: number[][] = [];
    for (const [fills, [one, other]] of [
      [changed(failed), [byForm, byFile]],
      [changed([]), [byFile, byForm]],
      [changed(failed, '0.0003'), [byFile, byForm]],
      [changed([], '0.0003'), [byForm, byFile]],
    ] as const) {
      const before = await counts();
      await one(fills);
      const after = await counts();
      const booked = await newest();
      // Through the other door the same is the same answer.
      await other(fills);
      expect([await newest(), await counts()]).toEqual([booked, after]);
      added.push(after.map((rows, index) => rows - (before[index] ?? 0)));
    }
    expect(added.map(([confirmations]) => confirmations)).toEqual([1, 1, 1, 1]);
    expect([added[2], added[3]]).toEqual([added[0], added[1]]);
  });

  it('amended while no worker is up is told on every page, to whoever looks by another desk too', async () => {
    await seat.viewWhen(MONDAY, ({ state }) => state === 'closed');
    await worker.stop();
    const { settings, dataDir } = installation;
    const mails = [1, 2].map(() => openMail(settings, { dataDir, taskQueue: settings.taskQueue, isLocal: true }));
    const [one, other] = await Promise.all(
      mails.map((mail, index) => sitDown({ ...place, mail }, { operator: ['ada', 'bo'][index] ?? '' })),
    );
    const own = `/main/tickets/${ticket.ticketId}`;
    const pages = ['/main/today', own, path('confirm'), `${path('confirm')}?amend=1`, path('execute')];
    // That no worker is up is nothing to whoever has nothing to say of it.
    for (const page of pages.slice(0, 2)) expect((await other?.get(page))?.body, page).not.toContain('WORKER_DOWN');
    const booked = await db('confirmations').where({ ticket_id: ticket.ticketId }).pluck('confirmation_id');
    const amend = { ...typed('0.0006'), amend: '1', reason: 'a digit was wrong', step: 'commit' };
    expect((await one?.post(path('confirm'), amend))?.headers.location).toBe(own);
    for (const each of [one, other]) {
      await each?.post('/main/clock', { clock: `${MONDAY} 15:20` });
      for (const page of pages) {
        const body = (await each?.get(page))?.body ?? '';
        expect(body, page).toContain('An amendment by ada, sent ');
        expect(body, page).toContain('Until then the answer stands that was booked before it.');
        expect(body, page).not.toContain('confirm?amend=1"');
      }
      const today = (await each?.get('/main/today'))?.body ?? '';
      expect(today).toContain('<h1>Amended: waits for a worker</h1>');
      expect(today).not.toContain('older answer');
      expect((await each?.get('/main/tickets'))?.body).toContain('amended: waits for a worker');
    }
    expect(await db('confirmations').where({ ticket_id: ticket.ticketId }).pluck('confirmation_id')).toEqual(booked);
    const day = { account: 'main', tradingDay: MONDAY };
    const kept = (await mails[1]?.with(({ client }) => keptMessages(client, day))) ?? [];
    expect(await notBooked(db, kept)).toHaveLength(1);
    worker = await startWorkerHere(installation);
    await seat.viewWhen(MONDAY, ({ confirmation, state }) => {
      return state === 'closed' && confirmation !== null && !booked.includes(confirmation.confirmationId);
    });
    for (const page of pages.slice(0, 2)) expect((await other?.get(page))?.body, page).not.toContain('An amendment by');
    // A worker that ended right after it was booked would leave it at the day; of another it is the second signature.
    expect(await notBooked(db, kept)).toEqual([]);
    expect(await notBooked(db, [{ ...(kept[0] as KeptMessage), operator: 'bo' }])).toHaveLength(1);
    for (const each of [one, other]) await each?.app.close();
    for (const mail of mails) await mail.close();
  });

  it('ends the claim and the draft of its ticket', async () => {
    const claim = await ada.post(path('execute'), { do: 'claim', step: 'commit', at: AT });
    expect([claim.statusCode, codeIn(claim.body)]).toEqual([409, 'EXECUTION_OVER']);
    expect((await ada.get(path('execute'))).body).toContain('It has its answer');
    expect(((await ada.get('/pulse')).json() as { claims: unknown }).claims).toEqual([]);
    const draft = await ada.post(path('draft'), { at: AT, 'fills[0].version': '9', 'fills[0].units': '9' });
    expect([draft.statusCode, draft.json()]).toEqual([409, expect.objectContaining({ code: 'EXECUTION_OVER' })]);
  });
});

describe('a NO_TRADE ticket', { timeout: GROUP_MAX_MS }, () => {
  it('is told beside the one that took its place, and that one is kept while no worker is up', async () => {
    await seat.run('0800', TUESDAY);
    const first = await seat.ticket((await seat.issue(TUESDAY)).ticketId);
    expect(first.kind).toBe('NO_TRADE');
    const at = londonInstant(TUESDAY, '15:00');
    await ada.post('/main/clock', { clock: `${TUESDAY} 15:00` });
    expect((await ada.get('/main/today')).body).toContain('>Acknowledge</a>');
    const review = await ada.post(path('acknowledge', first), { at });
    expect(review.body).toContain('Nothing is recorded yet');
    expect((await ada.get(path('acknowledge', first))).body).toContain('I placed no order');
    await seat.reconcile(TUESDAY, { cash: '1.00', time: '14:30' });
    const second = await seat.ticket((await seat.issue(TUESDAY, { time: '14:40' })).ticketId);
    expect(second.supersedes).toBe(first.ticketId);
    const late = await ada.post(path('acknowledge', first), { at, step: 'commit' });
    expect([late.statusCode, codeIn(late.body)]).toEqual([409, 'TICKET_SUPERSEDED']);
    expect(late.body).toContain(`/main/tickets/${second.ticketId}`);
    expect(late.body).toContain('The one that stands');
    await worker.stop();
    // A worker of this machine is looked for by its process, which says at once that there is none.
    const { settings, dataDir } = installation;
    const mail = openMail(settings, { dataDir, taskQueue: settings.taskQueue, isLocal: true });
    const alone = await sitDown({ ...place, mail }, { operator: 'ada' });
    const kept = await alone.post(path('acknowledge', second), { at, step: 'commit' });
    const own = `/main/tickets/${second.ticketId}`;
    expect(kept.headers.location).toBe(own);
    // Whoever looks is told, also a partner who did not send it: nothing is done twice.
    for (const page of [own, `${own}/acknowledge`, '/main/today']) {
      const { body } = await alone.get(page);
      expect(body).toContain('An answer by ada');
      expect(body).toContain('nothing has to be sent again');
      expect(body).not.toContain(`href="${own}/acknowledge"`);
    }
    expect((await alone.get(own)).body).toContain('id="waits"');
    const waits = (await alone.get('/main/today')).body;
    expect(waits).toContain('<h1>Answered: waits for a worker</h1>');
    expect(waits).toContain('<code id="next">make up</code>');
    expect((await alone.get('/main/tickets')).body).toContain('answered: waits for a worker');
    await alone.app.close();
    await mail.close();
    worker = await startWorkerHere(installation);
    await seat.viewWhen(TUESDAY, ({ confirmation }) => confirmation !== null);
    const { body: done } = await ada.get(own);
    expect(done).toContain('ACKNOWLEDGED');
    expect(done).not.toContain('id="waits"');
    expect(await db('confirmations').where({ ticket_id: second.ticketId })).toHaveLength(1);
  });

  it('waits for a second person where the policy wants two, who needs a key of their own', async () => {
    const policy = join(installation.configDir, 'policy.yml');
    writeFileSync(policy, `${readFileSync(policy, 'utf8')}confirmations: { signatures: 2 }\n`);
    const today = await bo.post('/main/clock', { clock: `${TUESDAY} 15:10` });
    expect(today.statusCode).toBe(303);
    const { body } = await bo.get('/main/today');
    expect(body).toContain('It waits for the signature of another person');
    const way = /href="(\/main\/tickets\/[^"]+\/acknowledge)"/.exec(body)?.[1] ?? '';
    const asked = (await bo.get(way)).body;
    expect(asked).toContain('Make a key of your own first');
    expect(asked).toContain('href="/settings/passkey"');
    expect(asked).not.toContain('I placed no order');
    const second = await bo.post(way, { at: londonInstant(TUESDAY, '15:10'), step: 'commit' });
    expect([second.statusCode, codeIn(second.body)]).toEqual([409, 'OWN_KEY_NEEDED']);
  });
});
