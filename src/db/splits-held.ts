import type { DecimalString, IsoDate } from '../domain/types.js';
import type { Db } from './connect.js';
import { EVERYTHING } from './cutoff.js';
import { question, type Question } from './questions.js';

/** A symbol whose units an account counts. */
export interface Counted {
  account: string;
  symbol: string;
}

/** A split that somebody told of, of a name of what an account counts. */
export interface ToldSplit extends Counted {
  exDate: IsoDate;
  /** The newest published ratio; null where no source has told of it. */
  published: DecimalString | null;
  /** Whether a standing entry has it already. */
  booked: boolean;
}

interface SplitsAsked {
  source: string;
  counted: readonly Counted[];
  to: IsoDate;
  knownAt?: number | string;
}

/*
 * What is counted may have had other names, and may be what other shares became: their splits stand in it up to the
 * day on which they did. An adjusted series shows the splits up to its newest close, whichever date is looked at.
 */
const SPLITS = `
  with recursive counted as (select * from unnest(cast(:accounts as text[]), cast(:symbols as text[])) as c(account, symbol)),
  became as (
    select e.account, e.symbol as old, p.commodity as name, e.effective_date as date
      from journal_entries e join postings p using (entry_id)
     where e.account = any(:accounts) and e.book = 'ledger' and e.kind in ('RENAME', 'STOCK_MERGER', 'SPIN_OFF')
       and p.ledger_account = 'Assets:Units' and p.amount > 0
       and not exists (select from journal_entries r where r.reverses_entry_id = e.entry_id)),
  names as (
    select account, symbol, cast('infinity' as date) as until from counted
    union
    select names.account, became.old, least(became.date, names.until)
      from names join became on became.account = names.account and became.name = names.symbol and became.date <= names.until),
  priced as (
    select n.symbol, greatest(cast(:to as date), newest.session) as until from (select distinct symbol from names) n left join lateral (
      select session from (select session, basis from bars where source = :source and bars.symbol = n.symbol
        order by session desc limit 1) b where basis <> 'raw') newest on true),
  told as (
    select symbol, ex_date from corporate_actions join priced using (symbol)
     where source = :source and kind = 'SPLIT' and ex_date <= priced.until and seq <= :knownAt
    union select symbol, ex_date from action_rulings join priced using (symbol)
     where ruling = 'split' and ex_date <= priced.until),
  found as (
    select names.account, names.symbol, told.ex_date from names join told using (symbol)
      join journal_entries opening on opening.account = names.account and opening.book = 'ledger' and opening.kind = 'OPENING'
     where told.ex_date > opening.effective_date and told.ex_date <= names.until
    union
    select names.account, names.symbol, e.effective_date from names join journal_entries e using (account, symbol)
     where e.book = 'ledger' and e.kind = 'SPLIT' and e.effective_date <= names.until)
  select account, symbol, ex_date as "exDate", exists (
      select from journal_entries e where e.account = found.account and e.symbol = found.symbol and e.book = 'ledger'
         and e.kind = 'SPLIT' and e.effective_date = found.ex_date
         and not exists (select from journal_entries r where r.reverses_entry_id = e.entry_id)) as booked, (
      select trim_scale(value)::text from corporate_actions a where a.source = :source and a.symbol = found.symbol
         and a.kind = 'SPLIT' and a.ex_date = found.ex_date and a.seq <= :knownAt
       order by action_id desc limit 1) as published
    from found order by 1, 2, 3`;

/**
 * Splits that somebody told of (a provider, a ruling, a booking) since the ledgers were opened, of what accounts count
 * and of what it was before, up to a date. None has been judged: a published one may be on hold, one that was ruled on
 * may have been ruled away since.
 * @param knownAt a place in the order of all facts, beyond which nothing was published yet; left out, all is
 */
export const splitsSinceOpening = (
  db: Db,
  { source, counted, to, knownAt = EVERYTHING }: SplitsAsked,
): Question<ToldSplit[]> =>
  question<ToldSplit[]>(
    db.raw(SPLITS, {
      source,
      to,
      knownAt,
      accounts: counted.map(({ account }) => account),
      symbols: counted.map(({ symbol }) => symbol),
    } as never),
    (rows: ToldSplit[]) => rows,
  );
