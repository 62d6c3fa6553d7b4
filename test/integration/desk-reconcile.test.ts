import { createHash, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, OF_THE_DESK } from '../../src/db/connect.js';
import { findReconciliation, type Reconciliation } from '../../src/db/reconciliations.js';
import { openMail } from '../../src/desk/mail.js';
import type { Place } from '../../src/desk/place.js';
import { D } from '../../src/domain/money.js';
import { fingerprintOf } from '../../src/domain/signing/keys.js';
import { bookCash } from '../../src/operations/ledger/book-cash.js';
import { bookDividend } from '../../src/operations/ledger/book-dividend.js';
import { reconcile } from '../../src/operations/day/reconcile.js';
import { answers, newPasskey, registers } from '../support/authenticator.js';
import { MONDAY, startSeat, useDemoPolicy, type TestSeat } from '../support/day.js';
import { DESK_PORT, fieldsOf, placeOf, SENDS, sitDown, type Seated } from '../support/desk.js';
import { cliHere } from '../support/cli-here.js';
import { fieldsIn, fieldsOn } from '../support/form-fields.js';
import { sendFiles } from '../support/multipart.js';
import { NINE, useNine } from '../support/nine.js';
import { createInstallation, type Installation } from '../support/stack.js';
import { fingerprint } from '../support/unchanged.js';

const AT = '2018-05-07T09:00:00+01:00';
const OF = '2018-05-04';
const CASH = '10000.50';

let installation: Installation;
let seat: TestSeat;
let stop: () => Promise<void>;
let db: Knex;
let place: Place;
let ada: Seated;
let bo: Seated;

/** An empty ledger, nine stocks that may be held, two people at the desk. */
beforeAll(async () => {
  installation = await createInstallation();
  useDemoPolicy(installation, { operators: ['ada', 'bo'] });
  useNine(installation);
  ({ seat, stop } = await startSeat(installation));
  await seat.run('0800', MONDAY);
  db = connect(installation.settings.databaseUrl ?? '', 4, OF_THE_DESK);
  place = placeOf(installation, db);
  ada = await sitDown(place, { operator: 'ada' });
  bo = await sitDown(place, { operator: 'bo' });
}, 120_000);

afterAll(async () => {
  await Promise.all([ada.app.close(), bo.app.close()]);
  await place.mail.close();
  await db.destroy();
  await stop();
});

const FORM = '/main/reconcile';
type Fields = Record<string, string>;

/** A new form of somebody's, as their browser would send it. */
/** A form as it is given, with the figures of the day that the command lines here are of. */
const formOf = async (who: Seated, path = FORM): Promise<Fields> => ({
  ...fieldsOn((await who.get(path)).body),
  snapshotDate: OF,
});
const send = (who: Seated, fields: Fields, step?: string) => who.post(FORM, step ? { ...fields, step } : fields);
/** Ticks every row of the ledger, as it stands on the page. */
const ticked = async (who: Seated): Promise<Fields> => {
  const html = (await who.get(FORM)).body;
  return Object.fromEntries(
    [...html.matchAll(/name="(same\.[^"]+)" value="([^"]+)"/g)].map(([, name, units]) => [name, units]),
  ) as Fields;
};
/** Everything is as the ledger has it. */
const same = async (who: Seated): Promise<Fields> => ({
  ...(await formOf(who)),
  ...(await ticked(who)),
  cash: await ledgerCash(),
});
async function ledgerCash(): Promise<string> {
  const [sum] = await db('postings').where({ ledger_account: 'Assets:Cash' }).sum({ cash: 'amount' });
  return D(sum?.['cash'] ?? 0).toFixed(2);
}
/** What a commit led to, as it is stored. */
async function storedAt(location: unknown): Promise<Reconciliation> {
  const id = /\/main\/reconciliations\/([0-9a-f-]{36})$/.exec(String(location))?.[1] ?? '';
  const stored = await findReconciliation(db, id);
  if (!stored) throw new Error(`${String(location)} is not stored`);
  return stored;
}
const rowsOf = async (table: string): Promise<number> => Number((await db(table).count({ n: '*' }))[0]?.['n']);
const refusalOn = (html: string): string | undefined => /id="trouble"[^>]*>\s*<strong>(\w+)</.exec(html)?.[1];

describe('an empty ledger', () => {
  it('is opened by figures that were typed, looked at twice, and by the name of the account; once', async () => {
    const page = (await ada.get(FORM)).body;
    expect(page).toContain('every figure from now on builds on it');
    const fields = fieldsOn(page);
    expect(fields).toMatchObject({ cash: '', 'other.1.symbol': '', 'other.10.units': '' });
    // Figures are of the day on which they are read, unless somebody says another.
    expect(fields['snapshotDate']).toBe(MONDAY);
    const typed: Fields = { ...fields, snapshotDate: OF, cash: CASH };
    for (const [index, [symbol, units]] of Object.entries(NINE).entries()) {
      typed[`other.${index + 1}.symbol`] = symbol === 'MSFT' ? 'microsoft' : symbol;
      typed[`other.${index + 1}.units`] = units;
    }
    const before = await fingerprint(db);
    const review = await send(ada, typed);
    expect(review.statusCode, review.body).toBe(200);
    expect(review.body).toContain('Every figure from now on builds on it');
    // There is nothing yet to hold them against.
    for (const word of ['Drift', 'Ledger</th>', '>OK<']) expect(review.body).not.toContain(word);
    for (const opens of ['', 'maim', 'MAIN']) {
      const unnamed = await send(ada, { ...typed, opens }, 'commit');
      expect([unnamed.statusCode, refusalOn(unnamed.body)]).toEqual([400, 'OPENING_NOT_NAMED']);
      expect(unnamed.body).toContain('value="microsoft"');
      // It is asked for on the review: what is wrong leads to its field there, and the figures are still to be read.
      expect(unnamed.body).toMatch(
        /<a href="#f-opens">The name of the account, main, to open its ledger(?: is missing)?: /,
      );
      expect(unnamed.body).toMatch(/<input id="f-opens" name="opens"[^>]*aria-invalid="true"/);
      expect(unnamed.body).toContain('Open the ledger');
    }
    expect(await fingerprint(db)).toEqual(before);
    const sent = { ...typed, opens: 'main' };
    const [one, two] = await Promise.all([send(ada, sent, 'commit'), send(ada, sent, 'commit')]);
    const three = await send(ada, sent, 'commit');
    expect([one.statusCode, two.statusCode, three.statusCode], one.body).toEqual([303, 303, 303]);
    expect(new Set([one, two, three].map(({ headers }) => headers.location)).size).toBe(1);
    const stored = await storedAt(one.headers.location);
    expect(stored).toMatchObject({ status: 'PASS', openedLedger: true, operator: 'ada', commandId: fields['command'] });
    expect(stored.evidence.seen).toEqual(Object.fromEntries(Object.keys(NINE).map((symbol) => [symbol, 'typed'])));
    expect(await db('journal_entries').pluck('kind')).toEqual(['OPENING']);
    const result = (await ada.get(String(one.headers.location))).body;
    expect(result).toContain('OPENING: this snapshot opened the ledger');
    expect(result).toContain('RECONCILIATION_PASS');

    const other = await send(ada, { ...sent, cash: '1.00' }, 'commit');
    expect([other.statusCode, refusalOn(other.body)]).toEqual([400, 'MESSAGE_INVALID']);
    expect(fieldsOn(other.body)['command']).not.toBe(fields['command']);
    expect(await rowsOf('reconciliations')).toBe(1);
  });
});

describe('a form of nine positions', () => {
  it('has no cash on it, shows the ledger beside each row, and sends no row that was not looked at', async () => {
    const fields = await formOf(ada);
    expect(fields['cash']).toBe('');
    expect(Object.keys(fields).filter((name) => name.startsWith('same.'))).toEqual([]);
    const ticks = await ticked(ada);
    expect(ticks).toEqual(Object.fromEntries(Object.entries(NINE).map(([symbol, units]) => [`same.${symbol}`, units])));
    const { 'same.NVDA': _, 'same.KO': __, ...seven } = ticks;
    const before = await fingerprint(db);
    const checked = await send(ada, { ...fields, ...seven }, 'compare');
    expect(checked.body).toContain('7 of 9 seen');
    expect(checked.body).toContain('Waits for 3 rows: the cash, KO, NVDA.');
    const refused = await send(ada, { ...fields, ...seven, cash: '' });
    expect([refused.statusCode, refusalOn(refused.body)]).toEqual([400, 'SNAPSHOT_INVALID']);
    for (const field of ['cash', 'positions.NVDA', 'positions.KO'])
      expect(refused.body).toContain(`href="#f-${field}"`);
    expect(refused.body.match(/href="#f-/g)).toHaveLength(3);
    expect(refused.body.match(/" checked/g)).toHaveLength(7);
    // A commit that skips the review is held against the same rules.
    expect((await send(ada, { ...fields, ...seven, cash: '1' }, 'commit')).statusCode).toBe(400);
    // An id that no form has is asked of no database.
    const others = { ...(await same(ada)), command: 'a\u0000b' };
    expect((await send(ada, others, 'commit')).statusCode).toBe(400);
    expect((await send(ada, others, 'compare')).statusCode).toBeLessThan(500);
    expect(await fingerprint(db)).toEqual(before);
  });

  it('stores which rows were ticked and which typed, signed with the figures; of others nothing is known', async () => {
    const typed = { ...(await same(ada)), 'positions.KO': '40.00005', 'positions.PG': '0' };
    delete (typed as Fields)['same.KO'];
    delete (typed as Fields)['same.PG'];
    const sent = await send(ada, typed, 'commit');
    const stored = await storedAt(sent.headers.location);
    expect(stored.status).toBe('FAIL');
    const { KO, PG, ...others } = stored.evidence.seen ?? {};
    expect([KO, PG, new Set(Object.values(others))]).toEqual(['typed', 'typed', new Set(['ticked'])]);
    expect(stored.evidence.snapshot.positions).toEqual({ ...without(NINE, 'PG'), KO: '40.00005' });
    await seat.reconcile(MONDAY, { cash: CASH, positions: NINE, operator: 'ada' });
    const [newest] = await db('reconciliations').orderBy('seq', 'desc').limit(1).select('evidence');
    expect(newest?.evidence).not.toHaveProperty('seen');
    const verified = await cliHere(installation, ['signatures', 'verify']);
    expect(verified.code, verified.stdout + verified.stderr).toBe(0);
  });

  it('takes what a person edits of what stood there, and asks about a row that is ticked and typed too', async () => {
    const [latest] = await db('reconciliations')
      .where({ status: 'FAIL' })
      .orderBy('seq', 'desc')
      .pluck('reconciliation_id');
    const again = await formOf(ada, `${FORM}?again=${latest}`);
    expect(again).toMatchObject({ cash: CASH.replace('.50', '.5'), 'positions.KO': '40.00005', 'positions.PG': '0' });
    const both = await send(ada, { ...again, 'same.KO': '40' });
    expect(both.body).toContain('is ticked as 40 too: leave one of the two');
    const edited = await send(ada, { ...again, 'positions.KO': '41', 'positions.PG': '12' }, 'commit');
    const stored = await storedAt(edited.headers.location);
    expect(stored.evidence.snapshot.positions).toMatchObject({ KO: '41', PG: '12' });
    expect((await ada.get(`${FORM}?again=${randomUUID()}`)).statusCode).toBe(404);
    expect((await ada.get(`${FORM}?again=x`)).statusCode).toBe(404);
  });

  it('hides what the ledger says where the policy wants it blind', async () => {
    useDemoPolicy(installation, { operators: ['ada', 'bo'], universe: false, more: 'desk: { reconcile: blind }\n' });
    const page = (await ada.get(FORM)).body;
    expect(page).not.toContain('name="same.');
    for (const units of ['7.123456', '4.079856', '10,000.50']) expect(page).not.toContain(units);
    const some = await send(ada, { ...fieldsOn(page), 'positions.META': '7', 'same.KO': '40' }, 'compare');
    expect(some.body).toContain('1 of 9 seen');
    expect(some.body).toContain('−0.123456');
    useDemoPolicy(installation, { operators: ['ada', 'bo'], universe: false });
  });
});

const without = (all: Fields, ...names: string[]): Fields =>
  Object.fromEntries(Object.entries(all).filter(([name]) => !names.includes(name)));

/** Inputs that are refused: as flags of the command line, and as fields of the form. */
const OTHERS_TYPED = Object.entries(NINE).flatMap(([symbol, units]) => ['--position', `${symbol}=${units}`]);
const REFUSED: [what: string, flags: string[], fields: Fields][] = [
  ...[
    '-1',
    '1000.505',
    '1,000',
    '1,000.50',
    '£1000',
    '1e3',
    'NaN',
    '0x10',
    '1000000000000',
    '.5',
    '5.',
    '１０',
    '1.234,56',
    '1 000',
  ].map((cash): [string, string[], Fields] => [`cash ${cash}`, ['--cash', cash, ...OTHERS_TYPED], { cash }]),
  ['no cash', OTHERS_TYPED, { cash: '' }],
  ...['-1', '0.0000001', '1e5', '1,5', '1,234.5', 'ten', '1234567890', '∞', '=1+1', '1\u00A0000'].map(
    (units): [string, string[], Fields] => [
      `units ${units}`,
      ['--cash', CASH, '--position', `AAPL=${units}`, ...OTHERS_TYPED.slice(2)],
      { 'positions.AAPL': units },
    ],
  ),
  ...['AA PL', '9A', '../X', 'ABCDEFGHIJKLMNOP', '<script>', '__proto__'].map((symbol): [string, string[], Fields] => [
    `symbol ${symbol}`,
    ['--cash', CASH, ...OTHERS_TYPED, '--position', `${symbol}=1`],
    { 'other.1.symbol': symbol, 'other.1.units': '1' },
  ]),
  [
    'a symbol twice',
    ['--cash', CASH, ...OTHERS_TYPED, '--position', 'KO=1'],
    { 'other.1.symbol': 'KO', 'other.1.units': '1' },
  ],
  ['units without a symbol', ['--cash', CASH, ...OTHERS_TYPED, '--position', '=1'], { 'other.2.units': '1' }],
  ...['2018-05-08', '2017-01-01', '2018-02-30', 'today', '', '04/05/2018'].map((date): [string, string[], Fields] => [
    `date ${date}`,
    ['--cash', CASH, ...OTHERS_TYPED, '--snapshot-date', date],
    { snapshotDate: date },
  ]),
  ['notes too long', ['--cash', CASH, ...OTHERS_TYPED, '--notes', 'x'.repeat(501)], { notes: 'x'.repeat(501) }],
  ['notes that turn', ['--cash', CASH, ...OTHERS_TYPED, '--notes', 'a\u202Eb'], { notes: 'a\u202Eb' }],
];
/** Inputs that are recorded: what the command says, and what the form says. */
const TAKEN: [what: string, flags: string[], change: (fields: Fields) => Fields][] = [
  ['the same', ['--cash', CASH, ...OTHERS_TYPED], (fields) => fields],
  ['cash within', ['--cash', '10005.50', ...OTHERS_TYPED], (fields) => ({ ...fields, cash: '10005.50' })],
  ['cash over', ['--cash', '10005.51', ...OTHERS_TYPED], (fields) => ({ ...fields, cash: ' 10005.51 ' })],
  ['cash of nothing', ['--cash', '0', ...OTHERS_TYPED], (fields) => ({ ...fields, cash: '0' })],
  [
    'a position gone',
    ['--cash', CASH, ...OTHERS_TYPED.slice(2)],
    (fields) => ({ ...without(fields, 'same.AAPL'), 'positions.AAPL': '0.000000' }),
  ],
  [
    'one nobody knows',
    ['--cash', CASH, ...OTHERS_TYPED, '--position', 'GME=3'],
    (fields) => ({ ...fields, 'other.2.symbol': 'GME', 'other.2.units': '3.000' }),
  ],
  [
    'units within',
    ['--cash', CASH, ...OTHERS_TYPED.slice(2), '--position', 'AAPL=80.0001'],
    (fields) => ({ ...without(fields, 'same.AAPL'), 'positions.AAPL': '80.0001' }),
  ],
];

describe('through either door', () => {
  it('bad input has the same code and the same end, names field and rule, and records nothing', async () => {
    const all = await same(ada);
    const before = await fingerprint(db);
    const found: unknown[] = [];
    const outcome = async ([what, flags, fields]: (typeof REFUSED)[number]) => {
      const dated = flags.includes('--snapshot-date') ? flags : [...flags, '--snapshot-date', MONDAY];
      const cli = await cliHere(installation, ['--json', 'reconcile-daily', '--operator', 'ada', '--at', AT, ...dated]);
      const { error } = JSON.parse(cli.stderr) as { error: { code: string; message: string } };
      const symbol = Object.keys(fields).flatMap((name) => /^positions\.(.+)$/.exec(name)?.[1] ?? [])[0];
      const page = await send(ada, { ...without(all, `same.${symbol}`), ...fields }, 'commit');
      const shown = /id="trouble"[\s\S]*?<\/div>/.exec(page.body)?.[0] ?? '';
      found.push([what, cli.code, error.code, page.statusCode, refusalOn(page.body)]);
      expect(shown, what).toMatch(/<p>(<a href="#f-[^"]+">)?[^<]+: /);
      // Each field is called as the form calls it, and by no name of its own.
      expect(shown, what).not.toMatch(/>(?:cash|notes|snapshotDate|snapshot-date|(?:positions|same|other)\.)/);
      for (const [name, value] of Object.entries(fields))
        expect(fieldsOn(page.body)[name], `${what}: what was typed`).toBe(value);
    };
    for (const one of REFUSED) await outcome(one);
    expect(found).toEqual(found.map((one) => [(one as string[])[0], 64, 'SNAPSHOT_INVALID', 400, 'SNAPSHOT_INVALID']));
    expect(found).toHaveLength(41);
    expect(await fingerprint(db)).toEqual(before);
  }, 60_000);

  it('figures that can be taken come to the same comparison, and the same rows are stored', async () => {
    const tables = ['snapshots', 'snapshot_positions', 'reconciliations', 'signatures', 'journal_entries', 'postings'];
    const counts = async () => Promise.all(tables.map(rowsOf));
    const added = (after: number[], before: number[]) => after.map((count, index) => count - (before[index] ?? 0));
    for (const [what, flags, change] of TAKEN) {
      const before = await counts();
      const page = await send(ada, change(await same(ada)), 'commit');
      const between = await counts();
      const said = ['--json', 'reconcile-daily', '--operator', 'ada', '--at', AT, '--snapshot-date', OF];
      const cli = await cliHere(installation, [...said, ...flags]);
      const after = await counts();
      const stored = await storedAt(page.headers.location);
      const reply = JSON.parse(cli.stdout) as { status: string; reasons: unknown[]; explanations: object[] };
      expect([what, reply.status, reply.reasons]).toEqual([what, stored.status, stored.reasons]);
      expect(reply.explanations.map((each) => without(each as Fields, 'command'))).toEqual(
        stored.evidence.explanations,
      );
      const [newest] = await db('reconciliations').orderBy('seq', 'desc').limit(1).select('evidence');
      expect(newest?.evidence.lines).toEqual(stored.evidence.lines);
      expect(added(after, between), what).toEqual(added(between, before));
    }
  }, 60_000);
});

describe('while somebody types', () => {
  const ask = (fields: Fields, token = ada.token) => ada.post(`${FORM}/preview`, { ...fields, token });

  it('the difference is what the gate will say, for many figures, and no row is written', async () => {
    const all = await same(ada);
    const unit = fc.constantFrom('same', 'same', '0', '1.5', '80', '80.0001', '80.00011', '3');
    const drawn = fc.sample(
      fc.record({
        cash: fc.constantFrom('same', 'same', '10005.50', '10005.51', '9000', '0.01', '10012.84'),
        rows: fc.tuple(...Object.keys(NINE).map(() => unit)),
        other: fc.constantFrom('', '', '', 'GME', 'SP500'),
      }),
      { seed: 7, numRuns: 60 },
    );
    const sign = seat.sign;
    for (const { cash, rows, other } of drawn) {
      const fields: Fields = {
        ...all,
        ...(cash !== 'same' && { cash }),
        ...(other && { 'other.1.symbol': other, 'other.1.units': '2' }),
      };
      const positions: Fields = { ...NINE, ...(other && { [other]: '2' }) };
      for (const [index, symbol] of Object.keys(NINE).entries()) {
        const units = rows[index] ?? 'same';
        if (units === 'same') continue;
        delete fields[`same.${symbol}`];
        fields[`positions.${symbol}`] = units;
        if (units === '0') delete positions[symbol];
        else positions[symbol] = units;
      }
      const before = await rowsOf('reconciliations');
      const told = (await ask(fields)).json<{
        counted: string;
        lines: string[];
        rows: Record<string, { verdict: string; difference: string }>;
      }>();
      expect(await rowsOf('reconciliations')).toBe(before);
      const recorded = await reconcile(
        { ...place, now: () => new Date().toISOString() },
        { operator: 'ada', door: 'desk', claimedAt: AT, sign },
        {
          account: 'main',
          tradingDay: MONDAY,
          commandId: randomUUID(),
          snapshotDate: OF,
          cash: fields['cash'] ?? '',
          positions,
          notes: null,
        },
      );
      const stored = await findReconciliation(db, recorded.reconciliationId ?? '');
      expect(told.lines.at(-1)).toBe(`Not recorded yet: it would be RECONCILIATION_${stored?.status}.`);
      expect(told.counted).toBe('9 of 9 seen');
      for (const { symbol, code, drift } of stored?.evidence.lines ?? []) {
        const row = told.rows[symbol === null ? 'cash' : symbol === other ? 'other.1' : symbol];
        const verdict = row?.verdict ?? '';
        expect([symbol, /✕ (\w+)/.exec(verdict)?.[1] ?? null, /✓ same/.test(verdict)]).toEqual([
          symbol,
          code,
          code === null && D(drift).isZero(),
        ]);
      }
      for (const { text } of stored?.evidence.explanations ?? []) expect(told.lines.join('\n')).toContain(text);
    }
  }, 60_000);

  it('is told of a form that is half filled in, without a row; by nobody else, and by no other form', async () => {
    const before = await fingerprint(db);
    const begun = { 'same.AAPL': '80', 'positions.KO': '4,5', cash: '10012.84' };
    const told = await ask({ ...(await formOf(ada)), ...begun, notes: 'two words' });
    expect(told.json()).toMatchObject({
      counted: '1 of 9 seen',
      rows: {
        cash: { difference: '+$12.34', verdict: expect.stringContaining('✕ CASH_DRIFT'), tone: 'bad' },
        AAPL: { difference: '–', verdict: '✓ same' },
        KO: { verdict: expect.stringMatching(/^! must be units/), tone: 'warn' },
        PG: { verdict: '○ not seen yet' },
      },
    });
    // The command follows what is typed: a page on which nobody has, or that no script keeps up, says of when it is.
    expect((told.json() as { command: string }).command).toMatch(
      /^trading-ops reconcile-daily --snapshot-date 2018-\S+ --cash 10012\.84 --position AAPL=80 --notes 'two words' --at/,
    );
    const shown = (await ada.get(FORM)).body;
    expect(shown).toMatch(/The same at a terminal\s*<span data-part="checked">, as it was checked last<\/span>/);
    const reviewed = (await send(ada, await same(ada))).body;
    expect([reviewed.includes('Nothing is recorded yet'), reviewed.includes('checked last')]).toEqual([true, false]);
    expect((await ask(begun, 'x')).statusCode).toBe(403);
    const stranger = await ada.app.inject({
      method: 'POST',
      url: `${FORM}/preview`,
      headers: SENDS,
      payload: 'cash=1',
    });
    expect(stranger.statusCode).toBe(401);
    // The check without a script is the same words.
    const page = (await send(ada, { ...(await formOf(ada)), ...begun }, 'compare')).body;
    for (const text of ['1 of 9 seen', '+$12.34', '✕ CASH_DRIFT', '✓ same', '○ not seen yet'])
      expect(page).toContain(text);
    expect(await fingerprint(db)).toEqual(before);
  });
});

describe('a table from eToro', () => {
  const read = async (file: string, step = 'read') => send(ada, { ...(await formOf(ada)), file }, step);

  it.each([
    ['tabs', 'symbol\tunits\nAAPL\t80\ncash\t1,234.56', ['AAPL', '1234.56']],
    ['search names', 'Microsoft 2.5\nCoca-Cola 40', ['MSFT', 'KO']],
    ['hard spaces', 'symbol;units\nKO;1\u00A0040\nPG;12', ['1040', 'PG']],
    [
      'two lots of one symbol',
      'symbol,units,price\nAAPL,30,1\nAAPL,50,2',
      ['30 + 50 = 80', 'Columns that were not read: price'],
    ],
    ['a position that is none', 'AAPL 0\nKO 40', ['Not held, as the table says: AAPL']],
    ['quotes', 'symbol,units\n"AAPL","1,080.5"', ['1080.5']],
    ['wide', 'Instrument    Units\nProcter & Gamble    12', ['PG']],
  ])('%s are found, and shown before anything is taken', async (_, table, found) => {
    const page = await read(table);
    expect(page.statusCode, page.body).toBe(200);
    for (const text of found) expect(page.body).toContain(text);
    expect(page.body).toContain('value="take"');
    expect(page.body).toContain('Not in the table, and still to be ticked or typed');
    expect(fieldsOn(page.body)).toMatchObject({ cash: '', 'positions.AAPL': '', 'positions.KO': '' });
  });

  it.each([
    ['a figure of two meanings', 'AAPL 80\nKO 1.234,56', 'may be read in more than one way'],
    ['an unknown name', 'AAPL 80\nNobody & Sons 3', 'must be a symbol or etoro_search_name'],
    ['a line that is no row', 'symbol,units\nAAPL,80\nKO', 'must have 2 fields'],
    ['cash in other money', 'AAPL 80\ncash (GBP) 5', 'must be in the currency of the account, USD'],
  ])('%s is shown with its rule, and nothing is taken', async (_, table, rule) => {
    const page = await read(table);
    expect(page.body).toContain(rule.replace('&', '&amp;'));
    expect(page.body).toContain('Nothing is taken');
    expect(page.body).not.toContain('value="take"');
    const taken = await read(table, 'take');
    expect([taken.statusCode, refusalOn(taken.body)]).toEqual([400, 'SNAPSHOT_INVALID']);
    expect(fieldsOn(taken.body)['positions.AAPL']).toBe('');
    expect(fieldsOn(taken.body)['file']).toBe(table);
  });

  it('that is nothing, or too long, is refused as a whole', async () => {
    for (const table of ['', ' \n ', 'x'.repeat(1_200)]) {
      const refused = await read(table);
      expect([refused.statusCode, refusalOn(refused.body)]).toEqual([400, 'SNAPSHOT_INVALID']);
    }
  });

  it('comes as a file too: what was pasted before it does not count, and what is no text is told', async () => {
    const fields = { ...(await formOf(ada)), 'positions.PG': '12' };
    const file = { name: 'table.csv', content: '\uFEFFsymbol;units\r\nKO;1\u00A0040\r\ncash;5.00\r\n' };
    const read = await sendFiles(ada, FORM, { ...fields, file: 'AAPL 1', step: 'read' }, { file });
    expect(read.body).toContain('1040');
    expect(read.body).toContain('value="take"');
    const shown = fieldsOn(read.body);
    expect(shown['file']).toContain('KO;1\u00A0040');
    const taken = fieldsOn((await sendFiles(ada, FORM, { ...shown, step: 'take' }, { file: null })).body);
    expect(taken).toMatchObject({ cash: '5.00', 'positions.KO': '1040', 'positions.PG': '12', 'positions.AAPL': '' });
    const photo = { name: 'screen.png', content: new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0xff]) };
    const refused = await sendFiles(ada, FORM, { ...fields, step: 'read' }, { file: photo });
    expect([refused.statusCode, refusalOn(refused.body)]).toEqual([400, 'SNAPSHOT_INVALID']);
    expect(refused.body).toContain('The table: screen.png: must be text in UTF-8');
    expect(fieldsOn(refused.body)['positions.PG']).toBe('12');
  });

  it('that was never taken is told at the check and at the review, for nothing of it counts', async () => {
    const typed = { ...(await same(ada)), file: 'GME 1\nAAPL 80' };
    const rule = 'must be read and its figures taken before they count, or nothing may stand there';
    expect((await send(ada, typed, 'compare')).body).toContain(rule);
    const refused = await send(ada, typed, 'check');
    expect([refused.statusCode, refusalOn(refused.body)]).toEqual([400, 'SNAPSHOT_INVALID']);
    expect(refused.body).toContain(`The table: &quot;GME 1&quot;: ${rule}`);
    expect(fieldsOn(refused.body)['file']).toBe('GME 1\nAAPL 80');
    // A browser sends a table with the line ends of mail; they are no part of what is told.
    const sent = await send(ada, { ...typed, file: 'GME 1\r\nAAPL 80' }, 'check');
    expect(sent.body).toContain(`The table: &quot;GME 1&quot;: ${rule}`);
    expect((await send(ada, { ...typed, file: ' \n' }, 'check')).statusCode).toBe(200);
    // Once taken a row may be typed over; another table would have to be taken itself.
    const taken = fieldsOn((await send(ada, { ...typed, file: 'AAPL 81' }, 'take')).body);
    expect((await send(ada, { ...taken, 'positions.AAPL': '80' }, 'check')).statusCode).toBe(200);
    expect((await send(ada, { ...taken, file: 'AAPL 82' }, 'check')).statusCode).toBe(400);
  });

  it('that is larger than the desk takes loses nothing of what was typed before it', async () => {
    const typed = { ...(await formOf(ada)), cash: '1000.77', 'positions.PG': '12', step: 'read' };
    const large = 'x'.repeat(300_000);
    const sent = [
      await sendFiles(ada, FORM, typed, { file: { name: 'photo.png', content: large } }),
      await sendFiles(ada, FORM, { ...typed, file: large }, { file: null }),
      await ada.post(FORM, { ...typed, file: large }),
    ];
    for (const page of sent) {
      expect([page.statusCode, page.body.includes('must be at most 256 kB')]).toEqual([413, true]);
      expect(page.body).toContain('<div><dt>Cash</dt><dd>1000.77</dd></div>');
      expect(page.body).not.toContain('xxx');
      expect(page.body).toContain('<button name="step" value="form"');
      const back = await ada.post(FORM, { ...fieldsOf(page.body), step: 'form' });
      expect(fieldsOn(back.body)).toMatchObject({ cash: '1000.77', 'positions.PG': '12', file: '' });
    }
    // What is no form, or of no form's address, is told as before.
    for (const payload of ['x'.repeat(300_000), `--x\r\n${large}`]) {
      const headers = { ...SENDS, cookie: ada.cookie, 'content-type': 'multipart/form-data; boundary=x' };
      const none = await ada.app.inject({ method: 'POST', url: FORM, headers, payload });
      expect([none.statusCode, none.body.includes('Try again')]).toEqual([413, true]);
    }
  });

  it('fills the rows with its figures, which count as typed, whatever was ticked', async () => {
    const table = `${Object.entries(NINE)
      .map(([symbol, units]) => `${symbol}\t${units}`)
      .join('\n')}\nGME\t1\ncash\t${CASH}`;
    const unknown = await read(table);
    expect(unknown.body).toContain('GME');
    const filled = await send(
      ada,
      { ...(await formOf(ada)), 'same.AAPL': '80', file: table.replace('GME\t1\n', 'SPX500\t1\n') },
      'take',
    );
    const fields = fieldsOn(filled.body);
    expect(fields).toMatchObject({
      cash: CASH,
      'positions.META': '7.123456',
      'other.1.symbol': 'SP500',
      'other.1.units': '1',
    });
    expect(fields).not.toHaveProperty('same.AAPL');
    const stored = await storedAt((await send(ada, fields, 'commit')).headers.location);
    expect(new Set(Object.values(stored.evidence.seen ?? {}))).toEqual(new Set(['typed']));
    expect(stored.evidence.snapshot.positions).toEqual({ ...NINE, SP500: '1' });
  });
});

describe('what came of it', () => {
  it('is told of what is stored, each explanation as the way to its form; nothing is booked by looking', async () => {
    const asker = { operator: 'ada', door: 'desk', claimedAt: AT, sign: seat.sign } as const;
    const dividend = { account: 'main', symbol: 'PG', exDate: '2018-05-01', net: '5.00' };
    await bookDividend(place, asker, dividend);
    const sent = await send(
      ada,
      {
        ...(await same(ada)),
        cash: D(await ledgerCash())
          .plus(250)
          .toFixed(2),
      },
      'commit',
    );
    const stored = await storedAt(sent.headers.location);
    expect(stored.status).toBe('FAIL');
    const before = await fingerprint(db);
    const page = (await ada.get(String(sent.headers.location))).body;
    expect(page).toContain('RECONCILIATION_FAIL');
    expect(page).toContain('href="/main/book/cash?kind=DEPOSIT&amp;amount=250.00&amp;date=');
    expect(page).toContain('I see this at eToro: book it…');
    expect(page).toContain(`href="/main/reconcile?again=${stored.reconciliationId}"`);
    expect(page).toContain('No TRADE until they do');
    expect(page).not.toContain('Compared again since');
    expect(page.match(/<td[^>]*>ticked<\/td>/g)).toHaveLength(9);
    expect(await fingerprint(db)).toEqual(before);
    // The way of the card: the booking's own form, its review, and only then an entry.
    const [, href = ''] = /href="(\/main\/book\/cash[^"]+)"/.exec(page) ?? [];
    const booking = fieldsOn((await ada.get(href.replaceAll('&amp;', '&'))).body);
    expect(booking).toMatchObject({ kind: 'DEPOSIT', amount: '250.00' });
    const reviewed = await ada.post('/main/book/cash', booking);
    expect(reviewed.statusCode, reviewed.body).toBe(200);
    expect(await fingerprint(db)).toEqual(before);
    const booked = await ada.post('/main/book/cash', { ...fieldsOn(reviewed.body), step: 'commit' });
    expect(booked.statusCode, booked.body).toBe(303);
    const again = await formOf(ada, `/main/reconcile?again=${stored.reconciliationId}`);
    const passed = await storedAt((await send(ada, again, 'commit')).headers.location);
    expect(passed.status).toBe('PASS');
    // What differed stays to be read, and stops nothing any more.
    const over = (await ada.get(String(sent.headers.location))).body;
    expect(over).toContain('RECONCILIATION_FAIL');
    expect(over).toMatch(
      new RegExp(`Compared again since.*/reconciliations/${passed.reconciliationId}">RECONCILIATION_PASS`),
    );
    expect(over).not.toMatch(/No TRADE until they do|Reconcile again with the same figures/);
    for (const path of [randomUUID(), 'x', '%00'])
      expect((await ada.get(`/main/reconciliations/${path}`)).statusCode).toBe(404);
  });
});

describe('a form that was made before something changed', () => {
  it('is refused with what changed and by whom, keeps what was typed, and is sent again from there', async () => {
    const fields = await same(ada);
    const asker = { operator: 'bo', door: 'desk', claimedAt: AT, sign: seat.sign } as const;
    await bookCash(place, asker, { account: 'main', kind: 'DEPOSIT', amount: '7.00', date: OF, notes: null });
    const theirs = await send(bo, await same(bo), 'commit');
    expect(theirs.statusCode).toBe(303);
    const before = await fingerprint(db);
    for (const step of ['check', 'commit']) {
      const stale = await send(ada, fields, step);
      expect([stale.statusCode, refusalOn(stale.body)]).toEqual([409, 'FORM_STALE']);
      expect(stale.body).toMatch(
        /<a href="\/main\/ledger\/\d+">entry \d+<\/a> was booked by bo, 2018-05-07 09:00 UK time \(BST\): DEPOSIT/,
      );
      expect(stale.body).toContain('RECONCILIATION_PASS was recorded by bo');
      expect(fieldsOn(stale.body)).toMatchObject({ cash: fields['cash'], 'same.AAPL': '80' });
    }
    expect(await fingerprint(db)).toEqual(before);
    const now = fieldsOn((await send(ada, fields)).body);
    const sent = await send(ada, now, 'commit');
    expect((await storedAt(sent.headers.location)).status).toBe('FAIL');
    const unknown = await send(ada, { ...(await same(ada)), builtOn: "1'; drop table x/--" });
    expect([unknown.statusCode, refusalOn(unknown.body)]).toEqual([409, 'FORM_STALE']);
  });
});

describe('while parts are away', () => {
  it('without a worker figures are kept, the page says so, and they are recorded once when one is back', async () => {
    const { dataDir } = installation;
    const nobody = {
      ...place,
      mail: openMail(installation.settings, { dataDir, taskQueue: 'nobody', isLocal: false }),
    };
    const alone = await sitDown(nobody, { operator: 'ada' });
    // Whatever an address says, a page tells only of what waits.
    expect((await alone.get(`/main/reconciliations/${randomUUID()}?kept=yes`)).body).not.toContain('by ada');
    const typed = await same(alone);
    const kept = await send(alone, typed, 'commit');
    expect([kept.statusCode, String(kept.headers.location)]).toEqual([303, expect.stringMatching(/\?kept=yes$/)]);
    const again = await send(alone, typed, 'commit');
    expect(String(again.headers.location).replace('?kept=yes', '')).toBe(
      String(kept.headers.location).replace('?kept=yes', ''),
    );
    await expect
      .poll(async () => (await alone.get(String(kept.headers.location))).body, { timeout: 20_000 })
      .toContain('RECONCILIATION_PASS');
    expect(await db('reconciliations').where({ command_id: typed['command'] }).pluck('status')).toEqual(['PASS']);
    await alone.app.close();
    await nobody.mail.close();
  });

  it('without Temporal nothing is sent, and everything typed is in the page, to be sent again', async () => {
    const settings = { ...installation.settings, temporalAddress: '127.0.0.1:9' };
    const mail = openMail(settings, { dataDir: installation.dataDir, taskQueue: 'nobody', isLocal: false });
    const away = await sitDown({ ...place, mail }, { operator: 'ada' });
    const typed = await same(away);
    const failed = await send(away, typed, 'commit');
    expect(failed.statusCode).toBe(503);
    expect(failed.body).toContain('TEMPORAL_DOWN');
    expect(fieldsOn(failed.body)).toMatchObject(typed);
    expect(failed.body).toContain('name="step" value="commit"');
    await away.app.close();
    await mail.close();
  });

  it('when the session is over every field goes along, back to the form', async () => {
    const typed = { ...(await same(ada)), notes: 'kept <b>' };
    const over = await ada.app.inject({
      method: 'POST',
      url: FORM,
      headers: SENDS,
      payload: new URLSearchParams({ ...typed, step: 'commit' }).toString(),
    });
    expect(over.statusCode).toBe(401);
    expect(over.body).toContain('name="carried.f.same.META" value="7.123456"');
    expect(over.body).toContain('name="carried.f.notes" value="kept &lt;b&gt;"');
    const back = fieldsOn((await send(ada, typed, 'form')).body);
    expect(back).toMatchObject({ ...without(typed, 'token'), notes: 'kept <b>' });
  });
});

describe('whoever has a passkey', () => {
  it('signs the figures on the page of the review, and nothing is recorded without', async () => {
    const passkey = newPasskey(`localhost:${DESK_PORT}`);
    const { challenge = '' } = fieldsIn((await bo.get('/settings/passkey')).body);
    const registration = registers(passkey, new Uint8Array(Buffer.from(challenge, 'hex')));
    await bo.post('/settings/passkey', { challenge, label: 'laptop', registration });
    const approved = await cliHere(installation, ['operator', 'approve', fingerprintOf(passkey.publicKey)]);
    expect(approved.code, approved.stderr).toBe(0);
    const typed = await same(bo);
    const before = await rowsOf('reconciliations');
    const { attestation = '' } = fieldsOn((await send(bo, typed)).body);
    const unsigned = await send(bo, { ...typed, attestation }, 'commit');
    expect(unsigned.statusCode).toBeGreaterThanOrEqual(400);
    expect(await rowsOf('reconciliations')).toBe(before);
    const assertion = answers(passkey, new Uint8Array(createHash('sha256').update(attestation).digest()));
    // Other figures than those that were signed are not recorded by it.
    const other = await send(bo, { ...typed, cash: '1', attestation, assertion }, 'commit');
    expect(other.statusCode).toBeGreaterThanOrEqual(400);
    expect(await rowsOf('reconciliations')).toBe(before);
    const sent = await send(bo, { ...typed, attestation, assertion }, 'commit');
    const stored = await storedAt(sent.headers.location);
    expect(stored).toMatchObject({ operator: 'bo', evidence: { seen: { AAPL: 'ticked' } } });
    const [signature] = await db('signatures').orderBy('seq', 'desc').limit(1).select('kind', 'operator');
    expect(signature).toEqual({ kind: 'passkey', operator: 'bo' });
  });
});

describe('whoever has not said who they are', () => {
  it('is asked for their name first; Today leads to the form when that is next', async () => {
    const nobody = await sitDown(place, { operator: null as never });
    expect((await nobody.get(FORM)).body).toContain('Who are you?');
    await nobody.app.close();
    const failing = await send(ada, { ...(await same(ada)), cash: '1' }, 'commit');
    expect((await storedAt(failing.headers.location)).status).toBe('FAIL');
    await seat.viewWhen(MONDAY, ({ state }) => state === 'open');
    expect((await ada.get('/main/today')).body).toContain('<a class="action" href="/main/reconcile">Reconcile</a>');
  });
});
