import type { DecimalString, IsoDate } from '../domain/types.js';
import type { Db } from '../db/connect.js';
import { ask, type Question } from '../db/questions.js';
import { rowsQuestion } from './facts-query.js';
import { cutoffSql, EVERYTHING, type Cutoff } from './facts-cutoff.js';

/** What an account was worth when a run valued it, base currency. */
export interface ValuationRow {
  account: string;
  baseCurrency: string;
  asOfDate: IsoDate;
  cash: DecimalString;
  positionsValue: DecimalString;
  equity: DecimalString;
  netFlows: DecimalString;
  equityIndex: DecimalString;
  peakIndex: DecimalString;
  fxRate: DecimalString | null;
}

export interface EquityPoint {
  account: string;
  baseCurrency: string;
  asOfDate: IsoDate;
  equity: DecimalString;
  equityIndex: DecimalString;
}

/** The columns of a `ValuationRow`, of valuations `v` and accounts `a`. */
export const VALUATION = `v.account, a.base_currency as "baseCurrency", v.as_of_date as "asOfDate", v.cash::text, v.positions_value::text as "positionsValue",
  v.equity::text, v.net_flows::text as "netFlows", v.equity_index::text as "equityIndex", v.peak_index::text as "peakIndex", v.fx_rate::text as "fxRate"`;

const EQUITY_POINTS = 260;

export interface EquityQuery {
  /** Every account when null. */
  account: string | null;
  asOfDate: IsoDate;
  cutoff: Cutoff;
}

/** The newest valuation of each as-of date, oldest first, as known at the cutoff; `account` null gives every account. */
export const loadEquity = (db: Db, query: EquityQuery): Promise<EquityPoint[]> => ask(db, equityQuestion(db, query));

/** The same as a question. */
export function equityQuestion(db: Db, query: EquityQuery): Question<EquityPoint[]> {
  const { sql, binding } = cutoffSql(query.cutoff);
  return rowsQuestion<EquityPoint>(
    db,
    `
    with cut as (select coalesce((${sql}), ${EVERYTHING}) as seq),
    newest as (
      select distinct on (v.account, v.as_of_date) v.* from valuations v, cut
      where v.as_of_date <= ? and v.seq <= cut.seq and (?::text is null or v.account = ?)
      order by v.account, v.as_of_date, v.seq desc),
    numbered as (select *, row_number() over (partition by account order by as_of_date desc) as back from newest)
    select n.account, a.base_currency as "baseCurrency", n.as_of_date as "asOfDate", n.equity::text, n.equity_index::text as "equityIndex"
    from numbered n join accounts a using (account) where n.back <= ${EQUITY_POINTS} order by n.account, n.as_of_date`,
    [binding, query.asOfDate, query.account as string, query.account as string],
  );
}
