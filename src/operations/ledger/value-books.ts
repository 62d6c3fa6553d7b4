import type { Knex } from 'knex';
import { journalAtHand, ledgerStates } from '../../db/journal.js';
import { knownActionsAround } from '../../db/known-actions.js';
import { rateQuestion } from '../../db/fx.js';
import { gateVerdicts } from '../../db/gates.js';
import { closesAt } from '../../db/market-facts.js';
import { ask } from '../../db/questions.js';
import { newestQuotes } from '../../db/quotes.js';
import { splitsSinceOpening } from '../../db/splits-held.js';
import { flowsWithin, latestValuations, type Previous } from '../../db/valuations.js';
import type { ShareSplit } from '../../domain/ledger/shares.js';
import { rateSources } from '../../domain/market/rates.js';
import type { Quote } from '../../domain/ledger/valuation.js';
import type { BooksToValue, Quotes } from '../../domain/ledger/worth.js';
import type { IsoDate, LedgerState } from '../../domain/types.js';
import type { RunContext } from '../runs/context.js';

/** What of an account's ledger its value is made of, and what it goes on from. */
export interface Books extends BooksToValue {
  account: string;
  previous: Previous | null;
}

/**
 * Reads what these accounts' values are made of, all of them in the same few statements; a journal only where a split
 * stands in it.
 */
export async function readBooks(db: Knex, { run, policy }: RunContext, accounts: string[]): Promise<Books[]> {
  const states = await ledgerStates(db, accounts);
  const latest = await latestValuations(db, accounts, run.asOfDate, run.asOfDate);
  const stretches = [...latest].flatMap(([account, { lastEntryId: afterEntryId }]) => {
    const throughEntryId = states.get(account)?.lastEntryId ?? null;
    return throughEntryId === null ? [] : [{ account, afterEntryId, throughEntryId }];
  });
  const moved = await flowsWithin(db, stretches);
  const books = accounts.map((account): Books => {
    const ledger = states.get(account) as LedgerState;
    const flows = moved.get(account) ?? { cash: '0', units: {} };
    const held = Object.keys(ledger.units);
    const gone = Object.keys(flows.units).filter((symbol) => !held.includes(symbol));
    const base = policy.accounts[account]?.base_currency as string;
    return { account, base, ledger, previous: latest.get(account) ?? null, flows, held, gone, splits: [], entries: [] };
  });
  return withSplits(db, { run, policy }, books);
}

/** Adds the splits that count, judged once for all accounts, and the journals in which they stand. */
async function withSplits(
  db: Knex,
  { run, policy }: Pick<RunContext, 'run' | 'policy'>,
  books: Books[],
): Promise<Books[]> {
  const counted = books.flatMap(({ account, held, gone }) => [...held, ...gone].map((symbol) => ({ account, symbol })));
  const told = await splitsSinceOpening(db, { source: policy.market_data.provider, counted, to: run.asOfDate });
  const judged = new Map<string, ShareSplit | null>();
  for (const { symbol, exDate } of told) {
    const key = `${symbol} ${exDate}`;
    if (judged.has(key)) continue;
    const { settled } = await knownActionsAround(db, policy, symbol, exDate, run.asOfDate);
    const split = settled.find(
      (action) => action.kind === 'SPLIT' && action.symbol === symbol && action.exDate === exDate,
    );
    judged.set(key, split ? { symbol, exDate, ratio: split.value } : null);
  }
  return Promise.all(
    books.map(async (each) => {
      const own = told.filter(({ account }) => account === each.account);
      if (own.length === 0) return each;
      const entries = await ask(db, journalAtHand(db, each.account, 'ledger'));
      return {
        ...each,
        splits: own.flatMap(({ symbol, exDate }) => judged.get(`${symbol} ${exDate}`) ?? []),
        entries: entries.filter(({ entryId }) => entryId <= (each.ledger.lastEntryId ?? 0)),
      };
    }),
  );
}

/**
 * Quotes of everything that these ledgers need, by base currency. A rate of the as-of date that the run's data gate
 * takes for wrong values nothing: by it a mistyped rate would be a fall, and a latch.
 */
export async function quotesFor(
  db: Knex,
  context: RunContext,
  books: readonly Books[],
  asOfDate: IsoDate = context.run.asOfDate,
): Promise<Map<string, Quotes>> {
  const { policy, universe } = context;
  const quotes = new Map<string, Quotes>();
  const doubted = await doubtedPairs(db, context, asOfDate);
  for (const base of new Set(books.map((each) => each.base))) {
    const own = books.filter((each) => each.base === base);
    const symbols = [...new Set(own.flatMap(({ held, gone }) => [...held, ...gone]))];
    if (symbols.length === 0) continue;
    const found = await closesAt(db, { policy, universe, base, asOfDate, symbols });
    const today = new Map([...found].filter(([, { currency }]) => !doubted.has(`${base}${currency}`)));
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
      lacking: await lackingPairs(db, context, { base, symbols: without, asOfDate, doubted }),
    });
  }
  return quotes;
}

/** Pairs whose rate of this date stands in a jump that nobody explained, as the run's own data gate says. */
async function doubtedPairs(db: Knex, { run }: RunContext, asOfDate: IsoDate): Promise<Set<string>> {
  const reasons = (await gateVerdicts(db, run.runId)).flatMap((verdict) => verdict.reasons);
  const jumps = reasons.filter(({ code, evidence }) => code === 'FX_JUMP_UNEXPLAINED' && evidence['date'] === asOfDate);
  return new Set(jumps.flatMap(({ subject }) => subject ?? []));
}

/** Of symbols without a quote: the pair, where it is the rate that is missing and not the price. */
async function lackingPairs(
  db: Knex,
  { policy, universe }: RunContext,
  asked: { base: string; symbols: readonly string[]; asOfDate: IsoDate; doubted: ReadonlySet<string> },
): Promise<Map<string, string>> {
  const { base, symbols, asOfDate, doubted } = asked;
  const currencies = new Map(universe.map((row) => [row.internalSymbol, row.listingCurrency]));
  const pairOf = new Map(symbols.map((symbol) => [symbol, `${base}${currencies.get(symbol) ?? 'USD'}`]));
  const lacks = new Set<string>();
  for (const pair of new Set(pairOf.values())) {
    if (pair === `${base}${base}`) continue;
    if (doubted.has(pair) || (await ask(db, rateQuestion(db, rateSources(policy), pair, asOfDate))) === null)
      lacks.add(pair);
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
