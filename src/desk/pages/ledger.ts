import { resultOrThrow } from '../../domain/errors.js';
import { D } from '../../domain/money.js';
import type { BookedEntry } from '../../domain/ledger/sums.js';
import type { ValuedBook, ValuedPosition } from '../../domain/ledger/valuation.js';
import type { CorporateAction } from '../../domain/types.js';
import { ENTRY_KINDS, type EntryKind } from '../../domain/ledger/entries.js';
import { pageJournal, type JournalPage } from '../../operations/ledger/page-journal.js';
import { readJournal } from '../../operations/ledger/read-journal.js';
import { reportBook } from '../../operations/ledger/report.js';
import {
  banner,
  facts,
  link,
  paragraph,
  section,
  table,
  type Block,
  type Text,
} from '../../reports/render/document.js';
import { grouped, money, price, signedMoney, ukStamp, units } from '../../reports/render/format.js';
import { linkOf } from '../../reports/links.js';
import { renderBlocks } from '../../reports/render/html.js';
import { csvText } from '../../reports/render/csv.js';
import { ALL_ROWS } from '../csv.js';
import type { Look, PageContent } from '../look.js';
import { bookedNow } from '../view/booked-now.js';
import { listMain } from '../view/document.js';
import { filterForm, pathWith, type FilterField } from '../view/filter.js';

/** Which book is looked at: as it was asked for, for the reader of it to judge. */
const bookAsked = ({ query }: Look) => (query['book'] === undefined ? {} : { book: query['book'] as 'ledger' });

const reported = async (look: Look) => {
  const { place, policy, account, at } = look;
  return resultOrThrow(await reportBook(place.db, policy, account, { ...bookAsked(look), at }));
};

/** The fields by which the journal is narrowed. */
const NARROWING = ['symbol', 'kind', 'ticket', 'from', 'to'] as const;

/** Which entries are looked at: as it was asked for, for the reader of the journal to judge. */
const narrowed = ({ query }: Look) =>
  Object.fromEntries(NARROWING.flatMap((name) => (query[name] ? [[name, query[name]]] : []))) as {
    symbol?: string;
    kind?: EntryKind;
    ticket?: string;
    from?: string;
    to?: string;
  };

/** Positions with their value, and the journal a page at a time. */
export async function ledgerPage(look: Look): Promise<PageContent> {
  const { account, place, query } = look;
  const { book, report } = await reported(look);
  const page = resultOrThrow(
    await pageJournal(place.db, account.account, {
      ...bookAsked(look),
      ...narrowed(look),
      before: query['before'] ?? null,
    }),
  );
  const base = `/${encodeURIComponent(account.account)}/ledger`;
  const name = book === 'paper' ? 'Paper book' : 'Ledger';
  return {
    title: `${name}, ${account.account}`,
    here: base,
    command: `trading-ops ledger-report --account ${account.account} --book ${book}`,
    main:
      listMain(
        `${name} of ${account.account}`,
        report === null ? 'It is empty.' : `At the close of ${report.asOfDate}, in ${account.baseCurrency}.`,
        [
          ...bookedNow(look),
          paragraph([
            link(`/${encodeURIComponent(account.account)}/book`, 'Book something'),
            ' · ',
            book === 'paper' ? link(base, 'The ledger') : link(`${base}?book=paper`, 'The paper book of dry runs'),
          ]),
          ...(report === null ? [] : notBooked(report.unbookedSplits, account.account)),
          ...(report === null ? [] : booked(report.valued, account.baseCurrency, `${base}/positions.csv?book=${book}`)),
          section('Journal, newest first', []),
        ],
      ) +
      filterForm(base, 'Entries', filterFields(query), [['book', book]]) +
      renderBlocks(journalBlocks(page, account.account, narrowed(look))),
  };
}

const filterFields = (query: Look['query']): FilterField[] => [
  { name: 'symbol', label: 'Symbol', value: query['symbol'] },
  { name: 'kind', label: 'Kind', value: query['kind'], options: ENTRY_KINDS },
  { name: 'ticket', label: 'Ticket', value: query['ticket'], hint: 'first 8' },
  { name: 'from', label: 'From', value: query['from'], hint: 'YYYY-MM-DD' },
  { name: 'to', label: 'To', value: query['to'], hint: 'YYYY-MM-DD' },
];

/** The entries of a page; what narrows them goes along to older ones and into the file. */
function journalBlocks(
  { book, entries, older }: JournalPage,
  account: string,
  narrowing: Record<string, string | undefined>,
): Block[] {
  const base = `/${encodeURIComponent(account)}/ledger`;
  const asked = { book, ...narrowing };
  return [
    paragraph([link(pathWith(`${base}/journal.csv`, asked), 'These entries as CSV')]),
    entries.length === 0 ? paragraph('There is no such entry.') : journalTable(entries, account),
    ...(older === null ? [] : [paragraph([link(pathWith(base, { ...asked, before: older }), 'Older entries')])]),
  ];
}

/** Splits that prices show already, each with the way to the form that books it. */
const notBooked = (splits: readonly CorporateAction[], account: string): Block[] =>
  splits.flatMap(({ symbol, exDate, value: ratio }) => {
    const form = linkOf({ kind: 'BOOK_SPLIT', symbol, exDate, ratio, published: true }, account);
    return [
      banner(
        'warn',
        `Not booked: the split of ${symbol}, ex-date ${exDate}`,
        'Its value counts it, the units do not yet.',
      ),
      ...(form === null ? [] : [paragraph([link(form, 'Book the split')])]),
    ];
  });

function booked(valued: ValuedBook, base: string, csv: string): Block[] {
  const amount = (value: string | null) => (value === null ? 'unknown' : money(value, base));
  const gain = (value: string | null) => (value === null ? 'unknown' : signedMoney(value, base));
  return [
    facts([
      ['Cash', amount(valued.cash)],
      ['Positions', amount(valued.positionsValue)],
      ['Equity', amount(valued.equity)],
      ['Unrealised', gain(valued.unrealised)],
      ['Realised', gain(valued.realised)],
      [
        'Dividends, fees',
        `${amount(valued.dividendsGross)} less tax ${amount(valued.withholdingTax)}; ${amount(valued.fees)}`,
      ],
      ['Paid in, paid out', `${amount(valued.deposits)}, ${amount(valued.withdrawals)}`],
    ]),
    section(
      'Positions',
      shown(valued).length === 0
        ? [paragraph('Nothing is held.')]
        : [paragraph([link(csv, 'As CSV')]), positionsTable(valued, { amount, gain })],
    ),
  ];
}

type InMoney = (value: string | null) => string;

const positionsTable = (valued: ValuedBook, { amount, gain }: Record<'amount' | 'gain', InMoney>): Block =>
  table(
    ['Symbol', 'Units#', 'Cost#', 'Close#', 'Rate#', 'Value#', 'Unrealised#', 'Realised#'],
    shown(valued).map((each): Text[] => [
      each.symbol,
      units(each.units),
      amount(each.cost),
      each.quote === null ? 'no price' : price(each.quote.price, each.quote.currency),
      each.quote === null || each.quote.fx === '1' ? '' : grouped(each.quote.fx, 4),
      amount(each.value),
      gain(each.unrealised),
      gain(each.realised),
    ]),
  );

/** What is held, and what was and left something behind. */
const shown = ({ positions }: ValuedBook): ValuedPosition[] =>
  positions.filter(
    ({ units: held, realised, dividendsGross }) => !D(held).isZero() || realised !== '0' || dividendsGross !== '0',
  );

const journalTable = (entries: readonly BookedEntry[], account: string): Block =>
  table(
    ['Entry#', 'Date', 'Kind', 'What', 'Postings', 'Booked, UK', 'Who'],
    entries.map((entry): Text[] => [
      [link(`/${encodeURIComponent(account)}/ledger/${entry.entryId}`, String(entry.entryId))],
      entry.effectiveDate,
      entry.kind,
      [
        entry.description,
        ...(entry.reversesEntryId === null ? [] : [` (reverses ${entry.reversesEntryId})`]),
        ...(entry.ticketId === null
          ? []
          : [' ', link(`/${encodeURIComponent(account)}/tickets/${entry.ticketId}`, 'ticket')]),
      ],
      entry.postings.map((posting) => `${posting.account} ${posting.amount} ${posting.commodity}`).join('; '),
      ukStamp(entry.bookedAt),
      entry.operator,
    ]),
  );

/** Positions as CSV. */
export async function positionsCsv(look: Look): Promise<string> {
  const { report } = await reported(look);
  const heads = ['symbol', 'units', 'cost', 'price', 'currency', 'price_date', 'fx', 'value', 'unrealised', 'realised'];
  const rows = report === null ? [] : shown(report.valued);
  return csvText([
    heads,
    ...rows.map(({ symbol, units: held, cost, quote, value, unrealised, realised }) => [
      symbol,
      held,
      cost,
      quote?.price ?? null,
      quote?.currency ?? null,
      quote?.date ?? null,
      quote?.fx ?? null,
      value,
      unrealised,
      realised,
    ]),
  ]);
}

/** The journal as CSV, narrowed as the page is, a posting a row, oldest first. */
export async function journalCsv(look: Look): Promise<string> {
  const { place, account } = look;
  const { entries } = resultOrThrow(
    await readJournal(place.db, account.account, { ...bookAsked(look), ...narrowed(look), limit: ALL_ROWS }),
  );
  const heads = [
    'entry',
    'date',
    'booked_at',
    'kind',
    'description',
    'reverses',
    'ticket',
    'operator',
    'account',
    'amount',
    'commodity',
  ];
  return csvText([
    heads,
    ...entries.flatMap((entry) =>
      entry.postings.map((posting) => [
        entry.entryId,
        entry.effectiveDate,
        entry.bookedAt,
        entry.kind,
        entry.description,
        entry.reversesEntryId,
        entry.ticketId,
        entry.operator,
        posting.account,
        posting.amount,
        posting.commodity,
      ]),
    ),
  ]);
}
