/** Place of the last of a list up to a date or text; -1 where all are later. The list is ascending by it. */
export function lastUpTo<T>(list: readonly T[], limit: string, of: (one: T) => string): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (of(list[middle] as T) <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
