import type { Knex } from 'knex';
import { keepNewest } from '../domain/keep.js';
import type { IsoDate } from '../domain/types.js';
import type { Db } from './connect.js';
import { cutoffSql, EVERYTHING, type Cutoff } from './cutoff.js';
import { answeredAs, rows, rowsQuestion, type Question } from './questions.js';
import type { CamelRow } from './tables.js';

/** What an account was worth when a run valued it, base currency. */
export type ValuationRow = CamelRow<
  'valuations',
  | 'account'
  | 'as_of_date'
  | 'cash'
  | 'positions_value'
  | 'equity'
  | 'net_flows'
  | 'equity_index'
  | 'peak_index'
  | 'fx_rate'
> &
  CamelRow<'accounts', 'base_currency'> &
  Partial<CamelRow<'valuations', 'restated_because'>>;

export type EquityPoint = Pick<
  ValuationRow,
  'account' | 'baseCurrency' | 'asOfDate' | 'equity' | 'equityIndex' | 'restatedBecause'
>;

/** The columns of a `ValuationRow`, of valuations `v` and accounts `a`. */
const VALUATION = `v.account, a.base_currency as "baseCurrency", v.as_of_date as "asOfDate", v.cash::text,
  v.positions_value::text as "positionsValue",
  v.equity::text, v.net_flows::text as "netFlows", v.equity_index::text as "equityIndex",
  v.peak_index::text as "peakIndex", v.fx_rate::text as "fxRate",
  v.restated_because as "restatedBecause"`;

/** What a run valued and restated, by account and as-of date. */
export const valuationsOfRunQuestion = (db: Db, runId: string): Question<ValuationRow[]> =>
  rowsQuestion<ValuationRow>(
    db,
    `select ${VALUATION} from valuations v join accounts a using (account) where v.run_id = ?
      order by v.account, v.as_of_date`,
    [runId],
  );

/** The newest valuation of an as-of date that a run of the trading day made; null when none did. */
export const valuationOfDay = (
  db: Db,
  { account, tradingDay, asOfDate }: { account: string; tradingDay: IsoDate; asOfDate: IsoDate },
): Question<ValuationRow | null> =>
  answeredAs(
    rowsQuestion<ValuationRow>(
      db,
      `select ${VALUATION} from valuations v join accounts a using (account) join runs r using (run_id)
      where v.account = ? and r.trading_day = ?::date and v.as_of_date = ?::date order by v.seq desc limit 1`,
      [account, tradingDay, asOfDate],
    ),
    ([valuation]) => valuation ?? null,
  );

const VALUES_OF_ACCOUNT = `
  select ${VALUATION} from (
    select distinct on (as_of_date) * from valuations where account = ? order by as_of_date, seq desc) v
    join accounts a using (account) order by v.as_of_date`;

/** Accounts whose values are kept at hand: years of each are a megabyte. */
const AT_HAND_MAX = 8;
const valuesAtHand = new WeakMap<Db, Map<string, { count: number; values: readonly ValuationRow[] }>>();

/**
 * What an account was worth at each close that was valued, as valued last, oldest first. Kept at hand, the same list
 * while nothing was added: a valuation that is stored never changes. Not for a transaction, whose rows may vanish.
 */
export async function valuesOfAccount(db: Knex, account: string): Promise<readonly ValuationRow[]> {
  const [stored] = await rows<{ count: number }>(
    db,
    'select count(*)::int as count from valuations where account = ?',
    [account],
  );
  const count = stored?.count ?? 0;
  const atHand = valuesAtHand.get(db) ?? new Map<string, { count: number; values: readonly ValuationRow[] }>();
  valuesAtHand.set(db, atHand);
  const known = atHand.get(account);
  const values = known?.count === count ? known.values : await rows<ValuationRow>(db, VALUES_OF_ACCOUNT, [account]);
  keepNewest(atHand, account, { count, values }, AT_HAND_MAX);
  return values;
}

const EQUITY_POINTS = 260;
/** So many accounts are charted in a run's summary; a year of a thousand would be a hundred megabytes of charts. */
export const CHARTED_MAX = 20;

export interface EquityQuery {
  /** Every account when null: of very many, the first by name. */
  account: string | null;
  asOfDate: IsoDate;
  cutoff: Cutoff;
}

/**
 * The newest valuation of each as-of date, oldest first, as known at the cutoff; without an account of the first ones.
 */
export function equityQuestion(db: Db, query: EquityQuery): Question<EquityPoint[]> {
  const { sql, binding } = cutoffSql(query.cutoff);
  return rowsQuestion<EquityPoint>(
    db,
    `
    with cut as (select coalesce((${sql}), ${EVERYTHING}) as seq),
    newest as (
      select distinct on (v.account, v.as_of_date) v.* from valuations v, cut
      where v.as_of_date <= ? and v.seq <= cut.seq
        and v.account = any (case when ?::text is null then array(
          select a.account from accounts a where exists (
              select from valuations known, cut
               where known.account = a.account and known.as_of_date <= ? and known.seq <= cut.seq)
           order by a.account limit ${CHARTED_MAX}) else array[?::text] end)
      order by v.account, v.as_of_date, v.seq desc),
    numbered as (select *, row_number() over (partition by account order by as_of_date desc) as back from newest)
    select n.account, a.base_currency as "baseCurrency", n.as_of_date as "asOfDate", n.equity::text,
      n.equity_index::text as "equityIndex", n.restated_because as "restatedBecause"
    from numbered n join accounts a using (account) where n.back <= ${EQUITY_POINTS} order by n.account, n.as_of_date`,
    [binding, query.asOfDate, query.account, query.asOfDate, query.account],
  );
}
