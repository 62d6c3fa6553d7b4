import type { DraftField } from '../../domain/confirmation/draft.js';

/*
 * What the fields of forms are called where their form is not at hand: a page that tells what was typed is made while
 * the database is away; and what is wrong with a line is told by the names of the fills file.
 */

const OF_LINE: Record<DraftField, string> = {
  executed_status: 'what became of it',
  units: 'units',
  fill_price: 'price of a share',
  executed_value_base: 'value',
  filled_at: 'time in the UK',
  notes: 'note',
  reason: 'why it departs from the ticket',
  seen: 'price you see',
};

const OF_FORM: Readonly<Record<string, string>> = {
  cash: 'Cash',
  snapshotDate: 'Date the figures are of',
  opens: 'Name of the account, to open its ledger',
  pasted: 'What was pasted',
  file: 'What was pasted',
  reason: 'Why',
  operator: 'Name',
};

/** Fields by the shape of their names, with what they are of. */
const SHAPES: readonly (readonly [shape: RegExp, label: (of: string, field: string) => string])[] = [
  [
    /^fills\[(\d+)\]\.(\w+)$/,
    (index, field) => `Line ${Number(index) + 1}, ${(OF_LINE as Record<string, string>)[field] ?? inWords(field)}`,
  ],
  [/^same\.(.+)$/, (symbol) => `${symbol}, the same as in the ledger`],
  [/^positions\.(.+)$/, (symbol) => `${symbol}, units`],
  [/^other\.(\d+)\.(\w+)$/, (row, field) => `Other position ${row}, ${field}`],
];

/** What a field is called whose name alone says what it is of; null for any other. */
export function knownLabel(name: string): string | null {
  for (const [shape, label] of SHAPES) {
    const [, of, field = ''] = shape.exec(name) ?? [];
    if (of !== undefined) return label(of, field);
  }
  return (Object.hasOwn(OF_FORM, name) && OF_FORM[name]) || null;
}

/** What a field is called, by its name. */
export function labelOf(name: string): string {
  const words = knownLabel(name) ?? inWords(name);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A sentence about a line, with its fields called as the form does; those of one plain word are that already. */
export const inLabels = (sentence: string): string =>
  sentence.replaceAll(/\b[a-z]+(?:_[a-z]+)+\b/g, (name) => (OF_LINE as Record<string, string>)[name] ?? name);

/** `exDate` and `ex_date` as `ex date`. */
const inWords = (name: string): string =>
  name
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll(/[_.]/g, ' ')
    .toLowerCase();
