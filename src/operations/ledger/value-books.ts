import type { Knex } from 'knex';
import { journalAtHand, ledgersQuestion } from '../../db/journal.js';
import { knownActionsAround } from '../../db/known-actions.js';
import { rateQuestion } from '../../db/fx.js';
import { verdictsQuestion } from '../../db/gates.js';
import { closesAt } from '../../db/market-facts.js';
import { ask, askTogether } from '../../db/questions.js';
import { newestQuotes } from '../../db/quotes.js';
import { splitsSinceOpening, type ToldSplit } from '../../db/splits-held.js';
import { correctionsQuestion, restatedSeriesQuestion, type Correction } from '../../db/valuations-restatable.js';
import { flowsWithin, valuationsQuestion, type Previous } from '../../db/valuations.js';
import { addSessions } from '../../domain/calendar/calendar.js';
import { doubtsOf, type Doubt } from '../../domain/ledger/doubt.js';
import { impliedSplits } from '../../domain/ledger/implied-splits.js';
import type { ShareSplit } from '../../domain/ledger/shares.js';
import { rateSources } from '../../domain/market/rates.js';
import { pairsWanted } from '../../domain/market/wanted.js';
import type { KnownActions } from '../../domain/market/actions.js';
import type { BookedEntry } from '../../domain/ledger/sums.js';
import { judgedSplits, splitName, splitsToJudge } from '../../domain/ledger/told-splits.js';
import type { Quote } from '../../domain/ledger/valuation.js';
import type { BooksToValue, Quotes } from '../../domain/ledger/worth.js';
import type { IsoDate, LedgerState } from '../../domain/types.js';
import type { RunContext } from '../runs/context.js';
import { batchesOf } from '../runs/symbols.js';

/** What of an account's ledger its value is made of, and what it goes on from. */
export interface Books extends BooksToValue {
  account: string;
  previous: Previous | null;
  /** Splits of after the opening that somebody has still to rule on, in no entry yet: in whose shares is unknown. */
  undecided?: Doubt[];
}

/** Journals that are read in one statement, at most. */
const JOURNALS_AT_ONCE = 100;

/** What of the market is known before any price is looked at. */
export interface Around {
  /** What the run's own data gate says against prices and rates. */
  doubts: readonly Doubt[];
  /** Closes and rates that were corrected since they were first stored. */
  corrections: readonly Correction[];
}

/** Reads what these accounts' values are made of, all of them in the same few statements. */
export async function readBooks(db: Knex, { run, policy }: RunContext, accounts: string[]): Promise<Books[]> {
  const [states, latest] = await askTogether(
    db,
    ledgersQuestion(db, accounts),
    valuationsQuestion(db, accounts, run.asOfDate, run.asOfDate),
  );
  const stretches = [...latest].flatMap(([account, { lastEntryId: afterEntryId }]) => {
    const throughEntryId = states.get(account)?.lastEntryId ?? null;
    return throughEntryId === null ? [] : [{ account, afterEntryId, throughEntryId }];
  });
  const moved = await flowsWithin(db, stretches);
  return accounts.map((account): Books => {
    const ledger = states.get(account) as LedgerState;
    const flows = moved.get(account) ?? { cash: '0', units: {} };
    const held = Object.keys(ledger.units);
    const gone = Object.keys(flows.units).filter((symbol) => !held.includes(symbol));
    const base = policy.accounts[account]?.base_currency as string;
    return { account, base, ledger, previous: latest.get(account) ?? null, flows, held, gone, splits: [], entries: [] };
  });
}

/**
 * Adds the splits that count, judged once for all accounts, and the journals in which they stand; and tells what else
 * was said of the market. One statement, and two more only where somebody told of a split.
 * @param knownAt a place in the order of all facts, beyond which no split was published yet; left out, all were
 */
export async function lookAround(
  db: Knex,
  context: RunContext,
  books: readonly Books[],
  knownAt?: number,
): Promise<{ books: Books[]; around: Around }> {
  const { run, policy } = context;
  const counted = books.flatMap(({ account, held, gone }) => [...held, ...gone].map((symbol) => ({ account, symbol })));
  const [told, corrections, verdicts, restated] = await askTogether(
    db,
    splitsSinceOpening(db, {
      source: policy.market_data.provider,
      counted,
      to: run.asOfDate,
      ...(knownAt !== undefined && { knownAt }),
    }),
    correctionsQuestion(db, correctable(context, books)),
    verdictsQuestion(db, run.runId),
    restatedSeriesQuestion(db, correctable(context, books)),
  );
  const impliedOf = (account: string) =>
    impliedSplits(
      restated,
      told.filter((split) => split.account === account),
      policy.calendar,
    );
  const shown = new Set(impliedSplits(restated, [], policy.calendar).map(({ symbol }) => symbol));
  const around = { doubts: doubtsOf(verdicts.flatMap(({ reasons }) => reasons)), corrections };
  if (told.length === 0 && shown.size === 0) return { books: [...books], around };
  const { judged: counting, onHold } = await judged({ ...context, db }, told);
  const entriesOf = new Map<string, BookedEntry[]>();
  const concerned = [...told, ...counted.filter(({ symbol }) => shown.has(symbol))];
  for (const few of batchesOf([...new Set(concerned.map(({ account }) => account))], JOURNALS_AT_ONCE)) {
    const journals = await askTogether(db, ...few.map((account) => journalAtHand(db, account, 'ledger')));
    for (const [place, account] of few.entries()) entriesOf.set(account, journals[place] ?? []);
  }
  const withSplits = books.map((each): Books => {
    const splits = told.filter(({ account }) => account === each.account);
    return {
      ...each,
      undecided: splits.filter(({ booked }) => !booked).flatMap((split) => onHold.get(splitName(split)) ?? []),
      splits: [
        ...splits.flatMap((split) => counting.get(splitName(split)) ?? []),
        ...impliedOf(each.account).filter(sinceOpening(entriesOf.get(each.account) ?? [])),
      ],
      entries: (entriesOf.get(each.account) ?? []).filter(({ entryId }) => entryId <= (each.ledger.lastEntryId ?? 0)),
    };
  });
  return { books: withSplits, around };
}

/** What was held at the opening was counted in the shares of that day. */
const sinceOpening =
  (entries: readonly BookedEntry[]) =>
  ({ exDate }: ShareSplit): boolean =>
    entries.some(({ kind, effectiveDate }) => kind === 'OPENING' && effectiveDate < exDate);

/** The same, with what is known around each split that nobody has booked. */
async function judged({ db, run, policy }: RunContext & { db: Knex }, told: readonly ToldSplit[]) {
  const knownOf = new Map<string, KnownActions>();
  for (const { symbol, exDate } of splitsToJudge(told)) {
    const upTo = exDate > run.asOfDate ? exDate : run.asOfDate;
    knownOf.set(splitName({ symbol, exDate }), await knownActionsAround(db, policy, symbol, exDate, upTo));
  }
  return judgedSplits(told, knownOf);
}

/**
 * As far back as valuations are looked at again, in sessions: the quarter of a year that the data gate looks at, too.
 */
export const SESSIONS_BACK = 64;

/** What may have been corrected of what these accounts were valued by. */
function correctable({ run, policy, universe }: RunContext, books: readonly Books[]) {
  const valued = books.filter(({ previous }) => previous !== null);
  return {
    source: policy.market_data.provider,
    fxSources: rateSources(policy),
    symbols: [...new Set(valued.flatMap(({ held, gone }) => [...held, ...gone]))],
    pairs: pairsWanted(
      policy,
      universe,
      valued.map(({ account }) => account),
    ),
    from: addSessions(run.asOfDate, -SESSIONS_BACK, policy.calendar),
    before: run.asOfDate,
  };
}

/** Quotes of everything that these ledgers need, by base currency. */
export async function quotesFor(
  db: Knex,
  context: RunContext,
  books: readonly Books[],
  asOfDate: IsoDate = context.run.asOfDate,
): Promise<Map<string, Quotes>> {
  const { policy, universe } = context;
  const quotes = new Map<string, Quotes>();
  for (const base of new Set(books.map((each) => each.base))) {
    const own = books.filter((each) => each.base === base);
    const symbols = [...new Set(own.flatMap(({ held, gone }) => [...held, ...gone]))];
    if (symbols.length === 0) continue;
    const today = await closesAt(db, { policy, universe, base, asOfDate, symbols });
    const without = symbols.filter((symbol) => !today.has(symbol));
    const gone = new Set(own.flatMap((each) => each.gone));
    quotes.set(base, {
      today,
      last: await lastQuotes(
        db,
        policy,
        base,
        without.filter((symbol) => gone.has(symbol)),
        asOfDate,
      ),
      lacking: await lackingPairs(db, context, { base, symbols: without, asOfDate }),
    });
  }
  return quotes;
}

/** Of symbols without a quote: the pair, where it is the rate that is missing and not the price. */
async function lackingPairs(
  db: Knex,
  { policy, universe }: RunContext,
  { base, symbols, asOfDate }: { base: string; symbols: readonly string[]; asOfDate: IsoDate },
): Promise<Map<string, string>> {
  const currencies = new Map(universe.map((row) => [row.internalSymbol, row.listingCurrency]));
  const pairOf = new Map(symbols.map((symbol) => [symbol, `${base}${currencies.get(symbol) ?? 'USD'}`]));
  const lacks = new Set<string>();
  for (const pair of new Set(pairOf.values())) {
    if (pair === `${base}${base}`) continue;
    if ((await ask(db, rateQuestion(db, rateSources(policy), pair, asOfDate))) === null) lacks.add(pair);
  }
  return new Map([...pairOf].filter(([, pair]) => lacks.has(pair)));
}

const lastQuotes = async (
  db: Knex,
  policy: RunContext['policy'],
  baseCurrency: string,
  symbols: string[],
  to: IsoDate,
): Promise<Map<string, Quote>> =>
  symbols.length === 0 ? new Map() : newestQuotes(db, { policy, baseCurrency, symbols, to });
