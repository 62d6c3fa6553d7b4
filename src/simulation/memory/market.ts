import { addSessions } from '../../domain/calendar/calendar.js';
import type { FetchOutcome, MarketFacts, RateFacts, SecondMove } from '../../domain/decision/facts.js';
import type { Quote } from '../../domain/ledger/valuation.js';
import { knownActionsIn, SESSIONS_AFTER, type KnownActions } from '../../domain/market/actions.js';
import { movesToConfirm } from '../../domain/market/confirmed.js';
import { dividendTypeOf } from '../../domain/market/dividend-types.js';
import { rateSources } from '../../domain/market/rates.js';
import { carriedOver, formerNamesIn, withoutFormerOwners, type Rename } from '../../domain/market/renames.js';
import { commonBasis, sessionsNeeded, USUAL_BASIS } from '../../domain/market/window.js';
import { byText } from '../../domain/order.js';
import type { Policy } from '../../domain/policy/policy.js';
import { between, lastUpTo } from '../../domain/sorted.js';
import type {
  ActionRuling,
  Bar,
  CorporateAction,
  DecimalString,
  FxRate,
  IsoDate,
  PriceBasis,
  SymbolHistory,
} from '../../domain/types.js';

/** What has been told of one symbol by one source so far. */
export interface Told {
  symbol: string;
  bars: Bar[];
  actions: CorporateAction[];
  basis: PriceBasis;
  currency: string;
}

type Rate = { date: IsoDate; rate: DecimalString };

/**
 * What is known of the market on a morning of a walk: the answers that were delivered up to its as-of date, and nothing
 * else is in it, so that whatever reads it cannot look ahead. It answers what the queries of `src/db` answer of the
 * tables; the rules are the domain's.
 */
export class KnownMarket {
  /** Each source's answers by symbol. */
  readonly told = new Map<string, Map<string, Told>>();
  /** Each source's rates by pair, oldest first. */
  readonly rates = new Map<string, Map<string, Rate[]>>();
  /** The newest fetch of each symbol or pair by source. */
  readonly fetches = new Map<string, Map<string, FetchOutcome>>();
  /** What was ruled, in the order of ruling. */
  readonly rulings: ActionRuling[] = [];
  private readonly atHand = new Map<string, MarketFacts>();

  constructor(private readonly policy: Policy) {}

  /** Records what a human ruled; the newest word on an action counts. */
  rule(ruling: ActionRuling): void {
    this.rulings.push(ruling);
    this.changed();
  }

  /** Something was added: facts that were made before it are made anew. */
  changed(): void {
    this.atHand.clear();
  }

  /** Everything that quality and scoring look at, of the sessions they need, up to the as-of date. */
  facts(query: {
    asOfDate: IsoDate;
    symbols: readonly string[];
    pair: string | null;
    renames: readonly Rename[];
    /** Of a name that was given up, what it has of before, too. */
    whole?: true;
  }): MarketFacts {
    const { asOfDate, symbols, pair, renames, whole = false } = query;
    const key = JSON.stringify([asOfDate, symbols, pair, renames.length, whole]);
    const known = this.atHand.get(key);
    if (known) return known;
    const from = addSessions(asOfDate, -(sessionsNeeded(this.policy) - 1), this.policy.calendar);
    const own = this.ownFacts({ asOfDate, symbols, pair, from });
    const facts = this.withNames(whole ? own : withoutFormerOwners(own, renames), renames, from);
    this.atHand.set(key, facts);
    return facts;
  }

  private ownFacts({
    asOfDate,
    symbols,
    pair,
    from,
  }: {
    asOfDate: IsoDate;
    symbols: readonly string[];
    pair: string | null;
    from: IsoDate;
  }): MarketFacts {
    const { provider, second_provider: second } = this.policy.market_data;
    const sources = second === null ? [provider] : [provider, second];
    const { histories, basis } = this.histories(symbols, { from, to: asOfDate });
    return {
      asOfDate,
      provider,
      basis: basis ?? USUAL_BASIS[provider],
      histories,
      secondCloses: second === null ? null : this.secondCloses(second, symbols, histories, asOfDate),
      fetches: [...new Set(sources)].toSorted(byText).flatMap((source) => this.fetched(source, symbols)),
      actions: this.actionsOf(symbols, { from, to: asOfDate }),
      rulings: this.rulingsOn(pair === null ? symbols : [...symbols, pair]),
      fx: pair === null ? null : this.rateOf(pair, asOfDate),
      faultsExclude: true,
      ...(pair !== null && { rates: this.rateFacts(pair, { from, to: asOfDate }) }),
    };
  }

  private withNames(facts: MarketFacts, renames: readonly Rename[], from: IsoDate): MarketFacts {
    const old = formerNamesIn(facts, renames);
    if (old.length === 0) return facts;
    const window = { from, to: facts.asOfDate };
    return carriedOver(facts, renames, {
      histories: this.histories(old, window).histories,
      actions: this.actionsOf(old, window),
      rulings: this.rulingsOn(old),
    });
  }

  /** Bars of a window, oldest first, each with its basis where it is not the common one. */
  histories(
    symbols: readonly string[],
    { from, to }: { from: IsoDate; to: IsoDate },
  ): { histories: SymbolHistory[]; basis: PriceBasis | null } {
    const found = symbols.map((symbol) => {
      const told = this.ofProvider(symbol);
      const bars = told ? between(told.bars, from, to, ({ session }) => session) : [];
      return { symbol, bars, basis: told && bars.length > 0 ? told.basis : null };
    });
    const common = commonBasis(found.map(({ basis }) => basis));
    const histories = found.map(({ symbol, bars, basis }) => ({
      symbol,
      bars,
      ...(basis !== null && basis !== common && { basis }),
    }));
    return { histories, basis: common };
  }

  /** Actions of the policy's provider with ex-dates in a window, as the table gives them: by date and symbol. */
  actionsOf(symbols: readonly string[], { from, to }: { from: IsoDate; to: IsoDate }): CorporateAction[] {
    const found = symbols.flatMap((symbol) => {
      const { actions = [] } = this.ofProvider(symbol) ?? {};
      return between(actions, from, to, ({ exDate }) => exDate);
    });
    return found.toSorted((a, b) => byText(a.exDate, b.exDate) || byText(a.symbol, b.symbol) || byText(a.kind, b.kind));
  }

  /** The newest ruling on each action of these symbols. */
  rulingsOn(symbols: readonly string[]): ActionRuling[] {
    const wanted = new Set(symbols);
    const keyOf = (ruling: ActionRuling) =>
      [ruling.symbol, ruling.exDate, ruling.kind, dividendTypeOf(ruling)].join(' ');
    const newest = new Map(this.rulings.filter(({ symbol }) => wanted.has(symbol)).map((one) => [keyOf(one), one]));
    return [...newest].toSorted(([a], [b]) => byText(a, b)).map(([, ruling]) => ruling);
  }

  /** What is known of these symbols' actions in the window up to a date. */
  knownActions(symbols: readonly string[], asOfDate: IsoDate): KnownActions {
    const facts = this.facts({ asOfDate, symbols, pair: null, renames: [], whole: true });
    return knownActionsIn(facts, this.policy.data_quality);
  }

  /** The same, around one ex-date that may lie further back. */
  knownActionsAround(symbol: string, exDate: IsoDate, asOfDate: IsoDate): KnownActions {
    const after = addSessions(exDate, SESSIONS_AFTER, this.policy.calendar);
    return this.knownActions([symbol], after < asOfDate ? after : asOfDate);
  }

  /** The rate of exactly a date, of the first source that has one. */
  rateOf(pair: string, date: IsoDate): FxRate | null {
    for (const source of rateSources(this.policy)) {
      const rates = this.ratesOf(source, pair);
      const rate = rates[lastUpTo(rates, date, ({ date: of }) => of)];
      if (rate?.date === date) return { pair, date, rate: rate.rate, source };
    }
    return null;
  }

  /** Listing currency for one of base on a date: the newest rate up to it, of the first source that has that date. */
  rateUpTo(baseCurrency: string, currency: string, date: IsoDate): DecimalString | null {
    if (currency === baseCurrency) return '1';
    let newest: Rate | null = null;
    for (const source of rateSources(this.policy)) {
      const rates = this.ratesOf(source, `${baseCurrency}${currency}`);
      const rate = rates[lastUpTo(rates, date, ({ date: of }) => of)];
      if (rate && (newest === null || rate.date > newest.date)) newest = rate;
    }
    return newest?.rate ?? null;
  }

  /** Closes of exactly a date with what converts them: a symbol that lacks either has none. */
  quotesAt(
    symbols: readonly string[],
    { date, base, currencyOf }: { date: IsoDate; base: string; currencyOf(symbol: string): string },
  ): Map<string, Quote> {
    const quotes = new Map<string, Quote>();
    for (const symbol of symbols) {
      const bar = this.newestBar(symbol, date);
      const currency = currencyOf(symbol);
      const fx = currency === base ? '1' : (this.rateOf(`${base}${currency}`, date)?.rate ?? null);
      if (bar?.session === date && fx !== null) quotes.set(symbol, { price: bar.close, currency, fx, date });
    }
    return quotes;
  }

  /** The newest close of each symbol up to a date with the rate of its session. */
  newestQuotes(symbols: readonly string[], { date, base }: { date: IsoDate; base: string }): Map<string, Quote> {
    const quotes = new Map<string, Quote>();
    for (const symbol of symbols) {
      const bar = this.newestBar(symbol, date);
      const currency = this.ofProvider(symbol)?.currency;
      const fx = bar && currency ? this.rateUpTo(base, currency, bar.session) : null;
      if (bar && currency && fx !== null) quotes.set(symbol, { price: bar.close, currency, fx, date: bar.session });
    }
    return quotes;
  }

  private newestBar(symbol: string, date: IsoDate): Bar | undefined {
    const bars = this.ofProvider(symbol)?.bars ?? [];
    return bars[lastUpTo(bars, date, ({ session }) => session)];
  }

  private ofProvider(symbol: string): Told | undefined {
    return this.told.get(this.policy.market_data.provider)?.get(symbol);
  }

  private ratesOf(source: string, pair: string): Rate[] {
    return this.rates.get(source)?.get(pair) ?? [];
  }

  private fetched(source: string, symbols: readonly string[]): FetchOutcome[] {
    const of = this.fetches.get(source);
    const isSorted = symbols.every((symbol, at) => at === 0 || (symbols[at - 1] as string) < symbol);
    return (isSorted ? symbols : symbols.toSorted(byText)).flatMap((symbol) => of?.get(symbol) ?? []);
  }

  private secondCloses(
    source: string,
    symbols: readonly string[],
    histories: readonly SymbolHistory[],
    asOfDate: IsoDate,
  ): NonNullable<MarketFacts['secondCloses']> {
    const barOn = (symbol: string, date: IsoDate): Bar | undefined => {
      const bars = this.told.get(source)?.get(symbol)?.bars ?? [];
      const bar = bars[lastUpTo(bars, date, ({ session }) => session)];
      return bar?.session === date ? bar : undefined;
    };
    const closes = symbols.toSorted(byText).flatMap((symbol) => {
      const bar = barOn(symbol, asOfDate);
      return bar ? [[symbol, bar.close] as const] : [];
    });
    const moves = movesToConfirm([...histories], this.policy.data_quality.max_jump).flatMap(
      ({ symbol, before, session }): SecondMove[] => {
        const [first, last] = [barOn(symbol, before), barOn(symbol, session)];
        const { actions = [] } = this.told.get(source)?.get(symbol) ?? {};
        const split = actions.find(({ kind, exDate }) => kind === 'SPLIT' && exDate === session);
        if (!first || !last) return [];
        return [{ symbol, session, closeBefore: first.close, close: last.close, split: split?.value ?? null }];
      },
    );
    return { source, closes: Object.fromEntries(closes), ...(moves.length > 0 && { moves }) };
  }

  private rateFacts(pair: string, { from, to }: { from: IsoDate; to: IsoDate }): RateFacts {
    const [first, second] = rateSources(this.policy) as [string, string?];
    const series = (source: string) => ({
      source,
      rates: between(this.ratesOf(source, pair), from, to, ({ date }) => date),
    });
    const fetched = this.fetches.get(first)?.get(pair);
    return {
      pair,
      first: series(first),
      second: second === undefined ? null : series(second),
      fetch: fetched
        ? { status: fetched.status, code: fetched.code, message: fetched.message, findings: fetched.findings }
        : null,
    };
  }
}
