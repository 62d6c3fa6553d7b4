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

/** Place of the first of a list from a date or text on; its length where all are before. The list is ascending by it. */
export function firstFrom<T>(list: readonly T[], limit: string, of: (one: T) => string): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (of(list[middle] as T) >= limit) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The part of an ascending list that lies between two dates, both included. */
export const between = <T>(list: readonly T[], from: string, to: string, of: (one: T) => string): T[] => {
  const last = lastUpTo(list, to, of);
  if (last < 0 || of(list[last] as T) < from) return [];
  return list.slice(firstFrom(list, from, of), last + 1);
};
