import type { Knex } from 'knex';
import type { MarketFacts } from '../domain/decision/facts.js';
import { keepNewest } from '../domain/keep.js';
import type { IsoDate, Sha256 } from '../domain/types.js';
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
 * Every insert leaves an audit record at its commit, numbered under a lock that is held until then: nothing that a
 * reader has not seen comes to light later under a smaller number. The condition is that of the index.
 */
const TOKEN = `select concat_ws('/', (select max(seq) from audit_log where action = 'facts.recorded'
    and subject ~ '(payloads|bars|bar_revisions|fx_rates|corporate_actions|action_rulings|fetch_results)'), ${RENAMED}) as token`;

/** What stands for the state of the market: another word as soon as anything was fetched or ruled. */
export const marketToken = (db: Db): Question<string> =>
  question<string>(db.raw(TOKEN), ([row]: { token: string }[]) => row?.token ?? '');

/** The day whose market it is, by the policy that says how much of it counts. */
interface MarketDay {
  policyHash: Sha256;
  asOfDate: IsoDate;
}

/** Which market is meant, and the word for its state in the view of whoever asks. */
interface Asked extends MarketFactsQuery {
  policyHash: Sha256;
  token: string;
}

const dayOf = ({ policyHash, asOfDate }: MarketDay): string => `${policyHash} ${asOfDate} `;
const keyOf = (asked: Asked): string => dayOf(asked) + [asked.pair, ...asked.symbols].join(' ');

/** Whether any market of the day is kept: looking for the very one is worth a statement. */
export const isMarketAtHand = (db: Knex, day: MarketDay): boolean =>
  [...(keptOf.get(db)?.keys() ?? [])].some((key) => key.startsWith(dayOf(day)));

/** The market facts as somebody has read them; undefined where nobody has, or where they hold no more. */
export function marketAtHand(db: Knex, asked: Asked): Promise<MarketFacts> | undefined {
  const found = keptOf.get(db)?.get(keyOf(asked));
  return found?.token === asked.token ? found.facts : undefined;
}

/**
 * The market facts of a day, read once: not once for each account of a run, nor again at 14:00 what the gate of 08:00
 * judged. They are read again as soon as anything was fetched or ruled meanwhile, always whole and from one view of the
 * database: an account never decides on a mixture. Nobody may change the answer.
 * @param trx the account's view of the database.
 */
export async function sharedMarket(db: Knex, trx: Knex.Transaction, asked: Asked): Promise<MarketFacts> {
  const kept = keptOf.get(db) ?? new Map<string, Kept>();
  keptOf.set(db, kept);
  const found = marketAtHand(db, asked);
  if (found) return found;
  const key = keyOf(asked);
  const facts = loadMarketFacts(trx, asked);
  keepNewest(kept, key, { token: asked.token, facts }, KEPT_MAX);
  // Whoever waits for the same facts hears of the failure too; the next one reads them anew.
  facts.catch(() => kept.get(key)?.facts === facts && kept.delete(key));
  return facts;
}
