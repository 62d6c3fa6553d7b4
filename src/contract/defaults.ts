import { US_WITHHOLDING } from '../domain/ledger/withholding.js';
import { PESSIMISTIC } from '../domain/walk/costs.js';

/**
 * What is meant where nobody says: the schemas have it from here, and so have the texts of `--help`, which are built
 * before anything else is loaded.
 */
export const DEFAULTS = {
  /** Tax kept back of a dividend, a fraction. */
  withholding: US_WITHHOLDING,
  /** The book that is looked at. */
  book: 'ledger',
  /** The clock of a new account. */
  clock: 'real',
  /** Cash at the simulated broker on the first day, in base currency. */
  simulatedCash: '50000',
  /** What the broker of a walk in memory fills worse than the open and the day's rate, basis points. */
  slippageBps: PESSIMISTIC.slippageBps,
  fxSpreadBps: PESSIMISTIC.fxSpreadBps,
  /** How many are listed. */
  runs: 10,
  tickets: 10,
  alertsOfAccount: 10,
  alertsOfAll: 50,
  entries: 20,
  statements: 10,
  logLines: 40,
  /** How far back values are looked at. */
  range: '3m',
  /** How far back an account's performance is looked at. */
  performanceRange: 'all',
  /** The same on the desk's page, which is looked at every day. */
  performancePageRange: 'ytd',
} as const;
