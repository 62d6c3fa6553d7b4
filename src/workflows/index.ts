/** Every workflow, exported from one place: this is the file the worker bundles. */
export { afternoonRun } from './afternoon-run.js';
export { databaseBackup } from './database-backup.js';
export { deliverAlert } from './deliver-alert.js';
export { morningRun } from './morning-run.js';
export { opsRun } from './ops-run.js';
export { pingSlot } from './ping-slot.js';
export { restoreTest } from './restore-test.js';
export { tradingDay } from './trading-day.js';
export { watch } from './watch.js';
