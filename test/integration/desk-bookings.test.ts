import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Place } from '../../src/desk/place.js';
import { openMail } from '../../src/desk/mail.js';
import { journal } from '../../src/db/journal.js';
import { resultOrThrow } from '../../src/domain/errors.js';
import { BOOKINGS, type BookingName } from '../../src/operations/ledger/bookings.js';
import { setBaseline } from '../../src/operations/ledger/set-baseline.js';
import { loadSettings } from '../../src/runtime/settings.js';
import { DESK_PORT, fieldsOf, sitDown, unescapedHtml, type Seated } from '../support/desk.js';
import { fingerprint } from '../support/unchanged.js';
import { row } from '../unit/fixtures/closes-2014.js';
import { goodFacts } from '../unit/fixtures/facts-2014.js';
import { asks, createLedger, policy, writeConfiguration, type Ledger } from './ledger.fixture.js';

/** Every booking through its form: what is refused is refused as by a direct call, and what was read is what is booked. */
const AT = '2014-07-01T08:00:00.000Z';
const OPENED = '2014-06-03T07:00:00.000Z';

let ledger: Ledger;
let place: Place;
let seated: Seated;

beforeAll(async () => {
  ledger = await createLedger();
  const { db, database, installation } = ledger;
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
    port: DESK_PORT,
    installation: 'bookings',
    dryRun: false,
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
}, 60_000);
afterAll(async () => {
  await seated.app.close();
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

function emptied(typed: Typed): Typed {
  return Object.fromEntries(Object.keys(typed).map((name) => [name, '']));
}

const at = { at: AT };
const codeOf = (body: string): string => /<strong>([A-Z_]+)<\/strong>/.exec(body)?.[1] ?? 'DONE';
/** The rows of the table of postings on a review. */
const postingsOn = (body: string): string[][] =>
  [...body.matchAll(/<tr>(.*?)<\/tr>/gs)]
    .map(([, cells = '']) => [...cells.matchAll(/<td[^>]*>(.*?)<\/td>/gs)].map(([, text = '']) => unescapedHtml(text)))
    .filter((cells) => cells.length === 3);

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
        expect(text).toContain(direct.ok ? '' : (direct.refusal.message.split('\n')[0] ?? ''));
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
    const { review, location, entryId, postings } = await bookOn(`/main/book/${kind}`, GOOD[kind]);
    const read = postingsOn(review.body);
    expect(read.length).toBeGreaterThan(0);
    expect(postings).toEqual(read);
    expect((await seated.get(location)).body).toContain('reconcile again');
    const [signature] = await ledger.db('signatures').orderBy('seq', 'desc').limit(1);
    expect(signature).toMatchObject({ operator: 'ann', fact: 'journal_entries', fact_ids: [String(entryId)] });
    // The same review once more is the same entry; so is the same form, which says so before.
    const again = await seated.post(`/main/book/${kind}`, { ...fieldsOf(review.body), step: 'commit' });
    expect(again.headers.location).toBe(location);
    const repeated = await seated.post(`/main/book/${kind}`, { ...GOOD[kind], ...at });
    expect(repeated.body).toContain(`${kind === 'cash' ? 'entry' : 'Entry'} ${entryId} already books this`);
    // The next kind finds the holding as it was.
    const { entryId: back } = await bookOn(`/main/ledger/${entryId}/reverse`, { reason: 'a rehearsal' });
    expect(back).toBeGreaterThan(entryId);
  });
});
