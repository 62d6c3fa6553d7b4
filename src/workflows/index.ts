/** Every workflow, exported from one place: this is the file the worker bundles. */
export { afternoonRun, morningRun, opsRun } from './runs.js';
export { tradingDay } from './trading-day.js';
