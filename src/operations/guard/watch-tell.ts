import type { Alert } from '../../contract/alerts.js';
import type { WatchReply } from '../../contract/runs.js';
import { alertsOf } from '../../db/slots.js';
import { passedDeadlines, type OpenTicket } from '../../domain/day/deadlines.js';
import type { SlotStanding } from '../../domain/day/slots.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { Instant } from '../../domain/types.js';
import { recoverAlert } from '../alerts/raise.js';
import { tellAlert } from '../alerts/tell.js';
import { wishedSchedules } from '../schedules/ensure.js';
import { answeredDeadlines, changesOfAlerts, DEADLINE_ALERTS, deadlineAlert, SLOT_ALERTS } from './watch-alerts.js';
import { SCHEDULE_ALERTS, schedulesAmiss } from './watch-schedules.js';
import type { Watcher } from './watcher.js';

/** Raises what is wrong with the slots now, and says what is well again. */
export async function tellSlots(
  watcher: Watcher,
  account: string,
  standings: readonly SlotStanding[],
  reply: WatchReply,
  at: Instant,
): Promise<void> {
  const { db } = watcher;
  const changes = changesOfAlerts(account, standings, await alertsOf(db, account, SLOT_ALERTS), at);
  for (const alert of changes.raised) await tellAlert(watcher, alert);
  for (const recovery of changes.recovered) await recoverAlert(db, recovery);
  reply.late.push(...changes.late.map((name) => `${account} ${name}`));
  reply.stopped.push(...changes.stopped.map((name) => `${account} ${name}`));
}

/** Schedules that are paused or gone: nothing else would say so until a run is missed. */
export async function tellSchedules(watcher: Watcher, policy: Policy, at: Instant): Promise<void> {
  const { db, client, taskQueue } = watcher;
  const wrong = await schedulesAmiss(client, wishedSchedules(policy, taskQueue), at);
  for (const alert of wrong) await tellAlert(watcher, alert);
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

/** Raises the deadlines that are past, and says which are answered. */
export async function tellDeadlines(
  watcher: Watcher,
  account: string,
  open: readonly OpenTicket[],
  reply: WatchReply,
  at: Instant,
): Promise<void> {
  const { db } = watcher;
  const passed = passedDeadlines(open, at);
  reply.overdue.push(
    ...new Set(passed.map(({ tradingDay, ticketId }) => `${account} ${tradingDay}: ticket ${ticketId}`)),
  );
  const told = await alertsOf(db, account, DEADLINE_ALERTS);
  const subjects = new Set(told.map(({ subject }) => subject));
  for (const alert of passed.map((deadline) => deadlineAlert(account, deadline)))
    if (!subjects.has(alert.subject)) await tellAlert(watcher, alert);
  for (const recovery of answeredDeadlines(account, told, open, at)) await recoverAlert(db, recovery);
}
