import { refusal, type OpsError } from '../errors.js';
import { bounded } from '../text.js';
import type { Instant } from '../types.js';

/** What happened to the claim of a ticket, one after another. */
export type ClaimKind = 'CLAIM' | 'TAKE_OVER' | 'RELEASE';

/** The newest of them. */
export interface ClaimEvent {
  claimId: string;
  ticketId: string;
  kind: ClaimKind;
  operator: string;
  at: Instant;
}

/** Who executes a ticket at the moment, and since when. */
export type Holder = Pick<ClaimEvent, 'operator' | 'at'>;

/** Whose claim stands after the newest event; null where nobody's does. */
export const holderAfter = (newest: ClaimEvent | null): Holder | null =>
  newest === null || newest.kind === 'RELEASE' ? null : { operator: newest.operator, at: newest.at };

/**
 * What somebody who wants to execute a ticket does: claims what nobody executes, or takes it over with a reason.
 * @returns null where it is theirs already, on whatever device they claimed it
 * @throws OpsError EXECUTION_CLAIMED where another executes it and no reason is given
 */
export function claimBy(
  holder: Holder | null,
  { operator, reason }: { operator: string; reason: string | null },
): Exclude<ClaimKind, 'RELEASE'> | null {
  if (holder === null) return 'CLAIM';
  if (holder.operator === operator) return null;
  if (reason === null) throw claimed(holder);
  return 'TAKE_OVER';
}

/**
 * Refuses whatever somebody writes down of a ticket that another executes: the same orders would be placed twice.
 * @throws OpsError EXECUTION_CLAIMED
 */
export function refuseUnlessOwn(holder: Holder | null, operator: string): void {
  if (holder !== null && holder.operator !== operator) throw claimed(holder);
}

const claimed = ({ operator, at }: Holder): OpsError =>
  refusal('EXECUTION_CLAIMED', `${bounded(operator)} executes this ticket since ${at}`, {
    remedy: 'Ask them; if they cannot go on, take it over with a reason.',
  });
