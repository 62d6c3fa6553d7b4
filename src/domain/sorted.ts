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

/** Place of the first of a list from a date or text on; its length where all are before. The list is ascending by it. */
export const firstFrom = <T>(list: readonly T[], limit: string, of: (one: T) => string): number =>
  countWhile(list, (one) => of(one) < limit);

/** The part of an ascending list that lies between two dates, both included. */
export const between = <T>(list: readonly T[], from: string, to: string, of: (one: T) => string): T[] =>
  list.slice(firstFrom(list, from, of), lastUpTo(list, to, of) + 1);
