/** How many of a list come first, where the list is ordered so that those that do are all before those that do not. */
export function countWhile<T>(list: readonly T[], isFirst: (one: T) => boolean): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isFirst(list[middle] as T)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Place of the last of a list up to a date or text; -1 where all are later. The list is ascending by it. */
export const lastUpTo = <T>(list: readonly T[], limit: string, of: (one: T) => string): number =>
  countWhile(list, (one) => of(one) <= limit) - 1;

/** The part of an ascending list that lies between two dates, both included. */
export const between = <T>(list: readonly T[], from: string, to: string, of: (one: T) => string): T[] =>
  list.slice(
    countWhile(list, (one) => of(one) < from),
    countWhile(list, (one) => of(one) <= to),
  );
