import fc from 'fast-check';
import type { IsoDate } from '../../src/domain/types.js';
import { startWorkerProcess, type PrivateStack, type WorkerProcess } from './stack.js';

export type Part = 'worker' | 'postgres' | 'temporal';
/** What an operator's day consists of, in the order of the day. */
export type Step = 'morning' | 'reconcile' | 'afternoon' | 'confirm' | 'watch';

/**
 * What happens to a day. `blip`: parts die while a step is under way, and come back. `late` and `lost`: parts are down
 * over a slot, which is then run late by hand or not at all. `down`: nothing is up for so many days.
 */
export type Fate =
  | { kind: 'calm' }
  | { kind: 'blip'; parts: Part[]; step: Exclude<Step, 'watch'>; afterMs: number }
  | { kind: 'late' | 'lost'; parts: Part[]; slot: '0800' | '1400' }
  | { kind: 'down'; days: number };

const parts = fc.uniqueArray(fc.constantFrom<Part>('worker', 'postgres', 'temporal'), { minLength: 1, maxLength: 3 });
const slot = fc.constantFrom('0800' as const, '1400' as const);
const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 12, arbitrary: fc.constant({ kind: 'calm' as const }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('blip' as const),
      parts,
      step: fc.constantFrom('morning' as const, 'reconcile' as const, 'afternoon' as const, 'confirm' as const),
      afterMs: fc.integer({ min: 0, max: 300 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('late' as const), parts, slot }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lost' as const), parts, slot }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('down' as const), days: fc.integer({ min: 1, max: 3 }) }) },
);

/** The same fates for the same seed: one a day, an outage of several days taking as many. */
export function fatesOf(seed: number, days: readonly IsoDate[]): Map<IsoDate, Fate> {
  const drawn = fc.sample(fate, { seed, numRuns: days.length });
  const fates = new Map<IsoDate, Fate>();
  for (let day = 0; day < days.length;) {
    const one = drawn[day] ?? { kind: 'calm' };
    const lasts = one.kind === 'down' ? one.days : 1;
    for (const date of days.slice(day, day + lasts)) fates.set(date, one);
    day += lasts;
  }
  return fates;
}

/** The three parts of an installation, killed (SIGKILL; Postgres as by `pg_ctl stop -m immediate`) and started again. */
export class Outages {
  private worker: WorkerProcess | null = null;
  private readonly down = new Set<Part>(['worker']);
  private tell: (lost: Error) => void = () => undefined;
  /** Fails when the worker ends though nobody killed it: whoever waits for it would wait for ever. */
  readonly lost = new Promise<never>((_, reject) => (this.tell = reject));

  constructor(private readonly stack: PrivateStack) {
    this.lost.catch(() => undefined);
  }

  async kill(which: readonly Part[]): Promise<void> {
    await Promise.all(
      which
        .filter((part) => !this.down.has(part))
        .map(async (part) => {
          this.down.add(part);
          if (part === 'postgres') await this.stack.killPostgres('SIGQUIT');
          if (part === 'temporal') await this.stack.killTemporal();
          if (part === 'worker') await this.worker?.kill();
        }),
    );
  }

  /** Whether anything is down. */
  get isDown(): boolean {
    return this.down.size > 0;
  }

  /** Starts what was killed. */
  async start(): Promise<void> {
    if (this.down.has('postgres') || this.down.has('temporal')) await this.stack.restart();
    if (this.down.has('worker')) this.worker = this.watched(await startWorkerProcess(this.stack));
    this.down.clear();
  }

  private watched(worker: WorkerProcess): WorkerProcess {
    void worker.exited.then((code) => {
      if (this.worker === worker && !this.down.has('worker'))
        this.tell(new Error(`the worker ended by itself (exit ${code}):\n${worker.log().slice(-4_000)}`));
    });
    return worker;
  }
}

/** The slots that a fate swallows, as they are recorded: `2014-04-01/0800`. */
export function slotsLost(fates: ReadonlyMap<IsoDate, Fate>): string[] {
  return [...fates].flatMap(([day, one]) => {
    if (one.kind === 'down') return [`${day}/0800`, `${day}/1400`];
    return one.kind === 'lost' ? [`${day}/${one.slot}`] : [];
  });
}

/** The slots that run late, by hand. */
export const slotsLate = (fates: ReadonlyMap<IsoDate, Fate>): string[] =>
  [...fates].flatMap(([day, one]) => (one.kind === 'late' ? [`${day}/${one.slot}`] : []));
