import { addSessions, sessionsBetween, type CalendarAdditions } from '../calendar/calendar.js';
import type { FetchOutcome, MarketFacts } from '../decision/facts.js';
import { judged, reason } from '../decision/gates/result.js';
import { byText } from '../order.js';
import { between } from '../sorted.js';
import type { Policy } from '../policy/policy.js';
import type {
  ActionRuling,
  Bar,
  CorporateAction,
  GateResult,
  IsoDate,
  PriceBasis,
  Reason,
  UniverseRow,
} from '../types.js';
import { detectHolds, effectiveActions, type Hold } from './actions.js';
import { adjustedCloses } from './adjusted.js';
import { confirmedMoves } from './confirmed.js';
import { setApart } from './exclusion.js';
import { duplicateBars, holes, invalidBars, missingAdjusted, repeatedBars, unexplainedJumps } from './bars.js';
import { faultOf } from './figures.js';
import { fillerBars, isFiller, refusedAnswers, unexplainedAdjustments } from './provenance.js';
import { rateDefects, type PairFacts } from './rates.js';
import { groupBy } from '../group.js';
import { readWindow } from './windows.js';

/** The part of the policy that the gate looks at. */
export type QualityPolicy = Pick<Policy, 'accounts' | 'data_quality'> & { calendar?: CalendarAdditions };

/** Codes of the gate, in the order in which its reasons are given. */
export const qualityCodes = [
  'COVERAGE_LOW',
  'BENCHMARK_MISSING',
  'FX_MISSING',
  'DATA_MISSING',
  'DATA_STALE',
  'ADJ_CLOSE_MISSING',
  'BAR_INVALID',
  'PRICE_JUMP_UNEXPLAINED',
  'ACTION_NEEDS_REVIEW',
  'BAR_REPEATED',
  'DUPLICATE_BAR',
  'SOURCES_DISAGREE',
  'SYMBOL_MISMATCH',
  'BAR_FILLER',
  'ADJUSTMENT_UNEXPLAINED',
  'HISTORY_RESTATED',
  'FX_INVALID',
  'FX_JUMP_UNEXPLAINED',
  'FX_DUPLICATE',
] as const;

/**
 * NO DATA, NO TRADE: whether the stored prices are good enough to decide on (docs/RULES.md 2.2).
 *
 * Looked at are the enabled stocks, the enabled benchmarks and whatever is held, over the policy's lookback. A fault of
 * what is held, of a benchmark or of the rate stops the day. A fault of any other stock leaves that stock out, with the
 * fault as its reason among the exclusions, and counts against the coverage limit (exclusion.ts).
 * @param held symbols with units in any account concerned.
 * @param needsFx whether a rate is needed; by default when any account's base currency is not a listing currency.
 * @param more rates of further pairs, where the accounts concerned have several base currencies.
 */
export function assessQuality(
  market: MarketFacts,
  universe: readonly UniverseRow[],
  held: readonly string[],
  policy: QualityPolicy,
  needsFx: boolean = ratesNeeded(
    universe,
    held,
    Object.values(policy.accounts).map((account) => account.base_currency),
  ),
  more: readonly PairFacts[] = [],
): GateResult {
  const stocks = universe.filter((row) => row.enabled && row.kind === 'stock').map((row) => row.internalSymbol);
  const benchmarks = universe.filter((row) => row.enabled && row.kind === 'benchmark').map((row) => row.internalSymbol);
  const scene = sceneOf(market, held, policy);
  const symbols = [...new Set([...stocks, ...benchmarks, ...held])].toSorted(byText);
  const absent = new Map(symbols.flatMap((symbol) => absence(symbol, scene).map((found) => [symbol, found] as const)));
  const absences = [...absent].filter(([symbol]) => held.includes(symbol) || stocks.includes(symbol));
  const faults = [...absences.map(([, found]) => found), ...symbols.flatMap((symbol) => defects(symbol, scene))];
  const { stopping, exclusions, covered, low } = setApart(faults, {
    asOfDate: market.asOfDate,
    stocks,
    essential: new Set([...held, ...benchmarks]),
    hasGoodBar: (symbol) => hasGoodBar(symbol, scene),
    mayExclude: (fault) => market.faultsExclude === true || absent.get(fault.subject ?? '') === fault,
    sparesOne: market.faultsExclude === true,
    minCoverage: policy.data_quality.min_coverage,
    maxExcluded: policy.data_quality.max_excluded,
  });
  const coverage = stocks.length === 0 ? 0 : covered / stocks.length;
  const reasons = [
    ...(low ? [coverageLow(stocks.length, covered, coverage, scene)] : []),
    ...benchmarks.flatMap((symbol) => benchmarkMissing(symbol, scene)),
    ...(needsFx ? fxMissing(market, more.length > 0 ? market.rates?.pair : undefined) : []),
    ...more.flatMap((pair) => fxMissing(pair, pair.rates?.pair)),
    ...(needsFx ? [market, ...more] : []).flatMap((pair) =>
      rateDefects(pair, scene.sessions[0] ?? market.asOfDate, policy.data_quality.max_fx_jump),
    ),
    ...stopping,
  ];
  const stepped = reasons.toSorted((a, b) => rank(a) - rank(b));
  const result = judged('data_quality', stepped, {
    asOfDate: market.asOfDate,
    provider: market.provider,
    basis: market.basis,
    enabled: stocks.length,
    covered,
    coverage: Math.round(coverage * 1e4) / 1e4,
    benchmarks: benchmarks.length,
    held: held.length,
    absent: [...absent.values()].map(({ code, subject }) => `${subject} ${code}`).join(', ') || null,
    fxPair: market.fx?.pair ?? null,
    fxDate: market.fx?.date ?? null,
    fxRate: market.fx?.rate ?? null,
    ...(market.rates?.second && { fxSource: market.fx?.source ?? null }),
    ...(more.length > 0 && { fxMore: more.map(pairText).join(', ') }),
    secondSource: market.secondCloses?.source ?? null,
    holds: scene.holds.length,
    lookbackFrom: scene.sessions[0] ?? null,
    ...(exclusions.length > 0 && {
      excluded: exclusions.map(({ code, subject }) => `${subject} ${code}`).join(', '),
    }),
  });
  return exclusions.length === 0 ? result : { ...result, exclusions: exclusions.toSorted((a, b) => rank(a) - rank(b)) };
}

/** Whether any stock or holding is listed in another currency than one of the base currencies. */
export function ratesNeeded(
  universe: readonly UniverseRow[],
  held: readonly string[],
  baseCurrencies: readonly string[],
): boolean {
  const currencies = universe
    .filter((row) => (row.enabled && row.kind === 'stock') || held.includes(row.internalSymbol))
    .map((row) => row.listingCurrency);
  return currencies.some((currency) => baseCurrencies.some((base) => base !== currency));
}

/** Everything the checks of one symbol look up, arranged once. */
interface Scene {
  asOfDate: IsoDate;
  /** The lookback's sessions, the as-of date last. */
  sessions: IsoDate[];
  sessionSet: ReadonlySet<IsoDate>;
  /** Bars of the lookback by symbol, ascending. */
  bars: ReadonlyMap<string, readonly Bar[]>;
  /** Newest bar up to the as-of date by symbol, however old. */
  newest: ReadonlyMap<string, Bar | undefined>;
  /** Of the series whose basis is not the market's. */
  basisOf: ReadonlyMap<string, PriceBasis>;
  fetches: ReadonlyMap<string, FetchOutcome>;
  actions: ReadonlyMap<string, readonly CorporateAction[]>;
  /**
   * Symbol to the dates whose jump is settled or a human's matter already: a ruling, a second source that agrees, an
   * action on hold.
   */
  settledDates: ReadonlyMap<string, ReadonlySet<IsoDate>>;
  holds: Hold[];
  market: MarketFacts;
  limits: QualityPolicy['data_quality'];
}

function sceneOf(market: MarketFacts, held: readonly string[], policy: QualityPolicy): Scene {
  const { asOfDate, provider, basis, rulings } = market;
  const limits = policy.data_quality;
  const from = addSessions(asOfDate, 1 - limits.lookback_sessions, policy.calendar);
  const sessions = sessionsBetween(from, asOfDate, policy.calendar);
  const known = market.actions.filter((action) => action.exDate <= asOfDate);
  const holds = detectHolds(market.histories, known, rulings, limits, basis).filter(
    ({ action }) => action.exDate >= from || held.includes(action.symbol),
  );
  return {
    asOfDate,
    sessions,
    sessionSet: new Set(sessions),
    holds,
    market,
    limits,
    bars: new Map(
      market.histories.map(({ symbol, bars }) => [symbol, between(bars, from, asOfDate, ({ session }) => session)]),
    ),
    newest: new Map(
      market.histories.map(({ symbol, bars }) => [symbol, bars.findLast(({ session }) => session <= asOfDate)]),
    ),
    basisOf: new Map(market.histories.flatMap(({ symbol, basis: own }) => (own === undefined ? [] : [[symbol, own]]))),
    fetches: new Map(
      market.fetches.filter(({ source }) => source === provider).map((fetched) => [fetched.symbol, fetched]),
    ),
    actions: grouped(effectiveActions(known, rulings)),
    settledDates: new Map(
      [
        ...grouped([
          ...rulings.filter(isGenuineMove),
          ...holds.map(({ action }) => action),
          ...confirmedMoves(market, limits.max_source_difference),
        ]),
      ].map(([symbol, dated]) => [symbol, new Set(dated.map(({ exDate }) => exDate))]),
    ),
  };
}

/**
 * Whether a human has said that a price moved by itself: `genuine`, or by an earlier version a split to `ignore`. Any
 * other ruling changes the actions, and these must then explain the move by themselves.
 */
export const isGenuineMove = ({ kind, ruling }: ActionRuling): boolean =>
  ruling === 'genuine' || (kind === 'SPLIT' && ruling === 'ignore');

const grouped = <T extends { symbol: string }>(items: readonly T[]) => groupBy(items, ({ symbol }) => symbol);

const barsOf = (symbol: string, scene: Scene): readonly Bar[] => scene.bars.get(symbol) ?? [];

function hasGoodBar(symbol: string, scene: Scene): boolean {
  const newest = barsOf(symbol, scene).at(-1);
  return newest?.session === scene.asOfDate && faultOf(newest) === null && !isPlaceholder(symbol, scene);
}

const isPlaceholder = (symbol: string, scene: Scene): boolean =>
  scene.market.faultsExclude === true && isFiller(barsOf(symbol, scene));

/** `DATA_MISSING` without any bar, `DATA_STALE` when the newest is older than the date that is due. */
function absence(symbol: string, scene: Scene): Reason[] {
  const newest = scene.newest.get(symbol);
  if (newest?.session === scene.asOfDate) return [];
  const fetched = scene.fetches.get(symbol);
  const failed = fetched?.status === 'FAILED' ? ` (the fetch failed: ${fetched.code}: ${fetched.message})` : '';
  const evidence = {
    due: scene.asOfDate,
    newest: newest?.session ?? null,
    fetch: fetched?.status ?? null,
    fetchCode: fetched?.code ?? null,
  };
  return newest
    ? [
        reason(
          'DATA_STALE',
          symbol,
          `${symbol}: the newest bar is of ${newest.session}, that of ${scene.asOfDate} is due${failed}`,
          evidence,
        ),
      ]
    : [
        reason(
          'DATA_MISSING',
          symbol,
          `${symbol}: there is no bar at all, that of ${scene.asOfDate} is due${failed}`,
          evidence,
        ),
      ];
}

function coverageLow(enabled: number, covered: number, coverage: number, { asOfDate, limits }: Scene): Reason {
  const message =
    enabled === 0
      ? 'the universe enables no stock'
      : `${covered} of ${enabled} enabled stocks have a good bar of ${asOfDate}: ${percent(coverage)}, at least ${percent(limits.min_coverage)} is wanted`;
  return reason('COVERAGE_LOW', null, message, { enabled, covered, coverage, minCoverage: limits.min_coverage });
}

function benchmarkMissing(symbol: string, scene: Scene): Reason[] {
  const [absent] = absence(symbol, scene);
  return absent ? [reason('BENCHMARK_MISSING', symbol, absent.message, absent.evidence)] : [];
}

const pairText = ({ fx, rates }: PairFacts): string =>
  fx === null ? `${rates?.pair ?? 'pair'} none` : `${fx.pair} ${fx.rate} of ${fx.date}`;

function fxMissing({ fx, asOfDate }: PairFacts, named?: string): Reason[] {
  if (fx !== null && fx.date === asOfDate && Number(fx.rate) > 0) return [];
  const message =
    fx === null
      ? `there is no ${named ?? 'exchange rate'} of ${asOfDate}; none is ever invented`
      : `the newest ${fx.pair} is ${fx.rate} of ${fx.date}, that of ${asOfDate} is due; none is ever invented`;
  return [
    reason('FX_MISSING', fx?.pair ?? named ?? null, message, {
      due: asOfDate,
      newest: fx?.date ?? null,
      rate: fx?.rate ?? null,
    }),
  ];
}

/** Everything that is wrong with a symbol's data, beyond being absent. */
function defects(symbol: string, scene: Scene): Reason[] {
  const bars = barsOf(symbol, scene);
  const { market, limits, sessionSet, sessions } = scene;
  const adjusted = adjustedCloses(bars, scene.actions.get(symbol) ?? [], scene.basisOf.get(symbol) ?? market.basis);
  const findings = scene.fetches.get(symbol)?.findings.filter(({ session }) => sessionSet.has(session)) ?? [];
  const { isSound, mostRepeated } = readWindow(bars);
  const isWhole = hasEverySession(bars, sessions);
  return [
    ...(isWhole ? [] : holes(symbol, bars, sessions)),
    ...missingAdjusted(symbol, bars, adjusted),
    ...(isWhole && isSound ? [] : invalidBars(symbol, bars, sessionSet)),
    ...unexplainedJumps(symbol, bars, adjusted, limits.max_jump, scene.settledDates.get(symbol) ?? new Set()),
    ...scene.holds.filter(({ action }) => action.symbol === symbol).map(needsReview),
    ...(mostRepeated < limits.max_repeated_bars ? [] : repeatedBars(symbol, bars, limits.max_repeated_bars)),
    ...(isWhole && findings.length === 0 ? [] : duplicateBars(symbol, bars, findings)),
    ...sourcesDisagree(symbol, scene),
    // Facts of earlier versions are judged by the rules that they were issued under.
    ...(market.faultsExclude === true ? ofProvenance(symbol, bars, adjusted, scene) : []),
  ];
}

/** Whether there is one bar of each session up to the last, and no other: then no date is missing, closed or there twice. */
function hasEverySession(bars: readonly Bar[], sessions: readonly IsoDate[]): boolean {
  const from = sessions.length - bars.length;
  return from >= 0 && bars.every(({ session }, index) => session === sessions[from + index]);
}

/** Whether the figures are of the day and the instrument that they stand for. */
function ofProvenance(symbol: string, bars: readonly Bar[], adjusted: readonly number[], scene: Scene): Reason[] {
  const { asOfDate, limits, newest, fetches } = scene;
  return [
    ...refusedAnswers(symbol, newest.get(symbol)?.session, asOfDate, fetches.get(symbol)),
    ...(bars.at(-1)?.session === asOfDate ? fillerBars(symbol, bars) : []),
    ...unexplainedAdjustments(symbol, bars, adjusted, ruledDates(symbol, scene), limits.max_adjustment_difference),
  ];
}

/** Dates of a symbol that are a human's matter, or were. */
const ruledDates = (symbol: string, { market, settledDates }: Scene): ReadonlySet<IsoDate> =>
  new Set([
    ...(settledDates.get(symbol) ?? []),
    ...market.rulings.filter((ruling) => ruling.symbol === symbol).map(({ exDate }) => exDate),
  ]);

function needsReview({ action: { symbol, exDate, kind, dividendType: type }, why, evidence }: Hold): Reason {
  const message = `${symbol} ${exDate}: ${why}; held until a human rules on it`;
  return reason('ACTION_NEEDS_REVIEW', symbol, message, { ...evidence, exDate, kind, ...(type && { type }) });
}

function sourcesDisagree(
  symbol: string,
  { market: { secondCloses, provider }, limits, asOfDate, bars }: Scene,
): Reason[] {
  const newest = bars.get(symbol)?.at(-1);
  const second = secondCloses?.closes[symbol];
  if (!secondCloses || second === undefined || newest?.session !== asOfDate) return [];
  const difference = Math.abs(Number(newest.close) / Number(second) - 1);
  // Not `>`: a close that is no number disagrees too.
  if (difference <= limits.max_source_difference) return [];
  const message = `${symbol}: the close of ${asOfDate} is ${newest.close} at ${provider} and ${second} at ${secondCloses.source}: ${percent(difference)} apart, limit ${percent(limits.max_source_difference)}`;
  return [
    reason('SOURCES_DISAGREE', symbol, message, {
      close: newest.close,
      second,
      difference: Math.round(difference * 1e6) / 1e6,
      limit: limits.max_source_difference,
    }),
  ];
}

const percent = (fraction: number): string => `${(fraction * 100).toFixed(2)} %`;
const rank = ({ code }: Reason): number => qualityCodes.findIndex((known) => known === code);
