import { addSessions } from '../calendar/calendar.js';
import type { MarketFacts } from '../decision/facts.js';
import type { ActionRuling, Bar, CorporateAction, DecimalString, IsoDate, PriceBasis } from '../types.js';
import { effectiveActions } from './actions.js';
import { adjustedCloses } from './adjusted.js';
import { isGenuineMove, type QualityPolicy } from './assess.js';
import { unexplainedJumps } from './bars.js';
import { confirmedMoves } from './confirmed.js';

/** A move beyond the limit that no known split or dividend explains, and where it stands. */
export interface Jump {
  symbol: string;
  session: IsoDate;
  closeBefore: DecimalString;
  close: DecimalString;
  /** After all known actions are taken out: 0.52 is up by 52 %. */
  move: number;
  /** The closes around it, oldest first: three before, its own, two after. */
  around: { session: IsoDate; close: DecimalString }[];
  /** A human ruled that the price moved so. */
  ruled: ActionRuling['ruling'] | null;
  /** The second source that shows the same move. */
  confirmedBy: string | null;
}

/**
 * Every jump of the look-back, settled or not, by symbol and session: what the gate sees before rulings and a second
 * source.
 */
export function jumpsIn(market: MarketFacts, policy: QualityPolicy): Jump[] {
  const { lookback_sessions: sessions, max_jump: maxJump, max_source_difference: difference } = policy.data_quality;
  const from = addSessions(market.asOfDate, 1 - sessions, policy.calendar);
  const actions = effectiveActions(
    market.actions.filter(({ exDate }) => exDate <= market.asOfDate),
    market.rulings,
  );
  const genuine = new Map(market.rulings.filter(isGenuineMove).map((one) => [`${one.symbol} ${one.exDate}`, one]));
  const confirmed = new Set(confirmedMoves(market, difference).map(({ symbol, exDate }) => `${symbol} ${exDate}`));
  return market.histories.flatMap(({ symbol, bars, ...rest }) => {
    const own = bars.filter(({ session }) => session >= from && session <= market.asOfDate);
    const { basis = market.basis } = rest as { basis?: PriceBasis };
    return jumpsOf(symbol, own, { actions, basis, maxJump }).map((jump) => ({
      ...jump,
      ruled: genuine.get(`${symbol} ${jump.session}`)?.ruling ?? null,
      confirmedBy: confirmed.has(`${symbol} ${jump.session}`) ? (market.secondCloses?.source ?? null) : null,
    }));
  });
}

function jumpsOf(
  symbol: string,
  bars: readonly Bar[],
  { actions, basis, maxJump }: { actions: readonly CorporateAction[]; basis: PriceBasis; maxJump: number },
): Omit<Jump, 'ruled' | 'confirmedBy'>[] {
  const own = actions.filter((action) => action.symbol === symbol);
  const found = unexplainedJumps(symbol, bars, adjustedCloses(bars, own, basis), maxJump, new Set());
  return found.map(({ evidence }) => {
    const session = String(evidence['session']);
    const at = bars.findIndex((bar) => bar.session === session);
    return {
      symbol,
      session,
      closeBefore: String(evidence['closeBefore']),
      close: String(evidence['close']),
      move: Number(evidence['move']),
      around: bars.slice(Math.max(0, at - 3), at + 3).map((bar) => ({ session: bar.session, close: bar.close })),
    };
  });
}
