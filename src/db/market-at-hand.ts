import type { Knex } from 'knex';
import type { MarketFacts } from '../domain/decision/facts.js';
import { keepNewest } from '../domain/keep.js';
import type { Db } from './connect.js';
import { question, type Question } from './questions.js';
import { loadMarketFacts, type MarketFactsQuery } from './market-facts.js';

/**
 * Sets of facts that are kept: one for each list of symbols, which differ only by what is held and not in the universe.
 */
const KEPT_MAX = 4;

interface Kept {
  token: string;
  facts: Promise<MarketFacts>;
}

const keptOf = new WeakMap<Knex, Map<string, Kept>>();

/** Renames, for prices go on under the new name, and which of them were taken back. */
const RENAMED = `(select string_agg(concat_ws('-', e.entry_id, r.entry_id), ',' order by e.entry_id) from journal_entries e
    left join journal_entries r on r.reverses_entry_id = e.entry_id where e.kind = 'RENAME')`;

/**
 * Every answer of a provider leaves a payload, every change of a bar a revision, every outcome of a fetch a row of its
 * run: their newest numbers, each a look at an index. A fetch is made by one of the newest runs.
 */
const TOKEN = `select concat_ws('/', (select max(payload_id) from payloads), (select max(revision_id) from bar_revisions), (select max(fx_rate_id) from fx_rates),
  (select max(action_id) from corporate_actions), (select max(ruling_id) from action_rulings),
  ${RENAMED},
  (select max(f.seq) from (select run_id from runs order by seq desc limit 8) as r join fetch_results f using (run_id))) as token`;

/** What stands for the state of the market: another word as soon as anything was fetched or ruled. */
export const marketToken = (db: Db): Question<string> =>
  question<string>(db.raw(TOKEN), ([row]: { token: string }[]) => row?.token ?? '');

interface OfRun {
  runId: string;
  /** What stands, in the account's view, for the state of the market: whether what is kept still holds. */
  token: string;
}

const keyOf = (runId: string, { pair, symbols }: MarketFactsQuery): string => [runId, pair, ...symbols].join(' ');

/** Whether any market of the run is kept: looking for the very one is worth a statement. */
export const isMarketAtHand = (db: Knex, runId: string): boolean =>
  [...(keptOf.get(db)?.keys() ?? [])].some((key) => key.startsWith(`${runId} `));

/** The market facts as an account of the run has read them; undefined where none has, or where they hold no more. */
export function marketAtHand(
  db: Knex,
  { runId, token }: OfRun,
  query: MarketFactsQuery,
): Promise<MarketFacts> | undefined {
  const found = keptOf.get(db)?.get(keyOf(runId, query));
  return found?.token === token ? found.facts : undefined;
}

/**
 * The market facts of a run, read once and not once for each of its accounts. They are read again as soon as anything
 * was fetched or ruled meanwhile, always whole and from one view of the database: an account never decides on a
 * mixture. Nobody may change the answer.
 * @param trx the account's view of the database.
 */
export async function marketOfRun(
  db: Knex,
  trx: Knex.Transaction,
  { runId, token }: OfRun,
  query: MarketFactsQuery,
): Promise<MarketFacts> {
  const kept = keptOf.get(db) ?? new Map<string, Kept>();
  keptOf.set(db, kept);
  const key = keyOf(runId, query);
  const found = marketAtHand(db, { runId, token }, query);
  if (found) return found;
  const facts = loadMarketFacts(trx, query);
  keepNewest(kept, key, { token, facts }, KEPT_MAX);
  // Whoever waits for the same facts hears of the failure too; the next one reads them anew.
  facts.catch(() => kept.get(key)?.facts === facts && kept.delete(key));
  return facts;
}
