import type { Instant } from '../domain/types.js';

/** Through which door somebody asks: the rules are the same behind each, the audit log says which it was. */
export type Door = 'cli' | 'desk' | 'update' | 'signal' | 'schedule' | 'direct';

/** Who asks for an operation, through which door, and what they say of the time; the clock is the installation's. */
export interface Asker {
  operator: string;
  door: Door;
  /** The instant that the sender says it is. On a real account a claim that is kept; on a simulated one it is the clock. */
  claimedAt: Instant | null;
}
