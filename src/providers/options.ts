import type { Policy } from '../domain/policy/policy.js';

/** What every provider may need. */
export interface ProviderOptions {
  policy: Policy;
  dataDir: string;
  /** Keys (TIINGO_API_KEY, ALPHAVANTAGE_API_KEY) and, for tests, other addresses (TRADING_OPS_TIINGO_URL and the like). */
  env: NodeJS.ProcessEnv;
  now: () => Date;
}
