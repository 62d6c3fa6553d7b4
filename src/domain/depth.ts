/** Deeper than anything that a person writes; whatever calls itself at each level, a parser or a writer of JSON, would break. */
export const DEPTH_MAX = 64;

export const DEPTH_RULE = `must be nested at most ${DEPTH_MAX} deep`;

/** Whether lists and objects stand within each other deeper than anybody writes. */
export function isTooDeep(value: unknown, left = DEPTH_MAX): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return left === 0 || Object.values(value).some((inner) => isTooDeep(inner, left - 1));
}
