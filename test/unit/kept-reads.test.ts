import * as fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, test } from 'vitest';
import { executionWindow, londonInstant, sessionsBetween, tradingDayOf } from '../../src/domain/calendar/calendar.js';
import { dateOf, dayNumber } from '../../src/domain/dates.js';
import { momentum } from '../../src/domain/decision/scoring.js';
import {
  depositEntry,
  dividendEntry,
  dividendFromNet,
  fillEntry,
  openingEntry,
  reversalEntry,
  type EntryDraft,
} from '../../src/domain/ledger/entries.js';
import { nextKey } from '../../src/domain/ledger/keys.js';
import { formerOf } from '../../src/domain/ledger/sequence.js';
import { sharesOf } from '../../src/domain/ledger/shares.js';
import { standingEntries, standingOf, sumsOf, unitsBefore, type BookedEntry } from '../../src/domain/ledger/sums.js';
import { adjustedCloses } from '../../src/domain/market/adjusted.js';
import { assessQuality } from '../../src/domain/market/index.js';
import { D, Decimal } from '../../src/domain/money.js';
import { symbolsToExplain } from '../../src/domain/reconciliation/explain.js';
import type { Bar, CorporateAction } from '../../src/domain/types.js';
import { dividend, julyMarket, julyUniverse, policyWith, split } from './quality.fixture.js';

// What was read of a day's bars or a journal is kept and gone on from: it has to be what reading it anew tells.

const SESSIONS = sessionsBetween('2013-05-01', '2013-07-26');
const LOOKBACK = 20;
const policy = policyWith({ data_quality: { lookback_sessions: LOOKBACK } });

/** A bar as it should be, or with what a source may get wrong; null leaves its session out. */
const aBar = fc.oneof(
  {
    weight: 40,
    arbitrary: fc.record({ close: fc.double({ min: 20, max: 26, noNaN: true }), what: fc.constant('sound') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      close: fc.double({ min: 1, max: 90, noNaN: true }),
      what: fc.constantFrom('sound', 'high below low', 'zero', 'again', 'twice', 'none', 'saturday'),
    }),
  },
);

function barsOf(drawn: readonly { close: number; what: string }[]): Bar[] {
  const bars: Bar[] = [];
  for (const [index, { close, what }] of drawn.entries()) {
    const session = SESSIONS[index] as string;
    const text = what === 'zero' ? '0' : close.toFixed(2);
    const [high, low] = what === 'high below low' ? ['1', '2'] : [text, text];
    const bar = { symbol: 'KO', session, open: text, high, low, close: text, volume: '1000', adjClose: null };
    if (what === 'none') continue;
    if (what === 'again') bars.push({ ...(bars.at(-1) ?? bar), session });
    else bars.push(bar);
    if (what === 'twice') bars.push({ ...bar, volume: '7' });
    if (what === 'saturday') bars.push({ ...bar, session: dateOf(dayNumber(session) + 1) });
  }
  return bars;
}

const actions = fc.array(
  fc
    .tuple(fc.constantFrom(...SESSIONS), fc.constantFrom('2', '0.5', '30'), fc.boolean())
    .map(([date, value, isSplit]): CorporateAction => (isSplit ? split : dividend)('KO', date, value)),
  { maxLength: 4 },
);

/** CRSP's method as it reads: every close before an ex-date is multiplied, the newest ex-date first. */
function adjustedPlainly(bars: readonly Bar[], all: readonly CorporateAction[]): number[] {
  const closes = bars.map(({ close }) => Number(close));
  const adjusted = [...closes];
  let factor = 1;
  for (let at = bars.length - 1; at > 0; at--) {
    const [from, to] = [bars[at - 1]?.session ?? '', bars[at]?.session ?? ''];
    const ofDay = all.filter(({ exDate }) => exDate > from && exDate <= to);
    const sum = (kind: string, with_: (a: number, b: number) => number, start: number) =>
      ofDay.filter((one) => one.kind === kind).reduce((so, { value }) => with_(so, Number(value)), start);
    const ratio = sum('SPLIT', (a, b) => a * b, 1);
    const paid = sum('DIVIDEND', (a, b) => a + b, 0);
    const made = 1 / ratio - paid / (closes[at - 1] as number);
    if (ofDay.length > 0) factor *= made > 0 && Number.isFinite(made) ? made : Number.NaN;
    adjusted[at - 1] = (closes[at - 1] as number) * factor;
  }
  return adjusted;
}

test('the gate finds in a window that moves on by a bar a day what it finds in the same bars read for the first time', () => {
  fc.assert(
    fc.property(fc.array(aBar, { minLength: 30, maxLength: SESSIONS.length }), actions, (drawn, told) => {
      const bars = barsOf(drawn);
      for (let day = LOOKBACK - 2; day < drawn.length; day++) {
        const asOfDate = SESSIONS[day] as string;
        const known = bars.filter(({ session }) => session <= asOfDate).slice(-LOOKBACK - 1);
        const market = julyMarket({
          asOfDate,
          histories: [{ symbol: 'KO', bars: known }],
          actions: told,
          faultsExclude: true,
        });
        const judged = (facts: typeof market) => assessQuality(facts, julyUniverse, ['KO'], policy);
        expect(judged(market)).toEqual(judged(structuredClone(market)));
        expect(adjustedCloses(known, told, 'raw')).toEqual(adjustedCloses(structuredClone(known), told, 'raw'));
      }
    }),
    { numRuns: 60 },
  );
});

test('closes are adjusted as the method reads, to the last bit', () => {
  fc.assert(
    fc.property(fc.array(aBar, { minLength: 2, maxLength: 30 }), actions, (drawn, told) => {
      const bars = barsOf(drawn).filter(({ session }, index, all) => session !== all[index - 1]?.session);
      const ordered = told.toSorted((a, b) => (a.exDate < b.exDate ? -1 : a.exDate > b.exDate ? 1 : 0)).toReversed();
      expect(adjustedCloses(bars, told, 'raw')).toEqual(adjustedPlainly(bars, ordered));
    }),
  );
});

test('a score has the ten decimals of its shortest text, half to even', () => {
  const steps = fc.array(fc.double({ min: 0.8, max: 1.25, noNaN: true }), { minLength: 64, maxLength: 64 });
  fc.assert(
    fc.property(steps, fc.constantFrom(1, 1e-6, 1e-9), (drawn, scale) => {
      const closes = drawn.map((step) => 100 * (1 + (step - 1) * scale));
      const change = (sessions: number) => (closes[63] as number) / (closes[63 - sessions] as number) - 1;
      const logs = closes.slice(-21).map((close, index) => Math.log(close / (closes[42 + index] as number)));
      const mean = logs.reduce((sum, one) => sum + one, 0) / 21;
      const volatility = Math.sqrt(logs.reduce((sum, one) => sum + (one - mean) ** 2, 0) / 21);
      const score = 0.2 * change(5) + 0.5 * change(21) + 0.3 * change(63) - 0.3 * volatility;
      const rounded = D(score).toDecimalPlaces(10, Decimal.ROUND_HALF_EVEN);
      expect(momentum(closes)).toBe(rounded.isZero() ? '0.0000000000' : rounded.toFixed(10));
    }),
  );
});

test('instants and UK dates are those of the time zones, in every month', () => {
  const days = fc.integer({ min: dayNumber('1999-01-01'), max: dayNumber('2099-12-31') });
  const time = fc
    .tuple(fc.nat(23), fc.nat(59))
    .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
  fc.assert(
    fc.property(days, time, fc.nat(86_399_999), (day, clock, milliseconds) => {
      const date = dateOf(day);
      const at = (text: string, zone: string) => DateTime.fromISO(`${date}T${text}`, { zone }).toJSDate().toISOString();
      expect(londonInstant(date, clock)).toBe(at(clock, 'Europe/London'));
      const window = executionWindow(date);
      if (window) expect(window.opensAt).toBe(at('09:35', 'America/New_York'));
      const instant = new Date(day * 86_400_000 + milliseconds).toISOString();
      expect(tradingDayOf(instant)).toBe(DateTime.fromISO(instant, { zone: 'Europe/London' }).toISODate());
    }),
    { numRuns: 2_000 },
  );
});

describe('a journal that grows', () => {
  const baseCurrency = 'GBP';
  const date = fc.integer({ min: 0, max: 40 }).map((day) => dateOf(dayNumber('2014-06-02') + day));
  const symbol = fc.constantFrom('AAPL', 'KO');
  const draft: fc.Arbitrary<EntryDraft> = fc.oneof(
    fc
      .tuple(date, symbol, fc.constantFrom('BUY' as const, 'SELL' as const), fc.integer({ min: 1, max: 9 }))
      .map(([on, of, side, units]) =>
        fillEntry({ date: on, baseCurrency, symbol: of, side, units: String(units), value: '10' }),
      ),
    fc
      .tuple(date, symbol)
      .map(([on, of]) =>
        dividendEntry({ date: on, exDate: on, baseCurrency, symbol: of, amounts: dividendFromNet('8.50') }),
      ),
    date.map((on) => depositEntry({ date: on, baseCurrency, amount: '5' })),
  );
  const opening = openingEntry({
    date: '2014-06-02',
    baseCurrency,
    cash: '100',
    positions: { KO: '50' },
  }) as EntryDraft;
  const placed = (one: EntryDraft, entryId: number, reversesEntryId: number | null = null): BookedEntry => ({
    ...one,
    entryId,
    reversesEntryId,
    bookedAt: '2014-06-02T08:00:00.000Z',
    ticketId: null,
    confirmationId: null,
    idempotencyKey: `key:${entryId % 5}`,
    operator: 'ann',
  });

  test('tells of its units, entries and keys what the same journal tells that was read at once', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(draft, fc.nat(9)), { maxLength: 14 }), date, (drawn, on) => {
        const journal: BookedEntry[] = [placed(opening, 1)];
        for (const [one, takesBack] of drawn) {
          const taken = takesBack === 0 ? journal.at(-1) : undefined;
          const id = journal.length + 1;
          journal.push(
            taken && taken.kind !== 'REVERSAL' && taken.kind !== 'OPENING'
              ? placed(reversalEntry(taken, 'a slip'), id, taken.entryId)
              : placed(one, id),
          );
          const anew = [...journal];
          for (const of of ['AAPL', 'KO']) {
            const standing = standingEntries(anew).filter(({ effectiveDate }) => effectiveDate < on);
            const plain = sumsOf(on <= '2014-06-02' ? [journal[0] as BookedEntry] : standing, 'Assets:Units').get(of);
            expect(unitsBefore(journal, of, on).toString()).toBe((plain ?? D(0)).toString());
            const all = sumsOf(standingEntries(anew), 'Assets:Units').get(of) ?? D(0);
            expect(sharesOf(journal, of, []).units.toString()).toBe(all.toString());
          }
          expect(standingOf(journal, 'FILL')).toEqual(standingEntries(anew).filter(({ kind }) => kind === 'FILL'));
          expect(nextKey(journal, 'key:3')).toBe(nextKey(anew, 'key:3'));
          expect(symbolsToExplain({ GONE: '1' }, journal)).toEqual(symbolsToExplain({ GONE: '1' }, anew));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('knows the former name of shares that were renamed after it was read', () => {
    const journal = [placed(opening, 1)];
    expect(formerOf(journal, 'COKE')).toEqual([]);
    const posting = (commodity: string, amount: string) => ({ account: 'Assets:Units' as const, commodity, amount });
    const renamed = {
      kind: 'RENAME' as const,
      effectiveDate: '2014-06-05',
      symbol: 'KO',
      description: 'KO is COKE',
      postings: [posting('KO', '-50'), posting('COKE', '50')],
    };
    journal.push(placed({ ...opening, ...renamed }, 2));
    expect(formerOf(journal, 'COKE')).toEqual([{ symbol: 'KO', until: '2014-06-05' }]);
    journal.push(placed(reversalEntry({ ...opening, ...renamed }, 'a slip'), 3, 2));
    expect(formerOf(journal, 'COKE')).toEqual([]);
  });
});
