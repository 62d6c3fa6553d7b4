import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** What is in order is told as little as axe may: it takes longer than looking. */
const ALL = `{ resultTypes: ['violations'] }`;
/** In the dark nothing but the colours of a page is another: the rules that look at colours. */
const OF_COLOURS = `{ runOnly: ['color-contrast', 'link-in-text-block'], resultTypes: ['violations'] }`;

/**
 * What is said where nobody sees it: to a browser and to axe a text that a style puts beside the page is visible.
 * Heads of tables are there on purpose where each cell names its column.
 */
const BESIDE_THE_PAGE = `[
  ...document.querySelectorAll('main *:not(thead, thead *, [aria-hidden=true])'),
].filter((each) => {
  const { width, right, bottom } = each.getBoundingClientRect();
  return width > 0 && each.textContent.trim() !== '' && (right + scrollX <= 0 || bottom + scrollY <= 0);
}).map(({ outerHTML }) => outerHTML.slice(0, 200))`;

/**
 * What keeps somebody out of a page as it stands, by axe in both schemes, and what it says where nobody sees it, each
 * with the state's name before it. The page is not loaded again for the dark: a
 * scheme is the browser's, and a page follows it.
 */
export async function violationsOf(page: Page, state: string): Promise<string[]> {
  if (!(await page.evaluate<boolean>(`'axe' in window`))) await page.evaluate(AXE);
  const found: string[] = [];
  for (const [colorScheme, rules] of [
    ['light', ALL],
    ['dark', OF_COLOURS],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    const violations = await page.evaluate<string[]>(
      `axe.run(${rules}).then(({ violations }) =>
        violations.map(({ id, nodes }) => id + ' ' + nodes.map(({ html }) => html).join(' ')))`,
    );
    found.push(...violations.map((each) => `${state}, ${colorScheme}: ${each}`));
  }
  await page.emulateMedia({ colorScheme: null });
  const unseen = await page.evaluate<string[]>(BESIDE_THE_PAGE);
  return [...found, ...unseen.map((each) => `${state}, beside the page: ${each}`)];
}

/**
 * What goes beyond its place, to be scrolled to or cut. Fields scroll what is typed into them, and a chart in its frame,
 * for its labels could not be read smaller: its figures stand in a table under it.
 */
const CUT = `[
  ...document.querySelectorAll('body *:not(input, textarea, select, option, svg, svg *, .scroll:has(> svg), .heard)'),
].filter((each) => {
  const isBeyond = each.getBoundingClientRect().right > innerWidth + 1;
  const isHeld = getComputedStyle(each).overflowX !== 'visible' && each.scrollWidth > each.clientWidth + 1;
  return each.clientWidth > 0 && (isBeyond || isHeld);
}).map(({ outerHTML }) => outerHTML.slice(0, 120))`;
/** A phone: nothing is read there by scrolling sideways, in a part of the page neither. */
const PHONE_MAX = 390;

/**
 * By how much a page scrolls sideways at these widths, and on a phone what is cut or scrolls by itself, a line each; it
 * is as wide as before afterwards.
 */
export async function sidewaysOf(page: Page, state: string, widths: readonly number[]): Promise<string[]> {
  const before = page.viewportSize();
  const found: string[] = [];
  for (const width of widths) {
    await page.setViewportSize({ width, height: 844 });
    const wider = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'));
    if (wider > 0) found.push(`${state} scrolls by ${wider} px at ${width}`);
    if (width > PHONE_MAX) continue;
    const cut = await page.evaluate<string[]>(CUT);
    found.push(...cut.slice(0, 3).map((each) => `${state} is cut at ${width}: ${each}`));
  }
  if (before) await page.setViewportSize(before);
  return found;
}
