import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import { currentConfiguration } from '../db/current-configuration.js';
import { finishRun } from '../db/runs.js';
import { openedAccounts, type OpenedAccount } from '../db/slots.js';
import { londonTime } from '../domain/calendar.js';
import { LATE_AFTER_MINUTES, minutesBetween, slotStandings, type SlotStanding } from '../domain/slots.js';
import { passedDeadlines, type PassedDeadline } from '../domain/ticket-deadlines.js';
import type { Instant } from '../domain/types.js';
import type { WatchReply } from '../workflows/messages.js';
import type { Alert } from './alerts.js';
import { readConfiguration, type Configuration } from './configuration.js';
import { recordMissed } from './slot-records.js';
import { failedStarts, loadSlotFacts } from './watch-facts.js';

export interface WatchSlots {
  /** Now, by the accounts' clock. */
  at: Instant;
  /** Names of accounts; empty means all whose clock is real. */
  accounts: string[];
  workflowId: string;
}

type Raise = (alert: Alert) => Promise<void>;

/** The activity that accounts for every slot and every deadline. */
export function createWatchActivities({ db, client, configDir, raiseAlert, renderRun }: {
  db: Knex; client: Client; configDir: string; raiseAlert: Raise; renderRun(run: { runId: string }): Promise<string[]>;
}) {
  /**
   * Finds what every slot since the accounts' opening became, and records once what nobody else did: a slot that never
   * ran is MISSED, and each that is late, stopped or missed, and each deadline that a ticket is past, is an alert.
   */
  async function watchSlots({ at, accounts, workflowId }: WatchSlots): Promise<WatchReply> {
    const configuration = await configurationInForce();
    const opened = (await openedAccounts(db)).filter(({ account, clock }) => (accounts.length > 0 ? accounts.includes(account) : clock === 'real'));
    const reply: WatchReply = { at, accounts: opened.map(({ account }) => account), missed: [], late: [], stopped: [], overdue: [] };
    if (!configuration) return reply;
    for (const account of opened) await watchAccount(account, reply, { at, workflowId, configuration });
    return reply;
  }

  async function watchAccount(account: OpenedAccount, reply: WatchReply, { at, workflowId, configuration }: { at: Instant; workflowId: string; configuration: Configuration }): Promise<void> {
    const facts = await loadSlotFacts(db, client, account, { policy: configuration.policy, now: at });
    const without = slotStandings(facts).filter(({ runId, state }) => runId === null && state !== 'UNDER_WAY');
    const failed = without[0] ? (await failedStarts(client, without[0].dueAt)).filter((start) => start.account === null || start.account === account.account) : [];
    for (const slot of slotStandings({ ...facts, runs: [...facts.runs, ...failed] })) {
      await accountForSlot(account.account, slot, reply, { at, workflowId, configuration });
    }
    for (const deadline of passedDeadlines(facts.open, at)) {
      reply.overdue.push(`${account.account} ${deadline.tradingDay}: ticket ${deadline.ticketId}`);
      await raiseAlert(deadlineAlert(account.account, deadline));
    }
  }

  async function accountForSlot(account: string, slot: SlotStanding, reply: WatchReply, { at, workflowId, configuration }: { at: Instant; workflowId: string; configuration: Configuration }): Promise<void> {
    const name = `${account} ${slot.tradingDay} ${slot.slot}`;
    if (isLate(slot, at)) {
      reply.late.push(name);
      await raiseAlert(lateAlert(account, slot, at));
    }
    if (slot.state === 'STOPPED' || (slot.failure !== null && !slot.recorded)) {
      reply.stopped.push(name);
      await raiseAlert(stoppedAlert(account, slot, at));
    }
    if (slot.recorded || slot.outcome === null) return;
    const summary = missedSummary(slot);
    const evidence = { dueAt: slot.dueAt, endsAt: slot.endsAt, beganAt: slot.beganAt, failure: slot.failure };
    const runId = slot.runId ?? (await recordMissed(db, { account, ...slot, at, workflowId, summary, evidence }, configuration)).runId;
    if (slot.runId !== null) await finishRun(db, slot.runId, slot.outcome, summary, { foundAt: at, ...evidence });
    await renderRun({ runId });
    if (slot.state !== 'MISSED') return;
    reply.missed.push(name);
    await raiseAlert({ account, tradingDay: slot.tradingDay, code: 'RUN_MISSED', subject: `${slot.tradingDay}/${slot.slot}`, at: slot.endsAt, message: summary });
  }

  /** Policy and universe as they are edited; while they are refused, those of the newest run: the watch must go on. */
  async function configurationInForce(): Promise<Configuration | null> {
    try {
      return await readConfiguration(configDir);
    } catch (error) {
      const stored = await currentConfiguration(db);
      if (stored) return stored;
      throw error;
    }
  }

  return { watchSlots };
}

const SLOT_NAMES = { '0800': '08:00', '1400': '14:00' } as const;
const nameOf = ({ tradingDay, slot }: Pick<SlotStanding, 'tradingDay' | 'slot'>): string => `the ${SLOT_NAMES[slot]} run of ${tradingDay}`;

/** Whether it should have begun and has not, or began late. */
function isLate({ state, beganAt, dueAt }: SlotStanding, now: Instant): boolean {
  if (state === 'MISSED') return false;
  return minutesBetween(dueAt, beganAt ?? now) >= LATE_AFTER_MINUTES;
}

function lateAlert(account: string, slot: SlotStanding, at: Instant): Alert {
  const message = slot.beganAt === null
    ? `${nameOf(slot)} has not begun at ${londonTime(at)} UK time; a late one makes sense until ${londonTime(slot.endsAt)}`
    : `${nameOf(slot)} began ${minutesBetween(slot.dueAt, slot.beganAt)} minutes late, at ${londonTime(slot.beganAt)} UK time`;
  return { account, tradingDay: slot.tradingDay, code: 'RUN_LATE', subject: `${slot.tradingDay}/${slot.slot}`, at: slot.dueAt, message };
}

function stoppedAlert(account: string, slot: SlotStanding, at: Instant): Alert {
  const why = slot.failure ?? `no result ${minutesBetween(slot.beganAt ?? slot.dueAt, at)} minutes after it began`;
  return { account, tradingDay: slot.tradingDay, code: 'RUN_STOPPED', subject: slot.runId ?? `${slot.tradingDay}/${slot.slot}`, at: slot.dueAt, message: `${nameOf(slot)} stopped: ${why}` };
}

function missedSummary(slot: SlotStanding): string {
  if (slot.outcome !== 'MISSED') return `${nameOf(slot)} stopped after its ticket was issued: ${slot.failure ?? 'it has no result'}`;
  const what = slot.beganAt === null ? 'never began' : `stopped: ${slot.failure ?? 'it has no result'}`;
  return `${nameOf(slot)} ${what}; a late one made sense until ${londonTime(slot.endsAt)} UK time`;
}

const deadlineAlert = (account: string, { ticketId, tradingDay, kind, code, dueAt }: PassedDeadline): Alert => ({
  account, tradingDay, code, subject: ticketId, at: dueAt, message: `Still waiting for confirmation of ${kind} ticket ${ticketId} of ${tradingDay}, due at ${londonTime(dueAt)} UK time.`,
});
