import { expect, test } from 'vitest';
import { decideTicket, findInMarket } from '../../src/domain/decision/decide.js';
import type { DecisionFacts } from '../../src/domain/decision/facts.js';
import { findingsOf } from '../../src/operations/day/market-findings.js';
import { goodFacts } from './fixtures/facts-2014.js';

const facts = goodFacts();
const of = (changes: Partial<DecisionFacts>): DecisionFacts => ({ ...facts, ...changes });
const holding = (units: Record<string, string>) => of({ ledger: { ...facts.ledger, units } });

test('accounts with the same holdings on the same prices share what is found in them', () => {
  const other = of({ account: { ...facts.account, account: 'other' } });
  expect(findingsOf(other)).toBe(findingsOf(facts));
  expect(findingsOf(of({ market: structuredClone(facts.market) }))).not.toBe(findingsOf(facts));
});

test('whatever an account is decided on, what is shared is what would be found for it alone', () => {
  const { fx: _, ...market } = facts.market;
  const cases: DecisionFacts[] = [
    facts,
    holding({ KO: '1' }),
    holding({ NOPE: '1' }),
    holding({ KO: '0', NOPE: '2' }),
    holding({}),
    of({ account: { ...facts.account, baseCurrency: 'USD' } }),
    of({ market: { ...market, fx: null } }),
    of({ policy: { ...facts.policy, trading: { ...facts.policy.trading, scorer: 'stub' } }, policyHash: 'another' }),
    of({ universe: facts.universe.slice(1), universeHash: 'another' }),
  ];
  for (const [index, given] of [...cases, ...cases.toReversed()].entries()) {
    expect(findingsOf(given), String(index)).toEqual(findInMarket(given));
    expect(decideTicket(given, findingsOf(given)), String(index)).toEqual(decideTicket(given));
  }
  expect(new Set(cases.map((given) => JSON.stringify(findingsOf(given)))).size).toBeGreaterThan(4);
});
