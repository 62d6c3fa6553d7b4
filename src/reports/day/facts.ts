import type { Knex } from 'knex';
import { londonInstant } from '../../domain/calendar/calendar.js';
import { dateOf, dayNumber } from '../../domain/dates.js';
import { asOfDate } from '../../domain/calendar/calendar.js';
import type { Book } from '../../domain/ledger/entries.js';
import type { BookedEntry } from '../../domain/ledger/sums.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { Account, DecimalString, Instant, IsoDate, UniverseRow } from '../../domain/types.js';
import { findAccount } from '../../db/accounts.js';
import { alertsOfDay } from '../../db/alerts-of-day.js';
import { loadPolicy, loadUniverse } from '../../db/configurations.js';
import type { Db } from '../../db/connect.js';
import { dayEvents } from '../../db/days.js';
import { judgeOfDay, loadGates, type GateRow } from '../../db/gates.js';
import { journalAtHand } from '../../db/journal.js';
import { loadPrices, loadSplits, type PriceSeries } from '../../db/known-prices.js';
import { loadRate } from '../../db/known-rates.js';
import { loadEquity, valuationOfDay, type EquityPoint, type ValuationRow } from '../../db/known-values.js';
import { findReconciliation, reconciliationsOfDay, type Reconciliation } from '../../db/reconciliations.js';
import { newestRunBefore, runsOfDay, type RunRow } from '../../db/run-results.js';
import {
  fillsOf,
  ticketIdsOfDay,
  ticketsOfDay,
  type AnsweredTicketRow,
  type FillRow,
} from '../../db/ticket-documents.js';

export interface DayTicketRow extends AnsweredTicketRow {
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
  const account = await findAccount(db, name);
  const runs = await runsOfDay(db, tradingDay);
  // A day may be open, or even reconciled, before its first run: then the newest before it says which policy is in force.
  const run = runs.at(-1) ?? (await newestRunBefore(db, name, tradingDay));
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

interface Scope {
  db: Db;
  account: Account;
  tradingDay: IsoDate;
  asOfDate: IsoDate;
  policy: Policy;
  universe: UniverseRow[];
}

async function loadDecisions({ db, account: { account }, tradingDay, asOfDate }: Scope) {
  const reconciled = await reconciliationsOfDay(db, account, tradingDay);
  const judge = await judgeOfDay(db, account, tradingDay);
  const newest = reconciled.at(-1);
  const [events, gates, reconciliation, valuation, alerts] = await Promise.all([
    dayEvents(db, { account, tradingDay }),
    judge === undefined ? [] : loadGates(db, judge, account),
    newest === undefined ? null : findReconciliation(db, newest),
    valuationOfDay(db, { account, tradingDay, asOfDate }),
    alertsOfDay(db, account, tradingDay),
  ]);
  return {
    events,
    gates,
    reconciliation,
    reconciliations: reconciled.length,
    valuation: valuation ?? null,
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
  const tickets = await ticketsOfDay(db, account, tradingDay);
  const answers = tickets.flatMap(({ confirmation }) => (confirmation ? [confirmation.confirmationId] : []));
  const fills = await fillsOf(db, answers);
  return chain(tickets).map((ticket) => ({
    ...ticket,
    fills: fills.filter(({ confirmationId }) => confirmationId === ticket.confirmation?.confirmationId),
  }));
}

/** Tickets of a day in the order they took each other's place. */
function chain(tickets: AnsweredTicketRow[]): AnsweredTicketRow[] {
  const ordered: AnsweredTicketRow[] = [];
  for (let next = tickets.find(({ supersedes }) => supersedes === null); next;) {
    const current: AnsweredTicketRow = next;
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
  const own = new Set(await ticketIdsOfDay(db, account, tradingDay));
  const entries = await journalAtHand(db, account, book);
  const dayEnds = Date.parse(londonInstant(dateOf(dayNumber(tradingDay) + 1), '00:00'));
  return entries.filter(
    ({ bookedAt, ticketId }) => (ticketId !== null && own.has(ticketId)) || Date.parse(bookedAt) < dayEnds,
  );
}
