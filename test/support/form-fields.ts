/** What a browser would send of the form on a page: hidden fields, ticks that are set, and what stands in others. */
export const fieldsOn = (html: string): Record<string, string> =>
  fieldsIn(/<form[^>]* class="asks[^"]*"[\s\S]*?<\/form>/.exec(html)?.[0] ?? '');

/** The same of a whole page. */
export function fieldsIn(form: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [tag] of form.matchAll(/<input\b[^>]*>/g)) {
    const { name, value = '', type } = attributesOf(tag);
    if (name === undefined || (type === 'checkbox' && !/\schecked[\s>]/.test(tag))) continue;
    fields[name] = value;
  }
  for (const [, tag = '', text = ''] of form.matchAll(/<textarea\b([^>]*)>\n?([\s\S]*?)<\/textarea>/g))
    fields[attributesOf(tag)['name'] ?? ''] = plain(text);
  for (const [, tag = '', options = ''] of form.matchAll(/<select\b([^>]*)>([\s\S]*?)<\/select>/g))
    fields[attributesOf(tag)['name'] ?? ''] = chosenOf(options);
  return fields;
}

/** The option that is chosen; where none is, a browser takes the first. */
const chosenOf = (options: string): string =>
  plain(/value="([^"]*)" selected/.exec(options)?.[1] ?? /value="([^"]*)"/.exec(options)?.[1] ?? '');

const attributesOf = (tag: string): Record<string, string> =>
  Object.fromEntries([...tag.matchAll(/\s([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, plain(value ?? '')]));

const plain = (html: string): string =>
  html
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
