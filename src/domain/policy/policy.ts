import { isNode, isPair, LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { usageError } from '../errors.js';
import { alertsSchema } from './alerts.js';
import { artifactsSchema } from './artifacts.js';
import { backupPolicySchema } from './backup.js';
import { deskSchema } from './desk.js';
import { performancePolicySchema } from './performance.js';
import { schedulesSchema } from './schedules.js';
import { didYouMean, faultLines, type Fault } from './faults.js';
import { bounded, shown } from '../text.js';
import type { Account, TradingMode } from '../types.js';
import { IN_OUR_WORDS } from '../shape-words.js';

const fraction = z.number().min(0).max(1);
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day HH:MM, UK time');
const providerName = z.enum(['csv', 'tiingo', 'alphavantage', 'yahoo', 'sample']);
const fxProviderName = z.enum(['ecb', 'csv', 'tiingo', 'alphavantage', 'yahoo']);

/** One schema for policy.yml: every key is named in config/policy.yml with its meaning. Unknown keys are refused. */
export const policySchema = z
  .strictObject({
    version: z.literal(1),
    accounts: z
      .record(
        z
          .string()
          .regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be lower-case letters, digits and dashes, starting with a letter'),
        z.strictObject({
          base_currency: z.enum(['GBP', 'USD', 'EUR']),
          clock: z.enum(['real', 'simulated']).default('real'),
        }),
      )
      .refine((accounts) => Object.keys(accounts).length > 0, 'must name at least one account'),
    /** Names that runs, reconciliations and confirmations may be signed with. */
    // The key file has * for an installation.
    operators: z
      .array(
        z
          .string()
          .trim()
          .min(1)
          .regex(/^[^*]+$/, 'must have no *'),
      )
      .min(1),
    market_data: z.strictObject({
      provider: providerName,
      second_provider: providerName.nullable().default(null),
      fx_provider: fxProviderName.default('ecb'),
      /**
       * Gives the rate of a day on which the first publishes none. No default, so that a policy without it keeps its
       * hash.
       */
      second_fx_provider: fxProviderName.nullable().optional(),
      /** Drop folder of the csv provider; relative to the data directory. */
      csv_folder: z.string().min(1).default('data/drop'),
      /** Sessions of history wanted before the as-of date on a first fetch. */
      history_sessions: z.number().int().min(70).max(10_000).default(300),
      timeout_seconds: z.number().positive().max(300).default(30),
      max_attempts: z.number().int().min(1).max(10).default(4),
      requests_per_minute: z.number().int().min(1).max(6_000).default(60),
      /** Symbols fetched by one activity. */
      batch_size: z.number().int().min(1).max(500).default(40),
    }),
    /** Exchange closures and early closes announced since this version (NYSE notices), as dates. */
    calendar: z
      .strictObject({
        extra_closures: z.array(z.iso.date()).default([]),
        extra_early_closes: z.array(z.iso.date()).default([]),
      })
      .prefault({}),
    data_quality: z
      .strictObject({
        min_coverage: fraction.default(0.98),
        /** Largest close-to-close move, as a fraction, that needs no split or dividend to explain it. */
        max_jump: z.number().positive().max(10).default(0.35),
        /** Closes of two sources may differ by this fraction. */
        max_source_difference: fraction.default(0.005),
        /**
         * More stocks than this fraction left out for faults are the source's fault; a half when left out, which
         * keeps older hashes.
         */
        max_excluded: fraction.optional(),
        /**
         * Largest move of a rate between two published days; 0.1 when left out, which keeps the hash of older
         * policies.
         */
        max_fx_jump: z.number().positive().max(10).optional(),
        /** The provider's adjusted move may differ from the computed one by this fraction; 0.03 when left out. */
        max_adjustment_difference: z.number().positive().max(10).optional(),
        /** A dividend above this fraction of the previous close is on hold until somebody rules on it. */
        max_dividend_fraction: fraction.default(0.06),
        /** So many identical bars in a row are refused as repeated. */
        max_repeated_bars: z.number().int().min(2).max(20).default(2),
        /** Sessions the gate looks back over. */
        lookback_sessions: z.number().int().min(2).max(500).default(64),
      })
      .prefault({}),
    reconciliation: z
      .strictObject({
        cash_tolerance: z.number().min(0).max(1_000).default(5),
        units_tolerance: z.number().min(0).max(1).default(0.0001),
      })
      .prefault({}),
    trading: z
      .strictObject({
        mode: z.enum(['off', 'dry-run', 'live']).default('off'),
        cadence: z.enum(['weekly', 'daily']).default('weekly'),
        scorer: z.enum(['momentum', 'stub']).default('momentum'),
      })
      .prefault({}),
    risk: z
      .strictObject({
        max_positions: z.number().int().min(1).max(100).default(15),
        max_weight: fraction.default(0.075),
        cash_buffer: fraction.default(0.03),
        max_turnover: fraction.default(0.3),
        max_drawdown: fraction.default(0.2),
      })
      .prefault({}),
    ticket: z
      .strictObject({
        /** Minimum line: the smaller of this amount in base currency and this fraction of the portfolio. */
        min_line_value: z.number().min(0).default(25),
        min_line_fraction: fraction.default(0.01),
        /** eToro's own minimum, in listing currency. */
        broker_min_value: z.number().min(0).default(10),
        slippage_bps: z.number().min(0).max(1_000).default(50),
        /** No default here, for a ticket is known by its policy's content: see `maxPriceDeviationOf`. */
        max_price_deviation: z.number().positive().max(10).optional(),
      })
      .prefault({}),
    deadlines: z
      .strictObject({
        remind_at: z.array(timeOfDay).default(['16:00']),
        escalate_at: timeOfDay.default('20:00'),
      })
      .prefault({}),
    /** No default, so that a policy without it keeps its hash: see `signaturesNeeded`. */
    confirmations: z.strictObject({ signatures: z.literal([1, 2], 'must be 1 or 2').optional() }).optional(),
    /** No default, so that a policy without it keeps its hash: see `isReconciledBlind`. */
    desk: deskSchema.optional(),
    /** No default, so that a policy without it keeps its hash: see `benchmarkMeant`. */
    performance: performancePolicySchema.optional(),
    alerts: alertsSchema,
    artifacts: artifactsSchema,
    schedules: schedulesSchema.prefault({}),
    backup: backupPolicySchema.prefault({}),
  })
  .superRefine((policy, context) => {
    const refuse = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    const { market_data: data, data_quality: quality, deadlines } = policy;
    if (data.second_provider === data.provider)
      refuse(['market_data', 'second_provider'], 'must differ from provider: a source cannot check itself');
    if (data.second_fx_provider === data.fx_provider)
      refuse(
        ['market_data', 'second_fx_provider'],
        'must differ from fx_provider: a source cannot stand in for itself',
      );
    if (data.history_sessions < quality.lookback_sessions)
      refuse(
        ['market_data', 'history_sessions'],
        `must be at least data_quality.lookback_sessions, ${quality.lookback_sessions}`,
      );
    if (deadlines.remind_at.some((time) => time >= deadlines.escalate_at))
      refuse(['deadlines', 'escalate_at'], 'must be later than every deadlines.remind_at');
  });

export type Policy = z.infer<typeof policySchema>;

/**
 * Reads policy.yml. Refuses with exit code 64 and every fault at once, one `file:line: key: value: rule` each: wrong
 * YAML, duplicate and unknown keys, wrong types and ranges. Keys left out get their defaults.
 */
export function parsePolicy(text: string, fileName: string): Policy {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const broken = [...document.errors, ...document.warnings];
  if (broken.length > 0)
    throw refused(
      fileName,
      broken.map((error) =>
        yamlFault(
          error.code === 'DUPLICATE_KEY'
            ? `the key "${wordAt(text, error.pos[0])}" stands twice in one section`
            : error.message,
          lines.linePos(error.pos[0]).line,
        ),
      ),
    );
  const value = plainValue(document, fileName);
  const result = policySchema.safeParse(value, IN_OUR_WORDS);
  if (result.success) return result.data;
  throw refused(
    fileName,
    result.error.issues.flatMap((issue) => faultsOf(issue, document, lines, value)),
  );
}

/** The mode of one run: DRYRUN_TRADES makes any run a dry run, also one that the policy would let trade. */
export const effectiveMode = (policy: Policy, dryRunTrades: boolean): TradingMode =>
  dryRunTrades ? 'dry-run' : policy.trading.mode;

/** The account of that name. Refused with exit code 64 when the policy does not name it. */
export function accountOf(policy: Policy, name: string): Account {
  const account = Object.hasOwn(policy.accounts, name) ? policy.accounts[name] : undefined;
  if (account) return { account: name, baseCurrency: account.base_currency, clock: account.clock };
  const known = Object.keys(policy.accounts);
  throw usageError(
    'ACCOUNT_UNKNOWN',
    `account: ${bounded(name)}: is not in the policy, which names ${known.join(', ')}${didYouMean(name, known)}`,
    { remedy: 'trading-ops account add <name> --base-currency <currency>' },
  );
}

const refused = (fileName: string, faults: Fault[]) =>
  usageError('POLICY_INVALID', faultLines(fileName, faults), {
    remedy: 'mend the lines above; config/policy.yml of the repository explains every key',
  });

const yamlFault = (message: string, line: number): Fault => ({ line, key: 'YAML', value: '', rule: message });

const wordAt = (text: string, offset: number): string =>
  /^["']?([\w-]*)/.exec(text.slice(offset, offset + 80))?.[1] ?? '';

// An alias may be unresolved, or multiply itself beyond the limit: both show only when the value is built.
function plainValue(document: Document, fileName: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw refused(fileName, [yamlFault(error instanceof Error ? error.message : String(error), 1)]);
  }
}

function faultsOf(issue: z.core.$ZodIssue, document: Document, lines: LineCounter, value: unknown): Fault[] {
  const at = (path: PropertyKey[]) => ({
    line: lineOf(path, document, lines),
    key: path.join('.'),
    value: shown(valueAt(value, path)),
  });
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(issue.path);
    return issue.keys.map((key) => ({
      ...at([...issue.path, key]),
      rule: `is not a key of the policy${didYouMean(key, known)}`,
    }));
  }
  if (issue.code === 'invalid_key') return [{ ...at(issue.path), rule: issue.issues[0]?.message ?? issue.message }];
  const found = at(issue.path);
  return [{ ...found, rule: found.value === null && issue.code !== 'custom' ? 'is required' : issue.message }];
}

/** Line of the key at the path, or of the nearest section that is there. */
function lineOf(path: PropertyKey[], document: Document, lines: LineCounter): number {
  for (let depth = path.length; depth > 0; depth--) {
    const section: unknown = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    const name = path[depth - 1];
    const items: unknown[] = isNode(section) && 'items' in section ? section.items : [];
    const item =
      typeof name === 'number' ? items[name] : items.find((pair) => isPair(pair) && String(pair.key) === String(name));
    const start = isPair(item) && isNode(item.key) ? item.key : item;
    if (isNode(start) && start.range) return lines.linePos(start.range[0]).line;
  }
  return 1;
}

const valueAt = (value: unknown, path: PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );

/** The keys that the schema knows at a path, read off a complete policy: names of accounts are the operator's own. */
function keysAt(path: PropertyKey[]): string[] {
  const complete = policySchema.parse({
    version: 1,
    accounts: { any: { base_currency: 'GBP' } },
    operators: ['any'],
    market_data: { provider: 'csv' },
  });
  const section = valueAt(
    complete,
    path.map((key, i) => (i === 1 && path[0] === 'accounts' ? 'any' : key)),
  );
  return typeof section === 'object' && section !== null ? Object.keys(section) : [];
}

/** How many people must sign a confirmation before it counts, where the policy does not say. */
const SIGNATURES = 1;
export const signaturesNeeded = ({ confirmations }: Pick<Policy, 'confirmations'>): number =>
  confirmations?.signatures ?? SIGNATURES;

/** Whether the desk hides the ledger's units until those of eToro are typed; not where the policy does not say. */
export const isReconciledBlind = ({ desk }: Pick<Policy, 'desk'>): boolean => desk?.reconcile === 'blind';

/** A fill whose price is further than this fraction from the reference is a deviation, whatever the skip price. */
const MAX_PRICE_DEVIATION = 0.1;
export const maxPriceDeviationOf = ({ ticket }: Pick<Policy, 'ticket'>): number =>
  ticket.max_price_deviation ?? MAX_PRICE_DEVIATION;
