import type { Block, Document, Text } from './document.js';
import { escapeMarkdown, escapeSpan, markdownCode } from './escape.js';

/** The document as GitHub-flavoured markdown, ending with a new line. */
export function renderMarkdown(document: Document): string {
  const stamp = document.stamp === null ? [] : [`> **⚠ ${escapeSpan(document.stamp)}**`];
  return `${[
    `# ${escapeSpan(document.title)}`,
    escapeMarkdown(document.subtitle),
    ...stamp,
    ...document.blocks.flatMap((block) => renderBlock(block, 2)),
    ...stamp,
    '---',
    opening(document.footer),
  ].join('\n\n')}\n`;
}

function renderBlock(block: Block, level: number): string[] {
  switch (block.kind) {
    case 'banner':
      return [quote([`**${escapeSpan(block.title)}**`, ...(block.text === undefined ? [] : [opening(block.text)])])];
    case 'paragraph':
      return [opening(block.text)];
    case 'section':
    case 'card':
      return [
        `${'#'.repeat(level)} ${escapeSpan(block.title)}`,
        ...block.blocks.flatMap((each) => renderBlock(each, level + 1)),
      ];
    case 'facts':
      return [block.rows.map(([label, value]) => `- **${escapeSpan(label)}:** ${inline(value)}`).join('\n')];
    case 'list':
      return [block.items.map((item, index) => `${block.ordered ? `${index + 1}.` : '-'} ${opening(item)}`).join('\n')];
    case 'table':
      return [renderTable(block)];
    case 'code':
      return [fenced(block.text)];
    case 'details':
      return [`${escapeSpan(block.summary)}:`, ...block.blocks.flatMap((each) => renderBlock(each, level))];
    case 'chart':
      return [`*${escapeSpan(block.title)}.* ${escapeSpan(block.description)}`];
  }
}

const row = (cells: string[]) => `| ${cells.join(' | ')} |`;

function renderTable({ columns, rows }: Extract<Block, { kind: 'table' }>): string {
  return [
    row(columns.map(({ title }) => escapeMarkdown(title))),
    row(columns.map(({ figures }) => (figures ? '---:' : '---'))),
    ...rows.map((cells) => row(cells.map(cellText))),
  ].join('\n');
}

const quote = (lines: string[]) =>
  lines
    .join('\n\n')
    .split('\n')
    .map((each) => (each === '' ? '>' : `> ${each}`))
    .join('\n');

function fenced(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}

/** A pipe would end a table cell even inside code. */
const cellText = (cell: Text): string => inline(cell).replace(/(?<!\\)\|/g, '\\|');

/** Text that begins a line of its own, where `1.` or `#` would start something. */
const opening = (text: Text): string => inline(text, true);

function inline(text: Text, startsLine = false): string {
  return (Array.isArray(text) ? text : [text])
    .map((span, index) => {
      if (typeof span === 'string') return startsLine && index === 0 ? escapeMarkdown(span) : escapeSpan(span);
      if ('code' in span) return markdownCode(span.code);
      const words = 'strong' in span ? span.strong : span.text;
      return words === '' ? '' : `**${escapeSpan(words)}**`;
    })
    .join('');
}
