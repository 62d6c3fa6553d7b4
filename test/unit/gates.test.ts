import { describe, expect, it } from 'vitest';
import { booksGate } from '../../src/domain/decision/gates/books.js';
import { cadenceGate } from '../../src/domain/decision/gates/cadence.js';
import { calendarGate } from '../../src/domain/decision/gates/calendar.js';
import { confirmationGate } from '../../src/domain/decision/gates/confirmation.js';
import { killSwitchGate } from '../../src/domain/decision/gates/kill-switch.js';
import { ledgerGate } from '../../src/domain/decision/gates/ledger.js';
import { tradingModeGate } from '../../src/domain/decision/gates/trading-mode.js';
import { universeGate } from '../../src/domain/decision/gates/universe.js';
import type { GateResult, LedgerState } from '../../src/domain/types.js';
import { policyWith, rowOf } from './quality.fixture.js';

const policy = policyWith();
const codesOf = ({ reasons }: GateResult): string[] => reasons.map(({ code, subject }) => `${code} ${subject}`);

const ledgerWith = (units: Record<string, string>, lastEntryId: number | null = 1): LedgerState => ({
  cash: '1000',
  units,
  lastEntryId,
  lastBookedAt: lastEntryId === null ? null : '2024-05-20T08:00:00.000Z',
});

const equity = (index: string, peak: string) => ({ index, peak, asOfDate: '2024-05-24' });

describe('calendar', () => {
  it('passes on a session, up to the last instant of the window', () => {
    const result = calendarGate({ tradingDay: '2024-05-28', at: '2024-05-28T14:30:00Z', policy });
    expect(result).toEqual({
      gate: 'calendar',
      status: 'PASS',
      reasons: [],
      evidence: {
        tradingDay: '2024-05-28',
        session: true,
        opensAt: '2024-05-28T13:35:00.000Z',
        closesAt: '2024-05-28T14:30:00.000Z',
      },
    });
    // 13:00 UK, well before New York opens: a ticket for later today.
    expect(calendarGate({ tradingDay: '2024-05-28', at: '2024-05-28T13:00:00+01:00', policy }).status).toBe('PASS');
  });

  it('is MARKET_CLOSED without a session: Memorial Day, a Saturday, a closure added to the policy', () => {
    const closed = calendarGate({ tradingDay: '2024-05-27', at: '2024-05-27T13:00:00Z', policy });
    expect(codesOf(closed)).toEqual(['MARKET_CLOSED 2024-05-27']);
    expect(closed.reasons[0]?.message).toBe('the NYSE is closed on 2024-05-27; the next session is 2024-05-28');
    expect(codesOf(calendarGate({ tradingDay: '2024-05-25', at: '2024-05-25T13:00:00Z', policy }))).toEqual([
      'MARKET_CLOSED 2024-05-25',
    ]);
    const mourning = policyWith({ calendar: { extra_closures: ['2024-05-28'] } });
    expect(codesOf(calendarGate({ tradingDay: '2024-05-28', at: '2024-05-28T13:00:00Z', policy: mourning }))).toEqual([
      'MARKET_CLOSED 2024-05-28',
    ]);
  });

  it('is WINDOW_PASSED after the end of the window, in UK time and in the weeks when the clocks differ', () => {
    const late = calendarGate({ tradingDay: '2024-05-28', at: '2024-05-28T14:30:01Z', policy });
    expect(codesOf(late)).toEqual(['WINDOW_PASSED 2024-05-28']);
    expect(late.reasons[0]?.message).toBe('the execution window of 2024-05-28 ended at 15:30 UK time');
    const marchGap = (at: string) => calendarGate({ tradingDay: '2024-03-12', at, policy }).status;
    expect([marchGap('2024-03-12T14:30:00Z'), marchGap('2024-03-12T14:31:00Z')]).toEqual(['PASS', 'FAIL']);
  });
});

describe('books', () => {
  const newest = { what: 'a snapshot', at: '2024-05-28T13:01:00.000Z' };

  it('passes while the clock is not behind the newest fact, by more than the minute that two clocks may differ by', () => {
    expect(booksGate({ at: '2024-05-28T13:01:00Z', books: { newest } })).toEqual({
      gate: 'books',
      status: 'PASS',
      reasons: [],
      evidence: { newestFact: 'a snapshot', newestAt: '2024-05-28T13:01:00.000Z' },
    });
    expect(booksGate({ at: '2024-05-28T13:00:00Z', books: { newest } })?.status).toBe('PASS');
    expect(booksGate({ at: '2024-05-28T13:00:00Z', books: { newest: null } })?.status).toBe('PASS');
  });

  it('is CLOCK_BEHIND_FACTS a millisecond beyond that, and says which fact is ahead', () => {
    const result = booksGate({ at: '2024-05-28T12:59:59.999Z', books: { newest } });
    expect(result && codesOf(result)).toEqual(['CLOCK_BEHIND_FACTS null']);
    expect(booksGate({ at: '2024-05-28T11:01:00Z', books: { newest } })?.reasons[0]?.message).toBe(
      'it is 2024-05-28T11:01:00Z by the clock that decides, and a snapshot of 2024-05-28T13:01:00.000Z is stored already: the clock is 2 hours behind',
    );
  });

  it('is not asked of facts that were pinned before it existed', () =>
    expect(booksGate({ at: '2024-05-28T13:00:00Z' })).toBeNull());
});

describe('cadence', () => {
  it('passes on Monday, or the Tuesday after a closed one; daily on every session', () => {
    expect(['2024-05-20', '2024-05-28'].map((tradingDay) => cadenceGate({ tradingDay, policy }).status)).toEqual([
      'PASS',
      'PASS',
    ]);
    expect(
      cadenceGate({ tradingDay: '2024-05-22', policy: policyWith({ trading: { cadence: 'daily' } }) }).status,
    ).toBe('PASS');
  });

  it('goes by the closures of the policy too: a Monday that is closed by them makes Tuesday the day, Monday alone is none', () => {
    const mourning = policyWith({ calendar: { extra_closures: ['2024-05-20'] } });
    expect(
      ['2024-05-20', '2024-05-21', '2024-05-22'].map(
        (tradingDay) => cadenceGate({ tradingDay, policy: mourning }).status,
      ),
    ).toEqual(['FAIL', 'PASS', 'FAIL']);
    // The next one is named by the same calendar: Memorial Day is closed anyway, and Tuesday by the policy.
    const longer = policyWith({ calendar: { extra_closures: ['2024-05-28'] } });
    expect(cadenceGate({ tradingDay: '2024-05-22', policy: longer }).reasons[0]?.evidence).toEqual({
      cadence: 'weekly',
      nextRebalanceDay: '2024-05-29',
    });
  });

  it('is NOT_REBALANCE_DAY otherwise, and says when the next one is', () => {
    const result = cadenceGate({ tradingDay: '2024-05-22', policy });
    expect(codesOf(result)).toEqual(['NOT_REBALANCE_DAY 2024-05-22']);
    expect(result.reasons[0]?.evidence).toEqual({ cadence: 'weekly', nextRebalanceDay: '2024-05-28' });
    expect(
      cadenceGate({ tradingDay: '2024-05-27', policy: policyWith({ trading: { cadence: 'daily' } }) }).status,
    ).toBe('FAIL');
  });
});

describe('confirmation', () => {
  it('passes when every earlier ticket was answered', () => {
    expect(confirmationGate({ openTickets: [] })).toMatchObject({
      gate: 'confirmation',
      status: 'PASS',
      evidence: { openTickets: 0 },
    });
  });

  it('is TICKET_UNCONFIRMED for each that was not', () => {
    const result = confirmationGate({
      openTickets: [
        { ticketId: 'a', tradingDay: '2024-05-20' },
        { ticketId: 'b', tradingDay: '2024-05-21' },
      ],
    });
    expect([result.status, ...codesOf(result)]).toEqual(['FAIL', 'TICKET_UNCONFIRMED a', 'TICKET_UNCONFIRMED b']);
  });
});

describe('kill switch', () => {
  const off = { engaged: false, reason: null };

  it('passes below the limit, and before the first valuation', () => {
    expect(killSwitchGate({ killSwitch: off, equity: null, policy }).status).toBe('PASS');
    const result = killSwitchGate({ killSwitch: off, equity: equity('0.800001', '1'), policy });
    expect(result).toMatchObject({ status: 'PASS', evidence: { drawdown: '0.199999', maxDrawdown: 0.2 } });
    expect(killSwitchGate({ killSwitch: off, equity: equity('1.3', '1.3'), policy }).status).toBe('PASS');
  });

  it('is DRAWDOWN_LIMIT at the limit exactly, from the peak and not from the start', () => {
    const result = killSwitchGate({ killSwitch: off, equity: equity('1.2', '1.5'), policy });
    expect(codesOf(result)).toEqual(['DRAWDOWN_LIMIT null']);
    expect(result.reasons[0]?.message).toBe('equity is 20 % below its peak; the limit is 20 %');
    expect(killSwitchGate({ killSwitch: off, equity: equity('0.7', '0.875'), policy }).status).toBe('FAIL');
  });

  it('is VALUATION_STALE when the index is not of the as-of date, or never was made', () => {
    const due = { killSwitch: off, policy, valuationDue: true };
    expect(killSwitchGate({ ...due, equity: equity('1', '1'), asOfDate: '2024-05-24' }).status).toBe('PASS');
    const stale = killSwitchGate({ ...due, equity: equity('1', '1'), asOfDate: '2024-05-28' });
    expect(codesOf(stale)).toEqual(['VALUATION_STALE null']);
    expect(stale.reasons[0]?.message).toBe(
      'the newest valuation is of 2024-05-24; it must be of 2024-05-28: nobody knows how far the account has fallen',
    );
    expect(codesOf(killSwitchGate({ ...due, equity: null, asOfDate: '2024-05-28' }))).toEqual(['VALUATION_STALE null']);
    expect(codesOf(killSwitchGate({ ...due, equity: equity('0.7', '1'), asOfDate: '2024-05-28' }))).toEqual([
      'DRAWDOWN_LIMIT null',
      'VALUATION_STALE null',
    ]);
  });

  it('asks for no valuation of a ledger that was opened today, nor of facts from before the rule', () => {
    const old = { killSwitch: off, policy, equity: equity('1', '1'), asOfDate: '2024-05-28' };
    expect(killSwitchGate(old).status).toBe('PASS');
    const opened = { killSwitch: off, policy, equity: null, asOfDate: '2024-05-28', valuationDue: false };
    expect(killSwitchGate(opened).status).toBe('PASS');
  });

  it('takes an account that was never worth anything for lost', () => {
    expect(codesOf(killSwitchGate({ killSwitch: off, equity: equity('0', '0'), policy }))).toEqual([
      'DRAWDOWN_LIMIT null',
    ]);
  });

  it('is KILL_SWITCH_ENGAGED while the latch is, also after equity has recovered', () => {
    const result = killSwitchGate({
      killSwitch: { engaged: true, reason: 'drawdown of 21 %' },
      equity: equity('1', '1'),
      policy,
    });
    expect(codesOf(result)).toEqual(['KILL_SWITCH_ENGAGED null']);
    expect(result.reasons[0]?.message).toContain('drawdown of 21 %');
    expect(
      codesOf(killSwitchGate({ killSwitch: { engaged: true, reason: null }, equity: equity('0.5', '1'), policy })),
    ).toEqual(['KILL_SWITCH_ENGAGED null', 'DRAWDOWN_LIMIT null']);
  });
});

describe('ledger', () => {
  it('passes once something was booked, and is LEDGER_EMPTY before', () => {
    expect(ledgerGate({ ledger: ledgerWith({}) }).status).toBe('PASS');
    expect(codesOf(ledgerGate({ ledger: ledgerWith({}, null) }))).toEqual(['LEDGER_EMPTY null']);
  });
});

describe('trading mode', () => {
  it('is TRADING_OFF unless it is a dry run or live', () => {
    expect((['off', 'dry-run', 'live'] as const).map((mode) => codesOf(tradingModeGate({ mode })))).toEqual([
      ['TRADING_OFF null'],
      [],
      [],
    ]);
  });
});

describe('universe', () => {
  const empty = ledgerWith({});

  it('passes when every enabled stock is verified and tradable', () => {
    const universe = [
      rowOf('AAPL'),
      rowOf('SPY', { kind: 'benchmark', tradable: false, verifiedOn: null, verifiedBy: null }),
    ];
    expect(universeGate({ universe, ledger: ledgerWith({ AAPL: '2' }) })).toMatchObject({
      status: 'PASS',
      evidence: { enabledStocks: 1, held: 1, checked: 1 },
    });
  });

  it('is SYMBOL_UNVERIFIED for each stock that nobody has looked up', () => {
    const result = universeGate({
      universe: [
        rowOf('V', { verifiedOn: null, verifiedBy: null }),
        rowOf('MA', { verifiedOn: null, verifiedBy: null }),
      ],
      ledger: empty,
    });
    expect(codesOf(result)).toEqual(['SYMBOL_UNVERIFIED MA', 'SYMBOL_UNVERIFIED V']);
    expect(result.reasons[0]?.message).toBe(
      'nobody has verified MA ("MA" on eToro); look it up and fill in verified_on and verified_by',
    );
  });

  it('is SYMBOL_NOT_TRADABLE for an enabled stock that is not', () => {
    expect(codesOf(universeGate({ universe: [rowOf('V', { tradable: false })], ledger: empty }))).toEqual([
      'SYMBOL_NOT_TRADABLE V',
    ]);
  });

  it('asks nothing of what is disabled and not held', () => {
    expect(
      universeGate({
        universe: [rowOf('V', { enabled: false, tradable: false, verifiedOn: null })],
        ledger: ledgerWith({ V: '0' }),
      }).status,
    ).toBe('PASS');
  });

  it('asks it of what is held: a disabled stock, a benchmark, a symbol that nobody knows', () => {
    const universe = [
      rowOf('V', { enabled: false, verifiedOn: null }),
      rowOf('SPY', { kind: 'benchmark', tradable: false }),
    ];
    const result = universeGate({ universe, ledger: ledgerWith({ V: '1', SPY: '0.5', GME: '3' }) });
    expect(codesOf(result)).toEqual(['SYMBOL_UNVERIFIED GME', 'SYMBOL_NOT_TRADABLE SPY', 'SYMBOL_UNVERIFIED V']);
    expect(result.reasons[0]?.message).toContain('not in the universe');
  });
});
