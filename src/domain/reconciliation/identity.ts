import { v5 as uuidV5 } from 'uuid';
import { contentHash } from '../hash.js';
import type { SnapshotInput } from './snapshot.js';
import type { Instant, Sha256 } from '../types.js';

/** Names snapshot and reconciliation ids; never to be changed: a ticket's hash covers the id of its snapshot. */
const NAMESPACE = 'b1a1f3c4-2d9e-4f0b-8a57-0c5d6e7f8a91';

/**
 * A snapshot's id follows from what it says, of which account and when: two machines with the same facts name it alike,
 * and the same figures entered twice in one instant are one snapshot.
 */
export function snapshotIdentity(
  account: string,
  takenAt: Instant,
  operator: string,
  snapshot: SnapshotInput,
): { snapshotId: string; contentHash: Sha256 } {
  const hash = contentHash({ account, takenAt, operator, ...snapshot });
  return { snapshotId: uuidV5(`snapshot/${hash}`, NAMESPACE), contentHash: hash };
}

/** A command leads to one reconciliation, however often it arrives. */
export const reconciliationIdentity = (account: string, commandId: string): string =>
  uuidV5(`reconciliation/${account}/${commandId}`, NAMESPACE);

/** A confirmation's id follows from its ticket, its content and what it amends (a correction may return to an earlier content). */
export const confirmationIdentity = (ticketId: string, hash: Sha256, amends: string | null): string =>
  uuidV5(`confirmation/${ticketId}/${hash}/${amends ?? ''}`, NAMESPACE);
