import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import Fastify, { type FastifyInstance } from 'fastify';
import { pino } from 'pino';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openAccount } from '../../src/db/accounts.js';
import { appendAudit } from '../../src/db/audit.js';
import { connect, OF_THE_DESK } from '../../src/db/connect.js';
import { bookEntry } from '../../src/db/journal.js';
import {
  findStatement,
  insertComparison,
  insertStatement,
  insertStatementEvent,
  newestComparison,
  withdrawalOf,
} from '../../src/db/statements.js';
import { inTransaction } from '../../src/db/transaction.js';
import { loadAssets } from '../../src/desk/assets.js';
import { importStatementForm } from '../../src/desk/forms/import-statement.js';
import { routeForms } from '../../src/desk/forms/route.js';
import { cookieName } from '../../src/desk/sessions.js';
import type { Place } from '../../src/desk/place.js';
import { createDesk } from '../../src/desk/server.js';
import { resultOrThrow } from '../../src/domain/errors.js';
import { sha256 } from '../../src/domain/hash.js';
import { comparisonIdentity, statementIdentity } from '../../src/domain/statement/identity.js';
import { orRefused } from '../../src/domain/statement/refusals.js';
import { STATEMENT_BYTES_MAX } from '../../src/domain/text.js';
import { importApart } from '../../src/operations/statement/import-apart.js';
import { pageStatements } from '../../src/operations/statement/page-statements.js';
import { anyPort } from '../../src/runtime/processes/ports.js';
import { cliHere } from '../support/cli-here.js';
import { fieldsOf, placeOf, SENDS, sitDown, unescapedHtml, type Seated } from '../support/desk.js';
import { sendFiles } from '../support/multipart.js';
import { createInstallation, type Installation } from '../support/stack.js';
import { JANUARY, januaryBooked, opened, statementOf, UNIVERSE, type Happening } from '../support/statement.js';
import { partsOf, withPart, workbookOf, zipOf } from '../support/workbook.js';
import { policy, writeConfiguration } from './ledger.fixture.js';

/*
 * The broker's statement at the desk: the same of every file as at a terminal, in a thread that keeps nobody waiting,
 * and bounded in what it takes.
 */
const AT = '2026-02-02T08:00:00.000Z';
const ACCOUNTS = ['desk', 'cli', 'many', 'apart', 'names', 'away'];
const FORM = '/desk/statements/import';

let installation: Installation;
let db: Knex;
let place: Place;
let seated: Seated;
let folder: string;

beforeAll(async () => {
  installation = await createInstallation({ temporal: false });
  const of = { base_currency: 'USD', clock: 'simulated' } as const;
  const accounts = Object.fromEntries(ACCOUNTS.map((account) => [account, of]));
  writeConfiguration(installation.configDir, { ...policy, accounts } as never, UNIVERSE);
  db = connect(installation.settings.databaseUrl ?? '', 6, OF_THE_DESK);
  for (const account of ACCOUNTS) {
    await openAccount(db, { account, baseCurrency: 'USD', clock: 'simulated' }, 'ann', '2026-01-01T00:00:00.000Z');
    for (const [index, draft] of januaryBooked('USD').entries())
      await inTransaction(db, (trx) =>
        bookEntry(trx, draft as never, {
          account,
          bookedAt: AT,
          operator: 'ann',
          idempotencyKey: `${account}-${index}`,
        }),
      );
  }
  place = placeOf(installation, db);
  seated = await sitDown(place, { operator: 'ann' });
  folder = mkdtempSync(path.join(tmpdir(), 'desk-statement-'));
}, 120_000);
afterAll(async () => {
  await seated.app.close();
  await place.mail.close();
  await db.destroy();
  await installation.cleanup();
  rmSync(folder, { recursive: true });
});

/** A user is one account's: the other accounts have files of users of their own. */
const fileOf = (happenings: readonly Happening[] = JANUARY, user = 'desk') =>
  workbookOf(statementOf(happenings, { user }));
/** What these accounts hold counts no more, so that another may have a file of the same user. */
async function withdrawAll(...accounts: string[]): Promise<void> {
  const event = { event: 'WITHDRAWN', reason: 'of another account', operator: 'ann', at: AT } as const;
  for (const id of await db('statements').whereIn('account', accounts).pluck('statement_id'))
    if ((await withdrawalOf(db, id)) === null) await insertStatementEvent(db, id, event);
}
const send = (body: Buffer, { name = 'statement.xlsx', at = FORM, who = seated, fields = {} } = {}) =>
  sendFiles(who, at, { step: 'commit', at: AT, ...fields }, { file: { name, content: new Uint8Array(body) } });
const countOf = async (account: string) =>
  Number((await db('statements').where({ account }).count({ count: '*' }))[0]?.['count']);

/** What is stored of an account's newest statement, as numbers. */
async function storedOf(account: string) {
  const found = await db('statements').where({ account }).orderBy('seq', 'desc').first();
  if (!found) return null;
  const [stored, compared] = [
    await findStatement(db, found.statement_id),
    await newestComparison(db, found.statement_id),
  ];
  return {
    rows: stored?.statement.events.length,
    lines: compared?.comparison.lines.length,
    differences: compared?.comparison.lines.filter(({ difference }) => difference !== null).length,
    status: compared?.comparison.status,
  };
}

const SHARED = path.resolve(import.meta.dirname, '../../../shared/data/etoro-statement');
const shared = existsSync(SHARED)
  ? readdirSync(SHARED)
      .filter((name) => name.endsWith('.xlsx'))
      .map((name): [string, () => Buffer] => [name, () => readFileSync(path.join(SHARED, name))])
  : [];
const lying = () =>
  zipOf([
    ...partsOf(statementOf([])),
    { name: 'xl/theme/theme1.xml', body: Buffer.alloc(30 * 1024 * 1024, ' '), says: 1000 },
  ]);

/** January with something else in its activity. */
const fileOfPart = (from: string, to: string) =>
  zipOf(
    withPart(partsOf(statementOf(JANUARY)), 'xl/worksheets/sheet3.xml', (text) => {
      if (!text.includes(from)) throw new Error(`the activity has no ${from}`);
      return text.replace(from, to);
    }),
  );

describe('a statement by both doors', () => {
  it.each<[string, () => Buffer]>([
    ...shared,
    ['one that agrees', () => fileOf()],
    ['no workbook', () => Buffer.from('no workbook')],
    ['nothing at all', () => Buffer.alloc(0)],
    ['an instrument that is not known', () => fileOf([opened('05/01/2026 14:00:00', 'ZZZ', '1', '1', 1)])],
    ['a type that is not known', () => fileOf([{ at: '05/01/2026 14:05:00', type: 'Airdrop', amount: 1 }])],
    ['a bomb that lies about itself', lying],
    ['a number that no money can be', () => fileOfPart('<x:v>0.9</x:v>', '<x:v>1e400</x:v>')],
    ['a text that no row can be stored with', () => workbookOf({ ...statementOf(JANUARY), Dividends: [['_x0000_']] })],
    ['a formula', () => fileOfPart('<x:v>', '<x:f>1</x:f><x:v>')],
  ])('%s has the same code and the same rows', async (name, make) => {
    const body = make();
    const file = path.join(folder, `${sha256(name).slice(0, 12)}.xlsx`);
    writeFileSync(file, body);
    const before = [await countOf('desk'), await countOf('cli')];
    const sent = await send(body, { name: path.basename(file) });
    await withdrawAll('desk');
    const words = ['statement', 'import', file, '--account', 'cli', '--at', AT];
    const typed = await cliHere(installation, words, { env: { TRADING_OPS_OPERATOR: 'ann' } });
    await withdrawAll('cli');
    if (sent.statusCode === 303) {
      const page = await seated.get(String(sent.headers['location']));
      const [code] = /STATEMENT_(?:AGREES|DIFFERS)/.exec(typed.stdout) ?? [];
      expect([page.statusCode, typed.stderr]).toEqual([200, '']);
      expect(page.body).toContain(`<strong>${code}</strong>`);
      expect(await storedOf('desk')).toEqual(await storedOf('cli'));
    } else {
      expect([typed.code, sent.statusCode]).toEqual([64, 400]);
      const [said = '', ...more] = typed.stderr.split('\n');
      const [code = '', ...message] = said.split(': ');
      expect(sent.body).toContain(`<strong>${code}</strong>`);
      // The file is called as the form calls it.
      expect(unescapedHtml(sent.body)).toContain(
        message.join(': ').replace(/^file(?=: )/, 'The statement, as eToro gave it'),
      );
      expect([said, more]).toEqual([expect.stringMatching(/^STATEMENT_[A-Z_]+: /), more]);
      expect([await countOf('desk'), await countOf('cli')]).toEqual(before);
    }
  });

  it('the same file again is said to be known, and nothing more is stored', async () => {
    const counts = await countOf('desk');
    await withdrawAll('cli');
    await send(fileOf());
    const again = await send(fileOf());
    expect(again.headers['location']).toMatch(/^\/desk\/statements\/[0-9a-f-]{36}\?known=yes$/);
    const page = await seated.get(String(again.headers['location']));
    expect(page.body).toContain('This file is known');
    expect(page.body).toContain('ann imported it at');
    expect(await countOf('desk')).toBeLessThanOrEqual(counts + 1);
  });

  it('is read by a file alone, by a form of the session, and by who may do more than read', async () => {
    const counts = await countOf('desk');
    const none = await sendFiles(seated, FORM, { step: 'commit', at: AT }, { file: null });
    expect(none.statusCode).toBe(400);
    expect(unescapedHtml(none.body)).toContain('STATEMENT_UNREADABLE');
    const typed = await seated.post(FORM, { step: 'commit', at: AT, file: 'PK' });
    expect([typed.statusCode, typed.body.includes('The statement, as eToro gave it: must be chosen')]).toEqual([
      400,
      true,
    ]);
    expect((await send(fileOf(), { fields: { token: 'f'.repeat(64) } })).statusCode).toBe(403);
    const stranger = await send(fileOf(), { who: { ...seated, cookie: `${cookieName(place)}=x` } });
    expect([stranger.statusCode, stranger.body.includes('SESSION_OVER')]).toEqual([401, true]);

    const reader = await sitDown(place, { operator: 'ann', readOnly: true });
    expect((await send(fileOf(), { who: reader })).statusCode).toBe(403);
    const [list, form] = [await reader.get('/desk/statements'), await reader.get(FORM)];
    expect(list.body).toContain('STATEMENT_AGREES');
    expect(list.body).not.toContain('/statements/import');
    expect([form.body.includes('READS_ONLY'), form.body.includes('type="file"')]).toEqual([true, false]);
    await reader.app.close();
    expect(await countOf('desk')).toBe(counts);
  });

  it('keeps of a name what it ends in, in plain letters', async () => {
    const sent = await send(fileOf(JANUARY, 'names'), {
      at: '/names/statements/import',
      name: '../../etc/jan\u202Exslx.exe',
    });
    const page = await seated.get(String(sent.headers['location']));
    expect(page.body).toContain('<code>jan\\u202exslx.exe</code>');
  });
});

describe('a statement that should not have been imported', () => {
  it('is withdrawn by a form, a review and a signature; list, page and form say so from then on', async () => {
    await withdrawAll('cli', 'desk');
    const sent = await send(fileOf());
    const at = String(sent.headers['location']).split('?')[0] ?? '';
    const form = `${at}/withdraw`;
    expect((await seated.get(at)).body).toContain(`href="${form}"`);
    const shown = await seated.get(form);
    expect([shown.statusCode, shown.body.includes('2026-01-01 to 2026-01-31')]).toEqual([200, true]);
    expect(shown.body).toContain(
      'What was booked by its word stays booked: where that should not stand, reverse it yourself',
    );
    const empty = await seated.post(form, { reason: ' ', at: AT });
    expect([empty.statusCode, unescapedHtml(empty.body).includes('Why it should not count: ')]).toEqual([400, true]);
    const review = await seated.post(form, { reason: 'of <another> account', at: AT });
    expect(review.body).toContain('Sign and withdraw');
    const asked = { ...fieldsOf(review.body), step: 'commit' };
    const [one, two] = await Promise.all([seated.post(form, asked), seated.post(form, asked)]);
    expect([one.headers['location'], two.headers['location']]).toEqual([at, at]);
    const statementId = at.split('/').at(-1) ?? '';
    const events = await db('statement_events').where({ statement_id: statementId, reason: 'of <another> account' });
    expect(events).toHaveLength(1);
    expect(await db('signatures').where({ fact: 'statement_events', purpose: 'statement-withdrawal' })).toHaveLength(1);
    const page = await seated.get(at);
    expect(page.body).toContain('of &lt;another&gt; account. It counts no more');
    expect([page.body.includes('WITHDRAWN'), page.body.includes('/withdraw"')]).toEqual([true, false]);
    expect((await seated.get('/desk/statements')).body).toContain('withdrawn by ann');
    const over = await seated.get(form);
    expect([over.body.includes('WITHDRAWN'), over.body.includes('name="reason"')]).toEqual([true, false]);
    expect((await seated.get('/desk/statements/ffffffff-0000-4000-8000-000000000000/withdraw')).statusCode).toBe(404);
    expect((await seated.get('/cli/statements/x/withdraw')).statusCode).toBe(404);
  });

  it('of another account is refused at the form by that account’s name', async () => {
    await send(fileOf());
    const sent = await send(fileOf(), { at: '/names/statements/import' });
    expect([sent.statusCode, sent.body.includes('STATEMENT_OF_OTHER_ACCOUNT')]).toEqual([409, true]);
    expect(unescapedHtml(sent.body)).toContain('statements account desk holds');
    // No option of the command is called as the form calls its fields.
    expect(sent.body).toMatch(/<a href="\/desk\/statements\/[0-9a-f-]{36}\/withdraw">withdraw that statement<\/a>/);
  });

  it('is not sent beside another in one form: nothing of either is read', async () => {
    const counts = await countOf('desk');
    const form = new FormData();
    for (const [name, value] of Object.entries({ token: seated.token, step: 'commit', at: AT }))
      form.append(name, value);
    for (const name of ['one.xlsx', 'two.xlsx']) form.append('file', new Blob([new Uint8Array(fileOf([]))]), name);
    const encoded = new Response(form);
    const sent = await seated.app.inject({
      method: 'POST',
      url: FORM,
      headers: { ...SENDS, cookie: seated.cookie, 'content-type': encoded.headers.get('content-type') ?? '' },
      payload: Buffer.from(await encoded.arrayBuffer()),
    });
    expect([sent.statusCode, sent.body.includes('file: must be one file')]).toEqual([400, true]);
    expect(await countOf('desk')).toBe(counts);
  });
});

describe('Postgres goes away while a statement is imported', () => {
  const words = (file: string) => ['statement', 'import', file, '--account', 'away', '--at', AT];
  const keptOf = (account: string) => {
    const root = path.join(installation.settings.dataDir, 'data/market/etoro');
    if (!existsSync(root)) return [];
    return readdirSync(root, { recursive: true }).flatMap((name) =>
      String(name).endsWith('.jsonl')
        ? readFileSync(path.join(root, String(name)), 'utf8')
            .split('\n')
            .filter((line) => line.includes(`"${account}"`))
        : [String(name)].filter((each) => path.basename(each).startsWith(account)),
    );
  };
  /** Cuts the connection of an import that has written its rows and waits for the audit log, as a restart does. */
  async function cutWhile<T>(asking: () => Promise<T>): Promise<T> {
    const held = await db.transaction();
    await appendAudit(held, { at: AT, account: 'many', actor: 'ann', action: 'x', subject: 'x', detail: {} });
    const asked = asking();
    const cut = () =>
      db.raw(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock' and query like 'insert into "audit_log"%'`,
      );
    await vi.waitFor(async () => expect((await cut()).rowCount).toBe(1), { timeout: 20_000 });
    await held.rollback();
    return asked;
  }

  it('leaves nothing half written by either door, says what is away, and is imported when it is back', async () => {
    const file = path.join(folder, 'away.xlsx');
    writeFileSync(file, fileOf(JANUARY, 'away'));
    const env = { TRADING_OPS_OPERATOR: 'ann' };
    const typed = await cutWhile(() => cliHere(installation, words(file), { env }));
    expect([typed.code, typed.stderr.split('\n')[0]]).toEqual([69, expect.stringMatching(/^POSTGRES_DOWN: /)]);
    const sent = await cutWhile(() => send(fileOf(JANUARY, 'away'), { at: '/away/statements/import' }));
    expect([sent.statusCode, sent.body.includes('POSTGRES_DOWN')]).toEqual([503, true]);
    expect([await countOf('away'), keptOf('away')]).toEqual([0, []]);
    const never = { ...env, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
    expect(await cliHere(installation, words(file), { env: never })).toMatchObject({ code: 69 });
    expect(await cliHere(installation, words(file), { env })).toMatchObject({ code: 0, stderr: '' });
    expect([await countOf('away'), keptOf('away').length]).toEqual([1, 2]);
  });
});

describe('what nobody foresaw while a statement was read', () => {
  it('is a refusal at the form, and where it arose stands in the desk’s log', async () => {
    const lines: string[] = [];
    const logger = pino({ base: null }, { write: (line: string) => void lines.push(line) });
    const app = Fastify();
    await app.register(cookie);
    await app.register(formbody);
    const form = {
      ...importStatementForm,
      path: '/:account/statements/unforeseen',
      commit: () => orRefused<string>(() => Promise.reject(new RangeError('Account 77'))),
    };
    const { file: _, ...ofFields } = form;
    routeForms(app, place, loadAssets(), { forms: [ofFields], isPage: () => false, logger });
    const answer = await app.inject({
      method: 'POST',
      url: '/desk/statements/unforeseen',
      headers: { ...SENDS, cookie: seated.cookie },
      payload: new URLSearchParams({ token: seated.token, step: 'commit', at: AT }).toString(),
    });
    await app.close();
    expect([answer.statusCode, answer.body.includes('STATEMENT_UNFORESEEN')]).toEqual([400, true]);
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { level: 50, code: 'STATEMENT_UNFORESEEN', trace: expect.stringMatching(/^RangeError\n\s+at /) as string },
    ]);
    expect(lines.join()).not.toContain('Account 77');
  });
});

describe('what an import may take', () => {
  const asker = { operator: 'ann', door: 'desk', claimedAt: AT } as const;
  /** Rows of a second's width, which the ledger has not. */
  const large = (rows: number) =>
    fileOf(
      [
        ...JANUARY.slice(0, 1),
        ...Array.from({ length: rows }, (_, at) => {
          const two = (value: number) => String(value).padStart(2, '0');
          const time = `${two(10 + Math.floor(at / 3600))}:${two(Math.floor(at / 60) % 60)}:${two(at % 60)}`;
          return { at: `06/01/2026 ${time}`, type: 'Interest Payment', amount: 0.01 };
        }),
      ],
      'apart',
    );

  it('ends where it takes too long or too much memory, stores nothing, and leaves the desk as it was', async () => {
    const asked = { account: 'apart', fileName: 'large.xlsx', body: new Uint8Array(large(3_000)) };
    for (const [limits, said] of [
      [{ ms: 50, mb: 512 }, '0.05 seconds'],
      [{ ms: 60_000, mb: 12 }, '12 MB of memory'],
    ] as const)
      await expect(importApart(place, asker, asked, limits)).rejects.toMatchObject({
        kind: 'refused',
        code: 'STATEMENT_UNFINISHED',
        message: expect.stringContaining(said) as string,
      });
    expect(await countOf('apart')).toBe(0);
    expect((await seated.get('/apart/statements')).body).toContain('No statement was imported yet.');
  });

  it('keeps no page waiting: the pulse is answered while five thousand rows are read', async () => {
    const { listening, url, headers } = await listens();
    const form = new FormData();
    for (const [name, value] of Object.entries({ token: seated.token, step: 'commit', at: AT }))
      form.append(name, value);
    form.append('file', new Blob([new Uint8Array(large(5_000))]), 'large.xlsx');
    const importing = { isOver: false };
    const sent = fetch(`${url}/apart/statements/import`, {
      method: 'POST',
      headers,
      body: form,
      redirect: 'manual',
    }).then((answer) => {
      importing.isOver = true;
      return answer;
    });
    let answered = 0;
    while (!importing.isOver) {
      expect((await fetch(`${url}/pulse`, { headers })).status).toBe(200);
      answered += 1;
    }
    expect((await sent).status).toBe(303);
    // Read in the thread that answers, only the few between its steps would be.
    expect(answered).toBeGreaterThan(8);
    await listening.close();
    const page = await seated.get(String((await sent).headers.get('location')));
    expect(page.body).toContain('1 to 50 of');
    expect(page.body.length).toBeLessThan(300_000);
  });

  it('larger than a statement may be it is answered by a page, whether its size is said or not', async () => {
    const { listening, url, headers, port } = await listens();
    for (const bytes of [STATEMENT_BYTES_MAX + 1, 3 * STATEMENT_BYTES_MAX]) {
      const form = new FormData();
      form.append('token', seated.token);
      form.append('file', new Blob([new Uint8Array(bytes)]), 'large.xlsx');
      const answer = await fetch(`${url}${FORM}`, { method: 'POST', headers, body: form });
      const page = await answer.text();
      expect([bytes, answer.status, page.includes('<h1')]).toEqual([bytes, 413, true]);
      expect(page).toContain('STATEMENT_TOO_LARGE');
      expect(page).toContain(`file: must be at most ${STATEMENT_BYTES_MAX} bytes`);
    }
    const status = await new Promise<number>((resolve, reject) => {
      const type = { 'content-type': 'multipart/form-data; boundary=x' };
      const sending = request({
        port,
        host: '127.0.0.1',
        method: 'POST',
        path: FORM,
        headers: { ...headers, ...type, host: `localhost:${port}` },
      });
      sending.on('response', ({ statusCode = 0 }) => resolve(statusCode)).on('error', reject);
      for (let sent = 0; sent < 192; sent++) sending.write(Buffer.alloc(64 * 1024, 'x'));
      sending.end();
    });
    expect(status).toBe(413);
    await listening.close();
  });

  it('four are sent at once and no fifth; who breaks off leaves their place', async () => {
    const { listening, headers, port } = await listens();
    const own = { ...headers, host: `localhost:${port}`, 'content-type': 'multipart/form-data; boundary=x' };
    const begin = (length: number) =>
      request({ port, host: '127.0.0.1', method: 'POST', path: FORM, headers: { ...own, 'content-length': length } });
    const slow = Array.from({ length: 4 }, () => begin(1_000).on('error', () => undefined));
    for (const each of slow) each.write('--x');
    const asked = () =>
      new Promise<number>((resolve, reject) => {
        const sending = begin(4)
          .on('response', (answer) => resolve(answer.resume().statusCode ?? 0))
          .on('error', reject);
        sending.end('--x\n');
      });
    await expect.poll(asked).toBe(429);
    for (const each of slow) each.destroy();
    // Taken, and no form.
    await expect.poll(asked).toBe(400);
    await listening.close();
  });
});

/** A desk that listens, with what a browser of the session sends. */
async function listens(): Promise<{
  listening: FastifyInstance;
  url: string;
  port: number;
  headers: Record<string, string>;
}> {
  const port = await anyPort();
  const listening = await createDesk({ ...place, port });
  await listening.listen({ port, host: '127.0.0.1' });
  const url = `http://localhost:${port}`;
  return { listening, url, port, headers: { cookie: seated.cookie, origin: url } };
}

describe('the statements of an account', () => {
  it('are listed newest first, twenty a page', async () => {
    const outcome = await importApart(
      place,
      { operator: 'ann', door: 'desk', claimedAt: AT },
      { account: 'many', fileName: 'first.xlsx', body: new Uint8Array(fileOf(JANUARY, 'many')) },
    );
    const { statementId } = resultOrThrow(outcome);
    const [stored, compared] = [await findStatement(db, statementId), await newestComparison(db, statementId)];
    if (!stored || !compared) throw new Error('the first one is not there');
    for (let index = 1; index <= 20; index++) {
      const hash = sha256(`file ${index}`);
      const id = statementIdentity('many', hash);
      await inTransaction(db, async (trx) => {
        await insertStatement(trx, { ...stored, statementId: id, sha256: hash, fileName: `${index}.xlsx` });
        await insertComparison(trx, {
          ...compared,
          statementId: id,
          comparisonId: comparisonIdentity(id, { hash, before: null }),
        });
      });
    }
    const first = resultOrThrow(await pageStatements(db, { account: 'many' }));
    expect(first.statements.map(({ fileName }) => fileName)).toEqual(
      Array.from({ length: 20 }, (_, index) => `${20 - index}.xlsx`),
    );
    const rest = resultOrThrow(await pageStatements(db, { account: 'many', before: first.older }));
    expect([rest.statements.map(({ fileName }) => fileName), rest.older]).toEqual([['first.xlsx'], null]);
    const page = await seated.get('/many/statements');
    expect(page.body).toContain(`/many/statements?before=${first.older}`);
    expect((await seated.get(`/many/statements?before=${first.older}`)).body).toContain('first.xlsx');
    expect((await seated.get('/many/statements?before=7')).statusCode).toBe(400);
    expect((await seated.get(`/desk/statements/${statementId}`)).statusCode).toBe(404);
  });
});
