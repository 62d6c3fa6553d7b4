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

/** Decimals as whole numbers of one unit, the last place that any of them has; null where one is no plain decimal. */
function inOneUnit(...written: string[]): bigint[] | null {
  const digits = written.map(digitsOf);
  const places = Math.max(...digits.map((each) => each?.[1].length ?? 0));
  const whole = digits.flatMap((each) => (each === null ? [] : BigInt(each[0] + each[1].padEnd(places, '0'))));
  return whole.length === written.length ? whole : null;
}

/** What a price is held against: the decimals of its line, listing currency. */
export interface Bounds {
  side: 'BUY' | 'SELL';
  /** The price beyond which the line is left. */
  skip: string;
  /** The close that the line was reckoned with. */
  reference: string;
  /** Which fraction of that a price may be off before it is looked at twice. */
  limit: string;
}

/** How far a price is from the close that its line was reckoned with. */
export interface Far {
  side: 'above' | 'below';
  /** To a tenth, towards zero. */
  percent: string;
}

/** How far, where it is farther than the limit; null where it is near, or something is no decimal. */
export function farFrom(seen: string, { reference, limit }: Pick<Bounds, 'reference' | 'limit'>): Far | null {
  const [price, close, fraction, one] = inOneUnit(seen, reference, limit, '1') ?? [];
  if (price === undefined || close === undefined || fraction === undefined || one === undefined) return null;
  const off = price > close ? price - close : close - price;
  if (off * one <= close * fraction) return null;
  const tenths = String((off * 1_000n) / close).padStart(2, '0');
  const percent = `${tenths.slice(0, -1)}.${tenths.slice(-1)}`.replace('.0', '');
  return { side: price > close ? 'above' : 'below', percent };
}

/**
 * GO, also at exactly the skip price, LOOK where such a price is far from the close, or SKIP; null where the price is
 * no plain decimal above 0.
 */
export function verdictOf(seen: string, { side, skip, ...close }: Bounds): 'GO' | 'LOOK' | 'SKIP' | null {
  const compared = compareDecimals(seen, skip);
  if (compared === null || compareDecimals(seen, '0') === 0) return null;
  if (side === 'BUY' ? compared > 0 : compared < 0) return 'SKIP';
  return farFrom(seen, close) === null ? 'GO' : 'LOOK';
}
