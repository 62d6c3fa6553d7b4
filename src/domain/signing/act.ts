import { contentHash } from '../hash.js';
import type { SnapshotInput } from '../reconciliation/snapshot.js';
import type { IsoDate, Sha256 } from '../types.js';
import type { Act, Purpose } from './attestation.js';

/*
 * What is said of each thing that a person asks for. Whoever signs and whoever verifies make it of the same figures,
 * and of what is stored it can be made again.
 */

/** The account's day that something is of. */
export interface Place {
  account: string | null;
  tradingDay?: IsoDate | null;
}

/** What is asked for, whatever it is: `content` is everything that was said, defaults filled in. */
export const actOf = (purpose: Purpose, { account, tradingDay = null }: Place, content: object): Act => ({
  purpose,
  account,
  tradingDay,
  contentHash: contentHash(content),
  ticket: null,
  amends: null,
});

/** A snapshot for a day, its figures in canonical text. */
export const reconcileAct = (
  place: { account: string; tradingDay: IsoDate },
  commandId: string,
  { snapshotDate, cash, positions, notes }: SnapshotInput,
): Act => actOf('reconcile', place, { commandId, snapshotDate, cash, positions, notes });

/** What is answered of a ticket. */
export interface AnswerSaid {
  ticket: { ticketId: string; account: string; tradingDay: IsoDate; materialHash: Sha256 };
  /** What the content of the answer is known by. */
  hash: Sha256;
  /** The confirmation that it takes the place of; null for the first. */
  amends: string | null;
}

/** An answer to a ticket: the content hash is the confirmation's own. */
export const answerAct = ({ ticket, hash, amends }: AnswerSaid): Act => ({
  purpose: amends === null ? 'confirm' : 'amend',
  account: ticket.account,
  tradingDay: ticket.tradingDay,
  contentHash: hash,
  ticket: { id: ticket.ticketId, materialHash: ticket.materialHash },
  amends,
});
