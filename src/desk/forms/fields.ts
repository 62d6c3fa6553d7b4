import { link, paragraph, type Span } from '../../reports/render/document.js';
import { withUkTimes } from '../../reports/render/format.js';
import { renderBlocks } from '../../reports/render/html.js';
import { deskText, deskWords } from '../desk-words.js';
import { template, type Template } from '../view/frame.js';
import type { Field, Trouble, Typed } from './form.js';
import { idOf, inLabels, inOptions, labelIn, rowLabel } from './labels.js';

/*
 * Fields are text, also figures and dates: `type=number` turns with the wheel and guesses a comma. Nothing is completed
 * by the browser, which puts old words into the wrong row.
 */
const FIELDS: Template<{ fields: (Field & { id: string; typed: string; isWrong: boolean })[] }> = template(
  `<% for (const field of it.fields) { -%>
<% const said = field.hint === undefined ? '' : \` aria-describedby="\${field.id}-hint"\` -%>
<% const wrong = field.isWrong ? ' aria-invalid="true"' : '' -%>
<p class="field">
<% if (field.kind === 'tick') { -%>
<label class="tick"><input type="checkbox" id="<%= field.id %>" name="<%= field.name %>" value="yes"<%~ said %>
<% if (field.typed !== '') { %> checked<% } %>> <%= field.label %></label>
<% } else { -%>
<label for="<%= field.id %>"><%= field.label %></label>
<% if (field.kind === 'choice') { -%>
<select id="<%= field.id %>" name="<%= field.name %>"<%~ said + wrong %>>
<% for (const [value, text] of field.options) { -%>
<option value="<%= value %>"<% if (value === field.typed) { %> selected<% } %>><%= text %></option>
<% } -%>
</select>
<% } else if (field.kind === 'file') { -%>
<input type="file" id="<%= field.id %>" name="<%= field.name %>"<%~ said + wrong %>
<% if (field.accept !== undefined) { %> accept="<%= field.accept %>"<% } %>
<% if (field.maxBytes !== undefined) { %> data-max="<%= field.maxBytes %>" required<% } %>>
<% } else if (field.kind === 'lines') { -%>
<textarea id="<%= field.id %>" name="<%= field.name %>" rows="5" autocomplete="off"
 spellcheck="false"<%~ said + wrong %>>
<%= field.typed %></textarea>
<% } else { -%>
<input id="<%= field.id %>" name="<%= field.name %>" type="text" value="<%= field.typed %>" autocomplete="off"
 spellcheck="false"<% if (field.kind === 'figure') { %> inputmode="decimal"<% } %><%~ said + wrong %>>
<% } -%>
<% } -%>
<% if (field.hint !== undefined) { -%>
<small id="<%= field.id %>-hint"><%= field.hint %></small>
<% } -%>
</p>
<% } -%>
`,
);

/** Fields one under another, with what was typed, or else what they begin with. */
export const fieldsBody = (fields: readonly Field[], typed: Typed, trouble: Trouble | null): string =>
  FIELDS({
    fields: fields.map((field) => ({
      ...field,
      // A file whose text goes into a field stands beside that one, by the same name.
      id: idOf(field.name) + (field.kind === 'file' && field.maxBytes === undefined ? '-upload' : ''),
      typed: typed[field.name] ?? (isSent(fields, typed) ? '' : (field.value ?? '')),
      isWrong: trouble !== null && fieldsNamed(trouble).some((name) => [name, headOf(name)].includes(field.name)),
    })),
  });

/** A box without a tick is not sent: of a form that was sent it is empty, and begins with nothing. */
const isSent = (fields: readonly Field[], typed: Typed): boolean =>
  fields.some(({ name, kind }) => kind !== 'tick' && typed[name] !== undefined);

/** The fields that a trouble names at the beginning of its lines; a rule may name one as it is typed: `ex-date`. */
export const fieldsNamed = ({ message }: Trouble): string[] =>
  message.split('\n').flatMap((line) => {
    const named = /^([^\s:]{1,100}): /.exec(line)?.[1];
    return named === undefined ? [] : named.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  });

/** The field in which a line is that a trouble names: of `costs.AAPL` the one of all costs. */
const headOf = (name: string): string => name.split('.', 1)[0] ?? name;

const TROUBLE: Template<{
  trouble: Trouble;
  lines: ToldLine[];
  remedy: string;
  withEntries: (text: string) => string;
}> = template(
  `<div class="banner bad" role="alert" id="trouble" tabindex="-1" autofocus>
<strong><%= it.trouble.code %></strong>
<% for (const { text, field } of it.lines) { -%>
<% if (field === null) { %><%~ it.withEntries(text) %><% } else { -%>
<p><a href="#<%= field.id %>"><%= field.label %><%= text %></a></p>
<% } -%>
<% } -%>
<%~ it.remedy -%>
<p><%= it.trouble.kept ?? 'Nothing was recorded.' %></p>
</div>
`,
);

/** A sentence in which each entry that it names leads to that entry. */
const withEntryLinks = (text: string, base: string): Span[] =>
  text.split(/\b(entry \d+)\b/).map((part, index) => {
    return index % 2 === 0 ? part : link(`${base}/ledger/${part.slice('entry '.length)}`, part);
  });

/** A line of a trouble; of a field that the form has, with what that is called. */
interface ToldLine {
  text: string;
  field: { id: string; label: string } | null;
}

/** What to do, without that nothing was kept: the trouble's last sentence says what was. */
function remedyParagraph(remedy: string, where: { base: string; body: string }): string {
  const todo = remedy.replace(/^nothing was (?:recorded|booked)[.:;]? */i, '');
  return todo === '' ? '' : renderBlocks([paragraph(['What to do: ', ...deskWords(withUkTimes(todo), where)])]);
}

/**
 * What is wrong, above the form, each line leading to its field where the form has it; and what to do, as it is done at
 * the desk.
 * @param where the account's pages, and the form's HTML
 */
export const troubleSummary = (trouble: Trouble, where: { base: string; body: string }): string => {
  const { base, body } = where;
  return TROUBLE({
    trouble,
    withEntries: (text) => renderBlocks([paragraph(withEntryLinks(text, base))]),
    remedy: remedyParagraph(trouble.remedy ?? '', where),
    lines: trouble.message.split('\n').map((line) => {
      const [name] = fieldsNamed({ ...trouble, message: line });
      const text = deskText(inLabels(withUkTimes(line)), { body });
      if (name === undefined) return { text, field: null };
      // The command line calls a field as it is typed there, the desk as its form does.
      const rule = inOptions(body, name, text.slice(text.indexOf(': ')).replace(/^: \(missing\)/, ' is missing'));
      const head = headOf(name);
      const field = [name, head].find((each) => body.includes(`id="${idOf(each)}"`));
      if (field !== undefined) {
        const label = labelIn(body, field) + (field === name ? '' : `, ${name.slice(head.length + 1)}`);
        return { text: rule, field: { id: idOf(field), label } };
      }
      return { text: `${rowLabel(name) ?? line.slice(0, line.indexOf(': '))}${rule}`, field: null };
    }),
  });
};
