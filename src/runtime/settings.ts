import { resolve } from 'node:path';
import { z } from 'zod';
import { usageError } from '../domain/errors.js';
import { repositoryRoot } from './paths.js';
import { databaseUrl, readRecord } from './record.js';
import { IN_OUR_WORDS } from '../domain/shape-words.js';

/** Where an installation is and how it reaches its services, as the environment says it. */
export interface Settings {
  /** Absolute path of the data directory (TRADING_OPS_DATA). */
  dataDir: string;
  /** Absolute path of the directory with policy.yml and universe.csv (TRADING_OPS_CONFIG). */
  configDir: string;
  /** The application's login (DATABASE_URL); unset means the local cluster. */
  databaseUrl?: string;
  /** The login that owns the schema (DATABASE_OWNER_URL); unset means DATABASE_URL, or the local cluster. */
  ownerDatabaseUrl?: string;
  /**
   * What runs the services (TRADING_OPS_RUNTIME); unset means what this installation was started with, at first
   * `local`.
   */
  runtime: 'local' | 'compose';
  logLevel: string;
  /** The simulated instant, ISO 8601 with offset (TRADING_OPS_AT). */
  at?: string;
  dryRunTrades: boolean;
  /** host:port of Temporal (TEMPORAL_ADDRESS); unset means a profile, or the local server. */
  temporalAddress?: string;
  /** Temporal's own profile or configuration file, when the environment names one. */
  temporalProfile?: { profile?: string; file?: string };
  temporalNamespace: string;
  taskQueue: string;
  /**
   * Port of loopback on which the worker shows Temporal's own metrics (TRADING_OPS_METRICS_PORT); unset means nowhere.
   */
  metricsPort?: number;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
const TRUE_WORDS = ['true', '1', 'yes', 'on'];
const FALSE_WORDS = ['false', '0', 'no', 'off'];

const postgresUrl = z
  .string()
  .refine(
    (text) => ['postgres:', 'postgresql:'].includes(protocolOf(text)),
    'must be a postgres:// or postgresql:// URL',
  );
const flag = z
  .string()
  .transform((text) => text.toLowerCase())
  .refine((text) => [...TRUE_WORDS, ...FALSE_WORDS].includes(text), 'must be true or false')
  .transform((text) => TRUE_WORDS.includes(text));
const path = z.string().refine((text) => !text.includes('\0'), 'must be a path');

const Environment = z.object({
  TRADING_OPS_DATA: path.default('/data/trading-ops'),
  TRADING_OPS_CONFIG: path.optional(),
  TRADING_OPS_TASK_QUEUE: z.string().max(200, 'must have at most 200 characters').default('trading-ops'),
  TRADING_OPS_METRICS_PORT: z
    .string()
    .refine(
      (text) => /^[1-9]\d{3,4}$/.test(text) && Number(text) >= 1024 && Number(text) <= 65_535,
      'must be a port, 1024 to 65535',
    )
    .transform(Number)
    .optional(),
  TRADING_OPS_AT: z.iso
    .datetime({ offset: true, error: 'must be an ISO 8601 instant with offset, such as 2026-11-23T14:00:00Z' })
    .optional(),
  DATABASE_URL: postgresUrl.optional(),
  DATABASE_OWNER_URL: postgresUrl.optional(),
  TRADING_OPS_RUNTIME: z.enum(['local', 'compose'], { error: 'must be local or compose' }).optional(),
  DRYRUN_TRADES: flag.default(false),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info'),
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^[^\s/]+:\d{1,5}$/, 'must be host:port')
    .optional(),
  TEMPORAL_NAMESPACE: z.string().default('default'),
  TEMPORAL_PROFILE: z.string().optional(),
  TEMPORAL_CONFIG_FILE: path.optional(),
});

/**
 * Reads the settings from the environment; an empty variable counts as unset.
 * Throws a usage error (exit 64) that names the variable, its value and the rule.
 */
export function loadSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given, IN_OUR_WORDS);
  if (!parsed.success) throw badEnvironment(parsed.error, given);
  const vars = parsed.data;
  const dataDir = resolve(vars.TRADING_OPS_DATA);
  const services = servicesOf(dataDir, vars);
  return {
    dataDir,
    configDir: resolve(vars.TRADING_OPS_CONFIG ?? resolve(repositoryRoot, 'config')),
    ...services,
    logLevel: vars.LOG_LEVEL,
    ...(vars.TRADING_OPS_AT && { at: vars.TRADING_OPS_AT }),
    dryRunTrades: vars.DRYRUN_TRADES,
    ...profileOf(vars.TEMPORAL_PROFILE, vars.TEMPORAL_CONFIG_FILE),
    temporalNamespace: vars.TEMPORAL_NAMESPACE,
    taskQueue: vars.TRADING_OPS_TASK_QUEUE,
    ...(vars.TRADING_OPS_METRICS_PORT !== undefined && { metricsPort: vars.TRADING_OPS_METRICS_PORT }),
  };
}

type Services = Pick<Settings, 'runtime' | 'databaseUrl' | 'ownerDatabaseUrl' | 'temporalAddress'>;

/**
 * Where the services are as far as that is known without asking them: what the environment names, else the containers'
 * ports.
 */
function servicesOf(dataDir: string, vars: z.infer<typeof Environment>): Services {
  const ownerDatabaseUrl = vars.DATABASE_OWNER_URL ?? vars.DATABASE_URL;
  const named = {
    ...(vars.DATABASE_URL && { databaseUrl: vars.DATABASE_URL }),
    ...(ownerDatabaseUrl && { ownerDatabaseUrl }),
    ...(vars.TEMPORAL_ADDRESS && { temporalAddress: vars.TEMPORAL_ADDRESS }),
  };
  const record = readableRecord(dataDir);
  const runtime = vars.TRADING_OPS_RUNTIME ?? record?.runtime ?? 'local';
  if (runtime === 'local' || record?.runtime !== 'compose') return { runtime, ...named };
  const temporalAddress =
    vars.TEMPORAL_PROFILE || vars.TEMPORAL_CONFIG_FILE ? {} : { temporalAddress: `127.0.0.1:${record.temporal.port}` };
  const databases = vars.DATABASE_URL
    ? {}
    : { databaseUrl: databaseUrl(record, 'app'), ownerDatabaseUrl: databaseUrl(record, 'owner') };
  return { runtime, ...temporalAddress, ...databases, ...named };
}

/** Whoever needs the record says what is wrong with it; to read the settings it is not needed. */
function readableRecord(dataDir: string): ReturnType<typeof readRecord> {
  try {
    return readRecord(dataDir);
  } catch {
    return null;
  }
}

function profileOf(profile: string | undefined, file: string | undefined): Pick<Settings, 'temporalProfile'> {
  if (!profile && !file) return {};
  return { temporalProfile: { ...(profile && { profile }), ...(file && { file }) } };
}

function protocolOf(text: string): string {
  return URL.canParse(text) ? new URL(text).protocol : '';
}

function badEnvironment(error: z.ZodError, env: NodeJS.ProcessEnv) {
  const rules = error.issues.map((issue) => {
    const name = String(issue.path[0]);
    // A database URL carries a password: never repeat it on a screen or in a log.
    const value = name.startsWith('DATABASE_') ? '(not shown)' : JSON.stringify(env[name]);
    return `${name} ${issue.message}; it is ${value}`;
  });
  return usageError('BAD_ENVIRONMENT', rules.join('\n'), { remedy: 'Correct or unset the variable and try again.' });
}
