import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertActions, insertRuling, listActions, listRulings } from '../../src/db/actions.js';
import { bookEntry, journal, ledgerState } from '../../src/db/journal.js';
import { marketToken } from '../../src/db/market-at-hand.js';
import { loadMarketFacts } from '../../src/db/market-facts.js';
import { askTogether } from '../../src/db/questions.js';
import { flowsWithin } from '../../src/db/valuations.js';
import { resultOrThrow, type Outcome } from '../../src/domain/errors.js';
import { renameEntry } from '../../src/domain/ledger/reorganisations.js';
import { replayBook } from '../../src/domain/ledger/positions.js';
import type { Booked } from '../../src/operations/ledger/book-planned.js';
import { bookCash } from '../../src/operations/ledger/book-cash.js';
import { bookCashInLieu } from '../../src/operations/ledger/book-cash-in-lieu.js';
import { bookCashMerger } from '../../src/operations/ledger/book-cash-merger.js';
import { bookDelisting } from '../../src/operations/ledger/book-delisting.js';
import { bookDividend } from '../../src/operations/ledger/book-dividend.js';
import { bookRename } from '../../src/operations/ledger/book-rename.js';
import { bookSpinOff } from '../../src/operations/ledger/book-spin-off.js';
import { bookStockMerger } from '../../src/operations/ledger/book-stock-merger.js';
import { reverseEntry } from '../../src/operations/ledger/reverse-entry.js';
import { setBaseline } from '../../src/operations/ledger/set-baseline.js';
import { judgedActions } from '../../src/operations/market/judged-actions.js';
import { asks, AT, createLedger, policy, type Ledger } from './ledger.fixture.js';

// What companies and the broker do to a holding, booked by the operations into a real ledger.

let ledger: Ledger;
beforeAll(async () => {
  ledger = await createLedger();
  const opening = {
    account: 'main',
    cash: '1000',
    positions: { AAPL: '10', KO: '400.5', JPM: '8' },
    costs: { AAPL: '3600', KO: '8000', JPM: '270' },
    reason: 'as eToro shows',
  };
  resultOrThrow(await setBaseline(ledger.installation, asks('2014-06-03T07:00:00.000Z'), opening));
});
afterAll(() => ledger.close());

const done = (outcome: Outcome<Booked>): Booked => resultOrThrow(outcome);
const of = async (symbol: string) => {
  const { positions } = replayBook(await journal(ledger.db, 'main'), 'GBP');
  const found = positions.find((position) => position.symbol === symbol);
  return found && [found.units, found.cost, found.realised];
};

describe('each kind is booked once, counts as no flow, and is taken back whole', () => {
  const account = 'main';
  const [by, date] = [asks(AT), '2014-06-20'];
  const kinds: [string, () => Promise<Outcome<Booked>>][] = [
    ['rename', () => bookRename(ledger.installation, by, { account, symbol: 'KO', to: 'MSFT', date })],
    ['cash merger', () => bookCashMerger(ledger.installation, by, { account, symbol: 'KO', date, amount: '42' })],
    [
      'stock merger',
      () =>
        bookStockMerger(ledger.installation, by, { account, symbol: 'KO', to: 'MSFT', ratio: '1/2', date, net: '90' }),
    ],
    [
      'spin-off',
      () => bookSpinOff(ledger.installation, by, { account, symbol: 'KO', to: 'MSFT', ratio: '0.1', exDate: date }),
    ],
    ['cash in lieu', () => bookCashInLieu(ledger.installation, by, { account, symbol: 'KO', date, net: '12.40' })],
    ['delisting', () => bookDelisting(ledger.installation, by, { account, symbol: 'KO', date })],
    ['interest', () => bookCash(ledger.installation, by, { account, kind: 'INTEREST', amount: '34.20', date })],
  ];

  test.each(kinds)('%s', async (name, book) => {
    const before = await ledgerState(ledger.db, 'main');
    const [kept, lastEntryId] = [await of('KO'), before.lastEntryId ?? 0];
    const { entryId, bookedNow, draft } = done(await book());
    expect([bookedNow, draft.costShare === undefined]).toEqual([true, !/stock|spin/.test(name)]);
    if (name !== 'interest') expect(done(await book())).toMatchObject({ entryId, bookedNow: false });
    const stretch = { account: 'main', afterEntryId: lastEntryId, throughEntryId: entryId };
    expect((await flowsWithin(ledger.db, [stretch])).get('main')).toEqual({ cash: '0', units: {} });
    const [audit] = await ledger
      .db('audit_log')
      .whereNot({ action: 'facts.recorded' })
      .orderBy('seq', 'desc')
      .limit(1)
      .select('action', 'subject', 'actor');
    expect(audit).toEqual({
      action: `${name.replaceAll(/[ -]/g, '_')}.booked`,
      subject: String(entryId),
      actor: 'ann',
    });
    const stored = (await journal(ledger.db, 'main')).find((entry) => entry.entryId === entryId);
    expect(stored?.costShare).toBe(draft.costShare);
    done(await reverseEntry(ledger.installation, by, { account, entry: entryId, reason: 'by mistake' }));
    const { cash, units } = await ledgerState(ledger.db, 'main');
    expect([{ cash, units }, await of('KO')]).toEqual([{ cash: before.cash, units: before.units }, kept]);
  });

  test('a rate is the one of the date or before, and the cost is split by the first closes', async () => {
    const merged = done(
      await bookCashMerger(ledger.installation, by, { account, symbol: 'JPM', date, amount: '57.50' }),
    );
    // 8 × 57.50 USD at 1.6829, the newest rate up to 20 June.
    expect(merged.draft.postings.find(({ account: of }) => of === 'Assets:Cash')?.amount).toBe('273.34');
    expect(await of('JPM')).toEqual(['0', '0', '3.34']);
    const spun = done(
      await bookSpinOff(ledger.installation, by, { account, symbol: 'AAPL', to: 'MSFT', ratio: '0.5', exDate: date }),
    );
    const closes = await ledger
      .db('bars')
      .where({ session: date })
      .whereIn('symbol', ['AAPL', 'MSFT'])
      .orderBy('symbol')
      .select('close');
    const [aapl, msft] = closes.map(({ close }) => Number(close)) as [number, number];
    expect(Number(spun.draft.costShare)).toBeCloseTo((0.5 * msft) / (0.5 * msft + aapl), 9);
  });
});

describe('several dividends of one ex-date', () => {
  const told = (value: string, dividendType?: 'special') => ({
    symbol: 'KO',
    exDate: '2014-06-25',
    kind: 'DIVIDEND' as const,
    ...(dividendType && { dividendType }),
    value,
    published: value,
    currency: 'USD',
    source: 'csv',
    payload: 0,
    payloadSha256: 'e'.repeat(64),
    retrievedAt: AT,
  });

  test('live side by side from answer to booking', async () => {
    await insertActions(ledger.db, [told('1.00'), told('0.305')]);
    const { db } = ledger;
    const query = { source: 'csv', symbols: ['KO'], from: '2014-06-25', to: '2014-06-25' };
    expect((await listActions(db, query)).map(({ value, dividendType }) => [value, dividendType])).toEqual([
      ['1', 'special'],
      ['0.305', undefined],
    ]);
    expect(await insertActions(db, [told('0.305'), told('1.00')])).toEqual([]);
    const [by, dividend] = [asks(AT), { account: 'main', symbol: 'KO', exDate: '2014-06-25' }];
    const regular = done(await bookDividend(ledger.installation, by, dividend));
    const special = done(await bookDividend(ledger.installation, by, { ...dividend, type: 'special' }));
    expect([regular.bookedNow, special.bookedNow]).toEqual([true, true]);
    expect(special.draft.description).toBe('Special dividend of KO, ex-date 2014-06-25');
    expect(done(await bookDividend(ledger.installation, by, { ...dividend, type: 'special' })).bookedNow).toBe(false);
  });

  test('are ruled on each by itself', async () => {
    const { db } = ledger;
    const ruling = { symbol: 'KO', exDate: '2014-06-25', kind: 'DIVIDEND' as const, reason: 'x', operator: 'ann' };
    await insertRuling(db, { ...ruling, dividendType: 'special', ruling: 'ignore', value: null, ruledAt: AT });
    expect((await listRulings(db, ['KO'])).map(({ dividendType, ruling: as }) => [dividendType, as])).toEqual([
      ['special', 'ignore'],
    ]);
    const judged = await judgedActions(db, policy, { symbols: ['KO'], since: '2014-06-25', to: '2014-06-25' });
    expect(judged.map(({ value, ruling: as }) => [value, as])).toEqual([
      ['1', 'ignore'],
      ['0.305', null],
    ]);
  });
});

describe('a rename', () => {
  test('carries the prices over, for as long as it stands', async () => {
    const { db } = ledger;
    const date = '2014-06-26';
    const prices = async () => {
      const market = await loadMarketFacts(db, { policy, asOfDate: '2014-06-30', symbols: ['KO', 'KOX'], pair: null });
      return market.histories.map(({ bars }) => bars.map(({ session, close }) => [session, close]));
    };
    const [token] = await askTogether(db, marketToken(db));
    const [ko, before] = await prices();
    expect(before).toEqual([]);
    const draft = renameEntry({ date, baseCurrency: 'GBP', symbol: 'KO', to: 'KOX', units: '400.5' });
    const booking = { account: 'main', bookedAt: AT, operator: 'ann', idempotencyKey: 'rename:KO' };
    const { entryId } = await db.transaction((trx) => bookEntry(trx, draft, booking));
    const until = ko?.filter(([session]) => (session as string) < date);
    expect((await prices())[1]).toEqual(until);
    expect(until?.length).toBeGreaterThan(60);
    expect(await askTogether(db, marketToken(db))).not.toEqual([token]);
    await reverseEntry(ledger.installation, asks(AT), { account: 'main', entry: entryId, reason: 'by mistake' });
    expect((await prices())[1]).toEqual([]);
  });
});
