import { describe, expect, it } from 'vitest';
import { booksGate } from '../../src/domain/decision/gates/books.js';
import { cadenceGate } from '../../src/domain/decision/gates/cadence.js';
import { calendarGate } from '../../src/domain/decision/gates/calendar.js';
import { confirmationGate } from '../../src/domain/decision/gates/confirmation.js';
import { killSwitchGate } from '../../src/domain/decision/gates/kill-switch.js';
import { ledgerGate } from '../../src/domain/decision/gates/ledger.js';
import { reconciliationGate } from '../../src/domain/decision/gates/reconciliation.js';
import { riskGate } from '../../src/domain/decision/gates/risk.js';
import { sizingGate } from '../../src/domain/decision/gates/sizing.js';
import { tradingModeGate } from '../../src/domain/decision/gates/trading-mode.js';
import { universeGate } from '../../src/domain/decision/gates/universe.js';
import type { Portfolio } from '../../src/domain/decision/portfolio.js';
import type { SizedLine } from '../../src/domain/decision/sizing.js';
import { D } from '../../src/domain/money.js';
import type { Snapshot } from '../../src/domain/types.js';
import { goodFacts, policyWith as facts2014Policy } from './fixtures/facts-2014.js';
import { policyWith, rowOf } from './quality.fixture.js';

// What a gate says is what an operator acts on and what the evidence of a day keeps: whole, to the last word and figure.

const policy = policyWith();
const ledger = { cash: '1000', units: {}, lastEntryId: 1, lastBookedAt: '2024-05-20T08:00:00.000Z' };

describe('books say', () => {
  const newest = { what: 'a run', at: '2024-05-28T13:00:00.000Z' };

  it('how far behind the clock is, in words that a human reads', () => {
    const at = '2024-05-28T12:00:00.000Z';
    expect(booksGate({ at, books: { newest } })).toEqual({
      gate: 'books',
      status: 'FAIL',
      evidence: { newestFact: 'a run', newestAt: newest.at },
      reasons: [
        {
          code: 'CLOCK_BEHIND_FACTS',
          subject: null,
          evidence: { at, newestFact: 'a run', newestAt: newest.at },
          message: `it is ${at} by the clock that decides, and a run of ${newest.at} is stored already: the clock is 60 minutes behind`,
        },
      ],
    });
    const behind = (instant: string) =>
      booksGate({ at: instant, books: { newest } })?.reasons[0]?.message.split('the clock is ')[1];
    expect([
      behind('2024-05-28T11:00:31.000Z'),
      behind('2024-05-28T11:00:00.000Z'),
      behind('2024-05-28T10:00:00.000Z'),
    ]).toEqual(['119 minutes behind', '2 hours behind', '3 hours behind']);
    // Halves are rounded up: 89.5 minutes, and 2.5 hours.
    expect([behind('2024-05-28T11:30:30.000Z'), behind('2024-05-28T10:30:00.000Z')]).toEqual([
      '90 minutes behind',
      '3 hours behind',
    ]);
  });

  it('nothing up to a minute, without facts, and of facts that were pinned before', () => {
    const passed = { gate: 'books', status: 'PASS', reasons: [] };
    expect(booksGate({ at: '2024-05-28T12:59:00.000Z', books: { newest } })).toEqual({
      ...passed,
      evidence: { newestFact: 'a run', newestAt: newest.at },
    });
    expect(booksGate({ at: '2024-05-28T12:58:59.999Z', books: { newest } })?.status).toBe('FAIL');
    expect(booksGate({ at: '2024-05-28T12:00:00Z', books: { newest: null } })).toEqual({
      ...passed,
      evidence: { newestFact: null, newestAt: null },
    });
    expect(booksGate({ at: '2024-05-28T12:00:00Z' })).toBeNull();
  });
});

describe('calendar says', () => {
  it('that there is no session, and when the next is', () => {
    expect(calendarGate({ tradingDay: '2024-05-27', at: '2024-05-27T13:00:00Z', policy })).toEqual({
      gate: 'calendar',
      status: 'FAIL',
      evidence: { tradingDay: '2024-05-27', session: false },
      reasons: [
        {
          code: 'MARKET_CLOSED',
          subject: '2024-05-27',
          message: 'the NYSE is closed on 2024-05-27; the next session is 2024-05-28',
          evidence: { nextSession: '2024-05-28' },
        },
      ],
    });
  });

  it('when the window ended', () => {
    expect(calendarGate({ tradingDay: '2024-05-28', at: '2024-05-28T14:30:01Z', policy })).toEqual({
      gate: 'calendar',
      status: 'FAIL',
      evidence: {
        tradingDay: '2024-05-28',
        session: true,
        opensAt: '2024-05-28T13:35:00.000Z',
        closesAt: '2024-05-28T14:30:00.000Z',
      },
      reasons: [
        {
          code: 'WINDOW_PASSED',
          subject: '2024-05-28',
          message: 'the execution window of 2024-05-28 ended at 15:30 UK time',
          evidence: { at: '2024-05-28T14:30:01Z', closesAt: '2024-05-28T14:30:00.000Z' },
        },
      ],
    });
  });
});

describe('cadence says', () => {
  it('what the cadence is and when the next rebalance day comes', () => {
    expect(cadenceGate({ tradingDay: '2024-05-22', policy })).toEqual({
      gate: 'cadence',
      status: 'FAIL',
      evidence: { tradingDay: '2024-05-22', cadence: 'weekly' },
      reasons: [
        {
          code: 'NOT_REBALANCE_DAY',
          subject: '2024-05-22',
          evidence: { cadence: 'weekly', nextRebalanceDay: '2024-05-28' },
          message:
            '2024-05-22 is no rebalance day: the cadence is weekly, the first session of the week; the next one is 2024-05-28',
        },
      ],
    });
    expect(
      cadenceGate({ tradingDay: '2024-05-27', policy: policyWith({ trading: { cadence: 'daily' } }) }).reasons[0]
        ?.message,
    ).toBe('2024-05-27 is no rebalance day: the cadence is daily, every session; the next one is 2024-05-28');
  });

  it.each([
    // Monday 2024-05-20 is closed by the policy: its week begins on Tuesday.
    [['2024-05-20'], '2024-05-21', 'PASS'],
    [['2024-05-20'], '2024-05-20', 'FAIL'],
    [[], '2024-05-21', 'FAIL'],
    [['2024-05-20', '2024-05-21'], '2024-05-22', 'PASS'],
    [['2024-05-20', '2024-05-21'], '2024-05-23', 'FAIL'],
    // The closure of another week moves nothing.
    [['2024-05-13'], '2024-05-20', 'PASS'],
  ])('with closures %j a weekly ticket of %s: %s', (closures, tradingDay, status) => {
    expect(cadenceGate({ tradingDay, policy: policyWith({ calendar: { extra_closures: closures } }) }).status).toBe(
      status,
    );
  });

  it('the next rebalance day after the closures of the policy', () => {
    const closed = policyWith({ calendar: { extra_closures: ['2024-05-28', '2024-05-29'] } });
    expect(cadenceGate({ tradingDay: '2024-05-24', policy: closed }).reasons[0]?.evidence).toEqual({
      cadence: 'weekly',
      nextRebalanceDay: '2024-05-30',
    });
  });
});

describe('confirmation says', () => {
  it('which ticket waits', () => {
    expect(confirmationGate({ openTickets: [{ ticketId: 'a', tradingDay: '2024-05-20' }] })).toEqual({
      gate: 'confirmation',
      status: 'FAIL',
      evidence: { openTickets: 1 },
      reasons: [
        {
          code: 'TICKET_UNCONFIRMED',
          subject: 'a',
          evidence: { tradingDay: '2024-05-20' },
          message: 'the ticket of 2024-05-20 is not confirmed: acknowledge it or report its fills first',
        },
      ],
    });
  });
});

describe('kill switch says', () => {
  it('why it is engaged, also when nobody wrote it down', () => {
    const equity = { index: '1', peak: '1.25', asOfDate: '2024-05-24' };
    const result = killSwitchGate({
      killSwitch: { engaged: true, reason: 'by hand' },
      equity,
      policy: policyWith({ risk: { max_drawdown: 0.25 } }),
    });
    const evidence = {
      engaged: true,
      equityIndex: '1',
      equityPeak: '1.25',
      equityDate: '2024-05-24',
      drawdown: '0.2',
      maxDrawdown: 0.25,
    };
    expect(result).toEqual({
      gate: 'kill_switch',
      status: 'FAIL',
      evidence,
      reasons: [
        {
          code: 'KILL_SWITCH_ENGAGED',
          subject: null,
          evidence: { reason: 'by hand' },
          message: 'the kill switch is engaged (by hand); a human must reset it with a written reason',
        },
      ],
    });
    expect(
      killSwitchGate({ killSwitch: { engaged: true, reason: null }, equity: null, policy }).reasons[0]?.message,
    ).toBe('the kill switch is engaged (no reason recorded); a human must reset it with a written reason');
  });

  it('how far down equity is, in per cent to two places', () => {
    const off = { engaged: false, reason: null };
    const drawn = (index: string, peak: string) =>
      killSwitchGate({ killSwitch: off, equity: { index, peak, asOfDate: '2024-05-24' }, policy });
    expect(drawn('2', '3').reasons[0]).toEqual({
      code: 'DRAWDOWN_LIMIT',
      subject: null,
      message: 'equity is 33.33 % below its peak; the limit is 20 %',
      evidence: {
        engaged: false,
        equityIndex: '2',
        equityPeak: '3',
        equityDate: '2024-05-24',
        drawdown: '0.333333',
        maxDrawdown: 0.2,
      },
    });
    expect(drawn('0', '0').reasons[0]?.message).toBe('equity is 100 % below its peak; the limit is 20 %');
  });
});

describe('ledger, trading mode and universe say', () => {
  it('that the ledger is empty', () => {
    expect(ledgerGate({ ledger: { ...ledger, cash: '0', lastEntryId: null, lastBookedAt: null } })).toEqual({
      gate: 'ledger',
      status: 'FAIL',
      evidence: { cash: '0', lastEntryId: null },
      reasons: [
        {
          code: 'LEDGER_EMPTY',
          subject: null,
          message: 'nothing was ever booked on this account; its first snapshot opens the ledger',
          evidence: {},
        },
      ],
    });
  });

  it('that trading is off, and how one run is a dry run', () => {
    expect(tradingModeGate({ mode: 'off' })).toEqual({
      gate: 'trading_mode',
      status: 'FAIL',
      evidence: { mode: 'off' },
      reasons: [
        {
          code: 'TRADING_OFF',
          subject: null,
          message: 'trading.mode is off in the policy; DRYRUN_TRADES=true makes one run a dry run',
          evidence: {},
        },
      ],
    });
  });

  it('what to do about each symbol', () => {
    const universe = [
      rowOf('MA', { verifiedBy: null, etoroSearchName: 'Mastercard' }),
      rowOf('V', { tradable: false }),
      rowOf('SPY', { kind: 'benchmark', tradable: false, enabled: false }),
    ];
    expect(universeGate({ universe, ledger: { ...ledger, units: { GME: '1', SPY: '2', KO: '0' } } })).toEqual({
      gate: 'universe',
      status: 'FAIL',
      evidence: { enabledStocks: 2, held: 2, checked: 4 },
      reasons: [
        {
          code: 'SYMBOL_UNVERIFIED',
          subject: 'GME',
          message: 'GME is held but not in the universe: add and verify its row',
          evidence: { inUniverse: false },
        },
        {
          code: 'SYMBOL_UNVERIFIED',
          subject: 'MA',
          evidence: { inUniverse: true, etoroSearchName: 'Mastercard' },
          message: 'nobody has verified MA ("Mastercard" on eToro); look it up and fill in verified_on and verified_by',
        },
        {
          code: 'SYMBOL_NOT_TRADABLE',
          subject: 'SPY',
          evidence: { kind: 'benchmark', enabled: false },
          message: 'SPY (benchmark) is not tradable; it is still held: correct its row or close the position by hand',
        },
        {
          code: 'SYMBOL_NOT_TRADABLE',
          subject: 'V',
          message: 'V (stock) is not tradable; disable it',
          evidence: { kind: 'stock', enabled: true },
        },
      ],
    });
  });
});

describe('reconciliation says', () => {
  const good = goodFacts();
  const snapshotWith = (changes: Partial<Snapshot>): Snapshot => ({ ...(good.snapshot as Snapshot), ...changes });
  const said = (changes: Partial<typeof good>) => reconciliationGate(goodFacts(changes));

  it('that there is no snapshot', () => {
    expect(said({ snapshot: null })).toEqual({
      gate: 'reconciliation',
      status: 'FAIL',
      evidence: {
        asOfDate: '2014-06-30',
        tradingDay: '2014-07-01',
        snapshotId: null,
        snapshotDate: null,
        ledgerCash: '10000',
        snapshotCash: null,
        lastEntryId: 1,
        cashTolerance: 5,
        unitsTolerance: 0.0001,
      },
      reasons: [
        {
          code: 'SNAPSHOT_MISSING',
          subject: null,
          message: "no snapshot of the broker's figures was ever recorded",
          evidence: { asOfDate: '2014-06-30' },
        },
      ],
    });
  });

  it('of when the snapshot is and of when it must be', () => {
    expect(said({ snapshot: snapshotWith({ snapshotDate: '2014-06-29' }) }).reasons).toEqual([
      {
        code: 'SNAPSHOT_STALE',
        subject: null,
        message: 'the newest snapshot is of 2014-06-29; it must be of 2014-06-30 to 2014-07-01',
        evidence: { snapshotDate: '2014-06-29', asOfDate: '2014-06-30', tradingDay: '2014-07-01' },
      },
    ]);
  });

  it('what was booked after the snapshot, also when nothing had been booked before it', () => {
    const booked = { ...good.ledger, lastEntryId: 7, lastBookedAt: '2014-07-01T09:00:00Z' };
    expect(said({ ledger: booked, snapshot: snapshotWith({ lastEntryId: 6 }) }).reasons).toEqual([
      {
        code: 'LEDGER_CHANGED_SINCE_SNAPSHOT',
        subject: null,
        message: 'entry 7 was booked after the snapshot of 2014-07-01 was recorded; reconcile again',
        evidence: {
          lastEntryId: 7,
          snapshotEntryId: 6,
          bookedAt: '2014-07-01T09:00:00Z',
          takenAt: '2014-07-01T07:30:00Z',
        },
      },
    ]);
    const codes = (lastEntryId: number | null, snapshotEntryId: number | null) =>
      said({
        ledger: { ...good.ledger, lastEntryId },
        snapshot: snapshotWith({ lastEntryId: snapshotEntryId }),
      }).reasons.map(({ code }) => code);
    expect([codes(1, null), codes(null, null), codes(null, 1), codes(7, 7), codes(7, 8)]).toEqual([
      ['LEDGER_CHANGED_SINCE_SNAPSHOT'],
      [],
      [],
      [],
      [],
    ]);
  });

  it('each side of each drift', () => {
    const snapshot = snapshotWith({ cash: '9990', positions: { KO: '21', MSFT: '3', GME: '4' } });
    expect(said({ snapshot, ledger: { ...good.ledger, units: { KO: '20', JPM: '2' } } }).reasons).toEqual([
      {
        code: 'CASH_DRIFT',
        subject: null,
        message: 'cash is 9990.00 at the broker and 10000.00 in the ledger: -10.00 apart, limit 5',
        evidence: { ledger: '10000.00', snapshot: '9990.00', drift: '-10.00', tolerance: '5', inUniverse: true },
      },
      {
        code: 'POSITION_UNKNOWN',
        subject: 'GME',
        message: 'GME: 4 at the broker, but the symbol is not in the universe',
        evidence: { ledger: '0', snapshot: '4', drift: '4', tolerance: '0.0001', inUniverse: false },
      },
      {
        code: 'POSITION_MISSING',
        subject: 'JPM',
        message: 'JPM: 2 in the ledger, not at the broker',
        evidence: { ledger: '2', snapshot: '0', drift: '-2', tolerance: '0.0001', inUniverse: true },
      },
      {
        code: 'UNITS_DRIFT',
        subject: 'KO',
        message: 'KO is 21 at the broker and 20 in the ledger: 1 apart, limit 0.0001',
        evidence: { ledger: '20', snapshot: '21', drift: '1', tolerance: '0.0001', inUniverse: true },
      },
      {
        code: 'POSITION_UNKNOWN',
        subject: 'MSFT',
        message: 'MSFT: 3 at the broker, not in the ledger',
        evidence: { ledger: '0', snapshot: '3', drift: '3', tolerance: '0.0001', inUniverse: true },
      },
    ]);
  });
});

const held = (symbol: string, units: string, value: string) => ({ symbol, units: D(units), value: D(value) });
const worth = (cash: string, ...holdings: Portfolio['holdings']): Portfolio => ({
  cash: D(cash),
  holdings,
  value: holdings.reduce((sum, { value }) => sum.plus(value), D(cash)),
});
const buy = (symbol: string, value: string, opens = true): SizedLine => ({
  symbol,
  side: 'BUY',
  value: D(value),
  units: null,
  closes: false,
  opens,
});
const sell = (symbol: string, value: string, units: string, closes = false): SizedLine => ({
  symbol,
  side: 'SELL',
  value: D(value),
  units: D(units),
  closes,
  opens: false,
});

describe('risk says', () => {
  const { risk } = facts2014Policy();
  const universe = [...['A', 'B', 'C'].map((symbol) => rowOf(symbol)), rowOf('QQQ', { kind: 'etf' })];
  const said = (portfolio: Portfolio, lines: SizedLine[], changes: Partial<typeof risk> = {}) =>
    riskGate({ portfolio, lines, universe, risk: { ...risk, ...changes } }).reasons;

  it('which limit is passed, by what, of what', () => {
    expect(said(worth('1000'), [buy('A', '75.123')])).toEqual([
      {
        code: 'MAX_WEIGHT',
        subject: 'A',
        message: 'A would be bought to 75.12, over 7.5 % of 1000.00',
        evidence: { value: '75.123', portfolioValue: '1000', limit: 0.075 },
      },
    ]);
    expect(said(worth('1000'), [buy('A', '10'), buy('B', '10')], { max_positions: 1 })).toEqual([
      {
        code: 'MAX_POSITIONS',
        subject: null,
        message: '2 positions after the ticket, at most 1 allowed, and the ticket opens one',
        evidence: { positions: 2, limit: 1 },
      },
    ]);
    expect(said(worth('500', held('A', '10', '500')), [sell('A', '250', '5'), buy('B', '70.025')])).toEqual([
      {
        code: 'TURNOVER',
        subject: null,
        message: 'the lines move 320.02, over 30 % of 1000.00',
        evidence: { turnover: '320.025', portfolioValue: '1000', limit: 0.3 },
      },
    ]);
  });

  it('how far a BUY reaches into the cash', () => {
    const spent = worth('50', held('C', '10', '950'));
    const evidence = (cashAfter: string) => ({ cashAfter, portfolioValue: '1000', limit: 0.03 });
    expect(said(spent, [buy('A', '20.025')])).toEqual([
      {
        code: 'CASH_BUFFER',
        subject: null,
        message: 'the ticket buys until 29.98 of cash is left, under the buffer of 30.00',
        evidence: evidence('29.975'),
      },
    ]);
    expect(said(spent, [buy('A', '51.005')])).toEqual([
      {
        code: 'CASH_BUFFER',
        subject: null,
        message: 'the ticket buys until -1.00 of cash is left, under the buffer of 30.00',
        evidence: evidence('-1.005'),
      },
      {
        code: 'LEVERAGE',
        subject: null,
        message: 'the ticket spends 1.00 more than there is',
        evidence: evidence('-1.005'),
      },
    ]);
  });

  it('what may not be held', () => {
    expect(said(worth('900', held('A', '10', '100')), [sell('A', '101', '10.1')])).toEqual([
      {
        code: 'SHORT_POSITION',
        subject: 'A',
        message: 'A would be -0.1 units: only long positions',
        evidence: { units: '-0.1' },
      },
    ]);
    expect(said(worth('900', held('GONE', '10', '50'), held('QQQ', '10', '50')), [])).toEqual([
      {
        code: 'NOT_PERMITTED',
        subject: 'GONE',
        evidence: { kind: 'not in the universe' },
        message:
          'GONE is not in the universe: only underlying stocks of the universe are held; close it at the broker by hand, then reconcile',
      },
      {
        code: 'NOT_PERMITTED',
        subject: 'QQQ',
        evidence: { kind: 'etf' },
        message:
          'QQQ is etf: only underlying stocks of the universe are held; close it at the broker by hand, then reconcile',
      },
    ]);
  });

  // A penny is what a valuation is known to: a limit passed by one is kept, by more than one it is not.
  it.each<[string, Portfolio, (amount: string) => SizedLine[], string, string, string]>([
    ['weight', worth('1000'), (amount) => [buy('A', amount)], '75.01', '75.0101', 'MAX_WEIGHT'],
    [
      'cash buffer',
      worth('50', held('C', '10', '950')),
      (amount) => [buy('A', amount)],
      '20.01',
      '20.0101',
      'CASH_BUFFER',
    ],
    [
      'turnover',
      worth('500', held('A', '10', '500')),
      (amount) => [sell('A', '250', '5'), buy('B', amount)],
      '50.01',
      '50.0101',
      'TURNOVER',
    ],
    [
      'no cash at all',
      worth('50', held('C', '10', '950')),
      (amount) => [buy('A', amount)],
      '50',
      '50.0001',
      'LEVERAGE',
    ],
  ])('the limit of %s is kept to the penny', (_limit, portfolio, lines, kept, passed, code) => {
    const codes = (amount: string) => said(portfolio, lines(amount)).map((reason) => reason.code);
    expect(codes(kept)).not.toContain(code);
    expect(codes(passed)).toContain(code);
  });
});

describe('sizing says', () => {
  const sized = (portfolio: Portfolio, wanted: number, lines: SizedLine[] = []) =>
    sizingGate({ kind: 'SIZED', portfolio, sizing: { lines, wanted } });
  const nothing = (portfolio: Portfolio, wanted: number) => sized(portfolio, wanted).reasons;

  it('what is not priced', () => {
    expect(
      sizingGate({ kind: 'UNPRICED', missing: [{ subject: 'KO', message: 'KO has no close of 2014-06-30' }] }),
    ).toEqual({
      gate: 'sizing',
      status: 'FAIL',
      evidence: { missing: 1 },
      reasons: [{ code: 'PRICES_MISSING', subject: 'KO', message: 'KO has no close of 2014-06-30', evidence: {} }],
    });
  });

  it('what it sized', () => {
    expect(sized(worth('400.5', held('KO', '2', '99.5')), 3, [buy('A', '30')])).toEqual({
      gate: 'sizing',
      status: 'PASS',
      reasons: [],
      evidence: { portfolioValue: '500', cash: '400.5', positions: 1, linesWanted: 3, lines: 1 },
    });
  });

  it.each<[string, number, string]>([
    ['0', 2, 'the portfolio is worth nothing'],
    ['-1', 0, 'the portfolio is worth nothing'],
    ['0.5', 0, 'every position is at its target already'],
    ['0.5', 1, '1 line wanted, none of them worth the minimum line or within the limits'],
    ['0.5', 2, '2 lines wanted, none of them worth the minimum line or within the limits'],
  ])('why there is nothing to do with %s of cash and %i lines wanted', (cash, wanted, message) => {
    expect(nothing(worth(cash), wanted)).toEqual([
      { code: 'NOTHING_TO_DO', subject: null, message, evidence: { linesWanted: wanted } },
    ]);
  });
});
