import type { Knex } from 'knex';
import { actionsQuestion, payersQuestion, rulingsQuestion } from '../../db/actions.js';
import { closesOfWindow, closesOnDates, type CloseSeries, type SymbolOn } from '../../db/closes-on.js';
import {
  deviationsOfTickets,
  executedLines,
  type DeviationOfTicket,
  type ExecutedLine,
} from '../../db/executed-lines.js';
import { ratesOfWindow } from '../../db/fx.js';
import { wholeJournalAtHand } from '../../db/journal.js';
import { ask, askTogether } from '../../db/questions.js';
import { previousSession } from '../../domain/calendar/calendar.js';
import type { BookedEntry } from '../../domain/ledger/sums.js';
import { openingDate, symbolsEverHeld } from '../../domain/ledger/sums.js';
import { detectHolds, settledActions } from '../../domain/market/index.js';
import { rateSources } from '../../domain/market/rates.js';
import { unitValuesNeeded, type StoredClose } from '../../domain/performance/closes.js';
import type { Policy } from '../../domain/policy/policy.js';
import { listingCurrency } from '../../domain/policy/universe.js';
import type {
  Account,
  ActionRuling,
  CorporateAction,
  DecimalString,
  IsoDate,
  UniverseRow,
} from '../../domain/types.js';
import { groupBy } from '../../domain/group.js';

/** Whose performance it is, and by which rules. */
export interface Subject {
  account: Account;
  policy: Policy;
  universe: UniverseRow[];
}

/** What is asked of the stored facts: closes up to the last one of the period, and where it begins. */
export interface Stretch {
  /** Valued closes up to the last of the period, oldest first. */
  stored: readonly StoredClose[];
  /** Place of the first close of the period among them. */
  first: number;
  benchmark: string | null;
}

/** Prices and rates at hand. */
export interface MarketOfPeriod {
  /** The close of a share on a date, as quoted; null where none is stored. */
  closeOn(symbol: string, date: IsoDate): DecimalString | null;
  /** Listing currency for one of base on exactly a date; 1 of the base currency, null where none is stored. */
  rateOn(currency: string, date: IsoDate): DecimalString | null;
  seriesOf(symbol: string): CloseSeries | undefined;
  currencyOf(symbol: string): string;
  /** Splits and dividends that happened, as far as people have ruled; none that is on hold. */
  actionsOf(symbol: string): readonly CorporateAction[];
  /** Whether any dividend of the benchmark is told of from before what `actionsOf` has. */
  hasPaidBefore(symbol: string): boolean;
  /** The splits among them: of most shares none. */
  splitsOf(symbol: string): readonly CorporateAction[];
  /** What is on hold, for a remark: it counts as nothing. */
  onHold: CorporateAction[];
}

/** Everything that a performance is made of. */
export interface PerformanceFacts {
  journal: readonly BookedEntry[];
  lines: ExecutedLine[];
  deviations: DeviationOfTicket[];
  market: MarketOfPeriod;
}

/**
 * Reads what a performance is made of: the journal, what a company did to the shares that it names and their prices,
 * and at the same time what needs nothing of it; then prices of what was left out and never held.
 */
export async function readFacts(db: Knex, subject: Subject, stretch: Stretch): Promise<PerformanceFacts> {
  const { account, policy, universe } = subject;
  const { stored, first, benchmark } = stretch;
  const [from, to] = [stored[first]!.asOfDate, stored.at(-1)!.asOfDate];
  const source = policy.market_data.provider;
  const days = { account: account.account, after: from, to };
  const currencies = [...new Set(universe.map((row) => row.listingCurrency))].filter(
    (currency) => currency !== account.baseCurrency,
  );
  const window = { sources: rateSources(policy), from: stored[0]!.asOfDate, to };
  const [{ journal, prices, ...companies }, [lines, deviations, benchmarkSeries, ...rates]] = await Promise.all([
    readHoldings(db, subject, stretch),
    askTogether(
      db,
      executedLines(db, days),
      deviationsOfTickets(db, days),
      closesOfWindow(db, { source, symbol: benchmark ?? '', from, to }),
      ...currencies.map((currency) => ratesOfWindow(db, { ...window, pair: `${account.baseCurrency}${currency}` })),
    ),
  ]);
  const leftOut = lines.filter(({ units }) => units === null).map(({ symbol }) => symbol);
  const neverHeld = [...new Set(leftOut)].filter((symbol) => !companies.held.includes(symbol));
  const others = await readCloses(db, source, pricesWanted(neverHeld, [to], { to, policy, ...companies }));
  const series = new Map([...prices, ...others, ...benchmarkSeries].map((each) => [each.symbol, each]));
  const ratesOf = new Map(
    currencies.map((currency, index) => [
      currency,
      new Map((rates[index] ?? []).map(({ date, rate }) => [date, rate] as const)),
    ]),
  );
  return { journal, lines, deviations, market: marketOf(subject, { series, ratesOf, ...companies }) };
}

/** The journal, what it holds or held, what happened to that, and its prices. */
async function readHoldings(db: Knex, { account, policy, universe }: Subject, { stored, first, benchmark }: Stretch) {
  const [from, to] = [stored[first]!.asOfDate, stored.at(-1)!.asOfDate];
  const source = policy.market_data.provider;
  const journal = await wholeJournalAtHand(db, account.account, 'ledger');
  const held = [...symbolsEverHeld(journal)];
  const opened = openingDate(journal) ?? from;
  const begins = opened < from ? opened : from;
  const known = [...new Set([...held, ...universe.map(({ internalSymbol }) => internalSymbol)])];
  const [actions, rulings, payers] = await askTogether(
    db,
    actionsQuestion(db, { source, symbols: known, from: begins }),
    rulingsQuestion(db, known),
    payersQuestion(db, { source, symbols: [benchmark ?? ''], before: begins }),
  );
  const wanted = pricesWanted(held, [from, to], { to, policy, actions });
  const prices = await readCloses(db, source, [...wanted, ...unitValuesNeeded(stored, journal)]);
  return { journal, held, actions, rulings, payers, prices };
}

const readCloses = async (db: Knex, source: string, wanted: readonly SymbolOn[]): Promise<CloseSeries[]> =>
  wanted.length === 0 ? [] : ask(db, closesOnDates(db, source, wanted));

/** The closes that are needed of shares: on these dates, and on both sides of what happened to them up to the end. */
function pricesWanted(
  symbols: readonly string[],
  dates: readonly IsoDate[],
  { to, policy, actions }: { to: IsoDate; policy: Policy; actions: readonly CorporateAction[] },
): SymbolOn[] {
  const wanted = new Set(symbols);
  const around = actions.flatMap(({ symbol, exDate }) =>
    wanted.has(symbol)
      ? [
          { symbol, date: exDate },
          { symbol, date: previousSession(exDate, policy.calendar) },
        ]
      : [],
  );
  return [
    ...symbols.flatMap((symbol) => dates.map((date) => ({ symbol, date }))),
    ...around.filter(({ date }) => date <= to),
  ];
}

function marketOf(
  { account, policy, universe }: Subject,
  {
    series,
    ratesOf,
    actions,
    rulings,
    payers,
  }: {
    series: ReadonlyMap<string, CloseSeries>;
    ratesOf: ReadonlyMap<string, ReadonlyMap<IsoDate, DecimalString>>;
    actions: readonly CorporateAction[];
    rulings: readonly ActionRuling[];
    payers: readonly string[];
  },
): MarketOfPeriod {
  const closes = new Map(
    [...series].map(([symbol, each]) => [symbol, new Map(each.closes.map(({ date, close }) => [date, close]))]),
  );
  const histories = [...series.values()].map(({ symbol, basis, closes: all }) => ({
    symbol,
    basis,
    bars: all.map(({ date: session, close }) => ({
      symbol,
      session,
      open: close,
      high: close,
      low: close,
      close,
      volume: null,
      adjClose: null,
    })),
  }));
  const holds = detectHolds(histories, actions, rulings, policy.data_quality, 'raw');
  const settled = settledActions(actions, rulings, holds);
  const bySymbol = groupBy(settled, ({ symbol }) => symbol);
  const splits = groupBy(
    settled.filter(({ kind }) => kind === 'SPLIT'),
    ({ symbol }) => symbol,
  );
  return {
    closeOn: (symbol, date) => closes.get(symbol)?.get(date) ?? null,
    rateOn: (currency, date) => (currency === account.baseCurrency ? '1' : (ratesOf.get(currency)?.get(date) ?? null)),
    seriesOf: (symbol) => series.get(symbol),
    currencyOf: (symbol) => series.get(symbol)?.currency ?? listingCurrency(universe, symbol),
    actionsOf: (symbol) => bySymbol.get(symbol) ?? [],
    hasPaidBefore: (symbol) => payers.includes(symbol),
    splitsOf: (symbol) => splits.get(symbol) ?? [],
    onHold: holds.map(({ action }) => action),
  };
}
