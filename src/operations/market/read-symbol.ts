import { readSymbolSchema, type ReadSymbol } from '../../contract/market.js';
import { parseInput } from '../../contract/reading.js';
import { listRulings } from '../../db/actions.js';
import type { Db } from '../../db/connect.js';
import type { FetchRow } from '../../db/fetch-results.js';
import { storedHistories } from '../../db/market-facts.js';
import type { RunRow } from '../../db/run-results.js';
import { addSessions, asOfDate, sessionsBetween, tradingDayOf } from '../../domain/calendar/calendar.js';
import { outcomeOf, usageError, type Outcome } from '../../domain/errors.js';
import { adjustedCloses, effectiveActions } from '../../domain/market/index.js';
import { listingCurrency } from '../../domain/policy/universe.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { Bar, Instant, IsoDate, PriceBasis, Reason, UniverseRow } from '../../domain/types.js';
import { judgedActions, type JudgedAction } from './judged-actions.js';
import { newestQuality } from './newest-quality.js';

/** Sessions that are looked at, up to the as-of date: a year. */
const SESSIONS = 252;

/** A bar with its close in the shares and money of the newest one. */
export interface SymbolBar extends Bar {
  /** Divided by later splits and less later dividends, as scores are reckoned; null where an action leaves nothing. */
  adjusted: number | null;
  /** Sessions before it without a bar, since the bar before. */
  missing: IsoDate[];
}

/** Everything that is known of a symbol's prices, up to the as-of date. */
export interface ReadSymbolResult {
  symbol: string;
  row: UniverseRow | null;
  currency: string;
  asOfDate: IsoDate;
  source: string;
  /** What the source has put into its closes; null where it has none. */
  basis: PriceBasis | null;
  /** Oldest first. */
  bars: SymbolBar[];
  /** Oldest first. */
  actions: JudgedAction[];
  /** What the newest run that judged prices found of it. */
  checked: { run: RunRow; reasons: Reason[]; exclusions: Reason[]; fetches: FetchRow[] } | null;
}

/**
 * A year of a symbol's prices with its actions and what was found wrong with it. Refuses with UNKNOWN_ID a symbol of
 * which neither the universe nor the database has anything.
 */
export function readSymbol(
  db: Db,
  { policy, universe }: { policy: Policy; universe: UniverseRow[] },
  { at, ...input }: ReadSymbol & { at: Instant },
): Promise<Outcome<ReadSymbolResult>> {
  return outcomeOf(async () => {
    const { symbol } = parseInput(readSymbolSchema, input);
    const to = asOfDate(tradingDayOf(at), policy.calendar);
    const from = addSessions(to, 1 - SESSIONS, policy.calendar);
    const { provider: source } = policy.market_data;
    const stored = await storedHistories(db, { source, symbols: [symbol], from, to });
    const row = universe.find(({ internalSymbol }) => internalSymbol === symbol) ?? null;
    const bars = stored.histories[0]?.bars ?? [];
    if (row === null && bars.length === 0)
      throw usageError('UNKNOWN_ID', `symbol: ${symbol}: is not in the universe, and no price of it is stored`, {
        remedy: 'trading-ops universe check',
      });
    const actions = await judgedActions(db, policy, { symbols: [symbol], since: from, to });
    const settled = effectiveActions(actions, await listRulings(db, [symbol]));
    const adjusted = adjustedCloses(bars, settled, stored.basis ?? 'raw');
    const sessions = sessionsBetween(from, to, policy.calendar);
    return {
      symbol,
      row,
      currency: listingCurrency(universe, symbol),
      asOfDate: to,
      source,
      basis: stored.basis,
      bars: bars.map((bar, index) => ({
        ...bar,
        adjusted: finite(adjusted[index]),
        missing: index === 0 ? [] : between(sessions, bars[index - 1] as Bar, bar),
      })),
      actions,
      checked: await checkedOf(db, symbol),
    };
  });
}

const finite = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null;

const between = (sessions: readonly IsoDate[], before: Bar, bar: Bar): IsoDate[] =>
  sessions.slice(sessions.indexOf(before.session) + 1, sessions.indexOf(bar.session));

async function checkedOf(db: Db, symbol: string): Promise<ReadSymbolResult['checked']> {
  const found = await newestQuality(db);
  if (found === null) return null;
  const about = ({ subject }: Reason) => subject === symbol;
  return {
    run: found.run,
    reasons: found.gates.flatMap(({ reasons }) => reasons).filter(about),
    exclusions: found.gates.flatMap(({ exclusions }) => exclusions ?? []).filter(about),
    fetches: found.fetches.filter((fetch) => fetch.symbol === symbol),
  };
}
