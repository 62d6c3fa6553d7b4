import { faultError } from '../domain/errors.js';
import { dividendTypeOf, typedDividends } from '../domain/market/dividend-types.js';
import type { Policy } from '../domain/policy/policy.js';
import { lastUpTo } from '../domain/sorted.js';
import type { ActionRuling, Bar, CorporateAction, DecimalString, IsoDate } from '../domain/types.js';
import { createFxProvider, createProvider } from '../providers/create.js';
import type { FetchFailure } from '../providers/provider.js';
import type { BrokerMarket } from './broker.js';
import type { PlannedEvent } from './events.js';
import { groupBy } from '../domain/group.js';

/**
 * Above this fraction of the close before it no broker pays a "dividend" in cash: it is a distribution of shares that
 * was published as one. What became of it only a ruling can say; without one the simulated broker leaves it out.
 */
const CASH_FRACTION_MAX = 0.25;

/** A symbol's prices, oldest first, and what was published of it. */
export interface Loaded {
  symbol: string;
  bars: readonly Bar[];
  actions: readonly CorporateAction[];
}

/** Where the market of a simulation is read: the policy's own providers, up to the last day and beside the database. */
export interface MarketSource {
  policy: Policy;
  dataDir: string;
  env: NodeJS.ProcessEnv;
  symbols: readonly string[];
  baseCurrency: string;
  listingCurrency: string;
  from: IsoDate;
  to: IsoDate;
  /** What the actions that a provider got wrong really were. */
  truth: readonly ActionRuling[];
  /** What companies and the broker do. */
  events?: readonly PlannedEvent[];
}

/**
 * Reads prices, actions and rates into memory. A symbol that the provider does not have cannot be traded at this
 * broker; a market without any symbol, or without the rate, is a fault.
 */
export async function loadMarket(source: MarketSource): Promise<BrokerMarket> {
  const answers = await Promise.all(source.symbols.map((symbol) => loadSymbol(symbol, source)));
  const loaded = answers.filter((answer): answer is Loaded => 'bars' in answer);
  const [failed] = answers.filter((answer): answer is FetchFailure => 'code' in answer);
  if (loaded.length === 0 && failed) throw missing(source.symbols.join(', '), failed);
  const rates = source.baseCurrency === source.listingCurrency ? null : await loadRates(source);
  return brokerMarket(loaded, rates, source);
}

/**
 * The market as the simulated broker sees it.
 * @param rates oldest first; null where base and listing currency are one
 */
export function brokerMarket(
  loaded: readonly Loaded[],
  rates: readonly { date: IsoDate; rate: DecimalString }[] | null,
  { truth, events = [] }: Pick<MarketSource, 'truth' | 'events'>,
): BrokerMarket {
  const series = new Map(loaded.map(({ symbol, bars }) => [symbol, bars]));
  const happened = loaded.flatMap(({ actions, bars }) =>
    actions.flatMap((published) => reallyHappened(published, bars, truth)),
  );
  const byDate = groupBy(happened, ({ exDate }) => exDate);
  const barOn = (symbol: string, session: IsoDate): Bar | undefined => {
    const bars = series.get(symbol) ?? [];
    const bar = bars[lastUpTo(bars, session, (one) => one.session)];
    return bar?.session === session ? bar : undefined;
  };
  return {
    openOf: (symbol, session) => barOn(symbol, session)?.open ?? null,
    closeOf: (symbol, session) => barOn(symbol, session)?.close ?? null,
    actionsOn: (exDate) => byDate.get(exDate) ?? [],
    eventsOn: (on) => events.filter(({ date }) => date === on),
    rateOn: (date) => (rates === null ? '1' : (rates[lastUpTo(rates, date, (rate) => rate.date)]?.rate ?? null)),
  };
}

async function loadSymbol(
  symbol: string,
  { policy, dataDir, env, from, to }: MarketSource,
): Promise<Loaded | FetchFailure> {
  const provider = await createProvider(policy.market_data.provider, { policy, dataDir, env, now: () => new Date() });
  const answer = await provider.fetchBars({ symbol, from, to });
  if (!answer.ok) return answer;
  const bars = new Map<IsoDate, Bar>();
  for await (const bar of answer.bars) bars.set(bar.session, bar);
  const ascending = [...bars.values()].toSorted((a, b) => (a.session < b.session ? -1 : 1));
  return { symbol, bars: ascending, actions: typedDividends(answer.actions) };
}

async function loadRates({
  policy,
  dataDir,
  env,
  baseCurrency,
  listingCurrency,
  from,
  to,
}: MarketSource): Promise<{ date: IsoDate; rate: DecimalString }[]> {
  const provider = await createFxProvider(policy.market_data.fx_provider, {
    policy,
    dataDir,
    env,
    now: () => new Date(),
  });
  const pair = `${baseCurrency}${listingCurrency}`;
  const answer = await provider.fetchRates({ pair, from, to });
  if (!answer.ok) throw missing(pair, answer);
  return answer.rates;
}

const missing = (what: string, { code, message }: FetchFailure) =>
  faultError('BROKER_HAS_NO_PRICES', `${what}: ${code}: ${message}`, {
    remedy: 'put the files of the simulated market into the drop folder',
  });

function reallyHappened(
  action: CorporateAction,
  bars: readonly Bar[],
  truth: readonly ActionRuling[],
): CorporateAction[] {
  const told = truth.find(
    (ruling) =>
      ruling.symbol === action.symbol &&
      ruling.exDate === action.exDate &&
      ruling.kind === action.kind &&
      dividendTypeOf(ruling) === dividendTypeOf(action),
  );
  if (told)
    return told.value === null
      ? []
      : [{ ...action, kind: told.ruling === 'split' ? 'SPLIT' : 'DIVIDEND', value: told.value }];
  if (action.kind === 'SPLIT') return [action];
  const before = bars.findLast((bar) => bar.session < action.exDate);
  return before && Number(action.value) > CASH_FRACTION_MAX * Number(before.close) ? [] : [action];
}
