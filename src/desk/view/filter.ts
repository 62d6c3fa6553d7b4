import { template, type Template } from './frame.js';

/** A field by which a list is narrowed: typed, or chosen among texts; what is empty asks nothing. */
export interface FilterField {
  name: string;
  label: string;
  value: string | undefined;
  /** An example, under the label. */
  hint?: string;
  options?: readonly string[];
}

const FILTER: Template<{
  action: string;
  label: string;
  fields: readonly FilterField[];
  kept: readonly (readonly [name: string, value: string])[];
  reset: string;
}> = template(
  `<form class="filter" method="get" action="<%= it.action %>" role="search" aria-label="<%= it.label %>">
<% for (const [name, value] of it.kept) { -%>
<input type="hidden" name="<%= name %>" value="<%= value %>">
<% } -%>
<% for (const { name, label, value, hint, options } of it.fields) { const id = 'filter-' + name; -%>
<div><label for="<%= id %>"><%= label %><% if (hint) { %> <small><%= hint %></small><% } %></label>
<% if (options) { -%>
<select id="<%= id %>" name="<%= name %>">
<option value="">all</option>
<% for (const option of options) { -%>
<option<% if (option === value) { %> selected<% } %>><%= option %></option>
<% } -%>
</select>
<% } else { -%>
<input id="<%= id %>" name="<%= name %>" type="text" value="<%= value ?? '' %>" autocomplete="off" spellcheck="false">
<% } -%>
</div>
<% } -%>
<p><button class="quiet">Show</button> <a href="<%= it.action %>"><%= it.reset %></a></p>
</form>
`,
);

/**
 * A form that narrows a list, and works without a script.
 * @param kept what goes along unseen, such as the book that is looked at
 * @param reset what the list is called that nothing narrows
 */
export const filterForm = (
  action: string,
  label: string,
  fields: readonly FilterField[],
  kept: readonly (readonly [string, string])[] = [],
  reset = 'All',
): string => FILTER({ action, label, fields, kept, reset });

/** A path with what is asked of it; what is not there or empty is left out. */
export function pathWith(path: string, query: Readonly<Record<string, string | number | null | undefined>>): string {
  const asked = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '');
  if (asked.length === 0) return path;
  const text = new URLSearchParams(asked.map(([name, value]): [string, string] => [name, String(value)]));
  return `${path}?${text.toString()}`;
}
