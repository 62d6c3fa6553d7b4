import { template, type Template } from '../view/frame.js';
import { renderBlocks } from '../../reports/render/html.js';
import { fieldsAt } from './all.js';
import { fieldsBody, troubleSummary } from './fields.js';
import { labelOf } from './labels.js';
import { SIGNING_FIELDS, type ToSign } from '../signing.js';
import type { Field, Review, Trouble, Typed } from './form.js';

/** The pages of a form: itself, its review, and what was typed where it could not be taken. */

const HIDDEN = `<% for (const [name, value] of it.hidden) { -%>
<input type="hidden" name="<%= name %>" value="<%= value %>">
<% } -%>
`;

/** Text weighs the same in it as in the file that it came from. */
const WITH_FILES = '<% if (it.sendsFiles) { %> enctype="multipart/form-data"<% } %>';

const TYPED: Template<{ shown: [string, string][] }> = template(
  `<% if (it.shown.length > 0) { -%>
<h2>What you typed</h2>
<dl>
<% for (const [name, value] of it.shown) { -%>
<div><dt><%= name %></dt><dd><%= value %></dd></div>
<% } -%>
</dl>
<% } -%>
`,
);

/** What was typed, as the form at its address calls it, for a page that has no such fields. */
function typedShown(action: string, sent: Typed): string {
  const fields = fieldsAt(action);
  return TYPED({
    shown: Object.entries(sent).flatMap(([name, value]): [string, string][] => {
      if (isOwn(name) || value === '') return [];
      const field = fields.find((each) => each.name === name);
      return [[field?.label ?? labelOf(name), field === undefined ? value : inWords(field, value)]];
    }),
  });
}

/** What stands in a field, as it reads there. */
const inWords = (field: Field, value: string): string =>
  (field.kind === 'choice' ? field.options.find(([option]) => option === value)?.[1] : undefined) ?? value;

const FORM: Template<{
  title: string;
  action: string;
  trouble: string;
  /** What was typed and has no field any more. */
  fieldless: string;
  body: string;
  button: string;
  step: string;
  hasSteps: boolean;
  /** What the Enter key asks for. */
  enter: string;
  /** Whether the keys go on from the title: the bar and the pages come before it. */
  isAtTop: boolean;
  isAtButton: boolean;
  hidden: [string, string][];
  sendsFiles: boolean;
}> = template(
  `<h1<% if (it.isAtTop) { %> tabindex="-1" autofocus<% } %>><%= it.title %></h1>
<%~ it.trouble -%>
<%~ it.fieldless -%>
<form method="post" action="<%= it.action %>" class="asks" autocomplete="off"${WITH_FILES}>
${HIDDEN}<% if (it.hasSteps) { -%>
<button class="entered" name="step" value="<%= it.enter %>" tabindex="-1" aria-hidden="true"><%= it.button %></button>
<% } -%>
<%~ it.body -%>
<p class="actions"><button name="step" value="<%= it.step %>"
<% if (it.isAtButton) { %> autofocus<% } %>><%= it.button %></button></p>
</form>
`,
);

/** A form to be filled in. Enter is its own button's, whatever buttons stand above that. */
export const formMain = (page: {
  title: string;
  action: string;
  /** The address of the account's pages. */
  base: string;
  trouble: Trouble | null;
  /** What was sent. */
  typed: Typed;
  body: string;
  button: string;
  step: 'check' | 'commit';
  hasSteps: boolean;
  /** What the Enter key asks for. */
  enter: string;
  /** Whether nothing is left to be filled in: the keys go on from the form's own button. */
  isAtButton: boolean;
  hidden: [string, string][];
  sendsFiles: boolean;
}): string =>
  FORM({
    ...page,
    isAtTop: page.trouble === null && !page.isAtButton && !page.body.includes(' autofocus'),
    trouble: page.trouble === null ? '' : troubleSummary(page.trouble, page),
    fieldless: page.trouble === null ? '' : typedShown(page.action, withoutField(page)),
  });

/** What was typed into fields that the form as it stands now has no longer: it is lost with the page otherwise. */
const withoutField = ({ typed, body }: { typed: Typed; body: string }): Typed =>
  Object.fromEntries(Object.entries(typed).filter(([name]) => !body.includes(`name="${name}"`)));

const REVIEW: Template<{
  title: string;
  action: string;
  body: string;
  button: string;
  fields: string;
  operator: string;
  trouble: string;
  toSign: ToSign;
  hidden: [string, string][];
  sendsFiles: boolean;
}> = template(
  `<h1 tabindex="-1"<% if (it.trouble === '') { %> autofocus<% } %>><%= it.title %></h1>
<%~ it.trouble -%>
<p class="subtitle">Nothing is recorded yet. Read it once more.</p>
<%~ it.body -%>
<form method="post" action="<%= it.action %>" class="asks review" autocomplete="off"${WITH_FILES}>
${HIDDEN}<%~ it.fields -%>
<p>In the name of <strong><%= it.operator %></strong>.</p>
<%~ it.toSign.fields -%>
<p class="actions">
<% if (it.toSign.by !== 'elsewhere') { -%>
<button name="step" value="commit"
<%~ it.toSign.by === 'passkey' ? ' data-signs disabled' : '' %>><%= it.button %></button>
<% } -%>
<button name="step" value="form" class="quiet">Back and correct</button></p>
</form>
`,
);

/** What is about to be asked for, to be read once more. */
export const reviewMain = (
  { blocks, button, fields = [] }: Review,
  page: Omit<Parameters<typeof REVIEW>[0], 'body' | 'button' | 'trouble' | 'fields'> & {
    /** The address of the account's pages. */
    base: string;
    trouble: Trouble | null;
  },
): string => {
  const ownFields = fieldsBody(fields, {}, page.trouble);
  return REVIEW({
    ...page,
    // What is filled in here is not among what goes along unseen.
    hidden: page.hidden.filter(([name]) => fields.every((field) => field.name !== name)),
    trouble: page.trouble === null ? '' : troubleSummary(page.trouble, { base: page.base, body: ownFields }),
    body: renderBlocks(blocks),
    button,
    fields: ownFields,
  });
};

const AGAIN: Template<{
  action: string;
  typed: string;
  hidden: [string, string][];
  button: string;
  step: string;
}> = template(
  `<%~ it.typed -%>
<form method="post" action="<%= it.action %>" class="asks" enctype="multipart/form-data">
${HIDDEN}<p class="actions"><button name="step" value="<%= it.step %>"
<% if (it.isAtButton) { %> autofocus<% } %>><%= it.button %></button></p>
</form>
`,
);

/** Names that are the desk's own: nobody typed them. */
const OWN = new Set([
  'token',
  'typist',
  'step',
  'at',
  'command',
  'once',
  'basis',
  'builtOn',
  'amend',
  'amends',
  'others',
  'taken',
  'line',
  'challenge',
  'registration',
  ...SIGNING_FIELDS,
]);
const isOwn = (name: string): boolean => OWN.has(name) || /^fills\[\d+\]\.version$/.test(name);

/** Whether anything of it was typed by somebody. */
export const hasTyped = (sent: Typed): boolean =>
  Object.entries(sent).some(([name, value]) => !isOwn(name) && value !== '');

/**
 * What was typed where it could not be taken, and a way to send it again: it is in the page alone, and lost with it.
 * @param step `form` leads back to the form and never to what it asks for
 */
export function typedAgain(action: string, sent: Typed, { button, step }: { button: string; step: string }): string {
  const hidden = Object.entries(sent).filter(([name]) => name !== 'step');
  return AGAIN({ action, typed: typedShown(action, sent), hidden, button, step });
}
