import { openAlertCodes } from '../../db/alerts.js';
import { newestBackup } from '../../db/backups.js';
import { newestReconciliation, type Reconciliation } from '../../db/reconciliations.js';
import { ask } from '../../db/questions.js';
import { snapshotDateQuestion } from '../../db/snapshots.js';
import { newestRunOfSlot } from '../../db/slots.js';
import { sideBySide } from '../../db/transaction.js';
import { unconfirmedTickets, type StoredTicket } from '../../db/tickets.js';
import { ordersStand, type OrdersStand } from '../../domain/confirmation/orders.js';
import { tradingDayOf } from '../../domain/calendar/calendar.js';
import { issuedEarly } from '../../domain/decision/early.js';
import type { DayView } from '../../domain/day/state.js';
import { rehearsalStep, type RehearsalStep } from '../../domain/day/rehearsal.js';
import { effectiveMode, type Policy } from '../../domain/policy/policy.js';
import { outcomeOf, type Outcome, type Refusal } from '../../domain/errors.js';
import type { Account, Instant, IsoDate } from '../../domain/types.js';
import { newestClaim } from '../../db/claims.js';
import { holderAfter, type Holder } from '../../domain/confirmation/claim.js';
import { killSwitchStands } from '../guard/kill-switch-standing.js';
import type { Gatehouse } from '../installation.js';
import { nextStep } from './next-step.js';
import type { OlderTicket } from './older-ticket.js';
import { uncountedAnswers, type UncountedAnswer } from './uncounted-answers.js';
import { judgedAnswers, type UnprovedAnswer } from './unproved-answers.js';
import { groundlessAmong } from './verify-tickets.js';

/** A run of the day, as far as it has come; undefined while there is none. */
type RunOfSlot = Awaited<ReturnType<typeof newestRunOfSlot>>;

/** Everything that is to be seen of an account's day at a glance. */
export interface Today {
  /** The day that is shown: the newest that was opened, or the account's own today before there is one. */
  tradingDay: IsoDate;
  /** Where it stands; null before the first day is opened. */
  view: DayView | null;
  /** Why there is nothing to be seen yet; null when there is. */
  notYet: Refusal | null;
  /** What is done next, as `trading-ops day` has it. */
  next: string;
  /** What a rehearsal does next; null on the real clock, and while a person is to act. */
  rehearsal: RehearsalStep | null;
  mode: 'off' | 'dry-run' | 'live';
  killSwitch: { engaged: boolean; reason: string | null };
  morning: RunOfSlot;
  afternoon: RunOfSlot;
  ticket: StoredTicket | undefined;
  /** Why none of its orders is to be placed, for it was not decided on what is stored; null where it was. */
  groundless: string | null;
  /** The entry booked after the day's reconciliation, which counts no longer; null where none was. */
  bookedSince: number | null;
  /** What is said before its first order; nothing once it has its answer. */
  warnings: string[];
  /** The day's newest comparison with the broker; null before there is one. */
  reconciliation: Reconciliation | null;
  /** The ticket of an earlier day that comes before everything; null where there is none. */
  older: OlderTicket | null;
  /** How the orders of a TRADE that waits for its answer stand; null where there are none. */
  orders: OrdersStand | null;
  /** Who executes it; null where nobody has claimed it. */
  holder: Holder | null;
  /** Why the answer to it does not count; null where it does, or there is none, or nobody can say so. */
  unproved: UnprovedAnswer | null;
  /** Who has signed it with a key of their own. */
  signers: string[];
  /** Tickets of other days that still wait for their answer, oldest first; of some no order is to be placed. */
  unanswered: (StoredTicket & { isGroundless: boolean })[];
  /** Those that have one which does not count; a refusal while nobody can say so. */
  uncounted: Outcome<UncountedAnswer[]>;
  /** How many alerts wait for somebody by code, that of the newest first. */
  alerts: Awaited<ReturnType<typeof openAlertCodes>>;
  backup: { file: string; takenAt: Instant } | null;
}

/** An account's day as it is stored: no workflow is asked, so that it can be read while Temporal is away. */
export async function readToday(
  place: Gatehouse,
  { account, at, policy, dryRun }: { account: Account; at: Instant; policy: Policy; dryRun: boolean },
): Promise<Today> {
  const { db } = place;
  const stored = { ...place, askServer: () => Promise.resolve(null) };
  const stands = await nextStep(stored, { account, at, policy });
  const tradingDay = stands.ok ? stands.result.view.tradingDay : tradingDayOf(at);
  const ticket = stands.ok ? stands.result.ticket : undefined;
  const name = account.account;
  const [morning, afternoon, unanswered, uncounted, alerts, backup, killSwitch, compared] = await sideBySide(
    db,
    () => newestRunOfSlot(db, name, { tradingDay, slot: '0800' }),
    () => newestRunOfSlot(db, name, { tradingDay, slot: '1400' }),
    () => unconfirmedTickets(db, name),
    () => uncountedAnswers(place, { account: name, tradingDay, policy }),
    () => openAlertCodes(db),
    () => newestBackup(db),
    () => killSwitchStands(place, name),
    () => newestReconciliation(db, name),
  );
  const snapshotDate =
    ticket && !ticket.confirmed ? await ask(db, snapshotDateQuestion(db, ticket.material.snapshotId)) : null;
  const groundlessWhy = stands.ok ? stands.result.groundless : null;
  const older = unanswered.filter((each) => each.tradingDay !== tradingDay);
  const groundless = await groundlessAmong(db, older);
  const judged = ticket?.confirmed ? await outcomeOf(() => judgedAnswers(place, [ticket.ticketId], policy)) : null;
  const answer = judged?.ok && ticket ? judged.result.get(ticket.ticketId) : undefined;
  return {
    unproved: answer?.why ?? null,
    signers: answer?.signers ?? [],
    groundless: groundlessWhy,
    older: stands.ok ? stands.result.older : null,
    bookedSince: stands.ok ? stands.result.bookedSince : null,
    warnings: (ticket && issuedEarly({ ...ticket, snapshotDate })) ?? [],
    orders: ordersOf(ticket, at, { isStopped: killSwitch.engaged, isGroundless: groundlessWhy !== null }),
    holder: ticket && !ticket.confirmed ? holderAfter(await newestClaim(db, ticket.ticketId)) : null,
    tradingDay,
    view: stands.ok ? stands.result.view : null,
    notYet: stands.ok ? null : stands.refusal,
    next: stands.ok ? stands.result.next : (stands.refusal.remedy ?? 'trading-ops day'),
    rehearsal:
      account.clock === 'real' || (stands.ok && stands.result.bookedSince !== null)
        ? null
        : rehearsalStep(stands.ok ? dayOf(stands.result.view) : null, at, policy.calendar),
    mode: effectiveMode(policy, dryRun),
    killSwitch,
    morning,
    afternoon,
    ticket,
    reconciliation: compared?.tradingDay === tradingDay ? compared : null,
    unanswered: older.map((each) => ({ ...each, isGroundless: groundless.has(each.ticketId) })),
    uncounted,
    alerts,
    backup,
  };
}

/** @param at now, where its account is */
const ordersOf = (ticket: StoredTicket | undefined, at: Instant, why: Parameters<typeof ordersStand>[2]) =>
  ticket?.kind === 'TRADE' && !ticket.confirmed ? ordersStand(ticket, at, why) : null;

const dayOf = ({ tradingDay, state, ticket }: DayView) => ({ tradingDay, state, isTrade: ticket?.kind === 'TRADE' });
