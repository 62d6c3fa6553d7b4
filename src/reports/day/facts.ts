import type { Knex } from 'knex';
import { londonInstant } from '../../domain/calendar/calendar.js';
import { dateOf, dayNumber } from '../../domain/dates.js';
import { asOfDate } from '../../domain/calendar/calendar.js';
import type { Book } from '../../domain/ledger/entries.js';
import type { BookedEntry } from '../../domain/ledger/sums.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { Account, DecimalString, Instant, IsoDate, UniverseRow } from '../../domain/types.js';
import type { Db } from '../../db/connect.js';
import { journalAtHand } from '../../db/journal.js';
import { findReconciliation, type Reconciliation } from '../../db/reconciliations.js';
import { loadGates, type GateRow } from '../facts-gates.js';
import { loadPrices, loadSplits, type PriceSeries } from '../facts-prices.js';
import { rows } from '../facts-query.js';
import { loadRate } from '../facts-rates.js';
import { RUN, type RunRow } from '../facts-runs.js';
import { TICKET, type FillRow, type TicketRow } from '../facts-tickets.js';
import { loadEquity, VALUATION, type EquityPoint, type ValuationRow } from '../facts-values.js';
import { loadPolicy, loadUniverse } from '../../db/configurations.js';

export interface DayTicketRow extends TicketRow {
  supersededBy: string | null;
  confirmation: {
    confirmationId: string;
    kind: 'ACK' | 'FILLS';
    operator: string;
    confirmedAt: Instant;
    amended: boolean;
  } | null;
  fills: FillRow[];
}

export interface DayFacts {
  account: Account;
  tradingDay: IsoDate;
  asOfDate: IsoDate;
  events: { event: 'OPENED' | 'CLOSED'; at: Instant }[];
  runs: RunRow[];
  /** Gates of the day's newest run that evaluated this account's, else of its newest run. */
  gates: GateRow[];
  reconciliation: Reconciliation | null;
  /** How many snapshots were compared on the day. */
  reconciliations: number;
  /** Oldest first; the last is the live one. */
  tickets: DayTicketRow[];
  valuation: ValuationRow | null;
  /** What was booked until the day ended, and what confirms the day's ticket whenever that was. */
  ledger: BookedEntry[];
  paper: BookedEntry[];
  /** Closes up to the as-of date of what is held or was traded, and of the benchmarks. */
  prices: PriceSeries[];
  openingPrices: PriceSeries[];
  benchmarks: UniverseRow[];
  universe: UniverseRow[];
  /** Listing currency for one unit of base, by listing currency, of the newest date up to the as-of date. */
  rates: Record<string, { rate: DecimalString; date: IsoDate }>;
  openingRates: Record<string, { rate: DecimalString; date: IsoDate }>;
  equity: EquityPoint[];
  /** Splits published for what was ever held, up to the as-of date. */
  splits: { symbol: string; exDate: IsoDate; value: DecimalString }[];
  alerts: { code: string; message: string; remedy: string; raisedAt: Instant }[];
}

/** Everything a daily report says; undefined when nothing was recorded of that day. */
export async function loadDayFacts(
  db: Knex,
  { account: name, tradingDay }: { account: string; tradingDay: IsoDate },
): Promise<DayFacts | undefined> {
  const [account] = await rows<Account>(
    db,
    'select account, base_currency as "baseCurrency", clock from accounts where account = ?',
    [name],
  );
  const runs = await rows<RunRow>(db, `${RUN} where r.trading_day = ?::date order by r.seq`, [tradingDay]);
  const run = runs.at(-1) ?? (await runBefore(db, name, tradingDay));
  if (!account || !run) return undefined;
  const [policy, universe, tickets, ledger, paper] = await Promise.all([
    loadPolicy(db, run.policyHash),
    loadUniverse(db, run.universeHash),
    loadTickets(db, name, tradingDay),
    loadBook(db, name, tradingDay, 'ledger'),
    loadBook(db, name, tradingDay, 'paper'),
  ]);
  const asOf = runs.length > 0 ? run.asOfDate : asOfDate(tradingDay, policy.calendar);
  const scope = { db, account, tradingDay, asOfDate: asOf, policy, universe };
  return {
    account,
    tradingDay,
    asOfDate: asOf,
    runs,
    tickets,
    ledger,
    paper,
    universe,
    benchmarks: universe.filter(({ kind }) => kind === 'benchmark'),
    ...(await loadDecisions(scope)),
    ...(await loadMarket(scope, ledger, paper)),
  };
}

/** A day may be open, or even reconciled, before its first run: then the newest run before it says which configuration is in force. */
async function runBefore(db: Db, account: string, tradingDay: IsoDate): Promise<RunRow | undefined> {
  return (
    await rows<RunRow>(
      db,
      `${RUN} where r.trading_day < ?::date
    and exists (select from day_events d where d.account = ? and d.trading_day = ?::date) order by r.seq desc limit 1`,
      [tradingDay, account, tradingDay],
    )
  )[0];
}

interface Scope {
  db: Db;
  account: Account;
  tradingDay: IsoDate;
  asOfDate: IsoDate;
  policy: Policy;
  universe: UniverseRow[];
}

async function loadDecisions({ db, account: { account }, tradingDay, asOfDate }: Scope) {
  const reconciled = await rows<{ id: string }>(
    db,
    `select reconciliation_id as id from reconciliations
    where account = ? and trading_day = ?::date order by seq`,
    [account, tradingDay],
  );
  const [judged] = await rows<{ runId: string }>(
    db,
    `select g.run_id as "runId" from gate_results g join runs r using (run_id)
    where r.trading_day = ?::date and (g.account is null or g.account = ?) order by g.account nulls last, r.seq desc limit 1`,
    [tradingDay, account],
  );
  const newest = reconciled.at(-1);
  const [events, gates, reconciliation, valuations, alerts] = await Promise.all([
    rows<DayFacts['events'][number]>(
      db,
      'select event, at from day_events where account = ? and trading_day = ?::date order by seq',
      [account, tradingDay],
    ),
    judged ? loadGates(db, judged.runId, account) : [],
    newest ? findReconciliation(db, newest.id) : null,
    rows<ValuationRow>(
      db,
      `select ${VALUATION} from valuations v join accounts a using (account) join runs r using (run_id)
      where v.account = ? and r.trading_day = ?::date and v.as_of_date = ?::date order by v.seq desc limit 1`,
      [account, tradingDay, asOfDate],
    ),
    rows<DayFacts['alerts'][number]>(
      db,
      `select code, message, remedy, raised_at as "raisedAt" from alerts
      where (account = ? or account is null) and trading_day = ?::date order by raised_at, code, alert_id`,
      [account, tradingDay],
    ),
  ]);
  return {
    events,
    gates,
    reconciliation,
    reconciliations: reconciled.length,
    valuation: valuations[0] ?? null,
    alerts,
  };
}

async function loadMarket(
  { db, account, tradingDay, asOfDate, policy, universe }: Scope,
  ledger: BookedEntry[],
  paper: BookedEntry[],
) {
  const traded = [...ledger, ...paper].flatMap(({ postings }) =>
    postings.filter((posting) => posting.account === 'Assets:Units').map(({ commodity }) => commodity),
  );
  const symbols = [
    ...new Set([...traded, ...universe.filter(({ kind }) => kind === 'benchmark').map((row) => row.internalSymbol)]),
  ].toSorted();
  const source = policy.market_data.provider;
  const currencies = [...new Set(universe.map((row) => row.listingCurrency))]
    .filter((currency) => currency !== account.baseCurrency)
    .toSorted();
  const cutoff = { kind: 'day', tradingDay } as const;
  const opening = ledger.find(({ kind }) => kind === 'OPENING');
  const openedOn = opening?.effectiveDate ?? asOfDate;
  const rates = (date: IsoDate) =>
    loadRates(db, { source: policy.market_data.fx_provider, base: account.baseCurrency, currencies, date, tradingDay });
  const [prices, openingPrices, ratesNow, openingRates, equity, splits] = await Promise.all([
    loadPrices(db, { source, symbols, asOfDate, cutoff }),
    opening
      ? loadPrices(db, { source, symbols: [...new Set(traded)].toSorted(), asOfDate: openedOn, cutoff, sessions: 1 })
      : [],
    rates(asOfDate),
    rates(openedOn),
    loadEquity(db, { account: account.account, asOfDate, cutoff }),
    loadSplits(db, { source, symbols: [...new Set(traded)].toSorted(), asOfDate, cutoff }),
  ]);
  return { prices, openingPrices, rates: ratesNow, openingRates, equity, splits };
}

async function loadRates(
  db: Db,
  query: { source: string; base: string; currencies: string[]; date: IsoDate; tradingDay: IsoDate },
) {
  const found = await Promise.all(
    query.currencies.map(async (currency) => {
      const rate = await loadRate(db, {
        source: query.source,
        pair: `${query.base}${currency}`,
        date: query.date,
        cutoff: { kind: 'day', tradingDay: query.tradingDay },
      });
      return rate ? [[currency, rate] as const] : [];
    }),
  );
  return Object.fromEntries(found.flat());
}

async function loadTickets(db: Db, account: string, tradingDay: IsoDate): Promise<DayTicketRow[]> {
  const tickets = await rows<DayTicketRow>(
    db,
    `
    select t.*, n.ticket_id as "supersededBy",
      (select jsonb_build_object('confirmationId', c.confirmation_id, 'kind', c.kind, 'operator', c.operator,
          'confirmedAt', to_char(c.confirmed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'amended', c.amends_confirmation_id is not null)
        from confirmations c where c.ticket_id = t."ticketId"
          and not exists (select from confirmations later where later.amends_confirmation_id = c.confirmation_id)) as confirmation
    from (${TICKET} where t.account = ? and t.trading_day = ?::date) t
    left join tickets n on n.supersedes_ticket_id = t."ticketId"`,
    [account, tradingDay],
  );
  const fills = await rows<FillRow & { confirmationId: string }>(
    db,
    `
    select f.confirmation_id as "confirmationId", f.sequence, f.symbol, f.side, f.executed_status as "executedStatus", f.units::text,
      f.fill_price::text as "fillPrice", f.executed_value_base::text as "executedValueBase", f.filled_at as "filledAt", f.notes
    from fills f where f.confirmation_id = any(?::uuid[]) order by f.sequence`,
    [tickets.flatMap(({ confirmation }) => (confirmation ? [confirmation.confirmationId] : []))],
  );
  return chain(tickets).map((ticket) => ({
    ...ticket,
    fills: fills.filter(({ confirmationId }) => confirmationId === ticket.confirmation?.confirmationId),
  }));
}

/** Tickets of a day in the order they took each other's place. */
function chain(tickets: DayTicketRow[]): DayTicketRow[] {
  const ordered: DayTicketRow[] = [];
  for (let next = tickets.find(({ supersedes }) => supersedes === null); next;) {
    const current: DayTicketRow = next;
    ordered.push(current);
    next = tickets.find(({ ticketId }) => ticketId === current.supersededBy);
  }
  return ordered;
}

/**
 * The entries that belong to a day's report: booked on or before the day by UK date, and those that execute its own
 * ticket whenever they were booked. Later days add nothing to it, so the report can be rendered again at any time.
 */
async function loadBook(db: Knex, account: string, tradingDay: IsoDate, book: Book): Promise<BookedEntry[]> {
  const own = new Set(
    (
      await rows<{ id: string }>(
        db,
        'select ticket_id as id from tickets where account = ? and trading_day = ?::date',
        [account, tradingDay],
      )
    ).map(({ id }) => id),
  );
  const entries = await journalAtHand(db, account, book);
  const dayEnds = Date.parse(londonInstant(dateOf(dayNumber(tradingDay) + 1), '00:00'));
  return entries.filter(
    ({ bookedAt, ticketId }) => (ticketId !== null && own.has(ticketId)) || Date.parse(bookedAt) < dayEnds,
  );
}
