/*
 * What is typed into a form stays in this tab until it is recorded: a look back or a page made anew would lose it. Once
 * it is, the form rests on another basis. That it was sent shows nothing: the desk may have ended before it came.
 */

const place = document.querySelector<HTMLElement>('[data-keep]');
const form = place?.closest('form');
const key = `typed ${location.pathname}`;
/** What the figures are read for, and by whom: the day, the ledger they are held against, the session with its name. */
const basis = place?.dataset['keep'];

type Fields = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** Fields that a person fills in, and those that go with them, by their names. */
const fieldsOf = (of: HTMLFormElement): Fields[] =>
  [...of.querySelectorAll<Fields>('input[type=text], input[type=checkbox], input[data-kept], select, textarea')].filter(
    ({ name }) => name !== '',
  );

const isTick = (field: Fields): field is HTMLInputElement =>
  field instanceof HTMLInputElement && field.type === 'checkbox';

/** A tick says the figure that stood beside it: with another one there it is not the same tick. */
const standsIn = (field: Fields): string | null => (isTick(field) ? (field.checked ? field.value : null) : field.value);

function save(of: HTMLFormElement): void {
  const typed = fieldsOf(of).map((field) => [field.name, standsIn(field)]);
  sessionStorage.setItem(key, JSON.stringify({ basis, typed }));
}

/** Fills a new form with what was typed into it before, where it rests on the same facts. */
function restore(of: HTMLFormElement): void {
  const stored = sessionStorage.getItem(key);
  if (stored === null) return;
  const before = JSON.parse(stored) as { basis: string; typed: [string, string | null][] };
  if (before.basis !== basis) return sessionStorage.removeItem(key);
  const known = new Map(before.typed);
  for (const field of fieldsOf(of)) {
    const text = known.get(field.name);
    if (text === undefined || text === null) continue;
    if (isTick(field)) field.checked = text === field.value;
    else field.value = text;
  }
  of.dispatchEvent(new Event('input', { bubbles: true }));
}

if (form) {
  // A page that answers what was sent holds that itself.
  if (place?.dataset['fresh'] === undefined) save(form);
  else restore(form);
  form.addEventListener('input', () => save(form));
}
