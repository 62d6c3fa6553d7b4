import { join } from 'node:path';
import { dateOf, dayNumber } from '../src/domain/dates.js';
import {
  depositEntry,
  dividendAmounts,
  dividendEntry,
  feeEntry,
  interestEntry,
  openingEntry,
  withdrawalEntry,
  type EntryDraft,
} from '../src/domain/ledger/entries.js';
import { dividendKey } from '../src/domain/ledger/keys.js';
import { ledgerSums, type BookedEntry } from '../src/domain/ledger/sums.js';
import { D, floorUnits, toText, type Decimal } from '../src/domain/money.js';
import type { EarlierDrift } from '../src/domain/reconciliation/arrivals.js';
import { compare } from '../src/domain/reconciliation/compare.js';
import { explainDrift } from '../src/domain/reconciliation/explain.js';
import { nextProposal, waysOf, type StoredExplanation } from '../src/domain/reconciliation/proposal.js';
import type { CorporateAction, DecimalString, IsoDate } from '../src/domain/types.js';
import type { BenchContext } from './support/context.js';
import { atMost, told, type Figure } from './support/figures.js';
import { randomFrom } from './support/random.js';
import { readRealDividends, type RealDividends } from './support/real-dividends.js';

/** Portfolios of as many stocks as the policy allows, each for a year; of what varies these fewer. */
const YEARS = 1_000;
const YEARS_OF_VARIANTS = 200;
const STOCKS = 15;
const SESSIONS = 252;
const TOLERANCES = { cash_tolerance: 5, units_tolerance: 0.0001 };
/** One in a hundred portfolio-years. */
const WRONG_MAX = 0.01;

/** How a broker pays, and what else moves the cash of an account. */
interface World {
  name: string;
  /** Days from the ex-date to the payment. */
  delay(random: () => number): number;
  /** Currency of base for one of the listing's on which the payment is reckoned. */
  rate(real: RealDividends, exDate: IsoDate, paidOn: IsoDate, random: () => number): DecimalString | null;
  withholding: DecimalString;
  baseCurrency: 'GBP' | 'USD';
  /** Whether there are interest, fees, deposits and withdrawals as well. */
  movements: boolean;
  years: number;
}

const weeks = (random: () => number): number => 10 + Math.floor(random() * 35);
/** A broker's rate is of another hour than a published one, and has its margin: up to so much more or less. */
const HOURS_OFF = 0.004;
const AT_ONCE: World = {
  name: 'paid on the ex-date',
  delay: () => 0,
  rate: (real, exDate) => real.rateOn(exDate),
  withholding: '0.15',
  baseCurrency: 'GBP',
  movements: false,
  years: YEARS,
};
const LATER: World = { ...AT_ONCE, name: 'paid 10-44 days later', delay: weeks };
const AT_ITS_RATE: World = {
  ...LATER,
  name: "paid 10-44 days later at that day's rate",
  rate: (real, _, paidOn) => real.rateOn(paidOn),
};
const OF_ITS_HOUR: World = {
  ...LATER,
  name: 'paid 10-44 days later at a rate of its own',
  rate: (real, _, paidOn, random) => {
    const rate = real.rateOn(paidOn);
    return rate && toText(D(rate).times((1 + (random() * 2 - 1) * HOURS_OFF).toFixed(6)));
  },
};
const variant = (world: World, changes: Partial<World>): World => ({
  ...world,
  ...changes,
  years: YEARS_OF_VARIANTS,
});
const WORLDS: World[] = [
  AT_ONCE,
  LATER,
  AT_ITS_RATE,
  OF_ITS_HOUR,
  variant(OF_ITS_HOUR, { name: 'the same, 30 % withheld', withholding: '0.3' }),
  variant(OF_ITS_HOUR, { name: 'the same, nothing withheld', withholding: '0' }),
  variant(LATER, { name: 'paid 10-44 days later in USD', rate: () => '1', baseCurrency: 'USD' }),
  variant(AT_ONCE, { name: 'paid on the ex-date, with interest, fees and transfers', movements: true }),
  variant(OF_ITS_HOUR, { name: 'at a rate of its own, with interest, fees and transfers', movements: true }),
];

interface Tally {
  /** Drifts of which something was said, or that were over the tolerance. */
  explained: number;
  /** One way was given as the answer. */
  certain: number;
  /** The same, and it is not what happened; or a command is the next line that books what did not happen. */
  wrong: number;
  /** What happened was the first way that was given. */
  first: number;
  /** What happened was one of the ways. */
  shown: number;
  slowest: number;
}

/**
 * How often explanations of cash drift mislead, over random portfolio-years on real dividends. A first explanation is
 * wrong where it is presented as the answer, alone and without saying that it is not certain, or where its command is
 * the next line, and it is not exactly what happened: another dividend, one too many or too few, another withholding, or
 * another kind of movement. A part of what happened is right where it says that something is left over. One that is the
 * first of several, or says that it may be a coincidence, is not presented as
 * the answer; how often that one is what happened, and how often what happened is shown at all, is told beside it, so
 * that saying nothing does not count as being right.
 * Whoever reconciles does so each session, and books what the broker's statement shows once the drift is over the
 * tolerance, and every other time what is offered within it: small dividends add up in between.
 */
export function run({ say }: BenchContext): Promise<Figure[]> {
  const shared = process.env['TRADING_OPS_SHARED'] ?? join(import.meta.dirname, '..', '..', 'shared', 'data');
  const real = readRealDividends(shared);
  if (!real) {
    say(`no dividends in ${shared}: nothing is measured`);
    return Promise.resolve([]);
  }
  say(`${YEARS} portfolio-years of ${STOCKS} stocks, of variants ${YEARS_OF_VARIANTS}: ${real.what}`);
  return Promise.resolve(
    WORLDS.flatMap((world) => {
      const tally = { explained: 0, certain: 0, wrong: 0, first: 0, shown: 0, slowest: 0 };
      for (let seed = 1; seed <= world.years; seed++) liveAYear({ real, world, random: randomFrom(seed), tally });
      return figuresOf(world, tally);
    }),
  );
}

function figuresOf({ name, years }: World, { explained, certain, wrong, first, shown, slowest }: Tally): Figure[] {
  const share = (count: number) => (100 * count) / Math.max(explained, 1);
  return [
    atMost(`explanations: wrong ones a portfolio-year, ${name}`, wrong / years, '', WRONG_MAX),
    told(`explanations: drifts explained a portfolio-year, ${name}`, explained / years, ''),
    told(`explanations: given as certain, ${name}`, share(certain), '%'),
    told(`explanations: what happened is given first, ${name}`, share(first), '%'),
    told(`explanations: what happened is among those shown, ${name}`, share(shown), '%'),
    told(`explanations: what happened is not shown, ${name}`, share(explained - shown), '%'),
    told(`explanations: the slowest, ${name}`, slowest, 'ms'),
  ];
}

interface Holding {
  symbol: string;
  units: DecimalString;
}

/** Something that moved the broker's cash. */
interface Moved {
  on: IsoDate;
  cash: Decimal;
  /** As an explanation of it is named. */
  name: string;
  draft: EntryDraft;
  key: string;
}

interface Life {
  real: RealDividends;
  world: World;
  random: () => number;
  tally: Tally;
}

function liveAYear(life: Life): void {
  const { real, random, tally, world } = life;
  const first = 80 + Math.floor(random() * (real.sessions.length - SESSIONS - 80));
  const sessions = real.sessions.slice(first, first + SESSIONS);
  const [opened = '', last = ''] = [sessions[0], sessions.at(-1)];
  const held = portfolioOf(real, opened, last, random);
  const actions = held.flatMap(({ symbol }) => actionsOf(real, symbol, last));
  const all = [
    ...actions.flatMap((action) => paymentOf(action, held, life)),
    ...(world.movements ? movementsOf(sessions, world, random) : []),
  ];
  const journal = new Journal(held, opened, world.baseCurrency);
  let unbooked: Moved[] = [];
  let agreedOn = opened;
  let earlier: EarlierDrift[] = [];
  for (const [index, session] of sessions.entries()) {
    const previous = sessions[index - 1] ?? opened;
    unbooked.push(...all.filter(({ on }) => on > previous && on <= session));
    let drift = unbooked.reduce((sum, { cash }) => sum.plus(cash), D(0));
    if (!drift.isZero()) {
      const began = performance.now();
      const explanations = explain(journal, drift, { real, actions, session, agreedOn, earlier });
      tally.slowest = Math.max(tally.slowest, performance.now() - began);
      const over = drift.abs().gt(TOLERANCES.cash_tolerance);
      // Within the tolerance nothing need be explained; what is offered must be true.
      if (explanations.length > 0 || over) count(tally, explanations, unbooked);
      if (over || (explanations.length > 0 && random() < 0.5)) {
        for (const moved of unbooked) journal.book(moved, session);
        unbooked = [];
        drift = D(0);
      }
    }
    if (drift.isZero()) [agreedOn, earlier] = [session, []];
    else earlier.push({ snapshotDate: session, drift: toText(drift), lastEntryId: journal.entries.length });
  }
}

function count(tally: Tally, explanations: readonly StoredExplanation[], unbooked: readonly Moved[]): void {
  const { certain, open } = waysOf(explanations);
  const ways = open.length === 0 ? [certain] : open.flatMap((each) => each.ways.map((way) => [...certain, ...way]));
  const happened = namesOf(unbooked);
  const isCertain = open.length === 0 && explanations.length > 0;
  const next = nextProposal(explanations);
  const misleads = explanations
    .filter((each) => 'proposal' in each && each.proposal !== null && each.proposal === next && each.kind !== 'SLIP')
    .some((each) => !happened.includes(nameOf(each)));
  const truths = ways.map((way) => isTrue(way, happened));
  tally.explained += 1;
  if (isCertain) tally.certain += 1;
  if ((isCertain && truths[0] !== true) || misleads) tally.wrong += 1;
  if (truths[0] === true) tally.first += 1;
  if (truths.includes(true)) tally.shown += 1;
}

/** What moved the cash; transfers of a day are one, for nobody could tell, and the books are the same. */
function namesOf(unbooked: readonly Moved[]): string[] {
  const transfers = unbooked.filter(({ draft }) => draft.kind === 'DEPOSIT' || draft.kind === 'WITHDRAWAL');
  const days = [...new Set(transfers.map(({ on }) => on))];
  const ofDay = days.map((day) =>
    transfers.filter(({ on }) => on === day).reduce((sum, { cash }) => sum.plus(cash), D(0)),
  );
  return [
    ...unbooked.filter((each) => !transfers.includes(each)).map(({ name }) => name),
    ...ofDay.map((cash) => `${cash.gt(0) ? 'DEPOSIT' : 'WITHDRAWAL'} ${cash.toFixed(2)}`),
  ];
}

/** Whether it is all that happened, or a part of it that says that more is left. */
function isTrue(way: readonly StoredExplanation[], happened: readonly string[]): boolean {
  const said = way.filter(({ kind }) => kind !== 'UNEXPLAINED').map(nameOf);
  const isPart = said.length > 0 && said.every((name) => happened.includes(name));
  return isPart && (said.length === happened.length || said.length < way.length);
}

const nameOf = (explanation: StoredExplanation): string =>
  'proposal' in explanation && explanation.proposal?.kind === 'BOOK_DIVIDEND'
    ? `${explanation.proposal.symbol} ${explanation.proposal.exDate} ${explanation.proposal.withholding}`
    : `${explanation.kind} ${explanation.cash}`;

interface Morning {
  real: RealDividends;
  actions: CorporateAction[];
  session: IsoDate;
  agreedOn: IsoDate;
  earlier: readonly EarlierDrift[];
}

function explain(
  { entries, baseCurrency }: Journal,
  drift: Decimal,
  { real, actions, session, agreedOn, earlier }: Morning,
): StoredExplanation[] {
  const ledger = ledgerSums(entries, baseCurrency);
  const snapshot = { cash: toText(D(ledger.cash).plus(drift)), positions: ledger.units };
  const known = Object.keys(ledger.units);
  const universe = known.map((internalSymbol) => ({ internalSymbol }));
  return explainDrift(compare(snapshot, ledger, TOLERANCES, universe), {
    baseCurrency,
    snapshotDate: session,
    asOfDate: session,
    entries,
    actions,
    fxOn: (_, date) => real.rateOn(date),
    agreedOn,
    earlier,
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

function paymentOf(action: CorporateAction, held: readonly Holding[], { real, world, random }: Life): Moved[] {
  const { symbol, exDate, value: amount } = action;
  const { withholding, baseCurrency } = world;
  const on = dateOf(dayNumber(exDate) + world.delay(random));
  const units = held.find((each) => each.symbol === symbol)?.units ?? '0';
  const fx = world.rate(real, exDate, on, random) ?? '1';
  const amounts = dividendAmounts({ units, amount, fx, withholding });
  if (!amounts.net.gt(0)) return [];
  const draft = dividendEntry({ date: on, exDate, baseCurrency, symbol, amounts });
  return [
    { on, cash: amounts.net, name: `${symbol} ${exDate} ${withholding}`, draft, key: dividendKey(symbol, exDate) },
  ];
}

const MOVEMENTS = {
  INTEREST: interestEntry,
  FEE: feeEntry,
  DEPOSIT: depositEntry,
  WITHDRAWAL: withdrawalEntry,
};

/** A year's interest each month, fees, deposits and withdrawals, of which some are round. */
function movementsOf(sessions: readonly IsoDate[], { baseCurrency }: World, random: () => number): Moved[] {
  const money = (least: number, most: number, step = 0.01) =>
    (Math.round((least + random() * (most - least)) / step) * step).toFixed(2);
  const any = () => sessions[1 + Math.floor(random() * (sessions.length - 1))] ?? '';
  const monthly = sessions.filter((session, at) => at > 0 && session.slice(0, 7) !== sessions[at - 1]?.slice(0, 7));
  const planned: { kind: keyof typeof MOVEMENTS; on: IsoDate; amount: DecimalString }[] = [
    ...monthly.map((on) => ({ kind: 'INTEREST' as const, on, amount: money(1, 12) })),
    ...[5.2, 9.63].map((most) => ({ kind: 'FEE' as const, on: any(), amount: money(most / 2, most) })),
    ...[50, 100, 0.01].map((step) => ({ kind: 'DEPOSIT' as const, on: any(), amount: money(100, 2_000, step) })),
    ...[10, 0.01].map((step) => ({ kind: 'WITHDRAWAL' as const, on: any(), amount: money(20, 300, step) })),
  ];
  return planned.map(({ kind, on, amount }, index) => {
    const cash = kind === 'FEE' || kind === 'WITHDRAWAL' ? D(amount).neg() : D(amount);
    const draft = MOVEMENTS[kind]({ date: on, baseCurrency, amount });
    return { on, cash, name: `${kind} ${cash.toFixed(2)}`, draft, key: `bench:${index}` };
  });
}

/** A ledger that books what was paid, to the penny. */
class Journal {
  readonly entries: BookedEntry[] = [];

  constructor(
    held: readonly Holding[],
    opened: IsoDate,
    readonly baseCurrency: string,
  ) {
    const positions = Object.fromEntries(held.map(({ symbol, units }) => [symbol, units]));
    const opening = openingEntry({ date: opened, baseCurrency, cash: '1234.56', positions });
    this.add(opening as EntryDraft, 'opening');
  }

  book({ draft, key }: Moved, date: IsoDate): void {
    this.add({ ...draft, effectiveDate: date }, key);
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
