import type { DayView } from '../../domain/day/state.js';
import { nextSession, type CalendarAdditions } from '../../domain/calendar/calendar.js';
import { nextProposal, type StoredExplanation } from '../../domain/reconciliation/proposal.js';
import type { Account, Instant, IsoDate, Slot } from '../../domain/types.js';
import { commandOf, nextReconcile, ofAccount, runsOfAccount, type Who } from '../commands.js';
import { nextOf } from './catalogue.js';

/*
 * What is typed next, by where things stand: read off the catalogue, so that every door says the same.
 */

/** After a reconciliation that passed. @param waitsFor the run that the day waits for */
export const nextOfReconciled = (tradingDay: IsoDate, waitsFor: Slot, account: string): string => {
  const ticket = nextOf('RECONCILED') ?? '';
  const next = waitsFor === '0800' ? `make run-0800 for the prices of ${tradingDay}, then ${ticket}` : ticket;
  return runsOfAccount(next, account);
};

/** On a day without a session: no run opens a day before the next one. */
export const nextOfClosed = (today: IsoDate, calendar: CalendarAdditions, account: string): string =>
  `on ${nextSession(today, calendar)}, the next session: ${nextOfNone(account)} (trading-ops schedules show)`;

/** Where no day was opened yet. */
export const nextOfNone = (account: string): string => runsOfAccount('make run-0800', account);

/** After one that failed: what is certain, never one of several ways, and never a baseline. */
export function nextOfDrift(explanations: readonly StoredExplanation[], who: Who, at: Instant): string {
  const earlier = explanations.flatMap((each) => ('command' in each && each.command !== null ? [each.command] : []))[0];
  const proposal = nextProposal(explanations);
  if (proposal?.kind === 'READ_AGAIN') return `read eToro again, then: ${commandOf(proposal, who, at)}`;
  if (proposal) return commandOf(proposal, who, at);
  return (
    earlier ??
    (explanations.some(({ way }) => way !== undefined)
      ? "look in eToro's history which of the ways it was, book that one, and reconcile again"
      : 'find out what differs, book it, and reconcile again')
  );
}

/**
 * On a day that stands like that. @param waitsFor the run that it waits for, where it is reconciled
 * @param owner the account whose day it is; another than `main` is named, or main would be asked for
 */
export function nextOfDay({ state, ticket, tradingDay }: DayView, waitsFor: Slot, owner: Account): string {
  switch (state) {
    case 'open':
      return nextReconcile(owner);
    case 'reconciled':
      return nextOfReconciled(tradingDay, waitsFor, owner.account);
    case 'ticketed':
      return nextOfTicket({ kind: ticket?.kind ?? 'NO_TRADE', account: owner.account });
    default:
      return ofAccount(nextOf(state.toUpperCase()) ?? '', owner.account);
  }
}

/** Of a TRADE that was not decided on what is stored: what differs is looked at, and nothing is placed. */
export const nextOfGroundless = (ticketId: string): string => `trading-ops ticket verify ${ticketId}`;

/** Of a ticket of an earlier day that waits for its answer, or for a signature: its own lines say for which. */
export const nextOfOlder = (ticketId: string): string => `trading-ops ticket show ${ticketId}`;

/** Of a ticket that waits for its answer; one of another account than `main` names it, or main's would be answered. */
export const nextOfTicket = ({ kind, account }: { kind: 'TRADE' | 'NO_TRADE'; account: string }): string =>
  `${nextOf(kind) ?? ''}${account === 'main' ? '' : ` -- --account ${account}`}`;
