import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listActions, listRulings } from '../../src/db/actions.js';
import { newestRateDate, rateQuestion } from '../../src/db/fx.js';
import { bookEntry, journal, ledgerState } from '../../src/db/journal.js';
import { storedHistories } from '../../src/db/market-facts.js';
import { alignPaperBook } from '../../src/db/paper-book.js';
import { ask, columnsQuestion, type Columns, type Lists } from '../../src/db/questions.js';
import { ratesFrom } from '../../src/db/quotes.js';
import { inTransaction } from '../../src/db/transaction.js';
import { flowsWithin, latestValuation, latestValuations } from '../../src/db/valuations.js';
import type { Book } from '../../src/domain/ledger/entries.js';
import { BOOKED, createTwoAccounts, deposit, MONDAY, TUESDAY, WEDNESDAY, type TwoAccounts } from './queries.fixture.js';

let two: TwoAccounts;
beforeAll(async () => {
  two = await createTwoAccounts();
});
afterAll(() => two.close());

const booked = (name: string): number => two.entries[name] as number;

test('a session compiles no statement, and plans one that is prepared once', async () => {
  const { rows } = await two.db.raw<{ rows: object[] }>(
    `select current_setting('jit') as jit, current_setting('plan_cache_mode') as plans`,
  );
  expect(rows).toEqual([{ jit: 'off', plans: 'force_generic_plan' }]);
});

describe('rows that travel column by column', () => {
  interface Odd {
    place: number;
    word: string | null;
    at: string | null;
    said: string | null;
  }
  const columns: Columns<Odd> = { place: 'number', word: 'text', at: 'instant', said: 'free' };
  const rowAt = (of: Lists<Odd>, at: number): Odd => ({
    place: of.place[at]!,
    word: of.word[at]!,
    at: of.at[at]!,
    said: of.said[at]!,
  });
  const read = (rows: string) =>
    ask(
      two.db,
      columnsQuestion<Odd>(two.db, { sql: `select * from (${rows}) as o(place, word, at, said)`, columns }, rowAt),
    );
  const SAID = 'a; "b", \\ c\nd é';

  test('are what they were: nothing where nothing was, instants in UTC, and a person’s own words', async () => {
    const rows = `values (1, 'KO', timestamptz '2014-07-01 12:00:00.25+01', null),
      (2, null, null, convert_from(decode('${Buffer.from(SAID).toString('hex')}', 'hex'), 'UTF8'))`;
    expect(await read(rows)).toEqual([
      { place: 1, word: 'KO', at: '2014-07-01T11:00:00.250Z', said: null },
      { place: 2, word: null, at: null, said: SAID },
    ]);
    expect(await read(`${rows} limit 0`)).toEqual([]);
  });

  test('a forged word that would move the ones after it to other rows is refused', async () => {
    const forged = `values (1, 'KO;PEP', now(), 'said'), (2, 'PEP', now(), 'said')`;
    await expect(read(forged)).rejects.toThrow('of one length must be: place 2, word 3, at 2, said 2');
  });
});

describe('an entry', () => {
  test('is known by its account and key together: the same again books nothing and finds the first', async () => {
    const again = (account: string, book: Book, { place, amount }: { place: number; amount: string }) =>
      inTransaction(two.db, (trx) =>
        bookEntry(trx, deposit(amount), {
          account,
          book,
          bookedAt: '2014-07-01T12:00:00.000Z',
          operator: 'ann',
          idempotencyKey: `${book}:${place}`,
        }),
      );
    expect(new Set(Object.values(two.entries)).size).toBe(7);
    for (const [account, book, place, amount] of BOOKED) {
      const name = `${account} ${book} ${place}`;
      expect(await again(account, book, { place, amount }), name).toEqual({ entryId: booked(name), existing: true });
      // With other figures it is another entry, and the key is that one's.
      await expect(again(account, book, { place, amount: '5' })).rejects.toMatchObject({
        code: 'ALREADY_BOOKED_DIFFERENTLY',
      });
    }
  });

  test('is read column by column, each column sorted for it, by no plan alone', async () => {
    const asked: string[] = [];
    const hear = ({ sql }: { sql: string }) => asked.push(sql);
    two.db.on('query', hear);
    await journal(two.db, 'main');
    two.db.removeListener('query', hear);
    const [sql = ''] = asked;
    const explained = `explain (costs off) ${sql.replaceAll(/\$\d+/g, '?')}`;
    const { rows } = await two.db.raw<{ rows: { 'QUERY PLAN': string }[] }>(explained, ['main', 'ledger', 0, 10]);
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toMatch(/Sort Key: entries(_\d+)?\.entry_id\n\s+-> {2}CTE Scan on entries/);
    expect(plan).toMatch(/Sort Key: p\.entry_id, p\.line_no/);
  });

  test('is read from its own account and book in order, after an entry where one is named', async () => {
    const read = async (...asked: [account: string, book?: Book, after?: number]) =>
      (await journal(two.db, ...asked)).map(({ entryId }) => entryId);
    expect(await read('main')).toEqual([booked('main ledger 1'), booked('main ledger 2')]);
    expect(await read('main', 'paper')).toEqual([booked('main paper 1'), booked('main paper 2')]);
    expect(await read('other')).toEqual([booked('other ledger 1'), booked('other ledger 2')]);
    expect(await read('main', 'ledger', booked('main ledger 1'))).toEqual([booked('main ledger 2')]);
    expect(await read('main', 'ledger', booked('main ledger 2'))).toEqual([]);
  });

  test('is summed with those of its own account and book', async () => {
    const cash = async (...asked: [account: string, book?: Book]) => (await ledgerState(two.db, ...asked)).cash;
    expect(await cash('main')).toBe('900');
    expect(await cash('main', 'paper')).toBe('3600');
    expect(await cash('other')).toBe('1800');
    expect(await ledgerState(two.db, 'main')).toMatchObject({ lastEntryId: booked('main ledger 2') });
  });

  test('flows of a stretch of the ledger: the entry before is left out, the last counted', async () => {
    const flow = async (...asked: [account: string, after: number, through: number][]) => {
      const flows = await flowsWithin(
        two.db,
        asked.map(([account, afterEntryId, throughEntryId]) => ({ account, afterEntryId, throughEntryId })),
      );
      return asked.map(([account]) => flows.get(account)?.cash);
    };
    const last = Math.max(...Object.values(two.entries));
    expect(await flow(['main', 0, last], ['other', 0, last])).toEqual(['900', '1800']);
    expect(await flow(['main', booked('main ledger 1'), booked('main ledger 2')], ['other', 0, last])).toEqual([
      '800',
      '1800',
    ]);
    expect(await flow(['main', 0, booked('main ledger 2') - 1], ['other', last, last])).toEqual(['100', '0']);
  });
});

describe('a valuation', () => {
  test('is continued from the one recorded last of the newest close up to a date', async () => {
    expect(await latestValuation(two.db, 'main', MONDAY)).toMatchObject({ asOfDate: MONDAY, equity: '120' });
    expect(await latestValuation(two.db, 'main', WEDNESDAY)).toMatchObject({ asOfDate: TUESDAY, equity: '160' });
    expect(await latestValuation(two.db, 'main', WEDNESDAY, TUESDAY)).toMatchObject({ equity: '120' });
    expect(await latestValuation(two.db, 'main', WEDNESDAY, MONDAY)).toMatchObject({ equity: '170' });
    expect(await latestValuation(two.db, 'other', WEDNESDAY)).toMatchObject({ equity: '400', equityIndex: '1.4' });
    expect(await latestValuation(two.db, 'main', '2014-06-26')).toBeNull();
    const both = await latestValuations(two.db, ['other', 'nobody', 'main'], TUESDAY);
    expect([...both].map(([account, { equity }]) => [account, equity]).toSorted()).toEqual([
      ['main', '160'],
      ['other', '400'],
    ]);
  });

  test('has its peak from before, but from itself where its own account’s latch was reset after it', async () => {
    expect(await latestValuation(two.db, 'main', MONDAY)).toMatchObject({ equityIndex: '1.2', peakIndex: '1.9' });
    expect(await latestValuation(two.db, 'other', MONDAY)).toMatchObject({ equityIndex: '1.4', peakIndex: '1.4' });
  });
});

describe('of what the market said twice, the later word counts:', () => {
  test('a rate, of exactly the date, source and pair asked for', async () => {
    expect(await ask(two.db, rateQuestion(two.db, ['csv'], 'GBPUSD', MONDAY))).toEqual({
      pair: 'GBPUSD',
      date: MONDAY,
      rate: '1.8',
      source: 'csv',
    });
    expect(await ask(two.db, rateQuestion(two.db, ['yahoo'], 'GBPUSD', MONDAY))).toMatchObject({ rate: '1.9' });
    expect(await ask(two.db, rateQuestion(two.db, ['csv'], 'GBPEUR', MONDAY))).toMatchObject({ rate: '1.25' });
    expect(await ask(two.db, rateQuestion(two.db, ['csv'], 'GBPUSD', '2014-06-12'))).toMatchObject({ rate: '1.6829' });
    expect(await ask(two.db, rateQuestion(two.db, ['csv'], 'GBPUSD', TUESDAY))).toBeNull();
  });

  test('rates for people to look at: the newest up to a date, none after the last that was asked for', async () => {
    const until = await ratesFrom(two.db, ['csv'], 'GBP', TUESDAY);
    expect([until('USD', WEDNESDAY), until('USD', MONDAY), until('USD', '2014-06-29')]).toEqual([
      '1.8',
      '1.8',
      '1.6829',
    ]);
    expect([until('EUR', TUESDAY), until('GBP', TUESDAY), until('USD', '2014-01-01')]).toEqual(['1.25', '1', null]);
    expect((await ratesFrom(two.db, ['csv'], 'GBP', WEDNESDAY))('USD', WEDNESDAY)).toBe('1.6');
    expect((await ratesFrom(two.db, ['yahoo'], 'GBP', WEDNESDAY))('USD', WEDNESDAY)).toBe('1.9');
    expect(await newestRateDate(two.db, 'csv', 'GBPUSD', TUESDAY)).toBe(MONDAY);
    expect(await newestRateDate(two.db, 'csv', 'GBPUSD', WEDNESDAY)).toBe(WEDNESDAY);
  });

  test('an action and a ruling on it', async () => {
    const day = { from: '2014-09-11', to: '2014-09-11' };
    expect(await listActions(two.db, { ...day, symbols: ['KO'] })).toEqual([
      { symbol: 'KO', exDate: '2014-09-11', kind: 'DIVIDEND', value: '0.4', currency: 'USD', source: 'csv' },
    ]);
    expect(await listActions(two.db, { from: '2014-09-12' })).toEqual([]);
    expect(await listActions(two.db, { ...day, source: 'yahoo' })).toEqual([]);
    expect(await listActions(two.db, { ...day, symbols: ['MSFT'] })).toEqual([]);
    expect(await listRulings(two.db, ['KO'])).toMatchObject([{ ruling: 'ignore', value: null, reason: 'ignore' }]);
  });

  test('the basis of prices is the one most symbols share, whichever comes first', async () => {
    const basisOf = async (symbols: string[], source = 'sample') =>
      (await storedHistories(two.db, { source, symbols, from: '2014-06-01', to: MONDAY })).basis;
    expect(await basisOf(['AAA', 'BBB', 'CCC'])).toBe('raw');
    expect(await basisOf(['CCC', 'BBB', 'AAA'])).toBe('raw');
    expect(await basisOf(['AAA', 'ZZZ'])).toBe('split');
    expect(await basisOf(['ZZZ'])).toBeNull();
    expect(await basisOf(['AAA'], 'yahoo')).toBeNull();
  });
});

describe('the paper book', () => {
  test.each([{ book: 'ledger' as const }, {}])(
    'is set to the ledger in its own book, whatever is asked: %j',
    async (asked) => {
      const before = await journal(two.db, 'main');
      const booking = { account: 'main', bookedAt: '2014-07-01T12:00:00.000Z', operator: 'ann', ...asked };
      await inTransaction(two.db, (trx) =>
        alignPaperBook(trx, { ...booking, confirmationId: two.confirmations[1] as string }, 'GBP', TUESDAY),
      );
      expect(await journal(two.db, 'main')).toEqual(before);
      expect(await ledgerState(two.db, 'main', 'paper')).toMatchObject({ cash: '900', units: {} });
      expect((await journal(two.db, 'main', 'paper')).map(({ kind }) => kind)).toEqual([
        'DEPOSIT',
        'DEPOSIT',
        'BASELINE',
      ]);
    },
  );

  test('is set to its own account’s ledger, and once it is, nothing more is booked', async () => {
    const align = () =>
      inTransaction(two.db, (trx) =>
        alignPaperBook(
          trx,
          { account: 'other', book: 'ledger', bookedAt: '2014-07-01T12:00:00.000Z', operator: 'ann' },
          'GBP',
          TUESDAY,
        ),
      );
    await align();
    const after = await journal(two.db, 'other', 'paper');
    expect(await ledgerState(two.db, 'other', 'paper')).toMatchObject({ cash: '1800' });
    await align();
    expect(await journal(two.db, 'other', 'paper')).toEqual(after);
    expect(await ledgerState(two.db, 'other')).toMatchObject({ cash: '1800' });
  });
});
