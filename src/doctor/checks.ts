import { alertChecks } from './alerts.js';
import { backupChecks } from './backups.js';
import { clockChecks } from './clock.js';
import { configurationChecks } from './configuration.js';
import { databaseChecks } from './database.js';
import { dayChecks } from './day.js';
import { diskChecks } from './disk.js';
import type { Check } from './finding.js';
import { keyChecks } from './keys.js';
import { portChecks } from './ports.js';
import { scheduleChecks } from './schedules.js';
import { versionChecks } from './versions.js';

/** Everything the doctor looks at, in the order of the report. */
export const CHECKS: readonly Check[] = [
  ...versionChecks,
  ...portChecks,
  ...diskChecks,
  ...clockChecks,
  ...databaseChecks,
  ...configurationChecks,
  ...keyChecks,
  ...scheduleChecks,
  ...backupChecks,
  ...alertChecks,
  ...dayChecks,
];
