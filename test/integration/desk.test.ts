import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Knex } from 'knex';
import { parse } from 'csv-parse/sync';
import { PERFORMANCE_TABLES } from '../../src/contract/performance.js';
import { connect, OF_THE_DESK } from '../../src/db/connect.js';
import { journal, journalAtHand, wholeJournalAtHand } from '../../src/db/journal.js';
import { ask } from '../../src/db/questions.js';
import type { Place } from '../../src/desk/place.js';
import { openMail } from '../../src/desk/mail.js';
import { createDesk } from '../../src/desk/server.js';
import { raiseAlert } from '../../src/operations/alerts/raise.js';
import { pageAudit, type AuditPage } from '../../src/operations/guard/page-audit.js';
import { ALERT_CODES } from '../../src/domain/alerts/codes.js';
import { pageOfAlert } from '../../src/domain/alerts/page.js';
import { makeEntryCode } from '../../src/operations/entry/make-code.js';
import { cliHere } from '../support/cli-here.js';
import { cookieOf, DESK, fieldsOf, LOOKS, placeOf, SENDS, sitDown, type Seated } from '../support/desk.js';
import { driveDay, MONDAY, startSeat, TUESDAY, useDemoPolicy, type TestSeat } from '../support/day.js';
import { sendFiles } from '../support/multipart.js';
import { createInstallation, type Installation } from '../support/stack.js';
import { fingerprint } from '../support/unchanged.js';

/** Texts that do something where they are not escaped, and one that a spreadsheet runs. */
const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  `'><svg/onload=alert(1)>`,
  '</title><script>alert(1)</script>',
  '<%= it.token %>',
  '{{constructor.constructor("alert(1)")()}}',
  'javascript:alert(1)',
  '<iframe srcdoc="<script>alert(1)</script>">',
  '&lt;script&gt;',
  '=HYPERLINK("http://evil.test")',
];

let installation: Installation;
let seat: TestSeat;
let stop: () => Promise<void>;
let db: Knex;
let place: Place;
let seated: Seated;
let tradeId: string;
let noTradeId: string;

/** A day that is closed, with fills, and the next one with a ticket that waits. */
beforeAll(async () => {
  installation = await createInstallation();
  useDemoPolicy(installation);
  ({ seat, stop } = await startSeat(installation));
  const trade = await driveDay(seat, MONDAY);
  tradeId = trade.ticketId;
  await seat.run('0800', TUESDAY);
  await seat.reconcile(TUESDAY);
  noTradeId = (await seat.issue(TUESDAY)).ticketId;
  await seat.viewWhen(TUESDAY, ({ state }) => state === 'ticketed');
  db = connect(installation.settings.databaseUrl ?? '', 4, OF_THE_DESK);
  place = placeOf(installation, db);
  seated = await sitDown(place);
}, 120_000);

afterAll(async () => {
  await seated.app.close();
  await db.destroy();
  await stop();
});

/** A page leads on to itself once somebody is let in; what is no page leads to the first one. */
const waysOn = (page: string): string =>
  page.includes('.csv') ? '/enter' : `/enter?next=${encodeURIComponent(page.split('?', 1)[0] ?? '')}`;

const pages = () => [
  '/main/today',
  '/main/reconcile',
  '/main/tickets',
  '/main/tickets.csv',
  `/main/tickets/${tradeId}`,
  `/main/tickets/${noTradeId.slice(0, 8)}`,
  ...['execute', 'confirm', 'confirm?amend=1', 'acknowledge'].map((form) => `/main/tickets/${tradeId}/${form}`),
  ...['execute', 'confirm', 'acknowledge'].map((form) => `/main/tickets/${noTradeId.slice(0, 8)}/${form}`),
  '/main/ledger',
  '/main/ledger?book=paper',
  '/main/ledger/positions.csv',
  '/main/ledger/journal.csv',
  '/main/ledger/1',
  '/main/performance',
  '/main/performance?range=all',
  ...PERFORMANCE_TABLES.map((table) => `/main/performance/${table}.csv?range=all`),
  '/runs',
  '/runs.csv',
  '/alerts',
  '/alerts.csv',
  '/quality',
  '/quality/AAPL',
  '/quality/AAPL/bars.csv',
  '/backups',
  '/backups.csv',
  '/schedules',
  '/settings',
  '/audit',
  '/audit/1',
  '/audit.csv',
];

describe('whoever was let in', () => {
  it('reads every page; nobody else does, whatever cookie they show', async () => {
    const [{ runId }] = (await db('runs').select({ runId: 'run_id' }).limit(1)) as [{ runId: string }];
    for (const page of [...pages(), `/runs/${runId}`]) {
      const shown = await seated.get(page);
      expect([page, shown.statusCode]).toEqual([page, 200]);
      expect(shown.body).not.toMatch(/undefined|\[object|\bNaN\b/);
      for (const cookie of ['', `${seated.cookie}x`, `${seated.cookie.split('=')[0]}=`])
        expect(await seated.app.inject({ url: page, headers: { ...LOOKS, cookie } })).toMatchObject({
          statusCode: 303,
          headers: { location: waysOn(page) },
        });
    }
  });

  it('comes by a link of a mail to the page to enter by, and on to what the link names', async () => {
    const app = await createDesk(place);
    const page = `/main/tickets/${tradeId}`;
    // A browser sends no cookie of ours along from elsewhere.
    const from = {
      ...LOOKS,
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    const asked = await app.inject({ url: `${page}?kept=1`, headers: from });
    expect(asked).toMatchObject({ statusCode: 303, headers: { location: `/enter?next=${encodeURIComponent(page)}` } });
    const met = await app.inject({ url: String(asked.headers['location']), headers: from });
    expect(met.body).toContain(`<a href="${page}">Go on to ${page}</a>`);
    expect((await seated.get(page, { 'sec-fetch-site': 'same-origin' })).statusCode).toBe(200);
    const enter = async (next: string, code: string) =>
      app.inject({
        method: 'POST',
        url: '/enter',
        headers: SENDS,
        payload: `code=${code}&next=${encodeURIComponent(next)}`,
      });
    const wrong = await enter(page, '0');
    expect(fieldsOf(wrong.body)).toMatchObject({ next: page });
    for (const [next, to] of [
      [page, page],
      ['//evil.test/main/today', '/'],
      ['/\\evil.test/today', '/'],
      ['https://evil.test', '/'],
    ] as const) {
      const { code } = await makeEntryCode(place, { operator: 'demo', readOnly: false });
      expect(await enter(next, code)).toMatchObject({ statusCode: 303, headers: { location: to } });
      const shown = await app.inject({ url: `/enter?next=${encodeURIComponent(next)}`, headers: LOOKS });
      expect(shown.body.includes('evil')).toBe(false);
    }
    await app.close();
  });

  it('finds each alert’s page under its link, and a way back to the day', async () => {
    for (const code of Object.keys(ALERT_CODES))
      for (const account of ['main', null]) {
        const page = pageOfAlert({ account, code, subject: tradeId, evidence: { ticketId: tradeId } });
        expect([code, page, (await seated.get(page)).statusCode]).toEqual([code, page, 200]);
      }
    expect((await seated.get('/alerts')).body).toContain(`<a href="/main/tickets/${tradeId}">`);
  });

  it('sees the same next step as at the terminal, and the five states of the day', async () => {
    const day = await cliHere(installation, ['day', '--at', '2018-05-08T14:05:00+01:00']);
    const next = /Next: (.*)/.exec(day.stdout)?.[1]?.replaceAll('./trading-ops ', 'trading-ops ');
    const today = (await seated.get('/main/today')).body;
    expect(/<code id="next">(.*?)<\/code>/.exec(today)?.[1]).toBe(next);
    expect(today).toContain('NO_TRADE: place no order, and acknowledge the ticket');
    expect(today.match(/class="(done|wait|bad)"/g)).toEqual([
      'class="done"',
      // The figures are of the day before the orders.
      'class="bad"',
      'class="done"',
      'class="wait"',
      'class="wait"',
    ]);
    expect(today).toContain('Tue 8 May 2018');
    expect(today).toContain('REHEARSAL CLOCK');
  });

  it('takes no rehearsal clock that no calendar has, and says what one is', async () => {
    for (const clock of ['9999-12-31 23:59', 'tomorrow', '2018-13-01 10:00']) {
      const { statusCode, body } = await seated.post('/main/clock', { clock });
      expect([statusCode, body]).toEqual([400, expect.stringContaining('must be a date and a UK time')]);
    }
    expect((await seated.get('/schedules')).statusCode).toBe(200);
  });

  it('takes no rehearsal clock from before the facts, and says from when on it may be', async () => {
    const clock = async () => /id="bar-clock"[^>]*value="([^"]*)"/.exec((await seated.get('/main/today')).body)?.[1];
    const newest = await clock();
    expect(newest).toMatch(/^2018-05-08 /);
    const early = await seated.post('/main/clock', { clock: '2001-01-01 08:00' });
    expect([early.statusCode, early.body]).toEqual([400, expect.stringContaining(`must be ${newest} or later`)]);
    expect(await clock()).toBe(newest);
    // The very minute in which it stands is no step back.
    expect((await seated.post('/main/clock', { clock: newest ?? '' })).statusCode).toBe(303);
  });

  it('reads the ticket with its answer and its fills, and the ledger with what was booked', async () => {
    const ticket = (await seated.get(`/main/tickets/${tradeId}`)).body;
    expect(ticket).toMatch(/BOOKED|FILLS|by demo/);
    expect(ticket).toContain('Slippage');
    expect((await seated.get(`/main/tickets/${noTradeId}`)).body).toContain('Not answered yet');
    const { rows } = await db.raw<{ rows: { n: number }[] }>(
      `select count(*)::int as n from postings join journal_entries using (entry_id) where book = 'ledger'`,
    );
    const csv = (await seated.get('/main/ledger/journal.csv')).body.trim().split('\r\n');
    expect(csv.length - 1).toBe(rows[0]?.n);
    const positions = (await seated.get('/main/ledger/positions.csv')).body;
    expect(positions.split('\r\n')[0]).toBe('symbol,units,cost,price,currency,price_date,fx,value,unrealised,realised');
  });

  it('is told what is not there, and what was asked for wrongly', async () => {
    for (const [path, status] of [
      ['/nope', 404],
      ['/nobody/today', 404],
      [`/main/tickets/${'f'.repeat(8)}`, 404],
      ['/main/tickets/..%2f..%2fetc%2fpasswd', 404],
      ['/main/tickets/%00', 404],
      ['/main/tickets/%E2%80%AE', 404],
      [`/main/tickets/${'a'.repeat(5_000)}`, 404],
      ['/runs/%2e%2e%2f', 404],
      ['/assets/..%2fmain.js', 404],
      ['/assets/%', 404],
      ['/main/ledger?before=x', 400],
      ['/main/ledger?before=1;drop table x', 400],
      ['/main/ledger?book=other', 400],
      ['/main/ledger?symbol=aapl', 400],
      ['/main/ledger?kind=GIFT', 400],
      ['/main/ledger?from=2018-02-30', 400],
      ['/main/ledger?from=2018-05-10&to=2018-05-01', 400],
      ['/main/ledger?ticket=%25', 400],
      ['/main/ledger/999999', 404],
      ['/main/ledger/999999999999999999', 404],
      ['/main/performance?range=2w', 400],
      ['/main/performance?range=all&from=2018-05-01', 400],
      ['/main/performance/months.csv?to=2018-13-01', 400],
      ['/main/performance/secrets.csv', 404],
      ['/main/tickets?before=yesterday', 400],
      ['/runs?before=2018-13-01', 400],
      ['/audit?before=0', 400],
      ['/audit/999999', 404],
      ['/quality/NOSUCH', 404],
      ['/quality/aapl', 404],
    ] as const)
      expect([path, (await seated.get(path)).statusCode]).toEqual([path, status]);
  });

  it('takes away every list as a file in which no spreadsheet runs a cell, and a number stays one', async () => {
    for (const message of ['=HYPERLINK("http://evil.test")', '+1', '-x', '@cmd', '" =1', 'a;=1'])
      await raiseAlert(db, {
        code: 'BACKUP_FAILED',
        account: 'main',
        tradingDay: MONDAY,
        subject: message,
        message,
        at: `${MONDAY}T15:00:00Z`,
      });
    const files = [...pages(), `/main/tickets/${tradeId}/fills.csv`].filter((page) => page.includes('.csv'));
    expect(files.length).toBeGreaterThan(12);
    for (const file of files) {
      const cells = (parse((await seated.get(file)).body, { relax_column_count: true }) as string[][]).flat();
      expect([
        file,
        cells.filter((cell) => /^["\s]*[=+\-@]|^[\t\r]/.test(cell) && !/^-\d+(\.\d+)?$/.test(cell)),
      ]).toEqual([file, []]);
      if (file === '/alerts.csv') expect(cells).toEqual(expect.arrayContaining(["'+1", "'-x", "a;'=1"]));
      if (file.includes('journal')) expect(cells.some((cell) => /^-\d/.test(cell))).toBe(true);
    }
  });

  it('narrows the journal by a form, with older entries and the file narrowed alike', async () => {
    const rowsOf = (body: string) => body.match(/href="\/main\/ledger\/\d+"/g)?.length ?? 0;
    const all = rowsOf((await seated.get('/main/ledger')).body);
    const { rows: of } = await db.raw<{ rows: { symbol: string; n: number }[] }>(
      `select symbol, count(*)::int as n from journal_entries where book = 'ledger' and kind = 'FILL' group by 1`,
    );
    expect(of.length).toBeGreaterThan(0);
    for (const { symbol, n } of of) {
      expect(rowsOf((await seated.get(`/main/ledger?symbol=${symbol}&kind=FILL`)).body)).toBe(n);
      const csv = (await seated.get(`/main/ledger/journal.csv?symbol=${symbol}&kind=FILL`)).body;
      expect(new Set([...csv.matchAll(/^(\d+),/gm)].map(([, entry]) => entry)).size).toBe(n);
    }
    const fills = of.reduce((sum, { n }) => sum + n, 0);
    expect(all).toBeGreaterThan(fills);
    expect(rowsOf((await seated.get(`/main/ledger?ticket=${tradeId.slice(0, 8)}`)).body)).toBe(fills);
    expect(rowsOf((await seated.get(`/main/ledger?from=${TUESDAY}`)).body)).toBe(0);
    expect(rowsOf((await seated.get(`/main/ledger?to=${MONDAY}&symbol=&kind=&ticket=&from=`)).body)).toBe(all);
    const cli = await cliHere(installation, ['ledger', 'journal', '--kind', 'FILL', '--ticket', tradeId, '--json']);
    expect((JSON.parse(cli.stdout) as { entries: unknown[] }).entries).toHaveLength(fills);
  });

  it('has a book at hand that was read in parts, whole', async () => {
    const own = connect(installation.settings.databaseUrl ?? '', 1, OF_THE_DESK);
    const all = await journal(own, 'main', 'ledger');
    for (const read of [1, 3])
      expect(await ask(own, journalAtHand(own, 'main', 'ledger', 2))).toEqual(all.slice(0, read + 1));
    expect(await wholeJournalAtHand(own, 'main', 'ledger')).toEqual(all);
    expect(await wholeJournalAtHand(own, 'main', 'ledger')).toEqual(all);
    await own.destroy();
  });

  it('is read ahead when the desk begins to listen: nobody who looks first waits for it', async () => {
    const own = connect(installation.settings.databaseUrl ?? '', 4, OF_THE_DESK);
    const asked: { sql: string; bindings: unknown[] }[] = [];
    own.on('query', (query: { sql: string; bindings?: unknown[] }) =>
      asked.push({ sql: query.sql, bindings: query.bindings ?? [] }),
    );
    /** Whether the journal was read from its first entry on, and the values of the account. */
    const whole = () => [
      asked.some(({ sql, bindings }) => sql.includes('as materialized') && bindings.includes(0)),
      asked.some(({ sql }) => sql.includes('valuations')),
    ];
    const opened = await sitDown({ ...place, db: own });
    expect(whole()).toEqual([false, false]);
    await opened.app.listen({ port: 0, host: '127.0.0.1' });
    await expect.poll(whole, { timeout: 10_000, interval: 20 }).toEqual([true, true]);
    // What is under way is waited for, and then at hand, as soon as the reading ahead is over.
    const again = async () => {
      asked.length = 0;
      await opened.get('/main/ledger');
      await opened.get('/main/performance');
      return [asked.length > 0, ...whole()];
    };
    await expect.poll(again, { timeout: 10_000, interval: 20 }).toEqual([true, false, false]);
    await opened.app.close();
    await own.destroy();
  });

  it('reads an entry with its postings, its signature, and what took it back', async () => {
    const fill = await db('journal_entries').where('kind', 'FILL').first('entry_id');
    const page = (await seated.get(`/main/ledger/${fill?.entry_id}`)).body;
    for (const text of ['Assets:Units', 'Assets:Cash', 'by demo', 'confirm</td>', 'installation', `tickets/${tradeId}`])
      expect(page).toContain(text);
    expect(page).not.toContain('Taken back');
  });

  it('goes on from a run to what the day waits for', async () => {
    const runs = (await seated.get('/runs')).body;
    const [morning = '', afternoon = ''] = ['08:00', '14:00'].map(
      (slot) => new RegExp(`href="(/runs/[0-9a-f-]+)">${slot}</a> (?:PASS|TRADE)`).exec(runs)?.[1] ?? '',
    );
    expect((await seated.get(morning)).body).toContain('<a href="/main/reconcile">Reconcile</a>');
    expect((await seated.get(afternoon)).body).toContain(`<a href="/main/tickets/${tradeId}">The TRADE ticket</a>`);
  });

  it('sees the runs by day and slot, and the audit log with its head, an action at a time', async () => {
    const runs = (await seated.get('/runs')).body;
    expect([...runs.matchAll(/<td[^>]*>((?:Mon|Tue) 2018-05-0[78])<\/td>/g)].map(([, day]) => day)).toEqual([
      'Tue 2018-05-08',
      'Mon 2018-05-07',
    ]);
    const { rows: head } = await db.raw<{ rows: { seq: number; hash: string }[] }>(
      'select seq, hash from audit_log order by seq desc limit 1',
    );
    const audit = (await seated.get('/audit')).body;
    expect(audit).toContain(head[0]?.hash);
    expect(audit).toContain('trading-ops audit verify');
    const recordsIn = (body: string) => [...body.matchAll(/href="\/audit\/(\d+)"/g)].map(([, seq]) => Number(seq));
    expect(recordsIn(audit)[0]).toBe(head[0]?.seq);
    expect(recordsIn((await seated.get('/audit?before=4')).body)).toEqual([3, 2, 1]);
    const { result } = (await pageAudit(db, { limit: '3', before: '10' })) as { result: AuditPage };
    expect([result.records.map(({ seq }) => seq), result.older]).toEqual([[9, 8, 7], 7]);
    const tickets = (await seated.get('/audit?kind=ticket')).body;
    expect(tickets).toContain('<td data-title="Action">ticket.issued</td>');
    expect(tickets).not.toContain('>facts.recorded</td>');
    expect((await seated.get(`/audit/${head[0]?.seq}`)).body).toContain('It has the hash of its content');
  });

  it('is told that one close is nothing to measure, and reads it at the terminal', async () => {
    const page = (await seated.get('/main/performance')).body;
    const { rows: valued } = await db.raw<{ rows: { date: string; equity: string }[] }>(
      `select distinct on (as_of_date) as_of_date as date, equity::text from valuations order by as_of_date, seq desc`,
    );
    expect(valued).toHaveLength(1);
    expect(page).toContain('Fewer than two closes of the period were valued');
    expect(page.replaceAll(/<\/?span[^>]*>/g, '')).toContain('trading-ops performance --account main --range ytd');
    expect((await seated.get('/main/performance/closes.csv')).body).toBe('nothing_in_this_period\r\n');
    const cli = await cliHere(installation, ['ledger', 'values', '--range', 'all', '--json']);
    const { values } = JSON.parse(cli.stdout) as { values: { asOfDate: string; equity: string }[] };
    expect(values.map(({ asOfDate, equity }) => [asOfDate, equity])).toEqual(
      valued.map(({ date, equity }) => [date, equity]),
    );
  });

  it('reads a symbol: closes as traded and adjusted, its last bars, its actions, and what the gate found', async () => {
    const page = (await seated.get('/quality/AAPL')).body;
    expect(page.match(/<svg class="chart"/g)).toHaveLength(1);
    expect(page.match(/<td[^>]* class="when">2018-\d\d-\d\d<\/td>/g)?.length).toBeGreaterThanOrEqual(60);
    expect((await seated.get('/quality')).body).toContain('href="/quality/AAPL"');
    const dividend = {
      source: 'sample',
      symbol: 'AAPL',
      ex_date: '2018-04-16',
      kind: 'DIVIDEND',
      value: '0.73',
    } as const;
    await db('corporate_actions').insert({
      ...dividend,
      published: '0.73',
      currency: 'USD',
      payload_sha256: '0'.repeat(64),
      retrieved_at: '2018-04-16T08:00:00Z',
    });
    const paid = (await seated.get('/quality/AAPL')).body;
    expect(paid.match(/<svg class="chart"/g)).toHaveLength(2);
    expect(paid).toContain('Marked: dividend 0.73 on 2018-04-16.');
    expect(paid).toMatch(
      /class="when">2018-04-16<\/td><td[^>]*>dividend<\/td><td[^>]* class="figures">0\.73 USD<\/td>/,
    );
    expect((await seated.get('/quality/AAPL/bars.csv')).body.split('\r\n')[0]).toBe(
      'symbol,session,open,high,low,close,volume,adjusted',
    );
  });

  it('sees the next ten runs in both places, also while Temporal is away, and is told that it is', async () => {
    const runsIn = (body: string) =>
      body.match(/<td[^>]*>(Mon|Tue|Wed|Thu|Fri) 2018-05-\d\d (08|14):00<\/td>/g)?.length;
    const there = (await seated.get('/schedules')).body;
    expect(there).toContain('schedules apply --account main');
    expect(runsIn(there)).toBe(10);
    const { settings } = installation;
    const { dataDir, taskQueue } = settings;
    const mail = openMail({ ...settings, temporalAddress: '127.0.0.1:9' }, { dataDir, taskQueue, isLocal: true });
    const { app, get } = await sitDown({ ...place, mail });
    const away = await get('/schedules');
    expect(away.statusCode).toBe(200);
    expect(away.body).toContain('TEMPORAL_DOWN');
    expect(away.body).toContain('<code>make up</code>');
    expect(runsIn(away.body)).toBe(10);
    await app.close();
    await mail.close();
  });

  it('finds the pages of an account whatever it is called, and those of the installation beside it', async () => {
    const configDir = join(installation.dataDir, 'named');
    cpSync(installation.configDir, configDir, { recursive: true });
    const names = ['runs', 'alerts', 'quality', 'backups', 'schedules', 'settings', 'audit', 'enter', 'assets'];
    const file = join(configDir, 'policy.yml');
    const accounts = names.map((name) => `  ${name}: { base_currency: USD, clock: simulated }\n`).join('');
    writeFileSync(file, readFileSync(file, 'utf8').replace('accounts:\n', `accounts:\n${accounts}`));
    const { app, get } = await sitDown({ ...place, configDir });
    for (const name of [...names, 'health', 'pulse', 'leave']) {
      const ours = names.includes(name) ? 200 : 404;
      for (const page of ['today', 'tickets', 'ledger', 'performance'])
        expect([name, page, (await get(`/${name}/${page}`)).statusCode]).toEqual([name, page, ours]);
    }
    expect((await get('/runs/ledger')).body).toContain('<h1>Ledger of runs</h1>');
    expect((await get('/runs')).body).toContain('<h1>Runs</h1>');
    expect((await get('/quality/AAPL')).body).toContain('<h1>AAPL');
    expect((await get('/audit/1')).body).toContain('<h1>Record 1</h1>');
    await app.close();
  });

  it('is led to the first account where none of several is called main, and finds the pages of the whole', async () => {
    const configDir = join(installation.dataDir, 'without-main');
    cpSync(installation.configDir, configDir, { recursive: true });
    const file = join(configDir, 'policy.yml');
    const accounts = ['joint', 'hers'].map((name) => `  ${name}: { base_currency: USD, clock: simulated }\n`).join('');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/accounts:\n +main:.*\n/, `accounts:\n${accounts}`));
    const { app, get } = await sitDown({ ...place, configDir });
    expect((await get('/')).headers.location).toBe('/joint/today');
    for (const page of ['/joint/today', '/hers/today', '/runs', '/alerts', '/settings'])
      expect([page, (await get(page)).statusCode]).toEqual([page, 200]);
    await app.close();
  });

  it('asks the pulse, which answers nothing while nothing has changed', async () => {
    const first = await seated.get('/pulse');
    expect(first.json()).toMatchObject({ version: expect.stringMatching(/^\d+$/), secondsLeft: expect.any(Number) });
    const etag = String(first.headers['etag']);
    expect(await seated.get('/pulse', { 'if-none-match': etag })).toMatchObject({ statusCode: 304, body: '' });
    expect((await seated.get('/pulse', { 'if-none-match': '"0"' })).statusCode).toBe(200);
    expect(await seated.app.inject({ url: '/pulse', headers: LOOKS })).toMatchObject({ statusCode: 401 });
    expect((await seated.get('/main/today')).body).toContain(`data-version=${etag}`);
  });
});

describe('the door', () => {
  it('lets in once by a code, with a new id, whatever cookie came along; two at once are one', async () => {
    const { code } = await makeEntryCode(place, { operator: 'demo', readOnly: false });
    const planted = `${seated.cookie.split('=')[0]}=planted`;
    const send = () =>
      seated.app.inject({
        method: 'POST',
        url: '/enter',
        headers: { ...SENDS, cookie: planted },
        payload: `code=${code}`,
      });
    const answers = await Promise.all([send(), send(), send()]);
    expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([303, 403, 403]);
    const cookie = cookieOf(answers.find(({ statusCode }) => statusCode === 303)?.headers['set-cookie']);
    expect(cookie).not.toBe(planted);
    expect(cookie).not.toBe(seated.cookie);
    expect(await seated.app.inject({ url: '/', headers: { ...LOOKS, cookie } })).toMatchObject({
      statusCode: 303,
      headers: { location: '/main/today' },
    });
    const stored = await db.raw<{ rows: object[] }>('select * from desk.sessions');
    expect(JSON.stringify(stored.rows)).not.toContain(cookie.split('=')[1]);
    const set = String(answers.find(({ statusCode }) => statusCode === 303)?.headers['set-cookie']);
    expect(set).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(set).toContain(place.installation);
  });

  it('lets in by no code that is ten minutes old, was burnt by five wrong endings, or is none', async () => {
    const app = await createDesk(place);
    const enter = (payload: string, at = app) => at.inject({ method: 'POST', url: '/enter', headers: SENDS, payload });
    const long = { ...place, now: () => new Date(Date.now() - 600_001).toISOString() };
    const old = await makeEntryCode(long, { operator: null, readOnly: false });
    expect((await enter(`code=${old.code}`)).statusCode).toBe(403);
    const { code } = await makeEntryCode(place, { operator: null, readOnly: false });
    const wrong = code.slice(0, -1) + (code.endsWith('0') ? '1' : '0');
    for (let tries = 0; tries < 5; tries++) expect((await enter(`code=${wrong}`)).statusCode).toBe(403);
    expect((await enter(`code=${code}`)).statusCode).toBe(403);
    const bad = await enter(`code=${encodeURIComponent('<script>')}`);
    expect(bad.statusCode).toBe(400);
    expect(bad.body).toContain('ENTRY_CODE_INVALID');
    expect(bad.body).not.toContain('<script>alert');
    await app.close();
  });

  it('takes ten tries a minute and no eleventh, however right it is', async () => {
    const app = await createDesk(place);
    const enter = (payload: string) => app.inject({ method: 'POST', url: '/enter', headers: SENDS, payload });
    for (let tries = 0; tries < 10; tries++) expect((await enter('code=0')).statusCode).toBe(400);
    const { code } = await makeEntryCode(place, { operator: null, readOnly: false });
    const eleventh = await enter(`code=${code}`);
    expect(eleventh.statusCode).toBe(429);
    expect(eleventh.headers['set-cookie']).toBeUndefined();
    await app.close();
  });

  it('closes behind whoever signs out, by the form of that session alone', async () => {
    const one = await sitDown(place);
    const two = await sitDown(place);
    const token = (body: string) => /name="token" value="([0-9a-f]+)"/.exec(body)?.[1] ?? '';
    const tokenOfTwo = token((await two.get('/main/today')).body);
    const leave = (payload: string) =>
      one.app.inject({ method: 'POST', url: '/leave', headers: { ...SENDS, cookie: one.cookie }, payload });
    for (const payload of ['', 'token=', `token=${tokenOfTwo}`]) expect((await leave(payload)).statusCode).toBe(403);
    expect((await one.get('/main/today')).statusCode).toBe(200);
    const left = await leave(`token=${token((await one.get('/main/today')).body)}`);
    expect(left).toMatchObject({ statusCode: 303, headers: { location: '/enter' } });
    expect((await one.get('/main/today')).statusCode).toBe(303);
    expect((await two.get('/main/today')).statusCode).toBe(200);
    await Promise.all([one.app.close(), two.app.close()]);
  });

  it('forgets who has not looked for twelve hours; what a page asks by itself keeps nobody in', async () => {
    let at = Date.now();
    const clocked = { ...place, now: () => new Date(at).toISOString() };
    const { app, get } = await sitDown(clocked);
    at += 11 * 3_600_000;
    expect((await get('/main/today')).statusCode).toBe(200);
    at += 11 * 3_600_000;
    expect((await get('/pulse')).json()).toMatchObject({ secondsLeft: 3_600 });
    at += 3_600_001;
    expect((await get('/pulse')).statusCode).toBe(401);
    expect((await get('/main/today')).statusCode).toBe(303);
    await app.close();
  });

  it('says who reads only, and that a name is claimed', async () => {
    const { app, get } = await sitDown(place, { readOnly: true, operator: 'demo' });
    expect((await get('/main/today')).body).toContain('demo (claimed), reads only');
    await app.close();
  });
});

describe('whoever means ill', () => {
  it('is turned away by name and by origin on every route, changes nothing; each answer has its headers', async () => {
    const before = await fingerprint(db);
    const sessions = async () =>
      (await db.raw<{ rows: object[] }>('select id_hash from desk.sessions order by 1')).rows;
    const were = await sessions();
    const routes = [...pages(), '/', '/enter', '/pulse', '/health', '/favicon.ico', '/nope', '/assets/%'];
    for (const url of routes) {
      const evil = await seated.get(url, { host: 'evil.test:8240' });
      expect([url, evil.statusCode]).toEqual([url, 421]);
      for (const answer of [evil, await seated.get(url)]) {
        expect(answer.headers, url).toMatchObject({
          'x-content-type-options': 'nosniff',
          'cache-control': 'no-store',
          'x-frame-options': 'DENY',
          'referrer-policy': 'same-origin',
        });
        expect(answer.headers['content-security-policy'], url).toBe(
          "default-src 'none';script-src 'self';style-src 'self';connect-src 'self';img-src 'self';" +
            "form-action 'self';frame-ancestors 'none';base-uri 'none';require-trusted-types-for 'script';" +
            "trusted-types 'none'",
        );
        expect(answer.headers['server']).toBeUndefined();
      }
      for (const headers of [{ origin: 'http://evil.test' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }])
        expect(
          await seated.app.inject({ method: 'POST', url, headers: { ...SENDS, cookie: seated.cookie, ...headers } }),
        ).toMatchObject({ statusCode: 403 });
    }
    expect(await sessions()).toEqual(were);
    expect(await fingerprint(db)).toEqual(before);
  });

  it('is sent nowhere else', async () => {
    for (const query of ['?next=//evil.test', '?next=https://evil.test', '?return=%2F%2Fevil.test'])
      expect((await seated.get(`/${query}`)).headers.location).toBe('/main/today');
    const byNumber = await seated.get('//evil.test/x', { host: '127.0.0.1:8240' });
    expect(String(byNumber.headers.location).startsWith(`${DESK}/`)).toBe(true);
    const forwarded = await seated.get('/', { 'x-forwarded-host': 'evil.test', 'x-forwarded-proto': 'https' });
    expect(forwarded.headers.location).toBe('/main/today');
  });

  it('floods with nothing: a large form, one of many fields, a long address', async () => {
    const send = (payload: string) =>
      seated.app.inject({ method: 'POST', url: '/leave', headers: { ...SENDS, cookie: seated.cookie }, payload });
    expect((await send(`token=${'x'.repeat(10_000_000)}`)).statusCode).toBe(413);
    expect((await send(Array.from({ length: 100_000 }, (_, n) => `${n}`).join('&'))).statusCode).toBe(413);
    // As many letters as a token has, and twice the bytes: no fault, and no form of this session.
    expect((await send(`token=${encodeURIComponent('é'.repeat(64))}`)).statusCode).toBe(403);
    const json = { method: 'POST', url: '/leave', payload: '{"a":1}' } as const;
    const headers = { ...SENDS, cookie: seated.cookie, 'content-type': 'application/json' };
    expect((await seated.app.inject({ ...json, headers })).statusCode).toBe(415);
    const many = Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`f${n}`, '']));
    const large = { code: { name: 'x', content: 'x'.repeat(10_000_000) } };
    expect((await sendFiles(seated, '/leave', many, {})).statusCode).toBe(413);
    expect((await sendFiles(seated, '/leave', {}, large)).statusCode).toBe(413);
    const broken = { ...SENDS, cookie: seated.cookie, 'content-type': 'multipart/form-data; boundary=x' };
    const cut = await seated.app.inject({ method: 'POST', url: '/leave', headers: broken, payload: '--x\r\n' });
    expect([cut.statusCode, cut.body.includes('REQUEST_INVALID')]).toEqual([400, true]);
    expect((await seated.get('/main/today')).statusCode).toBe(200);
  });

  it('writes nothing into a page that a browser runs, nor into a table that a spreadsheet runs', async () => {
    for (const [index, text] of HOSTILE.entries())
      await db('alerts').insert({
        alert_id: `00000000-0000-4000-8000-0000000000${String(index).padStart(2, '0')}`,
        account: 'main',
        trading_day: TUESDAY,
        code: 'BACKUP_FAILED',
        subject: text,
        message: text,
        remedy: text,
        evidence: '{}',
        raised_at: '2018-05-08T14:00:00Z',
        dedupe_key: `hostile ${index}`,
      });
    const page = (await seated.get('/alerts')).body;
    for (const tag of ['<script>', '<img', '<svg/', '<iframe', '=HYPERLINK("']) expect(page).not.toContain(tag);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).toContain('&lt;%= it.token %&gt;');
    expect((await seated.get('/main/today')).body).not.toContain('<script>alert');
    const cells = (await seated.get('/alerts.csv')).body;
    expect(cells).toContain(`"'=HYPERLINK(""http://evil.test"")"`);
    expect(cells).not.toMatch(/(^|,)"?=/m);
    for (const asked of ['/main/ledger?kind=', '/audit?kind=', '/audit?subject='])
      expect((await seated.get(asked + encodeURIComponent('"><script>alert(1)</script>'))).body).not.toContain(
        '<script>alert',
      );
  });
});

describe('while Postgres is away', () => {
  it('each page says so with what to type, the door stays closed, and health says down', async () => {
    const away = connect('postgres://app:secret@127.0.0.1:9/none', 1, OF_THE_DESK);
    const app = await createDesk({ ...place, db: away, databaseUrl: 'postgres://app:secret@127.0.0.1:9/none' });
    for (const url of ['/', '/main/today', '/alerts', '/pulse']) {
      const answer = await app.inject({ url, headers: { ...LOOKS, cookie: seated.cookie } });
      expect([url, answer.statusCode]).toEqual([url, 503]);
      expect(answer.body).toContain('make up');
      expect(answer.body).not.toContain('secret');
    }
    const code = '0'.repeat(40);
    const entered = await app.inject({ method: 'POST', url: '/enter', headers: SENDS, payload: `code=${code}` });
    expect(entered.statusCode).toBe(503);
    expect(entered.headers['set-cookie']).toBeUndefined();
    expect(await app.inject({ url: '/health', headers: LOOKS })).toMatchObject({
      statusCode: 503,
      body: '{"up":false}',
    });
    expect((await app.inject({ url: '/enter', headers: LOOKS })).statusCode).toBe(200);
    await app.close();
    await away.destroy();
  });
});
