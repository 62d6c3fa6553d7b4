/**
 * How a file that a human edits is refused: one line for each fault, all of them at once,
 * `file:line: key: value: rule`.
 */
export interface Fault {
  line: number;
  /** Key or column, with its path: `risk.max_weight`. */
  key: string;
  /** What stood there, as text; null when nothing did. */
  value: string | null;
  rule: string;
}

/** The faults as text, in the order of the file. */
export function faultLines(fileName: string, faults: readonly Fault[]): string {
  return faults
    .toSorted((a, b) => a.line - b.line)
    .map(({ line, key, value, rule }) =>
      [`${fileName}:${line}`, key, value ?? '(missing)', rule].filter((part) => part !== '').join(': '),
    )
    .join('\n');
}

/** No word that is known is longer by far. */
const WORD_MAX = 100;

/** `; did you mean "x"?` when one of the known words is at most two letters (a third of a long word) away, else nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  if (word.length > WORD_MAX) return '';
  const nearest = known
    .map((name) => ({ name, distance: editDistance(word, name) }))
    .toSorted((a, b) => a.distance - b.distance)[0];
  return nearest && nearest.distance <= Math.max(2, Math.floor(word.length / 3))
    ? `; did you mean "${nearest.name}"?`
    : '';
}

// Levenshtein's distance, one row at a time.
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
