import type { Mutant } from './instrument.js';
import type { Line } from './plan.js';

export type Fate = 'noticed' | 'survived' | 'not reached';

/** A survivor that is accepted, named by what is written there: lines move and break elsewhere. */
export interface Accepted {
  file: string;
  code: string;
  change: string;
  original: string;
  reason: string;
}

export interface Judged extends Mutant {
  fate: Fate;
  /** Why a survivor is accepted; null when it was noticed, or when nobody has said why. */
  reason: string | null;
}

/** What became of each mutant. */
export function judge(mutants: readonly Mutant[], lines: readonly Line[], accepted: readonly Accepted[]): Judged[] {
  const noticed = new Set(lines.flatMap((line) => (line.kind === 'noticed' ? [line.mutant] : [])));
  const reached = new Set(lines.flatMap((line) => (line.kind === 'reached' ? line.mutants : [])));
  return mutants.map((mutant) => {
    const fate: Fate = noticed.has(mutant.id) ? 'noticed' : reached.has(mutant.id) ? 'survived' : 'not reached';
    return {
      ...mutant,
      fate,
      reason: fate === 'noticed' ? null : (accepted.find((one) => names(one, mutant))?.reason ?? null),
    };
  });
}

const names = (one: Accepted, mutant: Mutant): boolean =>
  one.file === mutant.file &&
  one.code === mutant.code &&
  one.change === mutant.change &&
  one.original === mutant.original;

/** Entries of the accepted list that name nothing that survived: what they excused is gone, or is noticed by now. */
export const needless = (accepted: readonly Accepted[], judged: readonly Judged[]): Accepted[] =>
  accepted.filter((one) => !judged.some((mutant) => mutant.fate !== 'noticed' && names(one, mutant)));

export interface Score {
  name: string;
  mutants: number;
  noticed: number;
  accepted: number;
  /** Of all mutants, accepted survivors counted as not noticed. */
  percent: number;
}

/** One score a group, groups by name. Nothing to try is nothing missed. */
export function scores(judged: readonly Judged[], groupOf: (mutant: Mutant) => string): Score[] {
  const names = [...new Set(judged.map(groupOf))].toSorted();
  return names.map((name) =>
    score(
      name,
      judged.filter((mutant) => groupOf(mutant) === name),
    ),
  );
}

export function score(name: string, judged: readonly Judged[]): Score {
  const noticed = judged.filter(({ fate }) => fate === 'noticed').length;
  const accepted = judged.filter(({ reason }) => reason !== null).length;
  return {
    name,
    mutants: judged.length,
    noticed,
    accepted,
    percent: judged.length === 0 ? 100 : (100 * noticed) / judged.length,
  };
}

/** A choice of the mutants, the same for the same seed, in their order. */
export function sampled<T>(all: readonly T[], count: number, seed: number): T[] {
  const random = mulberry(seed);
  const drawn = all
    .map((item, index) => ({ item, index, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .slice(0, count);
  return drawn.toSorted((a, b) => a.index - b.index).map(({ item }) => item);
}

/** A small generator of even numbers in [0, 1): 32 bits of state, advanced by a constant and mixed by multiplications. */
function mulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
