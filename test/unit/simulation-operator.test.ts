import { describe, expect, test } from 'vitest';
import type { ReconcileReply } from '../../src/contract/day-messages.js';
import { D } from '../../src/domain/money.js';
import type { Outcome } from '../../src/domain/errors.js';
import type { Proposal } from '../../src/domain/reconciliation/proposal.js';
import { blockedLines } from '../../src/cli/commands/simulate/simulate.js';
import { bookSmallItems, reconcileDay, rulingNeeded, type Errand, type Hands } from '../../src/simulation/operator.js';
import { resultOf } from '../../src/simulation/result.js';
import { parseRulings } from '../../src/simulation/rulings.js';
import { differences, type SimulatedDay } from '../../src/simulation/run.js';

const PASS: ReconcileReply = { status: 'PASS', reasons: [], explanations: [], openedLedger: false, reportPath: null };
const fail = (...proposals: (Proposal | null)[]): ReconcileReply => ({
  ...PASS,
  status: 'FAIL',
  reasons: [{ code: 'CASH_DRIFT', subject: null, message: 'apart', evidence: {} }],
  explanations: proposals.map((proposal) => ({
    kind: 'UNEXPLAINED',
    subject: null,
    cash: '0',
    text: 'perhaps',
    proposal,
  })),
});

const REFUSED: Outcome<unknown> = {
  ok: false,
  refusal: { kind: 'refused', code: 'FX_MISSING', message: 'as it is', remedy: null },
};

function handsThat(replies: ReconcileReply[], outcome: Outcome<unknown> = { ok: true, result: null }) {
  const ids: string[] = [];
  const asked: { errand: Errand; at: string }[] = [];
  const unused = () => Promise.reject(new Error('not part of this test'));
  const hands: Hands = {
    run: unused,
    confirm: unused,
    closed: unused,
    reconcile: (_day, { id }) => {
      ids.push(id);
      return Promise.resolve(replies[ids.length - 1] ?? PASS);
    },
    carryOut: (errand, at) => {
      asked.push({ errand, at });
      return Promise.resolve(outcome);
    },
  };
  return { hands, ids, asked };
}

const AT = '2014-06-13T08:00:00.000Z';
const day = {
  tradingDay: '2014-06-13',
  at: AT,
  snapshot: { cash: '10.00', positions: {} },
  undecided: new Set<string>(),
};
const DIVIDEND: Proposal = {
  kind: 'BOOK_DIVIDEND',
  symbol: 'KO',
  exDate: '2014-06-12',
  units: '400',
  amount: '0.305',
  currency: 'USD',
  fx: '1.6829',
  withholding: '0',
};
const SPLIT: Proposal = { kind: 'BOOK_SPLIT', symbol: 'GOOGL', exDate: '2014-04-04', ratio: '2', published: false };
const DIVIDEND_ERRAND: Errand = { kind: 'BOOK_DIVIDEND', symbol: 'KO', exDate: '2014-06-12', withholding: '0' };

describe('the simulated operator', () => {
  test('carries out what a failing report proposes, at the instant of the report, and reconciles again, each time anew', async () => {
    const { hands, ids, asked } = handsThat([fail(DIVIDEND), fail(DIVIDEND)]);
    expect(await reconcileDay(hands, day)).toEqual({
      status: 'PASS',
      done: [DIVIDEND_ERRAND, DIVIDEND_ERRAND],
      problems: [],
    });
    expect(asked).toEqual([
      { errand: DIVIDEND_ERRAND, at: AT },
      { errand: DIVIDEND_ERRAND, at: '2014-06-13T08:05:00.000Z' },
    ]);
    expect(new Set(ids).size).toBe(3);
  });

  test('a split is booked with the ratio that the source told of, or with that of the proposal when none has', async () => {
    const { hands, asked } = handsThat([fail({ ...SPLIT, published: true }, SPLIT)]);
    await reconcileDay(hands, day);
    expect(asked.map(({ errand }) => errand)).toMatchObject([
      { kind: 'BOOK_SPLIT', symbol: 'GOOGL', exDate: '2014-04-04', ratio: null },
      { ratio: '2' },
    ]);
  });

  test.each<[string, Proposal | null]>([
    ['a transfer', { kind: 'BOOK_DEPOSIT', amount: '5.00', date: '2014-06-13' }],
    ['a baseline', { kind: 'SET_BASELINE', symbol: 'KO', units: '1' }],
    ['nothing', null],
  ])('books %s for nobody: the day stays failed and says why', async (_what, proposal) => {
    const { hands, asked } = handsThat([fail(proposal)]);
    expect(await reconcileDay(hands, day)).toEqual({ status: 'FAIL', done: [], problems: ['CASH_DRIFT: apart'] });
    expect(asked).toEqual([]);
  });

  test('books no split of a symbol that waits for a ruling', async () => {
    const { hands, asked } = handsThat([fail(SPLIT)]);
    expect(await reconcileDay(hands, { ...day, undecided: new Set(['GOOGL']) })).toMatchObject({
      status: 'FAIL',
      done: [],
    });
    expect(asked).toEqual([]);
  });

  test("a refusal is a problem, and ends the day's reconciliation", async () => {
    const { hands, asked } = handsThat([fail(DIVIDEND)], REFUSED);
    expect(await reconcileDay(hands, day)).toEqual({
      status: 'FAIL',
      done: [],
      problems: ['CASH_DRIFT: apart', 'BOOK_DIVIDEND KO 2014-06-12: FX_MISSING: as it is'],
    });
    expect(asked).toHaveLength(1);
  });

  test('gives up when the reports go on failing', async () => {
    const { hands, ids } = handsThat(Array.from({ length: 10 }, () => fail(DIVIDEND)));
    expect((await reconcileDay(hands, day)).status).toBe('FAIL');
    expect(ids).toHaveLength(5);
  });

  test('books what the statement shows and the tolerance let pass', async () => {
    const { hands, asked } = handsThat([]);
    const item = { symbol: 'KO', exDate: '2014-06-12', cash: D('1.2'), units: D(0) };
    const { done } = await bookSmallItems(
      hands,
      [
        { kind: 'DIVIDEND', ...item },
        { kind: 'SPLIT', ...item },
      ],
      AT,
    );
    expect(done).toEqual([
      { ...DIVIDEND_ERRAND, withholding: '0.15' },
      { kind: 'BOOK_SPLIT', symbol: 'KO', exDate: '2014-06-12', ratio: null },
    ]);
    expect(asked.map(({ at }) => at)).toEqual([AT, AT]);
  });
});

test('the result counts what was done, and names each ruling that was needed once', () => {
  const needed = [rulingNeeded({ symbol: 'GOOGL', exDate: '2014-04-03', kind: 'DIVIDEND' })];
  const simulated: SimulatedDay = {
    tradingDay: '2014-04-04',
    kind: 'NO_TRADE',
    ticketId: 't1',
    codes: [],
    reconciliation: 'PASS',
    fills: [],
    done: [DIVIDEND_ERRAND],
    needed,
    problems: [],
    equity: '110.00',
    lacking: [],
    atLast: [],
    milliseconds: 5,
  };
  const ruling: Errand = {
    kind: 'RULE_ON_ACTION',
    ruling: {
      symbol: 'GOOGL',
      exDate: '2014-04-03',
      kind: 'DIVIDEND',
      ruling: 'split',
      value: '2',
      ruledOn: '2014-04-16',
      reason: 'why',
    },
  };
  const days = [
    simulated,
    { ...simulated, done: [ruling, { ...DIVIDEND_ERRAND }], needed: [{ ...(needed[0] as (typeof needed)[number]) }] },
  ];
  const of = { cash: '100.00', benchmark: null, noBenchmark: 'none', endsEarly: null };
  // A day without a value is named, and the equity is that of the last that has one.
  const gap = { ...simulated, tradingDay: '2014-04-07', done: [], equity: null, lacking: ['KO'] };
  expect(resultOf([...days, gap], of)).toMatchObject({
    equityEnd: '110.00',
    valuedTo: '2014-04-04',
    gaps: [{ date: '2014-04-07', lacking: ['KO'] }],
    ended: [],
    tickets: [...days, gap].map(({ tradingDay }) => ({ tradingDay, ticketId: 't1' })),
  });
  expect(resultOf(days, of)).toMatchObject({
    dividendsBooked: 2,
    splitsBooked: 0,
    rulings: 1,
    needed,
    change: 0.1,
  });
});

describe('books of both sides', () => {
  const broker = { cash: D('10.00'), units: new Map([['KO', D('1.5')]]) };

  test('equal to the last digit is no difference, however it is written', () => {
    expect(differences({ cash: '10', units: { KO: '1.500000' } }, broker)).toEqual([]);
  });

  test('a penny, a millionth of a unit and a missing symbol are', () => {
    expect(differences({ cash: '10.01', units: { KO: '1.500001', PEP: '1' } }, broker)).toEqual([
      'cash is 10.00 at the broker and 10.01 in the ledger',
      'KO is 1.5 at the broker and 1.500001 in the ledger',
      'PEP is 0 at the broker and 1 in the ledger',
    ]);
  });
});

describe('planned rulings', () => {
  const HEADER = 'symbol,ex_date,kind,ruling,value,ruled_on,reason';

  test('are read with what they say', () => {
    expect(parseRulings(`${HEADER}\nGOOGL,2014-04-03,DIVIDEND,split,2,2014-04-16,class C shares\n`, 'r.csv')).toEqual([
      {
        symbol: 'GOOGL',
        exDate: '2014-04-03',
        kind: 'DIVIDEND',
        ruling: 'split',
        value: '2',
        ruledOn: '2014-04-16',
        reason: 'class C shares',
      },
    ]);
  });

  test.each([
    ['GOOGL,2014-04-03,DIVIDEND,split,,2014-04-16,why', 'value: "": must be given with ruling split'],
    ['GOOGL,2014-04-03,DIVIDEND,ignore,2,2014-04-16,why', 'value: "2": must be left empty with ruling ignore'],
    [
      'GOOGL,2014-02-30,DIVIDEND,ignore,,2014-04-16,why',
      'ex_date: "2014-02-30": must be a date that exists, YYYY-MM-DD',
    ],
    [
      'GOOGL,2014-04-03,DIVIDEND,ignore,,2014-04-03,why',
      'ruled_on: "2014-04-03": must be after the ex-date: nobody knows of it before',
    ],
    ['GOOGL,2014-04-03,MERGER,ignore,,2014-04-16,why', 'kind: "MERGER"'],
    ['GOOGL,2014-04-03,DIVIDEND,ignore,,2014-04-16,', 'reason: "": must say why'],
  ])('%s is refused', (row, message) => {
    expect(() => parseRulings(`${HEADER}\n${row}\n`, 'r.csv')).toThrow(`r.csv: row 1: ${message}`);
  });
});

test('the last lines count the blocked days by code, the most first, or say that there was none', () => {
  expect(blockedLines({ noTrades: 7, noTradesByReason: { NOT_REBALANCE_DAY: 6, FX_MISSING: 2 } })).toEqual([
    'Days blocked: 7, by gate code (a day with two counts in both):',
    '  NOT_REBALANCE_DAY  6',
    '  FX_MISSING         2',
  ]);
  expect(blockedLines({ noTrades: 0, noTradesByReason: {} })).toEqual(['Days blocked: none.']);
});
