import { tradingDayOf } from '../calendar/calendar.js';
import { contentHash } from '../hash.js';
import type { Seen } from '../reconciliation/seen.js';
import type { SnapshotInput } from '../reconciliation/snapshot.js';
import type { Instant, IsoDate, RunSlot, Sha256 } from '../types.js';
import type { Act, Purpose } from './attestation.js';

/*
 * What is said of each thing that a person asks for. Whoever signs and whoever verifies make it of the same figures,
 * and of what is stored it can be made again.
 */

/** Something that is asked for in one go. */
export interface Order {
  purpose: Purpose;
  /** Null where it concerns the whole installation. */
  account: string | null;
  tradingDay?: IsoDate | null;
  /** Everything that was said, defaults filled in. */
  content: object;
}

/** What is said of an order. */
export const actOf = ({ purpose, account, tradingDay = null, content }: Order): Act => ({
  purpose,
  account,
  tradingDay,
  contentHash: contentHash(content),
  ticket: null,
  amends: null,
});

/** A snapshot that is brought to a day; of the first one its sender says that it opens the ledger. */
interface SnapshotBrought {
  purpose: 'opening' | 'reconcile';
  account: string;
  tradingDay: IsoDate;
  commandId: string;
  /** How each figure was read, where that is said. */
  seen?: Seen | null | undefined;
}

/** A snapshot for a day, its figures in canonical text. */
export const reconcileAct = (
  { commandId, seen, ...place }: SnapshotBrought,
  { snapshotDate, cash, positions, notes }: SnapshotInput,
): Act => actOf({ ...place, content: { commandId, snapshotDate, cash, positions, notes, ...(seen && { seen }) } });

/** A run that somebody types: what it fetches and decides, and for whom. */
export const runOrder = (
  slot: RunSlot,
  {
    at,
    accounts,
    full = false,
    dryRun = false,
  }: { at: Instant; accounts: readonly string[]; full?: boolean | undefined; dryRun?: boolean | undefined },
): Order => ({
  purpose: 'run',
  account: accounts.length === 1 ? (accounts[0] as string) : null,
  tradingDay: tradingDayOf(at),
  content: { slot, at, accounts, full, dryRun },
});

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
