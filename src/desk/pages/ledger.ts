import { resultOrThrow } from '../../domain/errors.js';
import { D } from '../../domain/money.js';
import type { BookedEntry } from '../../domain/ledger/sums.js';
import type { ValuedBook, ValuedPosition } from '../../domain/ledger/valuation.js';
import { pageJournal } from '../../operations/ledger/page-journal.js';
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
import { grouped, money, price, signedMoney, ukTime, units } from '../../reports/render/format.js';
import { csvText } from '../csv.js';
import type { Look, PageContent } from '../look.js';
import { listMain } from '../view/document.js';

/** Which book is looked at: as it was asked for, for the reader of it to judge. */
const bookAsked = ({ query }: Look) => (query['book'] === undefined ? {} : { book: query['book'] as 'ledger' });

const reported = async (look: Look) => {
  const { place, policy, account, at } = look;
  return resultOrThrow(await reportBook(place.db, policy, account, { ...bookAsked(look), at }));
};

/** Positions with their value, and the journal a page at a time. */
export async function ledgerPage(look: Look): Promise<PageContent> {
  const { account, place, query } = look;
  const { book, report } = await reported(look);
  const page = resultOrThrow(
    await pageJournal(place.db, account.account, { ...bookAsked(look), before: query['before'] ?? null }),
  );
  const base = `/${encodeURIComponent(account.account)}/ledger`;
  const name = book === 'paper' ? 'Paper book' : 'Ledger';
  return {
    title: `${name}, ${account.account}`,
    here: base,
    command: `trading-ops ledger-report --account ${account.account} --book ${book}`,
    main: listMain(
      `${name} of ${account.account}`,
      report === null ? 'It is empty.' : `At the close of ${report.asOfDate}, in ${account.baseCurrency}.`,
      [
        ...bookedNow(look),
        paragraph([link(`/${encodeURIComponent(account.account)}/book`, 'Book something')]),
        paragraph(
          book === 'paper' ? [link(base, 'The ledger')] : [link(`${base}?book=paper`, 'The paper book of dry runs')],
        ),
        ...(report === null ? [] : booked(report.valued, account.baseCurrency, `${base}/positions.csv?book=${book}`)),
        section('Journal, newest first', [
          paragraph([link(`${base}/journal.csv?book=${book}`, 'All entries as CSV')]),
          ...(page.entries.length === 0
            ? [paragraph('There is no entry.')]
            : [journalTable(page.entries, account.account)]),
          ...(page.older === null
            ? []
            : [paragraph([link(`${base}?book=${book}&before=${page.older}`, 'Older entries')])]),
        ]),
      ],
    ),
  };
}

/** Says what was booked just now, and what follows from it. */
function bookedNow({ query: { booked: entry }, account }: Look): Block[] {
  if (entry === undefined) return [];
  if (!/^\d{1,15}$/.test(entry)) return [banner('plain', 'The ledger already says this', 'Nothing was booked.')];
  return [
    banner('good', `Entry ${entry} books this`, [
      'The newest snapshot counts no longer: ',
      link(`/${encodeURIComponent(account.account)}/today`, 'reconcile again'),
      '.',
    ]),
  ];
}

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
    section('Positions', [
      paragraph([link(csv, 'As CSV')]),
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
      ),
    ]),
  ];
}

/** What is held, and what was and left something behind. */
const shown = ({ positions }: ValuedBook): ValuedPosition[] =>
  positions.filter(
    ({ units: held, realised, dividendsGross }) => !D(held).isZero() || realised !== '0' || dividendsGross !== '0',
  );

const journalTable = (entries: readonly BookedEntry[], account: string): Block =>
  table(
    ['Entry#', 'Date', 'Kind', 'What', 'Postings', 'Who'],
    entries.map((entry): Text[] => [
      String(entry.entryId),
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
      `${entry.operator}, ${ukTime(entry.bookedAt)}`,
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

/** As many entries as the reader of the journal gives at once. */
const ALL = '100000';

/** The journal as CSV, a posting a row, oldest first. */
export async function journalCsv(look: Look): Promise<string> {
  const { place, account } = look;
  const { entries } = resultOrThrow(await readJournal(place.db, account.account, { ...bookAsked(look), limit: ALL }));
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
