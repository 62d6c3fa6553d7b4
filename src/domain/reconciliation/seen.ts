import { z } from 'zod';
import type { Problem } from '../problems.js';
import { bySymbolShape } from '../shapes.js';
import { shown } from '../text.js';
import type { DecimalString } from '../types.js';

/**
 * How the units of each position were read off the broker: agreed with those of the ledger by a tick, or typed. Cash is
 * always typed. A position that is not there was typed as 0.
 */
export type Seen = Record<string, HowSeen>;
export type HowSeen = 'ticked' | 'typed';

/** The same as whoever brings a snapshot says it; made anew, as every shape is. */
export const seenShape = () =>
  bySymbolShape(z.enum(['ticked', 'typed'], 'must be ticked or typed')) as unknown as z.ZodType<Seen, Seen>;

/** What is wrong with how a snapshot says that it was read: of each of its positions it says so, or of none. */
export function seenProblems(positions: Record<string, DecimalString>, seen: Seen | undefined): Problem[] {
  if (seen === undefined) return [];
  const unsaid = Object.keys(positions).filter((symbol) => !Object.hasOwn(seen, symbol));
  const gone = Object.keys(seen).filter((symbol) => !Object.hasOwn(positions, symbol) && seen[symbol] === 'ticked');
  return [
    ...unsaid.map((symbol) => ({ field: `seen.${symbol}`, value: null, rule: 'must be ticked or typed' })),
    ...gone.map((symbol) => ({
      field: `seen.${symbol}`,
      value: shown('ticked'),
      rule: 'must be typed: what is not there agrees with nothing',
    })),
  ];
}
