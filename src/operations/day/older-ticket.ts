import { unconfirmedTickets } from '../../db/tickets.js';
import { sideBySide } from '../../db/transaction.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { IsoDate } from '../../domain/types.js';
import type { Gatehouse } from '../installation.js';
import { uncountedAnswers } from './uncounted-answers.js';
import type { UnprovedAnswer } from './unproved-answers.js';

/** A ticket of an earlier day that comes before everything of the one that is shown: to its gate it is unconfirmed. */
export interface OlderTicket {
  ticketId: string;
  tradingDay: IsoDate;
  /** Why its answer does not count; null where it has none. */
  why: UnprovedAnswer | null;
}

/**
 * The oldest ticket of an account's days before one that has no answer, or one that does not count; null where there is
 * none. Of answers nothing is said while the key files cannot be read: the gate and the doctor say that.
 */
export async function olderTicket(
  where: Gatehouse,
  { account, tradingDay, policy }: { account: string; tradingDay: IsoDate; policy: Policy },
): Promise<OlderTicket | null> {
  const [unanswered, uncounted] = await sideBySide(
    where.db,
    () => unconfirmedTickets(where.db, account),
    () => uncountedAnswers(where, { account, tradingDay, policy }),
  );
  const all: OlderTicket[] = [
    ...unanswered.map((ticket) => ({ ticketId: ticket.ticketId, tradingDay: ticket.tradingDay, why: null })),
    ...(uncounted.ok ? uncounted.result : []),
  ];
  const older = all.filter((each) => each.tradingDay < tradingDay);
  return older.toSorted((a, b) => (a.tradingDay < b.tradingDay ? -1 : 1))[0] ?? null;
}
