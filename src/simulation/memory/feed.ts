import { addSessions } from '../../domain/calendar/calendar.js';
import type { FetchOutcome } from '../../domain/decision/facts.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { DecimalString, IsoDate } from '../../domain/types.js';
import type { Archive, RateLine, Series } from './archive.js';
import type { KnownMarket, Told } from './market.js';

/** Sessions that a fetch asks for again: what is odd among them is told with it. */
const OVERLAP_SESSIONS = 10;

/**
 * Delivers an archive morning by morning: what has come out since the last one is added to what is known, and nothing
 * of a later date. It alone holds the archive; what is known has no way back to it.
 */
export class Feed {
  private readonly reached = new Map<Series, { told: Told; bars: number; actions: number }>();
  private readonly reachedRates = new Map<
    RateLine,
    { known: { date: IsoDate; rate: DecimalString }[]; rates: number }
  >();
  private before: IsoDate | null = null;

  constructor(
    private readonly archive: Archive,
    private readonly policy: Policy,
  ) {}

  /** Adds everything up to a date, as the fetch of that morning would. */
  deliver(market: KnownMarket, asOfDate: IsoDate): void {
    const { calendar } = this.policy;
    const since = this.before === null ? null : addSessions(this.before, -OVERLAP_SESSIONS, calendar);
    for (const [source, series] of this.archive.eod)
      for (const one of series.values()) this.deliverSeries(market, source, one, { since, asOfDate });
    for (const [source, lines] of this.archive.fx)
      for (const line of lines.values()) this.deliverRates(market, source, line, { since, asOfDate });
    this.before = asOfDate;
    market.changed();
  }

  private deliverSeries(market: KnownMarket, source: string, series: Series, window: Window): void {
    const { symbol, bars, actions, findings, failure } = series;
    const { asOfDate } = window;
    const from = childOf(this.reached, series, () => ({ told: toldOf(market, source, series), bars: 0, actions: 0 }));
    for (let bar = bars[from.bars]; bar && bar.session <= asOfDate; bar = bars[++from.bars]) from.told.bars.push(bar);
    for (let next = actions[from.actions]; next && next.exDate <= asOfDate; next = actions[++from.actions])
      from.told.actions.push(next);
    record(market, { symbol, source, findings, failure }, window);
  }

  private deliverRates(market: KnownMarket, source: string, line: RateLine, window: Window): void {
    const { pair, rates, findings, failure } = line;
    const from = childOf(this.reachedRates, line, () => ({ known: ratesOf(market, source, pair), rates: 0 }));
    for (let next = rates[from.rates]; next && next.date <= window.asOfDate; next = rates[++from.rates])
      from.known.push(next);
    record(market, { symbol: pair, source, findings, failure }, window);
  }
}

const toldOf = (market: KnownMarket, source: string, { symbol, basis, currency }: Series): Told =>
  childOf(
    childOf(market.told, source, () => new Map<string, Told>()),
    symbol,
    () => ({ symbol, bars: [], actions: [], basis, currency }),
  );

const ratesOf = (market: KnownMarket, source: string, pair: string) =>
  childOf(
    childOf(market.rates, source, () => new Map<string, { date: IsoDate; rate: DecimalString }[]>()),
    pair,
    () => [],
  );

/** The first date that a fetch asks for (null: all there is), and the last. */
interface Window {
  since: IsoDate | null;
  asOfDate: IsoDate;
}

function record(
  market: KnownMarket,
  fetched: Pick<Series, 'symbol' | 'findings' | 'failure'> & { source: string },
  { since, asOfDate }: Window,
): void {
  const { symbol, source, findings, failure } = fetched;
  const of = childOf(market.fetches, source, () => new Map<string, FetchOutcome>());
  if (findings.length === 0 && of.has(symbol)) return;
  of.set(symbol, {
    symbol,
    source,
    status: failure === null ? 'OK' : 'FAILED',
    code: failure?.code ?? null,
    message: failure?.message ?? null,
    findings: findings.filter(({ session }) => session <= asOfDate && (since === null || session >= since)),
  });
}

function childOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
