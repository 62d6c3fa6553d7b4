/** The value that so many of the numbers are at or below; `share` from 0 to 1, interpolated between neighbours. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  if (below === undefined || above === undefined) throw new RangeError('no numbers to take a quantile of');
  return below + (above - below) * (place - Math.floor(place));
}

export const median = (numbers: readonly number[]): number => quantile(numbers, 0.5);

/** One measurement of ours and the one of the comparison that was taken right beside it, milliseconds. */
export interface Pair {
  ours: number;
  other: number;
}

/**
 * The median of the ratios, not the ratio of the medians: what else the machine does meanwhile slows both halves of a
 * pair alike and falls out.
 */
export const medianRatio = (pairs: readonly Pair[]): number => median(pairs.map(({ ours, other }) => ours / other));

/** Milliseconds that the work took. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/**
 * Measures two works in turns: a warm-up of each, then so many pairs, the first of the two changing from pair to pair so
 * that neither always runs in the other's wake.
 */
export async function interleave(
  count: number,
  ours: () => Promise<unknown>,
  other: () => Promise<unknown>,
  warmUps = 2,
): Promise<Pair[]> {
  for (let i = 0; i < warmUps; i++) {
    await ours();
    await other();
  }
  const pairs: Pair[] = [];
  for (let i = 0; i < count; i++) {
    const first = i % 2 === 0 ? await timed(ours) : await timed(other);
    const second = i % 2 === 0 ? await timed(other) : await timed(ours);
    pairs.push(i % 2 === 0 ? { ours: first, other: second } : { ours: second, other: first });
  }
  return pairs;
}
