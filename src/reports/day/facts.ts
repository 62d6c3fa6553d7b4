import type { Knex } from 'knex';
import { londonInstant, type CalendarAdditions } from '../../domain/calendar/calendar.js';
import { dateOf, dayNumber } from '../../domain/dates.js';
import { asOfDate } from '../../domain/calendar/calendar.js';
import { openingDate, symbolsEverHeld, type BookedEntry } from '../../domain/ledger/sums.js';
import { rateSources } from '../../domain/market/rates.js';
import type { StoredClose } from '../../domain/performance/closes.js';
import { benchmarkMeant, benchmarkWithholding } from '../../domain/policy/performance.js';
import type { Policy } from '../../domain/policy/policy.js';
import { listingCurrency } from '../../domain/policy/universe.js';
import type { Account, DecimalString, Instant, IsoDate, UniverseRow } from '../../domain/types.js';
import { accountsQuestion } from '../../db/accounts.js';
import { alertsOfDay } from '../../db/alerts-of-day.js';
import { loadPolicy, loadUniverse } from '../../db/configurations.js';
import type { Db } from '../../db/connect.js';
import { dayEvents } from '../../db/days.js';
import { gatesOfDay, type GateRow } from '../../db/gates.js';
import { journalAtHand } from '../../db/journal.js';
import { dividendsQuestion, pricesQuestion, splitsQuestion, type PriceSeries } from '../../db/known-prices.js';
import { rateSeriesKnown, type RatePoint } from '../../db/known-rate-series.js';
import { knownRate } from '../../db/known-rates.js';
import { equityQuestion, valuationOfDay, type EquityPoint, type ValuationRow } from '../../db/known-values.js';
import { askTogether } from '../../db/questions.js';
import { reconciliationOfDay, type Reconciliation } from '../../db/reconciliations.js';
import { valuedClosesKnown } from '../../db/valued-closes.js';
import { newestRunBefore, runsOfDay, type RunRow } from '../../db/run-results.js';
import {
  deviationsUntil,
  fillsOfDay,
  ticketsOfDay,
  type BookedDeviation,
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
  /** Of all tickets up to this day; left out by whoever renders without them. */
  deviations?: BookedDeviation[];
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
  /** Listing currency for one unit of base on the dates that benchmarks are compared over, oldest first. */
  rateSeries: RatePoint[];
  equity: EquityPoint[];
  /** Splits published for what was ever held, up to the as-of date. */
  splits: { symbol: string; exDate: IsoDate; value: DecimalString }[];
  /** What the account's returns are made of; left out by whoever renders without them. */
  returns?: ReturnFacts;
  alerts: { code: string; message: string; remedy: string; raisedAt: Instant }[];
}

/** Closes of the account up to the as-of date, and what it is held against over them; all as known on the day. */
export interface ReturnFacts {
  closes: StoredClose[];
  /** The policy's limit of a fall, a fraction above 0, and its sessions. */
  maxDrawdown: number;
  calendar: CalendarAdditions;
  benchmark: {
    symbol: string;
    withholding: DecimalString;
    prices: PriceSeries | null;
    dividends: { exDate: IsoDate; value: DecimalString }[];
    splits: { exDate: IsoDate; value: DecimalString }[];
    rates: RatePoint[];
  } | null;
}

/** Everything a daily report says, in three statements; undefined when nothing was recorded of that day. */
export async function loadDayFacts(
  db: Knex,
  { account: name, tradingDay }: { account: string; tradingDay: IsoDate },
): Promise<DayFacts | undefined> {
  const recorded = await readRecorded(db, name, tradingDay);
  const { account, runs, runBefore, tickets, ...said } = recorded;
  // A day may be open, or even reconciled, before its first run: then the newest before it says which policy is in
  // force.
  const run = runs.at(-1) ?? runBefore;
  if (!account || !run) return undefined;
  const [policy, universe] = await Promise.all([loadPolicy(db, run.policyHash), loadUniverse(db, run.universeHash)]);
  const asOf = runs.length > 0 ? run.asOfDate : asOfDate(tradingDay, policy.calendar);
  const ledger = ofDay(said.ledger, recorded, tradingDay);
  const paper = ofDay(said.paper, recorded, tradingDay);
  const scope = { db, account, tradingDay, asOfDate: asOf, policy, universe };
  return {
    account,
    tradingDay,
    asOfDate: asOf,
    runs,
    tickets: chain(tickets).map((ticket) => ({
      ...ticket,
      fills: said.fills.filter(({ confirmationId }) => confirmationId === ticket.confirmation?.confirmationId),
    })),
    ledger,
    paper,
    universe,
    benchmarks: universe.filter(({ kind }) => kind === 'benchmark'),
    events: said.events,
    gates: said.gates,
    reconciliation: said.reconciled.newest,
    reconciliations: said.reconciled.count,
    alerts: said.alerts,
    deviations: said.deviations,
    returns: await loadReturns(scope, ledger),
    ...(await loadMarket(scope, ledger, paper)),
  };
}

/** What was recorded of the day, and both books. */
async function readRecorded(db: Knex, account: string, tradingDay: IsoDate) {
  const [[known], runs, [runBefore], tickets, fills, events, gates, reconciled, alerts, ledger, paper, deviations] =
    await askTogether(
      db,
      accountsQuestion(db, account),
      runsOfDay(db, tradingDay),
      newestRunBefore(db, account, tradingDay),
      ticketsOfDay(db, account, tradingDay),
      fillsOfDay(db, account, tradingDay),
      dayEvents(db, { account, tradingDay }),
      gatesOfDay(db, account, tradingDay),
      reconciliationOfDay(db, account, tradingDay),
      alertsOfDay(db, account, tradingDay),
      journalAtHand(db, account, 'ledger'),
      journalAtHand(db, account, 'paper'),
      deviationsUntil(db, account, tradingDay),
    );
  return {
    account: known,
    runs,
    runBefore,
    tickets,
    fills,
    events,
    gates,
    reconciled,
    alerts,
    ledger,
    paper,
    deviations,
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

async function loadMarket(
  { db, account: { account, baseCurrency }, tradingDay, asOfDate, policy, universe }: Scope,
  ledger: BookedEntry[],
  paper: BookedEntry[],
) {
  const traded = sortedOnce([...symbolsEverHeld(ledger), ...symbolsEverHeld(paper)]);
  const benchmarks = universe.filter(({ kind }) => kind === 'benchmark').map((row) => row.internalSymbol);
  const { provider: source } = policy.market_data;
  const sources = rateSources(policy);
  const currencies = sortedOnce(universe.map((row) => row.listingCurrency)).filter((other) => other !== baseCurrency);
  const cutoff = { kind: 'day', tradingDay } as const;
  const opening = ledger.find(({ kind }) => kind === 'OPENING');
  const openedOn = opening?.effectiveDate ?? asOfDate;
  const rates = (date: IsoDate) =>
    currencies.map((currency) => knownRate(db, { sources, pair: `${baseCurrency}${currency}`, date, cutoff }));
  const atOpening = { source, symbols: opening ? traded : [], asOfDate: openedOn, cutoff, sessions: 1 };
  const compared = {
    sources,
    pairs: currencies.map((currency) => `${baseCurrency}${currency}`),
    from: dateOf(dayNumber(asOfDate) - COMPARED_DAYS),
    to: asOfDate,
    cutoff,
  };
  const [prices, openingPrices, equity, splits, valuation, rateSeries, ...found] = await askTogether(
    db,
    pricesQuestion(db, { source, symbols: sortedOnce([...traded, ...benchmarks]), asOfDate, cutoff }),
    pricesQuestion(db, atOpening),
    equityQuestion(db, { account, asOfDate, cutoff }),
    splitsQuestion(db, { source, symbols: traded, asOfDate, cutoff }),
    valuationOfDay(db, { account, tradingDay, asOfDate }),
    rateSeriesKnown(db, compared),
    ...rates(asOfDate),
    ...rates(openedOn),
  );
  const ratesOf = (some: typeof found) =>
    Object.fromEntries(currencies.flatMap((currency, index) => (some[index] ? [[currency, some[index]]] : [])));
  const [now, then] = [found.slice(0, currencies.length), found.slice(currencies.length)];
  return {
    prices,
    openingPrices,
    rates: ratesOf(now),
    openingRates: ratesOf(then),
    rateSeries,
    equity,
    splits,
    valuation,
  };
}

async function loadReturns(
  { db, account: { account, baseCurrency }, tradingDay, asOfDate, policy, universe }: Scope,
  ledger: readonly BookedEntry[],
): Promise<ReturnFacts> {
  const cutoff = { kind: 'day', tradingDay } as const;
  const symbol = benchmarkMeant(policy, universe) ?? '';
  const { provider: source } = policy.market_data;
  const from = openingDate(ledger) ?? asOfDate;
  const pair = `${baseCurrency}${listingCurrency(universe, symbol)}`;
  const sessions = Math.max(1, dayNumber(asOfDate) - dayNumber(from) + 1);
  const [closes, [prices], dividends, splits, rates] = await askTogether(
    db,
    valuedClosesKnown(db, { account, asOfDate, cutoff }),
    pricesQuestion(db, { source, symbols: [symbol], asOfDate, cutoff, sessions }),
    dividendsQuestion(db, { source, symbol, asOfDate, cutoff }),
    splitsQuestion(db, { source, symbols: [symbol], asOfDate, cutoff }),
    rateSeriesKnown(db, { sources: rateSources(policy), pairs: [pair], from, to: asOfDate, cutoff }),
  );
  const withholding = benchmarkWithholding(policy);
  const held = { symbol, withholding, prices: prices ?? null, dividends, splits, rates };
  return {
    closes,
    maxDrawdown: policy.risk.max_drawdown,
    calendar: policy.calendar,
    benchmark: symbol === '' ? null : held,
  };
}

/** Days that the 64 sessions of a comparison span at most, with the days before that a rate may be of. */
const COMPARED_DAYS = 120;

const sortedOnce = (symbols: readonly string[]): string[] => [...new Set(symbols)].toSorted();

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
function ofDay(
  entries: readonly BookedEntry[],
  { tickets }: { tickets: readonly AnsweredTicketRow[] },
  tradingDay: IsoDate,
): BookedEntry[] {
  const own = new Set(tickets.map(({ ticketId }) => ticketId));
  const dayEnds = Date.parse(londonInstant(dateOf(dayNumber(tradingDay) + 1), '00:00'));
  return entries.filter(
    ({ bookedAt, ticketId }) => (ticketId !== null && own.has(ticketId)) || Date.parse(bookedAt) < dayEnds,
  );
}
