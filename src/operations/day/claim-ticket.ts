import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import type { Asker } from '../../contract/asker.js';
import {
  claimTicketSchema,
  releaseTicketSchema,
  type ClaimTicket,
  type ReleaseTicket,
} from '../../contract/execution.js';
import { parseInput } from '../../contract/reading.js';
import { appendAudit } from '../../db/audit.js';
import { insertClaim, newestClaim } from '../../db/claims.js';
import { lockTicketOfDay } from '../../db/confirmations.js';
import type { StoredTicket } from '../../db/tickets.js';
import { inTransaction } from '../../db/transaction.js';
import {
  claimBy,
  holderAfter,
  refuseUnlessOwn,
  type ClaimEvent,
  type ClaimKind,
  type Holder,
} from '../../domain/confirmation/claim.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import { claimOf } from '../accounts/admit.js';
import { admit, type Admitted, type Gatehouse } from '../installation.js';
import { refuseUnlessExecutable } from './executable.js';
import { ticketOfAccount } from './find-ticket.js';
import { refuseGroundless } from './orders-stand.js';

/*
 * Who executes a ticket at the moment: one person at a time, so that the same orders are not placed twice. It moves no
 * money and is not signed; the audit log has a record of each change.
 */

/** Who executes the ticket afterwards, and whether that is new. */
export interface ClaimReply {
  ticketId: string;
  holder: Holder | null;
  changed: boolean;
}

/**
 * Claims a TRADE ticket that waits for its answer, or takes it over with a reason. Refuses with EXECUTION_CLAIMED where
 * another executes it and no reason is given, and as `refuseUnlessExecutable` and `refuseGroundless`.
 */
export function claimTicket(where: Gatehouse, asker: Asker, input: ClaimTicket): Promise<Outcome<ClaimReply>> {
  return outcomeOf(async () => {
    const { reason, ...asked } = parseInput(claimTicketSchema, input);
    return change(where, asker, asked, async (trx, { ticket, admitted, newest }) => {
      await refuseUnlessExecutable(trx, ticket);
      await refuseGroundless(trx, ticket);
      const kind = claimBy(holderAfter(newest), { operator: admitted.operator, reason });
      return kind && { kind, reason: kind === 'TAKE_OVER' ? reason : null };
    });
  });
}

/** Lets a ticket go again, where somebody has it. Refuses with EXECUTION_CLAIMED what is another's. */
export function releaseTicket(where: Gatehouse, asker: Asker, input: ReleaseTicket): Promise<Outcome<ClaimReply>> {
  return outcomeOf(async () => {
    const asked = parseInput(releaseTicketSchema, input);
    return change(where, asker, asked, async (_, { admitted, newest }) => {
      const holder = holderAfter(newest);
      refuseUnlessOwn(holder, admitted.operator);
      return holder && { kind: 'RELEASE', reason: null };
    });
  });
}

interface Found {
  ticket: StoredTicket;
  admitted: Admitted;
  newest: ClaimEvent | null;
}

const ACTIONS = {
  CLAIM: 'execution.claimed',
  TAKE_OVER: 'execution.taken_over',
  RELEASE: 'execution.released',
} as const satisfies Record<ClaimKind, string>;

/** Records what `decide` makes of the claim as it stands; nothing where that is null. */
async function change(
  where: Gatehouse,
  asker: Asker,
  asked: { account: string; ticketId: string },
  decide: (trx: Knex.Transaction, found: Found) => Promise<{ kind: ClaimKind; reason: string | null } | null>,
): Promise<ClaimReply> {
  const admitted = await admit(where, asker, asked.account);
  const { operator, at } = admitted;
  return inTransaction(where.db, async (trx) => {
    const ticket = await ticketOfAccount(trx, asked.account, asked.ticketId);
    const { account, ticketId, tradingDay } = ticket;
    await lockTicketOfDay(trx, account, tradingDay);
    const newest = await newestClaim(trx, ticketId);
    const next = await decide(trx, { ticket, admitted, newest });
    if (next === null) return { ticketId, holder: holderAfter(newest), changed: false };
    const claim: ClaimEvent = { claimId: randomUUID(), ticketId, kind: next.kind, operator, at };
    await insertClaim(trx, { ...claim, reason: next.reason, follows: newest?.claimId ?? null });
    const from = holderAfter(newest)?.operator;
    const detail = {
      claimId: claim.claimId,
      ...(next.kind === 'TAKE_OVER' && { from, reason: next.reason }),
      door: asker.door,
      ...claimOf(admitted),
    };
    await appendAudit(trx, { at, account, actor: operator, action: ACTIONS[next.kind], subject: ticketId, detail });
    return { ticketId, holder: holderAfter(claim), changed: true };
  });
}
