import Table from 'cli-table3';

/** Columns that a table may take where nobody says how wide the terminal is: a pipe, a file, a mail. */
const WIDTH = 100;
/** The least that is left of a column. */
const LEAST = 6;
/** What a box adds to each column: a line and a space on both sides. */
const BOX = 3;

export interface TableOptions {
  /** Columns set to the right, by their place. */
  right?: readonly number[];
  /** Never in a box, so that other programs can cut it; in one whatever it takes; else where it fits. */
  box?: 'never' | 'always' | 'fits';
  /** Characters a line may have: the terminal's, or 100. */
  width?: number;
}

/** Characters that a line may have: the terminal's, or 100. */
export const lineWidth = (): number => (process.stdout.isTTY ? Math.max(40, process.stdout.columns) : WIDTH);

/**
 * Lines of a table: in a box where that fits, else without. Where its cells are too wide even so the widest columns give
 * way and are broken into several lines, so that no line is wider than the terminal.
 */
export function tableLines(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { right = [], box = 'fits', width = lineWidth() }: TableOptions = {},
): string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => widest(row[column] ?? ''))));
  const inBox = width - 1 - BOX * widths.length;
  const isBoxed = box === 'always' || (box === 'fits' && sumOf(widths) <= inBox);
  narrow(widths, isBoxed ? inBox : width - (widths.length - 1));
  // Rules between the rows only where a row has several lines: else they make a screen of two.
  const compact = rows.every((row) => row.every((cell, column) => widest(cell) <= (widths[column] ?? 0)));
  const drawn = new Table({
    head: [...head],
    colAligns: head.map((_, column) => (right.includes(column) ? 'right' : 'left')),
    colWidths: isBoxed ? widths.map((each) => each + 2) : widths,
    wordWrap: true,
    wrapOnWordBoundary: true,
    ...(isBoxed
      ? { style: { head: [], border: [], compact } }
      : { style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 0 }, chars: PLAIN }),
  });
  drawn.push(...rows.map((row) => row.map((cell, column) => broken(cell, widths[column]!))));
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}

/** Takes from the widest columns, one character at a time, until all fit. */
function narrow(widths: number[], room: number): void {
  while (sumOf(widths) > room) {
    const most = Math.max(...widths);
    if (most <= LEAST) return;
    widths[widths.indexOf(most)] = most - 1;
  }
}

const sumOf = (widths: readonly number[]): number => widths.reduce((sum, each) => sum + each, 0);
const widest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));

/**
 * A word that is longer than its column is broken where the column ends. Spaces before the first one go where it does not
 * fit beside them: the library would cut it.
 */
const broken = (text: string, width: number): string =>
  (widest(text) > width ? text.trimStart() : text)
    .split(' ')
    .map((word) => word.replaceAll(new RegExp(`([^\\n]{${width}})(?=[^\\n])`, 'g'), '$1 '))
    .join(' ');

/** Text in lines of at most the terminal's columns: the first begins as it does, each after it is moved in. */
export function wrapped(
  text: string,
  { indent = '', width = lineWidth() }: { indent?: string; width?: number } = {},
): string[] {
  const [lead = ''] = /^ */.exec(text) ?? [];
  return filled(text.slice(lead.length).split(' '), ' ', { lead, indent, width });
}

/** Figures side by side, in as many lines as they take. */
export const sideBySide = (figures: readonly string[], width = lineWidth()): string[] =>
  filled(figures, '   ', { lead: '', indent: '', width });

/** Parts in lines as full as they may be; one that is longer than a line has a line of its own. */
function filled(
  parts: readonly string[],
  between: string,
  { lead, indent, width }: { lead: string; indent: string; width: number },
): string[] {
  const lines: string[] = [];
  let line: string | null = null;
  for (const part of parts) {
    const start: string = lines.length === 0 ? lead : indent;
    const longer: string = line === null ? start + part : line + between + part;
    if (line !== null && longer.length > width) {
      lines.push(line);
      line = indent + part;
    } else line = longer;
  }
  return [...lines, line ?? lead];
}

/** The first eight characters of an id: enough wherever one is asked for. */
export const shortId = (id: string): string => id.slice(0, 8);

/** No box: columns that can be read aloud and cut by other programs. */
const PLAIN = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: ' ',
};
