import { D, toText } from '../money.js';
import type { DecimalString } from '../types.js';

/** A split as whole shares: `numerator` new ones for `denominator` old ones. */
export interface WholeRatio {
  numerator: number;
  denominator: number;
}

/** Providers write 7.00000700001 for 7 and 1.49999925 for 3/2: this far from a whole ratio is noise, as a fraction. */
const TOLERANCE = 1e-5;
const WHOLE_MAX = 100;
const PART_MAX = 5;

/**
 * The whole ratio that a published split stands for, within one part in 100,000: n for 1 or 1 for n up to 100, or parts
 * up to five (3:2, 5:4). Null when it is none: a spin-off or stock dividend written as a split (1.122, 0.955, 1.237).
 */
export function wholeRatio(value: DecimalString): WholeRatio | null {
  const ratio = Number(value);
  return (
    candidates(ratio).find(
      ({ numerator, denominator }) => Math.abs((ratio * denominator) / numerator - 1) <= TOLERANCE,
    ) ?? null
  );
}

/** The ratio without a provider's noise: `7.00000700001` is `7`, `0.333333333333` a third to 34 digits; others unchanged. */
export function cleanRatio(value: DecimalString): DecimalString {
  const whole = wholeRatio(value);
  return toText(whole ? D(whole.numerator).div(whole.denominator) : D(value));
}

/** On its ex-date a share trades as on any other day, too: within so much of the ratio a move looks like a split. */
const A_DAYS_MOVE = 0.05;
/** Ratios that companies choose. */
const USUAL = [2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 40, 50];

/** A move of a whole split or more, one way or the other, may be one whatever the share did on that day besides. */
const SPLITS_FROM = 1.8;

/** Whether a move from one close to the next is as large as a split's, though it looks like none of the usual ones. */
export const isSplitSized = (closeBefore: DecimalString, close: DecimalString): boolean =>
  Math.abs(Math.log(Number(closeBefore) / Number(close))) >= Math.log(SPLITS_FROM);

/** The usual split (or reverse split) that a move from one close to the next looks like; null when it looks like none. */
export function likelyRatio(closeBefore: DecimalString, close: DecimalString): DecimalString | null {
  const ratio = Number(closeBefore) / Number(close);
  const usual = [1.5, ...USUAL, ...USUAL.map((old) => 1 / old)];
  const found = usual.find((each) => Math.abs(ratio / each - 1) <= A_DAYS_MOVE);
  return found === undefined ? null : toText(D(found).toDecimalPlaces(12));
}

function candidates(ratio: number): WholeRatio[] {
  const list: WholeRatio[] = [];
  for (let denominator = 1; denominator <= PART_MAX; denominator++)
    list.push({ numerator: Math.round(ratio * denominator), denominator });
  list.push({ numerator: 1, denominator: Math.round(1 / ratio) });
  return list.filter(
    ({ numerator, denominator }) =>
      numerator >= 1 &&
      denominator >= 1 &&
      (numerator <= PART_MAX || denominator === 1) &&
      numerator <= WHOLE_MAX &&
      denominator <= WHOLE_MAX,
  );
}
