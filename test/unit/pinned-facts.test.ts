import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pinFacts, unpinFacts, type PinnedFacts } from '../../src/db/pinned-facts.js';
import { contentHash } from '../../src/domain/hash.js';
import { goodFacts } from './fixtures/facts-2014.js';

const reread = (facts: Parameters<typeof pinFacts>[0]) => unpinFacts(JSON.parse(pinFacts(facts).facts) as PinnedFacts);

test('facts of a real day come back as they were pinned, in a third of the text', () => {
  const facts = goodFacts();
  expect(reread(facts)).toEqual(facts);
  expect(pinFacts(facts).facts.length).toBeLessThan(JSON.stringify(facts).length / 2);
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
    const { facts: text, hash } = pinFacts(given);
    expect(contentHash(JSON.parse(text))).toBe(hash);
    expect(unpinFacts(JSON.parse(text) as PinnedFacts)).toEqual(given);
  }
  expect(pinFacts(structuredClone(facts))).toEqual(pinFacts(facts));
});
