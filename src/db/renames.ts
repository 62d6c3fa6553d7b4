import type { MarketFacts } from '../domain/decision/facts.js';
import { carriedOver, formerNamesIn, type Rename } from '../domain/market/renames.js';
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

/** The facts with what former names have; nothing more is read where nothing of these symbols was renamed. */
export async function withFormerNames(
  db: Db,
  facts: MarketFacts,
  renames: readonly Rename[],
  {
    from,
    historiesOf,
  }: {
    from: IsoDate;
    /** Bars of symbols in the window of the facts. */
    historiesOf(symbols: string[]): Promise<SymbolHistory[]>;
  },
): Promise<MarketFacts> {
  const old = formerNamesIn(facts, renames);
  if (old.length === 0) return facts;
  const histories = await historiesOf(old);
  const window = { source: facts.provider, symbols: old, from, to: facts.asOfDate };
  const [actions, rulings] = await askTogether(db, actionsQuestion(db, window), rulingsQuestion(db, old));
  return carriedOver(facts, renames, { histories, actions, rulings });
}
