/** Whole pennies between `low` and `high`: of something that adds so much to a sum, both are above zero. */
export interface Part {
  low: bigint;
  high: bigint;
}

/** What a search may still use up; it is shared by all searches of one explanation. */
export interface Budget {
  /** Each is a matter of a microsecond. */
  steps: number;
}

/** What a search found. */
export interface Found<T> {
  sets: T[][];
  /** Whether it looked everywhere: one that was cut off proves nothing about what it did not find. */
  complete: boolean;
}

/** So many sets that fit alike are as good as all of them: nobody could tell which it was. */
const SETS_MAX = 60;

/**
 * Sets of `size` parts that may add up to the target: the sum of their lows is at most its high, that of their highs at
 * least its low. It ends after `budget.steps` steps, and wants n^(size-1) of them at worst.
 * @param parts the largest `high` first.
 */
export function setsOf<T extends Part>(parts: readonly T[], size: number, target: Part, budget: Budget): Found<T> {
  const sets: T[][] = [];
  const highs = runningSums(parts);
  const widest = parts.reduce((most, { low, high }) => (high - low > most ? high - low : most), 0n);
  let complete = true;
  const walk = (from: number, chosen: T[], low: bigint, high: bigint): void => {
    const missing = size - chosen.length;
    // What is larger than this is too large whatever its low is.
    const start = missing === 1 ? firstUpTo(parts, from, target.high - low + widest) : from;
    for (let at = start; complete && at + missing <= parts.length; at++) {
      // The next so many are the largest that are left: where they do not reach the target, nothing behind them does.
      if (high + (highs[at + missing] ?? 0n) - (highs[at] ?? 0n) < target.low) return;
      if (budget.steps-- <= 0 || sets.length >= SETS_MAX) {
        complete = false;
        return;
      }
      const part = parts[at] as T;
      if (low + part.low > target.high) continue;
      if (missing === 1) sets.push([...chosen, part]);
      else walk(at + 1, [...chosen, part], low + part.low, high + part.high);
    }
  };
  walk(0, [], 0n, 0n);
  return { sets, complete };
}

/** The first from a place on whose `high` is not above the limit, in a descending list. */
function firstUpTo(parts: readonly Part[], from: number, limit: bigint): number {
  let [first, behind] = [from, parts.length];
  while (first < behind) {
    const middle = (first + behind) >> 1;
    if ((parts[middle]?.high ?? 0n) > limit) first = middle + 1;
    else behind = middle;
  }
  return first;
}

/** Sums of the first so many highs. */
const runningSums = (parts: readonly Part[]): bigint[] => {
  const sums = [0n];
  for (const { high } of parts) sums.push((sums.at(-1) ?? 0n) + high);
  return sums;
};
