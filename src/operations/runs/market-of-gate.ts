import type { Knex } from 'knex';
import { heldQuestion } from '../../db/holdings.js';
import { marketAtHand, sharedMarket, marketToken } from '../../db/market-at-hand.js';
import { loadMarketFacts, loadPairFacts, type MarketFactsQuery } from '../../db/market-facts.js';
import { askTogether } from '../../db/questions.js';
import { inView } from '../../db/transaction.js';
import type { MarketFacts } from '../../domain/decision/facts.js';
import type { PairFacts } from '../../domain/market/rates.js';
import { pairsWanted, symbolsWanted } from '../../domain/market/wanted.js';
import type { RunContext } from './context.js';

/** What the data-quality gate of a run judges: the market of all accounts together, and what any of them holds. */
export interface MarketOfGate {
  held: string[];
  /** Of the accounts that the run is of: of what others need nothing was fetched. */
  pairs: string[];
  market: MarketFacts;
  /** What the rates of every pair but the first are judged by. */
  more: PairFacts[];
}

/** The market as it is stored now; what was read ahead, where that still stands. */
export async function marketOfGate(db: Knex, context: RunContext): Promise<MarketOfGate> {
  const [held, token] = await askTogether(db, heldQuestion(db), marketToken(db));
  const pairs = pairsOfRun(context);
  const query = queryOf(context, pairs, held);
  const { policyHash } = context.run;
  const atHand = await marketAtHand(db, { ...query, policyHash, token })?.catch(() => undefined);
  const { policy, asOfDate } = query;
  return {
    held,
    pairs,
    market: atHand ?? (await loadMarketFacts(db, query)),
    more: await Promise.all(pairs.slice(1).map((pair) => loadPairFacts(db, { policy, pair, asOfDate }))),
  };
}

/** Begins to read that market while the run finds its way to its gate. Nobody waits for it, and nothing hangs on it. */
export async function readGateAhead(db: Knex, context: RunContext): Promise<void> {
  await inView(db, async (trx) => {
    const [held, token] = await askTogether(trx, heldQuestion(trx), marketToken(trx));
    const { policyHash } = context.run;
    await sharedMarket(db, trx, { ...queryOf(context, pairsOfRun(context), held), policyHash, token });
  });
}

const pairsOfRun = ({ run, policy, universe }: RunContext): string[] =>
  pairsWanted(policy, universe, run.accounts?.length ? run.accounts : Object.keys(policy.accounts));

function queryOf({ run, policy, universe }: RunContext, pairs: string[], held: string[]): MarketFactsQuery {
  const [pair = null] = pairs;
  return { policy, asOfDate: run.asOfDate, symbols: symbolsWanted(universe, held), pair };
}
