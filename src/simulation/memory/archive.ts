import { isSession } from '../../domain/calendar/calendar.js';
import type { FetchOutcome } from '../../domain/decision/facts.js';
import { barCollector } from '../../domain/market/collect.js';
import { typedDividends } from '../../domain/market/dividend-types.js';
import { rateSources } from '../../domain/market/rates.js';
import { D, toText } from '../../domain/money.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { Bar, CorporateAction, DecimalString, IsoDate, PriceBasis } from '../../domain/types.js';
import { createFxProvider, createProvider } from '../../providers/create.js';
import type { FxProviderName, ProviderName } from '../../providers/provider.js';

/** What one source has of one symbol: everything that a walk's mornings will be told, and nothing else. */
export interface Series {
  symbol: string;
  /** Oldest first, one a session, figures in canonical text. */
  bars: Bar[];
  /** Oldest ex-date first. */
  actions: CorporateAction[];
  basis: PriceBasis;
  currency: string;
  findings: FetchOutcome['findings'];
  /** Why there is nothing; null where there is. */
  failure: { code: string; message: string } | null;
}

/** The rates that one source has of one pair, oldest first. */
export interface RateLine {
  pair: string;
  rates: { date: IsoDate; rate: DecimalString }[];
  findings: FetchOutcome['findings'];
  failure: { code: string; message: string } | null;
}

/**
 * The whole history of a walk, its future included. Only whoever delivers mornings (`feed.ts`) and the broker, who
 * trades at the day's own open, may hold it; whatever decides is handed what was delivered.
 */
export interface Archive {
  eod: ReadonlyMap<string, ReadonlyMap<string, Series>>;
  fx: ReadonlyMap<string, ReadonlyMap<string, RateLine>>;
}

/** Where an archive is read: the policy's own providers, between two dates. */
export interface ArchiveSource {
  policy: Policy;
  dataDir: string;
  env: NodeJS.ProcessEnv;
  symbols: readonly string[];
  pairs: readonly string[];
  from: IsoDate;
  to: IsoDate;
}

/** Symbols that are read at once. */
const AT_ONCE = 8;

/**
 * Reads prices, actions and rates of the policy's providers into memory. A symbol that a provider does not have stands
 * there with its failure, as it would after a fetch.
 */
export async function readArchive(source: ArchiveSource): Promise<Archive> {
  const { provider, second_provider: second } = source.policy.market_data;
  const eod = new Map<string, Map<string, Series>>();
  for (const name of new Set(second === null ? [provider] : [provider, second]))
    eod.set(name, await readSeries(name, source));
  const fx = new Map<string, Map<string, RateLine>>();
  for (const name of rateSources(source.policy)) fx.set(name, await readRates(name as FxProviderName, source));
  return { eod, fx };
}

// What a payload would be stamped with; none is kept.
const now = () => new Date(0);

async function readSeries(name: ProviderName, source: ArchiveSource): Promise<Map<string, Series>> {
  const { policy, dataDir, env, symbols, from, to } = source;
  const provider = await createProvider(name, { policy, dataDir, env, now });
  const known = new Map<IsoDate, boolean>();
  const isOpen = (date: IsoDate): boolean => {
    const answer = known.get(date) ?? isSession(date, policy.calendar);
    known.set(date, answer);
    return answer;
  };
  const series = new Map<string, Series>();
  for (let at = 0; at < symbols.length; at += AT_ONCE) {
    const few = symbols.slice(at, at + AT_ONCE);
    const answers = await Promise.all(few.map((symbol) => provider.fetchBars({ symbol, from, to })));
    for (const [index, answer] of answers.entries()) {
      const symbol = few[index] as string;
      series.set(symbol, answer.ok ? await collected(answer, { to, isOpen }) : nothing(symbol, answer));
    }
  }
  return series;
}

const nothing = (symbol: string, { code, message }: { code: string; message: string }): Series => ({
  symbol,
  bars: [],
  actions: [],
  basis: 'raw',
  currency: 'USD',
  findings: [],
  failure: { code, message },
});

type Answer = Extract<Awaited<ReturnType<Awaited<ReturnType<typeof createProvider>>['fetchBars']>>, { ok: true }>;

async function collected(answer: Answer, window: { to: IsoDate; isOpen(date: IsoDate): boolean }): Promise<Series> {
  const { symbol, basis, currency } = answer;
  const collector = barCollector<Bar>({ to: window.to, isSession: window.isOpen, isSame: sameBar });
  try {
    const take = (bar: Bar) => collector.take(bar.session, () => canonicalBar(bar));
    if (Array.isArray(answer.bars)) for (const bar of answer.bars as Bar[]) take(bar);
    else for await (const bar of answer.bars) take(bar);
  } catch (error) {
    const { code = 'PROVIDER_FAULT', message } = error as { code?: string; message: string };
    return nothing(symbol, { code, message });
  }
  const { bars, findings } = collector.collected();
  return {
    symbol,
    bars: [...bars.values()].toSorted((a, b) => (a.session < b.session ? -1 : 1)),
    actions: typedDividends(answer.actions.map(canonicalAction)).toSorted(inOrder),
    basis,
    currency,
    findings,
    failure: null,
  };
}

const inOrder = (a: CorporateAction, b: CorporateAction): number =>
  a.exDate === b.exDate ? (a.kind === b.kind ? 0 : a.kind < b.kind ? -1 : 1) : a.exDate < b.exDate ? -1 : 1;

const FIGURES = ['open', 'high', 'low', 'close', 'volume', 'adjClose'] as const;
const sameBar = (a: Bar, b: Bar): boolean => FIGURES.every((figure) => a[figure] === b[figure]);

function canonicalBar({ symbol, session, open, high, low, close, volume, adjClose }: Bar): Bar {
  return {
    symbol,
    session,
    open: canonical(open),
    high: canonical(high),
    low: canonical(low),
    close: canonical(close),
    volume: volume === null ? null : canonical(volume),
    adjClose: adjClose === null ? null : canonical(adjClose),
  };
}

const canonicalAction = ({ symbol, exDate, kind, dividendType, value, currency, source }: CorporateAction) => ({
  symbol,
  exDate,
  kind,
  ...(dividendType && { dividendType }),
  value: canonical(value),
  currency,
  source,
});

const CANONICAL = /^(?:0|[1-9]\d*)(?:\.\d*[1-9])?$/;

/** The text that the database would give back: no trailing zeros, no leading ones. */
const canonical = (figure: DecimalString): DecimalString => (CANONICAL.test(figure) ? figure : toText(D(figure)));

async function readRates(name: FxProviderName, source: ArchiveSource): Promise<Map<string, RateLine>> {
  const { policy, dataDir, env, pairs, from, to } = source;
  const provider = await createFxProvider(name, { policy, dataDir, env, now });
  const lines = new Map<string, RateLine>();
  for (const pair of pairs) {
    const answer = await provider.fetchRates({ pair, from, to });
    const line = answer.ok
      ? {
          rates: answer.rates.map(({ date, rate }) => ({ date, rate: canonical(rate) })),
          findings: answer.findings ?? [],
          failure: null,
        }
      : { rates: [], findings: [], failure: { code: answer.code, message: answer.message } };
    lines.set(pair, { pair, ...line });
  }
  return lines;
}
