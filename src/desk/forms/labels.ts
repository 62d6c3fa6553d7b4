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
  'look.name': 'Looked at: the name',
  'look.stock': 'Looked at: the stock, not a CFD',
  'look.x1': 'Looked at: leverage x1',
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

/** What a field of a row is called, whose name says which row; null for any other. */
export function rowLabel(name: string): string | null {
  for (const [shape, label] of SHAPES) {
    const [, of, field = ''] = shape.exec(name) ?? [];
    if (of !== undefined) return label(of, field);
  }
  return null;
}

/** What a field is called where its form is not at hand, by its name. */
export function labelOf(name: string): string {
  const words = rowLabel(name) ?? (Object.hasOwn(OF_FORM, name) ? OF_FORM[name] : null) ?? inWords(name);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The id of a field, which a trouble links to. */
export const idOf = (name: string): string => `f-${name.replaceAll(/[^A-Za-z0-9.-]/g, '_')}`;

/** What a field is called by the form at hand; one of a row with its row. @param body HTML of the form */
export function labelIn(body: string, name: string): string {
  const id = idOf(name).replaceAll('.', '\\.');
  const label = `<label for="${id}">([^<]*)</label>|<input type="checkbox" id="${id}"[^>]*>([^<]*)</label>`;
  const line = /^fills\[(\d+)\]\./.exec(name)?.[1];
  if (line === undefined && rowLabel(name) !== null) return labelOf(name);
  const [, own, ofTick] = new RegExp(label).exec(body) ?? [];
  const words = plain(own ?? ofTick ?? '');
  if (words === '') return labelOf(name);
  // Every line of a ticket has the same labels: its number tells them apart.
  return line === undefined ? words : `Line ${Number(line) + 1}, ${words.charAt(0).toLowerCase()}${words.slice(1)}`;
}

/**
 * A rule about a choice, in the words that the form at hand offers for the values; any other rule as it is.
 * @param body HTML of the form
 */
export function inOptions(body: string, name: string, rule: string): string {
  const id = idOf(name).replaceAll('.', '\\.');
  const [choice = ''] = new RegExp(`<select id="${id}"[^]*?</select>`).exec(body) ?? [];
  const words = new Map(
    [...choice.matchAll(/<option value="([^"]+)"[^>]*>([^<]*)</g)].map(([, value = '', text = '']) => [
      plain(value),
      plain(text),
    ]),
  );
  return rule.replaceAll(/[\w-]+/g, (word) => words.get(word) ?? word);
}

/** Text of a page as it was before it stood in one. */
const plain = (html: string): string =>
  html.trim().replaceAll(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => PLAIN[name] ?? '');
const PLAIN: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

/** A sentence about a line, with its fields called as the form does; those of one plain word are that already. */
export const inLabels = (sentence: string): string =>
  sentence.replaceAll(/\b[a-z]+(?:_[a-z]+)+\b/g, (name) => (OF_LINE as Record<string, string>)[name] ?? name);

/** `exDate` and `ex_date` as `ex date`. */
const inWords = (name: string): string =>
  name
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll(/[_.]/g, ' ')
    .toLowerCase();
