import type { Knex } from 'knex';
import { gateFindings } from '../db/gates.js';
import { journal, ledgerState } from '../db/journal.js';
import { findTicket } from '../db/tickets.js';
import { londonInstant } from '../domain/calendar/calendar.js';
import type { FillsTicket } from '../domain/confirmation/ticket.js';
import type { BookedEntry } from '../domain/ledger/sums.js';
import type { Policy } from '../domain/policy/policy.js';
import type { IsoDate, LedgerState, Reason } from '../domain/types.js';
import { fillsTicket } from '../operations/day/check-answer.js';
import { brokenInvariants, type AuditHead } from '../operations/guard/invariants.js';

/** What stands in the system that is driven: the simulation looks at it, and changes it by its hands alone. */
export interface Standing {
  /** What the data-quality gate of a run found, whether or not it stopped the day. */
  findings(runId: string): Promise<readonly Reason[]>;
  /** The account's ledger, in booking order. */
  entries(): Promise<readonly BookedEntry[]>;
  /** What its entries sum to. */
  ledger(): Promise<Pick<LedgerState, 'cash' | 'units'>>;
  /** A ticket as its fills are checked against it; null where none of that id was issued. */
  ticket(ticketId: string): Promise<FillsTicket | null>;
  /** The invariants that are broken after a day, a line each. */
  brokenAfter(day: { tradingDay: IsoDate; isLast: boolean; isWatched: boolean }): Promise<string[]>;
}

/** The same of an installation, as its database has it. */
export function standingIn(
  db: Knex,
  { account, policy, universe }: { account: string; policy: Policy; universe: readonly string[] },
): Standing {
  let known: AuditHead | null = null;
  return {
    findings: (runId) => gateFindings(db, runId, 'data_quality'),
    entries: () => journal(db, account),
    ledger: () => ledgerState(db, account),
    ticket: async (ticketId) => {
      const stored = await findTicket(db, ticketId);
      return stored ? fillsTicket(db, stored) : null;
    },
    brokenAfter: async ({ tradingDay, isLast, isWatched }) => {
      const { violations, head } = await brokenInvariants(db, {
        universe,
        known,
        ...(isLast && { facts: 'all' as const }),
        ...(isWatched && { slots: [{ account, policy, now: londonInstant(tradingDay, '21:00') }] }),
      });
      known = head;
      return violations.map(({ invariant, subject, problem }) => `${invariant}: ${subject}: ${problem}`);
    },
  };
}
