import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTakenIn, readInput, readMessage } from '../../src/contract/day-messages.js';
import { contentHash } from '../../src/domain/hash.js';
import { D, toText } from '../../src/domain/money.js';
import type { Proposal } from '../../src/domain/reconciliation/proposal.js';
import {
  asItStood,
  completedBy,
  problemsOfRows,
  readRows,
  type RowsOfLedger,
  type RowsTyped,
} from '../../src/domain/reconciliation/rows.js';
import { seenProblems } from '../../src/domain/reconciliation/seen.js';
import { reconcileAct } from '../../src/domain/signing/act.js';
import { linkOf } from '../../src/reports/links.js';

const universe = [
  { internalSymbol: 'AAPL', etoroSearchName: 'Apple', name: 'Apple Inc.' },
  { internalSymbol: 'KO', etoroSearchName: 'Coca-Cola', name: 'The Coca-Cola Company' },
  { internalSymbol: 'MSFT', etoroSearchName: 'MSFT', name: 'Microsoft Corporation' },
];
const ledger: RowsOfLedger = {
  rows: [
    { symbol: 'AAPL', units: '80' },
    { symbol: 'KO', units: '2.5' },
  ],
  blind: false,
  known: { universe, held: ['AAPL', 'KO'], baseCurrency: 'GBP' },
};
const row = (symbol: string, ticked: string | null, typed = '') => ({ symbol, ticked, typed });
const typed = (changes: Partial<RowsTyped> = {}): RowsTyped => ({
  snapshotDate: '2026-11-20',
  cash: '1000.50',
  notes: '',
  rows: [row('AAPL', '80'), row('KO', null, '2.6')],
  others: [],
  ...changes,
});
const read = (changes: Partial<RowsTyped> = {}, of = ledger) => readRows(of, typed(changes));
const wrong = (changes: Partial<RowsTyped>, of = ledger) =>
  problemsOfRows(read(changes, of)).map(({ field, rule }) => `${field}: ${rule}`);

describe('rows of a form', () => {
  it('are ticked or typed, and each says which it was; 0 is what is not there', () => {
    const rows = [row('AAPL', null, ' 0.0 '), row('KO', '2.5')];
    expect(read({ rows, others: [{ name: 'msft', units: '1.500000' }] })).toEqual({
      cash: '1000.50',
      positions: { KO: '2.5', MSFT: '1.5' },
      seen: { AAPL: 'typed', KO: 'ticked', MSFT: 'typed' },
      unseen: [],
      named: ['MSFT'],
      problems: [],
    });
  });

  it('that were not looked at are named, and so is cash that nobody typed', () => {
    expect(wrong({ cash: '', rows: [row('AAPL', '80')] })).toEqual([
      'cash: must be typed: it is never taken from the ledger',
      'positions.KO: must be ticked, or typed as eToro shows it: 0 for what is not there',
    ]);
    expect(wrong({ rows: [] })).toHaveLength(2);
    expect(wrong({}, { ...ledger, blind: true })).toEqual([
      expect.stringContaining('positions.AAPL: must be ticked, or'),
    ]);
  });

  it('are ticked at the figure of the ledger alone, and not typed otherwise as well', () => {
    expect(wrong({ rows: [row('AAPL', '79'), row('KO', '2.5')] })).toEqual([
      'positions.AAPL: was ticked, and the ledger says 80 now: read eToro again',
    ]);
    expect(wrong({ rows: [row('AAPL', '80', '80.1'), row('KO', '2.5', '2.50')] })).toEqual([
      'positions.AAPL: is ticked as 80 too: leave one of the two',
    ]);
  });

  it('beside the ledger name one symbol each, which may be of no universe', () => {
    expect(read({ others: [{ name: 'GME', units: '3' }] }).positions).toHaveProperty('GME', '3');
    expect(wrong({ others: [{ name: 'Apple', units: '1' }] })).toEqual([
      'other.1.symbol: must be given once: AAPL has a row already',
    ]);
    const two = { name: 'MSFT', units: '1' };
    expect(wrong({ others: [two, two] })).toEqual(['other.2.symbol: must be given once: MSFT has a row already']);
    expect(wrong({ others: [{ name: 'nobody', units: '1' }] })).toEqual([
      expect.stringMatching(/^other\.1\.symbol: must be a symbol or etoro_search_name/),
    ]);
    expect(wrong({ others: [{ name: 'MSFT', units: '' }] })).toEqual([
      expect.stringMatching(/^other\.1\.units: must be/),
    ]);
    expect(wrong({ others: [{ name: '', units: '' }] })).toEqual([]);
    for (const name of ['__proto__', 'constructor', '<b>', '=A1'])
      expect(wrong({ others: [{ name, units: '1' }] }), name).toHaveLength(1);
  });

  it('so far come to what the ledger has where nothing is seen; those seen are never the ledger’s', () => {
    const some = readRows(ledger, typed({ cash: '', rows: [row('AAPL', null, '0')] }));
    expect(completedBy(some, { cash: '7', rows: ledger.rows })).toEqual({ cash: '7', positions: { KO: '2.5' } });
  });

  it('sent again are read as when the form was made, whatever the ledger has become', () => {
    const others = [{ name: 'MSFT', units: '1' }];
    const grown = {
      ...ledger,
      rows: [
        { symbol: 'AAPL', units: '1' },
        { symbol: 'MSFT', units: '1' },
      ],
    };
    expect(readRows(asItStood(grown, typed({ others })), typed({ others }))).toEqual(read({ others }));
  });

  it('take any units that may be, in the one text they have, and no others', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999_999_999 }), (millionths) => {
        const units = toText(D(millionths).div(1_000_000));
        expect(read({ rows: [row('AAPL', null, units), row('KO', '2.5')] }).positions['AAPL']).toBe(units);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { positions, problems, unseen, seen } = read({ rows: [row('AAPL', null, text), row('KO', '2.5')] });
        const isTaken = Object.hasOwn(seen, 'AAPL');
        expect([isTaken, problems.length > 0, unseen.length > 0].filter(Boolean)).toHaveLength(1);
        if (Object.hasOwn(positions, 'AAPL')) expect(D(positions['AAPL'] ?? '').eq(text.trim())).toBe(true);
      }),
    );
  });
});

const COMMAND = {
  commandId: 'c1',
  snapshotDate: '2026-11-20',
  cash: '1',
  positions: { AAPL: '80' },
  notes: null,
};

describe('how each figure was read', () => {
  it('is said of every position, or of none', () => {
    expect(seenProblems({ AAPL: '80' }, undefined)).toEqual([]);
    expect(seenProblems({ AAPL: '80' }, { AAPL: 'ticked', KO: 'typed' })).toEqual([]);
    expect(seenProblems({ AAPL: '80', KO: '1' }, { AAPL: 'ticked' })).toMatchObject([
      { field: 'seen.KO', value: null },
    ]);
    expect(seenProblems({}, { AAPL: 'ticked' })).toMatchObject([{ field: 'seen.AAPL', value: '"ticked"' }]);
  });

  it('is part of what is signed where it is said; without it the statement is the one it always was', () => {
    const place = { purpose: 'reconcile', account: 'main', tradingDay: '2026-11-23', commandId: 'c1' } as const;
    const { commandId, ...snapshot } = COMMAND;
    const plain = reconcileAct(place, snapshot);
    expect(plain.contentHash).toBe(contentHash({ commandId, ...snapshot }));
    for (const seen of [undefined, null]) expect(reconcileAct({ ...place, seen }, snapshot)).toEqual(plain);
    const hashes = (['ticked', 'typed'] as const).map(
      (how) => reconcileAct({ ...place, seen: { AAPL: how } }, snapshot).contentHash,
    );
    expect(new Set([plain.contentHash, ...hashes]).size).toBe(3);
  });

  it('may be left out of a message, as earlier versions do, and is refused by field and rule where it is wrong', () => {
    const sent = { ...COMMAND, operator: 'ada', at: '2026-11-23T09:00:00.000Z' };
    expect(readMessage('reconcile', sent)).toEqual({ ok: true, value: sent });
    const said = { ...sent, seen: { AAPL: 'ticked' } };
    expect(readMessage('reconcile', said)).toEqual({ ok: true, value: said });
    const asked = { account: 'main', tradingDay: '2026-11-23', ...COMMAND };
    for (const seen of [{ AAPL: 'guessed' }, { aapl: 'typed' }, [], 'typed', { AAPL: 1 }, null]) {
      const reading = readInput('reconcile', { ...asked, seen });
      expect(reading.ok ? null : reading.refusal, JSON.stringify(seen)).toMatchObject({
        code: 'SNAPSHOT_INVALID',
        message: expect.stringMatching(/^seen/),
      });
    }
    // A day takes it in, to have the operation judge it; what is no such thing at all it refuses itself.
    expect(isTakenIn('reconcile', { ...sent, seen: { AAPL: 'guessed' } })).toBe(true);
    expect(readMessage('reconcile', { ...sent, seen: [] })).toMatchObject({ refusal: { code: 'SNAPSHOT_INVALID' } });
  });
});

describe('a proposal as the way to a form', () => {
  const event = { symbol: 'BRK.B', date: '2026-11-20' };
  it.each<[Proposal, string | null]>([
    [
      { kind: 'BOOK_SPLIT', symbol: 'AAPL', exDate: '2026-11-20', ratio: '7', published: true },
      '/book/split?symbol=AAPL&exDate=2026-11-20',
    ],
    [
      { kind: 'BOOK_SPLIT', symbol: 'AAPL', exDate: '2026-11-20', ratio: '1/4', published: false },
      '/book/split?symbol=AAPL&exDate=2026-11-20&ratio=1%2F4',
    ],
    [
      {
        kind: 'BOOK_DIVIDEND',
        symbol: 'AAPL',
        exDate: '2026-11-20',
        units: '80',
        amount: '0.24',
        currency: 'USD',
        fx: '1.31',
        withholding: '0.15',
      },
      '/book/dividend?symbol=AAPL&exDate=2026-11-20',
    ],
    [
      {
        kind: 'BOOK_DIVIDEND',
        symbol: 'AAPL',
        exDate: '2026-11-20',
        dividendType: 'special',
        units: '80',
        amount: '0.24',
        currency: 'USD',
        fx: '1.31',
        withholding: '0.3',
        net: '12.41',
      },
      '/book/dividend?symbol=AAPL&exDate=2026-11-20&type=special&withholding=0.3&net=12.41',
    ],
    [
      { kind: 'BOOK_DEPOSIT', amount: '500.00', date: '2026-11-20' },
      '/book/cash?kind=DEPOSIT&amount=500.00&date=2026-11-20',
    ],
    [
      { kind: 'BOOK_WITHDRAWAL', amount: '5.00', date: '2026-11-20' },
      '/book/cash?kind=WITHDRAWAL&amount=5.00&date=2026-11-20',
    ],
    [{ kind: 'BOOK_FEE', amount: '5.00', date: '2026-11-20' }, '/book/cash?kind=FEE&amount=5.00&date=2026-11-20'],
    [
      { kind: 'BOOK_INTEREST', amount: '5.00', date: '2026-11-20' },
      '/book/cash?kind=INTEREST&amount=5.00&date=2026-11-20',
    ],
    [{ kind: 'BOOK_RENAME', ...event, to: 'BRKB' }, '/book/rename?symbol=BRK.B&to=BRKB&date=2026-11-20'],
    [{ kind: 'BOOK_CASH_MERGER', ...event, net: '9.00' }, '/book/cash-merger?symbol=BRK.B&date=2026-11-20&net=9.00'],
    [
      { kind: 'BOOK_STOCK_MERGER', ...event, to: 'KO', ratio: '2', net: null },
      '/book/stock-merger?symbol=BRK.B&to=KO&ratio=2&date=2026-11-20',
    ],
    [
      { kind: 'BOOK_SPIN_OFF', ...event, to: 'KO', ratio: '1/3' },
      '/book/spin-off?symbol=BRK.B&to=KO&ratio=1%2F3&exDate=2026-11-20',
    ],
    [
      { kind: 'BOOK_CASH_IN_LIEU', ...event, units: '0.5', net: '9.00' },
      '/book/cash-in-lieu?symbol=BRK.B&units=0.5&date=2026-11-20&net=9.00',
    ],
    [{ kind: 'BOOK_DELISTING', ...event, net: null }, '/book/delisting?symbol=BRK.B&date=2026-11-20'],
    [{ kind: 'CONFIRM_FILLS', ticketId: 't/1', sequences: [1] }, '/tickets/t%2F1/confirm'],
    [{ kind: 'SET_BASELINE', symbol: 'AAPL', units: '2' }, '/baseline?positions=AAPL%3D2'],
    [{ kind: 'READ_AGAIN', symbols: [], likely: null, snapshotDate: '2026-11-20' }, '/reconcile'],
    [{ kind: 'CHECK_UNIVERSE', symbol: 'AAPL' }, null],
    [
      {
        kind: 'RULE_ON_ACTION',
        symbol: 'AAPL',
        exDate: '2026-11-20',
        action: 'JUMP',
        ruling: null,
        value: null,
        reason: null,
      },
      '/actions/rule?symbol=AAPL&exDate=2026-11-20&kind=JUMP',
    ],
    [
      {
        kind: 'RULE_ON_ACTION',
        symbol: 'AAPL',
        exDate: '2026-11-20',
        action: 'DIVIDEND',
        dividendType: 'special',
        ruling: 'ignore',
        value: null,
        reason: 'a & b',
      },
      '/actions/rule?symbol=AAPL&exDate=2026-11-20&kind=DIVIDEND&type=special&as=ignore&reason=a+%26+b',
    ],
  ])('%j', (proposal, path) => {
    expect(linkOf(proposal, 'a/b')).toBe(path === null ? null : `/a%2Fb${path}`);
  });
});
