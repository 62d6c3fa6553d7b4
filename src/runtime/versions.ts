/**
 * Compares the first three numbers of two versions: negative when `a` is older, 0 when equal. A name such as -DEV
 * counts for nothing.
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbers(a), numbers(b)];
  const at = [0, 1, 2].find((place) => (left[place] ?? 0) !== (right[place] ?? 0));
  return at === undefined ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
}

function numbers(version: string): number[] {
  return (/\d+(\.\d+)*/.exec(version)?.[0] ?? '0').split('.').map(Number);
}

/**
 * The least minor version of each line of Node that packages of ours support; of later lines all. The same as
 * `engines` of package.json.
 */
const NODE_LINES = new Map([
  [20, 19],
  [22, 12],
]);
const NODE_LATER = 24;

/** The versions of Node that this program runs on, for a person. */
export const NODE_WANTED = '20.19 or later of Node 20, 22.12 or later of Node 22, or Node 24 or later';

/** Whether the program runs on a version of Node. Odd lines between are not supported by the packages it is made of. */
export function isNodeSupported(version: string): boolean {
  const [major = 0, minor = 0] = numbers(version);
  return major >= NODE_LATER || minor >= (NODE_LINES.get(major) ?? Number.POSITIVE_INFINITY);
}
