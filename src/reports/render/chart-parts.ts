import { escapeHtml } from './escape.js';

/** What the drawings of charts share. */

/** Widest a character of a label comes, and the room a line of labels takes, in pixels. */
export const CHARACTER = 6.6;
export const LABEL_HEIGHT = 14;

/** One decimal of a pixel: finer is invisible, and fixed places keep the bytes the same everywhere. */
export const at = (pixels: number): number => Number(pixels.toFixed(1));

// Years of points are more arguments than a function takes.
export const least = (values: readonly number[]): number => values.reduce((a, b) => (b < a ? b : a));
export const greatest = (values: readonly number[]): number => values.reduce((a, b) => (b > a ? b : a));

/** The class of a series by its place: colour and dashes. */
export const styleOf = (index: number): string => `s${(index % 6) + 1}`;

const slug = (title: string) =>
  `chart-${title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')}`;

/** A drawing with its title and what it shows in words, for whoever does not see it. */
export function drawing(
  { title, width, height, description }: { title: string; width: number; height: number; description: string },
  parts: readonly string[],
): string {
  const id = slug(title);
  return [
    `<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-desc" xmlns="http://www.w3.org/2000/svg">`,
    `<title id="${id}-title">${escapeHtml(title)}</title>`,
    `<desc id="${id}-desc">${escapeHtml(description)}</desc>`,
    ...parts,
    '</svg>',
  ].join('\n');
}

/** A text of a drawing, escaped. @param anchor which end of it stands at `x` */
export const label = (
  text: string,
  { x, y, anchor = 'start', of = 'tick' }: { x: number; y: number; anchor?: 'start' | 'middle' | 'end'; of?: string },
): string => `<text class="${of}" x="${at(x)}" y="${at(y)}" text-anchor="${anchor}">${escapeHtml(text)}</text>`;

/** Names in a row above a drawing, each behind a sample of what it names. @param sample drawn from `x` to the right */
export function legend(names: readonly string[], left: number, sample: (index: number, x: number) => string): string[] {
  let x = left;
  return names.flatMap((name, index) => {
    const begins = x;
    x += LEGEND.sample + name.length * CHARACTER + LEGEND.gap;
    return [sample(index, begins), label(name, { x: begins + LEGEND.sample, y: LEGEND.baseline })];
  });
}

/** Room of a legend: the sample with its space, what parts two names, where the text stands, and the height of all. */
export const LEGEND = { sample: 30, gap: 16, baseline: 12, height: 18 };
