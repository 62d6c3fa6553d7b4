import { randomBytes } from 'node:crypto';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { faultError } from '../domain/errors.js';
import { readRegularSync, whyUnreadable } from '../files/regular.js';
import { installationPaths } from './paths.js';
import { IN_OUR_WORDS } from '../domain/shape-words.js';

const port = z.number().int().min(1).max(65535);
const RecordSchema = z.object({
  version: z.literal(1),
  /** What runs the services: processes of this program, or the containers of docker-compose.yml. */
  runtime: z.enum(['local', 'compose']).default('local'),
  postgres: z.object({
    port,
    database: z.string(),
    superuserPassword: z.string(),
    ownerPassword: z.string(),
    appPassword: z.string(),
  }),
  /**
   * The password is of the role that owns Temporal's databases; the development server of the local runtime has none.
   */
  temporal: z.object({
    port,
    /** Where the Web UI is opened, by the worker. */
    uiPort: port,
    /** Where its own server listens; left out by records of earlier versions, and where there is no such place. */
    uiServer: z.object({ ip: z.string(), port }).optional(),
    password: z.string().optional(),
  }),
  /** Where the desk listens; left out by records of earlier versions. */
  desk: z.object({ port }).optional(),
});

/** What an installation remembers of itself: its ports and its passwords (`runtime.json`, mode 0600). */
export type RuntimeRecord = z.infer<typeof RecordSchema>;

export const SUPERUSER = 'postgres';
export const OWNER_ROLE = 'trading_ops_owner';
export const APP_ROLE = 'trading_ops_app';
export const DATABASE_NAME = 'trading_ops';

/** Reads the record, or null when the installation has none yet. Throws a fault when it is not readable or not ours. */
export function readRecord(dataDir: string): RuntimeRecord | null {
  const file = installationPaths(dataDir).record;
  const text = readOrNull(file);
  if (text === null) return null;
  const parsed = RecordSchema.safeParse(parseJson(text), IN_OUR_WORDS);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw faultError(
    'RUNTIME_RECORD_BAD',
    `${file} is not a runtime record: ${issue?.path.join('.') || 'file'}: ${issue?.message}`,
    {
      remedy: 'Restore the file from a copy: it holds the passwords of the Postgres cluster beside it.',
    },
  );
}

/** Writes the record atomically, readable by its owner alone. */
export async function writeRecord(dataDir: string, record: RuntimeRecord): Promise<void> {
  await writeFileAtomic(installationPaths(dataDir).record, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
}

/** A record with fresh passwords, on the given ports. */
export function newRecord(
  ports: { postgres: number; temporal: number; ui: number; desk: number },
  runtime: RuntimeRecord['runtime'] = 'local',
): RuntimeRecord {
  return {
    version: 1,
    runtime,
    postgres: {
      port: ports.postgres,
      database: DATABASE_NAME,
      superuserPassword: password(),
      ownerPassword: password(),
      appPassword: password(),
    },
    temporal: { port: ports.temporal, uiPort: ports.ui, ...(runtime === 'compose' && { password: password() }) },
    desk: { port: ports.desk },
  };
}

/** Connection URL of one of the cluster's logins. */
export function databaseUrl(
  record: RuntimeRecord,
  who: 'superuser' | 'owner' | 'app',
  database = record.postgres.database,
  host = `127.0.0.1:${record.postgres.port}`,
): string {
  const logins = {
    superuser: [SUPERUSER, record.postgres.superuserPassword],
    owner: [OWNER_ROLE, record.postgres.ownerPassword],
    app: [APP_ROLE, record.postgres.appPassword],
  } as const;
  const [user, password] = logins[who];
  return `postgres://${user}:${encodeURIComponent(password)}@${host}/${encodeURIComponent(database)}`;
}

function password(): string {
  return randomBytes(24).toString('base64url');
}

function readOrNull(file: string): string | null {
  try {
    return readRegularSync(file);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw faultError('RUNTIME_RECORD_UNREADABLE', `Cannot read ${file} (${whyUnreadable(cause)}).`, {
      cause,
      remedy: 'Run as the user who started this installation, or set TRADING_OPS_DATA to your own directory.',
    });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
