import type { Db } from './connect.js';
import { actionsQuestion, rulingsQuestion } from './actions.js';
import { rateQuestion, rateSeriesQuestion } from './fx.js';
import { withoutFormerOwners } from '../domain/market/renames.js';
import { renamesQuestion, withFormerNames } from './renames.js';
import { askTogether, question, type Question } from './questions.js';
import { secondMoves } from './second-moves.js';
import { sideBySide } from './transaction.js';
import { barOf } from './pinned-facts.js';
import { addSessions } from '../domain/calendar/calendar.js';
import type { FetchOutcome, MarketFacts, RateFacts } from '../domain/decision/facts.js';
import type { Quote } from '../domain/ledger/valuation.js';
import { rateSources, type PairFacts } from '../domain/market/rates.js';
import type { Policy } from '../domain/policy/policy.js';
import { commonBasis, sessionsNeeded, USUAL_BASIS } from '../domain/market/window.js';
import type { IsoDate, PriceBasis, SymbolHistory, UniverseRow } from '../domain/types.js';

export interface MarketFactsQuery {
  policy: Policy;
  /** Nothing after this date is loaded. */
  asOfDate: IsoDate;
  symbols: string[];
  /** Currency pair whose rate of the as-of date is wanted; null when everything is in base currency. */
  pair: string | null;
  /** Of a name that was given up, what it has of before, too: for whoever asks about an action of then. */
  whole?: true;
}

/**
 * Everything that quality and scoring look at, in a handful of set-based statements, windowed to the sessions they
 * need. It depends on stored facts and the as-of date alone, not on any run.
 */
export async function loadMarketFacts(
  db: Db,
  { policy, asOfDate, symbols, pair, whole }: MarketFactsQuery,
): Promise<MarketFacts> {
  const { provider, second_provider: second } = policy.market_data;
  const from = addSessions(asOfDate, -(sessionsNeeded(policy) - 1), policy.calendar);
  const window = { source: provider, symbols, from, to: asOfDate };
  const sources = second === null ? [provider] : [provider, second];
  const [{ histories, basis }, [closes, fetches, actions, rulings, fx, renames], rates] = await sideBySide(
    db,
    () => storedHistories(db, window),
    () =>
      askTogether(
        db,
        closesQuestion(db, second ?? '', symbols, asOfDate),
        fetchesQuestion(db, { sources, symbols, asOfDate, kind: 'eod' }),
        actionsQuestion(db, window),
        rulingsQuestion(db, pair === null ? symbols : [...symbols, pair]),
        rateQuestion(db, rateSources(policy), pair ?? '', asOfDate),
        renamesQuestion(db, asOfDate),
      ),
    () => (pair === null ? Promise.resolve(null) : loadRateFacts(db, { policy, pair, from, to: asOfDate })),
  );
  const moves = second === null ? [] : await secondMoves(db, second, histories, policy.data_quality.max_jump);
  const facts: MarketFacts = {
    asOfDate,
    provider,
    basis: basis ?? USUAL_BASIS[provider],
    histories,
    secondCloses: second === null ? null : { source: second, closes, ...(moves.length > 0 && { moves }) },
    fetches,
    actions,
    rulings: rulings.map(({ symbol, exDate, kind, dividendType, ruling, value }) => ({
      symbol,
      exDate,
      kind,
      ...(dividendType && { dividendType }),
      ruling,
      value,
    })),
    fx,
    faultsExclude: true,
    ...(rates && { rates }),
  };
  return withFormerNames(db, whole ? facts : withoutFormerOwners(facts, renames), renames, {
    from,
    historiesOf: async (former) => (await storedHistories(db, { ...window, symbols: former })).histories,
  });
}

/** What one pair alone is judged by, beside the pair of the market facts. */
export async function loadPairFacts(
  db: Db,
  { policy, pair, asOfDate }: Omit<MarketFactsQuery, 'symbols'> & { pair: string },
): Promise<PairFacts> {
  const from = addSessions(asOfDate, -(sessionsNeeded(policy) - 1), policy.calendar);
  const [rulings, fx] = await askTogether(
    db,
    rulingsQuestion(db, [pair]),
    rateQuestion(db, rateSources(policy), pair, asOfDate),
  );
  return { asOfDate, fx, rulings, rates: await loadRateFacts(db, { policy, pair, from, to: asOfDate }) };
}

/** What the rate of the as-of date is judged by. */
async function loadRateFacts(
  db: Db,
  { policy, pair, from, to }: { policy: Policy; pair: string; from: IsoDate; to: IsoDate },
): Promise<RateFacts> {
  const [first, second] = rateSources(policy) as [string, string?];
  const window = { pair, from, to };
  const [firsts, seconds, [fetched]] = await askTogether(
    db,
    rateSeriesQuestion(db, { ...window, source: first }),
    rateSeriesQuestion(db, { ...window, source: second ?? '' }),
    fetchesQuestion(db, { sources: [first], symbols: [pair], asOfDate: to, kind: 'fx' }),
  );
  return {
    pair,
    first: { source: first, rates: firsts },
    second: second === undefined ? null : { source: second, rates: seconds },
    fetch: fetched
      ? { status: fetched.status, code: fetched.code, message: fetched.message, findings: fetched.findings }
      : null,
  };
}

/**
 * Bars of a window, oldest first, with the basis of each series' newest bar. Each history travels as one text and is
 * cut here, which takes a third of the time of one row object a bar. Symbols without a bar in the window have an empty
 * history.
 */
export async function storedHistories(
  db: Db,
  { source, symbols, from, to }: { source: string; symbols: string[]; from: IsoDate; to: IsoDate },
): Promise<{ histories: SymbolHistory[]; basis: PriceBasis | null }> {
  const { rows } = await db.raw<{ rows: { symbol: string; basis: PriceBasis | null; bars: string | null }[] }>(
    `
    select s.symbol, (array_agg(b.basis order by b.session desc))[1] as basis, string_agg(concat_ws(',', b.session,
      trim_scale(b.open), trim_scale(b.high),
             trim_scale(b.low), trim_scale(b.close), coalesce(trim_scale(b.volume)::text, '-'),
               trim_scale(b.adj_close)),
               ';' order by b.session)
             filter (where b.session is not null) as bars
      from unnest(?::text[]) with ordinality as s(symbol, place)
      left join bars b on b.source = ? and b.symbol = s.symbol and b.session between ? and ?
     group by s.symbol, s.place order by s.place`,
    [symbols, source, from, to] as never,
  );
  const common = commonBasis(rows.map(({ basis }) => basis));
  return {
    basis: common,
    histories: rows.map(({ symbol, basis, bars }) => ({
      symbol,
      bars: bars === null ? [] : bars.split(';').map((text) => barOf(symbol, text)),
      ...(basis !== null && basis !== common && { basis }),
    })),
  };
}

const closesQuestion = (db: Db, source: string, symbols: string[], date: IsoDate): Question<Record<string, string>> =>
  question<Record<string, string>>(
    db.raw(
      `select symbol, trim_scale(close)::text as close from bars
        where source = ? and symbol = any(?) and session = ? order by symbol`,
      [source, symbols, date] as never,
    ),
    (rows: { symbol: string; close: string }[]) => Object.fromEntries(rows.map(({ symbol, close }) => [symbol, close])),
  );

/**
 * Closes of a date with the last date whose splits they show. Raw ones show those of their own date. Adjusted series
 * are restated whole at every split: each close of them is in the shares of the newest.
 */
const pricesQuestion = (
  db: Db,
  { source, symbols, date }: { source: string; symbols: string[]; date: IsoDate },
): Question<Map<string, { close: string; splitsTo: IsoDate }>> =>
  question<Map<string, { close: string; splitsTo: IsoDate }>>(
    db.raw(
      `select b.symbol, trim_scale(b.close)::text as close, case when b.basis = 'raw' then b.session else (
                select max(n.session) from bars n where n.source = b.source and n.symbol = b.symbol) end as "splitsTo"
         from bars b where b.source = ? and b.symbol = any(?) and b.session = ?`,
      [source, symbols, date] as never,
    ),
    (rows: { symbol: string; close: string; splitsTo: IsoDate }[]) =>
      new Map(rows.map(({ symbol, ...found }) => [symbol, found])),
  );

/**
 * The newest outcome of each symbol and source, of runs up to the as-of date: a later day's failure says nothing about
 * it.
 */
const fetchesQuestion = (
  db: Db,
  { sources, symbols, asOfDate, kind }: { sources: string[]; symbols: string[]; asOfDate: IsoDate; kind: 'eod' | 'fx' },
): Question<FetchOutcome[]> =>
  question<FetchOutcome[]>(
    db.raw(
      `
    select p.provider as source, s.symbol, f.status, f.code, f.message, f.findings
      from unnest(?::text[]) as p(provider) cross join unnest(?::text[]) as s(symbol) cross join lateral (
        select r.status, r.code, r.message, r.findings from fetch_results r join runs using (run_id)
         where r.provider = p.provider and r.kind = ? and r.symbol = s.symbol and runs.as_of_date <= ?
         order by r.seq desc limit 1) f
     order by 1, 2`,
      [sources, symbols, kind, asOfDate] as never,
    ),
    (rows: FetchOutcome[]) => rows,
  );

/**
 * Closes of exactly the as-of date with what converts them to base currency, for valuing a ledger.
 * @returns quotes by symbol; a symbol that has no close, or no rate, of that date has none: it is not valued at all.
 */
export async function closesAt(
  db: Db,
  {
    policy,
    universe,
    base,
    asOfDate,
    symbols,
  }: { policy: Policy; universe: UniverseRow[]; base: string; asOfDate: IsoDate; symbols: string[] },
): Promise<Map<string, Quote>> {
  const currencyOf = new Map(universe.map((row) => [row.internalSymbol, row.listingCurrency]));
  const currencies = [...new Set(symbols.map((symbol) => currencyOf.get(symbol) ?? 'USD'))].filter(
    (currency) => currency !== base,
  );
  const { provider } = policy.market_data;
  const [closes, ...found] = await askTogether(
    db,
    pricesQuestion(db, { source: provider, symbols, date: asOfDate }),
    ...currencies.map((currency) => rateQuestion(db, rateSources(policy), `${base}${currency}`, asOfDate)),
  );
  const rates = new Map([[base, '1']]);
  for (const [index, currency] of currencies.entries()) {
    const rate = found[index];
    if (rate) rates.set(currency, rate.rate);
  }
  const quotes = new Map<string, Quote>();
  for (const symbol of symbols) {
    const currency = currencyOf.get(symbol) ?? 'USD';
    const [found, fx] = [closes.get(symbol), rates.get(currency)];
    if (found === undefined || fx === undefined) continue;
    const { close: price, splitsTo } = found;
    quotes.set(symbol, { price, currency, fx, date: asOfDate, ...(splitsTo > asOfDate && { splitsTo }) });
  }
  return quotes;
}
