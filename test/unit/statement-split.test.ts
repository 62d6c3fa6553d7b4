import { describe, expect, it } from 'vitest';
import { baselineCashEntry, baselinePositionEntry, openingEntry, splitEntry } from '../../src/domain/ledger/entries.js';
import type { StatementEvent } from '../../src/domain/statement/statement.js';
import { nextOf } from '../../src/reports/statement/lines.js';
import { opened, type Happening } from '../support/statement.js';
import {
  buy,
  compare,
  differing,
  opening,
  period,
  sell,
  told,
  type Base,
  type Case,
  type Draft,
} from './statement.fixture.js';

/*
 * A split moves what the ledger holds before it. Trades of before it that no ticket ordered are taken in before it is
 * booked, each as of its own date, so that every statement knows them again, wherever it begins or ends.
 */

const HELD = opening('2025-12-01', '1000', { AAA: '8' });
const BOUGHT = opened('05/01/2026 15:00:00', 'AAA', '2', '2', 200);
const SPLIT: Happening = {
  at: '10/02/2026 06:27:00',
  type: 'corp action: Split',
  details: 'AAA/USD 2:1',
  amount: 0,
  id: '1',
};
const AFTER = opened('20/02/2026 15:00:00', 'AAA', '3', '3', 150);
const [FEBRUARY, BOTH] = ['01/02/2026', '01/01/2026'].map((from) => period(from, '28/02/2026', '05/03/2026 08:00:00'));
const january = { cash: 1000, equity: 2000 };
const february = { ...FEBRUARY, cash: 800, equity: 2000 };
const both = { ...january, ...BOTH };

const splitOf = (units: string) => splitEntry({ exDate: '2026-02-10', symbol: 'AAA', units, ratio: '2' });
/** What a baseline of a trade books. */
const takenIn = (date: string, units: string, cash: string, baseCurrency: Base = 'USD'): Draft[] => {
  const description = `Baseline: ${units} by hand`;
  return [
    baselineCashEntry({ date, delta: cash, description, baseCurrency }),
    baselinePositionEntry({ date, symbol: 'AAA', units, cost: null, description, baseCurrency }),
  ];
};
const TAKEN_IN = takenIn('2026-01-05', '2', '-200');
const proposals = async (one: Case) => differing(await compare(one)).flatMap(({ proposal }) => proposal ?? []);
const of = async (one: Case, kind: 'SPLIT' | 'POSITION') =>
  differing(await compare(one)).find((line) => line.kind === kind);

describe('a trade of before a split, which no ticket ordered', () => {
  it('has the split taken back that was booked without it, also by a statement that does not tell of it', async () => {
    for (const [happenings, said] of [
      [[BOUGHT], january],
      [[BOUGHT, SPLIT], both],
    ] as const) {
      const comparison = await compare({ happenings, drafts: [HELD, splitOf('8')], said });
      const line = differing(comparison).find(({ kind }) => kind === 'POSITION');
      expect(line?.proposal).toEqual({ kind: 'REVERSE_ENTRY', entryId: 2 });
      expect(line?.text).toMatch(/is 10, and the ledger holds 8; entry 2 .* was reckoned without it: reverse it, then/);
      const who = { account: 'main', baseCurrency: 'USD', clock: 'real' } as const;
      expect(nextOf(comparison, who, '2026-03-06T08:00:00.000Z')).toBe('trading-ops statement list');
    }
  });

  it('is taken in before the split is booked, and both before what was traded after it', async () => {
    const happenings = [BOUGHT, SPLIT, AFTER];
    const one = (...drafts: Draft[]) => ({ happenings, drafts: [HELD, ...drafts], said: both });
    expect(await proposals(one())).toEqual([
      { kind: 'SET_BASELINE', symbol: 'AAA', units: '10', cash: '800.00', date: '2026-01-05' },
    ]);
    expect((await of(one(), 'POSITION'))?.text).toMatch(
      /^AAA before its split of 2026-02-10: .* is 10, and .* holds 8;/,
    );
    expect((await of(one(), 'SPLIT'))?.text).toMatch(/; take in first what was traded before it, then import again$/);
    expect(await proposals(one(...TAKEN_IN))).toMatchObject([{ kind: 'BOOK_SPLIT', symbol: 'AAA', ratio: '2' }]);
    const split = splitOf('10') as Draft;
    const last = { kind: 'SET_BASELINE', symbol: 'AAA', units: '23', cash: '650.00', date: '2026-02-20' };
    expect(await proposals(one(...TAKEN_IN, split))).toEqual([last]);
    const all = one(...TAKEN_IN, split, ...takenIn('2026-02-20', '3', '-150'));
    expect((await compare(all)).status).toBe('AGREES');
  });

  it('is waited for by the statement of the split, where another one tells it', async () => {
    const trade = { kind: 'OPEN', symbol: 'AAA', date: '2026-01-05', units: '2' } as StatementEvent;
    const others = [{ from: '2026-01-01T00:00:00.000Z', until: '2026-01-31T23:59:59.000Z' }];
    // The statement that begins with it tells its cash otherwise than one in which it stands further below.
    const more = { others, tradesBeside: [trade, { ...trade, cash: '-100' }] };
    const one = (...drafts: Draft[]) => ({
      happenings: [SPLIT, AFTER],
      drafts: [HELD, ...drafts],
      said: february,
      more,
    });
    expect(await proposals(one())).toEqual([]);
    expect((await of(one(), 'SPLIT'))?.text).toMatch(
      /another statement tells what was traded before it, and the ledger/,
    );
    expect((await of(one(), 'POSITION'))?.text).toMatch(/: set right first what differs of AAA, then import again$/);
    for (const drafts of [TAKEN_IN, takenIn('2026-01-20', '2', '-200')])
      expect(await proposals(one(...drafts))).toMatchObject([{ kind: 'BOOK_SPLIT', symbol: 'AAA' }]);
    // Of the time that both tell of it is in the ledger on whichever date of either.
    const wide = { ...more, others: [{ from: '2026-01-01T00:00:00.000Z', until: '2026-02-05T23:59:59.000Z' }] };
    const late = { ...one(...takenIn('2026-02-03', '2', '-200')), happenings: [SPLIT], more: wide };
    expect((await of(late, 'SPLIT'))?.proposal).toMatchObject({ kind: 'BOOK_SPLIT' });
    const unheard = { ...one(), more: {} };
    expect(await proposals(unheard)).toMatchObject([{ kind: 'BOOK_SPLIT', symbol: 'AAA' }]);
  });

  it('leaves the split as it is booked where such trades came to nothing, until one of them is taken in', async () => {
    const sold: Happening = {
      at: '20/01/2026 15:00:00',
      type: 'Position closed',
      details: 'AAA/USD',
      amount: 220,
      units: '2',
      equity: 20,
      id: '2',
      closed: { invested: 200, profit: 20, display: 0, openedAt: BOUGHT.at, openRate: 100, closeRate: 110 },
    };
    const one = (...drafts: Draft[]) => ({ happenings: [BOUGHT, sold], drafts: [HELD, ...drafts], said: january });
    const split = splitOf('8') as Draft;
    const first = { kind: 'SET_BASELINE', symbol: 'AAA', units: '18', cash: '800.00', date: '2026-01-05' };
    expect(await proposals(one(split))).toEqual([first]);
    expect(await proposals(one(split, ...TAKEN_IN))).toEqual([{ kind: 'REVERSE_ENTRY', entryId: 2 }]);
    expect(await proposals(one(...TAKEN_IN))).toMatchObject([{ kind: 'SET_BASELINE', units: '8', date: '2026-01-20' }]);
  });

  it('that was taken in before it, on whichever date, moved as many units as those are now', async () => {
    const drafts = [HELD, ...takenIn('2026-01-20', '2', '-200'), splitOf('10')];
    expect(told(await compare({ happenings: [BOUGHT, SPLIT], drafts, said: both }))).toEqual([]);
  });
});

describe('two splits of one symbol near each other', () => {
  const splitAt = (at: string, id: string, ratio: string): Happening => ({
    at: `${at}/2026 06:27:00`,
    type: 'corp action: Split',
    details: `AAA/USD ${ratio}`,
    amount: 0,
    id,
  });
  const booked = (exDate: string, units: string, ratio: string) =>
    splitEntry({ exDate, symbol: 'AAA', units, ratio }) as Draft;
  const [DOUBLED, TREBLED] = [splitAt('20/01', '1', '2:1'), splitAt('23/01', '1', '3:1')];
  const [first, second] = [booked('2026-01-20', '8', '2'), booked('2026-01-23', '16', '3')];
  const of = (happenings: Happening[], ...drafts: Draft[]) => ({
    happenings,
    drafts: [HELD, ...drafts],
    said: january,
  });
  const bookSplit = (exDate: string, ratio: string) => ({
    kind: 'BOOK_SPLIT',
    symbol: 'AAA',
    exDate,
    ratio,
    published: false,
  });

  it('have a line and a proposal each, and what books one of them is never the other', async () => {
    const rows = [DOUBLED, TREBLED];
    const [two, three] = [bookSplit('2026-01-20', '2'), bookSplit('2026-01-23', '3')];
    expect(await proposals(of(rows))).toEqual([two, three]);
    expect(await proposals(of(rows, first))).toEqual([three]);
    expect(await proposals(of(rows, booked('2026-01-23', '8', '3')))).toEqual([two]);
    const reckoned = await proposals(of(rows, second));
    expect(reckoned).toEqual([two, { kind: 'REVERSE_ENTRY', entryId: 2 }]);
    expect((await compare(of(rows, first, second))).status).toBe('AGREES');
    // The second was reckoned without the first, and moved half of what it has to.
    const late = of(rows, booked('2026-01-23', '8', '3'), first);
    expect(await proposals(late)).toEqual([{ kind: 'REVERSE_ENTRY', entryId: 2 }]);
  });

  it('have what sources tell of each', async () => {
    const action = (exDate: string, value: string) =>
      ({ kind: 'SPLIT', symbol: 'AAA', exDate, value, currency: null, source: 'csv', payloadHash: 'h' }) as const;
    const actions = [action('2026-01-20', '3'), action('2026-01-19', '2')];
    expect(await proposals({ ...of([DOUBLED, TREBLED]), more: { actions } })).toEqual([
      { ...bookSplit('2026-01-19', '2'), published: true },
      { ...bookSplit('2026-01-20', '3'), published: true },
    ]);
  });

  it('are two where they are of one ratio and a position has both', async () => {
    const again = splitAt('23/01', '1', '2:1');
    expect(await proposals(of([DOUBLED, again]))).toEqual([bookSplit('2026-01-20', '2'), bookSplit('2026-01-23', '2')]);
    expect(await proposals(of([DOUBLED, splitAt('20/01', '1', '2:1')]))).toEqual([bookSplit('2026-01-20', '2')]);
    expect((await compare(of([DOUBLED, again], first, booked('2026-01-23', '16', '2')))).status).toBe('AGREES');
  });

  it('have the rows of their positions days apart, and none of what was opened between or closed before', async () => {
    const bought = { ...opened('21/01/2026 15:00:00', 'AAA', '3', '1', 100), details: 'AAA/USD' };
    const closed = {
      invested: 400,
      profit: 0,
      display: 0,
      openedAt: '01/06/2025 15:00:00',
      openRate: 50,
      closeRate: 50,
    };
    const sold: Happening = { ...bought, type: 'Position closed', amount: 400, units: '8', equity: 0, id: '4', closed };
    delete sold.cash;
    const rows = [
      DOUBLED,
      splitAt('20/01', '4', '2:1'),
      sold,
      bought,
      splitAt('22/01', '2', '2:1'),
      TREBLED,
      splitAt('24/01', '2', '3:1'),
      splitAt('24/01', '3', '3:1'),
    ].map((row, index) => ({ ...row, at: index === 2 ? '21/01/2026 14:00:00' : row.at }));
    const trades = [sell('2026-01-21', '8', '400'), buy('2026-01-21', '1', '100')];
    const comparison = await compare(of(rows, first, ...trades, booked('2026-01-23', '9', '3')));
    expect(told(comparison)).toEqual([]);
    expect(comparison.lines.filter(({ kind }) => kind === 'SPLIT').map(({ positionIds }) => positionIds)).toEqual([
      ['1', '4', '2'],
      ['1', '2', '3'],
    ]);
  });

  it('are told and never booked where a position that was held through both has one of them alone', async () => {
    for (const rows of [
      [DOUBLED, splitAt('20/01', '2', '3:1')],
      [DOUBLED, splitAt('20/01', '2', '2:1'), TREBLED],
      [DOUBLED, TREBLED, splitAt('23/01', '2', '3:1')],
    ]) {
      for (const drafts of [[], [first], [first, second]]) {
        const splits = differing(await compare(of(rows, ...drafts))).filter(({ kind }) => kind === 'SPLIT');
        expect(splits.map(({ difference, proposal }) => [difference, proposal])).toEqual([
          ['RATIO_DIFFERS', null],
          ['RATIO_DIFFERS', null],
        ]);
        expect(splits[0]?.text).toMatch(/written 2:1, and 3:1 on .*held through both has a row of one of them alone/);
      }
    }
  });

  it('of one date are booked by the ex-dates that are read at eToro', async () => {
    const rows = [DOUBLED, splitAt('20/01', '1', '3:1')];
    const splits = differing(await compare(of(rows))).filter(({ kind }) => kind === 'SPLIT');
    expect(splits.map(({ difference, proposal }) => [difference, proposal])).toEqual([
      ['RATIO_DIFFERS', null],
      ['RATIO_DIFFERS', null],
    ]);
    expect(splits[1]?.text).toMatch(/written 3:1, and 2:1 on 2026-01-20: one split of a date can be booked: look at/);
    const both = [booked('2026-01-16', '8', '2'), booked('2026-01-19', '16', '3')];
    expect((await compare(of(rows, ...both))).status).toBe('AGREES');
  });

  it('of two statements are each its own: the one before is neither reversed nor taken for this one', async () => {
    const row = { kind: 'SPLIT', symbol: 'AAA', date: '2026-01-30', positionId: '1', cash: '0' } as StatementEvent;
    const more = { toldBeside: [{ ...row, ratio: { first: '2', second: '1' } }] };
    const said = { ...february, cash: 1000 };
    const [rows, before] = [[splitAt('02/02', '1', '3:1')], booked('2026-01-30', '8', '2')];
    expect(await proposals({ ...of(rows, before), said, more })).toEqual([bookSplit('2026-02-02', '3')]);
    const both = of(rows, before, booked('2026-02-02', '16', '3'));
    expect((await compare({ ...both, said, more })).status).toBe('AGREES');
  });
});

describe('a baseline that no trade explains', () => {
  const said = { cash: 1000, equity: 1000 };

  it('is named before anything is taken in, also where several come to nothing', async () => {
    const drafts = [
      openingEntry({ date: '2025-12-01', cash: '1000', positions: { AAA: '8' }, baseCurrency: 'GBP' }),
      ...takenIn('2026-01-20', '3', '-300', 'GBP'),
      ...takenIn('2026-01-25', '-3', '400', 'GBP'),
    ];
    const line = await of(
      { base: 'GBP', happenings: [BOUGHT], drafts, said, more: { rateOn: () => '1.25' } },
      'POSITION',
    );
    expect(line).toMatchObject({ difference: 'POSITION_DIFFERS', proposal: null });
    expect(line?.text).toMatch(/holds 8; entry 3 .*; entry 5 .* set it within the period: find out at eToro/);
  });

  it('is named, and not those that took in a trade', async () => {
    const drafts = [HELD, ...TAKEN_IN, ...takenIn('2026-01-20', '3', '-300')];
    const line = await of({ happenings: [BOUGHT], drafts, said }, 'POSITION');
    expect(line?.text).toMatch(/holds 13; of 3 nothing tells why; entry 5 \(/);
  });
});

describe('what no row and no source proves', () => {
  const notes = async (one: Case) => (await compare(one)).notes.filter((note) => /way round|taken from the/.test(note));

  it('the way round of a split that is written with the smaller number first is said, once it is booked', async () => {
    const row = { ...SPLIT, at: '20/01/2026 06:27:00', details: 'AAA/USD 1:4' };
    const booked = (ratio: string, units: string) =>
      splitEntry({ exDate: '2026-01-20', symbol: 'AAA', units, ratio }) as Draft;
    const of = (drafts: Draft[]) => ({ happenings: [row], said: january, drafts: [HELD, ...drafts] });
    expect(await notes(of([]))).toEqual([]);
    expect(await notes(of([booked('4', '8')]))).toEqual([
      expect.stringMatching(
        /written 1:4: which way round .* entry 2 has 4 new shares for one old share: look at eToro/,
      ),
    ]);
    expect(await notes(of([booked('0.25', '8')]))).toEqual([expect.stringContaining('0.25 new shares')]);
    const action = { symbol: 'AAA', exDate: '2026-01-20', kind: 'SPLIT', value: '0.25' };
    expect(await notes({ ...of([booked('0.25', '8')]), more: { actions: [action] as never } })).toEqual([]);
  });

  it('cash that was set by hand is named where nothing compares the cash', async () => {
    const [set] = takenIn('2026-01-15', '1', '1000', 'GBP') as [Draft];
    const held = openingEntry({ date: '2025-12-01', cash: '1000', positions: {}, baseCurrency: 'GBP' }) as Draft;
    expect(await notes({ happenings: [], said: january, drafts: [held, set], base: 'GBP' })).toEqual([
      'Entry 2 (Baseline: 1 by hand) is taken from the ledger: a statement does not tell of it.',
    ]);
    const [inDollars] = takenIn('2026-01-15', '1', '1000') as [Draft];
    expect(await notes({ happenings: [], said: january, drafts: [opening('2025-12-01', '1000'), inDollars] })).toEqual(
      [],
    );
  });
});
