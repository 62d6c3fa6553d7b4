import { describe, expect, it } from 'vitest';
import type { DecisionFacts } from '../../src/domain/decision/facts.js';
import { explainDifferences } from '../../src/domain/decision/verify.js';
import { row } from './fixtures/closes-2014.js';
import { goodFacts, policyWith } from './fixtures/facts-2014.js';

const changedBar = (symbol: string, session: string, close: string): DecisionFacts => {
  const facts = goodFacts();
  const histories = facts.market.histories.map((history) => (history.symbol !== symbol ? history
    : { ...history, bars: history.bars.map((bar) => (bar.session === session ? { ...bar, close } : bar)) }));
  return { ...facts, market: { ...facts.market, histories } };
};

describe('what differs between the facts of a ticket and those of now', () => {
  it('is nothing for the same facts, whatever their order, zeros and time of run', () => {
    const facts = goodFacts();
    const other: DecisionFacts = {
      ...facts, at: '2014-07-05T09:00:00Z', universe: facts.universe.toReversed(), ledger: { ...facts.ledger, cash: '10000.00' },
      market: { ...facts.market, histories: facts.market.histories.toReversed(), actions: facts.market.actions.toReversed() },
    };
    expect(explainDifferences(facts, other)).toEqual([]);
    expect(explainDifferences(facts, JSON.parse(JSON.stringify(facts)) as DecisionFacts)).toEqual([]);
  });

  it('names one changed bar by symbol, session and field', () => {
    expect(explainDifferences(goodFacts(), changedBar('AAPL', '2014-06-30', '93.93'))).toEqual([
      'AAPL 2014-06-30 close: 92.93 when issued, 93.93 now',
    ]);
  });

  it('tells a missing bar, symbol or action from one that was added', () => {
    const facts = goodFacts();
    const without: DecisionFacts = {
      ...facts, universe: facts.universe.slice(1),
      market: { ...facts.market, actions: facts.market.actions.slice(1), histories: facts.market.histories.map(({ symbol, bars }) => ({ symbol, bars: symbol === 'KO' ? bars.slice(0, -1) : bars })) },
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
      market: { ...facts.market, fx: null }, policy: policyWith({ risk: { max_weight: 0.1 } }), ledger: { ...facts.ledger, units: { KO: '21', AAPL: '1' } },
      universe: [row('AAPL', { etoroSearchName: 'Apple Inc' }), ...facts.universe.slice(1)], killSwitch: { engaged: true, reason: 'by hand' },
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
    const none = { ...facts, market: { ...facts.market, histories: facts.market.histories.map(({ symbol }) => ({ symbol, bars: [] })) } };
    const lines = explainDifferences(facts, none);
    expect(lines).toHaveLength(51);
    expect(lines.at(-1)).toBe('and 270 more differences');
  });
});
