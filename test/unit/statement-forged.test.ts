import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { followForged, FORGERIES, forgeries, type Forged, type Forgery } from './statement-forged.fixture.js';

/*
 * Books that agree with all statements, and one thing in them that is not as it happened: some statement differs and
 * names it, and who does what is said comes to books that agree again. `STORIES=500 SEED=7` forges more and others.
 */

const numRuns = Number(process.env['STORIES'] ?? 12);
/** The suite forges the same ones each time. */
const seed = Number(process.env['SEED'] ?? 2016);
/** A failing one is forged many times until it is the smallest. */
const MS_EACH = 2_000;

const WHAT: Record<Forgery, string> = {
  LEFT_OUT: 'an entry that is left out',
  TWICE: 'an entry that is booked a second time',
  BOGUS: 'an entry of what never happened',
  TENTH: 'an entry of a tenth more or less',
  PENNIES: 'an entry of five pennies more',
  SYMBOL: 'an entry of another symbol',
  SIGN: 'an entry of the other sign',
  DAY: 'an entry of six days away',
};

describe('books that agree, but for', () => {
  it.each(FORGERIES.map((forgery) => [WHAT[forgery], forgery] as const))(
    '%s, differ where that is, and come right',
    async (_, forgery) => {
      const told = fc.asyncProperty(forgeries, async (forged) => void (await followForged(forgery, forged)));
      await fc.assert(told, { numRuns, seed });
    },
    60_000 + numRuns * MS_EACH,
  );
});

type DrawnFact = Forged['drawn']['facts'][number];
const fact = (what: DrawnFact['what'], day: number, time = '15:00'): DrawnFact => ({
  what,
  day,
  time,
  symbol: 'AAA',
  cents: 10_000,
  units: 1,
  pick: 0,
  as: 'RIGHT',
});
type Kept = Partial<Omit<Forged, 'drawn'>> & { drawn: Partial<Forged['drawn']> & Pick<Forged['drawn'], 'facts'> };
const forgedOf = ({ drawn, ...more }: Kept): Forged => ({
  pick: 0,
  isMore: false,
  day: 1,
  symbol: 'AAA',
  cents: 10_000,
  bogus: 'DEPOSIT',
  ...more,
  drawn: {
    base: 'USD',
    season: 'WINTER',
    isOrdered: false,
    ledger: 'EVERYTHING',
    periods: 0,
    order: [],
    isPatient: false,
    isPublished: false,
    counted: null,
    ...drawn,
  },
});

/** What once agreed, or stood still: the smallest of each kind. */
const KEPT: [what: string, forgery: Forgery, kept: Kept][] = [
  [
    'a fill of a day that two statements tell in part, in pounds',
    'TWICE',
    { drawn: { base: 'GBP', season: 'SUMMER', isOrdered: true, facts: [fact('BUY', 32)] } },
  ],
  [
    'a fill of that day, of nothing',
    'BOGUS',
    {
      bogus: 'TRADE',
      isMore: true,
      day: 32,
      drawn: { base: 'GBP', season: 'SUMMER', isOrdered: true, facts: [fact('BUY', 31, '23:30')] },
    },
  ],
  [
    'beside a baseline of a trade whose day began in London before the month was over',
    'LEFT_OUT',
    { pick: 0, drawn: { season: 'SUMMER', facts: [fact('DEPOSIT', 1), fact('BUY', 31, '23:30')] } },
  ],
  [
    'a baseline that received what was paid, where nothing says what that was',
    'SIGN',
    { drawn: { base: 'GBP', facts: [fact('BUY', 1)] } },
  ],
  [
    'cash that was set in a month without rows',
    'BOGUS',
    { bogus: 'CASH', isMore: true, drawn: { facts: [fact('DEPOSIT', 59)] } },
  ],
  [
    'cash that was set there, before a month that begins with an open',
    'BOGUS',
    { bogus: 'CASH', isMore: true, day: 7, drawn: { facts: [fact('BUY', 32)] } },
  ],
  [
    'the units of a baseline whose cash stands, in pounds',
    'LEFT_OUT',
    { pick: 2, drawn: { base: 'GBP', facts: [fact('DEPOSIT', 1), fact('SELL', 2)] } },
  ],
  [
    'a split of a month that is booked again in the next one, which has no rows',
    'TWICE',
    { drawn: { facts: [fact('SPLIT', 31)] } },
  ],
  [
    'a baseline before a split, where another statement tells of the whole time',
    'TWICE',
    {
      drawn: {
        periods: 1,
        facts: [
          { ...fact('BUY', 16), symbol: 'BBB' },
          { ...fact('SPLIT', 17), symbol: 'BBB' },
        ],
      },
    },
  ],
  [
    'the units of a baseline on the last night',
    'LEFT_OUT',
    { pick: 1, drawn: { season: 'SUMMER', facts: [fact('BUY', 59, '23:30')] } },
  ],
];

describe('books that agreed once, but for', () => {
  it.each(KEPT)('%s', async (_, forgery, kept) => {
    expect(await followForged(forgery, forgedOf(kept))).toBe(true);
  });
});
