import { Eta } from 'eta';
import type { Document, Text } from './document.js';
import { escapeHtml } from './escape.js';
import { STYLE } from './style.js';

// Templates are compiled once, when the module is loaded: a ticket is rendered while an operator waits for it.
const eta = new Eta({ autoEscape: true, autoTrim: false, escapeFunction: (value) => escapeHtml(String(value)) });

/** `it.block` and `it.level`: one block, those inside it by the same template. */
eta.loadTemplate('@block', `<% const { block, level, inline } = it; const blocks = (inner) => inner.map((each) => include('@block', { block: each, level: level + 1, inline })).join('') -%>
<% if (block.kind === 'banner') { -%>
<div class="banner <%= block.tone %>" role="status"><strong><%= block.title %></strong><% if (block.text !== undefined) { %><p><%~ inline(block.text) %></p><% } %></div>
<% } else if (block.kind === 'paragraph') { -%>
<p><%~ inline(block.text) %></p>
<% } else if (block.kind === 'section') { -%>
<section>
<h<%= level %>><%= block.title %></h<%= level %>>
<%~ blocks(block.blocks) -%>
</section>
<% } else if (block.kind === 'card') { -%>
<article class="card <%= block.tone %>">
<h<%= level %>><%= block.title %></h<%= level %>>
<%~ blocks(block.blocks) -%>
</article>
<% } else if (block.kind === 'facts') { -%>
<dl>
<% for (const [label, value] of block.rows) { -%>
<div><dt><%= label %></dt><dd><%~ inline(value) %></dd></div>
<% } -%>
</dl>
<% } else if (block.kind === 'list') { const tag = block.ordered ? 'ol' : 'ul' -%>
<<%= tag %>>
<% for (const item of block.items) { -%>
<li><%~ inline(item) %></li>
<% } -%>
</<%= tag %>>
<% } else if (block.kind === 'table') { -%>
<div class="scroll" role="region" aria-label="Table" tabindex="0"><table>
<thead><tr><% for (const column of block.columns) { %><th scope="col"<% if (column.figures) { %> class="figures"<% } %>><%= column.title %></th><% } %></tr></thead>
<tbody>
<% for (const row of block.rows) { -%>
<tr><% row.forEach((cell, index) => { %><td<% if (block.columns[index].figures) { %> class="figures"<% } %>><%~ inline(cell) %></td><% }) %></tr>
<% } -%>
</tbody>
</table></div>
<% } else if (block.kind === 'code') { -%>
<pre tabindex="0"><code><%= block.text %></code></pre>
<% } else if (block.kind === 'chart') { -%>
<figure>
<figcaption><%= block.title %></figcaption>
<%~ block.svg %>
</figure>
<% } -%>
`);

eta.loadTemplate('@page', `<!doctype html>
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
<%~ it.document.blocks.map((block) => include('@block', { block, level: 2, inline: it.inline })).join('') -%>
<% if (it.document.stamp !== null) { -%>
<p class="stamp"><%= it.document.stamp %></p>
<% } -%>
<footer><p><%~ it.inline(it.document.footer) %></p></footer>
</main>
</body>
</html>
`);

/** The document as one self-contained page: no script, nothing fetched, light, dark and print. */
export const renderHtml = (document: Document): string => eta.render('@page', { document, inline, style: STYLE });

function inline(text: Text): string {
  return (Array.isArray(text) ? text : [text]).map((span) => {
    if (typeof span === 'string') return escapeHtml(span);
    if ('code' in span) return `<code>${escapeHtml(span.code)}</code>`;
    if ('strong' in span) return `<strong>${escapeHtml(span.strong)}</strong>`;
    return `<span class="word ${span.tone}">${escapeHtml(span.text)}</span>`;
  }).join('');
}
