/** Something that adds between `low` and `high` whole pennies to a sum, both above zero. */
export interface Part {
  low: bigint;
  high: bigint;
}

/** So many steps are a matter of milliseconds; what a search has not found by then it does not find. */
export const STEPS_MAX = 20_000;

/**
 * Sets of `size` parts that may add up to the target: the sum of their lows is at most it, that of their highs at
 * least, but for `over`.
 * @param parts the largest `high` first.
 * @param budget steps that are left; each call takes from it, and finds nothing more once it is used up.
 */
export function setsOf<T extends Part>(
  parts: readonly T[],
  size: number,
  target: bigint,
  budget: { steps: number },
  over = 0n,
): T[][] {
  const found: T[][] = [];
  const highs = runningSums(parts);
  const walk = (from: number, chosen: T[], low: bigint, high: bigint): void => {
    if (low > target + over) return;
    const missing = size - chosen.length;
    if (missing === 0) {
      if (high >= target - over) found.push(chosen);
      return;
    }
    for (let at = from; at + missing <= parts.length; at++) {
      // The next so many are the largest that are left: where they do not reach the target, nothing behind them does.
      if (high + (highs[at + missing] ?? 0n) - (highs[at] ?? 0n) < target - over) return;
      if (budget.steps-- <= 0) return;
      const part = parts[at] as T;
      walk(at + 1, [...chosen, part], low + part.low, high + part.high);
    }
  };
  walk(0, [], 0n, 0n);
  return found;
}

/** Sums of the first so many highs. */
const runningSums = (parts: readonly Part[]): bigint[] =>
  parts.reduce<bigint[]>((sums, { high }) => [...sums, (sums.at(-1) ?? 0n) + high], [0n]);
