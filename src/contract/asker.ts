import type { Act, Signed } from '../domain/signing/attestation.js';
import type { Instant } from '../domain/types.js';

/** Through which door somebody asks: the rules are the same behind each, the audit log says which it was. */
export type Door = 'cli' | 'desk' | 'update' | 'signal' | 'schedule' | 'direct';

/** Signs what an operation is about to do in the name of an operator: the key stays with whoever has it. */
export type Signer = (operator: string, act: Act) => Promise<Signed>;

/** Who asks for an operation, through which door, and what they say of the time; the clock is the installation's. */
export interface Asker {
  operator: string;
  door: Door;
  /** The instant that the sender says it is. On a real account a claim that is kept; on a simulated one it is the clock. */
  claimedAt: Instant | null;
  /** The signature that a message carried, as it came: nobody has read it yet. */
  signature?: unknown;
  /** Signs what the operation finds that it is asked for, where whoever asks is in the same process. */
  sign?: Signer;
}
