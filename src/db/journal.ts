import type { Knex } from 'knex';
import type { Book, EntryDraft, EntryKind, LedgerAccount, Posting } from '../domain/ledger/entries.js';
import type { BookedEntry } from '../domain/ledger/sums.js';
import { samePostings } from '../domain/ledger/bookings/plan.js';
import { refusal } from '../domain/errors.js';
import { D, toText } from '../domain/money.js';
import type { Instant, IsoDate, LedgerState } from '../domain/types.js';
import type { Db } from './connect.js';
import {
  answeredAs,
  ask,
  columnLists,
  instantOf,
  question,
  listsOfColumns,
  type ColumnLists,
  type Columns,
  type Lists,
  type Question,
} from './questions.js';
import type { Row } from './tables.js';
import { lockUntilCommit } from './transaction.js';

export interface Booking {
  account: string;
  book?: Book;
  bookedAt: Instant;
  operator: string;
  /** The same key again books nothing and finds the first entry, which says the same. */
  idempotencyKey: string;
  ticketId?: string | null;
  confirmationId?: string | null;
  reversesEntryId?: number | null;
}

/**
 * Serialises bookings of an account until the transaction ends. Taken before an entry gets its number, so that an
 * account's entries become visible in the order of their numbers: "newer than" is then a comparison of numbers.
 */
export const lockJournal = (db: Db, account: string): Promise<void> => lockUntilCommit(db, `journal:${account}`);

/** What is booked, beside who books it and when. */
export interface EntryToBook extends Pick<Booking, 'idempotencyKey' | 'reversesEntryId'> {
  draft: EntryDraft;
}

/** Books an entry with its postings. Call it in a transaction: the balance is checked when that ends. */
export async function bookEntry(
  db: Db,
  draft: EntryDraft,
  { idempotencyKey, reversesEntryId = null, ...booking }: Booking,
): Promise<{ entryId: number; existing: boolean }> {
  const [booked] = await bookEntries(db, [{ draft, idempotencyKey, reversesEntryId }], booking);
  return booked as { entryId: number; existing: boolean };
}

/**
 * Books entries with their postings, in that order, in as many statements as one takes: a ticket has a dozen lines.
 * @returns what is booked under each key, in the order of the entries.
 * @throws OpsError ALREADY_BOOKED_DIFFERENTLY where a key has an entry that moves something else: nothing is booked
 */
export async function bookEntries(
  db: Db,
  entries: readonly EntryToBook[],
  booking: Omit<Booking, 'idempotencyKey' | 'reversesEntryId'>,
): Promise<{ entryId: number; existing: boolean }[]> {
  if (entries.length === 0) return [];
  await lockJournal(db, booking.account);
  const keys = entries.map(({ idempotencyKey }) => idempotencyKey);
  const found = await bookedBefore(db, entries, booking);
  const missing = entries.filter(({ idempotencyKey }) => !found.has(idempotencyKey));
  if (missing.length > 0) {
    const rows = await db('journal_entries')
      .insert(missing.map((entry) => entryRow(entry, booking)))
      .returning(['entry_id', 'idempotency_key']);
    for (const row of rows) found.set(row.idempotency_key, { entryId: row.entry_id, existing: false });
    await db('postings').insert(
      missing.flatMap(({ draft, idempotencyKey }) => postingRows(draft, found.get(idempotencyKey)?.entryId ?? 0)),
    );
  }
  return keys.map((key) => found.get(key) as { entryId: number; existing: boolean });
}

/** What is there under the keys of these entries, by key: a repeat finds itself, and nothing else passes for it. */
async function bookedBefore(
  db: Db,
  entries: readonly EntryToBook[],
  { account, book = 'ledger' }: Pick<Booking, 'account' | 'book'>,
): Promise<Map<string, { entryId: number; existing: boolean }>> {
  const asked = new Map(entries.map((entry) => [entry.idempotencyKey, entry]));
  const rows = await db('journal_entries as e')
    .where({ account, book })
    .whereIn('idempotency_key', [...asked.keys()])
    .select<EntryRow[]>('e.*', db.raw(POSTINGS));
  for (const stored of bookedEntries(rows)) {
    const { draft, reversesEntryId = null } = asked.get(stored.idempotencyKey) as EntryToBook;
    const isSame = stored.kind === draft.kind && stored.reversesEntryId === reversesEntryId;
    if (!isSame || !samePostings(stored, draft)) throw keyTaken(stored);
  }
  return new Map(rows.map((row) => [row.idempotency_key, { entryId: row.entry_id, existing: true }]));
}

const keyTaken = ({ entryId, operator, bookedAt, description, idempotencyKey }: BookedEntry) =>
  refusal(
    'ALREADY_BOOKED_DIFFERENTLY',
    `entry ${entryId} of ${operator} at ${bookedAt} has the key ${idempotencyKey} and says something else: ${description}`,
    { remedy: 'nothing was booked; find out who wrote that entry: trading-ops signatures verify' },
  );

const entryRow = (
  { draft, idempotencyKey, reversesEntryId }: EntryToBook,
  booking: Omit<Booking, 'idempotencyKey' | 'reversesEntryId'>,
) => ({
  account: booking.account,
  book: booking.book ?? 'ledger',
  kind: draft.kind,
  effective_date: draft.effectiveDate,
  booked_at: booking.bookedAt,
  description: draft.description,
  symbol: draft.symbol,
  operator: booking.operator,
  ticket_id: booking.ticketId ?? null,
  confirmation_id: booking.confirmationId ?? null,
  reverses_entry_id: reversesEntryId ?? null,
  idempotency_key: idempotencyKey,
  cost_share: draft.costShare ?? null,
});

const postingRows = ({ postings }: EntryDraft, entryId: number) =>
  postings.map(({ account, commodity, amount }, index) => ({
    entry_id: entryId,
    line_no: index + 1,
    ledger_account: account,
    commodity,
    amount,
  }));

type EntryRow = Row<'journal_entries'> & { postings: string | null };

/**
 * Of an entry the postings in order, a line each, cut here: half the time of an object each. No name of ours has a
 * line break.
 */
const POSTINGS = `(select string_agg(concat_ws(E'\\t', p.ledger_account, p.commodity, trim_scale(p.amount)), E'\\n' order by p.line_no)
  from postings p where p.entry_id = e.entry_id) as postings`;

/** Every entry of a book in booking order, with its postings; those after an entry where one is named. */
export const journal = (db: Db, account: string, book: Book = 'ledger', after = 0): Promise<BookedEntry[]> =>
  ask(db, journalQuestion(db, account, book, after));

type JournalRow = Pick<
  Row<'journal_entries'>,
  | 'entry_id'
  | 'kind'
  | 'effective_date'
  | 'booked_at'
  | 'description'
  | 'symbol'
  | 'ticket_id'
  | 'confirmation_id'
  | 'reverses_entry_id'
  | 'idempotency_key'
  | 'operator'
  | 'cost_share'
>;

const COLUMNS: Columns<JournalRow> = {
  entry_id: 'number',
  kind: 'text',
  effective_date: 'text',
  booked_at: 'instant',
  description: 'free',
  symbol: 'text',
  ticket_id: 'text',
  confirmation_id: 'text',
  reverses_entry_id: 'number',
  idempotency_key: 'free',
  operator: 'free',
  cost_share: 'text',
};

/** A posting beside the entry that it is of. */
interface PostingOf {
  posting_of: number;
  ledger_account: LedgerAccount;
  commodity: string;
  posted: string;
}

const POSTING_COLUMNS: Columns<PostingOf> = {
  posting_of: 'number',
  ledger_account: 'text',
  commodity: 'text',
  posted: 'text',
};

/**
 * Their postings beside them, column by column too. Each list is of rows that were sorted for it: an order said in each
 * of the twelve lists would sort them twelve times.
 */
const WITH_POSTINGS = `
  with entries as materialized (
    select * from journal_entries where account = ? and book = ? and entry_id > ?
     order by entry_id limit cast(? as bigint)),
  posted as materialized (
    select ${columnLists(POSTING_COLUMNS)}
      from (select p.entry_id as posting_of, ledger_account, commodity, trim_scale(amount) as posted
              from postings p join entries using (entry_id) order by p.entry_id, p.line_no) r)
  select * from (select ${columnLists(COLUMNS)} from (select * from entries order by entry_id) r) e, posted`;

function journalQuestion(db: Db, account: string, book: Book, after: number, most?: number): Question<BookedEntry[]> {
  const query = db.raw(WITH_POSTINGS, [account, book, after, most ?? null] as never);
  return question<BookedEntry[]>(query, ([found]: ColumnLists<JournalRow & PostingOf>[]) => entriesOfColumns(found!));
}

function entriesOfColumns(found: ColumnLists<JournalRow & PostingOf>): BookedEntry[] {
  const [of, posted] = [listsOfColumns<JournalRow>(found, COLUMNS), listsOfColumns<PostingOf>(found, POSTING_COLUMNS)];
  let at = 0;
  return entriesOf(
    of.entry_id.map((_, index) => rowAt(of, index)),
    ({ entry_id: id }, once) => {
      const postings: Posting[] = [];
      for (; posted.posting_of[at] === id; at++)
        postings.push({
          account: once(posted.ledger_account[at]!) as LedgerAccount,
          commodity: once(posted.commodity[at]!),
          amount: posted.posted[at]!,
        });
      return postings;
    },
  );
}

const rowAt = (of: Lists<JournalRow>, at: number): JournalRow => ({
  entry_id: of.entry_id[at]!,
  kind: of.kind[at]!,
  effective_date: of.effective_date[at]!,
  booked_at: of.booked_at[at]!,
  description: of.description[at]!,
  symbol: of.symbol[at]!,
  ticket_id: of.ticket_id[at]!,
  confirmation_id: of.confirmation_id[at]!,
  reverses_entry_id: of.reverses_entry_id[at]!,
  idempotency_key: of.idempotency_key[at]!,
  operator: of.operator[at]!,
  cost_share: of.cost_share[at]!,
});

/** Which entries of a book are wanted: those of which everything holds that is not null. */
export interface JournalFilter {
  /** About this symbol, or with units of it. */
  symbol: string | null;
  kind: EntryKind | null;
  /** Of tickets whose ids begin so. */
  ticket: string | null;
  /** Effective dates, both included. */
  from: IsoDate | null;
  to: IsoDate | null;
}

/** So many entries of a book, newest first: the newest, or those booked before an entry. */
export const journalPage = (
  db: Db,
  account: string,
  { book, before, limit, ...wanted }: JournalFilter & { book: Book; before: number | null; limit: number },
): Promise<BookedEntry[]> => {
  const found = db('journal_entries as e').where({ account, book });
  if (before !== null) void found.where('entry_id', '<', before);
  narrow(found, wanted, db);
  return ask(
    db,
    question<BookedEntry[]>(
      found.orderBy('entry_id', 'desc').limit(limit).select('e.*', db.raw(POSTINGS)),
      bookedEntries,
    ),
  );
};

function narrow(found: Knex.QueryBuilder, { symbol, kind, ticket, from, to }: JournalFilter, db: Db): void {
  if (kind !== null) void found.where('kind', kind);
  if (ticket !== null) void found.whereRaw('starts_with(ticket_id::text, ?)', [ticket.toLowerCase()]);
  if (from !== null) void found.where('effective_date', '>=', from);
  if (to !== null) void found.where('effective_date', '<=', to);
  if (symbol === null) return;
  const moved = db('postings').where({ ledger_account: 'Assets:Units', commodity: symbol }).select('entry_id');
  void found.where((about) => void about.where('symbol', symbol).orWhereIn('entry_id', moved));
}

/** An entry of whichever book of the account, with what took it back; null where there is none of that number. */
export async function findEntry(
  db: Db,
  account: string,
  entryId: number,
): Promise<{ book: Book; entry: BookedEntry; reversedBy: number | null } | null> {
  const row = await db('journal_entries as e')
    .where({ account, entry_id: entryId })
    .first<(EntryRow & { reversed_by: number | null }) | undefined>(
      'e.*',
      db.raw(POSTINGS),
      db.raw('(select r.entry_id from journal_entries r where r.reverses_entry_id = e.entry_id) as reversed_by'),
    );
  const [entry] = row ? bookedEntries([row]) : [];
  return row && entry ? { book: row.book, entry, reversedBy: row.reversed_by } : null;
}

/** Entries of all books together that are kept at hand, tens of megabytes: years of a household, days of a thousand. */
const AT_HAND_MAX = 20_000;

/** Books kept at hand, those asked for last at the end, and how many entries they have. */
interface BooksAtHand {
  books: Map<string, BookedEntry[]>;
  entries: number;
}

const booksAtHand = new WeakMap<Db, BooksAtHand>();

/**
 * The same, kept at hand: reads only what was booked since it was last asked, for nothing booked ever changes, and an
 * account's entries become visible in the order of their numbers. Not for a transaction, whose entries may vanish
 * again.
 * @param most entries to be read now, of those that are not at hand yet; left out: all
 */
export function journalAtHand(db: Knex, account: string, book: Book, most?: number): Question<BookedEntry[]> {
  const atHand = booksAtHand.get(db) ?? { books: new Map<string, BookedEntry[]>(), entries: 0 };
  booksAtHand.set(db, atHand);
  const key = `${account}/${book}`;
  const known = atHand.books.get(key) ?? [];
  return answeredAs(journalQuestion(db, account, book, known.at(-1)?.entryId ?? 0, most), (newer) => {
    // The same list while nothing was booked: what is made of it may be kept beside it.
    const entries = newer.length === 0 ? known : [...known, ...newer];
    keepAtHand(atHand, key, entries);
    return entries;
  });
}

/** Entries that are read at a time: years of them at once would be tens of megabytes on their way. */
const AT_A_TIME = 2_000;

/** Books that are being read, so that who asks meanwhile reads what is left then, and not all of it once more. */
const beingRead = new WeakMap<Knex, Map<string, Promise<BookedEntry[]>>>();

/** A whole book at hand, read a part after another where it is long. Not for a transaction. */
export async function wholeJournalAtHand(db: Knex, account: string, book: Book): Promise<BookedEntry[]> {
  const key = `${account}/${book}`;
  const under = beingRead.get(db) ?? new Map<string, Promise<BookedEntry[]>>();
  beingRead.set(db, under);
  await under.get(key)?.catch(() => undefined);
  const reading = restOfJournal(db, account, book);
  under.set(key, reading);
  try {
    return await reading;
  } finally {
    if (under.get(key) === reading) under.delete(key);
  }
}

async function restOfJournal(db: Knex, account: string, book: Book): Promise<BookedEntry[]> {
  for (;;) {
    const had = booksAtHand.get(db)?.books.get(`${account}/${book}`)?.length ?? 0;
    const entries = await ask(db, journalAtHand(db, account, book, AT_A_TIME));
    if (entries.length < had + AT_A_TIME) return entries;
  }
}

/** Forgets those asked for longest ago where there are too many; the newest stays, however long it is. */
function keepAtHand(atHand: BooksAtHand, key: string, entries: BookedEntry[]): void {
  const { books } = atHand;
  atHand.entries += entries.length - (books.get(key)?.length ?? 0);
  books.delete(key);
  books.set(key, entries);
  for (const [oldest, forgotten] of books) {
    if (atHand.entries <= AT_HAND_MAX || oldest === key) break;
    books.delete(oldest);
    atHand.entries -= forgotten.length;
  }
}

/** The entries that a confirmation booked, its reversals included, in booking order. */
export async function entriesOfConfirmation(db: Db, confirmationId: string): Promise<BookedEntry[]> {
  const rows = await db('journal_entries as e')
    .where({ confirmation_id: confirmationId })
    .orderBy('entry_id')
    .select<EntryRow[]>('e.*', db.raw(POSTINGS));
  return bookedEntries(rows);
}

/**
 * The entries of rows. What several of them say (an answer is a dozen entries of one ticket, operator and instant) is
 * one string: books of years are kept at hand.
 */
const bookedEntries = (rows: readonly EntryRow[]): BookedEntry[] =>
  entriesOf(rows, ({ postings }, once) =>
    (postings?.split('\n') ?? []).map((line): Posting => {
      const [account = '', commodity = '', amount = ''] = line.split('\t');
      return { account: once(account) as LedgerAccount, commodity: once(commodity), amount };
    }),
  );

function entriesOf<Found extends JournalRow>(
  rows: readonly Found[],
  postingsOf: (row: Found, once: (text: string) => string) => Posting[],
): BookedEntry[] {
  const once = onceEach((text) => text);
  const instants = onceEach(instantOf);
  return rows.map((row) => ({
    entryId: row.entry_id,
    kind: row.kind,
    effectiveDate: once(row.effective_date),
    bookedAt: instants(row.booked_at),
    description: once(row.description),
    symbol: row.symbol && once(row.symbol),
    ticketId: row.ticket_id && once(row.ticket_id),
    confirmationId: row.confirmation_id && once(row.confirmation_id),
    reversesEntryId: row.reverses_entry_id,
    idempotencyKey: row.idempotency_key,
    operator: once(row.operator),
    postings: postingsOf(row, once),
    ...(row.cost_share === null ? {} : { costShare: toText(D(row.cost_share)) }),
  }));
}

/** Makes something of a text, of the same text the same thing. */
function onceEach(make: (text: string) => string): (text: string) => string {
  const made = new Map<string, string>();
  return (text) => {
    const known = made.get(text);
    if (known !== undefined) return known;
    const fresh = make(text);
    made.set(text, fresh);
    return fresh;
  };
}

const STATES = `
  with entries as (select account, entry_id, booked_at from journal_entries where account = any(?) and book = ?),
  totals as (
    select account, ledger_account, commodity, sum(amount)::text as total from postings join entries using (entry_id)
    where ledger_account in ('Assets:Cash', 'Assets:Units') group by 1, 2, 3 having sum(amount) <> 0),
  sums as (select account, jsonb_agg(totals order by commodity) as sums from totals group by account),
  last as (
    select account, entry_id, booked_at from entries
     where entry_id in (select max(entry_id) from entries group by account))
  select account, coalesce(sums.sums, '[]') as sums, last.entry_id, last.booked_at from last left join sums using (account)`;

type StateRow = Pick<Row<'journal_entries'>, 'account' | 'entry_id' | 'booked_at'> & {
  sums: (Pick<Row<'postings'>, 'ledger_account' | 'commodity'> & { total: string })[];
};

const NOTHING_BOOKED: LedgerState = { cash: '0', units: {}, lastEntryId: null, lastBookedAt: null };

/**
 * Cash and units as the journal sums them, and the newest entry in them: one statement, so that they belong together.
 */
export const ledgerState = (db: Db, account: string, book: Book = 'ledger'): Promise<LedgerState> =>
  ask(db, ledgerQuestion(db, account, book));

/** One account's ledger as a question. */
export function ledgerQuestion(db: Db, account: string, book: Book = 'ledger'): Question<LedgerState> {
  const { query, answer } = ledgersQuestion(db, [account], book);
  return { query, answer: (rows) => answer(rows).get(account) as LedgerState };
}

/** The instant at which an account's ledger got its first entry; null while it is empty. */
export const openedQuestion = (db: Db, account: string): Question<Instant | null> =>
  question<Instant | null>(
    db.raw(
      `select booked_at as "bookedAt" from journal_entries where account = ? and book = 'ledger' order by entry_id limit 1`,
      [account],
    ),
    ([first]: { bookedAt: Instant }[]) => (first ? instantOf(first.bookedAt) : null),
  );

/** Each of these accounts' ledgers as a question. */
export const ledgersQuestion = (
  db: Db,
  accounts: readonly string[],
  book: Book = 'ledger',
): Question<Map<string, LedgerState>> =>
  question<Map<string, LedgerState>>(db.raw(STATES, [accounts, book] as never), (rows: StateRow[]) => {
    const states = new Map(rows.map((row) => [row.account, stateOf(row)]));
    return new Map(accounts.map((account) => [account, states.get(account) ?? NOTHING_BOOKED]));
  });

function stateOf({ sums, entry_id, booked_at }: StateRow): LedgerState {
  const cash = sums
    .filter(({ ledger_account }) => ledger_account === 'Assets:Cash')
    .reduce((sum, { total }) => sum.plus(D(total)), D(0));
  const units = sums
    .filter(({ ledger_account }) => ledger_account === 'Assets:Units')
    .map(({ commodity, total }) => [commodity, toText(D(total))]);
  return {
    cash: toText(cash),
    units: Object.fromEntries(units),
    lastEntryId: entry_id,
    lastBookedAt: booked_at && instantOf(booked_at),
  };
}
