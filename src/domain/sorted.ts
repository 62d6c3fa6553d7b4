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

/** The part of an ascending list that lies between two dates, both included. */
export const between = <T>(list: readonly T[], from: string, to: string, of: (one: T) => string): T[] => {
  const last = lastUpTo(list, to, of);
  if (last < 0 || of(list[last] as T) < from) return [];
  let [low, high] = [0, last];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (of(list[middle] as T) >= from) high = middle;
    else low = middle + 1;
  }
  return list.slice(low, last + 1);
};
