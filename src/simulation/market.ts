import { sessionsBetween } from '../domain/calendar/calendar.js';
import { faultError, usageError } from '../domain/errors.js';
import { dividendTypeOf, typedDividends } from '../domain/market/dividend-types.js';
import { rateSources } from '../domain/market/rates.js';
import type { Policy } from '../domain/policy/policy.js';
import { lastUpTo } from '../domain/sorted.js';
import type { ActionRuling, Bar, CorporateAction, DecimalString, IsoDate, PriceBasis } from '../domain/types.js';
import { createFxProvider, createProvider } from '../providers/create.js';
import type { FetchFailure, FxProviderName } from '../providers/provider.js';
import { inLaterShares, type EndsEarly } from '../domain/walk/worth.js';
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
  basis: PriceBasis;
}

/** The rates of a pair, oldest first. */
export interface Rates {
  pair: string;
  rates: readonly { date: IsoDate; rate: DecimalString }[];
}

/** Of each date the rate of the first source that has one, oldest first. @param bySource the first source first */
export const mergedRates = (bySource: readonly Rates['rates'][]): Rates['rates'] =>
  [
    ...new Map(bySource.toReversed().flatMap((rates) => rates.map((one) => [one.date, one] as const))).values(),
  ].toSorted((a, b) => (a.date < b.date ? -1 : 1));

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
 * @param rates null where base and listing currency are one
 */
export function brokerMarket(
  loaded: readonly Loaded[],
  rates: Rates | null,
  { truth, events = [] }: Pick<MarketSource, 'truth' | 'events'>,
): BrokerMarket {
  const series = new Map(loaded.map(({ symbol, bars }) => [symbol, bars]));
  const bases = new Map(loaded.map(({ symbol, basis }) => [symbol, basis]));
  const happened = loaded.flatMap(({ actions, bars }) =>
    actions.flatMap((published) => reallyHappened(published, bars, truth)),
  );
  const byDate = groupBy(happened, ({ exDate }) => exDate);
  const splits = happened.filter(({ kind }) => kind === 'SPLIT');
  const rateUpTo = (date: IsoDate) => rates?.rates[lastUpTo(rates.rates, date, (rate) => rate.date)];
  const barOn = (symbol: string, session: IsoDate): Bar | undefined => {
    const bars = series.get(symbol) ?? [];
    const bar = bars[lastUpTo(bars, session, (one) => one.session)];
    return bar?.session === session ? bar : undefined;
  };
  return {
    openOf: (symbol, session) => barOn(symbol, session)?.open ?? null,
    closeOf: (symbol, session) => barOn(symbol, session)?.close ?? null,
    lastCloseOf: (symbol, session) => {
      const last = series.get(symbol)?.at(-1);
      if (!last || last.session > session) return null;
      const since = splits.filter(
        (split) => split.symbol === symbol && split.exDate > last.session && split.exDate <= session,
      );
      return {
        date: last.session,
        close: inLaterShares(
          last.close,
          since.map(({ value }) => value),
        ),
      };
    },
    actionsOn: (exDate) => byDate.get(exDate) ?? [],
    paysDividends: (symbol, until) =>
      happened.some((action) => action.kind === 'DIVIDEND' && action.symbol === symbol && action.exDate <= until),
    eventsOn: (on) => events.filter(({ date }) => date === on),
    rateOn: (date) => (rates === null ? '1' : (rateUpTo(date)?.rate ?? null)),
    rateAt: (date) => {
      if (rates === null) return '1';
      const newest = rateUpTo(date);
      return newest?.date === date ? newest.rate : null;
    },
    pair: rates?.pair ?? null,
    basisOf: (symbol) => bases.get(symbol) ?? null,
    pricedTo: loaded.map(({ bars }) => bars.at(-1)?.session ?? NEVER).reduce((a, b) => (a > b ? a : b), NEVER),
  };
}

/** Before any session. */
const NEVER: IsoDate = '0001-01-01';

/**
 * The sessions of the days that are asked for, of which there must be one: nothing can be said of none.
 * @throws OpsError SIMULATION_INVALID
 */
export function sessionsAsked({ from, to }: { from: IsoDate; to: IsoDate }, calendar: Policy['calendar']): IsoDate[] {
  const sessions = sessionsBetween(from, to, calendar);
  if (sessions.length > 0) return sessions;
  throw usageError('SIMULATION_INVALID', `to: "${to}": must be as late as the first session from ${from} on`, {
    remedy: 'nothing was written; name days with a session of NYSE among them',
  });
}

/**
 * The last day that can be walked of those that were asked for: beyond the last price there is nothing to trade at and
 * nothing to be worth, so a walk ends there, and says so.
 * @throws OpsError BROKER_HAS_NO_PRICES where the last price is of before the first day; of `sessionsAsked`
 */
export function walkedTo(
  { from, to }: { from: IsoDate; to: IsoDate },
  { pricedTo }: Pick<BrokerMarket, 'pricedTo'>,
  calendar: Policy['calendar'],
): { to: IsoDate; endsEarly: EndsEarly | null } {
  const sessions = sessionsAsked({ from, to }, calendar);
  if ((sessions.at(-1) ?? to) <= pricedTo) return { to, endsEarly: null };
  const [first = from] = sessions;
  if (first > pricedTo) {
    const newest = pricedTo === NEVER ? 'there is none' : `the last is of ${pricedTo}`;
    throw usageError('BROKER_HAS_NO_PRICES', `no price of ${first} or later: ${newest}`, FILES_WANTED);
  }
  return { to: pricedTo, endsEarly: { asked: to, lastPrice: pricedTo } };
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
  return { symbol, bars: ascending, actions: typedDividends(answer.actions), basis: answer.basis };
}

async function loadRates({
  policy,
  dataDir,
  env,
  baseCurrency,
  listingCurrency,
  from,
  to,
}: MarketSource): Promise<Rates> {
  const pair = `${baseCurrency}${listingCurrency}`;
  const answers = [];
  for (const name of rateSources(policy)) {
    const provider = await createFxProvider(name as FxProviderName, { policy, dataDir, env, now: () => new Date() });
    answers.push(await provider.fetchRates({ pair, from, to }));
  }
  const [failed] = answers.filter((answer): answer is FetchFailure => !answer.ok);
  const read = answers.flatMap((answer) => (answer.ok ? [answer.rates] : []));
  if (read.length === 0 && failed) throw missing(pair, failed);
  return { pair, rates: mergedRates(read) };
}

const FILES_WANTED = { remedy: 'put the files of the simulated market into the drop folder' };

const missing = (what: string, { code, message }: FetchFailure) =>
  faultError('BROKER_HAS_NO_PRICES', `${what}: ${code}: ${message}`, FILES_WANTED);

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
