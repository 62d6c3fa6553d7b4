import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideTicket } from '../../src/domain/decision/decide.js';
import type { DecisionFacts } from '../../src/domain/decision/facts.js';
import { canonicalJson } from '../../src/domain/hash.js';
import { materialHash } from '../../src/domain/decision/ticket.js';
import { history } from './fixtures/closes-2014.js';
import { goodFacts, policyWith } from './fixtures/facts-2014.js';

const reasonsOf = (facts: DecisionFacts) =>
  decideTicket(facts).material.reasons.map(({ gate, code, subject }) =>
    [gate, code, ...(subject ? [subject] : [])].join(' '),
  );
const market = (changes: Partial<DecisionFacts['market']>) => ({ market: { ...goodFacts().market, ...changes } });
const holding = (cash: string, units: Record<string, string>): Partial<DecisionFacts> => {
  const { ledger, snapshot } = goodFacts();
  return { ledger: { ...ledger, cash, units }, snapshot: snapshot && { ...snapshot, cash, positions: units } };
};

describe('the decision', () => {
  it('is a TRADE when every gate passes, with numbered lines, the rate and the window', () => {
    const { gates, material, portfolioValue, targets, scores } = decideTicket(goodFacts());
    expect(gates.map(({ gate, status }) => `${gate} ${status}`)).toEqual([
      'calendar PASS',
      'data_quality PASS',
      'universe PASS',
      'ledger PASS',
      'reconciliation PASS',
      'confirmation PASS',
      'kill_switch PASS',
      'cadence PASS',
      'trading_mode PASS',
      'sizing PASS',
      'risk PASS',
    ]);
    // Facts that know their newest instant pass one more gate, and the ticket is the same.
    const known = decideTicket({ ...goodFacts(), books: { newest: { what: 'a snapshot', at: goodFacts().at } } });
    expect(known.gates.map(({ gate, status }) => `${gate} ${status}`).slice(5, 7)).toEqual([
      'confirmation PASS',
      'books PASS',
    ]);
    expect(materialHash(known.material)).toBe(materialHash(material));
    // 20 × 42.36 / 1.704055 = 497.17; four targets of 7.5 % are 787.28 each.
    expect(portfolioValue).toBe('10497.17');
    expect(targets).toEqual({ AAPL: '0.075', KO: '0.075', JPM: '0.075', MSFT: '0.075' });
    expect(scores.map(({ symbol }) => symbol)).toEqual(['AAPL', 'KO', 'MSFT', 'JPM']);
    expect(material).toMatchObject({
      kind: 'TRADE',
      dryRun: false,
      reasons: [],
      tradingDay: '2014-07-01',
      asOfDate: '2014-06-30',
      supersedes: null,
      fx: { pair: 'GBPUSD', date: '2014-06-30', rate: '1.704055' },
      window: { opensAt: '2014-07-01T13:35:00.000Z', closesAt: '2014-07-01T14:30:00.000Z' },
      snapshotId: '00000000-0000-4000-8000-000000000001',
    });
    expect(material.lines).toEqual([
      {
        sequence: 1,
        symbol: 'AAPL',
        etoroSearchName: 'Apple',
        side: 'BUY',
        orderType: 'MARKET',
        valueBase: '787.28',
        units: null,
        referencePrice: '92.93',
        referenceCurrency: 'USD',
        skipPrice: '93.39',
      },
      {
        sequence: 2,
        symbol: 'JPM',
        etoroSearchName: 'JPMorgan Chase & Co',
        side: 'BUY',
        orderType: 'MARKET',
        valueBase: '787.28',
        units: null,
        referencePrice: '57.62',
        referenceCurrency: 'USD',
        skipPrice: '57.9',
      },
      {
        sequence: 3,
        symbol: 'KO',
        etoroSearchName: 'Coca-Cola',
        side: 'BUY',
        orderType: 'MARKET',
        valueBase: '290.11',
        units: null,
        referencePrice: '42.36',
        referenceCurrency: 'USD',
        skipPrice: '42.57',
      },
      {
        sequence: 4,
        symbol: 'MSFT',
        etoroSearchName: 'Microsoft',
        side: 'BUY',
        orderType: 'MARKET',
        valueBase: '787.28',
        units: null,
        referencePrice: '41.7',
        referenceCurrency: 'USD',
        skipPrice: '41.9',
      },
    ]);
  });

  it('carries DRY RUN on a TRADE of a dry run, and on nothing else', () => {
    expect(decideTicket(goodFacts({ mode: 'dry-run' })).material).toMatchObject({ kind: 'TRADE', dryRun: true });
    expect(decideTicket(goodFacts({ mode: 'dry-run', snapshot: null })).material).toMatchObject({
      kind: 'NO_TRADE',
      dryRun: false,
    });
  });

  it.each<[string, Partial<DecisionFacts>, string[]]>([
    ['trading is off', { mode: 'off' }, ['trading_mode TRADING_OFF']],
    ['nobody reconciled', { snapshot: null }, ['reconciliation SNAPSHOT_MISSING']],
    [
      'a ticket is unconfirmed',
      { openTickets: [{ ticketId: 'aaaa', tradingDay: '2014-06-27' }] },
      ['confirmation TICKET_UNCONFIRMED aaaa'],
    ],
    [
      'the drawdown limit is reached',
      { equity: { index: '0.84', peak: '1.05', asOfDate: '2014-06-30' } },
      ['kill_switch DRAWDOWN_LIMIT'],
    ],
    [
      'the kill switch is engaged',
      { killSwitch: { engaged: true, reason: 'by hand' } },
      ['kill_switch KILL_SWITCH_ENGAGED'],
    ],
    [
      'it is a Tuesday',
      { policy: policyWith({ trading: { cadence: 'weekly' } }) },
      ['cadence NOT_REBALANCE_DAY 2014-07-01'],
    ],
    ['the window has passed', { at: '2014-07-01T14:30:01Z' }, ['calendar WINDOW_PASSED 2014-07-01']],
    ['there is no rate', market({ fx: null }), ['data_quality FX_MISSING', 'sizing PRICES_MISSING GBPUSD']],
    [
      'the rate is of another day',
      market({ fx: { pair: 'GBPUSD', date: '2014-06-27', rate: '1.7024', source: 'ecb' } }),
      ['data_quality FX_MISSING GBPUSD', 'sizing PRICES_MISSING GBPUSD'],
    ],
    [
      'all is at target',
      holding('10000', { AAPL: '19.6467', JPM: '31.6865', KO: '43.1012', MSFT: '43.7834' }),
      ['sizing NOTHING_TO_DO'],
    ],
    [
      'a benchmark is held',
      holding('10000', { SPY: '5' }),
      ['risk NOT_PERMITTED SPY', 'universe SYMBOL_NOT_TRADABLE SPY'],
    ],
    [
      'no stock can be scored',
      { universe: [] },
      [
        'data_quality COVERAGE_LOW',
        'reconciliation POSITION_UNKNOWN KO',
        'sizing PRICES_MISSING',
        'universe SYMBOL_UNVERIFIED KO',
      ],
    ],
  ])('is NO_TRADE when %s', (_name, changes, expected) => {
    const { material } = decideTicket(goodFacts(changes));
    expect(material).toMatchObject({ kind: 'NO_TRADE', lines: [], fx: null, window: null });
    expect(reasonsOf(goodFacts(changes))).toEqual(expected);
  });

  it('names a held symbol without a close, and asks for no risk on a portfolio without a value', () => {
    const without = goodFacts().market.histories.filter(({ symbol }) => symbol !== 'KO');
    const facts = goodFacts(market({ histories: without }));
    expect(reasonsOf(facts)).toContain('sizing PRICES_MISSING KO');
    const { gates, portfolioValue } = decideTicket(facts);
    expect(portfolioValue).toBeNull();
    expect(gates.some(({ gate }) => gate === 'risk')).toBe(false);
  });

  it('never values a holding at the close of another day', () => {
    const histories = goodFacts().market.histories.map(({ symbol, bars }) => ({
      symbol,
      bars: symbol === 'KO' ? bars.slice(0, -1) : bars,
    }));
    expect(reasonsOf(goodFacts(market({ histories })))).toEqual(
      expect.arrayContaining(['data_quality DATA_STALE KO', 'sizing PRICES_MISSING KO']),
    );
  });

  it('gives all reasons at once, sorted, each once', () => {
    const facts = goodFacts({
      mode: 'off',
      snapshot: null,
      policy: policyWith({ trading: { cadence: 'weekly' } }),
      killSwitch: { engaged: true, reason: 'x' },
      openTickets: [
        { ticketId: 'bbbb', tradingDay: '2014-06-27' },
        { ticketId: 'aaaa', tradingDay: '2014-06-26' },
      ],
    });
    expect(reasonsOf(facts)).toEqual([
      'cadence NOT_REBALANCE_DAY 2014-07-01',
      'confirmation TICKET_UNCONFIRMED aaaa',
      'confirmation TICKET_UNCONFIRMED bbbb',
      'kill_switch KILL_SWITCH_ENGAGED',
      'reconciliation SNAPSHOT_MISSING',
      'trading_mode TRADING_OFF',
    ]);
  });

  it('needs no rate in an account of the listing currency, and puts none on its ticket', () => {
    const facts = goodFacts({
      account: { account: 'demo', baseCurrency: 'USD', clock: 'simulated' },
      ...market({ fx: null }),
    });
    const { material, portfolioValue } = decideTicket(facts);
    expect(material).toMatchObject({ kind: 'TRADE', fx: null });
    expect(portfolioValue).toBe('10847.2');
  });

  it('does not sell everything when no stock has history enough', () => {
    const histories = goodFacts().market.histories.map(({ symbol, bars }) =>
      history(
        symbol,
        bars.slice(-40).map(({ close }) => close),
      ),
    );
    expect(reasonsOf(goodFacts(market({ histories })))).toContain('sizing PRICES_MISSING');
  });
});

const shuffled = <T>(list: readonly T[]) =>
  fc.shuffledSubarray([...list], { minLength: list.length, maxLength: list.length });

describe('the same facts', () => {
  it('give the same bytes, in whatever order lists and keys come', () => {
    const facts = goodFacts(holding('10000', { KO: '20', AAPL: '1.5', MSFT: '40' }));
    const expected = canonicalJson(decideTicket(facts));
    const units = shuffled(Object.entries(facts.ledger.units)).map((entries) => Object.fromEntries(entries));
    fc.assert(
      fc.property(
        shuffled(facts.universe),
        shuffled(facts.market.histories),
        shuffled(facts.market.actions),
        units,
        units,
        (universe, histories, actions, ledgerUnits, positions) => {
          const reordered = {
            ...facts,
            universe,
            market: { ...facts.market, histories, actions },
            ledger: { ...facts.ledger, units: ledgerUnits },
            snapshot: facts.snapshot && { ...facts.snapshot, positions },
          };
          expect(canonicalJson(decideTicket(reordered))).toBe(expected);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('give the same material when figures are written with other zeros, and after a journey through JSON', () => {
    const facts = goodFacts();
    const stored = JSON.parse(JSON.stringify(facts)) as DecisionFacts;
    stored.ledger = { ...stored.ledger, cash: '10000.00', units: { KO: '20.000000' } };
    if (stored.market.fx) stored.market.fx.rate = '1.7040550';
    expect(materialHash(decideTicket(stored).material)).toBe(materialHash(decideTicket(facts).material));
  });

  it('give the same ticket at any instant before the window closes', () => {
    const later = decideTicket(goodFacts({ at: '2014-07-01T14:29:59Z' }));
    expect(materialHash(later.material)).toBe(materialHash(decideTicket(goodFacts()).material));
  });

  it('leave the facts as they were', () => {
    const facts = goodFacts();
    const before = canonicalJson(facts);
    decideTicket(facts);
    expect(canonicalJson(facts)).toBe(before);
  });
});

describe('what could not be priced', () => {
  const missing = (facts: DecisionFacts) =>
    decideTicket(facts)
      .gates.find(({ gate }) => gate === 'sizing')
      ?.reasons.map(({ subject, message }) => `${subject}: ${message}`);

  it('is named with why, by name, each once', () => {
    const closes = goodFacts().market.histories;
    const late = closes.map(({ symbol, bars }) => ({
      symbol,
      bars: symbol === 'KO' || symbol === 'SPY' ? bars.slice(0, -1) : bars,
    }));
    expect(
      missing(goodFacts({ ...holding('10000', { SPY: '1', KO: '20', GME: '1' }), ...market({ histories: late }) })),
    ).toEqual([
      'GME: GME is not in the universe: its currency is unknown',
      'KO: KO has no close of 2014-06-30',
      'SPY: SPY has no close of 2014-06-30',
    ]);
    expect(missing(goodFacts(market({ fx: null })))).toEqual(['GBPUSD: no rate of GBPUSD for 2014-06-30']);
    const listed = goodFacts().universe.map((one) =>
      one.internalSymbol === 'KO' ? { ...one, listingCurrency: 'EUR' } : one,
    );
    expect(
      missing(goodFacts({ universe: listed, ...holding('10000', { AAPL: '1', KO: '20' }), ...market({ fx: null }) })),
    ).toEqual(['GBPEUR: no rate of GBPEUR for 2014-06-30', 'GBPUSD: no rate of GBPUSD for 2014-06-30']);
    expect(missing(goodFacts({ universe: [] }))).toEqual(['null: no enabled stock could be scored']);
  });
});
