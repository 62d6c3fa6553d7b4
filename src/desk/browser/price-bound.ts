/*
 * Whether a price that somebody sees lets a line be executed: a comparison of decimals as they are written. A float
 * would round them, and the price at which a line is skipped would sometimes be one beyond it.
 */

/** The digits before and after the point, as they can be compared; null for what is no plain decimal. */
function digitsOf(written: string): [whole: string, fraction: string] | null {
  const [, whole, fraction = ''] = /^\s*(\d+)(?:\.(\d+))?\s*$/.exec(written) ?? [];
  return whole === undefined ? null : [whole.replace(/^0+(?=\d)/, ''), fraction.replace(/0+$/, '')];
}

/** Below 0 where one is less than the other, 0 where they are equal, above 0 where it is more; null for no decimal. */
export function compareDecimals(one: string, other: string): number | null {
  const [a, b] = [digitsOf(one), digitsOf(other)];
  if (a === null || b === null) return null;
  if (a[0].length !== b[0].length) return a[0].length - b[0].length;
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1;
  // A shorter fraction is the beginning of a longer one, or differs before its end: the order of text is theirs.
  return a[1] === b[1] ? 0 : a[1] < b[1] ? -1 : 1;
}

/** GO, also at exactly the skip price, or SKIP; null where the price is no plain decimal above 0. */
export function verdictOf(side: 'BUY' | 'SELL', seen: string, skipPrice: string): 'GO' | 'SKIP' | null {
  const compared = compareDecimals(seen, skipPrice);
  if (compared === null || compareDecimals(seen, '0') === 0) return null;
  return (side === 'BUY' ? compared <= 0 : compared >= 0) ? 'GO' : 'SKIP';
}
