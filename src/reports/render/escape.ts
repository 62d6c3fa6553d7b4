const HTML: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text for HTML content and quoted attributes. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => HTML[character]!);

/**
 * Text for one line of markdown, table cells included: nothing in it can become markup, HTML or a new line.
 * Underscores between letters and dots are left alone, so that `NO_TRADE` and `1.5` stay readable in the raw file.
 */
export function escapeMarkdown(text: string): string {
  return escapeSpan(text)
    .replace(/^(\s*)([#>+-])/, '$1\\$2')
    .replace(/^(\s*\d+)([.)])(?=\s)/, '$1\\$2');
}

/** As escapeMarkdown, for text inside a line, where a leading `1.` or `#` starts nothing. */
export function escapeSpan(text: string): string {
  return text
    .replace(/[\r\n\u2028\u2029]+/g, ' ')
    .replace(/[\\`*[\]|~]/g, '\\$&')
    .replace(/&(?=[#a-z0-9]+;)/gi, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_');
}

/** Inline code: fenced by more backticks than the text holds. */
export function markdownCode(text: string): string {
  const flat = text.replace(/[\r\n\u2028\u2029]+/g, ' ');
  const longest = Math.max(0, ...(flat.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const space = longest > 0 || flat === '' ? ' ' : '';
  return `${fence}${space}${flat}${space}${fence}`;
}
