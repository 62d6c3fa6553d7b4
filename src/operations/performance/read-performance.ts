import type { Knex } from 'knex';
import {
  readPerformanceSchema,
  type Performance,
  type PerformanceReport,
  type ReadPerformance,
} from '../../contract/performance.js';
import { parseInput } from '../../contract/reading.js';
import { newestQuotes } from '../../db/quotes.js';
import { ask } from '../../db/questions.js';
import { valuedCloses } from '../../db/valued-closes.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import type { OpeningPrice } from '../../domain/ledger/positions.js';
import { openingDate, symbolsEverHeld, type BookedEntry } from '../../domain/ledger/sums.js';
import { openingPriceFrom } from '../../domain/ledger/valuation.js';
import { D } from '../../domain/money.js';
import { attributedCloses } from '../../domain/performance/closes.js';
import { placesOf } from '../../domain/performance/period.js';
import { benchmarkMeant, benchmarkWithholding, refuseUnknownBenchmark } from '../../domain/policy/performance.js';
import type { DecimalString, IsoDate } from '../../domain/types.js';
import {
  readFacts,
  type MarketOfPeriod,
  type PerformanceFacts,
  type Stretch,
  type Subject,
} from '../../reports/performance/facts.js';
import { reportOf } from '../../reports/performance/report.js';

/**
 * How an account did: over a range up to its newest close, or between two dates; over closes that were valued, with
 * everything that is booked now. Reads the valuations, the journal and the answers to tickets once each, and prices and
 * rates where they are needed; nothing is valued again.
 * @throws nothing; refuses with ARGUMENT_INVALID, and BENCHMARK_UNKNOWN where the benchmark is no symbol of the
 * universe
 */
export function readPerformance(db: Knex, subject: Subject, input: ReadPerformance): Promise<Outcome<Performance>> {
  return outcomeOf(async () => {
    const asked = parseInput(readPerformanceSchema, input);
    const { account, policy } = subject;
    const benchmark = benchmarkAsked(subject, asked.benchmark);
    const withholding = asked.withholding ?? benchmarkWithholding(policy);
    const stored = await ask(db, valuedCloses(db, account.account));
    const places = placesOf(
      stored.map(({ asOfDate }) => asOfDate),
      asked,
    );
    const told = {
      account: account.account,
      baseCurrency: account.baseCurrency,
      range: asked.range,
      maxDrawdown: policy.risk.max_drawdown,
    };
    if (places === null) return { ...told, report: null, reason: reasonOf(stored.length) };
    const stretch = { stored: stored.slice(0, places.last + 1), first: places.first, benchmark };
    return { ...told, report: await reported(db, subject, stretch, withholding), reason: null };
  });
}

const reasonOf = (valued: number): string =>
  valued === 0
    ? 'no close was valued yet; the 08:00 run values the account'
    : 'fewer than two closes of the period were valued: there is nothing to measure between';

/** The symbol that is meant. @throws OpsError BENCHMARK_UNKNOWN */
function benchmarkAsked({ policy, universe }: Subject, asked: string | null): string | null {
  const symbol = asked ?? benchmarkMeant(policy, universe);
  refuseUnknownBenchmark(symbol, universe);
  return symbol;
}

async function reported(
  db: Knex,
  subject: Subject,
  stretch: Stretch,
  withholding: DecimalString,
): Promise<PerformanceReport> {
  const { account, policy } = subject;
  const facts = await readFacts(db, subject, stretch);
  const { isForeign, isMixed } = currenciesOf(facts, account.baseCurrency);
  const attributed = attributedCloses(stretch.stored, facts.journal, {
    baseCurrency: account.baseCurrency,
    isForeign,
    unitValue: unitValueFrom(facts.market),
  });
  return reportOf({
    ...facts,
    ...attributed,
    first: stretch.first,
    last: stretch.stored.length - 1,
    benchmark: stretch.benchmark,
    withholding,
    isMixed,
    calendar: policy.calendar,
    baseCurrency: account.baseCurrency,
    openingPrice: await openingPriceOf(db, subject, facts.journal),
  });
}

/** Whether what is held is listed in another currency than the account's; and whether in several. */
function currenciesOf({ journal, market }: PerformanceFacts, baseCurrency: string) {
  const currencies = new Set([...symbolsEverHeld(journal)].map((symbol) => market.currencyOf(symbol)));
  return { isForeign: [...currencies].some((currency) => currency !== baseCurrency), isMixed: currencies.size > 1 };
}

/** A unit at a close in base currency, in the shares in which it was traded; splits since then are counted. */
const unitValueFrom = (market: MarketOfPeriod) => (symbol: string, tradedOn: IsoDate, at: IsoDate) => {
  const [close, rate] = [market.closeOn(symbol, at), market.rateOn(market.currencyOf(symbol), at)];
  if (close === null || rate === null) return null;
  const isRaw = market.seriesOf(symbol)?.basis === 'raw';
  return market
    .splitsOf(symbol)
    .filter(({ exDate }) => exDate > tradedOn && (!isRaw || exDate <= at))
    .reduce((value, { value: ratio }) => value.times(D(ratio)), D(close).div(D(rate)));
};

/** What a unit of the opening is taken to have cost: its value on the opening's date, as in the ledger's report. */
async function openingPriceOf(
  db: Knex,
  { account, policy }: Subject,
  journal: readonly BookedEntry[],
): Promise<OpeningPrice> {
  const opened = openingDate(journal);
  const symbols = [...symbolsEverHeld(journal.filter(({ kind }) => kind === 'OPENING'))];
  if (opened === null || symbols.length === 0) return () => null;
  const quotes = await newestQuotes(db, {
    policy,
    baseCurrency: account.baseCurrency,
    symbols,
    to: opened,
  });
  return openingPriceFrom(quotes);
}
