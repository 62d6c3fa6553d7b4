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
