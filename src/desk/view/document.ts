import type { Block, Document } from '../../reports/render/document.js';
import { renderBlocks } from '../../reports/render/html.js';
import { template, type Template } from './frame.js';

const DOCUMENT: Template<{ title: string; subtitle: string; stamp: string | null; above: string; body: string }> =
  template(
    `<% if (it.stamp !== null) { -%>
<p class="stamp"><%= it.stamp %></p>
<% } -%>
<header>
<h1><%= it.title %></h1>
<p class="subtitle"><%= it.subtitle %></p>
</header>
<%~ it.above -%>
<%~ it.body -%>
`,
  );

/** A document as it is written down, in the desk's frame. @param above HTML of ours that is only on the desk */
export const documentMain = ({ title, subtitle, stamp, blocks }: Document, above = ''): string =>
  DOCUMENT({ title, subtitle, stamp, above, body: renderBlocks(blocks) });

const PAPER: Template<{ parts: { isOnScreen: boolean; html: string }[] }> = template(
  `<div class="paper">
<% for (const { isOnScreen, html } of it.parts) { -%>
<% if (isOnScreen) { -%>
<div class="screen">
<%~ html -%>
</div>
<% } else { -%>
<%~ html -%>
<% } } -%>
</div>
`,
);

/**
 * A document that is taken away on paper, as close as it can be read.
 * @param isOnScreen whether a block is of no use on paper
 */
export function paperMain(document: Document, isOnScreen: (block: Block) => boolean): string {
  const { title, subtitle, stamp, blocks } = document;
  return PAPER({
    parts: [
      { isOnScreen: false, html: DOCUMENT({ title, subtitle, stamp, above: '', body: '' }) },
      ...blocks.map((block) => ({ isOnScreen: isOnScreen(block), html: renderBlocks([block]) })),
    ],
  });
}

/** A page of the desk's own: its title, what is on it, and the blocks. */
export const listMain = (title: string, subtitle: string, blocks: readonly Block[]): string =>
  DOCUMENT({
    title,
    subtitle,
    stamp: null,
    above: '',
    body: blocks.length === 0 ? '<p>There is nothing yet.</p>\n' : renderBlocks(blocks),
  });
