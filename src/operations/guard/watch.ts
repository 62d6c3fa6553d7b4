import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import { currentConfiguration } from '../../db/current-configuration.js';
import { unfinishedDays } from '../../db/days.js';
import { finishRun } from '../../db/runs.js';
import { alertsOf, openedAccounts, type OpenedAccount } from '../../db/slots.js';
import { stampOfToday } from '../../domain/day/clock.js';
import { slotStandings, type SlotStanding } from '../../domain/day/slots.js';
import { passedDeadlines, type OpenTicket } from '../../domain/day/deadlines.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { Account, Instant } from '../../domain/types.js';
import type { Alert } from '../../contract/alerts.js';
import { DAY_MESSAGES } from '../../contract/day-messages.js';
import { wellFormed } from '../../contract/reading.js';
import { readWatchInput, type WatchReply, type WatchSlots } from '../../contract/runs.js';
import { recoverAlert } from '../alerts/raise.js';
import { watchBackups } from '../backup/watch.js';
import { oneClock } from '../runs/ask.js';
import { readConfiguration, type Configuration } from '../runs/configuration.js';
import { recordMissed } from '../runs/record-missed.js';
import { leaveForTradingDay, tradingDayInput } from '../day/ask.js';
import { loadSlotFacts, unrecordedStarts } from './watch-facts.js';
import { wishedSchedules } from '../schedules/ensure.js';
import { SCHEDULE_ALERTS, schedulesAmiss } from './watch-schedules.js';
import {
  answeredDeadlines,
  changesOfAlerts,
  DEADLINE_ALERTS,
  deadlineAlert,
  SLOT_ALERTS,
  summaryOf,
} from './watch-alerts.js';

interface WatchDependencies {
  db: Knex;
  /** The machine's clock, which real accounts go by. */
  now(): Instant;
  client: Client;
  taskQueue: string;
  configDir: string;
  dataDir: string;
  raiseAlert(alert: Alert): Promise<void>;
  renderRun(run: { runId: string }): Promise<string[]>;
}

interface Moment {
  at: Instant;
  workflowId: string;
  configuration: Configuration;
}

/** The activity that accounts for every slot and every deadline. */
export function createWatchActivities({
  db,
  now,
  client,
  taskQueue,
  configDir,
  dataDir,
  raiseAlert,
  renderRun,
}: WatchDependencies) {
  /**
   * Finds what every slot since the accounts' opening became, and records once what nobody else did: a slot that never
   * came to a result is MISSED, and each that is late, stopped or missed, and each deadline that a ticket is past, is an
   * alert. May be repeated at any time, also by two at once.
   */
  async function watchSlots(given: WatchSlots): Promise<WatchReply> {
    const { workflowId } = given;
    const { accounts } = wellFormed(readWatchInput(given));
    const configuration = await configurationInForce();
    // An account that the policy names no more has no runs, and nobody who would miss them.
    const kept = (await openedAccounts(db)).filter(({ account }) => account in configuration.policy.accounts);
    const opened = kept.filter(({ account, clock }) =>
      accounts.length > 0 ? accounts.includes(account) : clock === 'real',
    );
    const at = instantOf(opened, given);
    const reply: WatchReply = {
      at,
      accounts: opened.map(({ account }) => account),
      missed: [],
      late: [],
      stopped: [],
      overdue: [],
      backups: [],
    };
    for (const account of opened) await watchAccount(account, reply, { at, workflowId, configuration });
    // Schedules and files are of the machine's own time, whatever the clock of a simulated account says.
    const since = opened
      .filter(({ clock }) => clock === 'real')
      .map(({ openedAt }) => openedAt)
      .toSorted()[0];
    if (since === undefined) return reply;
    await tellSchedules(configuration.policy, at);
    reply.backups = await watchBackups({ db, dataDir, raiseAlert }, { policy: configuration.policy, since, at });
    return reply;
  }

  /**
   * On a real account it is now: a sender's word is refused where it is not of today, and the time that the workflow ran at, which may
   * have waited for its worker, is nobody's word.
   */
  function instantOf(opened: readonly OpenedAccount[], { at, claimed }: WatchSlots): Instant {
    const [real] = oneClock(opened).filter(({ clock }) => clock === 'real');
    return real ? stampOfToday(real, { claimedAt: claimed === true ? at : null, now: now() }).at : at;
  }

  async function watchAccount(account: OpenedAccount, reply: WatchReply, moment: Moment): Promise<void> {
    const facts = await loadSlotFacts(db, client, account, { policy: moment.configuration.policy, now: moment.at });
    const unexplained = slotStandings(facts).find(({ runId, state }) => runId === null && state !== 'UNDER_WAY');
    const unrecorded = unexplained ? await unrecordedStarts(client, facts, unexplained.dueAt) : [];
    const standings = slotStandings({ ...facts, runs: [...facts.runs, ...unrecorded] });
    for (const slot of standings.filter(({ recorded, outcome }) => !recorded && outcome !== null)) {
      await recordOutcome(account.account, slot, moment);
      if (slot.state === 'MISSED') reply.missed.push(`${account.account} ${slot.tradingDay} ${slot.slot}`);
    }
    await closeMissedDays(account, standings, moment);
    await tellSlots(account.account, standings, reply, moment.at);
    await tellDeadlines(account.account, facts.open, reply, moment.at);
  }

  /** Gives a run that will never have a result its outcome, and a slot without any run the record that it was missed. */
  async function recordOutcome(
    account: string,
    slot: SlotStanding,
    { at, workflowId, configuration }: Moment,
  ): Promise<void> {
    const summary = summaryOf(slot);
    const evidence = { dueAt: slot.dueAt, endsAt: slot.endsAt, beganAt: slot.beganAt, failure: slot.failure };
    const runId =
      slot.runId ??
      (await recordMissed(db, { account, ...slot, at, workflowId, summary, evidence }, configuration)).runId;
    if (slot.runId !== null)
      await finishRun(db, slot.runId, slot.outcome as string, summary, { foundAt: at, ...evidence });
    await renderRun({ runId });
  }

  /** A day that was opened and whose 14:00 run was missed has no ticket and waits for nothing any more. */
  async function closeMissedDays(
    account: Account,
    standings: readonly SlotStanding[],
    { at, configuration }: Moment,
  ): Promise<void> {
    const missed = new Set(
      standings
        .filter(({ slot, outcome }) => slot === '1400' && outcome === 'MISSED')
        .map(({ tradingDay }) => tradingDay),
    );
    for (const { account: name, tradingDay } of missed.size > 0 ? await unfinishedDays(db) : []) {
      if (name !== account.account || !missed.has(tradingDay)) continue;
      await leaveForTradingDay(
        client,
        taskQueue,
        tradingDayInput(account, tradingDay, configuration.policy, at),
        DAY_MESSAGES.missed,
        { at },
      );
    }
  }

  async function tellSlots(
    account: string,
    standings: readonly SlotStanding[],
    reply: WatchReply,
    at: Instant,
  ): Promise<void> {
    const changes = changesOfAlerts(account, standings, await alertsOf(db, account, SLOT_ALERTS), at);
    for (const alert of changes.raised) await raiseAlert(alert);
    for (const recovery of changes.recovered) await recoverAlert(db, recovery);
    reply.late.push(...changes.late.map((name) => `${account} ${name}`));
    reply.stopped.push(...changes.stopped.map((name) => `${account} ${name}`));
  }

  /** Schedules that are paused or gone: nothing else would say so until a run is missed. */
  async function tellSchedules(policy: Policy, at: Instant): Promise<void> {
    const wrong = await schedulesAmiss(client, wishedSchedules(policy, taskQueue), at);
    for (const alert of wrong) await raiseAlert(alert);
    for (const { code, subject } of (await alertsOf(db, null, SCHEDULE_ALERTS)).filter(({ recovered }) => !recovered)) {
      if (wrong.some((alert) => alert.code === code && alert.subject === subject)) continue;
      await recoverAlert(db, {
        account: null,
        code: code as Alert['code'],
        subject,
        at,
        message: `Schedule ${subject} is registered and not paused.`,
      });
    }
  }

  async function tellDeadlines(
    account: string,
    open: readonly OpenTicket[],
    reply: WatchReply,
    at: Instant,
  ): Promise<void> {
    const passed = passedDeadlines(open, at);
    reply.overdue.push(
      ...new Set(passed.map(({ tradingDay, ticketId }) => `${account} ${tradingDay}: ticket ${ticketId}`)),
    );
    const told = await alertsOf(db, account, DEADLINE_ALERTS);
    const subjects = new Set(told.map(({ subject }) => subject));
    for (const alert of passed.map((deadline) => deadlineAlert(account, deadline)))
      if (!subjects.has(alert.subject)) await raiseAlert(alert);
    for (const recovery of answeredDeadlines(account, told, open, at)) await recoverAlert(db, recovery);
  }

  /** Policy and universe as they are edited; while they are refused, those of the newest run: the watch must go on. */
  async function configurationInForce(): Promise<Configuration> {
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
