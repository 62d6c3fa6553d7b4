import type { Knex } from 'knex';
import { reportBookSchema, type ReportBook } from '../../contract/ledger-looks.js';
import { parseInput } from '../../contract/reading.js';
import { wholeJournalAtHand } from '../../db/journal.js';
import { knownActionsAtHand } from '../../db/known-actions.js';
import { newestInstantQuestion } from '../../db/newest-instant.js';
import { ask } from '../../db/questions.js';
import { newestQuotes } from '../../db/quotes.js';
import { asOfDate, tradingDayOf } from '../../domain/calendar/calendar.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import type { Book } from '../../domain/ledger/entries.js';
import { unbookedSplits } from '../../domain/ledger/bookings/split.js';
import { replayBook, type BookReport } from '../../domain/ledger/positions.js';
import { sharesOf } from '../../domain/ledger/shares.js';
import { openingDate, symbolsEverHeld, type BookedEntry } from '../../domain/ledger/sums.js';
import {
  openingPriceFrom,
  valueBook,
  type Quote,
  type UnitsAt,
  type ValuedBook,
} from '../../domain/ledger/valuation.js';
import { D } from '../../domain/money.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { Account, CorporateAction, Instant, IsoDate } from '../../domain/types.js';

export interface ReportedBook {
  asOfDate: IsoDate;
  entries: BookedEntry[];
  valued: ValuedBook;
  /** Splits that prices already show and the ledger's units do not; its value counts them. */
  unbookedSplits: CorporateAction[];
}

/**
 * A book at the newest closes up to the as-of date of an instant, the account's own today when none is said; nothing
 * is valued while it is empty.
 */
export function reportBook(
  db: Knex,
  policy: Policy,
  account: Account,
  { at: said, ...input }: ReportBook & { at: Instant | null },
): Promise<Outcome<{ book: Book; report: ReportedBook | null }>> {
  return outcomeOf(async () => {
    const { book } = parseInput(reportBookSchema, input);
    const entries = await wholeJournalAtHand(db, account.account, book);
    const at = said ?? (await todayOf(db, account.account)) ?? entries.at(-1)?.bookedAt ?? '';
    return { book, report: entries.length === 0 ? null : await valued(db, policy, account, { book, entries, at }) };
  });
}

/** The account's own now, where nobody says it: on a simulated clock it is the newest instant of its facts. */
const todayOf = async (db: Knex, account: string): Promise<Instant | undefined> =>
  (await ask(db, newestInstantQuestion(db, account)))?.at;

async function valued(
  db: Knex,
  policy: Policy,
  account: Account,
  { book, entries, at }: { book: Book; entries: BookedEntry[]; at: Instant },
): Promise<ReportedBook> {
  const asOf = asOfDate(tradingDayOf(at), policy.calendar);
  const [symbols, opened] = [[...symbolsEverHeld(entries)], openingDate(entries)];
  const lookUp = (to: IsoDate) => newestQuotes(db, { policy, baseCurrency: account.baseCurrency, symbols, to });
  const [now, then] = await Promise.all([lookUp(asOf), opened === null ? new Map<string, Quote>() : lookUp(opened)]);
  const replayed = replayedAtHand(entries, account.baseCurrency, then);
  const held = replayed.positions.filter((position) => D(position.units).gt(0)).map(({ symbol }) => symbol);
  const { settled } = book === 'ledger' ? await knownActionsAtHand(db, policy, held, asOf) : { settled: [] };
  const unbooked = unbookedSplits(entries, settled);
  const splits = unbooked.map(({ symbol, exDate, value }) => ({ symbol, exDate, ratio: value }));
  // As the 08:00 run values it: a split moves no value, booked or not.
  const unitsAt: UnitsAt = (symbol, { date, splitsTo = date }) => sharesOf(entries, symbol, splits, splitsTo).units;
  const figures = valueBook(replayed, now, unbooked.length === 0 ? undefined : unitsAt);
  return { asOfDate: asOf, entries, valued: figures, unbookedSplits: unbooked };
}

/** A book as it was replayed last. */
const replayedLast = new WeakMap<readonly BookedEntry[], { with: string; report: BookReport }>();

/** The book replayed, or as it was when the same was asked of the same list. */
function replayedAtHand(entries: readonly BookedEntry[], base: string, then: ReadonlyMap<string, Quote>): BookReport {
  const using = JSON.stringify([base, ...then]);
  const last = replayedLast.get(entries);
  if (last?.with === using) return last.report;
  const report = replayBook(entries, base, openingPriceFrom(then));
  replayedLast.set(entries, { with: using, report });
  return report;
}
