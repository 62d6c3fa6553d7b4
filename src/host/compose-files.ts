import { chmodSync, chownSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { usageError } from '../domain/errors.js';
import { prepareDirectories } from '../runtime/directories.js';
import { installationPaths } from '../runtime/paths.js';
import { pickPort, USUAL_PORTS } from '../runtime/processes/ports.js';
import {
  DATABASE_NAME,
  databaseUrl,
  newRecord,
  readRecord,
  type RuntimeRecord,
  writeRecord,
} from '../runtime/record.js';
import { environmentFile } from './systemd-units.js';

/** The user of the image, for when root starts it: nothing of ours runs as root. */
const IMAGE_USER = { uid: 10001, gid: 10001 };
/** Where Postgres is for the other containers. */
const INSIDE = 'postgres:5432';

export interface ComposeUser {
  uid: number;
  gid: number;
}

/** As whom the containers of the program run: whoever asks, or the image's own user when root does. */
export function composeUser(): ComposeUser {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  return uid === 0 ? IMAGE_USER : { uid, gid };
}

/** The installation's record, made with free ports and fresh passwords the first time. */
export async function composeRecord(dataDir: string): Promise<RuntimeRecord> {
  const known = readRecord(dataDir);
  if (known?.desk) return known;
  if (known) return withDesk(dataDir, known);
  const postgres = await pickPort(USUAL_PORTS.postgres);
  const temporal = await pickPort(USUAL_PORTS.temporal, [postgres]);
  const ui = await pickPort(USUAL_PORTS.ui, [postgres, temporal]);
  const desk = await pickPort(USUAL_PORTS.desk, [postgres, temporal, ui]);
  const record = newRecord({ postgres, temporal, ui, desk }, 'compose');
  await writeRecord(dataDir, record);
  return record;
}

/** The record of an earlier version, which had no desk. */
async function withDesk(dataDir: string, known: RuntimeRecord): Promise<RuntimeRecord> {
  const taken = [known.postgres.port, known.temporal.port, known.temporal.uiPort];
  const record = { ...known, desk: { port: await pickPort(USUAL_PORTS.desk, taken) } };
  await writeRecord(dataDir, record);
  return record;
}

/**
 * Makes the directories that containers share with this machine, and the secrets. The directory of the secrets is closed;
 * the files in it are not, for each container reads its own as a user of its own.
 */
export async function prepareComposeFiles(dataDir: string, record: RuntimeRecord, user: ComposeUser): Promise<void> {
  for (const name of ['artifacts', 'data', 'backups']) makeOwned(join(dataDir, name), user);
  const secrets = join(dataDir, 'secrets');
  mkdirSync(secrets, { recursive: true });
  chmodSync(secrets, 0o700);
  const service = environmentFile(dataDir);
  if (!existsSync(service))
    writeFileSync(service, '# Provider keys, passwords of alert sinks: one NAME=value a line.\n', { mode: 0o600 });
  for (const [name, value] of Object.entries(secretsOf(record)))
    await writeFileAtomic(join(secrets, name), value, { mode: 0o444 });
}

/** What each secret file holds but `service_env`, which is the operator's own file. */
export function secretsOf(record: RuntimeRecord): Record<string, string> {
  const { superuserPassword, ownerPassword, appPassword } = record.postgres;
  return {
    postgres_password: superuserPassword,
    owner_password: ownerPassword,
    app_password: appPassword,
    temporal_password: record.temporal.password ?? '',
    database_url: databaseUrl(record, 'app', DATABASE_NAME, INSIDE),
    owner_database_url: databaseUrl(record, 'owner', DATABASE_NAME, INSIDE),
  };
}

/** Refuses paths that Compose's short forms cannot hold, then makes the data directory. */
export function prepareComposeDirectory(dataDir: string): void {
  if (/[:$\n]/.test(dataDir)) {
    throw usageError(
      'PATH_NOT_PRINTABLE',
      `TRADING_OPS_DATA ${JSON.stringify(dataDir)} has a colon, a dollar sign or a line break in it, which Docker Compose reads otherwise`,
    );
  }
  prepareDirectories(installationPaths(dataDir));
}

function makeOwned(directory: string, { uid, gid }: ComposeUser): void {
  mkdirSync(directory, { recursive: true });
  if (process.getuid?.() === 0 && statSync(directory).uid !== uid) chownSync(directory, uid, gid);
}
