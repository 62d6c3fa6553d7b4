import { Eta } from 'eta';
import type { Block, Document, Text } from './document.js';
import { escapeHtml } from './escape.js';
import { STYLE } from './style.js';

// Templates are compiled once, when the module is loaded: a ticket is rendered while an operator waits for it.
const eta = new Eta({ autoEscape: true, autoTrim: false, escapeFunction: (value) => escapeHtml(String(value)) });

/**
 * `it.part` at heading level `it.level`: one block, and those inside it by the same template. (`block` is Eta's word.)
 */
eta.loadTemplate(
  '@part',
  `<% const { part, level, inline, role, isWhen, titleOf } = it;
const deeper = { level: part.kind === 'details' ? level : level + 1, inline, role, isWhen, titleOf };
const parts = (inner) => inner.map((each) => include('@part', { part: each, ...deeper })).join('') -%>
<% if (part.kind === 'banner') { -%>
<div class="banner <%= part.tone %>" role="status"><strong><%= part.title %></strong><% if (part.text !== undefined) { %><p><%~ inline(part.text) %></p><% } %></div>
<% } else if (part.kind === 'paragraph') { -%>
<p><%~ inline(part.text) %></p>
<% } else if (part.kind === 'section') { -%>
<section>
<h<%= level %>><%= part.title %></h<%= level %>>
<%~ parts(part.blocks) -%>
</section>
<% } else if (part.kind === 'card') { -%>
<article class="card <%= part.tone %>">
<h<%= level %>><%= part.title %></h<%= level %>>
<%~ parts(part.blocks) -%>
</article>
<% } else if (part.kind === 'facts') { -%>
<dl>
<% for (const [label, value] of part.rows) { -%>
<div><dt><%= label %></dt><dd><%~ inline(value) %></dd></div>
<% } -%>
</dl>
<% } else if (part.kind === 'list') { const tag = part.ordered ? 'ol' : 'ul' -%>
<<%= tag %>>
<% for (const item of part.items) { -%>
<li><%~ inline(item) %></li>
<% } -%>
</<%= tag %>>
<% } else if (part.kind === 'table') { -%>
<div class="scroll" role="<%= role %>" aria-label="Table" tabindex="0"><table>
<thead><tr><% for (const column of part.columns) { %><th scope="col"<% if (column.figures) { %> class="figures"<% } %>><%= column.title %></th><% } %></tr></thead>
<tbody>
<% for (const row of part.rows) { -%>
<tr><% row.forEach((cell, index) => { %><td<%~ titleOf(part.columns[index]) %><% if (part.columns[index].figures) { %> class="figures"<% } else if (isWhen(cell)) { %> class="when"<% } %>><%~ inline(cell) %></td><% }) %></tr>
<% } -%>
</tbody>
</table></div>
<% } else if (part.kind === 'code') { -%>
<pre tabindex="0"><code><%= part.text %></code></pre>
<% } else if (part.kind === 'chart') { -%>
<figure>
<figcaption><%= part.title %></figcaption>
<div class="scroll" role="<%= role %>" aria-label="<%= part.title %>" tabindex="0"><%~ part.svg %></div>
</figure>
<% } else if (part.kind === 'details') { -%>
<details>
<summary><%= part.summary %></summary>
<%~ parts(part.blocks) -%>
</details>
<% } -%>
`,
);

eta.loadTemplate(
  '@page',
  `<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title><%= it.document.title %></title>
<style><%~ it.style %></style>
</head>
<body>
<main>
<% if (it.document.stamp !== null) { -%>
<p class="stamp"><%= it.document.stamp %></p>
<% } -%>
<header>
<h1><%= it.document.title %></h1>
<p class="subtitle"><%= it.document.subtitle %></p>
</header>
<%~ it.document.blocks
  .map((part) => include('@part', { part, level: 2, inline: it.inline, role: 'region', ...it.asWritten })).join('') -%>
<% if (it.document.stamp !== null) { -%>
<p class="stamp"><%= it.document.stamp %></p>
<% } -%>
<footer><p><%~ it.inline(it.document.footer) %></p></footer>
</main>
</body>
</html>
`,
);

/** A document that was written down stays as it is: nothing of a page is added to it. */
const AS_WRITTEN = { isWhen: () => false, titleOf: () => '' };

/** The document as one self-contained page: no script, nothing fetched, light, dark and print. */
export const renderHtml = (document: Document): string =>
  eta.render('@page', { document, inline, style: STYLE, asWritten: AS_WRITTEN });

/** Blocks alone, for a page that has a frame of its own. @param level of the first heading */
export const renderBlocks = (blocks: readonly Block[], level = 2): string =>
  // Of several tables none is a place of the page of its own: regions of one name cannot be told apart.
  blocks.map((part) => eta.render('@part', { part, level, inline, role: 'group', isWhen, titleOf })).join('');

/** Each cell says its column, for where a row is read as a block and no head stands above it. */
const titleOf = ({ title }: { title: string }): string => (title === '' ? '' : ` data-title="${escapeHtml(title)}"`);

/** A day, or a day and its time: it is read in one line. */
const isWhen = (cell: Text): boolean => typeof cell === 'string' && /^\d{4}-\d\d-\d\d( \d\d:\d\d)?$/.test(cell);

function inline(text: Text): string {
  return (Array.isArray(text) ? text : [text])
    .map((span) => {
      if (typeof span === 'string') return escapeHtml(span);
      if ('code' in span) return `<code>${escapeHtml(span.code)}</code>`;
      if ('strong' in span) return `<strong>${escapeHtml(span.strong)}</strong>`;
      if ('href' in span) return `<a href="${escapeHtml(span.href)}">${escapeHtml(span.text)}</a>`;
      return `<span class="word ${span.tone}">${escapeHtml(span.text)}</span>`;
    })
    .join('');
}
