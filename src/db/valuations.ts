import type { Knex } from 'knex';
import { peakSinceReset } from '../domain/ledger/equity.js';
import { FLOW_KINDS, flowsOf, type FlowEntry, type Flows } from '../domain/ledger/flows.js';
import type { SealedValuation } from '../domain/ledger/valuation-seal.js';
import { D, toText } from '../domain/money.js';
import type { DecimalString, IsoDate } from '../domain/types.js';
import type { Db } from './connect.js';
import { ask, question, type Question } from './questions.js';
import type { Row } from './tables.js';
import { groupBy } from '../domain/group.js';

/** A valuation to be stored. */
export interface Valuation extends SealedValuation {
  /** By the worker that reckoned it (`valuationSeal`). */
  seal?: string;
}

/**
 * The insert of valuations, at least one; the first of an account, as-of date and run stands. Made together with their
 * steps.
 */
export const newValuations = (db: Db, valuations: readonly Valuation[]): Knex.QueryBuilder =>
  db('valuations')
    .insert(
      valuations.map((valuation) => ({
        account: valuation.account,
        as_of_date: valuation.asOfDate,
        run_id: valuation.runId,
        cash: valuation.cash,
        positions_value: valuation.positionsValue,
        equity: valuation.equity,
        net_flows: valuation.netFlows,
        equity_index: valuation.equityIndex,
        peak_index: valuation.peakIndex,
        fx_rate: valuation.fxRate,
        last_entry_id: valuation.lastEntryId,
        restated_because: valuation.restatedBecause ?? null,
        seal: valuation.seal ?? null,
      })),
    )
    .onConflict(['account', 'as_of_date', 'run_id'])
    .ignore()
    .returning('run_id');

/** A valuation as far as the next one goes on from it. */
export type Previous = Pick<Valuation, 'asOfDate' | 'equity' | 'equityIndex' | 'peakIndex' | 'lastEntryId'> & {
  /** Whether the next one values a date again of which a reset of the kill switch has accepted the loss. */
  isResetSince?: boolean;
};

type ValuationRow = Pick<
  Row<'valuations'>,
  'account' | 'as_of_date' | 'equity' | 'equity_index' | 'peak_index' | 'last_entry_id'
> & { reset_since: boolean; reset_next: boolean };

const text = (value: string) => toText(D(value));

/*
 * Whether the kill switch was reset while a date was the newest that was valued: after its first valuation, which may
 * have been made again since, and before the first one of the next.
 */
const RESET_AFTER = (date: string) => `exists (
  select from kill_switch_events k
   where k.account = v.account and k.event = 'RESET'
     and k.seq > (select min(o.seq) from valuations o where o.account = v.account and o.as_of_date = ${date})
     and not exists (
       select from valuations o where o.account = v.account and o.as_of_date > ${date} and o.seq < k.seq))`;

const LATEST = `
  select asked.account, newest.* from unnest(cast(:accounts as text[])) as asked(account) cross join lateral (
    select as_of_date, equity::text, equity_index::text, peak_index::text, last_entry_id,
           ${RESET_AFTER('v.as_of_date')} as reset_since,
           cast(:before as date) is not null and ${RESET_AFTER('cast(:before as date)')} as reset_next
      from valuations v
     where v.account = asked.account and as_of_date <= :upTo and as_of_date < coalesce(cast(:before as date), 'infinity')
     order by as_of_date desc, seq desc limit 1) newest`;

/**
 * The valuation the equity index continues from: the one recorded last of the newest as-of date up to `upTo`; or null.
 * Its peak counts from the newest reset of the kill switch.
 * @param before leaves out valuations of this as-of date and later, for a run that values the same close again.
 */
export const latestValuation = (db: Db, account: string, upTo: IsoDate, before?: IsoDate): Promise<Previous | null> =>
  ask(db, valuationQuestion(db, account, upTo, before));

/** The same of each of these accounts that has one, all of them in one statement. */
export const latestValuations = (
  db: Db,
  accounts: readonly string[],
  upTo: IsoDate,
  before?: IsoDate,
): Promise<Map<string, Previous>> => ask(db, valuationsQuestion(db, accounts, upTo, before));

/** One account's latest valuation as a question. */
export function valuationQuestion(db: Db, account: string, upTo: IsoDate, before?: IsoDate): Question<Previous | null> {
  const { query, answer } = valuationsQuestion(db, [account], upTo, before);
  return { query, answer: (rows) => answer(rows).get(account) ?? null };
}

/** Each of these accounts' latest valuation as a question. */
export const valuationsQuestion = (
  db: Db,
  accounts: readonly string[],
  upTo: IsoDate,
  before?: IsoDate,
): Question<Map<string, Previous>> =>
  question<Map<string, Previous>>(
    db.raw(LATEST, { accounts, upTo, before: before ?? null } as never),
    (rows: ValuationRow[]) => new Map(rows.map((row) => [row.account, previousOf(row)])),
  );

function previousOf(row: ValuationRow): Previous {
  const index = { equityIndex: text(row.equity_index), peakIndex: text(row.peak_index) };
  return {
    asOfDate: row.as_of_date,
    equity: text(row.equity),
    ...index,
    peakIndex: peakSinceReset(index, row.reset_since),
    // Null only where nothing was booked yet: then everything came after it.
    lastEntryId: row.last_entry_id ?? 0,
    ...(row.reset_next && { isResetSince: true }),
  };
}

const PEAK_DATE = `
  with newest as (
    select distinct on (as_of_date) as_of_date, equity_index from valuations
      where account = :account and as_of_date <= :upTo
     order by as_of_date, seq desc)
  select as_of_date as date from newest
   where equity_index = :peak and as_of_date >= coalesce((
     select max(as_of_date) from valuations where account = :account and seq < (
       select max(seq) from kill_switch_events where account = :account and event = 'RESET')), '-infinity')
     and as_of_date > coalesce((select max(as_of_date) from newest where equity_index = 0 and as_of_date < :upTo), '-infinity')
   order by as_of_date limit 1`;

/**
 * The date on which the index first stood at its peak, since the newest reset of the kill switch and the newest whole
 * loss; null when no row says so.
 */
export async function peakDate(
  db: Db,
  asked: { account: string; upTo: IsoDate; peak: DecimalString },
): Promise<IsoDate | null> {
  const { rows } = await db.raw<{ rows: { date: IsoDate }[] }>(PEAK_DATE, { ...asked });
  return rows[0]?.date ?? null;
}

const VALUATION_STATE = `
  with tried as (
    select r.as_of_date, s.status, s.summary from run_steps s join runs r using (run_id)
     where s.step = 'valuation:' || :account and s.summary not like 'the ledger is empty%' order by s.seq desc limit 1)
  select (select max(as_of_date) from valuations where account = :account) as valued,
    (select as_of_date from tried) as due,
    (select summary from tried where status = 'FAIL') as why`;

/**
 * How current an account's value is: the newest as-of date that it has one of, the one that the newest run tried, and
 * why that failed.
 */
export interface ValuationState {
  valued: IsoDate | null;
  /** Null while no run found anything to value. */
  due: IsoDate | null;
  why: string | null;
}

/** Where the valuation of an account stands. */
export async function valuationState(db: Db, account: string): Promise<ValuationState> {
  const { rows } = await db.raw<{ rows: ValuationState[] }>(VALUATION_STATE, { account });
  return rows[0] as ValuationState;
}

const FLOW_ENTRIES = `
  select e.account, e.kind, reversed.kind as "reversedKind", (
    select jsonb_agg(jsonb_build_object('account', p.ledger_account, 'commodity', p.commodity, 'amount', p.amount::text) order by p.line_no)
      from postings p where p.entry_id = e.entry_id) as postings
  from unnest(cast(:accounts as text[]), cast(:after as bigint[]), cast(:through as bigint[])) as s(account, after_id, through_id)
  join journal_entries e on e.account = s.account and e.book = 'ledger' and e.entry_id > s.after_id and e.entry_id <= s.through_id
  left join journal_entries reversed on reversed.entry_id = e.reverses_entry_id
  where coalesce(reversed.kind, e.kind) = any(:kinds) order by e.entry_id`;

/** A stretch of an account's ledger: what was booked after one entry, up to and with another. */
export interface Stretch {
  account: string;
  afterEntryId: number;
  throughEntryId: number;
}

/**
 * What came in and went out without being profit or loss in these stretches, one of an account: cash in base currency,
 * and units by symbol that a baseline set right, to be valued by the caller. One statement; none where nothing was
 * booked.
 */
export async function flowsWithin(db: Db, stretches: readonly Stretch[]): Promise<Map<string, Flows>> {
  const moved = stretches.filter(({ afterEntryId, throughEntryId }) => afterEntryId < throughEntryId);
  const entries = groupBy(moved.length === 0 ? [] : await flowEntries(db, moved), ({ account }) => account);
  return new Map(stretches.map(({ account }) => [account, flowsOf(entries.get(account) ?? [])]));
}

/** Only of kinds that may be a flow: an account may have booked twenty thousand fills since, and none of them is one. */
async function flowEntries(db: Db, stretches: readonly Stretch[]): Promise<(FlowEntry & { account: string })[]> {
  const asked = {
    accounts: stretches.map(({ account }) => account),
    after: stretches.map(({ afterEntryId }) => afterEntryId),
    through: stretches.map(({ throughEntryId }) => throughEntryId),
    kinds: [...FLOW_KINDS],
  };
  return (await db.raw<{ rows: (FlowEntry & { account: string })[] }>(FLOW_ENTRIES, asked as never)).rows;
}
