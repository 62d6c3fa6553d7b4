import { z } from 'zod';

const fraction = z.number().min(0).max(1);
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day HH:MM, UK time');
const providerName = z.enum(['csv', 'tiingo', 'alphavantage', 'yahoo', 'sample']);

/** One schema for policy.yml: every key is named in config/policy.yml with its meaning. Unknown keys are refused. */
export const policySchema = z.strictObject({
  version: z.literal(1),
  accounts: z.record(
    z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be lower-case letters, digits and dashes, starting with a letter'),
    z.strictObject({ base_currency: z.enum(['GBP', 'USD', 'EUR']), clock: z.enum(['real', 'simulated']).default('real') }),
  ),
  /** Names that runs, reconciliations and confirmations may be signed with. */
  operators: z.array(z.string().trim().min(1)).min(1),
  market_data: z.strictObject({
    provider: providerName,
    second_provider: providerName.nullable().default(null),
    fx_provider: z.enum(['ecb', 'csv', 'tiingo', 'alphavantage', 'yahoo']).default('ecb'),
    /** Drop folder of the csv provider; relative to the data directory. */
    csv_folder: z.string().min(1).default('data/drop'),
    /** Sessions of history wanted before the as-of date on a first fetch. */
    history_sessions: z.number().int().min(70).max(10_000).default(300),
    timeout_seconds: z.number().positive().max(300).default(30),
    max_attempts: z.number().int().min(1).max(10).default(4),
    requests_per_minute: z.number().int().min(1).max(6_000).default(60),
    /** Symbols fetched by one activity. */
    batch_size: z.number().int().min(1).max(500).default(8),
  }),
  /** Exchange closures and early closes announced since this version (NYSE notices), as dates. */
  calendar: z.strictObject({
    extra_closures: z.array(z.iso.date()).default([]),
    extra_early_closes: z.array(z.iso.date()).default([]),
  }).prefault({}),
  data_quality: z.strictObject({
    min_coverage: fraction.default(0.98),
    /** Largest close-to-close move, as a fraction, that needs no split or dividend to explain it. */
    max_jump: z.number().positive().max(10).default(0.35),
    /** Closes of two sources may differ by this fraction. */
    max_source_difference: fraction.default(0.005),
    /** A dividend above this fraction of the previous close is held for review. */
    max_dividend_fraction: fraction.default(0.06),
    /** So many identical bars in a row are refused as repeated. */
    max_repeated_bars: z.number().int().min(2).max(20).default(2),
    /** Sessions the gate looks back over. */
    lookback_sessions: z.number().int().min(2).max(500).default(64),
  }).prefault({}),
  reconciliation: z.strictObject({
    cash_tolerance: z.number().min(0).max(1_000).default(5),
    units_tolerance: z.number().min(0).max(1).default(0.0001),
  }).prefault({}),
  trading: z.strictObject({
    mode: z.enum(['off', 'dry-run', 'live']).default('off'),
    cadence: z.enum(['weekly', 'daily']).default('weekly'),
    scorer: z.enum(['momentum', 'stub']).default('momentum'),
  }).prefault({}),
  risk: z.strictObject({
    max_positions: z.number().int().min(1).max(100).default(15),
    max_weight: fraction.default(0.075),
    cash_buffer: fraction.default(0.03),
    max_turnover: fraction.default(0.3),
    max_drawdown: fraction.default(0.2),
  }).prefault({}),
  ticket: z.strictObject({
    /** Minimum line: the smaller of this amount in base currency and this fraction of the portfolio. */
    min_line_value: z.number().min(0).default(25),
    min_line_fraction: fraction.default(0.01),
    /** eToro's own minimum, in listing currency. */
    broker_min_value: z.number().min(0).default(10),
    slippage_bps: z.number().min(0).max(1_000).default(50),
  }).prefault({}),
  deadlines: z.strictObject({
    remind_at: z.array(timeOfDay).default(['16:00']),
    escalate_at: timeOfDay.default('20:00'),
  }).prefault({}),
});

export type Policy = z.infer<typeof policySchema>;
