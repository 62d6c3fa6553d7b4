import fc from 'fast-check';
import { expect, test } from 'vitest';
import { marketHash, pinFacts, unpinFacts, wholeFacts } from '../../src/db/pinned-facts.js';
import { decideTicket } from '../../src/domain/decision/decide.js';
import type { DecisionFacts } from '../../src/domain/decision/facts.js';
import { materialHash } from '../../src/domain/decision/ticket.js';
import { contentHash } from '../../src/domain/hash.js';
import { goodFacts } from './fixtures/facts-2014.js';

const TICKET = '00000000-0000-5000-8000-000000000001';
const stored = (facts: DecisionFacts): unknown => {
  const pinned = pinFacts(facts);
  return wholeFacts(JSON.parse(pinned.facts), JSON.parse(pinned.market.json));
};
const reread = (facts: DecisionFacts) => unpinFacts(stored(facts), TICKET);

test('facts of a real day come back as they were pinned, in a third of the text', () => {
  const facts = goodFacts();
  expect(reread(facts)).toEqual(facts);
  expect(JSON.stringify(stored(facts)).length).toBeLessThan(JSON.stringify(facts).length / 2);
});

test("any bars come back: none at all, with and without the provider's adjusted close", () => {
  const figure = fc.bigInt({ min: 0n, max: 10n ** 14n }).map((scaled) => `${scaled / 10_000n}.${scaled % 10_000n}`);
  const bar = fc.record({
    session: fc.constantFrom('2014-06-06', '2014-06-09'),
    open: figure,
    high: figure,
    low: figure,
    close: figure,
    volume: figure,
    adjClose: fc.option(figure),
  });
  fc.assert(
    fc.property(fc.array(bar, { maxLength: 5 }), (bars) => {
      const facts = goodFacts();
      const histories = [{ symbol: 'BRK.B', bars: bars.map((one) => ({ symbol: 'BRK.B', ...one })) }];
      const given = { ...facts, market: { ...facts.market, histories } };
      expect(reread(given)).toEqual(given);
    }),
  );
});

test('another figure in one bar is another hash', () => {
  const facts = goodFacts();
  const [first, ...others] = facts.market.histories;
  if (!first?.bars[0]) throw new Error('the fixture has no bars');
  const changed = { ...first, bars: [{ ...first.bars[0], close: '1.23' }, ...first.bars.slice(1)] };
  expect(pinFacts({ ...facts, market: { ...facts.market, histories: [changed, ...others] } }).hash).not.toBe(
    pinFacts(facts).hash,
  );
});

test('what is stored hashes to what is said, whether its parts were pinned before or not', () => {
  const { books: _, ...facts } = goodFacts();
  const others = { ...facts, account: { ...facts.account, account: 'other' }, books: { newest: null } };
  const absent = { ...facts, books: undefined } as unknown as typeof facts;
  for (const given of [facts, others, absent, structuredClone(facts), facts]) {
    expect(contentHash(stored(given))).toBe(pinFacts(given).hash);
    expect(unpinFacts(stored(given), TICKET)).toEqual(given);
  }
  expect(pinFacts(structuredClone(facts))).toEqual(pinFacts(facts));
});

test('the market is stored by itself, under the hash of what it says; the rest is small, and holds no market', () => {
  const facts = goodFacts();
  const { facts: own, market } = pinFacts(facts);
  expect(JSON.parse(own)).not.toHaveProperty('market');
  expect(own.length).toBeLessThan(market.json.length);
  expect(market.hash).toBe(contentHash(JSON.parse(market.json)));
  const other = { ...facts, account: { ...facts.account, account: 'other' } };
  expect(pinFacts(other).market).toEqual(market);
  expect(pinFacts(other).hash).not.toBe(pinFacts(facts).hash);
  expect(marketHash({ ...facts.market, rulings: [], fx: null })).not.toBe(market.hash);
});

test('facts that hold their market themselves are read as they are', () => {
  const whole = stored(goodFacts());
  expect(wholeFacts(whole, null)).toBe(whole);
});

/**
 * As a version pinned them whose policy had neither clocks, risk, alerts nor backups, that switched off no row, and
 * had no gate `books`.
 */
const ofAnEarlierVersion = (facts: DecisionFacts) => {
  const { books: _, ...document } = stored(facts) as Record<string, unknown>;
  return {
    ...document,
    policy: {
      version: 1,
      accounts: { main: { base_currency: 'GBP' } },
      operators: ['ann'],
      market_data: { provider: 'csv', fx_provider: 'csv' },
      trading: { mode: 'live', cadence: 'daily' },
    },
    universe: facts.universe.map(({ enabled: _switched, ...row }) => row),
  };
};

test('facts of an earlier version are read with the defaults of what came later; the same ticket comes out', () => {
  const { books: _, ...facts } = goodFacts();
  const pinned = ofAnEarlierVersion(facts);
  const read = unpinFacts(pinned, TICKET);
  expect(read.policy).toMatchObject({ risk: facts.policy.risk, backup: facts.policy.backup });
  expect(read.policy.accounts['main']).toEqual({ base_currency: 'GBP', clock: 'real' });
  expect(read.universe.map(({ enabled }) => enabled)).toEqual(facts.universe.map(() => true));
  expect('books' in read).toBe(false);
  expect(materialHash(decideTicket(read).material)).toBe(materialHash(decideTicket(facts).material));
});

test('what a later version pinned beside is kept: facts are compared whole', () => {
  const pinned = { ...(stored(goodFacts()) as object), weather: { city: 'London' } };
  expect(unpinFacts(pinned, TICKET)).toMatchObject({ weather: { city: 'London' } });
});

test.each([
  ['no market', { market: undefined }, 'FACTS_UNREADABLE', 'market'],
  [
    'a figure that is a float',
    { ledger: { cash: 10, units: {}, lastEntryId: 1, lastBookedAt: null } },
    'FACTS_UNREADABLE',
    'ledger.cash',
  ],
  ['a policy that breaks a rule', { policy: { version: 1, accounts: {} } }, 'CONFIGURATION_UNREADABLE', 'accounts'],
  ['a universe of something else', { universe: [{ symbol: 'KO' }] }, 'CONFIGURATION_UNREADABLE', 'internalSymbol'],
])('%s is a fault that names it, not half a set of facts', (_what, change, code, field) => {
  const pinned = { ...(stored(goodFacts()) as object), ...change };
  expect(() => unpinFacts(pinned, TICKET)).toThrow(
    expect.objectContaining({ code, kind: 'fault', message: expect.stringContaining(field) as string }),
  );
});

test.each(['2014-06-06,1,2,3', '2014-06-06,1,2,3,4,5;', '1,2,3,4,5,6,7,8'])('bars "%s" are no bars', (bars) => {
  const pinned = stored(goodFacts()) as { market: object };
  const broken = { ...pinned, market: { ...pinned.market, histories: [{ symbol: 'KO', bars }] } };
  expect(() => unpinFacts(broken, TICKET)).toThrow(/must be bars/);
});

test('every ruling that may be given comes back, a genuine move among them', () => {
  const facts = goodFacts();
  const of = { symbol: 'KO', exDate: '2014-03-12' };
  const rulings = [
    { ...of, kind: 'JUMP', ruling: 'genuine', value: null },
    { ...of, kind: 'SPLIT', ruling: 'ignore', value: null },
    { ...of, kind: 'DIVIDEND', dividendType: 'special', ruling: 'cash_dividend', value: '1' },
    { ...of, kind: 'DIVIDEND', ruling: 'split', value: '2' },
  ] as const;
  const given = { ...facts, market: { ...facts.market, rulings: [...rulings] } };
  expect(reread(given)).toEqual(given);
});
