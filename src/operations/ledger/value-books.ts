import type { Knex } from 'knex';
import { journalAtHand, ledgerStates } from '../../db/journal.js';
import { knownActionsAround } from '../../db/known-actions.js';
import { closesAt } from '../../db/market-facts.js';
import { ask } from '../../db/questions.js';
import { newestQuotes } from '../../db/quotes.js';
import { splitsSinceOpening } from '../../db/splits-held.js';
import { flowsWithin, latestValuations, type Previous } from '../../db/valuations.js';
import type { ShareSplit } from '../../domain/ledger/shares.js';
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

/** Quotes of everything that these ledgers need, by base currency. */
export async function quotesFor(
  db: Knex,
  { policy, universe, ...context }: RunContext,
  books: readonly Books[],
  asOfDate: IsoDate = context.run.asOfDate,
): Promise<Map<string, Quotes>> {
  const quotes = new Map<string, Quotes>();
  for (const base of new Set(books.map((each) => each.base))) {
    const own = books.filter((each) => each.base === base);
    const symbols = [...new Set(own.flatMap(({ held, gone }) => [...held, ...gone]))];
    if (symbols.length === 0) continue;
    const today = await closesAt(db, { policy, universe, base, asOfDate, symbols });
    const without = [...new Set(own.flatMap(({ gone }) => gone))].filter((symbol) => !today.has(symbol));
    quotes.set(base, { today, last: await lastQuotes(db, policy, base, without, asOfDate) });
  }
  return quotes;
}

const lastQuotes = async (
  db: Knex,
  policy: RunContext['policy'],
  baseCurrency: string,
  symbols: string[],
  to: IsoDate,
): Promise<Map<string, Quote>> =>
  symbols.length === 0 ? new Map() : newestQuotes(db, { policy, baseCurrency, symbols, to });
