import type { Knex } from 'knex';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ingestBars, type SymbolBars } from '../../src/db/bars.js';
import { connect } from '../../src/db/connect.js';
import { isSession, sessionsBetween } from '../../src/domain/calendar/calendar.js';
import type { Bar } from '../../src/domain/types.js';
import { Link } from '../../tools/faults/link.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

/** Goal: what a provider sends is stored once, restated once, and never half. Bars are AAPL's of June 2014. */
let database: TestDatabase;
let db: Knex;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(() => {
  db = connect(database.appUrl);
});
afterEach(async () => {
  await db.destroy();
});

let counter = 0;
const fresh = () => `T${++counter}`;
const bar = (symbol: string, session: string, close: string, rest: Partial<Bar> = {}): Bar => ({
  symbol,
  session,
  open: close,
  high: close,
  low: close,
  close,
  volume: '75414997',
  adjClose: null,
  ...rest,
});

const answer = (symbol: string, bars: SymbolBars['bars']): SymbolBars => ({
  symbol,
  bars,
  basis: 'raw',
  currency: 'USD',
  payloadSha256: 'a'.repeat(64),
  retrievedAt: '2014-06-11T07:00:00Z',
});

const ingest = (answers: SymbolBars[], to = '2014-06-10') =>
  db.transaction((trx) => ingestBars(trx, answers, { source: 'test', to, isSession: (date) => isSession(date) }));

const stored = (symbol: string) =>
  db('bars')
    .where({ source: 'test', symbol })
    .orderBy('session')
    .select<{ session: string; close: string }[]>('session', 'close');
const revisions = async (symbol: string) =>
  Number((await db('bar_revisions').where({ symbol }).count<{ count: number }[]>('* as count'))[0]?.count);

describe('ingest', () => {
  it('stores what is new, leaves what is equal, and records what is restated', async () => {
    const symbol = fresh();
    expect(
      await ingest([answer(symbol, [bar(symbol, '2014-06-06', '645.57'), bar(symbol, '2014-06-09', '93.7')])]),
    ).toMatchObject([
      { rowsRead: 2, rowsNew: 2, rowsRevised: 0, lastSession: '2014-06-09', findings: [], error: null },
    ]);
    expect(
      await ingest([answer(symbol, [bar(symbol, '2014-06-09', '93.70'), bar(symbol, '2014-06-10', '94.25')])]),
    ).toMatchObject([{ rowsNew: 1, rowsRevised: 0 }]);
    expect(await revisions(symbol)).toBe(0);
    expect(await ingest([answer(symbol, [bar(symbol, '2014-06-10', '94.26')])])).toMatchObject([
      { rowsNew: 0, rowsRevised: 1 },
    ]);
    const [row] = await db('bar_revisions')
      .where({ symbol })
      .select<{ prior: { close: number }; revised: { close: number } }[]>('prior', 'revised');
    expect([row?.prior.close, row?.revised.close]).toEqual([94.25, 94.26]);
  });

  it('float noise between two deliveries is no revision; another volume is', async () => {
    const symbol = fresh();
    await ingest([answer(symbol, [bar(symbol, '2014-06-10', '152.35', { adjClose: '20.92' })])]);
    expect(
      await ingest([answer(symbol, [bar(symbol, '2014-06-10', '152.35001', { adjClose: '20.920001' })])]),
    ).toMatchObject([{ rowsRevised: 0 }]);
    expect((await stored(symbol))[0]?.close).toBe('152.35');
    expect(
      await ingest([answer(symbol, [bar(symbol, '2014-06-10', '152.35', { volume: '75414998', adjClose: '20.92' })])]),
    ).toMatchObject([{ rowsRevised: 1 }]);
    expect(await ingest([answer(symbol, [bar(symbol, '2014-06-10', '152.35', { volume: '75414998' })])])).toMatchObject(
      [{ rowsRevised: 1 }],
    );
  });

  it('bars on closed days and two different bars of one day are findings and are not stored; equal ones are one', async () => {
    const symbol = fresh();
    const [result] = await ingest([
      answer(symbol, [
        bar(symbol, '2014-06-06', '645.57'),
        bar(symbol, '2014-06-06', '645.570'),
        bar(symbol, '2014-06-07', '645.57'),
        bar(symbol, '2014-06-09', '93.7'),
        bar(symbol, '2014-06-09', '655.9'),
        bar(symbol, '2014-06-10', '94.25'),
      ]),
    ]);
    expect(result?.findings.map(({ code, session }) => [code, session])).toEqual([
      ['CLOSED_DAY_BAR', '2014-06-07'],
      ['DUPLICATE_BAR', '2014-06-09'],
    ]);
    expect((await stored(symbol)).map(({ session }) => session)).toEqual(['2014-06-06', '2014-06-10']);
  });

  it('a contradiction leaves an earlier bar as it was', async () => {
    const symbol = fresh();
    await ingest([answer(symbol, [bar(symbol, '2014-06-09', '93.7')])]);
    await ingest([answer(symbol, [bar(symbol, '2014-06-09', '93.7'), bar(symbol, '2014-06-09', '93.8')])]);
    expect(await stored(symbol)).toEqual([{ session: '2014-06-09', close: '93.7' }]);
    expect(await revisions(symbol)).toBe(0);
  });

  it('nothing after the as-of date is stored', async () => {
    const symbol = fresh();
    await ingest([answer(symbol, [bar(symbol, '2014-06-10', '94.25'), bar(symbol, '2014-06-11', '93.86')])]);
    expect((await stored(symbol)).map(({ session }) => session)).toEqual(['2014-06-10']);
  });

  it('a symbol whose reading fails half-way is left out whole, the others are stored', async () => {
    const [good, bad, last] = [fresh(), fresh(), fresh()];
    async function* breaking() {
      yield bar(bad, '2014-06-09', '93.7');
      throw new Error('line 3 breaks off');
    }
    const results = await ingest([
      answer(good, [bar(good, '2014-06-10', '1')]),
      answer(bad, breaking()),
      answer(last, [bar(last, '2014-06-10', '2')]),
    ]);
    expect(results.map(({ rowsNew, error }) => [rowsNew, error === null])).toEqual([
      [1, true],
      [0, false],
      [1, true],
    ]);
    expect(await stored(bad)).toEqual([]);
  });

  it('many chunks in one transaction end all or nothing', async () => {
    const symbols = Array.from({ length: 60 }, fresh);
    const sessions: string[] = [];
    for (let day = Date.parse('2011-06-01T00:00:00Z'); sessions.length < 750; day += 86_400_000) {
      const date = new Date(day).toISOString().slice(0, 10);
      if (isSession(date)) sessions.push(date);
    }
    const answers = symbols.map((symbol) =>
      answer(
        symbol,
        sessions.map((session) => bar(symbol, session, '10')),
      ),
    );
    await expect(
      db.transaction(async (trx) => {
        await ingestBars(trx, answers, { source: 'test', to: '2014-06-10', isSession: (date) => isSession(date) });
        throw new Error('crash before the commit');
      }),
    ).rejects.toThrow('crash');
    expect(await stored(symbols[0] as string)).toEqual([]);
    const results = await ingest(answers);
    expect(results.reduce((sum, { rowsNew }) => sum + rowsNew, 0)).toBe(45_000);
    expect((await ingest(answers)).reduce((sum, { rowsNew, rowsRevised }) => sum + rowsNew + rowsRevised, 0)).toBe(0);
  });

  it('a line that is cut in the middle of a load leaves nothing of it, wherever it is cut; the same again is all of it', async () => {
    const symbol = fresh();
    const many = sessionsBetween('2004-01-02', '2014-06-10').map((session) => bar(symbol, session, '94.13'));
    const url = new URL(database.appUrl);
    const line = await Link.to(Number(url.port));
    url.port = String(line.port);
    const far = connect(url.href);
    const load = () =>
      far.transaction((trx) =>
        ingestBars(trx, [answer(symbol, many)], {
          source: 'test',
          to: '2014-06-10',
          isSession: (date) => isSession(date),
        }),
      );
    try {
      let cuts = 0;
      for (let bytes = 500; ; bytes *= 3) {
        line.cutAfter(bytes);
        const ended = await load().then(
          () => 'loaded',
          (error: Error) => error.message,
        );
        if (ended === 'loaded') break;
        line.open();
        cuts++;
        expect(await stored(symbol), `cut after ${bytes} bytes: ${ended}`).toEqual([]);
      }
      expect(cuts).toBeGreaterThan(4);
      expect(await stored(symbol)).toHaveLength(many.length);
    } finally {
      await far.destroy();
      await line.close();
    }
  });

  it('two loads of the same symbols at once end without a deadlock and without a double', async () => {
    const symbols = [fresh(), fresh(), fresh()];
    const of = (order: string[]) =>
      order.map((symbol) =>
        answer(
          symbol,
          ['2014-06-06', '2014-06-09', '2014-06-10'].map((session) => bar(symbol, session, '10')),
        ),
      );
    const [a, b] = await Promise.all([ingest(of(symbols)), ingest(of(symbols.toReversed()))]);
    expect([...a, ...b].reduce((sum, { rowsNew }) => sum + rowsNew, 0)).toBe(9);
  });
});
