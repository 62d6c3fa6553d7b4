import type { MarketFacts } from '../domain/decision/facts.js';
import {
  formerNames,
  inheritedActions,
  joinedHistory,
  ofNobodyElse,
  ownSince,
  type Rename,
} from '../domain/market/renames.js';
import type { IsoDate, SymbolHistory } from '../domain/types.js';
import { actionsQuestion, rulingsQuestion } from './actions.js';
import type { Db } from './connect.js';
import { askTogether, question, type Question } from './questions.js';

/** The renames that any ledger has booked and not taken back, up to a date, each with its first date, oldest first. */
export const renamesQuestion = (db: Db, to: IsoDate): Question<Rename[]> =>
  question<Rename[]>(
    db.raw(
      `
    select e.symbol as "from", p.commodity as "to", min(e.effective_date) as date
      from journal_entries e join postings p using (entry_id)
     where e.kind = 'RENAME' and e.book = 'ledger' and e.effective_date <= ?
       and p.ledger_account = 'Assets:Units' and p.amount > 0
       and not exists (select from journal_entries r where r.reverses_entry_id = e.entry_id)
     group by 1, 2 order by 3, 1, 2`,
      [to],
    ),
    (rows: Rename[]) => rows,
  );

/**
 * The facts with the prices, actions and rulings of former names under the new ones, where the source's own series of
 * a new name begins later. Nothing is read where nothing of these symbols was renamed.
 * @param historiesOf bars of symbols in the window of the facts.
 */
export async function carriedOver(
  db: Db,
  facts: MarketFacts,
  renames: readonly Rename[],
  { from, historiesOf }: { from: IsoDate; historiesOf(symbols: string[]): Promise<SymbolHistory[]> },
): Promise<MarketFacts> {
  const names = facts.histories.flatMap(({ symbol }) => formerNames(symbol, renames).map((rename) => rename.from));
  const old = [...new Set(names)].toSorted();
  if (old.length === 0) return facts;
  const former = new Map((await historiesOf(old)).map((history) => [history.symbol, history]));
  const window = { source: facts.provider, symbols: old, from, to: facts.asOfDate };
  const [actions, rulings] = await askTogether(db, actionsQuestion(db, window), rulingsQuestion(db, old));
  return {
    ...facts,
    histories: facts.histories.map((own) => joinedHistory(own, renames, former)),
    actions: [...facts.actions, ...facts.histories.flatMap((own) => inheritedActions(own, renames, actions))],
    rulings: [
      ...facts.rulings,
      ...facts.histories.flatMap((own) =>
        inheritedActions(own, renames, rulings).map(({ symbol, exDate, kind, dividendType, ruling, value }) => ({
          symbol,
          exDate,
          kind,
          ...(dividendType && { dividendType }),
          ruling,
          value,
        })),
      ),
    ],
  };
}

/** Without prices, actions and rulings of whoever was called so before a name was given up. */
export function withoutFormerOwners(facts: MarketFacts, renames: readonly Rename[]): MarketFacts {
  if (renames.length === 0) return facts;
  const histories = facts.histories.map((own) => ofNobodyElse(own, renames));
  const begins = new Map(
    histories.flatMap((own, index) =>
      own === facts.histories[index] ? [] : [[own.symbol, ownSince(own.symbol, renames) ?? '']],
    ),
  );
  if (begins.size === 0) return facts;
  const isOwn = ({ symbol, exDate }: { symbol: string; exDate: IsoDate }) => exDate >= (begins.get(symbol) ?? '');
  return { ...facts, histories, actions: facts.actions.filter(isOwn), rulings: facts.rulings.filter(isOwn) };
}
