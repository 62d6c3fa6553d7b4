import { join } from 'node:path';
import { dateOf, dayNumber } from '../src/domain/dates.js';
import { dividendAmounts, dividendEntry, openingEntry, type EntryDraft } from '../src/domain/ledger/entries.js';
import { dividendKey } from '../src/domain/ledger/keys.js';
import { ledgerSums, type BookedEntry } from '../src/domain/ledger/sums.js';
import { D, floorUnits, toText, type Decimal } from '../src/domain/money.js';
import { compare } from '../src/domain/reconciliation/compare.js';
import { explainDrift } from '../src/domain/reconciliation/explain.js';
import { waysOf, type StoredExplanation } from '../src/domain/reconciliation/proposal.js';
import type { CorporateAction, DecimalString, IsoDate } from '../src/domain/types.js';
import type { BenchContext } from './support/context.js';
import { atMost, told, type Figure } from './support/figures.js';
import { randomFrom } from './support/random.js';
import { readRealDividends, type RealDividends } from './support/real-dividends.js';

/** Portfolios of as many stocks as the policy allows, each for a year. */
const YEARS = 1_000;
const STOCKS = 15;
const SESSIONS = 252;
const TOLERANCES = { cash_tolerance: 5, units_tolerance: 0.0001 };
/** One in a hundred portfolio-years. */
const WRONG_MAX = 0.01;

/** When and at which rate a broker pays. */
interface Broker {
  name: string;
  /** Days from the ex-date to the payment. */
  delay(random: () => number): number;
  /** The day whose rate it takes. */
  rateDay(exDate: IsoDate, paidOn: IsoDate): IsoDate;
}

const AT_ONCE: Broker = { name: 'paid on the ex-date', delay: () => 0, rateDay: (exDate) => exDate };
const weeks = (random: () => number): number => 10 + Math.floor(random() * 35);
const LATER: Broker = { name: 'paid 10-44 days later', delay: weeks, rateDay: (exDate) => exDate };
const LATER_AT_ITS_RATE: Broker = {
  ...LATER,
  name: "paid 10-44 days later at that day's rate",
  rateDay: (_, paidOn) => paidOn,
};

interface Tally {
  years: number;
  explained: number;
  /** First explanations that are not what happened. */
  wrong: number;
  /** The same, and named as the next step. */
  misled: number;
  /** Several ways were shown. */
  several: number;
  slowest: number;
}

/**
 * How often the first explanation of cash drift is not what happened, over random portfolio-years on real dividends.
 * Whoever reconciles books what the broker's statement shows once the drift is over the tolerance, and every other
 * time what is offered within it: small dividends add up in between.
 */
export function run({ say }: BenchContext): Promise<Figure[]> {
  const shared = process.env['TRADING_OPS_SHARED'] ?? join(import.meta.dirname, '..', '..', 'shared', 'data');
  const real = readRealDividends(shared);
  if (!real) {
    say(`no dividends in ${shared}: nothing is measured`);
    return Promise.resolve([]);
  }
  say(`${YEARS} portfolio-years of ${STOCKS} stocks: ${real.what}`);
  return Promise.resolve(
    [AT_ONCE, LATER, LATER_AT_ITS_RATE].flatMap((broker) => {
      const tally = { years: YEARS, explained: 0, wrong: 0, misled: 0, several: 0, slowest: 0 };
      for (let seed = 1; seed <= YEARS; seed++) liveAYear(real, broker, randomFrom(seed), tally);
      return figuresOf(broker, tally);
    }),
  );
}

function figuresOf({ name }: Broker, { years, explained, wrong, misled, several, slowest }: Tally): Figure[] {
  const perYear = (count: number) => count / years;
  const measured = `explanations: wrong ones a portfolio-year, ${name}`;
  return [
    name === AT_ONCE.name ? atMost(measured, perYear(wrong), '', WRONG_MAX) : told(measured, perYear(wrong), ''),
    told(`explanations: wrong ones named as the next step, ${name}`, perYear(misled), ''),
    told(`explanations: drifts explained a portfolio-year, ${name}`, perYear(explained), ''),
    told(`explanations: drifts that several ways fit a portfolio-year, ${name}`, perYear(several), ''),
    told(`explanations: the slowest, ${name}`, slowest, 'ms'),
  ];
}

interface Holding {
  symbol: string;
  units: DecimalString;
}

interface Payment {
  action: CorporateAction;
  paidOn: IsoDate;
  net: Decimal;
}

function liveAYear(real: RealDividends, broker: Broker, random: () => number, tally: Tally): void {
  const first = 80 + Math.floor(random() * (real.sessions.length - SESSIONS - 80));
  const sessions = real.sessions.slice(first, first + SESSIONS);
  const [opened = '', last = ''] = [sessions[0], sessions.at(-1)];
  const held = portfolioOf(real, opened, last, random);
  const actions = held.flatMap(({ symbol }) => actionsOf(real, symbol, last));
  const payments = actions
    .filter(({ exDate }) => exDate > opened)
    .flatMap((action) => paymentOf(action, held, real, broker, random));
  const journal = new Journal(held, opened);
  let unbooked: Payment[] = [];
  let agreedOn = opened;
  for (const [index, session] of sessions.entries()) {
    const previous = sessions[index - 1] ?? opened;
    unbooked.push(...payments.filter(({ paidOn }) => paidOn > previous && paidOn <= session));
    if (unbooked.length === 0) {
      agreedOn = session;
      continue;
    }
    const drift = unbooked.reduce((sum, { net }) => sum.plus(net), D(0));
    const began = performance.now();
    const explanations = explain(journal, drift, { real, actions, session, agreedOn });
    tally.slowest = Math.max(tally.slowest, performance.now() - began);
    const over = drift.abs().gt(TOLERANCES.cash_tolerance);
    // Within the tolerance nothing need be explained; what is offered must be true.
    if (explanations.length > 0 || over) count(tally, explanations, unbooked);
    if (over || (explanations.length > 0 && random() < 0.5)) {
      for (const payment of unbooked) journal.book(payment, session);
      unbooked = [];
      agreedOn = session;
    }
  }
}

function count(tally: Tally, explanations: readonly StoredExplanation[], unbooked: readonly Payment[]): void {
  const { certain, open } = waysOf(explanations);
  const first = [...certain, ...open.flatMap(({ ways }) => ways[0] ?? [])];
  const said = first.map(nameOf).toSorted().join();
  const happened = unbooked
    .map(({ action }) => `${action.symbol} ${action.exDate} 0.15`)
    .toSorted()
    .join();
  tally.explained += 1;
  if (open.length > 0) tally.several += 1;
  if (said === happened) return;
  tally.wrong += 1;
  if (open.length === 0) tally.misled += 1;
}

const nameOf = (explanation: StoredExplanation): string =>
  'proposal' in explanation && explanation.proposal?.kind === 'BOOK_DIVIDEND'
    ? `${explanation.proposal.symbol} ${explanation.proposal.exDate} ${explanation.proposal.withholding}`
    : explanation.kind;

function explain(
  journal: Journal,
  drift: Decimal,
  {
    real,
    actions,
    session,
    agreedOn,
  }: { real: RealDividends; actions: CorporateAction[]; session: IsoDate; agreedOn: IsoDate },
): StoredExplanation[] {
  const ledger = ledgerSums(journal.entries, 'GBP');
  const snapshot = { cash: toText(D(ledger.cash).plus(drift)), positions: ledger.units };
  const known = Object.keys(ledger.units);
  const universe = known.map((internalSymbol) => ({ internalSymbol }));
  return explainDrift(compare(snapshot, ledger, TOLERANCES, universe), {
    baseCurrency: 'GBP',
    snapshotDate: session,
    asOfDate: session,
    entries: journal.entries,
    actions,
    fxOn: (_, date) => real.rateOn(date),
    agreedOn,
    listedIn: () => 'USD',
    known,
    worthOf: () => null,
    openTickets: [],
    cashTolerance: String(TOLERANCES.cash_tolerance),
    unitsTolerance: String(TOLERANCES.units_tolerance),
  });
}

/** Stocks with a close at the beginning that pay and do not split during the year, each of about a fifteenth. */
function portfolioOf(real: RealDividends, opened: IsoDate, last: IsoDate, random: () => number): Holding[] {
  const pool = [...real.dividends.keys()].filter(
    (symbol) =>
      real.closeOf(symbol, opened) !== null &&
      !(real.splits.get(symbol) ?? []).some((date) => date > dateOf(dayNumber(opened) - 100) && date <= last),
  );
  const worth = 10_000 + random() * 50_000;
  return Array.from({ length: STOCKS }, () => {
    const [symbol = ''] = pool.splice(Math.floor(random() * pool.length), 1);
    const value = D(((worth / STOCKS) * (0.8 + random() * 0.4)).toFixed(2));
    const price = D(real.closeOf(symbol, opened) ?? '1').div(D(real.rateOn(opened) ?? '1'));
    return { symbol, units: toText(floorUnits(value.div(price))) };
  });
}

const actionsOf = (real: RealDividends, symbol: string, last: IsoDate): CorporateAction[] =>
  (real.dividends.get(symbol) ?? [])
    .filter(({ exDate }) => exDate <= last)
    .map(({ exDate, value }) => ({ symbol, exDate, kind: 'DIVIDEND', value, currency: 'USD', source: 'csv' }));

function paymentOf(
  action: CorporateAction,
  held: readonly Holding[],
  real: RealDividends,
  broker: Broker,
  random: () => number,
): Payment[] {
  const paidOn = dateOf(dayNumber(action.exDate) + broker.delay(random));
  const units = held.find(({ symbol }) => symbol === action.symbol)?.units ?? '0';
  const fx = real.rateOn(broker.rateDay(action.exDate, paidOn)) ?? '1';
  const { net } = dividendAmounts({ units, amount: action.value, fx });
  return net.gt(0) ? [{ action, paidOn, net }] : [];
}

/** A ledger that books what was paid, to the penny. */
class Journal {
  readonly entries: BookedEntry[] = [];

  constructor(held: readonly Holding[], opened: IsoDate) {
    const positions = Object.fromEntries(held.map(({ symbol, units }) => [symbol, units]));
    const opening = openingEntry({ date: opened, baseCurrency: 'GBP', cash: '1234.56', positions });
    this.add(opening as EntryDraft, 'opening');
  }

  book({ action: { symbol, exDate }, net }: Payment, date: IsoDate): void {
    const amounts = { gross: net, tax: D(0), net };
    this.add(dividendEntry({ date, exDate, baseCurrency: 'GBP', symbol, amounts }), dividendKey(symbol, exDate));
  }

  private add(draft: EntryDraft, idempotencyKey: string): void {
    this.entries.push({
      ...draft,
      entryId: this.entries.length + 1,
      bookedAt: `${draft.effectiveDate}T09:00:00.000Z`,
      reversesEntryId: null,
      ticketId: null,
      confirmationId: null,
      idempotencyKey,
      operator: 'bench',
    });
  }
}
