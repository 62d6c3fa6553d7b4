import { createHmac } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { csvText } from '../../src/reports/render/csv.js';
import { judge } from '../../src/desk/guard.js';
import { failureMain, failureOf } from '../../src/desk/failure.js';
import { hasToken, tokenOf, type Let } from '../../src/desk/sessions.js';
import { filterForm, pathWith } from '../../src/desk/view/filter.js';
import { monthsBefore } from '../../src/domain/dates.js';
import { isSessionSealed, sealedSession } from '../../src/domain/entry-seals.js';
import { codeOf, codeText, isSeenAnew, readCode, secondsLeft } from '../../src/domain/entry.js';
import { refusal } from '../../src/domain/errors.js';
import { isSealed, sealOf } from '../../src/domain/signing/seal.js';
import { installationPaths } from '../../src/runtime/paths.js';
import { clearRestoreState, writeRestoreState } from '../../src/runtime/postgres/restore-state.js';
import { withLock } from '../../src/runtime/processes/lock.js';
import { bothClocks } from '../../src/reports/render/format.js';

const PORT = 8240;
const OWN = 'http://localhost:8240';
const asked = (headers: Record<string, string>, method = 'GET', url = '/main/today') =>
  judge(
    { method, url, headers: { host: 'localhost:8240', ...headers }, rawHeaders: [] },
    { port: PORT, exposure: null },
  );

describe('the token of a form', () => {
  const token = tokenOf('a session');
  const held = { id: 'a session', token } as Let;

  it('is its own alone, whatever stands in its place', () => {
    expect(hasToken(held, { token })).toBe(true);
    for (const body of [null, {}, 'token', { token: '' }, { token: token.toUpperCase() }, { token: [token, token] }])
      expect(hasToken(held, body), JSON.stringify(body)).toBe(false);
    // As many letters, and more bytes.
    expect(hasToken(held, { token: 'é'.repeat(token.length) })).toBe(false);
  });
});

describe('the guard of the desk', () => {
  it.each([
    'evil.test:8240',
    'localhost',
    'localhost:8241',
    'localhost:8240.evil.test',
    'LOCALHOST:8240',
    '',
    '10.0.0.1:8240',
  ])('lets nobody in by the name %j', (host) => {
    for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS'])
      expect(asked({ host, origin: OWN }, method)).toMatchObject({ pass: false, status: 421 });
  });

  it('lets nobody in by two names, whichever comes first', () => {
    const twice = (one: string, other: string, method: string) =>
      judge(
        {
          method,
          url: '/',
          headers: { host: one, origin: OWN },
          rawHeaders: ['Host', one, 'Accept', 'host', 'hOST', other],
        },
        { port: PORT, exposure: null },
      );
    const refused = { pass: false, status: 400, why: 'Host: must be said once' };
    for (const method of ['GET', 'POST'])
      for (const [one, other] of [
        ['localhost:8240', 'evil.test'],
        ['evil.test', 'localhost:8240'],
        ['localhost:8240', 'localhost:8240'],
      ] as const)
        expect(twice(one, other, method)).toEqual(refused);
    const once = {
      method: 'GET',
      url: '/',
      headers: { host: 'localhost:8240' },
      rawHeaders: ['Accept', 'host', 'Host', 'localhost:8240'],
    };
    expect(judge(once, { port: PORT, exposure: null })).toEqual({ pass: true });
  });

  it('sends who looks by a number to the name, with the way they asked for; nothing is sent on', () => {
    for (const host of ['127.0.0.1:8240', '[::1]:8240']) {
      expect(asked({ host }, 'GET', '/main/ledger?before=5')).toEqual({
        pass: false,
        redirect: `${OWN}/main/ledger?before=5`,
      });
      expect(asked({ host }, 'GET', 'http://evil.test/')).toMatchObject({ status: 421 });
      expect(asked({ host, origin: OWN }, 'POST')).toMatchObject({ status: 421 });
    }
  });

  it('takes a form from its own pages alone', () => {
    expect(asked({ origin: OWN, 'sec-fetch-site': 'same-origin' }, 'POST')).toEqual({ pass: true });
    expect(asked({ origin: OWN }, 'POST')).toEqual({ pass: true });
    for (const headers of [
      {},
      { origin: 'null' },
      { origin: 'http://localhost:8241' },
      { origin: 'http://127.0.0.1:8240' },
      { origin: 'https://localhost:8240' },
      { origin: OWN, 'sec-fetch-site': 'cross-site' },
      { origin: OWN, 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'same-origin' },
    ] as Record<string, string>[])
      expect(asked(headers, 'POST'), JSON.stringify(headers)).toMatchObject({ pass: false, status: 403 });
  });

  it('lets a link from elsewhere open a page, and gives nothing to a page of elsewhere', () => {
    const navigated = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    expect(asked(navigated)).toEqual({ pass: true });
    expect(asked({ 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' })).toEqual({ pass: true });
    for (const dest of ['iframe', 'image', 'script', 'empty'])
      expect(asked({ ...navigated, 'sec-fetch-dest': dest })).toMatchObject({ status: 403 });
    expect(asked({ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' })).toMatchObject({ status: 403 });
  });
});

describe('a code of the desk', () => {
  const digits = '0123456789abcdef0123456789abcdef01234567';

  it('is read as it was told, in groups and in capitals too', () => {
    const code = codeOf(digits);
    expect(code).toEqual({ codeId: '01234567', secret: '89abcdef0123456789abcdef01234567' });
    expect(readCode(codeText(code))).toEqual(code);
    expect(readCode(` ${digits.toUpperCase().replace(/(.{4})/g, '$1-')} `)).toEqual(code);
  });

  it.each(['', digits.slice(1), `${digits}0`, `${digits.slice(1)}g`, '#'])('is not %j', (typed) => {
    expect(readCode(typed)).toBeNull();
  });

  it('leads to a session of twelve hours from when it was last seen, which is known to the minute', () => {
    const at = '2026-11-23T09:00:00.000Z';
    const seen = { enteredAt: at, seenAt: at };
    expect(secondsLeft(seen, at)).toBe(43_200);
    expect(secondsLeft(seen, '2026-11-23T20:59:59.000Z')).toBe(1);
    expect(secondsLeft(seen, '2026-11-23T21:00:01.000Z')).toBe(0);
    expect([isSeenAnew(at, '2026-11-23T09:00:59.999Z'), isSeenAnew(at, '2026-11-23T09:01:00.000Z')]).toEqual([
      false,
      true,
    ]);
  });
});

describe('CSV of the desk', () => {
  it('keeps numbers, quotes what needs it, and has nothing that a spreadsheet runs', () => {
    const rows = [
      ['a', 'b'],
      ['-12.34', 7],
      ['=HYPERLINK("http://evil.test")', '+1+1'],
      ['@SUM(A1)', '-1+cmd|calc'],
      ['\tx', 'two\nlines'],
      ['plain, with a comma', null],
    ];
    expect(csvText(rows)).toBe(
      [
        'a,b',
        '-12.34,7',
        `"'=HYPERLINK(""http://evil.test"")",'+1+1`,
        `'@SUM(A1),'-1+cmd|calc`,
        `"'\tx","two\nlines"`,
        '"plain, with a comma",',
        '',
      ].join('\r\n'),
    );
  });
});

describe('what is asked of a list', () => {
  it('goes along in the address, but for what is empty', () => {
    expect(pathWith('/audit', { kind: 'a&b=c', subject: '', before: null, x: undefined, n: 0 })).toBe(
      '/audit?kind=a%26b%3Dc&n=0',
    );
    expect(pathWith('/audit', { kind: '' })).toBe('/audit');
  });

  it('stands in its form, escaped', () => {
    const form = filterForm('/audit', 'Records', [
      { name: 'kind', label: 'Action', value: '"><script>' },
      { name: 'of', label: 'Of', value: 'B', options: ['A', 'B'] },
    ]);
    expect(form).toContain('value="&quot;&gt;&lt;script&gt;"');
    expect(form).toContain('<option selected>B</option>');
    expect(form).not.toContain('<script>');
  });

  it('months are counted back to a day that exists', () => {
    expect([
      monthsBefore('2018-05-31', 1),
      monthsBefore('2018-05-31', 3),
      monthsBefore('2020-03-30', 1),
      monthsBefore('2018-01-15', 1),
      monthsBefore('2018-12-31', 12),
    ]).toEqual(['2018-04-30', '2018-02-28', '2020-02-29', '2017-12-15', '2017-12-31']);
  });
});

describe('a failure at the desk', () => {
  it('keeps code and remedy of an operation, tells Postgres away with what to type, and never a password', () => {
    const where = { databaseUrl: 'postgres://app:secret@127.0.0.1:5432/trading_ops', dataDir: '/nowhere' };
    expect(failureOf(refusal('TICKET_UNKNOWN', 'ticket: x', { remedy: 'look' }), where)).toEqual({
      status: 404,
      code: 'TICKET_UNKNOWN',
      message: 'ticket: x',
      remedy: 'look',
    });
    const away = failureOf(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }), where);
    expect(away).toMatchObject({ status: 503, code: 'POSTGRES_DOWN', remedy: 'make up' });
    expect(JSON.stringify(away)).not.toContain('secret');
    expect(failureOf(Object.assign(new Error('no'), { code: '42P01' }), where)).toMatchObject({
      status: 503,
      code: 'SCHEMA_MISSING',
      remedy: 'make migrate',
    });
    expect(failureOf({ statusCode: 413 }, where)).toMatchObject({
      status: 413,
      code: 'FORM_TOO_LARGE',
      message: expect.stringContaining('must be at most 256 kB') as string,
    });
    expect(failureOf(new Error('x is not a function'), where)).toMatchObject({ status: 500, code: 'FAULT' });
  });

  it('tells whoever asks during a restore to wait, and not to start what it has stopped', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'desk-restore-'));
    const paths = installationPaths(dataDir);
    await mkdir(paths.run);
    const place = { databaseUrl: 'postgres://app:secret@127.0.0.1:5432/trading_ops', dataDir };
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const state = { version: 1, startedAt: '2026-11-29T12:00:00Z', backup: null, stage: 'begun', aside: null } as const;
    await writeRestoreState(paths, { ...state, ran: { postgres: true, worker: true } });
    // Of one that was cut short nobody holds the lock: `make up` puts everything back.
    expect(failureOf(refused, place)).toMatchObject({ code: 'POSTGRES_DOWN', remedy: 'make up' });
    await withLock(
      paths.lock,
      () => undefined,
      async () => {
        const told = failureOf(refused, place);
        expect(told).toMatchObject({ status: 503, code: 'POSTGRES_DOWN' });
        const page = failureMain(told, '/main/today');
        expect(page).toContain('a restore is under way');
        expect(page).toContain('What to do: <code>wait until it is over');
        expect(page).not.toContain('make up');
        await Promise.resolve();
      },
    );
    clearRestoreState(paths);
    expect(failureOf(refused, place)).toMatchObject({ remedy: 'make up' });
    await rm(dataDir, { recursive: true });
  });
});

it('both clocks are told, also in the weeks when one of them has changed and the other has not', () => {
  expect(bothClocks('2026-11-23T14:21:00Z')).toBe('Mon 23 Nov 2026 14:21 UK · 09:21 New York');
  expect(bothClocks('2026-10-27T14:00:00Z')).toBe('Tue 27 Oct 2026 14:00 UK · 10:00 New York');
});

describe('the page of a failure', () => {
  const away = { status: 503, code: 'POSTGRES_DOWN', message: 'it is away', remedy: 'make up' };

  it('repeats nothing that lets in, and keeps what waits while somebody enters', () => {
    const sent = {
      code: 'c0de',
      challenge: 'cha1',
      assertion: 'a55e',
      'carried.action': '/main/cash',
      'carried.f.x': '7',
    };
    const page = failureMain(away, { action: '/enter', sent });
    for (const secret of ['c0de', 'cha1', 'a55e']) expect(page).not.toContain(secret);
    expect(page).toContain('<input type="hidden" name="carried.f.x" value="7">');
    expect(page).toMatch(/<form method="post" action="\/enter"[^]*<label for="code">/);
  });

  it('calls what was typed as its form does, and tells nothing that nobody typed', () => {
    const sent = {
      'fills[0].version': '6',
      'fills[0].fill_price': '186.98',
      'same.AAPL': '3',
      'other.2.units': '1.5',
      others: '3',
      exDate: '2018-05-11',
      token: 't0ken',
    };
    const page = failureMain(away, { action: '/main/tickets/1/confirm', sent });
    const told = [...page.matchAll(/<dt>(.*?)<\/dt><dd>(.*?)<\/dd>/g)].map(([, name, value]) => [name, value]);
    expect(told).toEqual([
      ['Line 1, price of a share', '186.98'],
      ['AAPL, the same as in the ledger', '3'],
      ['Other position 2, units', '1.5'],
      ['Ex date', '2018-05-11'],
    ]);
    for (const name of Object.keys(sent)) expect(page).toContain(`type="hidden" name="${name}"`);
  });

  it('gives what was asked of a page back, to be put right there', () => {
    const wrong = { status: 400, code: 'ARGUMENT_INVALID', message: 'to: must be a date', remedy: null };
    const page = failureMain(wrong, '/main/performance?from=2014-01-02&to=02%2F03%2F2014%22%3E&benchmark=');
    expect(page).toMatch(/<form class="filter" method="get" action="\/main\/performance"/);
    expect(page).toContain('name="from"');
    expect(page).toContain('value="02/03/2014&quot;&gt;"');
    expect(page).not.toContain('name="benchmark"');
    expect(page).not.toContain('Try again');
    expect(failureMain(wrong, '/main/performance')).toContain('Try again');
    expect(failureMain({ ...wrong, status: 503 }, '/main/performance?to=1')).toContain('Try again');
  });
});

describe('a seal', () => {
  const key = new Uint8Array(32).fill(7);
  const session = {
    idHash: 'a'.repeat(64),
    operator: 'ada',
    readOnly: true,
    entry: 'code',
    enteredAt: '2026-11-28T12:00:00.000Z',
  } as const;

  it('is of one key, one kind and one content', () => {
    const sealed = sealedSession(key, session);
    expect(isSessionSealed(key, sealed)).toBe(true);
    const others = [
      { ...sealed, idHash: 'b'.repeat(64) },
      { ...sealed, operator: 'bo' },
      { ...sealed, operator: null },
      { ...sealed, readOnly: false },
      { ...sealed, entry: 'passkey' as const },
      { ...sealed, enteredAt: '2026-11-28T12:00:00.001Z' },
      { ...sealed, seal: '' },
      { ...sealed, seal: sealed.seal.toUpperCase() },
      { ...sealed, seal: sealOf(key, 'code', session) },
    ];
    expect(others.filter((other) => isSessionSealed(key, other))).toEqual([]);
    expect(isSessionSealed(new Uint8Array(32), sealed)).toBe(false);
  });

  it('is an HMAC over the canonical JSON of kind and content', () => {
    const text = '["session",{"a":1,"b":null}]';
    expect(sealOf(key, 'session', { b: null, a: 1 })).toBe(createHmac('sha256', key).update(text).digest('hex'));
    expect(isSealed(key, 'session', { a: 1 }, null)).toBe(false);
  });
});
