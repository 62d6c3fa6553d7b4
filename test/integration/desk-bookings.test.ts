import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BOOKING_KINDS } from '../../src/desk/forms/booking-kinds.js';
import { deskText } from '../../src/desk/desk-words.js';
import type { Place } from '../../src/desk/place.js';
import { openMail } from '../../src/desk/mail.js';
import { connect, OF_THE_DESK } from '../../src/db/connect.js';
import { journal, ledgerState } from '../../src/db/journal.js';
import { ledgerStateAtHand } from '../../src/db/ledger-at-hand.js';
import { resultOrThrow } from '../../src/domain/errors.js';
import { bookLatches } from '../../src/operations/guard/book-latches.js';
import { standingLatches } from '../../src/operations/guard/latch.js';
import { BOOKINGS, type BookingName } from '../../src/operations/ledger/bookings.js';
import { reportBook } from '../../src/operations/ledger/report.js';
import { setBaseline } from '../../src/operations/ledger/set-baseline.js';
import { money, units } from '../../src/reports/render/format.js';
import { readInstallationKey } from '../../src/runtime/signing/installation-key.js';
import { loadSettings } from '../../src/runtime/settings.js';
import { createDesk } from '../../src/desk/server.js';
import { DESK_PORT, fieldsOf, LOOKS, sealsOf, SENDS, sitDown, unescapedHtml, type Seated } from '../support/desk.js';
import { fingerprint } from '../support/unchanged.js';
import { row } from '../unit/fixtures/closes-2014.js';
import { goodFacts } from '../unit/fixtures/facts-2014.js';
import { asks, createLedger, policy, writeConfiguration, type Ledger } from './ledger.fixture.js';

/** Every booking by its form: refused as by a direct call, and what was read is what is booked. */
const AT = '2014-07-01T08:00:00.000Z';
const OPENED = '2014-06-03T07:00:00.000Z';

let ledger: Ledger;
/** Waits for no lock. */
let db: Knex;
let place: Place;
let seated: Seated;

beforeAll(async () => {
  ledger = await createLedger();
  const { database, installation } = ledger;
  db = connect(database.appUrl, 4, { ...OF_THE_DESK, lock: 300 });
  // TWTR came to the exchange and has no price here yet.
  writeConfiguration(installation.configDir, policy, [
    ...goodFacts().universe,
    row('TWTR', { etoroSearchName: 'Twitter' }),
  ]);
  const { dataDir } = installation;
  place = {
    ...installation,
    db,
    databaseUrl: database.appUrl,
    mail: openMail(loadSettings({}), { dataDir, taskQueue: 'none', isLocal: true }),
    sealKey: sealsOf(installation),
    port: DESK_PORT,
    installation: readInstallationKey(dataDir)?.installation ?? '',
    dryRun: false,
    exposure: null,
    trustedProxies: [],
  };
  resultOrThrow(
    await setBaseline(ledger.installation, asks(OPENED), {
      account: 'main',
      cash: '1000',
      positions: { AAPL: '10', KO: '400' },
      reason: 'as eToro shows',
    }),
  );
  seated = await sitDown(place, { operator: 'ann' });
  await seated.post('/main/clock', { clock: '2014-07-01 09:00' });
}, 60_000);
afterAll(async () => {
  await seated.app.close();
  await db.destroy();
  await ledger.close();
});

type Typed = Record<string, string>;
type Kind = Exclude<BookingName, 'reverse'>;
const GOOD: Record<Kind, Typed> = {
  cash: { kind: 'DEPOSIT', amount: '10', date: '2014-06-20' },
  dividend: { symbol: 'KO', exDate: '2014-06-12', type: 'regular' },
  split: { symbol: 'AAPL', exDate: '2014-06-09' },
  rename: { symbol: 'KO', to: 'MSFT', date: '2014-06-20' },
  'cash-merger': { symbol: 'KO', date: '2014-06-20', net: '9000' },
  'stock-merger': { symbol: 'KO', to: 'MSFT', ratio: '0.5', date: '2014-06-20' },
  'spin-off': { symbol: 'KO', to: 'MSFT', ratio: '0.5', exDate: '2014-06-20', costShare: '0.2' },
  'cash-in-lieu': { symbol: 'KO', date: '2014-06-20', net: '12.50', units: '0.5' },
  delisting: { symbol: 'KO', date: '2014-06-20' },
};
const KINDS = Object.keys(GOOD) as Kind[];
const BIDI = 'all \u202Ewell';
const LONG = 'x'.repeat(501);
const TO_COME = '2031-01-01';
const BY_SYMBOL: Kind[] = KINDS.filter((kind) => 'symbol' in GOOD[kind]);
const dateOf = (kind: Kind): string => ('exDate' in GOOD[kind] ? 'exDate' : 'date');

/** What is typed wrongly into which form, and the code that it is refused with. */
const REFUSED: [Kind, string, Typed, string][] = [
  ...KINDS.map((kind): [Kind, string, Typed, string] => [kind, 'nothing', emptied(GOOD[kind]), 'ARGUMENT_INVALID']),
  ...KINDS.map((kind): [Kind, string, Typed, string] => [
    kind,
    'a day to come',
    { [dateOf(kind)]: TO_COME },
    'DATE_INVALID',
  ]),
  ...KINDS.map((kind): [Kind, string, Typed, string] => [
    kind,
    'no such day',
    { [dateOf(kind)]: '2014-02-30' },
    'ARGUMENT_INVALID',
  ]),
  ...BY_SYMBOL.map((kind): [Kind, string, Typed, string] => [
    kind,
    'a hostile symbol',
    { symbol: '"><script>' },
    'ARGUMENT_INVALID',
  ]),
  ...BY_SYMBOL.map((kind): [Kind, string, Typed, string] => [
    kind,
    'a turned symbol',
    { symbol: BIDI },
    'ARGUMENT_INVALID',
  ]),
  ['cash', 'a negative amount', { amount: '-5' }, 'ARGUMENT_INVALID'],
  ['cash', 'a comma', { amount: '1,5' }, 'ARGUMENT_INVALID'],
  ['cash', 'tenths of pennies', { amount: '5.001' }, 'ARGUMENT_INVALID'],
  ['cash', 'before the opening', { date: '2014-06-02' }, 'DATE_INVALID'],
  ['cash', 'more out than there is', { kind: 'WITHDRAWAL', amount: '1005.01' }, 'CASH_WOULD_BE_NEGATIVE'],
  ['cash', 'a turned note', { notes: BIDI }, 'ARGUMENT_INVALID'],
  ['cash', 'a note without end', { notes: LONG }, 'ARGUMENT_INVALID'],
  ['cash', 'the symbol of a deposit', { symbol: 'KO' }, 'ARGUMENT_INVALID'],
  ['cash', 'a fee of a symbol nobody knows', { kind: 'FEE', symbol: 'NOPE' }, 'SYMBOL_UNKNOWN'],
  ['cash', 'a kind of none', { kind: 'GIFT' }, 'ARGUMENT_INVALID'],
  ['dividend', 'net and a rate', { net: '5', fx: '1.7' }, 'ARGUMENT_INVALID'],
  ['dividend', 'more than half withheld', { withholding: '0.51' }, 'ARGUMENT_INVALID'],
  ['dividend', 'one that no source told of', { exDate: '2014-06-13' }, 'ACTION_UNKNOWN'],
  ['dividend', 'of what was not held', { symbol: 'JPM', exDate: '2014-04-02' }, 'NOTHING_HELD'],
  ['dividend', 'of a symbol nobody knows', { symbol: 'NOPE', net: '5' }, 'SYMBOL_UNKNOWN'],
  ['split', 'by nothing', { ratio: '0' }, 'ARGUMENT_INVALID'],
  ['split', 'of today, which has no prices', { exDate: '2014-07-01', ratio: '2' }, 'SPLIT_TOO_EARLY'],
  ['rename', 'to a symbol nobody knows', { to: 'NOPE' }, 'SYMBOL_UNKNOWN'],
  ['rename', 'of what is not held', { symbol: 'JPM' }, 'NOTHING_HELD'],
  ['cash-merger', 'both figures', { amount: '40' }, 'ARGUMENT_INVALID'],
  ['cash-merger', 'of what is not held', { symbol: 'JPM' }, 'NOTHING_HELD'],
  ['stock-merger', 'a part of the cost without cash', { costShare: '0.5' }, 'ARGUMENT_INVALID'],
  ['stock-merger', 'with cash, into what has no price', { to: 'TWTR', net: '5' }, 'COST_SHARE_MISSING'],
  ['spin-off', 'a cost in words', { costShare: 'half' }, 'ARGUMENT_INVALID'],
  ['spin-off', 'of today, which has no prices', { exDate: '2014-07-01' }, 'EVENT_TOO_EARLY'],
  ['cash-in-lieu', 'units in sevenths decimals', { units: '0.1234567' }, 'ARGUMENT_INVALID'],
  ['cash-in-lieu', 'of more than is held', { units: '401' }, 'UNITS_WOULD_BE_NEGATIVE'],
  ['delisting', 'a rate that converts nothing', { fx: '1.7' }, 'ARGUMENT_INVALID'],
];

/** The symbols whose units, cost or gains a booking moves. */
const MOVES: Record<Kind, string[]> = {
  cash: [],
  dividend: [],
  split: ['AAPL'],
  rename: ['KO', 'MSFT'],
  'cash-merger': ['KO'],
  'stock-merger': ['KO', 'MSFT'],
  'spin-off': ['KO', 'MSFT'],
  'cash-in-lieu': ['KO'],
  delisting: ['KO'],
};

/** What a review says of holdings as they would be: by symbol and figure. */
const movedOn = (body: string): Record<string, string> =>
  Object.fromEntries(
    [...body.matchAll(/<dt>([A-Z]+, (?:units|cost|realised))<\/dt>\s*<dd>(.*?)<\/dd>/gs)].map(
      ([, what = '', said = '']) => [what, said.replace(/^.* before, (.*) after$/, '$1').replace(/, as it is$/, '')],
    ),
  );

/** The same by the report of the ledger, once it is booked; gains where there are any. */
async function heldAfter(symbols: string[]): Promise<Record<string, string>> {
  const scope = { account: 'main', baseCurrency: 'GBP', clock: 'simulated' } as const;
  const told = resultOrThrow(await reportBook(db, policy, scope, { book: 'ledger', at: AT }));
  const positions = told.report?.valued.positions.filter(({ symbol }) => symbols.includes(symbol)) ?? [];
  return Object.fromEntries(
    positions.flatMap((each) => [
      [`${each.symbol}, units`, units(each.units)],
      [`${each.symbol}, cost`, money(each.cost ?? '', 'GBP')],
      ...(each.realised === '0' ? [] : [[`${each.symbol}, realised`, money(each.realised ?? '', 'GBP')]]),
    ]),
  );
}

function emptied(typed: Typed): Typed {
  return Object.fromEntries(Object.keys(typed).map((name) => [name, '']));
}

const at = { at: AT };
const codeOf = (body: string): string => /<strong>([A-Z_]+)<\/strong>/.exec(body)?.[1] ?? 'DONE';
/** The rows of the tables of a page. */
const rowsOf = (body: string): string[][] =>
  [...body.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, cells = '']) =>
    [...cells.matchAll(/<td[^>]*>(.*?)<\/td>/gs)].map(([, text = '']) => unescapedHtml(text)),
  );
/** Those of the table of postings on a review. */
const postingsOn = (body: string): string[][] => rowsOf(body).filter((cells) => cells.length === 3);

/** A refusal that begins with the name of a field, with that field's label, and its choices as the form has them. */
const withLabel = (kind: string, said: string): string =>
  said
    .replace('must be DEPOSIT, WITHDRAWAL, FEE or INTEREST', 'must be Paid in, Paid out, A fee or Interest')
    .replace(/^[\w-]+(?=: )/, (name) => {
      const camel = name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
      const { fields } = BOOKING_KINDS.find((each) => each.kind === kind) as (typeof BOOKING_KINDS)[number];
      return fields.find((field) => field.name === camel)?.label ?? name;
    })
    .replace(': (missing): ', ' is missing: ');

describe('a booking that is refused', () => {
  it.each(KINDS)('%s, whatever is wrong with it', async (kind) => {
    const before = await fingerprint(ledger.db);
    for (const [, what, change, code] of REFUSED.filter(([of]) => of === kind)) {
      const typed = { ...GOOD[kind], ...change };
      const input = Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== ''));
      const direct = await BOOKINGS[kind].book(ledger.installation, asks(AT, 'ann'), { account: 'main', ...input });
      expect(direct.ok ? 'DONE' : direct.refusal.code, what).toBe(code);
      for (const step of ['check', 'commit']) {
        const refused = await seated.post(`/main/book/${kind}`, { ...typed, ...at, step });
        const isRefused = refused.statusCode === 400 || refused.statusCode === 409;
        expect([isRefused, codeOf(refused.body)], what).toEqual([true, code]);
        const text = unescapedHtml(refused.body);
        // As the command says it, but for its options and fields, which are called here as the form calls them.
        const [said = ''] = direct.ok ? [] : direct.refusal.message.split('\n');
        expect(text).toContain(withLabel(kind, deskText(said, { body: refused.body })));
        for (const value of Object.values(typed)) expect(text).toContain(value);
        expect(refused.body).not.toContain('<script>');
      }
    }
    expect(await fingerprint(ledger.db)).toEqual(before);
  });

  it('of a baseline, and of an entry that is taken back', async () => {
    const before = await fingerprint(ledger.db);
    const rows: [string, Typed, string][] = [
      ['/main/baseline', {}, 'ARGUMENT_INVALID'],
      ['/main/baseline', { cash: '1', reason: BIDI }, 'ARGUMENT_INVALID'],
      ['/main/baseline', { positions: 'KO 5', reason: 'x' }, 'ARGUMENT_INVALID'],
      ['/main/baseline', { positions: 'KO=5\nKO=6', reason: 'x' }, 'ARGUMENT_INVALID'],
      ['/main/baseline', { positions: 'NOPE=5', reason: 'x' }, 'ARGUMENT_INVALID'],
      ['/main/baseline', { cash: '1', date: TO_COME, reason: 'x' }, 'DATE_INVALID'],
      ['/main/baseline', { costs: 'JPM=5', reason: 'x' }, 'NOTHING_HELD'],
      ['/main/ledger/1/reverse', { reason: 'x' }, 'ENTRY_NOT_REVERSIBLE'],
      ['/main/ledger/1/reverse', { reason: ' ' }, 'ARGUMENT_INVALID'],
    ];
    for (const [path, typed, code] of rows)
      for (const step of ['check', 'commit'])
        expect(codeOf((await seated.post(path, { ...typed, ...at, step })).body), path).toBe(code);
    // Of two troubles of one field each line leads to that field, by its label and the symbol.
    const { body: twice } = await seated.post('/main/baseline', { positions: 'KO=5\nKO=6', reason: 'x', ...at });
    expect(twice).toContain('<a href="#f-positions">Units there are, KO: &quot;KO=6&quot;: must be given once');
    const { body: wide } = await seated.post('/main/baseline', { costs: 'KO=５', reason: 'x', ...at });
    expect(wide).toContain('<a href="#f-costs">Cost of the whole holding, KO: &quot;５&quot;: ');
    expect(wide).toMatch(/<textarea id="f-costs"[^>]* aria-invalid="true"/);
    // Nothing on the page turns what stands behind it: neither the trouble nor the command at its foot.
    const { body: turned } = await seated.post('/main/baseline', { cash: '1', reason: BIDI, ...at });
    expect(turned.split('class="same"')[1]).toContain('\\u202e');
    expect(turned.split('class="same"')[1]).not.toContain('\u202E');
    for (const entry of ['999', 'abc', '-1', '1e3']) {
      const unknown = await seated.get(`/main/ledger/${entry}/reverse`);
      expect([unknown.statusCode, unknown.body.includes('ENTRY_UNKNOWN')], entry).toEqual([404, true]);
    }
    expect(await fingerprint(ledger.db)).toEqual(before);
  });
});

/** Reads the review, and asks for what it says. @returns the postings that were read, and the entry that was booked */
async function bookOn(path: string, typed: Typed) {
  const review = await seated.post(path, { ...typed, ...at });
  expect(review.statusCode, review.body).toBe(200);
  const booked = await seated.post(path, { ...fieldsOf(review.body), step: 'commit' });
  expect(booked.statusCode, booked.body).toBe(303);
  const location = String(booked.headers.location);
  const entryId = Number(/booked=(\d+)$/.exec(location)?.[1]);
  const entry = (await journal(ledger.db, 'main')).find((one) => one.entryId === entryId);
  const postings = (entry?.postings ?? []).map(({ account, amount, commodity }) => [account, amount, commodity]);
  return { review, location, entryId, postings };
}

describe('a booking', () => {
  it.each(KINDS)('%s: what was read is what is booked; the page says to reconcile again', async (kind) => {
    const unbooked = async () =>
      /Not booked: the split of AAPL, ex-date 2014-06-09[^]*href="\/main\/book\/split\?symbol=AAPL&amp;exDate=/.test(
        (await seated.get('/main/ledger')).body,
      );
    if (kind === 'split') expect(await unbooked()).toBe(true);
    const { review, location, entryId, postings } = await bookOn(`/main/book/${kind}`, GOOD[kind]);
    const read = postingsOn(review.body);
    expect(read.length).toBeGreaterThan(0);
    expect(postings).toEqual(read);
    expect(movedOn(review.body)).toEqual(await heldAfter(MOVES[kind]));
    expect((await seated.get(location)).body).toContain('reconcile again');
    if (kind === 'split') expect(await unbooked()).toBe(false);
    const [signature] = await ledger.db('signatures').orderBy('seq', 'desc').limit(1);
    expect(signature).toMatchObject({ operator: 'ann', fact: 'journal_entries', fact_ids: [String(entryId)] });
    // The same review once more is the same entry; so is the same form, which says so before.
    const again = await seated.post(`/main/book/${kind}`, { ...fieldsOf(review.body), step: 'commit' });
    expect(again.headers.location).toBe(location);
    const repeated = await seated.post(`/main/book/${kind}`, { ...GOOD[kind], ...at });
    // Cash may be moved twice alike, so that it is refused, with the way to the first entry.
    expect(repeated.body).toMatch(
      kind === 'cash'
        ? new RegExp(`<a href="/[^"]+/ledger/${entryId}">entry ${entryId}</a> already books this`)
        : new RegExp(`Entry ${entryId} already books this`),
    );
    // The next kind finds the holding as it was.
    const { entryId: back } = await bookOn(`/main/ledger/${entryId}/reverse`, { reason: 'a rehearsal' });
    expect(back).toBeGreaterThan(entryId);
  });
});

describe('a review of what is held', () => {
  it('says what is realised, what a baseline makes of the cost, and which holding has no price', async () => {
    const delisted = movedOn((await seated.post('/main/book/delisting', { ...GOOD.delisting, ...at })).body);
    expect(Object.keys(delisted)).toEqual(['KO, units', 'KO, cost', 'KO, realised']);
    const renamed = await seated.post('/main/book/rename', { ...GOOD.rename, to: 'TWTR', ...at });
    expect(renamed.body).toContain('No price is stored of TWTR');
    expect((await seated.post('/main/book/rename', { ...GOOD.rename, ...at })).body).not.toContain('No price');
    const costs = { positions: 'KO=401', costs: 'KO=9000.50', reason: 'as eToro says', ...at };
    expect(movedOn((await seated.post('/main/baseline', costs)).body)).toEqual({
      'KO, units': '401',
      'KO, cost': '£9,000.50',
    });
  });
});

describe('a review', () => {
  const cash = { kind: 'DEPOSIT', amount: '3', date: '2014-06-21', another: 'yes', ...at };

  it('is booked once, sent twice at once, again later, and by a desk that was started anew', async () => {
    const read = async () => fieldsOf((await seated.post('/main/book/cash', cash)).body);
    const [first, second] = [await read(), await read()];
    const commit = { ...first, step: 'commit' };
    const sent = await Promise.all([1, 2, 3].map(() => seated.post('/main/book/cash', commit)));
    const [location] = sent.map(({ headers }) => headers.location);
    expect(sent.map(({ statusCode, headers }) => [statusCode, headers.location])).toEqual(
      sent.map(() => [303, location]),
    );
    const anew = await createDesk(place);
    const headers = { ...SENDS, cookie: seated.cookie };
    const payload = new URLSearchParams({ token: seated.token, ...commit }).toString();
    const later = await anew.inject({ method: 'POST', url: '/main/book/cash', headers, payload });
    expect([later.statusCode, later.headers.location]).toEqual([303, location]);
    await anew.close();
    const entries = async () => (await journal(ledger.db, 'main')).filter((one) => one.effectiveDate === cash.date);
    expect(await entries()).toHaveLength(1);
    // Another review of the same words was made of a ledger that has moved on: it is read again, and then counts.
    const stale = await seated.post('/main/book/cash', { ...second, step: 'commit' });
    expect([stale.statusCode, codeOf(stale.body)]).toEqual([409, 'REVIEW_STALE']);
    expect(await entries()).toHaveLength(1);
    const again = await seated.post('/main/book/cash', { ...fieldsOf(stale.body), step: 'commit' });
    expect([again.statusCode, again.headers.location === location]).toEqual([303, false]);
    expect(await entries()).toHaveLength(2);
  });
});

describe('a review of two sessions', () => {
  it('that have the same number are two: neither is answered with what the other booked', async () => {
    const bob = await sitDown(place, { operator: 'bob' });
    await bob.post('/main/clock', { clock: '2014-07-01 09:00' });
    const date = '2014-06-22';
    const people = [seated, bob] as const;
    const reviewed = async (index: number) => {
      const typed = { kind: 'DEPOSIT', amount: String(4 + index), date, another: 'yes', ...at };
      const { body } = await (people[index] as Seated).post('/main/book/cash', typed);
      return { ...without(fieldsOf(body), 'token'), step: 'commit' };
    };
    const [ann, other] = [await reviewed(0), await reviewed(1)];
    const same = [ann, { ...other, once: (ann as Record<string, string>)['once'] ?? '' }];
    const sent = await Promise.all(people.map((who, index) => who.post('/main/book/cash', same[index])));
    const ways: unknown[] = [];
    for (const [index, one] of sent.entries()) {
      // The ledger may have moved on meanwhile: then it is read once more.
      const last = one.statusCode === 303 ? one : await people[index]?.post('/main/book/cash', await reviewed(index));
      expect(last?.statusCode, last?.body).toBe(303);
      ways.push(last?.headers.location);
    }
    expect(new Set(ways).size).toBe(2);
    const booked = (await journal(ledger.db, 'main')).filter((entry) => entry.effectiveDate === date);
    expect(booked.map(({ operator, postings }) => [operator, Number(postings[0]?.amount)]).toSorted()).toEqual([
      ['ann', 4],
      ['bob', 5],
    ]);
    await bob.app.close();
  });
});

describe('the ledger at hand', () => {
  it('is summed up once for as long as nothing is booked, and is what the ledger says', async () => {
    const atHand = () => ledgerStateAtHand(db, 'main');
    const first = await atHand();
    expect(first).toEqual(await ledgerState(db, 'main'));
    for (const each of await Promise.all([atHand(), atHand(), atHand()])) expect(each).toBe(first);
    for (const amount of ['1', '2']) {
      await bookOn('/main/book/cash', { kind: 'FEE', amount, date: '2014-06-23' });
      const after = await atHand();
      expect(after).toEqual(await ledgerState(db, 'main'));
      expect(after.lastEntryId).toBeGreaterThan(first.lastEntryId ?? 0);
      expect(await atHand()).toBe(after);
    }
    expect(await ledgerStateAtHand(db, 'nobody')).toEqual(await ledgerState(db, 'nobody'));
    expect(await ledgerStateAtHand(db, 'nobody')).toEqual(await ledgerState(db, 'nobody'));
    // Who looks by another pool has a sum of their own.
    expect(await ledgerStateAtHand(ledger.db, 'main')).toEqual(await atHand());
  });
});

const without = (fields: Record<string, string>, name: string): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).filter(([field]) => field !== name));

describe('a ruling', () => {
  /** Half of what KO costs: nobody believes it before a human has ruled. */
  const ON_HOLD = { symbol: 'KO', exDate: '2014-06-20', kind: 'DIVIDEND' };
  const PATH = '/main/actions/rule';
  const asked = `${PATH}?${new URLSearchParams(ON_HOLD).toString()}`;
  const say = (typed: Typed) => seated.post(PATH, { ...ON_HOLD, type: 'regular', ...at, ...typed });

  it('shows what each would do to units and history before one is chosen, and rules as it was read', async () => {
    await ledger.db('corporate_actions').insert({
      source: 'csv',
      symbol: ON_HOLD.symbol,
      ex_date: ON_HOLD.exDate,
      kind: 'DIVIDEND',
      value: '20.5',
      published: '20.5',
      currency: 'USD',
      payload_sha256: 'f'.repeat(64),
      retrieved_at: AT,
    });
    const before = await fingerprint(ledger.db);
    const quality = unescapedHtml((await seated.get('/quality')).body);
    expect(quality).toContain('Waits for a ruling');
    expect(quality).toContain(asked);
    const shown = unescapedHtml((await seated.get(asked)).body);
    expect(shown).toContain('on hold: a dividend of 20.5 is 49.1 % of the close before it, 41.79');
    expect(shown).toContain('the published dividend of 20.5 counts as cash dividend of 20.5 a share');
    expect(shown).toContain('value: must be given: the published dividend is no measure of a split');
    // 400 shares of 20.5; ignored they stay as they are.
    expect(rowsOf(shown)).toContainEqual(['main', 'cash dividend 20.5', '400', '400', '8,200.00']);
    expect(rowsOf(shown)).toContainEqual(['main', 'ignored', '400', '400', '']);
    const asSplit = unescapedHtml((await say({ value: '2', step: 'look' })).body);
    expect(rowsOf(asSplit)).toContainEqual(['main', 'split 2', '400', '800', '']);
    const [dayBefore] = rowsOf(asSplit).filter(([session]) => session === '2014-06-19');
    const [close, now, cash, split, ignored] = (dayBefore ?? []).slice(1).map(Number);
    expect([Number(((close ?? 0) / 2).toFixed(4)), close]).toEqual([split, ignored]);
    expect([now, cash]).toEqual([Number(((close ?? 0) - 20.5).toFixed(4)), Number(((close ?? 0) - 2).toFixed(4))]);
    for (const [typed, code] of [
      [{ as: '', reason: 'x' }, 'ARGUMENT_INVALID'],
      [{ as: 'ignore', reason: ' ' }, 'ARGUMENT_INVALID'],
      [{ as: 'ignore', reason: BIDI }, 'ARGUMENT_INVALID'],
      [{ as: 'ignore', value: '5', reason: 'x' }, 'VALUE_UNEXPECTED'],
      [{ as: 'split', reason: 'x' }, 'VALUE_MISSING'],
      [{ as: 'genuine', reason: 'x' }, 'FLAGS_INVALID'],
      [{ as: 'split', value: '-2', reason: 'x' }, 'ARGUMENT_INVALID'],
      [{ as: 'ignore', symbol: 'NOPE', reason: 'x' }, 'SYMBOL_UNKNOWN'],
      [{ as: 'ignore', symbol: '"><script>', reason: 'x' }, 'ARGUMENT_INVALID'],
      [{ as: 'ignore', exDate: TO_COME, reason: 'x' }, 'DATE_INVALID'],
      [{ as: 'ignore', exDate: '0001-01-01', kind: 'SPLIT', type: 'special', reason: 'x' }, 'ARGUMENT_INVALID'],
    ] as [Typed, string][])
      for (const step of ['check', 'commit']) {
        const refused = await say({ ...typed, step });
        expect(codeOf(refused.body), `${JSON.stringify(typed)} ${step}`).toBe(code);
        expect(refused.body).not.toContain('<script>');
      }
    expect((await seated.get(`${PATH}?symbol=KO&exDate=0001-01-01&kind=SPLIT`)).statusCode).toBe(200);
    expect(await fingerprint(ledger.db)).toEqual(before);
  });

  it('that somebody else made meanwhile is shown before another takes its place', async () => {
    const mine = await say({ as: 'cash_dividend', value: '0.5', reason: 'the broker paid that' });
    expect(mine.statusCode, mine.body).toBe(200);
    const other = await say({ as: 'ignore', reason: 'never paid' });
    const ruled = await seated.post(PATH, { ...fieldsOf(other.body), step: 'commit' });
    expect([ruled.statusCode, ruled.headers.location]).toEqual([303, '/quality']);
    const stale = await seated.post(PATH, { ...fieldsOf(mine.body), step: 'commit' });
    expect([stale.statusCode, codeOf(stale.body)]).toEqual([409, 'REVIEW_STALE']);
    expect(unescapedHtml(stale.body)).toContain('never paid');
    expect(await ledger.db('action_rulings').pluck('ruling')).toEqual(['ignore']);
    const again = await seated.post(PATH, { ...fieldsOf(stale.body), step: 'commit' });
    expect(again.statusCode).toBe(303);
    expect(await ledger.db('action_rulings').orderBy('ruling_id').pluck('ruling')).toEqual(['ignore', 'cash_dividend']);
    expect((await seated.get(asked)).body).toContain('the broker paid that');
    expect((await seated.get('/quality')).body).not.toContain('Waits for a ruling');
  });
});

describe('the kill switch', () => {
  const ENGAGE = '/main/kill-switch/engage';

  it('is engaged by a link and a button, and reset after a review', async () => {
    expect((await seated.get('/main/today')).body).toContain(`href="${ENGAGE}">Stop trading`);
    const form = await seated.get(ENGAGE);
    const because = /<option value="([^"]+)" selected>/.exec(form.body)?.[1] ?? '';
    expect(because).toBe('Stopped to look into something');
    for (const more of [BIDI, LONG])
      expect(codeOf((await seated.post(ENGAGE, { because, more, ...at, step: 'commit' })).body)).toBe(
        'ARGUMENT_INVALID',
      );
    const stopped = await seated.post(ENGAGE, { because, ...at, step: 'commit' });
    expect([stopped.statusCode, stopped.headers.location]).toEqual([303, '/main/kill-switch']);
    const page = (await seated.get('/main/kill-switch')).body;
    expect(page).toContain('Trading is stopped');
    expect(page).toContain('Stopped to look into something');
    // Whoever presses it a second time changes nothing.
    expect((await seated.post(ENGAGE, { because, ...at, step: 'commit' })).statusCode).toBe(303);
    expect(await ledger.db('kill_switch_events').pluck('event')).toEqual(['ENGAGED']);
    const none = await seated.post('/main/kill-switch/reset', { reason: ' ', ...at });
    expect(codeOf(none.body)).toBe('ARGUMENT_INVALID');
    const review = await seated.post('/main/kill-switch/reset', { reason: 'looked at', ...at });
    expect(review.body).toContain('Sign and reset');
    expect(await ledger.db('kill_switch_events').pluck('event')).toEqual(['ENGAGED']);
    const reset = await seated.post('/main/kill-switch/reset', { ...fieldsOf(review.body), step: 'commit' });
    expect([reset.statusCode, reset.headers.location]).toEqual([303, '/main/kill-switch']);
    expect(await ledger.db('kill_switch_events').orderBy('seq').pluck('event')).toEqual(['ENGAGED', 'RESET']);
    expect((await seated.get('/main/kill-switch')).body).toContain('Not engaged');
  });

  it('is engaged by its file while Postgres does not take it', async () => {
    const standing = () => standingLatches(place.dataDir);
    const owner = connect(ledger.database.ownerUrl, 1);
    await owner.transaction(async (held) => {
      await held.raw('lock table kill_switch_events in exclusive mode');
      const stopped = await seated.post(ENGAGE, { because: 'A price or a rate looks wrong', ...at, step: 'commit' });
      expect(stopped.statusCode, stopped.body).toBe(303);
      expect(await standing()).toMatchObject([{ account: 'main', operator: 'ann' }]);
      expect((await seated.get('/main/kill-switch')).body).toContain('Engaged by a file, not booked yet');
    });
    await owner.destroy();
    // While nobody can be let in, for Postgres is away, the page says what stops it all the same.
    const gone = connect('postgres://nobody@127.0.0.1:9/none', 1, OF_THE_DESK);
    const away = await createDesk({ ...place, db: gone });
    const told = await away.inject({ url: ENGAGE, headers: { ...LOOKS, cookie: seated.cookie } });
    expect([told.statusCode, told.body.includes('trading-ops kill-switch engage --reason')]).toEqual([503, true]);
    await away.close();
    await gone.destroy();
    await bookLatches(ledger.installation);
    expect(await standing()).toEqual([]);
    expect(await ledger.db('kill_switch_events').orderBy('seq').pluck('event')).toEqual([
      'ENGAGED',
      'RESET',
      'ENGAGED',
    ]);
  });
});
