import type { Knex } from 'knex';
import { journalAtHand } from '../../db/journal.js';
import { ask } from '../../db/questions.js';
import { valuationsBetween, type Correction, type StoredValuation } from '../../db/valuations-restatable.js';
import type { Previous, Valuation } from '../../db/valuations.js';
import { addSessions } from '../../domain/calendar/calendar.js';
import { doubtsAbout, soundQuotes } from '../../domain/ledger/doubt.js';
import { nextEquityIndex, peakSinceReset } from '../../domain/ledger/equity.js';
import { uncountedSplits } from '../../domain/ledger/uncounted.js';
import { flowsOf, takenBack } from '../../domain/ledger/flows.js';
import { ledgerSums, type BookedEntry } from '../../domain/ledger/sums.js';
import { D } from '../../domain/money.js';
import type { DecimalString, IsoDate } from '../../domain/types.js';
import type { RunContext } from '../runs/context.js';
import { NO_QUOTES, worthOf, type Worth } from '../../domain/ledger/worth.js';
import { splitsThen, standingSplits } from './splits-then.js';
import { quotesFor, SESSIONS_BACK, type Around, type Books } from './value-books.js';

/** Some more, for the valuation that the first of them went on from. */
const SESSIONS_BEFORE = 10;

/**
 * A value that moves by less than this part of it is a close that settled, as the newest ones do; it is not restated.
 */
const SETTLES_WITHIN = '0.0001';

/** What takes the place of what was stored, and what the next valuation goes on from. */
export interface Restated {
  rows: Valuation[];
  previous: Previous;
}

/**
 * Earlier valuations that are not what is known today: of days on which a split was not counted, or on which a price
 * or rate stood that was corrected since. Value, index and peak of each and of all after it, as they should have
 * been. None for nearly every account.
 */
export async function restatedValuations(
  db: Knex,
  context: RunContext,
  books: readonly Books[],
  around: Around,
): Promise<Map<string, Restated>> {
  const { asOfDate } = context.run;
  const { corrections } = around;
  const from = addSessions(asOfDate, -SESSIONS_BACK, context.policy.calendar);
  const began = addSessions(from, -SESSIONS_BEFORE, context.policy.calendar);
  const valued = books.filter(({ previous }) => previous !== null);
  const doubtful = valued.filter((each) => corrections.length > 0 || splitDates(each).some((exDate) => exDate >= from));
  if (doubtful.length === 0) return new Map();
  const stored = await valuationsBetween(db, {
    accounts: doubtful.map(({ account }) => account),
    from: began,
    before: asOfDate,
  });
  const restated = new Map<string, Restated>();
  for (const each of doubtful) {
    const rows = stored.filter(({ account }) => account === each.account);
    const uncounted = uncountedIn(each);
    const first = rows.findIndex((row) => uncounted(row) !== null || correctionOf(corrections, row) !== null);
    if (first === -1) continue;
    const found = await restate(db, context, each, { rows, first, around, uncounted });
    if (found) restated.set(each.account, found);
  }
  return restated;
}

const splitDates = ({ splits, entries }: Books): IsoDate[] => [
  ...splits.map(({ exDate }) => exDate),
  ...entries.filter(({ kind }) => kind === 'SPLIT').map(({ effectiveDate }) => effectiveDate),
];

/** Tells the split that a valuation did not count: of those told since, and of those booked since. */
const uncountedIn = ({ splits, entries }: Pick<Books, 'splits' | 'entries'>) =>
  uncountedSplits(entries, [
    ...splits,
    ...standingSplits(entries).map(({ symbol, effectiveDate }) => ({ symbol: symbol ?? '', exDate: effectiveDate })),
  ]);

type Uncounted = ReturnType<typeof uncountedIn>;

const correctionOf = (corrections: readonly Correction[], row: StoredValuation): Correction | null =>
  corrections.find(({ date, seq }) => date === row.asOfDate && seq > row.seq) ?? null;

interface Doubt {
  rows: StoredValuation[];
  /** Place of the first row that may be wrong. */
  first: number;
  around: Around;
  uncounted: Uncounted;
}

async function restate(
  db: Knex,
  context: RunContext,
  books: Books,
  { rows, first, around, uncounted }: Doubt,
): Promise<Restated | null> {
  const journal = await ask(db, journalAtHand(db, books.account, 'ledger'));
  const entries = journal.filter(({ entryId }) => entryId <= (books.ledger.lastEntryId ?? 0));
  const before = rows[first - 1];
  if (before === undefined && !D(rows[first]?.equityIndex ?? '0').eq(1)) return null;
  let previous: Previous | null = before ? goneOnFrom(before, before) : null;
  const found: Valuation[] = [];
  for (const [place, row] of rows.entries()) {
    if (place < first) continue;
    const isBeforeLater = (rows[place - 1]?.seq ?? 0) > row.seq;
    const because = reasonOf(uncounted, row, around.corrections) ?? (isBeforeLater ? LATER : undefined);
    const figures =
      because === undefined
        ? onward(previous, row, row)
        : await figuresNow(db, context, booksThen(books, entries, row, previous), { row, around });
    // A price of then is gone: what was said then cannot be said better now.
    if (figures === null) return null;
    // A value that is right stands on an index that was not.
    const own = D(figures.equity).eq(D(row.equity)) ? undefined : because;
    const restatedBecause = own ?? found[0]?.restatedBecause ?? because;
    if (restatedBecause && differs(figures, row))
      found.push(rowOf(context, books.account, row, figures, restatedBecause));
    previous = goneOnFrom(row, found.length === 0 ? row : figures);
  }
  return found.length === 0 || previous === null ? null : { rows: found, previous };
}

/** A late run: what came in between counts between them the other way round than it did when this one was valued. */
const LATER = 'the date before it was valued after it';

type Figures = Worth & Pick<Valuation, 'equityIndex' | 'peakIndex'>;

const rowOf = (
  { run }: RunContext,
  account: string,
  { asOfDate, lastEntryId, cash }: StoredValuation,
  figures: Figures,
  restatedBecause: string,
): Valuation => ({ account, asOfDate, runId: run.runId, cash, lastEntryId, ...figures, restatedBecause });

/** A reset accepts the loss: what comes after it is measured from where the account stood. */
const goneOnFrom = (
  row: StoredValuation,
  figures: Pick<Valuation, 'equity' | 'equityIndex' | 'peakIndex'>,
): Previous => ({
  asOfDate: row.asOfDate,
  lastEntryId: row.lastEntryId,
  equity: figures.equity,
  equityIndex: figures.equityIndex,
  peakIndex: peakSinceReset(figures, row.resetAfter),
});

/** The books as they were when a valuation was made, with the splits that its prices showed. */
function booksThen(
  books: Books,
  journal: readonly BookedEntry[],
  row: StoredValuation,
  previous: Previous | null,
): Books {
  const entries = journal.filter(({ entryId }) => entryId <= row.lastEntryId);
  const kinds = new Map(journal.map(({ entryId, kind }) => [entryId, kind]));
  const flowsIn = (after: number, through: number) =>
    flowsOf(
      journal
        .filter(({ entryId }) => entryId > after && entryId <= through)
        .map((entry) => ({
          ...entry,
          reversedKind: entry.reversesEntryId === null ? null : (kinds.get(entry.reversesEntryId) ?? null),
        })),
    );
  const from = previous?.lastEntryId ?? row.lastEntryId;
  // A late run may have valued an earlier date by more than the later one knew: that has not come yet then.
  const flows = from <= row.lastEntryId ? flowsIn(from, row.lastEntryId) : takenBack(flowsIn(row.lastEntryId, from));
  const sums = ledgerSums(entries, books.base);
  return {
    ...books,
    ledger: { ...sums, lastEntryId: row.lastEntryId, lastBookedAt: null },
    previous,
    flows,
    held: Object.keys(sums.units),
    gone: Object.keys(flows.units).filter((symbol) => sums.units[symbol] === undefined),
    splits: splitsThen(books),
    entries,
  };
}

/** Index and peak of a valuation that goes on from what is right now. */
function onward(previous: Previous | null, row: StoredValuation, worth: Worth): Figures {
  const { positionsValue, equity, netFlows, fxRate } = worth;
  const { index: equityIndex, peak } = nextEquityIndex(previous, equity, netFlows);
  return { positionsValue, equity, netFlows, fxRate, equityIndex, peakIndex: row.resetAfter ? equityIndex : peak };
}

/**
 * The same at the prices and splits that are known now; what was stored, where it is as near as closes settle. Null
 * without a price.
 */
async function figuresNow(
  db: Knex,
  context: RunContext,
  then: Books,
  { row, around: { doubts } }: { row: StoredValuation; around: Around },
): Promise<Figures | null> {
  const quotes = (await quotesFor(db, context, [then], row.asOfDate)).get(then.base) ?? NO_QUOTES;
  const inDoubt = doubtsAbout(doubts, { since: then.previous?.asOfDate ?? null, asOfDate: row.asOfDate });
  const worth = worthOf(then, soundQuotes(quotes, then.base, inDoubt));
  if ('missing' in worth) return null;
  const settled = D(row.equity).abs().times(SETTLES_WITHIN);
  const near = (now: DecimalString, stored: DecimalString) => D(now).minus(D(stored)).abs().lt(settled);
  return onward(then.previous, row, near(worth.equity, row.equity) && near(worth.netFlows, row.netFlows) ? row : worth);
}

const differs = (figures: Figures, row: StoredValuation): boolean =>
  !D(figures.equity).eq(D(row.equity)) ||
  !D(figures.equityIndex).eq(D(row.equityIndex)) ||
  !D(figures.peakIndex).eq(row.resetAfter ? D(figures.peakIndex) : D(row.peakIndex));

function reasonOf(uncounted: Uncounted, row: StoredValuation, corrections: readonly Correction[]): string | undefined {
  const correction = correctionOf(corrections, row);
  if (correction) return `a price or rate of ${correction.date} was corrected since`;
  const split = uncounted(row);
  return split ? `the split of ${split.symbol}, ex-date ${split.exDate}, was not in it` : undefined;
}
