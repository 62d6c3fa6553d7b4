import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { sessionsBetween } from '../../src/domain/calendar/calendar.js';
import type { IsoDate } from '../../src/domain/types.js';
import { SYMBOLS_OF_2014, BENCHMARK_OF_2014 } from '../../test/support/market-2014.js';
import type { DataFault, Fault, Forgery, Line, Part, PlannedFault, Step } from './kinds.js';

/** Trading days that an account lives: a new database, a new ledger and a new worker, then so many sessions. */
export const DAYS_A_LIFE = 20;
/** Sessions of which the prices of test/fixtures/market-2014 know enough of before: scores need 64. */
const [FIRST, LAST] = ['2014-03-19', '2014-06-13'];
const SESSIONS = sessionsBetween(FIRST, LAST);

/** What of an account's life is drawn from the seed. */
export interface Life {
  /** From 0. */
  number: number;
  sessions: IsoDate[];
  /** Where its prices come from: files, or a provider over HTTP. */
  provider: 'csv' | 'tiingo';
  /** Number in the whole run of its first day. */
  firstDay: number;
  faults: PlannedFault[];
}

/** The life in which a day of the run falls. */
export const lifeOfDay = (day: number): number => Math.floor((day - 1) / DAYS_A_LIFE);

/** Plans one life of a run: the same for the same seed and number, whatever else runs. @param kinds all when left out */
export function planLife(seed: number, number: number, kinds?: ReadonlySet<string>): Life {
  const firstDay = number * DAYS_A_LIFE + 1;
  const [drawn] = fc.sample(fc.noBias(life(kinds)), { seed: seedOf(seed, number), numRuns: 1 });
  const { start, provider, days } = drawn as Drawn;
  return {
    number,
    firstDay,
    provider,
    sessions: SESSIONS.slice(start, start + DAYS_A_LIFE),
    faults: days.flatMap((faults, day) =>
      withoutContradictions(faults).map((fault, index) => ({
        id: `${firstDay + day}.${index + 1}`,
        day: firstDay + day,
        fault,
      })),
    ),
  };
}

function seedOf(seed: number, number: number): number {
  return createHash('sha256').update(`${seed}/${number}`).digest().readInt32BE(0);
}

/** Of what a day cannot have twice the first counts; a day on which nothing is up has nothing else. */
function withoutContradictions(faults: Fault[]): Fault[] {
  const away = faults.find(({ kind }) => kind === 'away');
  if (away) return [away];
  const known = new Set<string>();
  return faults.filter((fault) => {
    const about = aboutOf(fault);
    return about === null || (!known.has(about) && known.add(about));
  });
}

function aboutOf(fault: Fault): string | null {
  if (fault.kind === 'data') return `data ${fault.symbol}`;
  if (fault.kind === 'late' || fault.kind === 'missed') return `slot ${fault.slot}`;
  return fault.kind === 'forged' ? null : fault.kind;
}

const step = fc.constantFrom<Step>('morning', 'reconcile', 'afternoon', 'confirm');
const part = fc.constantFrom<Part>('worker', 'temporal', 'postgres');
const parts = fc.uniqueArray(part, { minLength: 1, maxLength: 3 });
const slot = fc.constantFrom<'0800' | '1400'>('0800', '1400');
const afterMs = fc.integer({ min: 0, max: 250 });
const line = fc.constantFrom<Line>('postgres', 'temporal', 'provider');

const DATA: readonly DataFault[] = [
  'gone',
  'empty',
  'header only',
  'html',
  'limit text',
  'newest row missing',
  'cut in a line',
  'row twice',
  'row of the future',
  'columns swapped',
  'price zero',
  'high below low',
  'ten times the price',
  'newest row repeated',
  'old close changed',
];
const FORGERIES: readonly Forgery[] = [
  'unsigned',
  'changed after it was signed',
  'not an object',
  'deep nonsense',
  'unknown operator',
  'unknown ticket',
  'ticket of yesterday',
  'no fills',
  'wrong side',
  'wrong symbol',
  'more than ordered',
  'negative units',
  'not a number',
  'too large a number',
  'comma for a point',
  'forty decimals',
  'line twice',
  'filled in the future',
  'snapshot of tomorrow',
  'negative cash',
];

const forMs = fc.integer({ min: 100, max: 2_500 });
const always = <T>(value: T) => fc.constant(value);
const message = fc.constantFrom<'reconcile' | 'confirm'>('reconcile', 'confirm');
const fault = (kind: Fault['kind'], fields: object): fc.Arbitrary<Fault> =>
  fc.record({ kind: always(kind), ...fields } as never) as unknown as fc.Arbitrary<Fault>;

/**
 * How often each kind is drawn, beside the others: what takes seconds is rare, or days would not come by the thousand.
 */
const KINDS: Record<Fault['kind'], { weight: number; arbitrary: fc.Arbitrary<Fault> }> = {
  data: {
    weight: 60,
    arbitrary: fault('data', {
      symbol: fc.constantFrom(...SYMBOLS_OF_2014, BENCHMARK_OF_2014, 'GBPUSD_ecb'),
      what: fc.constantFrom(...DATA),
    }),
  },
  provider: {
    weight: 25,
    arbitrary: fault('provider', {
      step: always('morning'),
      what: fc.constantFrom('403', '429', '500', 'html', 'redirect', 'reset', 'half an answer', 'silence'),
      requests: fc.integer({ min: 1, max: 9 }),
    }),
  },
  doubled: { weight: 50, arbitrary: fault('doubled', { step, times: fc.integer({ min: 2, max: 8 }) }) },
  repeated: { weight: 30, arbitrary: fault('repeated', { step }) },
  signalled: {
    weight: 30,
    arbitrary: fault('signalled', { step: message, when: fc.constantFrom('before', 'after') }),
  },
  early: {
    weight: 20,
    arbitrary: fc.oneof(
      fault('early', { ask: always('afternoon'), step: fc.constantFrom('morning', 'reconcile') }),
      fault('early', { ask: always('reconcile'), step: fc.constantFrom('morning', 'confirm') }),
    ),
  },
  clock: {
    weight: 12,
    arbitrary: fault('clock', { step, minutes: fc.constantFrom(-1440, -60, 60, 1440) }),
  },
  forged: {
    weight: 70,
    arbitrary: fault('forged', {
      step: message,
      what: fc.constantFrom(...FORGERIES),
      by: fc.constantFrom('update', 'signal'),
    }),
  },
  'snapshot amended': {
    weight: 15,
    arbitrary: fault('snapshot amended', {
      step: always('afternoon'),
      cash: fc.constantFrom('same', 'other'),
      afterMs,
    }),
  },
  amended: { weight: 20, arbitrary: fault('amended', { step: fc.constantFrom('afternoon', 'confirm'), afterMs }) },
  'policy edited': {
    weight: 15,
    arbitrary: fault('policy edited', {
      step,
      what: fc.constantFrom('comment', 'slippage', 'broken', 'gone'),
      afterMs: fc.integer({ min: 0, max: 60 }),
    }),
  },
  killed: {
    weight: 6,
    arbitrary: fault('killed', { parts, step, afterMs, downMs: fc.integer({ min: 0, max: 1_500 }) }),
  },
  frozen: {
    weight: 6,
    arbitrary: fault('frozen', {
      part,
      step,
      afterMs,
      // Past the heartbeat of six seconds a second attempt begins while the first is still alive.
      forMs: fc.oneof(
        { weight: 3, arbitrary: forMs },
        { weight: 1, arbitrary: fc.integer({ min: 6_500, max: 9_000 }) },
      ),
    }),
  },
  cut: { weight: 12, arbitrary: fault('cut', { line, step, afterMs, forMs }) },
  blackhole: {
    weight: 8,
    arbitrary: fault('blackhole', { line, step, afterMs, forMs, ends: fc.constantFrom('resumes', 'resets') }),
  },
  'disk full': {
    weight: 4,
    arbitrary: fault('disk full', { disk: fc.constantFrom('files', 'database'), step, afterMs, forMs }),
  },
  'no files': { weight: 5, arbitrary: fault('no files', { step, afterMs, forMs }) },
  late: {
    weight: 3,
    arbitrary: fault('late', { parts, slot, minutes: fc.constantFrom(1, 30, 300) }),
  },
  missed: { weight: 6, arbitrary: fault('missed', { slot }) },
  away: { weight: 2, arbitrary: fault('away', {}) },
  'second version': { weight: 1, arbitrary: fault('second version', {}) },
};

/** Every kind there is, for `--kinds`. */
export const ALL_KINDS = Object.keys(KINDS);

interface Drawn extends Pick<Life, 'provider'> {
  start: number;
  days: Fault[][];
}

function life(kinds: ReadonlySet<string> | undefined): fc.Arbitrary<Drawn> {
  const wanted = Object.entries(KINDS)
    .filter(([kind]) => kinds === undefined || kinds.has(kind))
    .map(([, one]) => one);
  const count = fc.oneof(
    { weight: 2, arbitrary: fc.constant(0) },
    { weight: 5, arbitrary: fc.constant(1) },
    { weight: 4, arbitrary: fc.constant(2) },
    { weight: 2, arbitrary: fc.constant(3) },
    { weight: 1, arbitrary: fc.constant(5) },
  );
  const day = count.chain((many) => fc.array(fc.oneof(...wanted), { minLength: many, maxLength: many }));
  return fc.record({
    provider: fc.constantFrom('csv' as const, 'tiingo' as const),
    start: fc.integer({ min: 0, max: SESSIONS.length - DAYS_A_LIFE }),
    days: fc.array(day, { minLength: DAYS_A_LIFE, maxLength: DAYS_A_LIFE }),
  });
}
