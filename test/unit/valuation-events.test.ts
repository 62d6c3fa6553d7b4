import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  baselinePositionEntry,
  openingEntry,
  reversalEntry,
  splitEntry,
  type EntryDraft,
} from '../../src/domain/ledger/entries.js';
import { nextEquityIndex } from '../../src/domain/ledger/equity.js';
import { flowsOf } from '../../src/domain/ledger/flows.js';
import { renameEntry } from '../../src/domain/ledger/reorganisations.js';
import { sharesOf, unitFlow, type ShareSplit } from '../../src/domain/ledger/shares.js';
import { ledgerSums, unitsTakingPart, type BookedEntry } from '../../src/domain/ledger/sums.js';
import { NO_QUOTES, worthOf } from '../../src/domain/ledger/worth.js';
import { D, toText, type Decimal } from '../../src/domain/money.js';
import { booked } from './ledger.fixture.js';

const DAYS = 12;
const dayOf = (day: number) => `2020-09-${String(day + 1).padStart(2, '0')}`;
const OPENED = '2020-08-31';
const FX = '1.3075';
const SEED = 20_200_831;

/**
 * What happens to the first holding on a day, and when it is booked: a split may be booked late or never, a rename
 * late.
 */
type Event =
  | { kind: 'split'; exDay: number; ratio: Decimal; bookedDay: number | null }
  | { kind: 'rename'; exDay: number; bookedDay: number };

interface World {
  units: string[];
  /** Price of each holding on each day as if nothing ever happened, in dollars. */
  prices: string[][];
  cash: string;
}

/**
 * What a source's closes are: as quoted on their days; or adjusted, and restated whole once a day is known that a
 * split stands before. Looked at so many days late, an adjusted close shows splits of after its own day.
 */
interface Source {
  basis: 'raw' | 'split';
  daysLate: number;
}
const RAW: Source = { basis: 'raw', daysLate: 0 };

/** The index on each day that has one, with these events. */
function indexes({ units, prices, cash }: World, events: readonly Event[], source = RAW): Map<number, string> {
  const names = units.map((_, holding) => `S${holding}`);
  const positions = Object.fromEntries(names.map((name, holding) => [name, units[holding] as string]));
  const drafts: EntryDraft[] = [openingEntry({ date: OPENED, baseCurrency: 'GBP', cash, positions }) as EntryDraft];
  const found = new Map<number, string>();
  let previous: { equity: string; equityIndex: string; peakIndex: string; lastEntryId: number } | null = null;
  for (let day = 0; day < DAYS; day++) {
    book(drafts, events, day);
    const entries = booked(drafts);
    const worth = worthOn(entries, { names, prices, events, day, previous, source });
    if (worth === null) continue;
    const { index, peak } = nextEquityIndex(previous, worth.equity, worth.netFlows);
    previous = { equity: worth.equity, equityIndex: index, peakIndex: peak, lastEntryId: entries.length };
    found.set(day, index);
  }
  return found;
}

/** What the first holding is called on a day, before what happens on it. */
const nameOn = (events: readonly Event[], day: number): string =>
  events.some(({ kind, exDay }) => kind === 'rename' && exDay < day) ? 'NEW' : 'S0';

/** What the operator books before the valuation of a day. */
function book(drafts: EntryDraft[], events: readonly Event[], day: number): void {
  for (const event of events.filter(({ bookedDay }) => bookedDay === day)) {
    const [date, symbol] = [dayOf(event.exDay), nameOn(events, event.exDay)];
    const held = toText(unitsTakingPart(booked(drafts), symbol, date, null));
    const draft =
      event.kind === 'split'
        ? splitEntry({ exDate: date, symbol, units: held, ratio: toText(event.ratio) })
        : renameEntry({ date, baseCurrency: 'GBP', symbol: 'S0', to: 'NEW', units: held });
    if (draft) drafts.push(draft);
  }
}

interface Looked {
  names: string[];
  prices: string[][];
  events: readonly Event[];
  day: number;
  previous: { lastEntryId: number } | null;
  source: Source;
}

function worthOn(entries: BookedEntry[], { names, prices, events, day, previous, source }: Looked) {
  const renamed = events.find(({ kind, exDay }) => kind === 'rename' && exDay > day)?.exDay ?? Infinity;
  // The series of a name ends with it.
  const shownTo = source.basis === 'raw' ? day : Math.min(day + source.daysLate, renamed - 1);
  const told = events.filter(({ exDay }) => exDay <= shownTo);
  const splits: ShareSplit[] = told.flatMap((event) =>
    event.kind === 'split'
      ? [{ symbol: nameOn(events, event.exDay), exDate: dayOf(event.exDay), ratio: toText(event.ratio) }]
      : [],
  );
  const factor = splits.reduce((product, { ratio }) => product.times(ratio), D(1));
  const isRenamed = events.some(({ kind, exDay }) => kind === 'rename' && exDay <= day);
  const quotes = new Map(
    names.map((name, holding) => {
      const price = D(prices[holding]?.[day] as string).div(holding === 0 ? factor : D(1));
      const quote = { price: toText(price), currency: 'USD', fx: FX, date: dayOf(day), splitsTo: dayOf(shownTo) };
      return [holding === 0 && isRenamed ? 'NEW' : name, quote];
    }),
  );
  const sums = ledgerSums(entries, 'GBP');
  const since = entries.filter(({ entryId }) => previous !== null && entryId > previous.lastEntryId);
  const flows = flowsOf(since.map((entry) => ({ ...entry, reversedKind: null })));
  const held = Object.keys(sums.units);
  const ledger = { ...sums, lastEntryId: entries.length, lastBookedAt: null };
  const gone = Object.keys(flows.units).filter((symbol) => !held.includes(symbol));
  const books = { base: 'GBP', ledger, previous, flows, held, gone, splits, entries };
  const worth = worthOf(books, { ...NO_QUOTES, today: quotes });
  return 'missing' in worth ? null : worth;
}

const unitsText = fc
  .integer({ min: 100_000, max: 2_000_000_000 })
  .map((millionths) => toText(D(millionths).div(1_000_000)));
/** A price path of moves of up to a fifth a day, either way. */
const path = fc
  .record({
    first: fc.integer({ min: 500, max: 90_000 }),
    moves: fc.array(fc.integer({ min: 80, max: 120 }), { minLength: DAYS - 1, maxLength: DAYS - 1 }),
  })
  .map(({ first, moves }) => {
    const prices = [D(first).div(100)];
    for (const move of moves) prices.push((prices.at(-1) as Decimal).times(move).div(100).toDecimalPlaces(4));
    return prices.map(toText);
  });
const world: fc.Arbitrary<World> = fc.integer({ min: 1, max: 4 }).chain((holdings) =>
  fc.record({
    units: fc.array(unitsText, { minLength: holdings, maxLength: holdings }),
    prices: fc.array(path, { minLength: holdings, maxLength: holdings }),
    cash: fc.integer({ min: 0, max: 5_000_000 }).map((pennies) => toText(D(pennies).div(100))),
  }),
);
const source: fc.Arbitrary<Source> = fc.oneof(
  fc.constant(RAW),
  fc.record({ basis: fc.constant('split' as const), daysLate: fc.integer({ min: 0, max: 3 }) }),
);
/** New for old: 2 to 20 for 1, 3 for 2, and 1 for 2 to 30. */
const ratio = fc.oneof(
  fc.integer({ min: 2, max: 20 }).map((one) => D(one)),
  fc.constantFrom(D('1.5'), D('1.25')),
  fc.integer({ min: 2, max: 30 }).map((one) => D(1).div(one)),
);
const split: fc.Arbitrary<Event & { kind: 'split' }> = fc
  .record({ exDay: fc.integer({ min: 1, max: DAYS - 2 }), ratio, wait: fc.option(fc.integer({ min: 1, max: 4 })) })
  .map(({ exDay, wait, ...event }) => ({
    kind: 'split',
    exDay,
    ...event,
    bookedDay: wait === null ? null : exDay + wait,
  }));
const rename: fc.Arbitrary<Event & { kind: 'rename' }> = fc
  .record({ exDay: fc.integer({ min: 1, max: DAYS - 4 }), wait: fc.integer({ min: 0, max: 3 }) })
  .map(({ exDay, wait }) => ({ kind: 'rename', exDay, bookedDay: exDay + wait }));

/**
 * In the order in which they happened, each booked not before the one that happened before it: the only order in which
 * they can be. What comes after one that is never booked is not booked either, but for the rename, which the prices
 * need.
 */
function inTurn(events: Event[]): Event[] {
  const inOrder = events.toSorted((a, b) => a.exDay - b.exDay || (a.kind === 'split' ? 1 : -1));
  let booked: number | null = 0;
  let isRenamed = false;
  return inOrder.map((event): Event => {
    if (event.kind === 'rename') {
      isRenamed = true;
      booked = Math.max(event.bookedDay, booked ?? 0);
      return { ...event, bookedDay: booked };
    }
    const later = inOrder.some((other) => other.kind === 'rename' && other.exDay >= event.exDay);
    // A split of before the rename that is not booked by then can no longer be.
    const late = later && !isRenamed && (event.bookedDay ?? Infinity) > renamedOn(inOrder);
    if (booked === null || event.bookedDay === null || late) {
      if (!later) booked = null;
      return { ...event, bookedDay: null };
    }
    booked = Math.max(event.bookedDay, booked);
    return { ...event, bookedDay: booked };
  });
}

const renamedOn = (events: readonly Event[]): number =>
  Math.max(...events.map((event) => (event.kind === 'rename' ? event.bookedDay : 0)));

const splits: fc.Arbitrary<Event[]> = fc
  .uniqueArray(split, { minLength: 1, maxLength: 3, selector: ({ exDay }) => exDay })
  .map(inTurn);
const renameAndSplits: fc.Arbitrary<Event[]> = fc
  .tuple(rename, fc.uniqueArray(split, { maxLength: 2, selector: ({ exDay }) => exDay }))
  .map(([first, others]) => inTurn([first, ...others]));

const apart = (with_: Map<number, string>, without: Map<number, string>): number =>
  Math.max(
    ...[...with_].map(([day, index]) =>
      D(index)
        .minus(D(without.get(day) ?? '0'))
        .abs()
        .toNumber(),
    ),
  );

describe('what a company does to a holding moves no index', () => {
  it('splits and reverse splits of one symbol, one or several, booked on any day or never, of either basis', () => {
    fc.assert(
      fc.property(world, splits, source, (of, events, from) => {
        const [with_, without] = [indexes(of, events, from), indexes(of, [])];
        expect(with_.size).toBe(DAYS);
        expect(apart(with_, without)).toBeLessThan(1e-9);
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  it('a rename with splits before, on and after its day: without a price there is no value, then the index goes on', () => {
    fc.assert(
      fc.property(world, renameAndSplits, source, (of, events, from) => {
        const [with_, without] = [indexes(of, events, from), indexes(of, [])];
        const renamed = events.find(({ kind }) => kind === 'rename') as Event & { kind: 'rename' };
        expect(with_.size).toBe(DAYS - (Math.min(renamed.bookedDay, DAYS) - renamed.exDay));
        expect(apart(with_, without)).toBeLessThan(1e-9);
      }),
      { seed: SEED, numRuns: 200 },
    );
  });
});

describe('units in the shares of the prices', () => {
  const SPLIT = { symbol: 'S0', exDate: '2020-09-03', ratio: '5' };
  const opened = openingEntry({ date: OPENED, baseCurrency: 'GBP', cash: '0', positions: { S0: '5' } }) as EntryDraft;
  const entry = (units: string, kind: 'BASELINE' | 'FILL', effectiveDate: string): EntryDraft => ({
    ...baselinePositionEntry({
      date: effectiveDate,
      baseCurrency: 'GBP',
      symbol: 'S0',
      units,
      cost: null,
      description: '',
    }),
    kind,
  });
  const bookedSplit = splitEntry({ ...SPLIT, units: '5' }) as EntryDraft;
  const shares = (drafts: Parameters<typeof booked>[0], splits = [SPLIT]) =>
    toText(sharesOf(booked(drafts), 'S0', splits).units);

  it('count a split once, booked or not, and again after its booking was taken back', () => {
    expect(shares([opened])).toBe('25');
    expect(shares([opened], [])).toBe('5');
    expect(shares([opened, bookedSplit])).toBe('25');
    expect(shares([opened, bookedSplit], [])).toBe('25');
    expect(shares([opened, bookedSplit, { ...reversalEntry(bookedSplit, 'wrong'), reverses: 2 }])).toBe('25');
  });

  it('leave alone what was bought after it, and multiply what was bought before it', () => {
    expect(shares([opened, entry('2', 'FILL', '2020-09-03')])).toBe('27');
    expect(shares([opened, entry('2', 'FILL', '2020-09-02')])).toBe('35');
  });

  it('take a baseline for what the broker shows: the split is in it, and it is no flow', () => {
    const drafts = [opened, entry('20', 'BASELINE', '2020-09-04')];
    expect(shares(drafts)).toBe('25');
    expect(toText(unitFlow(booked(drafts), 'S0', [SPLIT], { afterEntryId: 1 }))).toBe('0');
    const more = [opened, entry('21', 'BASELINE', '2020-09-04')];
    expect(toText(unitFlow(booked(more), 'S0', [SPLIT], { afterEntryId: 1 }))).toBe('1');
    const before = [opened, entry('1', 'BASELINE', '2020-09-02')];
    expect(shares(before)).toBe('30');
    expect(toText(unitFlow(booked(before), 'S0', [SPLIT], { afterEntryId: 1 }))).toBe('5');
  });

  it('keep what was booked where it fits no ratio', () => {
    const odd = {
      ...bookedSplit,
      postings: bookedSplit.postings.map((one) => ({ ...one, amount: one.amount.startsWith('-') ? '-0.7' : '0.7' })),
    };
    expect(shares([opened, odd], [])).toBe('5.7');
  });
});
