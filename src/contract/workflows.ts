import type { IsoDate } from '../domain/types.js';

/** Every workflow by name, so that a door can speak to one without loading the workflow SDK. */
export const WORKFLOWS = {
  tradingDay: 'tradingDay',
  morningRun: 'morningRun',
  afternoonRun: 'afternoonRun',
  opsRun: 'opsRun',
  deliverAlert: 'deliverAlert',
  pingSlot: 'pingSlot',
  watch: 'watch',
  databaseBackup: 'databaseBackup',
  restoreTest: 'restoreTest',
} as const;

/** The workflow id of a trading day: the operator's handle, and the key that makes it one. */
export const tradingDayId = (account: string, tradingDay: IsoDate): string => `trading-day/${account}/${tradingDay}`;

/**
 * The task queue of activities that wait for another workflow's answer. On the common queue eight of them would take
 * every place of a worker, and the activities that they wait for could never run.
 */
export const waitingQueue = (taskQueue: string): string => `${taskQueue}-waiting`;

/** The task queue of pg_dump and of whatever reads whole backups: one at a time. */
export const backupQueue = (taskQueue: string): string => `${taskQueue}-backup`;
