import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BookCash, BookDividend, BookSplit, SetBaseline } from '../../src/contract/bookings.js';
import { resultOrThrow } from '../../src/domain/errors.js';
import * as cash from '../../src/operations/ledger/book-cash.js';
import * as dividends from '../../src/operations/ledger/book-dividend.js';
import * as splits from '../../src/operations/ledger/book-split.js';
import * as reversals from '../../src/operations/ledger/reverse-entry.js';
import * as baselines from '../../src/operations/ledger/set-baseline.js';
import { auditBreaks } from '../../src/db/audit.js';
import { loadUniverse } from '../../src/db/configurations.js';
import { bookEntry, journal, ledgerState } from '../../src/db/journal.js';
import { symbolsEverKnown } from '../../src/db/invariants.js';
import { killSwitchState, turnKillSwitch } from '../../src/db/kill-switch.js';
import { newestQuotes } from '../../src/db/quotes.js';
import { inTransaction, together } from '../../src/db/transaction.js';
import { flowsWithin, latestValuation, newValuations } from '../../src/db/valuations.js';
import { depositEntry, openingEntry, splitEntry, type EntryDraft } from '../../src/domain/ledger/entries.js';
import { ledgerSums } from '../../src/domain/ledger/sums.js';
import { asks, createLedger, policy, reconcileBy, writeConfiguration, type Ledger } from './ledger.fixture.js';

let ledger: Ledger;
beforeEach(async () => {
  ledger = await createLedger();
});
afterEach(() => ledger.close());

const by = { operator: 'ann', at: '2014-07-01T08:00:00.000Z' };
type By = typeof by;
/** Each operation as a person of the account calls it; a refusal is thrown. */
const bookCash = async ({ operator, at }: By, input: Omit<BookCash, 'account'>) =>
  resultOrThrow(await cash.bookCash(ledger.installation, asks(at, operator), { account: 'main', ...input }));
const bookDividend = async ({ operator, at }: By, input: Omit<BookDividend, 'account'>) =>
  resultOrThrow(await dividends.bookDividend(ledger.installation, asks(at, operator), { account: 'main', ...input }));
const bookSplit = async ({ operator, at }: By, input: Omit<BookSplit, 'account'>) =>
  resultOrThrow(await splits.bookSplit(ledger.installation, asks(at, operator), { account: 'main', ...input }));
const reverseEntry = async ({ operator, at }: By, entryId: number, reason: string) =>
  resultOrThrow(
    await reversals.reverseEntry(ledger.installation, asks(at, operator), { account: 'main', entry: entryId, reason }),
  );
const setBaseline = async ({ operator, at }: By, input: Omit<SetBaseline, 'account'>) =>
  resultOrThrow(await baselines.setBaseline(ledger.installation, asks(at, operator), { account: 'main', ...input }));
const open = (positions: Record<string, string> = { KO: '400', AAPL: '10' }) =>
  reconcileBy(ledger, {
    account: 'main',
    tradingDay: '2014-06-03',
    commandId: 'c1',
    snapshotDate: '2014-06-03',
    cash: '1000',
    positions,
    notes: null,
    operator: 'ann',
    at: '2014-06-03T07:00:00.000Z',
  });
const state = () => ledgerState(ledger.db, 'main');
const booking = { account: 'main', bookedAt: by.at, operator: 'ann' };
const deposit = { kind: 'DEPOSIT' as const, amount: '500', date: '2014-06-20', notes: null, another: false };
const dividend = { symbol: 'KO', exDate: '2014-06-12' };
const baseline = (changes: Partial<SetBaseline>) =>
  setBaseline(by, { date: '2014-07-01', reason: 'read again', ...changes });

describe('the schema', () => {
  test('refuses an entry that does not balance, one without postings and units below zero', async () => {
    const draft = openingEntry({
      date: '2014-06-03',
      baseCurrency: 'GBP',
      cash: '10',
      positions: { KO: '1' },
    }) as EntryDraft;
    const book = (postings: EntryDraft['postings']) =>
      inTransaction(ledger.db, (trx) => bookEntry(trx, { ...draft, postings }, { ...booking, idempotencyKey: 'x' }));
    await expect(book(draft.postings.slice(1))).rejects.toMatchObject({ constraint: 'postings_balanced_check' });
    await expect(
      book(
        draft.postings.map((posting) => ({
          ...posting,
          amount: posting.amount.startsWith('-') ? posting.amount.slice(1) : `-${posting.amount}`,
        })),
      ),
    ).rejects.toMatchObject({ constraint: 'postings_units_check' });
    expect(await journal(ledger.db, 'main')).toEqual([]);
  });

  test('refuses the application any edit of what was booked', async () => {
    await open();
    for (const statement of [
      "update journal_entries set description = 'x'",
      'delete from postings',
      'update snapshots set cash = 5',
      'delete from reconciliations',
      'truncate kill_switch_events',
    ]) {
      await expect(ledger.db.raw(statement)).rejects.toMatchObject({ code: '42501' });
    }
  });

  test('a key used before finds the first entry and books nothing', async () => {
    await open();
    const book = () =>
      inTransaction(ledger.db, (trx) =>
        bookEntry(trx, depositEntry({ date: '2014-06-20', baseCurrency: 'GBP', amount: '5' }), {
          ...booking,
          idempotencyKey: 'k',
        }),
      );
    const [first, ...rest] = await Promise.all([book(), book(), book()]);
    expect(new Set([first, ...rest].map((one) => one?.entryId)).size).toBe(1);
    expect((await state()).cash).toBe('1005');
  });
});

describe('sums', () => {
  test('of the database are those of the replayed journal', async () => {
    await open();
    await bookCash(by, deposit);
    await bookDividend(by, dividend);
    await bookSplit(by, { symbol: 'AAPL', exDate: '2014-06-09', ratio: null });
    await bookCash(by, { ...deposit, kind: 'FEE', amount: '1.5' });
    const entries = await journal(ledger.db, 'main');
    expect(ledgerSums(entries, 'GBP')).toEqual({ cash: '1560.12', units: { AAPL: '70', KO: '400' } });
    expect(await state()).toEqual({
      ...ledgerSums(entries, 'GBP'),
      lastEntryId: entries.at(-1)?.entryId,
      lastBookedAt: by.at,
    });
    expect(await auditBreaks(ledger.db)).toEqual([]);
  });

  test('of an empty ledger are nothing', async () => {
    expect(await state()).toEqual({ cash: '0', units: {}, lastEntryId: null, lastBookedAt: null });
  });
});

describe('cash', () => {
  test('nothing is booked into a ledger that no snapshot has opened', async () => {
    await expect(bookCash(by, deposit)).rejects.toMatchObject({ code: 'LEDGER_EMPTY', kind: 'refused' });
  });

  test('the same deposit twice is refused until it is said to be another one', async () => {
    await open();
    await bookCash(by, deposit);
    await expect(bookCash(by, deposit)).rejects.toMatchObject({
      code: 'ALREADY_BOOKED',
      remedy: expect.stringContaining('--another'),
    });
    await bookCash(by, { ...deposit, kind: 'DEPOSIT', another: true });
    await bookCash(by, { ...deposit, kind: 'DEPOSIT', notes: 'from Bob' });
    expect((await state()).cash).toBe('2500');
  });

  test('another one is booked also after the first was reversed, and while one stands none is booked unsaid', async () => {
    await open();
    const { entryId } = await bookCash(by, deposit);
    await bookCash(by, { ...deposit, another: true });
    await reverseEntry(by, entryId, 'never arrived');
    await expect(bookCash(by, deposit)).rejects.toMatchObject({ code: 'ALREADY_BOOKED' });
    expect(await bookCash(by, { ...deposit, another: true })).toMatchObject({ bookedNow: true });
    expect((await state()).cash).toBe('2000');
    expect((await journal(ledger.db, 'main')).slice(1).map(({ idempotencyKey }) => idempotencyKey)).toEqual([
      'deposit:2014-06-20:500::',
      'deposit:2014-06-20:500::+1',
      `reversal:${entryId}`,
      'deposit:2014-06-20:500::+1#2',
    ]);
  });

  test('no more goes out than there is, and nothing from before the opening', async () => {
    await open();
    await expect(bookCash(by, { ...deposit, kind: 'WITHDRAWAL', amount: '1000.01' })).rejects.toMatchObject({
      code: 'CASH_WOULD_BE_NEGATIVE',
    });
    await expect(bookCash(by, { ...deposit, kind: 'DEPOSIT', date: '2014-06-02' })).rejects.toMatchObject({
      code: 'DATE_INVALID',
      kind: 'usage',
    });
    await bookCash(by, { ...deposit, kind: 'WITHDRAWAL', amount: '1000' });
    expect((await state()).cash).toBe('0');
  });
});

describe('dividends', () => {
  test('come once a symbol and ex-date; something else is refused until the first is reversed', async () => {
    await open();
    const first = await bookDividend(by, dividend);
    expect(await bookDividend(by, dividend)).toMatchObject({ entryId: first.entryId, bookedNow: false });
    await expect(bookDividend(by, { ...dividend, net: '61.40' })).rejects.toMatchObject({
      code: 'ALREADY_BOOKED_DIFFERENTLY',
      remedy: expect.stringContaining(`--entry ${first.entryId}`),
    });
    await reverseEntry(by, first.entryId, 'eToro paid less');
    expect(await bookDividend(by, { ...dividend, net: '61.40' })).toMatchObject({ bookedNow: true });
    expect((await state()).cash).toBe('1061.4');
    await expect(reverseEntry(by, first.entryId, 'again')).rejects.toMatchObject({ code: 'ALREADY_REVERSED' });
  });

  test('that no source told of, or of what was not held, need the operator’s own figures', async () => {
    await open();
    await expect(bookDividend(by, { ...dividend, exDate: '2014-06-13' })).rejects.toMatchObject({
      code: 'ACTION_UNKNOWN',
    });
    await expect(bookDividend(by, { ...dividend, symbol: 'JPM', exDate: '2014-04-02' })).rejects.toMatchObject({
      code: 'NOTHING_HELD',
    });
    expect(await bookDividend(by, { ...dividend, symbol: 'JPM', exDate: '2014-04-02', net: '4.25' })).toMatchObject({
      bookedNow: true,
    });
  });

  test('out of proportion are on hold until a human has ruled', async () => {
    await open();
    await ledger.db('corporate_actions').insert({
      source: 'csv',
      symbol: 'KO',
      ex_date: '2014-06-20',
      kind: 'DIVIDEND',
      value: '20.5',
      published: '20.5',
      currency: 'USD',
      payload_sha256: 'f'.repeat(64),
      retrieved_at: by.at,
    });
    await expect(bookDividend(by, { ...dividend, exDate: '2014-06-20' })).rejects.toMatchObject({
      code: 'ACTION_NEEDS_REVIEW',
      remedy: expect.stringContaining('rule --symbol KO'),
    });
    await ledger.db('action_rulings').insert({
      symbol: 'KO',
      ex_date: '2014-06-20',
      kind: 'DIVIDEND',
      ruling: 'cash_dividend',
      value: '0.205',
      reason: 'slipped point',
      operator: 'ann',
      ruled_at: by.at,
    });
    expect(await bookDividend(by, { ...dividend, exDate: '2014-06-20', fx: '1.7' })).toMatchObject({ bookedNow: true });
    // 400 × 0.205 / 1.7 = 48.24, less 15 %.
    expect((await state()).cash).toBe('1041');
  });
});

describe('splits', () => {
  test('by two people at once are one', async () => {
    await open();
    const split = { symbol: 'AAPL', exDate: '2014-06-09', ratio: null };
    const both = await Promise.all([bookSplit(by, split), bookSplit({ ...by, operator: 'bob' }, split)]);
    expect(both.map(({ bookedNow }) => bookedNow).toSorted()).toEqual([false, true]);
    expect((await state()).units).toEqual({ AAPL: '70', KO: '400' });
  });

  test('are refused after the as-of date, before the opening, of nothing held and unknown, unless the ratio is given', async () => {
    await open();
    const early = { ...by, at: '2014-06-09T08:00:00.000Z' };
    const split = { symbol: 'AAPL', exDate: '2014-06-09', ratio: null };
    await expect(bookSplit(early, split)).rejects.toMatchObject({ code: 'SPLIT_TOO_EARLY' });
    await expect(bookSplit(early, { ...split, ratio: '7' })).rejects.toMatchObject({ code: 'SPLIT_TOO_EARLY' });
    expect((await state()).units['AAPL']).toBe('10');
    await expect(bookSplit(by, { ...split, exDate: '2014-06-02' })).rejects.toMatchObject({
      code: 'SPLIT_BEFORE_OPENING',
    });
    await expect(bookSplit(by, { symbol: 'MSFT', exDate: '2014-06-09', ratio: '2' })).rejects.toMatchObject({
      code: 'NOTHING_HELD',
    });
    await expect(bookSplit(by, { ...split, exDate: '2014-07-02', ratio: '2' })).rejects.toMatchObject({
      code: 'DATE_INVALID',
    });
    await expect(bookSplit(by, { ...split, exDate: '2014-06-10' })).rejects.toMatchObject({ code: 'ACTION_UNKNOWN' });
    expect(await bookSplit(by, { ...split, exDate: '2014-06-10', ratio: '7' })).toMatchObject({ bookedNow: true });
  });
});

describe('the baseline', () => {
  test('keeps the universe that it was admitted by: a new symbol of the file is in no run’s yet', async () => {
    const universe = await loadUniverse(ledger.db, ledger.universeHash);
    const added = { ...universe[0]!, internalSymbol: 'NEWX', etoroSearchName: 'NEWX' };
    writeConfiguration(ledger.installation.configDir, policy, [...universe, added]);
    expect(await symbolsEverKnown(ledger.db)).not.toContain('NEWX');
    await baseline({ cash: '10', positions: { NEWX: '4' } });
    expect(await symbolsEverKnown(ledger.db)).toContain('NEWX');
  });

  test('corrects only what it names and what differs, with the reason in journal and audit', async () => {
    await open();
    const { entries } = await baseline({ cash: '990', positions: { KO: '400', AAPL: '12' } });
    expect(entries.map(({ draft }) => [draft.kind, draft.symbol])).toEqual([
      ['BASELINE', null],
      ['BASELINE', 'AAPL'],
    ]);
    expect(await state()).toMatchObject({ cash: '990', units: { AAPL: '12', KO: '400' } });
    expect((await baseline({ cash: '990', positions: { AAPL: '12' } })).entries).toEqual([]);
    await baseline({ positions: { AAPL: '0' } });
    expect((await state()).units).toEqual({ KO: '400' });
    expect(await ledger.db('audit_log').where({ action: 'ledger.baseline' }).pluck('actor')).toEqual(['ann', 'ann']);
  });

  test('opens an empty ledger, costs included; without figures it is refused', async () => {
    await expect(baseline({})).rejects.toMatchObject({ code: 'BASELINE_EMPTY' });
    const { opened, entries } = await baseline({ cash: '100', positions: { KO: '4' }, costs: { KO: '90' } });
    expect([opened, entries.map(({ draft }) => draft.kind)]).toEqual([true, ['OPENING', 'BASELINE']]);
  });

  test('a cost of what is not held is refused', async () => {
    await open();
    await expect(baseline({ costs: { MSFT: '90' } })).rejects.toMatchObject({ code: 'NOTHING_HELD' });
  });
});

describe('reversal', () => {
  test('takes a deposit back, not an opening', async () => {
    await open();
    const { entryId } = await bookCash(by, deposit);
    await reverseEntry(by, entryId, 'never arrived');
    expect((await state()).cash).toBe('1000');
    await expect(reverseEntry(by, 1, 'x')).rejects.toMatchObject({ code: 'ENTRY_NOT_REVERSIBLE' });
    await expect(reverseEntry(by, 999, 'x')).rejects.toMatchObject({ code: 'ENTRY_UNKNOWN' });
  });
});

describe('valuations', () => {
  test('flows between two entries are transfers and baselines, never fills, dividends or splits', async () => {
    await open();
    const start = (await state()).lastEntryId as number;
    await bookCash(by, deposit);
    await bookDividend(by, dividend);
    await inTransaction(ledger.db, (trx) =>
      bookEntry(trx, splitEntry({ exDate: '2014-06-09', symbol: 'AAPL', units: '10', ratio: '7' }) as EntryDraft, {
        ...booking,
        idempotencyKey: 's',
      }),
    );
    await baseline({ positions: { AAPL: '71' } });
    const end = (await state()).lastEntryId as number;
    const flows = await flowsWithin(ledger.db, [{ account: 'main', afterEntryId: start, throughEntryId: end }]);
    expect(flows).toEqual(new Map([['main', { cash: '500', units: { AAPL: '1' } }]]));
  });

  test('the newest as-of date is the one to go on from; a repeat of a run changes nothing', async () => {
    await open();
    const valuation = (asOfDate: string, equity: string) => ({
      account: 'main',
      asOfDate,
      runId: ledger.runId,
      cash: '1000',
      positionsValue: '0',
      equity,
      netFlows: '0',
      equityIndex: '1.1',
      peakIndex: '1.2',
      fxRate: '1.7',
      lastEntryId: 1,
    });
    await together(
      ledger.db,
      newValuations(ledger.db, [valuation('2014-06-27', '1000'), valuation('2014-06-30', '1100')]),
    );
    // Together with others, as a run makes them: what is there already is left alone, and says so.
    const again = [valuation('2014-06-30', '9999'), valuation('2014-07-01', '1200')];
    expect(await together(ledger.db, newValuations(ledger.db, again))).toHaveLength(1);
    expect(await latestValuation(ledger.db, 'main', '2014-06-30')).toEqual({
      asOfDate: '2014-06-30',
      equity: '1100',
      equityIndex: '1.1',
      peakIndex: '1.2',
      lastEntryId: 1,
    });
    expect(await latestValuation(ledger.db, 'main', '2014-06-30', '2014-06-30')).toMatchObject({
      asOfDate: '2014-06-27',
    });
    expect(await latestValuation(ledger.db, 'main', '2014-06-26')).toBeNull();
  });

  test('a reset of the kill switch accepts the loss: the peak counts from there', async () => {
    await open();
    const valued = {
      account: 'main',
      asOfDate: '2014-06-27',
      runId: ledger.runId,
      cash: '780',
      positionsValue: '0',
      equity: '780',
      netFlows: '0',
      equityIndex: '0.78',
      peakIndex: '1',
      fxRate: null,
      lastEntryId: 1,
    };
    await newValuations(ledger.db, [valued]);
    const turn = (event: 'ENGAGED' | 'RESET') =>
      inTransaction(ledger.db, (trx) =>
        turnKillSwitch(trx, {
          account: 'main',
          event,
          reason: 'fell',
          operator: 'ann',
          at: by.at,
        }),
      );
    await turn('ENGAGED');
    expect(await latestValuation(ledger.db, 'main', '2014-06-30')).toMatchObject({
      equityIndex: '0.78',
      peakIndex: '1',
    });
    await turn('RESET');
    expect(await latestValuation(ledger.db, 'main', '2014-06-30')).toMatchObject({
      equityIndex: '0.78',
      peakIndex: '0.78',
    });
  });

  test('quotes are the newest close with the rate of its day or before; without a rate there is none', async () => {
    const at = (to: string) => newestQuotes(ledger.db, { policy, baseCurrency: 'GBP', symbols: ['KO', 'GME'], to });
    expect(await at('2014-06-30')).toEqual(
      new Map([['KO', { price: '42.36', currency: 'USD', fx: '1.704055', date: '2014-06-30' }]]),
    );
    expect((await at('2014-06-28')).get('KO')).toMatchObject({ price: '42.19', fx: '1.6829', date: '2014-06-27' });
    expect((await at('2014-04-30')).size).toBe(0);
  });
});

describe('the kill switch', () => {
  test('is a latch: engaged once, reset once, by a human with a reason', async () => {
    const turn = (event: 'ENGAGED' | 'RESET', why: string) =>
      inTransaction(ledger.db, (trx) =>
        turnKillSwitch(trx, { account: 'main', event, reason: `because ${why}`, operator: 'ann', at: by.at }),
      );
    expect(await turn('RESET', 'a')).toBeNull();
    const both = await Promise.all([turn('ENGAGED', 'b'), turn('ENGAGED', 'c')]);
    expect(both.toSorted()).toEqual(['main/ENGAGED/0', null]);
    expect(await killSwitchState(ledger.db, 'main')).toMatchObject({ engaged: true });
    expect(await turn('RESET', 'd')).toBe('main/RESET/1');
    expect(await turn('RESET', 'e')).toBeNull();
    expect(await killSwitchState(ledger.db, 'main')).toEqual({ engaged: false, reason: 'because d' });
    expect(await turn('ENGAGED', 'f')).toBe('main/ENGAGED/2');
  });
});
