import type { CodeEntry, Subject } from './entry.js';
import { SUBJECTS } from './catalogue.js';

const WIDTH = 120;
const BLOCK = /(<!-- codes: ([a-z]+) -->\n)[\s\S]*?(<!-- end of codes -->)/g;

/**
 * The page with its blocks written anew from the catalogue: `<!-- codes: gates -->` … `<!-- end of codes -->` holds
 * the codes of one
 * subject, `<!-- codes: index -->` the index of all. What stands around the blocks is written by hand and stays.
 */
export function incidentsPage(page: string): string {
  return page.replaceAll(BLOCK, (_, begin: string, id: string, end: string) => `${begin}\n${blockOf(id)}\n\n${end}`);
}

/** Blocks that a page has, in its order. */
export const blocksOf = (page: string): string[] => [...page.matchAll(BLOCK)].map(([, , id]) => id as string);

/** Where a code stands on the page: its own section, or the table of its subject. */
export const anchorOf = (code: string, { layout, title }: Subject): string =>
  layout === 'sections'
    ? code.toLowerCase()
    : title
        .toLowerCase()
        .replaceAll(/[^a-z0-9 ]/g, '')
        .replaceAll(' ', '-');

function blockOf(id: string): string {
  if (id === 'index') return SUBJECTS.map(indexOf).join('\n');
  const subject = SUBJECTS.find((known) => known.id === id);
  if (!subject) throw new Error(`docs/INCIDENTS.md: there is no subject "${id}" in the catalogue`);
  const entries = Object.entries(subject.codes);
  return subject.layout === 'sections' ? entries.map(sectionOf).join('\n\n') : tableOf(entries);
}

function indexOf(subject: Subject): string {
  const links = Object.keys(subject.codes)
    .toSorted()
    .map((code) => `[\`${code}\`](#${anchorOf(code, subject)})`);
  return wrapped(
    `- **[${subject.title}](#${anchorOf(subject.title, { ...subject, layout: 'table' })})**: ${links.join(', ')}`,
    '  ',
  );
}

function sectionOf([code, { happened, check, remedy, more }]: [string, CodeEntry]): string {
  const parts = [
    happened,
    ...(check ? [`**To check:** ${check}`] : []),
    `**To do:** ${[remedy, ...(more ? [more] : [])].join(' ')}`,
  ];
  return [`### ${code}`, ...parts.map((part) => wrapped(part))].join('\n\n');
}

function tableOf(entries: [string, CodeEntry][]): string {
  const rows = entries.map(([code, { happened, check, remedy, more }]) => [
    `\`${code}\``,
    happened,
    check ?? '',
    [remedy, ...(more ? [more] : [])].join(' '),
  ]);
  return [['code', 'what happened', 'what to check', 'what to do'], ['---', '---', '---', '---'], ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
}

/** Lines of at most the page's width; code and links are not taken apart. */
function wrapped(text: string, indent = ''): string {
  const words = text.match(/(?:`[^`]*`|\[[^\]]*\]\([^)]*\)|\S)+/g) ?? [];
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(lines.length === 0 ? word : `${indent}${word}`);
  }
  return lines.join('\n');
}
