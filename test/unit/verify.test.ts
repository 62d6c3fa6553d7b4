import { describe, expect, it } from 'vitest';
import type { DecisionFacts } from '../../src/domain/decision/facts.js';
import { explainDifferences } from '../../src/domain/decision/verify.js';
import { row } from './fixtures/closes-2014.js';
import { goodFacts, policyWith } from './fixtures/facts-2014.js';

const changedBar = (symbol: string, session: string, close: string): DecisionFacts => {
  const facts = goodFacts();
  const histories = facts.market.histories.map((history) =>
    history.symbol !== symbol
      ? history
      : { ...history, bars: history.bars.map((bar) => (bar.session === session ? { ...bar, close } : bar)) },
  );
  return { ...facts, market: { ...facts.market, histories } };
};

describe('what differs between the facts of a ticket and those of now', () => {
  it('is nothing for the same facts, whatever their order, zeros and time of run', () => {
    const facts = goodFacts();
    const other: DecisionFacts = {
      ...facts,
      at: '2014-07-05T09:00:00Z',
      universe: facts.universe.toReversed(),
      ledger: { ...facts.ledger, cash: '10000.00' },
      market: {
        ...facts.market,
        histories: facts.market.histories.toReversed(),
        actions: facts.market.actions.toReversed(),
      },
    };
    expect(explainDifferences(facts, other)).toEqual([]);
    expect(explainDifferences(facts, JSON.parse(JSON.stringify(facts)) as DecisionFacts)).toEqual([]);
  });

  it('is not what a later version loads beside them, unless it was there and is gone', () => {
    const facts = goodFacts();
    const second = { source: 'tiingo', closes: {} };
    const pinned = { ...facts, market: { ...facts.market, secondCloses: second } };
    const first = { source: 'csv', rates: [{ date: '2014-06-30', rate: '1.7' }] };
    const moves = [{ symbol: 'KO', session: '2014-06-30', closeBefore: '40', close: '60', split: null }];
    const later: DecisionFacts = {
      ...pinned,
      market: {
        ...pinned.market,
        faultsExclude: true,
        rates: { pair: 'GBPUSD', first, second: null, fetch: null },
        secondCloses: { ...second, moves },
      },
    };
    expect(explainDifferences(pinned, later)).toEqual([]);
    expect(explainDifferences(later, pinned).map((line) => line.split(':')[0])).toEqual([
      'market rates',
      'market secondCloses moves',
    ]);
  });

  it('names one changed bar by symbol, session and field', () => {
    expect(explainDifferences(goodFacts(), changedBar('AAPL', '2014-06-30', '93.93'))).toEqual([
      'AAPL 2014-06-30 close: 92.93 when issued, 93.93 now',
    ]);
  });

  it('tells a missing bar, symbol or action from one that was added', () => {
    const facts = goodFacts();
    const without: DecisionFacts = {
      ...facts,
      universe: facts.universe.slice(1),
      market: {
        ...facts.market,
        actions: facts.market.actions.slice(1),
        histories: facts.market.histories.map(({ symbol, bars }) => ({
          symbol,
          bars: symbol === 'KO' ? bars.slice(0, -1) : bars,
        })),
      },
    };
    const gone = explainDifferences(facts, without);
    expect(gone).toHaveLength(3);
    expect(gone[1]).toMatch(/^KO 2014-06-30: \{.*when issued, not there now$/);
    expect(gone[0]).toMatch(/^market actions AAPL 2014-05-08 DIVIDEND: .*when issued, not there now$/);
    expect(gone[2]).toMatch(/^universe AAPL: .*when issued, not there now$/);
    expect(explainDifferences(without, facts)[1]).toMatch(/^KO 2014-06-30: not there when issued, \{/);
  });

  it('reaches every part: rate, policy, ledger, snapshot, universe, kill switch', () => {
    const facts = goodFacts();
    const other: DecisionFacts = {
      ...facts,
      market: { ...facts.market, fx: null },
      policy: policyWith({ risk: { max_weight: 0.1 } }),
      ledger: { ...facts.ledger, units: { KO: '21', AAPL: '1' } },
      universe: [row('AAPL', { etoroSearchName: 'Apple Inc' }), ...facts.universe.slice(1)],
      killSwitch: { engaged: true, reason: 'by hand' },
      openTickets: [{ ticketId: 'aaaa', tradingDay: '2014-06-27' }],
    };
    expect(explainDifferences(facts, other)).toEqual([
      'killSwitch engaged: false when issued, true now',
      'killSwitch reason: none when issued, by hand now',
      'ledger units AAPL: not there when issued, 1 now',
      'ledger units KO: 20 when issued, 21 now',
      'market fx: {"pair":"GBPUSD","date":"2014-06-30","rate":"1.704055","source":"ecb"} when issued, none now',
      'openTickets aaaa: not there when issued, {"ticketId":"aaaa","tradingDay":"2014-06-27"} now',
      'policy risk max_weight: 0.075 when issued, 0.1 now',
      'universe AAPL etoroSearchName: Apple when issued, Apple Inc now',
    ]);
  });

  it('counts what goes beyond fifty lines', () => {
    const facts = goodFacts();
    const none = {
      ...facts,
      market: { ...facts.market, histories: facts.market.histories.map(({ symbol }) => ({ symbol, bars: [] })) },
    };
    const lines = explainDifferences(facts, none);
    expect(lines).toHaveLength(51);
    expect(lines.at(-1)).toBe('and 270 more differences');
  });

  it('tells actions, rulings, fetches and findings apart by what they are about', () => {
    const facts = goodFacts();
    const ruling = {
      symbol: 'KO',
      exDate: '2014-06-13',
      kind: 'DIVIDEND',
      ruling: 'cash_dividend',
      value: null,
    } as const;
    const finding = { code: 'DUPLICATE_BAR', session: '2014-06-20', message: 'twice' } as const;
    const fetch = {
      symbol: 'KO',
      source: 'csv',
      status: 'OK',
      code: null,
      message: null,
      findings: [finding],
    } as const;
    const dividend = facts.market.actions.find(({ symbol }) => symbol === 'AAPL');
    if (!dividend) throw new Error('AAPL paid a dividend');
    const pinned = {
      ...facts,
      market: {
        ...facts.market,
        actions: [dividend],
        rulings: [{ ...ruling }],
        fetches: [{ ...fetch, findings: [{ ...finding }] }],
      },
    };
    const current = {
      ...facts,
      market: {
        ...facts.market,
        actions: [{ ...dividend, value: '9' }],
        rulings: [{ ...ruling, value: '0.31' }],
        fetches: [{ ...fetch, status: 'FAILED' as const, findings: [{ ...finding, message: 'three times' }] }],
      },
    };
    expect(explainDifferences(pinned, current)).toEqual([
      `market actions AAPL ${dividend.exDate} ${dividend.kind} value: ${dividend.value} when issued, 9 now`,
      'market fetches KO csv findings DUPLICATE_BAR 2014-06-20 message: twice when issued, three times now',
      'market fetches KO csv status: OK when issued, FAILED now',
      'market rulings KO 2014-06-13 DIVIDEND value: none when issued, 0.31 now',
    ]);
  });

  it('counts items that cannot be told apart, and sorts lists by what their items are', () => {
    const facts = goodFacts();
    const dividend = {
      symbol: 'KO',
      exDate: '2014-06-13',
      kind: 'DIVIDEND',
      value: '0.305',
      currency: 'USD',
      source: 'a',
    } as const;
    const withActions = (...values: string[]) => ({
      ...facts,
      market: { ...facts.market, actions: values.map((value) => ({ ...dividend, value })) },
    });
    expect(explainDifferences(withActions('1', '2', '3'), withActions('1', '4', '5'))).toEqual([
      'market actions KO 2014-06-13 DIVIDEND (2) value: 2 when issued, 4 now',
      'market actions KO 2014-06-13 DIVIDEND (3) value: 3 when issued, 5 now',
    ]);
    const open = (...ids: string[]) => ({
      ...facts,
      openTickets: ids.map((ticketId) => ({ ticketId, tradingDay: '2014-06-27' })),
    });
    expect(explainDifferences(open('b', 'a'), facts)).toEqual([
      'openTickets a: {"ticketId":"a","tradingDay":"2014-06-27"} when issued, not there now',
      'openTickets b: {"ticketId":"b","tradingDay":"2014-06-27"} when issued, not there now',
    ]);
  });

  it('compares figures as figures and other texts as texts, and shows lists, long texts and nothing for what they are', () => {
    const facts = goodFacts();
    const said = (before: unknown, after: unknown) =>
      explainDifferences(
        { ...facts, killSwitch: { engaged: false, reason: before as string } },
        { ...facts, killSwitch: { engaged: false, reason: after as string } },
      );
    expect([said('1.50', '1.5'), said('-2', '-2.0')]).toEqual([[], []]);
    expect(said('1.50', 1.5)).toEqual(['killSwitch reason: 1.50 when issued, 1.5 now']);
    expect(said(1.5, '1.5')).toEqual(['killSwitch reason: 1.5 when issued, 1.5 now']);
    expect(said('x1', '1')).toEqual(['killSwitch reason: x1 when issued, 1 now']);
    expect(said('1', '1x')).toEqual(['killSwitch reason: 1 when issued, 1x now']);
    expect(said(['KO', 'AAPL'], ['AAPL'])).toEqual(['killSwitch reason KO: KO when issued, not there now']);
    expect(said(['KO'], { 0: 'KO' })).toEqual(['killSwitch reason: ["KO"] when issued, {"0":"KO"} now']);
    expect(said('a'.repeat(120), null)).toEqual([`killSwitch reason: ${'a'.repeat(120)} when issued, none now`]);
    expect(said(null, 'a'.repeat(121))).toEqual([`killSwitch reason: none when issued, ${'a'.repeat(117)}... now`]);
    expect(
      explainDifferences(
        { ...facts, snapshot: { ...facts.snapshot } as never },
        { ...facts, snapshot: {} as never },
      )[0],
    ).toBe('snapshot account: main when issued, not there now');
  });

  it('lists fifty differences before it counts', () => {
    const facts = goodFacts();
    const tickets = (count: number) => ({
      ...facts,
      openTickets: Array.from({ length: count }, (_, index) => ({
        ticketId: `t${String(index).padStart(3, '0')}`,
        tradingDay: '2014-06-27',
      })),
    });
    expect(explainDifferences(facts, tickets(50)).at(-1)).toMatch(/^openTickets t049: /);
    expect(explainDifferences(facts, tickets(50))).toHaveLength(50);
    expect(explainDifferences(facts, tickets(51)).at(-1)).toBe('and 1 more differences');
  });
});
