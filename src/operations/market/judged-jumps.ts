import type { Db } from '../../db/connect.js';
import { jumpsOf, rateJumpsOf } from '../../db/jumps.js';
import { heldAtHand } from '../../db/ledger-at-hand.js';
import { asOfDate, tradingDayOf } from '../../domain/calendar/calendar.js';
import type { Jump } from '../../domain/market/index.js';
import { pairsWanted, symbolsWanted } from '../../domain/market/wanted.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { Instant, IsoDate, UniverseRow } from '../../domain/types.js';

/** A jump of a price or a rate with what it does to the day. */
export interface JudgedJump extends Jump {
  kind: 'JUMP';
  exDate: IsoDate;
  /** Whether it waits for a ruling. */
  onHold: boolean;
  /** Whether the symbol is held, a benchmark or a pair: then it stops the day, otherwise it leaves the symbol out. */
  stopsTheDay: boolean;
  /** Whether it is a rate that jumped: of a pair, not of a symbol. */
  isRate: boolean;
}

/**
 * The jumps of the gate's look-back up to the as-of date of an instant, of these symbols and pairs or of all that the
 * gate looks at.
 */
export async function judgedJumps(
  db: Db,
  { policy, universe }: { policy: Policy; universe: UniverseRow[] },
  { symbols, since, at }: { symbols?: string[]; since: IsoDate; at: Instant },
): Promise<JudgedJump[]> {
  const held = await heldAtHand(db);
  const asked = (one: string): boolean => symbols === undefined || symbols.includes(one);
  const looked = symbolsWanted(universe, held).filter(asked);
  const pairs = pairsWanted(policy, universe, Object.keys(policy.accounts)).filter(asked);
  const essential = new Set([
    ...held,
    ...universe.filter(({ kind }) => kind === 'benchmark').map(({ internalSymbol }) => internalSymbol),
    ...pairs,
  ]);
  const due = asOfDate(tradingDayOf(at), policy.calendar);
  const jumps = [...(await jumpsOf(db, policy, looked, due)), ...(await rateJumpsOf(db, policy, pairs, due))];
  return jumps
    .filter(({ session }) => session >= since)
    .map((jump) => ({
      ...jump,
      kind: 'JUMP' as const,
      exDate: jump.session,
      onHold: jump.ruled === null && jump.confirmedBy === null,
      stopsTheDay: essential.has(jump.symbol),
      isRate: pairs.includes(jump.symbol),
    }));
}
