import { addSessions } from '../calendar/calendar.js';
import type { MarketFacts } from '../decision/facts.js';
import type { ActionRuling, Bar, CorporateAction, DecimalString, IsoDate, PriceBasis } from '../types.js';
import { detectHolds, effectiveActions } from './actions.js';
import { adjustedCloses } from './adjusted.js';
import { isGenuineMove, type QualityPolicy } from './assess.js';
import { unexplainedJumps } from './bars.js';
import { confirmedMoves } from './confirmed.js';
import { adjustmentsOff } from './provenance.js';
import { rateMoves } from './rates.js';

/** A move that no known split or dividend explains, and where it stands. */
export interface Jump {
  /** A symbol, or the pair of a rate. */
  symbol: string;
  session: IsoDate;
  closeBefore: DecimalString;
  close: DecimalString;
  /** After all known actions are taken out: 0.52 is up by 52 %. */
  move: number;
  /**
   * The provider's own adjusted closes, where it is they that move by something that it did not tell, and the close may
   * hardly have moved; null where they do not.
   */
  adjusted: { closeBefore: DecimalString; close: DecimalString } | null;
  /** The closes around it, oldest first: three before, its own, two after. */
  around: { session: IsoDate; close: DecimalString }[];
  /** What a human ruled on that day: that the price moved so, or what else settles it. */
  ruled: ActionRuling['ruling'] | null;
  /** The second source that shows the same move. */
  confirmedBy: string | null;
}

/**
 * Every jump of the look-back, settled or not, by symbol and session, and every session on which only the provider's
 * adjusted close moved: what the gate sees before rulings and a second source. A date on which an action is on hold is
 * that action's matter.
 */
export function jumpsIn(market: MarketFacts, policy: QualityPolicy): Jump[] {
  const limits = policy.data_quality;
  const from = addSessions(market.asOfDate, 1 - limits.lookback_sessions, policy.calendar);
  const known = market.actions.filter(({ exDate }) => exDate <= market.asOfDate);
  const actions = effectiveActions(known, market.rulings);
  const holds = detectHolds(market.histories, known, market.rulings, limits, market.basis);
  const ruledAs = (symbol: string, session: IsoDate, counts: (ruling: ActionRuling) => boolean) =>
    market.rulings.findLast((one) => one.symbol === symbol && one.exDate === session && counts(one))?.ruling ?? null;
  const confirmed = new Set(
    confirmedMoves(market, limits.max_source_difference).map(({ symbol, exDate }) => `${symbol} ${exDate}`),
  );
  return market.histories.flatMap(({ symbol, bars, ...rest }) => {
    const own = bars.filter(({ session }) => session >= from && session <= market.asOfDate);
    const { basis = market.basis } = rest as { basis?: PriceBasis };
    const onHold = new Set(holds.filter(({ action }) => action.symbol === symbol).map(({ action }) => action.exDate));
    return movesOf(symbol, own, { actions, basis, limits, onHold }).map((jump) => ({
      ...jump,
      // As the gate sees it: a move of the close is settled as genuine only, one of the adjusted close by any ruling.
      ruled: ruledAs(symbol, jump.session, Math.abs(jump.move) > limits.max_jump ? isGenuineMove : () => true),
      confirmedBy: confirmed.has(`${symbol} ${jump.session}`) ? (market.secondCloses?.source ?? null) : null,
    }));
  });
}

/** Every move of the rates of the look-back that the gate looks at, settled or not; none where no rate is needed. */
export function rateJumpsIn({ asOfDate, rates, rulings }: MarketFacts, policy: QualityPolicy): Jump[] {
  if (rates === undefined) return [];
  const { lookback_sessions: sessions, max_fx_jump: limit } = policy.data_quality;
  const from = addSessions(asOfDate, 1 - sessions, policy.calendar);
  return rateMoves(rates, { from, to: asOfDate, limit }).map(
    ({ date, rate, rateBefore, move, confirmedBy, around }) => ({
      symbol: rates.pair,
      session: date,
      closeBefore: rateBefore,
      close: rate,
      move: Math.round(move * 1e6) / 1e6,
      adjusted: null,
      around: around.map((one) => ({ session: one.date, close: one.rate })),
      ruled: rulings.findLast(({ symbol, exDate }) => symbol === rates.pair && exDate === date)?.ruling ?? null,
      confirmedBy,
    }),
  );
}

interface Ground {
  actions: readonly CorporateAction[];
  basis: PriceBasis;
  limits: QualityPolicy['data_quality'];
  /** Dates of the symbol on which an action is on hold. */
  onHold: ReadonlySet<IsoDate>;
}

function movesOf(
  symbol: string,
  bars: readonly Bar[],
  { actions, basis, limits, onHold }: Ground,
): Omit<Jump, 'ruled' | 'confirmedBy'>[] {
  const own = actions.filter((action) => action.symbol === symbol);
  const computed = adjustedCloses(bars, own, basis);
  const off = adjustmentsOff(bars, computed, onHold, limits.max_adjustment_difference);
  const jumped = unexplainedJumps(symbol, bars, computed, limits.max_jump, new Set());
  const sessions = new Set([
    ...jumped.map(({ evidence }) => String(evidence['session'])),
    ...off.map(({ bar }) => bar.session),
  ]);
  return bars.flatMap((bar, at) => {
    const previous = bars[at - 1];
    if (!previous || !sessions.has(bar.session)) return [];
    const adjusted = off.find((one) => one.bar === bar);
    return [
      {
        symbol,
        session: bar.session,
        closeBefore: previous.close,
        close: bar.close,
        move: Math.round(((computed[at] ?? Number.NaN) / (computed[at - 1] ?? Number.NaN) - 1) * 1e6) / 1e6,
        adjusted: adjusted ? { closeBefore: previous.adjClose ?? '', close: bar.adjClose ?? '' } : null,
        around: bars.slice(Math.max(0, at - 3), at + 3).map(({ session, close }) => ({ session, close })),
      },
    ];
  });
}
