import { DEFAULTS } from '../../contract/defaults.js';
import type { BookingName } from '../../operations/ledger/bookings.js';
import type { Field } from './form.js';

/** A booking that is filled in field by field, by the names that its schema has for them. */
export interface BookingKind {
  kind: Exclude<BookingName, 'reverse'>;
  title: string;
  /** When it is booked, in a sentence. */
  what: string;
  fields: readonly Field[];
}

const symbol = (label: string): Field => ({
  kind: 'text',
  name: 'symbol',
  label,
  hint: 'The internal symbol, such as AAPL.',
});
const date = (name: string, label: string, hint: string): Field => ({ kind: 'date', name, label, hint });
const firstDay = date('date', 'Date', 'The first day on which it is so, as 2026-11-23.');
const exDate = date('exDate', 'Ex-date', 'As 2026-11-23.');
const to: Field = {
  kind: 'text',
  name: 'to',
  label: 'Became',
  hint: 'Its internal symbol: the universe must have it.',
};
const ratio = (hint: string): Field => ({ kind: 'text', name: 'ratio', label: 'New shares for one old share', hint });
const figure = (name: string, label: string, hint: string): Field => ({ kind: 'figure', name, label, hint });
const netOr = (others: string): Field =>
  figure('net', 'What arrived', `In the currency of the account, as 1250.40. It takes the place of ${others}.`);
const perShare = figure(
  'amount',
  'Cash a share',
  'In the currency of the listing, where you do not give what arrived.',
);
const fx = (of: string): Field =>
  figure('fx', 'Rate', `Currency of the listing for one of the account. Left empty: the stored rate of the ${of}.`);
const proceeds: readonly Field[] = [netOr('the two below'), perShare, fx('date')];
const costShare = (of: string): Field =>
  figure('costShare', 'Part of the cost', `A fraction, as 0.2135, ${of}. Left empty: by the stored closes.`);

/** What may be booked by hand, in the order in which it is needed. */
export const BOOKING_KINDS: readonly BookingKind[] = [
  {
    kind: 'cash',
    title: 'Cash',
    what: 'Money was paid in or out, the broker took a fee, or paid interest on the balance.',
    fields: [
      {
        kind: 'choice',
        name: 'kind',
        label: 'What it was',
        options: [
          ['', 'choose'],
          ['DEPOSIT', 'Paid in'],
          ['WITHDRAWAL', 'Paid out'],
          ['FEE', 'A fee'],
          ['INTEREST', 'Interest'],
        ],
      },
      figure('amount', 'Amount', 'Above 0, in the currency of the account, as 1250.40.'),
      date('date', 'Date', 'On which it arrived or left. Left empty: today.'),
      { kind: 'text', name: 'symbol', label: 'Symbol', hint: 'Only of a fee that is about one.' },
      { kind: 'text', name: 'notes', label: 'Note', hint: 'Kept with the entry.' },
      { kind: 'tick', name: 'another', label: 'A second one of the same date, amount and note is meant' },
    ],
  },
  {
    kind: 'dividend',
    title: 'Dividend',
    what: 'A dividend was paid: from what is stored of it, or from what arrived.',
    fields: [
      symbol('Symbol'),
      exDate,
      {
        kind: 'choice',
        name: 'type',
        label: 'Which of several of one ex-date',
        options: [
          ['regular', 'regular'],
          ['special', 'special'],
          ['return_of_capital', 'return of capital'],
        ],
        value: 'regular',
      },
      date('paidOn', 'Paid on', 'Left empty: today.'),
      netOr('cash a share, shares and rate'),
      figure('amount', 'Cash a share', 'In the currency of the listing. Left empty: the stored dividend.'),
      figure('units', 'Shares it was paid on', 'Left empty: those held before the ex-date.'),
      fx('ex-date'),
      figure(
        'withholding',
        'Tax withheld',
        `A fraction from 0 to 0.5. Left empty: ${DEFAULTS.withholding}, and 0 of a return of capital.`,
      ),
    ],
  },
  {
    kind: 'split',
    title: 'Split',
    what: 'New shares took the place of old ones: the stored split, or one whose ratio you give.',
    fields: [symbol('Symbol'), exDate, ratio('As 7 or 1/4. Left empty: the stored split.')],
  },
  {
    kind: 'rename',
    title: 'Rename',
    what: 'A holding is called otherwise: units, cost and prices go on under the new symbol.',
    fields: [symbol('Was called'), firstDay, to],
  },
  {
    kind: 'cash-merger',
    title: 'Cash merger',
    what: 'A holding was bought out for cash.',
    fields: [symbol('Symbol'), firstDay, ...proceeds],
  },
  {
    kind: 'stock-merger',
    title: 'Stock merger',
    what: 'A holding became shares of another company, with cash or without.',
    fields: [
      symbol('Symbol'),
      firstDay,
      to,
      ratio('As 0.5 or 1/4.'),
      ...proceeds,
      costShare('that the cash is set against'),
    ],
  },
  {
    kind: 'spin-off',
    title: 'Spin-off',
    what: 'Shares of a new company came beside those held.',
    fields: [symbol('Symbol'), exDate, to, ratio('As 0.5 or 1/4.'), costShare('that goes to the new shares')],
  },
  {
    kind: 'cash-in-lieu',
    title: 'Cash in lieu',
    what: 'A fraction of a share was paid out in cash.',
    fields: [
      symbol('Symbol'),
      date('date', 'Date', 'On which it was paid, as 2026-11-23.'),
      figure('net', 'What arrived', 'In the currency of the account, as 12.40.'),
      figure('units', 'The fraction', 'Left empty: what the holding has beyond whole shares.'),
    ],
  },
  {
    kind: 'delisting',
    title: 'Delisting',
    what: 'A holding is gone, for what was paid out in the end or for nothing.',
    fields: [symbol('Symbol'), firstDay, ...proceeds],
  },
];
