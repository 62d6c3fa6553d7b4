import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { readRegular } from '../files/regular.js';
import { installationPaths } from '../runtime/paths.js';
import { environmentLines } from '../runtime/secret-files.js';

/** A secret of this installation, or what looks like a private key whosever it is. */
interface Secret {
  /** What it is, never its value. */
  name: string;
  value: string;
}

/** Where secrets of an installation are, and where none may be. */
export interface SecretPlaces {
  dataDir: string;
  /** Directory of the dumps. */
  backups: string;
  env: NodeJS.ProcessEnv;
  /** Variables that the policy names as secrets of alert sinks. */
  variables: readonly string[];
}

/** A file that holds a secret, or has one in its name. */
export interface WrittenSecret {
  /** Relative to the data directory. */
  file: string;
  secret: string;
}

/** Shorter ones, and what is a word ("postgres" is the password of many a test), stand in a text by chance. */
const LENGTH_MIN = 8;
const WORD = /^[a-z_ -]{1,20}$/i;
const SECRET_VARIABLE = /^(?!AWS_ACCESS_KEY_ID$)[A-Z][A-Z0-9_]*_(?:KEY|PASSWORD|TOKEN|SECRET)$/;
const OWN_VARIABLES = [
  'TIINGO_API_KEY',
  'ALPHAVANTAGE_API_KEY',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'DATABASE_URL',
  'DATABASE_OWNER_URL',
];
const KEYS: Secret[] = [
  { name: 'a private key', value: 'PRIVATE KEY-----' },
  { name: 'a private key of age', value: 'AGE-SECRET-KEY-1' },
];

/**
 * I10 of docs/RULES.md 8: files of the installation that hold one of its secrets: its logs and tickets, whole, and
 * the names of its dumps. Secrets are the passwords of `runtime.json`, what the variables hold that this installation
 * reads secrets from, and whatever `service.env` calls a key, password, token or secret.
 * @param since only files that were changed after this instant (ms of the epoch); all of them when null.
 */
export async function writtenSecrets(
  { dataDir, backups, env, variables }: SecretPlaces,
  since: number | null,
): Promise<WrittenSecret[]> {
  const own = [...OWN_VARIABLES, ...variables].map((name) => [name, env[name]] as const);
  const secrets = await secretsOf(dataDir, own);
  const found: WrittenSecret[] = [];
  const { logs } = installationPaths(dataDir);
  for (const directory of [logs, join(dataDir, 'artifacts', 'tickets')])
    for (const file of await filesBelow(directory, since)) {
      const held = await secretIn(file, [...secrets, ...KEYS]);
      if (held !== null) found.push({ file: relative(dataDir, file), secret: held });
    }
  for (const name of await readdir(backups).catch(() => []))
    for (const { name: secret, value } of secrets)
      if (name.includes(value)) found.push({ file: relative(dataDir, join(backups, '…')), secret });
  return found;
}

async function secretsOf(dataDir: string, own: readonly (readonly [string, string | undefined])[]): Promise<Secret[]> {
  const record = await readRegular(installationPaths(dataDir).record).catch(() => '{}');
  const file = await readRegular(join(dataDir, 'service.env')).catch(() => '');
  const variables = [
    ...own.flatMap(([name, value]) => secretOf(name, value, true)),
    ...environmentLines(file).flatMap(([name, value]) => secretOf(name, value, SECRET_VARIABLE.test(name))),
  ];
  const all = [...passwordsOf(record), ...variables].filter(
    ({ value }) => value.length >= LENGTH_MIN && !WORD.test(value),
  );
  const byValue = new Map(all.map((secret) => [secret.value, secret]));
  return [...byValue.values()];
}

function passwordsOf(record: string): Secret[] {
  const found: Secret[] = [];
  // A record that is not whole is told by whoever needs it.
  const parsed = parsedOrNull(record);
  const walk = (value: unknown, path: string): void => {
    if (typeof value === 'string') {
      if (/password$/i.test(path)) found.push({ name: `${path} of runtime.json`, value });
    } else if (value !== null && typeof value === 'object')
      for (const [key, inner] of Object.entries(value)) walk(inner, path === '' ? key : `${path}.${key}`);
  };
  walk(parsed, '');
  return found;
}

function parsedOrNull(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/** A variable's value, or of the address of a database its password. */
function secretOf(name: string, value: string | undefined, secret: boolean): Secret[] {
  if (!value) return [];
  if (!name.startsWith('DATABASE_')) return secret ? [{ name, value }] : [];
  const password = URL.canParse(value) ? new URL(value).password : '';
  return password === '' ? [] : [{ name: `the password of ${name}`, value: decodeURIComponent(password) }];
}

/** Regular files only; links are not followed. */
async function filesBelow(directory: string, since: number | null): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  if (since === null) return files;
  const changed = await Promise.all(files.map(async (file) => (await stat(file).catch(() => null))?.mtimeMs ?? 0));
  return files.filter((_, index) => (changed[index] ?? 0) >= since);
}

const PIECE_BYTES = 1024 * 1024;

/**
 * The first secret that a file holds, also across two pieces of it; null for none. Memory is one piece, whatever its
 * length.
 */
async function secretIn(file: string, secrets: readonly Secret[]): Promise<string | null> {
  const wanted = secrets.map(({ name, value }) => ({ name, bytes: Buffer.from(value) }));
  const overlap = Math.max(...wanted.map(({ bytes }) => bytes.length)) - 1;
  let end: Buffer = Buffer.alloc(0);
  try {
    for await (const piece of createReadStream(file, { highWaterMark: PIECE_BYTES }) as AsyncIterable<Buffer>) {
      const text = Buffer.concat([end, piece]);
      const held = wanted.find(({ bytes }) => text.includes(bytes));
      if (held) return held.name;
      end = text.subarray(Math.max(0, text.length - overlap));
    }
  } catch (error) {
    // Rotated or removed meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return null;
}
