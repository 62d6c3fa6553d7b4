import type { Knex } from 'knex';
import { ask, askTogether } from '../../db/questions.js';
import { closesKnown, ratesKnown, splitsToldSince, type KnownClose } from '../../db/quotes-known.js';
import { sealedSince, type ToldValuation } from '../../db/valuations-told.js';
import { flowsWithin } from '../../db/valuations.js';
import { addSessions } from '../../domain/calendar/calendar.js';
import { groupBy } from '../../domain/group.js';
import { takenBack, type Flows } from '../../domain/ledger/flows.js';
import type { Quote } from '../../domain/ledger/valuation.js';
import {
  faultOfDrift,
  faultOfPlace,
  faultOfValuation,
  faultOfWorth,
  type WorthThen,
} from '../../domain/ledger/valuation-proof.js';
import { faultOfSeal } from '../../domain/ledger/valuation-seal.js';
import { NO_QUOTES, worthOf, type Quotes } from '../../domain/ledger/worth.js';
import { rateSources } from '../../domain/market/rates.js';
import { sealKeyName } from '../../domain/signing/seal.js';
import type { IsoDate } from '../../domain/types.js';
import { doubtsOf } from '../day/run-configuration.js';
import { loadRunContext, type RunContext } from '../runs/context.js';
import { workerSealKey } from '../signing/worker-key.js';
import { splitsThen } from './splits-then.js';
import { lookAround, SESSIONS_BACK, type Books } from './value-books.js';

/** A stored valuation that cannot have been reckoned from what was stored when it was recorded. */
export interface ValuationFault {
  account: string;
  asOfDate: IsoDate;
  problem: string;
}

/**
 * The stored valuations that do not come out of the ledger, of the closes and rates that were known when they were
 * recorded, and of the one before: rows that the application's role may insert, by which the drawdown is judged.
 * @param again whether a valuation is valued again; any other is held against the ledger's cash and the one before
 * @param configDir where the files are that say by which rules a run may value; null where nobody asks
 * @param dataDir where the worker's key is, by whose seal a valuation is the worker's; null where nobody asks
 */
export async function valuationFaults(
  db: Knex,
  told: readonly ToldValuation[],
  {
    again = () => true,
    configDir = null,
    dataDir = null,
  }: { again?: (valuation: ToldValuation) => boolean; configDir?: string | null; dataDir?: string | null } = {},
): Promise<ValuationFault[]> {
  const sealFault = dataDir === null ? () => null : await sealFaults(db, dataDir);
  const rules = configDir === null ? null : await rulesInDoubt({ db, configDir }, told);
  const worths = await worthsThen(db, told.filter(again));
  const faults = told.flatMap((valuation) => {
    const { account, asOfDate, runId } = valuation;
    const candidates = worths.get(valuation);
    const problem =
      rules?.get(runId) ??
      faultOfValuation(valuation) ??
      (candidates === undefined ? null : faultOfWorth(valuation, candidates)) ??
      faultOfPlace(valuation) ??
      sealFault(valuation);
    return problem === null ? [] : [{ account, asOfDate, problem }];
  });
  return [...faults, ...drifts(told, faults)];
}

/** Why a valuation is none of the worker that has the data directory, which no role of the database can seal. */
async function sealFaults(db: Knex, dataDir: string): Promise<(valuation: ToldValuation) => string | null> {
  const key = workerSealKey(dataDir);
  if (key === null) return () => null;
  const since = await ask(db, sealedSince(db, sealKeyName(key)));
  return (valuation) => faultOfSeal(key, valuation, since);
}

/** What the valuations of an account are off by together, where none of them is by itself: told of the newest. */
function drifts(told: readonly ToldValuation[], faults: readonly ValuationFault[]): ValuationFault[] {
  const faulty = new Set(faults.map(({ account }) => account));
  return [...groupBy(told, ({ account }) => account)].flatMap(([account, all]) => {
    const counting = [...new Map(all.map((each) => [each.asOfDate, each])).values()];
    const problem = faulty.has(account) ? null : faultOfDrift(counting);
    const newest = counting
      .map(({ asOfDate }) => asOfDate)
      .toSorted()
      .at(-1);
    return problem === null || newest === undefined ? [] : [{ account, asOfDate: newest, problem }];
  });
}

/** By run, why what it was valued by is not what the files said: runs and policies are rows that may be forged, too. */
async function rulesInDoubt(
  place: { db: Knex; configDir: string },
  told: readonly ToldValuation[],
): Promise<Map<string, string>> {
  const doubts = new Map<string, string>();
  for (const runId of new Set(told.map((valuation) => valuation.runId))) {
    const { run } = await loadRunContext(place.db, runId);
    const [doubt] = await doubtsOf(place, run);
    if (doubt !== undefined) doubts.set(runId, doubt);
  }
  return doubts;
}

/** What each of these should say. Nothing of one whose splits were told or booked later: the next run restates it. */
async function worthsThen(db: Knex, told: readonly ToldValuation[]): Promise<Map<ToldValuation, WorthThen[]>> {
  const worths = new Map<ToldValuation, WorthThen[]>();
  for (const [runId, ofRun] of groupBy(told, (valuation) => valuation.runId)) {
    const context = await loadRunContext(db, runId);
    const read: Books[] = [];
    for (const valuation of ofRun) read.push(await booksOf(db, valuation));
    const { books } = await lookAround(db, context, read, Math.max(...ofRun.map(({ seq }) => seq)));
    for (const [place, valuation] of ofRun.entries()) {
      const found = await worthThen(db, context, valuation, books[place] as Books);
      if (found !== null) worths.set(valuation, found);
    }
  }
  return worths;
}

const NO_FLOWS: Flows = { cash: '0', units: {} };

/** The ledger that a valuation was made of. */
async function booksOf(db: Knex, valuation: ToldValuation): Promise<Books> {
  const { account, base, cashThen: cash, unitsThen: units, lastEntryId, previousEntryId } = valuation;
  const previous = valuation.previous && { ...valuation.previous, asOfDate: '', lastEntryId: previousEntryId };
  const [afterEntryId = 0, throughEntryId = 0] = [previousEntryId, lastEntryId].toSorted((a, b) => a - b);
  const moved = valuation.hasFlows ? await flowsWithin(db, [{ account, afterEntryId, throughEntryId }]) : null;
  const between = moved?.get(account) ?? NO_FLOWS;
  const flows = previousEntryId <= lastEntryId ? between : takenBack(between);
  const held = Object.keys(units);
  const gone = Object.keys(flows.units).filter((symbol) => !held.includes(symbol));
  const ledger = { cash, units, lastEntryId, lastBookedAt: null };
  return { account, base, ledger, previous, flows, held, gone, splits: [], entries: [] };
}

/** Closes as they were when it was recorded; and when its run began, for another run may have fetched meanwhile. */
async function worthThen(
  db: Knex,
  context: RunContext,
  valuation: ToldValuation,
  books: Books,
): Promise<WorthThen[] | null> {
  const { held, gone, entries, flows } = books;
  const isSplit = entries.length > 0;
  if (isSplit && (await ask(db, splitsToldSince(db, splitsAskedOf(context, valuation, [...held, ...gone])))))
    return null;
  const splits = valuation.restated && isSplit ? splitsThen(books) : books.splits;
  const units = Object.fromEntries(Object.entries(flows.units).filter(([symbol]) => held.includes(symbol)));
  const then = { ...books, splits, gone: [], flows: { ...flows, units } };
  const quotes = held.length === 0 ? [NO_QUOTES] : await quotesThen(db, context, valuation, then);
  return quotes
    .map((each) => worthOf(then, each))
    .flatMap((worth) =>
      'missing' in worth ? [] : [{ ...worth, netFlows: gone.length === 0 ? worth.netFlows : null }],
    );
}

/** Of which splits a valuation could be restated: of what it holds, by the source that counts, as far as is looked back. */
const splitsAskedOf = ({ policy }: RunContext, valuation: ToldValuation, symbols: readonly string[]) => ({
  ...valuation,
  symbols,
  source: policy.market_data.provider,
  from: addSessions(valuation.asOfDate, -SESSIONS_BACK, policy.calendar),
});

/** What is held has a close and a rate of the date itself, or it would not have been valued. */
async function quotesThen(
  db: Knex,
  { policy, universe }: RunContext,
  { asOfDate: date, seq, runSeq, recordedAt: until }: ToldValuation,
  { base, held: symbols }: Books,
): Promise<Quotes[]> {
  const listed = new Map(universe.map(({ internalSymbol, listingCurrency }) => [internalSymbol, listingCurrency]));
  const currencyOf = (symbol: string): string => listed.get(symbol) ?? 'USD';
  const pairs = [...new Set(symbols.map((symbol) => `${base}${currencyOf(symbol)}`))];
  const closes = { source: policy.market_data.provider, symbols, date, until };
  const [rates, ...known] = await askTogether(
    db,
    ratesKnown(db, { sources: rateSources(policy), pairs, date, seq }),
    closesKnown(db, { ...closes, seq }),
    closesKnown(db, { ...closes, seq: runSeq }),
  );
  const quoteOf = (symbol: string, { close: price, splitsTo }: KnownClose): [string, Quote][] => {
    const currency = currencyOf(symbol);
    const fx = currency === base ? '1' : rates.get(`${base}${currency}`);
    return fx === undefined ? [] : [[symbol, { price, currency, fx, date, ...(splitsTo > date && { splitsTo }) }]];
  };
  return known.map((of) => ({
    ...NO_QUOTES,
    today: new Map([...of].flatMap(([symbol, close]) => quoteOf(symbol, close))),
  }));
}
